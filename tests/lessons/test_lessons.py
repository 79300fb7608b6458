"""Every lesson has what a lesson owes its reader, and was stored as it ran."""

import json
import re
from itertools import pairwise

import nbformat
import pytest

from americas import load
from americas.course.notebooks import VEGALITE
from americas.course.paths import Course

ROOT = Course.of_this_package().root
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
STORED = LESSONS + sorted((ROOT / "solutions").glob("*.ipynb"))
SECTIONS = [
    "Evidence",
    "Add to your ledger",
    "What scholars say",
    "Key points",
    "Discuss",
    "Exercises",
    "Sources and readings",
]
UNITS = re.compile(
    r"dollar|\$|%|per cent|percent|share|per 100,000|people|person|troops|students|places|kg|tonne"
    r"|hectare|deaths|number|count|rate|index|ratio|score|ideal point|million|days|years?\b|rank"
    r"|degree",
    re.IGNORECASE,
)


def name(path):
    return f"{path.parent.name}/{path.stem}"


def cells(path, kind=None):
    notebook = nbformat.read(path, as_version=4)
    return [cell for cell in notebook.cells if kind in (None, cell.cell_type)]


def text(path):
    return "\n\n".join(cell.source for cell in cells(path, "markdown"))


def charts(path):
    return [
        output["data"][VEGALITE]
        for cell in cells(path, "code")
        for output in cell.outputs
        if VEGALITE in output.get("data", {})
    ]


def views(spec):
    """Every view in a spec, as the list of the layers drawn on its axes."""
    parts = [p for key in ("hconcat", "vconcat", "concat") for p in spec.get(key, [])]
    parts += [spec["spec"]] if "spec" in spec else []
    if not parts:
        yield list(layers(spec))
    for part in parts:
        yield from views({**part, "encoding": spec.get("encoding", {}) | part.get("encoding", {})})


def layers(spec):
    for part in spec.get("layer", []):
        yield from layers({**part, "encoding": spec.get("encoding", {}) | part.get("encoding", {})})
    if "layer" not in spec:
        yield spec


every_lesson = pytest.mark.parametrize("path", LESSONS, ids=name)
every_stored = pytest.mark.parametrize("path", STORED, ids=name)


def test_there_are_lessons():
    assert LESSONS


@every_stored
def test_it_was_run_from_top_to_bottom_without_error_or_warning(path):
    counts = [cell.execution_count for cell in cells(path, "code")]
    assert counts == list(range(1, len(counts) + 1))
    for cell in cells(path, "code"):
        meant = "raises-exception" in cell.metadata.get("tags", [])
        kinds = [output.get("name", output.output_type) for output in cell.outputs]
        assert "stderr" not in kinds, cell.source
        assert kinds.count("error") == int(meant), cell.source


@every_stored
def test_it_is_small_and_its_cells_have_names(path):
    assert path.stat().st_size < 1_500_000
    ids = [cell.id for cell in cells(path)]
    assert len(set(ids)) == len(ids)


@every_lesson
def test_headings_stand_in_order(path):
    levels = [len(m) for m in re.findall(r"^(#+) ", text(path), re.MULTILINE)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below <= above + 1 for above, below in pairwise(levels))
    first = cells(path)[0].source.split("\n")[0]
    assert re.fullmatch(rf"# {path.stem[:2]} · \S.*", first)


@every_lesson
def test_the_head_table(path):
    head = cells(path)[0].source
    rows = dict(re.findall(r"^\| \*\*(.+?)\*\* \| (.+) \|$", head, re.MULTILINE))
    assert list(rows) == ["Question", "Claim", "You will be able to", "Data", "Time"]
    for table in re.findall(r"`(\w+)`", rows["Data"]):
        load(table)
    form = r"(\d+) minutes in class(?:, \d+ of them core)?: (.+)"
    total, parts = re.fullmatch(form, rows["Time"]).groups()
    minutes = [int(part) for part in re.findall(r"(\d+)(?= ·|$)", parts)]
    assert sum(minutes) == int(total)
    assert 40 <= int(total) <= 75


