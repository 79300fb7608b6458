"""Lesson 11: its curve and the curves of placebos by another road, its rivals, links and table."""

import re
from functools import cache
from itertools import product
from pathlib import Path
from urllib.parse import unquote

import nbformat
import numpy as np
import pandas as pd
import pytest

from americas import load

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
LESSON = NOTEBOOKS / "11-verdict.ipynb"
CELLS = nbformat.read(LESSON, as_version=4).cells
VEGALITE = "application/vnd.vegalite.v5+json"
CHOICES = ["programme", "start", "window", "outcome", "compared", "weights"]
START = {"Plan Colombia": 2000, "Mérida": 2008, "CARSI": 2008}


def text():
    return "\n\n".join(cell.source for cell in CELLS if cell.cell_type == "markdown")


def output(part):
    """What the code cells with these words in them show: their text."""
    found = [
        o.get("text") or o.get("data", {}).get("text/plain", "")
        for cell in CELLS
        if cell.cell_type == "code" and part in cell.source
        for o in cell.outputs
    ]
    assert found, f"no cell of lesson 11 has {part!r}"
    return "\n".join(found)


# The specification curve


def charts_with(columns):
    for cell in CELLS:
        for o in cell.get("outputs", []):
            for rows in o.get("data", {}).get(VEGALITE, {}).get("datasets", {}).values():
                if rows and set(columns) <= set(rows[0]):
                    yield o["data"][VEGALITE], pd.DataFrame(rows)


@pytest.fixture(scope="module")
def curve():
    return next(charts_with(CHOICES))[1]


def test_the_curve_has_every_combination_once(curve):
    assert (curve.groupby("programme").size() == 192).all()
    combinations = product(*(curve[choice].unique() for choice in CHOICES))
    assert set(combinations) == set(curve[CHOICES].itertuples(index=False, name=None))
    assert not curve.duplicated(CHOICES).any()
    for _, one in curve.groupby("programme"):
        one = one.sort_values("place")
        assert one["number"].is_monotonic_increasing
        assert list(one["place"]) == list(range(1, 193))


@pytest.mark.parametrize("choice", CHOICES)
def test_no_choice_is_there_for_show(curve, choice):
    """Change this choice and nothing else: the number moves, for every pair of its options."""
    others = [other for other in CHOICES if other != choice]
    wide = curve.pivot(index=others, columns=choice, values="number")
    assert wide.shape[1] >= 2
    for i, one in enumerate(wide.columns):
        for two in wide.columns[i + 1 :]:
            moved = (wide[one] - wide[two]).abs()
            assert (moved > 0.01).mean() > 0.5, (choice, one, two)


def test_the_menu_colours_by_every_choice_but_the_window(curve):
    spec = next(charts_with(CHOICES))[0]
    menu = next(p for p in spec["params"] if "bind" in p)
    assert set(menu["bind"]["options"]) == set(CHOICES) - {"programme", "window"}
    assert set(menu["bind"]["options"]) <= set(curve.columns)


def test_distance_would_have_been_for_show():
    votes = load("un_voting").dropna(subset=["ideal_point", "distance"])
    off = votes["us_ideal_point"] - votes["ideal_point"] - votes["distance"]
    assert off.abs().max() < 1e-4


def test_the_curve_by_another_road(curve):
    """All specifications of the legacy ideal point, equal weights, by a regression of each."""
    states = load("countries").query("iso3 != 'USA'").set_index("iso3")
    votes = load("un_voting")
    wide = votes.pivot(index="iso3", columns="year", values="ideal_point")
    spread = wide.mean(axis=1).std()
    none = states["programme"] == "none"
    groups = {
        "all without a programme": none,
        "without ALBA": none & states["alba_from"].isna(),
        "South America": none & (states["subregion"] == "South America"),
    }
    some = curve.query("outcome == 'ideal point' and weights == 'equal'")
    assert len(some) == 72
    for row in some.itertuples():
        start = START[row.programme] - (row.start == "announced")
        window = int(row.window)
        treated = states["programme"] == row.programme
        pair = wide[treated | groups[row.compared]]
        early = pair[[*range(start - window, start)]].mean(axis=1)
        late = pair[[*range(start + 1, start + window + 1)]].mean(axis=1)
        x = np.column_stack([np.ones(len(pair)), treated[pair.index]]).astype(float)
        number = np.linalg.lstsq(x, (late - early).to_numpy(float), rcond=None)[0][1]
        assert row.number == pytest.approx(number / spread, abs=0.0006)


def test_the_function_finds_what_lesson_09_found():
    assert "+0.38 points, as in lesson 09" in output("as in lesson 09")


@pytest.fixture(scope="module")
def numbers():
    """A state's 192 numbers, by plain loops over choices; the treated are given by code."""
    states = load("countries").query("iso3 != 'USA'").set_index("iso3")
    votes = load("un_voting").pivot(index="iso3", columns="year")
    people = load("population").query("year == 2000").set_index("iso3")["population"]
    outcomes = ["ideal_point", "ideal_point_all", "ideal_point_fp", "agreement_with_us"]
    tables = [votes[name].loc[states.index] for name in outcomes]
    tables = [(table / table.mean(axis=1).std()) for table in tables]
    none = states[states["programme"] == "none"]
    groups = [
        none.index,
        none.index[none["alba_from"].isna()],
        none.index[none["subregion"] == "South America"],
    ]

    @cache
    def moves(first):
        """Each state's move under every choice of outcome, start and window: one row a choice."""
        found = []
        for table, start, window in product(tables, [first - 1, first], [3, 4, 5, 6]):
            late = table[[*range(start + 1, start + window + 1)]].mean(axis=1)
            found.append(late - table[[*range(start - window, start)]].mean(axis=1))
        return pd.concat(found, axis=1).T

    def of(inside, first):
        moved, found = moves(first), []
        for group, weighed in product(groups, [False, True]):
            outside = [iso3 for iso3 in group if iso3 not in inside]
            w = people if weighed else people * 0 + 1
            near = (moved[inside] * w[inside]).sum(axis=1) / w[inside].sum()
            found.append(near - (moved[outside] * w[outside]).sum(axis=1) / w[outside].sum())
        return np.concatenate(found)

    return none.index, of


