"""Lesson 11: its curve and the curves of placebos by another road, its rivals, links and table."""

import re
from functools import cache
from itertools import combinations, product
from urllib.parse import unquote

import nbformat
import numpy as np
import pandas as pd
import pytest

from americas import load
from americas.course.paths import Course

NOTEBOOKS = Course.of_this_package().root / "notebooks"
CHOICES = ["programme", "start", "window", "outcome", "compared", "weights"]
START = {"Plan Colombia": 2000, "Mérida": 2008, "CARSI": 2008}


@pytest.fixture(scope="module")
def text(lesson):
    return "\n\n".join(cell.source for cell in lesson.cells if cell.cell_type == "markdown")


# The specification curve


@pytest.fixture(scope="module")
def curve(lesson):
    return lesson.drawn(*CHOICES)


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


def test_the_menu_colours_by_every_choice_but_the_window(lesson, curve):
    spec = next(lesson.charts_with(*CHOICES))[0]
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


def test_the_function_finds_what_lesson_09_found(lesson):
    assert "+0.38 points, as in lesson 09" in lesson.output("as in lesson 09")


@pytest.fixture(scope="module")
def outcomes():
    """The states, their people in 2000, and four outcomes by year, each in units of its spread."""
    states = load("countries").query("iso3 != 'USA'").set_index("iso3")
    votes = load("un_voting").pivot(index="iso3", columns="year")
    people = load("population").query("year == 2000").set_index("iso3")["population"]
    names = ["ideal_point", "ideal_point_all", "ideal_point_fp", "agreement_with_us"]
    tables = [votes[name].loc[states.index] for name in names]
    return states, people, [table / table.mean(axis=1).std() for table in tables]


@pytest.fixture(scope="module")
def numbers(outcomes):
    """A state's 192 numbers, by plain loops over choices; the treated are given by code."""
    states, people, tables = outcomes
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
def test_placebos_rank_the_median_by_another_road(
    lesson, numbers, code, name, first, all_above, rank
):
    untreated, of = numbers
    every = {iso3: of([iso3], first) for iso3 in [code, *untreated]}
    medians = pd.Series({iso3: np.median(found) for iso3, found in every.items()})
    assert medians.rank(ascending=False)[code] == rank
    above = {iso3 for iso3, found in every.items() if (found > 0).all()} - {code}
    assert len(above) == all_above
    shown = lesson.output("Above zero in all 192")
    names = load("countries").set_index("iso3")["name"]
    assert all(names[iso3] in shown for iso3 in above)
    assert re.search(rf"{names[code]} +{name} +{medians[code]:.2f} +\d+ +{rank}\b", shown)


@pytest.fixture(scope="module")
def medians(outcomes):
    """Medians of many draws of states at once by matrices, if their programme began in 2008."""
    states, people, tables = outcomes
    moves = np.column_stack([
        table.loc[:, start + 1:start + n].mean(axis=1)
        - table.loc[:, start - n:start - 1].mean(axis=1)
        for table, start, n in product(tables, [2007, 2008], [3, 4, 5, 6])
    ])  # fmt: skip
    none = states["programme"] == "none"
    groups = {
        "all": none,
        "without ALBA": none & states["alba_from"].isna(),
        "South America": none & (states["subregion"] == "South America"),
    }
    (caribbean,) = load("programme_timeline").query("thread == 'CBSI'")["countries"]
    clean = ~states.index.isin(caribbean.split(";"))

    def of(draws, names=tuple(groups), clean_groups=False):
        inside = np.array([states.index.isin(list(draw)) for draw in draws], dtype=float)
        found = []
        for name, by in product(names, [people * 0 + 1, people]):
            weights = by[states.index].to_numpy(float)
            group = groups[name] & clean if clean_groups else groups[name]
            near, far = inside * weights, (1 - inside) * group.to_numpy() * weights
            enough = far.sum(axis=1, keepdims=True)
            far = np.divide(far, enough, where=enough > 0, out=np.full_like(far, np.nan))
            found.append(near @ moves / near.sum(axis=1, keepdims=True) - far @ moves)
        return np.median(np.hstack(found), axis=1)

    return states, clean, of


