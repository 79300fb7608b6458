"""Rules that every lesson keeps: its minutes, short cells, no name unexplained, its links.

A lesson that does not keep one yet is named in PENDING and expected to fail, strictly: once it is
mended it has to leave the list.
"""

import ast
import re
from functools import cache

import nbformat
import pytest

from americas.course.minutes import HOME, IF_TIME, MOST_IN_CLASS, MOST_IN_CORE, parts, row
from americas.course.paths import Course

ROOT = Course.of_this_package().root
LESSONS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
SETS = sorted((ROOT / "solutions").glob("[0-9]*.ipynb"))

PENDING: dict[str, list[str]] = {}
MOST_LINES = 8
# Cells that may be longer, by their id: none is left once the lessons above are mended.
LONGER: dict[str, set[str]] = {}

# What code uses that is no method or function, and the word for it that a text has to say.
SIGNS = {
    ast.JoinedStr: "f-string",
    ast.Lambda: "lambda",
    ast.For: "for",
    ast.ListComp: "comprehension",
    ast.DictComp: "comprehension",
    ast.SetComp: "comprehension",
    ast.GeneratorExp: "comprehension",
    ast.FunctionDef: "def",
    ast.If: "if",
    ast.IfExp: "if",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.Invert: "~",
    ast.Starred: "*",
}


def every(rule, paths):
    """The paths as parameters of a test, those not yet mended marked as expected to fail."""
    waits = pytest.mark.xfail(strict=True, reason=f"{rule}: not yet mended")
    return pytest.mark.parametrize(
        "path",
        [
            pytest.param(
                path, id=path.stem, marks=waits if rule in PENDING.get(path.stem[:2], []) else ()
            )
            for path in paths
        ],
    )


@cache
def cells(path):
    return nbformat.read(path, as_version=4).cells


def headings(path):
    return re.findall(r"^## (.+)$", "\n".join(markdown(cells(path))), re.MULTILINE)


def markdown(some):
    return [cell.source for cell in some if cell.cell_type == "markdown"]


def section(path, heading):
    return "\n".join(markdown(cells(path))).partition(f"\n## {heading}\n")[2].split("\n## ")[0]


@every("minutes", LESSONS)
def test_the_heads_minutes_are_the_rules(path):
    """Said in the order of the sections; each part keeps the name that the lesson gives it."""
    lesson = nbformat.read(path, as_version=4)
    said = re.search(r"^\| \*\*Time\*\* \| (.+) \|$", lesson.cells[0].source, re.MULTILINE)[1]
    told = f"{path.stem} says: {said}\nBy the rule: {row(lesson)}"
    found = re.fullmatch(r"(\d+) minutes in class, (\d+) of them core: (.+)", said)
    assert found, told
    named = [re.fullmatch(r".*[^\d\s] (\d+)", part) for part in found[3].split(" · ")]
    assert all(named), told
    taught = parts(lesson)
    assert [int(part[1]) for part in named] == [part.minutes for part in taught], told
    assert int(found[1]) == sum(part.minutes for part in taught), told
    assert int(found[2]) == sum(part.minutes for part in taught if part.core), told
    assert int(found[1]) <= MOST_IN_CLASS, told
    assert int(found[2]) <= MOST_IN_CORE, told
    # Never in the middle of a section, where neither a slide nor a page could tell.
    assert not re.search(r"\*\*At home", "\n".join(markdown(lesson.cells)))
    for heading in headings(path):
        assert heading.startswith(HOME) == ("at home" in heading.lower()), heading
        assert heading.endswith(IF_TIME) == ("if time" in heading.lower()), heading


def lines_to_read(source):
    """The lines of a cell, but for those that only hold a chart's title and description."""
    try:
        tree = ast.parse(source)
    except SyntaxError:  # Lesson 00 meets one on purpose.
        return len(source.split("\n"))
    words = set()
    for node in ast.walk(tree):
        titles = isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "Title"
        if titles or (isinstance(node, ast.keyword) and node.arg == "description"):
            words |= set(range(node.lineno, node.end_lineno + 1))
    return sum(
        bool(line.strip(" ()")) and number not in words
        for number, line in enumerate(source.split("\n"), start=1)
    )


@every("cells", LESSONS)
def test_no_cell_has_more_than_eight_lines(path):
    long = {
        cell.id: lines_to_read(cell.source)
        for cell in cells(path)
        if cell.cell_type == "code" and lines_to_read(cell.source) > MOST_LINES
    }
    assert set(long) == LONGER.get(path.stem[:2], set()), long