@pytest.mark.parametrize(
    ("code", "name", "first", "all_above", "rank"),
    [("COL", "Plan Colombia", 2000, 3, 2), ("MEX", "Mérida", 2008, 7, 6)],
)
def test_placebos_rank_the_median_by_another_road(numbers, code, name, first, all_above, rank):
    untreated, of = numbers
    every = {iso3: of([iso3], first) for iso3 in [code, *untreated]}
    medians = pd.Series({iso3: np.median(found) for iso3, found in every.items()})
    assert medians.rank(ascending=False)[code] == rank
    above = {iso3 for iso3, found in every.items() if (found > 0).all()} - {code}
    assert len(above) == all_above
    shown = output("Above zero in all 192")
    names = load("countries").set_index("iso3")["name"]
    assert all(names[iso3] in shown for iso3 in above)
    assert re.search(rf"{names[code]} +{name} +{medians[code]:.2f} +\d+ +{rank}\b", shown)


def test_blind_sevens_reach_carsis_median_often_enough(numbers):
    untreated, of = numbers
    seven = list(load("countries").query("programme == 'CARSI'")["iso3"])
    real = np.median(of(seven, 2008))
    rng = np.random.default_rng(7)
    deals = [np.median(of(list(rng.choice(untreated, 7, replace=False)), 2008)) for _ in range(300)]
    told = int(
        re.search(r"blind sevens that reach it: (\d+)%", output("blind sevens that reach"))[1]
    )
    assert np.mean(np.array(deals) > real - 1e-9) * 100 == pytest.approx(told, abs=9)
    assert f"CARSI {real:.2f};" in output("blind sevens that reach")


def test_by_programme_the_curve_says_what_the_text_says(curve):
    above = curve.assign(up=curve["number"] > 0).groupby("programme")["up"].mean()
    assert above["Plan Colombia"] == 1
    assert 0.99 < above["Mérida"] < 1
    assert above["CARSI"] == pytest.approx(0.62, abs=0.005)


# The claims and their links


def headings(path):
    cells = nbformat.read(path, as_version=4).cells
    source = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return {h.replace(" ", "-") for h in re.findall(r"^#+ (.+)$", source, re.MULTILINE)}, source


def claims_table():
    rows = re.findall(r"^\| \*\*(C\d)\*\* .+? \| (.+) \| (.+) \|$", text(), re.MULTILINE)
    return {claim: (pro, con) for claim, pro, con in rows}


def test_every_claim_links_to_figures_for_and_against_it():
    table = claims_table()
    assert set(table) == set(load("claims")["claim"])
    for claim, sides in table.items():
        for side in sides:
            links = re.findall(r"\[([^\]]+)\]\(([^)]+)\)", side)
            assert any("Figure" in label for label, _ in links), (claim, side)


def test_every_link_of_the_lesson_into_a_lesson_leads_to_a_heading_and_its_figure():
    links = re.findall(
        r"\[([^\]]+)\]\(((?:\d\d-[\w-]+\.ipynb)?#(?:[^()\s]|\([^()\s]*\))+)\)", text()
    )
    assert len(links) >= 40
    for label, link in links:
        name, anchor = link.split("#", 1)
        anchors, source = headings(NOTEBOOKS / (name or LESSON.name))
        assert unquote(anchor) in anchors, link
        if figure := re.search(r"Figure (\d+)", label):
            heading = next(
                h
                for h in re.findall(r"^## .+$", source, re.MULTILINE)
                if h.removeprefix("## ").replace(" ", "-") == unquote(anchor)
            )
            section = source.split(f"{heading}\n", 1)[1].split("\n## ")[0]
            assert f"**Figure {figure[1]}.**" in section, (label, link)


def test_the_rubric_adds_up():
    rows = re.findall(r"^\| \*\*(\w[^*]*)\*\* \| (\d+) \| ?(.*?) ?\|$", text(), re.MULTILINE)
    points = {name: int(number) for name, number, _ in rows}
    assert points.pop("Together") == sum(points.values())
    assert all(words for name, _, words in rows if name != "Together")


def test_no_verdict_is_the_courses_own():
    for reading in ("Driver", "Pretext", "Neither"):
        assert f"| **{reading}**" in text()
    assert "The course takes no side." in text()


# The table of trade agreements


def test_trade_agreements_are_sourced_and_those_of_known_states():
    table = load("trade_agreements")
    assert set(table["iso3"]) <= set(load("countries")["iso3"])
    assert table["url"].str.fullmatch(r"https?://[^\s/]+\.[^\s/]+/\S*").all()
    assert set(table["confidence"]) <= {"high", "medium"}
    assert not table["note"].dropna().str.contains('["“”«»]').any()


def test_trade_agreements_entered_into_force_when_their_pages_say():
    days = load("trade_agreements").set_index("iso3")["in_force"].dt.strftime("%Y-%m-%d")
    assert days.to_dict() == {
        "MEX": "1994-01-01", "CHL": "2004-01-01", "SLV": "2006-03-01", "HND": "2006-04-01",
        "NIC": "2006-04-01", "GTM": "2006-07-01", "DOM": "2007-03-01", "CRI": "2009-01-01",
        "PER": "2009-02-01", "COL": "2012-05-15", "PAN": "2012-10-31",
    }  # fmt: skip
