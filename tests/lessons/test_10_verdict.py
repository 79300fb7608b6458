"""Lesson 10: its regressions beside independent ones, its curve, its links and its new table."""

import ast
import re
from functools import cache
from itertools import product
from pathlib import Path
from urllib.parse import unquote

import nbformat
import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from americas import load
from americas.course.notebooks import VEGALITE

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
LESSON = NOTEBOOKS / "10-verdict.ipynb"
CELLS = nbformat.read(LESSON, as_version=4).cells
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
    assert found, f"no cell of lesson 10 has {part!r}"
    return "\n".join(found)


# The panel


@pytest.fixture(scope="module")
def trust():
    states = load("countries").query("iso3 != 'USA'")[["iso3", "programme"]]
    votes = load("un_voting").merge(states, on="iso3").query("1996 <= year <= 2015")
    return votes.assign(on=(votes["year"] >= votes["programme"].map(START)).astype(float))


def by_dummies(table):
    """The slope by least squares on columns of dummies, with no formula and no demeaning."""
    dummies = [pd.get_dummies(table[key], dtype=float) for key in ("iso3", "year")]
    columns = np.column_stack([table["on"], dummies[0], dummies[1].iloc[:, 1:]])
    return np.linalg.lstsq(columns, table["ideal_point"].to_numpy(float), rcond=None)[0][0]


def by_two_means(table):
    """The slope on data from which both means were taken, in numpy."""
    wide = [table.pivot(index="iso3", columns="year", values=v) for v in ("on", "ideal_point")]
    x, y = (
        w - w.mean(1, keepdims=True) - w.mean(0, keepdims=True) + w.mean()
        for w in (part.to_numpy(float) for part in wide)
    )
    return (x * y).sum() / (x * x).sum()


def test_every_state_votes_in_every_year_of_the_panel(trust):
    assert (len(trust), trust["iso3"].nunique(), trust["year"].nunique()) == (660, 33, 20)
    assert trust["ideal_point"].notna().all()


def test_the_fixed_effects_number_is_what_two_other_routes_give(trust):
    fit = smf.ols("ideal_point ~ on + C(iso3) + C(year)", trust).fit().params["on"]
    assert fit == pytest.approx(by_dummies(trust), abs=1e-6)
    assert fit == pytest.approx(by_two_means(trust), abs=1e-6)
    shown = re.findall(r"by (?:hand|regression): +(-?\d\.\d{6})", output('print("by hand:'))
    assert [float(number) for number in shown[-2:]] == pytest.approx([fit, fit], abs=1e-6)
    assert "0.1455" in text()


def test_a_moved_vote_moves_the_number(trust):
    moved = trust.assign(ideal_point=trust["ideal_point"] + 0.1 * trust["on"])
    assert by_dummies(moved) == pytest.approx(by_dummies(trust) + 0.1, abs=1e-9)


def test_colombia_alone_and_its_placebos(trust):
    one = trust[trust["programme"].isin(["Plan Colombia", "none"])]
    numbers = {}
    for iso3 in one["iso3"].unique():
        on = ((one["iso3"] == iso3) & (one["year"] >= 2000)).astype(float)
        numbers[iso3] = by_dummies(one.assign(on=on))
    numbers = pd.Series(numbers)
    assert len(numbers) == 25
    assert numbers.idxmax() == "COL"
    assert numbers.abs().rank(ascending=False)["COL"] == 2
    assert numbers["COL"] == pytest.approx(0.60, abs=0.005)
    assert "Colombia +0.60, clustered standard error 0.05, p-value 8e-12" in output("bse[")


def test_dropping_the_country_effects_turns_the_sign():
    aid = load("aid")
    aid = aid[aid["class"] != "economic"].rename(columns={"recipient": "iso3"})
    aid = aid.assign(year=aid["fiscal_year"]).groupby(["iso3", "year"])["usd_2020"].sum()
    rate = load("homicide").assign(year=lambda t: t["year"] + 1)
    rate = rate.set_index(["iso3", "year"])["rate_per_100k"]
    people = load("population").set_index(["iso3", "year"])["population"]
    both = pd.DataFrame({"aid": aid / people, "tens": rate / 10}).dropna().reset_index()
    both = both.query("aid > 0 and 1991 <= year <= 2020 and iso3 != 'USA'")
    x, y = both["tens"].to_numpy(), np.log(both["aid"].to_numpy(float))
    heap = np.polyfit(x, y, 1)[0]
    own = [v - pd.Series(v).groupby(both["iso3"].to_numpy()).transform("mean") for v in (x, y)]
    within = np.polyfit(own[0], own[1], 1)[0]
    assert heap == pytest.approx(0.091, abs=0.001)
    assert within == pytest.approx(-0.080213, abs=1e-6)
    assert "-0.080213" in output("within = (both[columns] - own)")


# The specification curve


@cache
def lesson_did():
    """The function that the lesson defines, as a student would have it."""
    names = {"np": np, "pd": pd}
    for cell in CELLS:
        if cell.cell_type == "code" and "def did(" in cell.source:
            parts = [n for n in ast.parse(cell.source).body if isinstance(n, ast.FunctionDef)]
            exec(compile(ast.Module(parts, []), "lesson 10", "exec"), names)
    return names["did"]


def curves():
    for cell in CELLS:
        for o in cell.get("outputs", []):
            for rows in o.get("data", {}).get(VEGALITE, {}).get("datasets", {}).values():
                if rows and set(CHOICES) <= set(rows[0]):
                    yield o["data"][VEGALITE], pd.DataFrame(rows)


@pytest.fixture(scope="module")
def curve():
    return next(curves())[1]


def test_the_curve_has_every_combination_once(curve):
    assert len(curve) >= 100
    combinations = product(*(curve[choice].unique() for choice in CHOICES))
    assert set(combinations) == set(curve[CHOICES].itertuples(index=False, name=None))
    assert not curve.duplicated(CHOICES).any()
    assert curve["number"].is_monotonic_increasing


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


def test_every_option_has_a_menu(curve):
    spec = next(curves())[0]
    menus = {p["name"]: p["bind"]["options"] for p in spec["params"] if "bind" in p}
    for choice in CHOICES:
        assert menus[f"pick_{choice}"][0] == "any"
        assert set(menus[f"pick_{choice}"][1:]) == set(curve[choice])


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
        window = int(row.window.split()[0])
        treated = states["programme"] == row.programme
        pair = wide[treated | groups[row.compared]]
        early = pair[[*range(start - window, start)]].mean(axis=1)
        late = pair[[*range(start + 1, start + window + 1)]].mean(axis=1)
        x = np.column_stack([np.ones(len(pair)), treated[pair.index]]).astype(float)
        number = np.linalg.lstsq(x, (late - early).to_numpy(float), rcond=None)[0][1]
        assert row.number == pytest.approx(number / spread, abs=0.0006)


def test_the_function_finds_what_lesson_09_found():
    states = load("countries").query("iso3 != 'USA'").set_index("iso3")
    wide = load("un_voting").pivot(index="iso3", columns="year", values="ideal_point")
    equal = pd.Series(1.0, index=states.index)
    outside = states.index[states["programme"] == "none"]
    assert lesson_did()(wide, 2000, 5, ["COL"], outside, equal) == pytest.approx(0.38, abs=0.005)


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
    links = re.findall(r"\[([^\]]+)\]\(((?:\d\d-[\w-]+\.ipynb)?#[^)\s]+)\)", text())
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