@pytest.mark.parametrize(("clean_groups", "reached", "of_all"), [(False, 6, 120), (True, 18, 116)])
def test_few_clean_sevens_reach_carsis_median(lesson, medians, clean_groups, reached, of_all):
    """Four of them leave no clean state outside ALBA to compare with."""
    states, clean, of = medians
    sevens = list(combinations(states.index[clean & (states["programme"] == "none")], 7))
    (real,) = of([states.index[states["programme"] == "CARSI"]], clean_groups=clean_groups)
    found = of(sevens, clean_groups=clean_groups)
    found = found[~np.isnan(found)]
    assert (int((found > real - 1e-9).sum()), len(found)) == (reached, of_all)
    if not clean_groups:
        shown = lesson.output("blind sevens")
        assert f"CARSI's median is {real:.2f}" in shown
        assert f"{reached} of the {of_all} clean sevens" in shown


def test_blind_sevens_reach_carsis_median_often_enough(lesson, medians):
    """Every 37th of all 346,104 sevens."""
    states, _, of = medians
    (real,) = of([states.index[states["programme"] == "CARSI"]])
    every = list(combinations(states.index[states["programme"] == "none"], 7))[::37]
    told = int(re.search(r"(\d+)% of blind sevens", lesson.output("blind sevens"))[1])
    assert np.mean(of(every) > real - 1e-9) * 100 == pytest.approx(told, abs=5)


def test_few_fives_outside_alba_reach_the_median_of_the_five(lesson, medians):
    states, clean, of = medians
    outside = states["alba_from"].isna() & (states["programme"] == "none")
    five = states.index[(states["programme"] == "CARSI") & states["alba_from"].isna()]
    (real,) = of([five], ["without ALBA"])
    for name, pool in {"all": outside, "clean": outside & clean}.items():
        fives = list(combinations(states.index[pool], 5))
        reached = int((of(fives, ["without ALBA"]) > real - 1e-9).sum())
        assert f"{name}: {reached} of {len(fives)} fives reach" in lesson.output("fives reach")


@pytest.fixture(scope="module")
def votes_and_aid():
    """Ideal points with three kinds of aid a head, k years later, in tens."""
    aid = load("aid").rename(columns={"recipient": "iso3", "fiscal_year": "year"})
    economic = aid["class"] == "economic"
    fund = aid["account"] == "Economic Support Fund/Security Support Assistance"
    kinds = {"security": ~economic, "support fund": fund, "other economic": economic & ~fund}
    sums = {
        name: aid[rows].groupby(["iso3", "year"])["usd_2020"].sum() for name, rows in kinds.items()
    }
    votes = (
        load("un_voting").merge(load("population")).merge(load("countries")[["iso3", "programme"]])
    )
    votes = votes.query("1991 <= year <= 2017 and iso3 != 'USA'").dropna(subset="ideal_point")

    def table(kind, k):
        later = pd.MultiIndex.from_arrays([votes["iso3"], votes["year"] + k])
        dollars = sums[kind].reindex(later).fillna(0).clip(lower=0).to_numpy(float)
        return votes.assign(tens=np.log10(dollars / votes["population"] + 0.01))

    return table


@pytest.mark.parametrize("kind", ["security", "support fund", "other economic"])
@pytest.mark.parametrize("k", [-1, 0, 1])
def test_slopes_of_votes_on_aid_by_another_road(lesson, votes_and_aid, by_dummies, kind, k):
    slope, error = by_dummies(votes_and_aid(kind, k), "tens", "ideal_point")
    shown = lesson.drawn("k", "kind", "slope").set_index(["kind", "k"]).loc[(kind, k)]
    assert shown["slope"] == pytest.approx(slope, abs=0.0006)
    assert shown["error"] == pytest.approx(error, abs=0.001)
    if k >= 0:
        assert (slope > 2 * error) == (kind != "other economic")