@every_lesson
def test_the_sections_every_lesson_has(path):
    found = re.findall(r"^## (?:\d+ · )?(.+)$", text(path), re.MULTILINE)
    # Whether it says what scholars say is a rule of its own, in test_rules.py.
    owed = [section for section in SECTIONS if section in found or section != "What scholars say"]
    assert [section for section in found if section in SECTIONS] == owed
    evidence = text(path).split("\n## Evidence")[1].split("\n## ")[0]
    for side in ("For", "Against", "What we cannot see"):
        part = evidence.split(f"### {side}\n")[1].split("\n### ")[0]
        assert "Figure" in part or side == "What we cannot see", side
    points = text(path).split("\n## Key points")[1].split("\n## ")[0]
    assert 3 <= len(re.findall(r"^- ", points, re.MULTILINE)) <= 5
    assert f"../exercises/{path.name}" in text(path)
    assert (ROOT / "exercises" / path.name).exists()


@every_lesson
def test_the_ledger_row(path):
    rows = [cell for cell in cells(path, "code") if cell.source.startswith("ledger = ")]
    assert len(rows) == 1
    for part in ('"lesson"', '"claim"', '"measure"', '"finding"', '"verdict"', '"strength"'):
        assert part in rows[0].source
    assert re.search(r'"verdict": "(supports|mixed|contradicts)"', rows[0].source)
    assert re.search(r'"strength": [123]\b', rows[0].source)


@every_lesson
def test_readings_named_are_in_the_table(path):
    sources = text(path).split("\n## Sources and readings")[1]
    known = load("readings")
    addresses = set(known["doi"].dropna()) | set(known["url"].dropna())
    named = re.findall(r"\((https?://[^)\s]+)\)", sources)
    assert any(
        address in addresses or address.removeprefix("https://doi.org/") in addresses
        for address in named
    )


@every_lesson
def test_five_to_eight_charts_each_with_its_question(path):
    drawn = charts(path)
    assert 5 <= len(drawn) <= 8
    numbered = re.findall(r"^\*\*Figure (\d+)\.\*\*", text(path), re.MULTILINE)
    assert numbered == [str(i) for i in range(1, len(drawn) + 1)]
    for cell in cells(path, "markdown"):
        if cell.source.startswith("**Figure"):
            assert "**Question.**" in cell.source or "mislead?**" in cell.source, cell.source
    assert text(path).count("**How could this chart mislead?**") >= 2


@every_lesson
def test_every_chart_says_what_it_is(path):
    for spec in charts(path):
        title = spec.get("title")
        assert isinstance(title, dict), spec.get("description")
        assert title["text"]
        assert "Source:" in "".join(title["subtitle"]), title
        words = spec["description"].split()
        assert len(words) >= 10, spec["description"]
        assert spec["description"].rstrip().endswith(".")
        assert not spec["description"].lower().startswith(("a chart of", "chart of"))


@every_lesson
def test_every_axis_names_its_unit(path):
    for spec in charts(path):
        for view in views(spec):
            for axis in ("x", "y"):
                channels = [layer.get("encoding", {}).get(axis, {}) for layer in view]
                channels = [c for c in channels if c.get("field") or c.get("aggregate")]
                # One layer speaks for all: they share the axis.
                said = [c.get("title", (c.get("axis") or {}).get("title", "")) for c in channels]
                hidden = any("axis" in c and c["axis"] is None for c in channels)
                where = f"{axis} of {spec['description']!r}: {said}"
                assert not channels or hidden or any(word != "" for word in said), where
                if any(c.get("type") == "quantitative" for c in channels) and not hidden:
                    words = " ".join("".join(word or "") for word in said)
                    assert not words.strip() or UNITS.search(words), where


@every_lesson
def test_cells_are_plain_and_of_our_own_making(path):
    for cell in cells(path, "code"):
        assert not cell.source.rstrip().endswith(";")
        assert not re.search(r"^\s*for .+ in .+iterrows|^%|^!", cell.source, re.MULTILINE)


@every_stored
def test_no_chart_groups_by_a_column_called_count(path):
    """Vega counts the rows of each group under that name, and loses lines grouped by it."""
    for spec in charts(path):
        for layer in (layer for view in views(spec) for layer in view):
            fields = [
                channel.get("field")
                for channel in layer.get("encoding", {}).values()
                if isinstance(channel, dict)
            ]
            assert "count" not in fields, spec.get("description")


@every_lesson
def test_choropleths_show_rates(path):
    for spec in charts(path):
        for unit in (layer for view in views(spec) for layer in view):
            if json.dumps(unit.get("mark", "")).count("geoshape"):
                field = unit.get("encoding", {}).get("color", {}).get("field", "")
                assert not re.search(r"homicides|deaths|students|usd", field), field