def used(source, own=frozenset()):
    """The names that code uses: methods, functions, and signs by their word."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return set()
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            found.add(node.func.id)
        elif type(node) in SIGNS:
            found.add(SIGNS[type(node)])
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found |= {"@"} if re.search(r"(?:^|\s|[<=>])@\w", node.value) else set()
    return found - own


def defined(source):
    """The names that a cell gives to functions of its own."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return set()
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def explains(text, name):
    """Does a text show the name as code, or, for a sign of many forms, say its word?"""
    if name in {"f-string", "comprehension"}:
        return name in text
    shown = re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL)
    if re.fullmatch(r"\w+", name):
        return any(re.search(rf"\b{name}\b", code) for code in shown)
    return any(name in code for code in shown)


def unexplained(path, known):
    """Names that a lesson uses before its text shows them, each with the cell; `known` grows.

    A cell's names have to stand in a text above it, here or in an earlier lesson, or in the next
    one below. The first section, the puzzle, is run before it is read: its names may be explained
    anywhere in the lesson.
    """
    lesson = cells(path)
    earlier = [
        text for other in LESSONS if other.stem < path.stem for text in markdown(cells(other))
    ]
    own, missing = set(), []
    puzzle = True
    for place, cell in enumerate(lesson):
        if cell.cell_type != "code":
            puzzle = puzzle and not cell.source.startswith("## 2 · ")
            continue
        own |= defined(cell.source)
        below = next(
            (n for n in range(place, len(lesson)) if lesson[n].cell_type == "markdown"), place
        )
        text = "\n\n".join(earlier + markdown(lesson if puzzle else lesson[: below + 1]))
        for name in sorted(used(cell.source, own) - known):
            if explains(text, name):
                known.add(name)
            else:
                missing.append(f"{name} in {cell.id}: {cell.source[:60]!r}")
    return missing


@cache
def names_of(path):
    """What a lesson leaves unexplained, and every name explained there or in a lesson before."""
    earlier = [other for other in LESSONS if other.stem < path.stem]
    known = set(names_of(earlier[-1])[1]) if earlier else set()
    return unexplained(path, known), frozenset(known)


@every("names", LESSONS)
def test_every_name_is_explained_where_it_is_first_used(path):
    missing, _ = names_of(path)
    assert missing == []


@every("names in sets", SETS)
def test_a_set_asks_for_nothing_that_was_not_explained(path):
    """Neither in a solution, nor in the code that a student finds there to work with."""
    _, known = names_of(ROOT / "notebooks" / path.name)
    missing, own = [], {"check"}
    taught = [other for other in LESSONS if other.stem <= path.stem]
    text = "\n\n".join(source for other in taught for source in markdown(cells(other)))
    for cell in cells(path):
        text += "\n\n" + cell.source if cell.cell_type == "markdown" else ""
        tags = set(cell.metadata.get("tags", []))
        if cell.cell_type == "code" and not tags & {"wrong-turn", "also-right", "check"}:
            own |= defined(cell.source)
            missing += [
                f"{name}: {cell.source[:60]!r}"
                for name in sorted(used(cell.source, own))
                if name not in known and not explains(text, name)
            ]
    assert missing == []


@every("scholars", LESSONS)
def test_what_scholars_say_names_two_to_four_works_by_doi_or_publisher(path):
    """After the verdict and before the key points; each work is in the table of readings."""
    order = [
        name
        for name in headings(path)
        if name in {"Add to your ledger", "Key points", "What scholars say"}
    ]
    assert order == ["Add to your ledger", "What scholars say", "Key points"]
    works = re.findall(
        r"^- .*?\]\((https?://[^)\s]+)\)", section(path, "What scholars say"), re.MULTILINE
    )
    assert 2 <= len(works) <= 4
    known = (ROOT / "data" / "readings.csv").read_text(encoding="utf-8")
    assert [work for work in works if work.removeprefix("https://doi.org/") not in known] == []


@every("indicators", LESSONS[1:])
def test_the_evidence_names_the_indicators_written_down_before(path):
    assert re.search(r"\bI\d\d\b", section(path, "Evidence"))


@every("links", LESSONS)
def test_a_lesson_leads_to_its_neighbours_its_set_and_the_contents(path):
    place = LESSONS.index(path)
    wanted = {f"../exercises/{path.name}", "../README.md#the-lessons"}
    wanted |= {other.name for other in LESSONS[max(place - 1, 0) : place + 2] if other != path}
    assert wanted <= links(cells(path)[0].source)


@every("links", SETS)
def test_a_set_leads_to_its_lesson_its_neighbours_and_the_contents(path):
    place = SETS.index(path)
    wanted = {f"../notebooks/{path.name}", "../README.md#the-lessons"}
    wanted |= {other.name for other in SETS[max(place - 1, 0) : place + 2] if other != path}
    assert wanted <= links(cells(path)[0].source)


def links(text):
    return set(re.findall(r"\]\(([^)\s]+)\)", text))