@pytest.mark.parametrize("kind", ["security", "support fund"])
def test_which_states_are_in_decides_the_slope(lesson, votes_and_aid, by_dummies, kind):
    rows, alba = votes_and_aid(kind, -1), load("countries").dropna(subset="alba_from")["iso3"]
    none = rows.query("programme == 'none'")
    never = none[~none["iso3"].isin(alba)]
    place = ["security", "support fund"].index(kind)
    for some, label in [
        (rows.query("programme != 'none'"), "1 with a programme"), (none, "2 without"),
        (none.query("iso3 not in ['BOL', 'ECU', 'VEN']"), "3 without, less three"),
        (never, "4 without, never in ALBA"),
        (never.query("iso3 != 'ARG'"), "5 the same, less Argentina"),
    ]:  # fmt: skip
        told = re.search(rf"^{label} +(-?\d.+)$", lesson.output("never in ALBA"), re.MULTILINE)
        told = [float(number) for number in told[1].split()]
        slope, error = by_dummies(some, "tens", "ideal_point")
        assert [told[place], told[place + 2]] == pytest.approx([slope, error], abs=0.0055)


def test_states_with_a_trade_agreement_came_nearer_before_it_and_no_nearer_after(lesson):
    states = load("countries").query("iso3 != 'USA'").set_index("iso3")
    force = load("trade_agreements").set_index("iso3")["in_force"].dt.year
    none = states[(states["programme"] == "none") & states["alba_from"].isna()]
    wide = load("un_voting").pivot(index="iso3", columns="year", values="ideal_point")
    gaps = wide - wide.loc[none.index.difference(force.index)].mean()
    gap = pd.Series(
        {t: np.nanmean([gaps.loc[s].get(y + t) for s, y in force.items()]) for t in range(-5, 6)}
    )
    drawn = lesson.drawn("event", "t", "gap").query("event == 'trade agreement'")
    shown = drawn.drop_duplicates("t").set_index("t")["gap"]
    assert (shown - gap).abs().max() < 0.0006
    assert gap[-5] < 0.15 < 0.29 < gap[-1] == gap.max()
    assert gap.loc[1:5].max() < 0.13


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


def claims_table(text):
    rows = re.findall(r"^\| \*\*(C\d)\*\* .+? \| (.+) \| (.+) \|$", text, re.MULTILINE)
    return {claim: (pro, con) for claim, pro, con in rows}


def test_every_claim_links_to_figures_for_and_against_it(text):
    table = claims_table(text)
    assert set(table) == set(load("claims")["claim"])
    for claim, sides in table.items():
        for side in sides:
            links = re.findall(r"\[([^\]]+)\]\(([^)]+)\)", side)
            assert any("Figure" in label for label, _ in links), (claim, side)


def test_every_link_of_the_lesson_into_a_lesson_leads_to_a_heading_and_its_figure(lesson, text):
    links = re.findall(r"\[([^\]]+)\]\(((?:\d\d-[\w-]+\.ipynb)?#(?:[^()\s]|\([^()\s]*\))+)\)", text)
    assert len(links) >= 40
    for label, link in links:
        name, anchor = link.split("#", 1)
        anchors, source = headings(NOTEBOOKS / name if name else lesson.path)
        assert unquote(anchor) in anchors, link
        if figure := re.search(r"Figure (\d+)", label):
            heading = next(
                h
                for h in re.findall(r"^## .+$", source, re.MULTILINE)
                if h.removeprefix("## ").replace(" ", "-") == unquote(anchor)
            )
            section = source.split(f"{heading}\n", 1)[1].split("\n## ")[0]
            assert f"**Figure {figure[1]}.**" in section, (label, link)


def test_the_rubric_adds_up(text):
    rows = re.findall(r"^\| \*\*(\w[^*]*)\*\* \| (\d+) \| ?(.*?) ?\|$", text, re.MULTILINE)
    points = {name: int(number) for name, number, _ in rows}
    assert points.pop("Together") == sum(points.values())
    assert all(words for name, _, words in rows if name != "Together")


def test_no_verdict_is_the_courses_own(text):
    for reading in ("Driver", "Pretext", "Neither"):
        assert f"| **{reading}**" in text
    assert "The course takes no side." in text


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
