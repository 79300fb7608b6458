"""Lesson 10: its slopes and placebos beside independent ones, by years and by programme."""

import re

import numpy as np
import pandas as pd
import pytest
from statsmodels.genmod.families import Poisson
from statsmodels.genmod.generalized_linear_model import GLM

from americas import load

START = {"Plan Colombia": 2000, "Mérida": 2008, "CARSI": 2008}


@pytest.fixture(scope="module")
def every_year():
    aid = load("aid")
    aid = aid[aid["class"] != "economic"].rename(columns={"recipient": "iso3"})
    aid = aid.assign(year=aid["fiscal_year"]).groupby(["iso3", "year"])["usd_2020"].sum()
    rate = load("homicide").assign(year=lambda t: t["year"] + 1)
    rate = rate.set_index(["iso3", "year"])["rate_per_100k"]
    people = load("population").set_index(["iso3", "year"])["population"]
    both = pd.DataFrame({"aid": aid / people, "tens": rate / 10}).dropna(subset="tens")
    both = both[people.reindex(both.index).notna()].fillna({"aid": 0}).reset_index()
    return both.query("1991 <= year <= 2020 and iso3 != 'USA'")


@pytest.fixture(scope="module")
def aid_and_murder(every_year):
    both = every_year.query("aid > 0")
    return both.assign(log=np.log(both["aid"].to_numpy(float)))


def test_dropping_the_country_effects_turns_the_sign(lesson, aid_and_murder):
    x, y = aid_and_murder["tens"].to_numpy(), aid_and_murder["log"].to_numpy()
    own = [
        v - pd.Series(v).groupby(aid_and_murder["iso3"].to_numpy()).transform("mean")
        for v in (x, y)
    ]
    assert np.polyfit(x, y, 1)[0] == pytest.approx(0.091, abs=0.001)
    assert np.polyfit(own[0], own[1], 1)[0] == pytest.approx(-0.080213, abs=1e-6)
    assert "-0.080213" in lesson.output("within = (both[columns] - own)")


@pytest.mark.parametrize(
    ("first", "last"), [(1991, 2010), (1997, 2010), (2004, 2010), (1991, 2020), (2000, 2020)]
)
def test_the_slope_of_each_pair_of_years_by_another_road(
    lesson, aid_and_murder, first, last, by_dummies
):
    slope, error = by_dummies(aid_and_murder.query("@first <= year <= @last"), "tens", "log")
    shown = lesson.drawn("high").set_index(["first", "last"]).loc[(first, f"to {last}")]
    assert shown["slope"] == pytest.approx(slope, abs=0.0006)
    assert shown["error"] == pytest.approx(error, abs=0.002)


def test_the_sign_turns_with_the_years_and_no_bar_is_clear_above_zero(lesson):
    begins = lesson.drawn("high").set_index("first")
    early, late = (begins[begins["last"] == f"to {last}"] for last in (2010, 2020))
    assert list(early.index) == list(late.index) == list(range(1991, 2005))
    assert (early["slope"] < 0).all()
    assert list(early.index[early["high"] < 0]) == list(range(1991, 1998))
    assert (late.loc[:1998, "slope"] < 0).all()
    assert (late.loc[1999:, "slope"] > 0).all()
    assert list(late.index[late["high"] < 0]) == [1991]
    assert not (begins["low"] > 0).any()


def test_to_2010_two_countries_dont_make_the_slope(lesson, aid_and_murder, by_dummies):
    calm = aid_and_murder.query("iso3 not in ['SLV', 'VEN']")
    shown = lesson.output("calm = ")
    for name, rows in {
        "without El Salvador and Venezuela": calm,
        "the same, to 2010": calm.query("year <= 2010"),
    }.items():
        slope, error = by_dummies(rows, "tens", "log")
        assert re.search(rf"{name} +{slope:.3f} +{error:.3f}", shown), (name, slope, error)


def test_amounts_of_aid_rise_with_murder_from_2000_on_and_colombia_carries_it(lesson, every_year):
    """By iterated least squares on dummies, where the lesson maximizes the likelihood."""
    kept = every_year.query("iso3 != 'CUB'").assign(aid=lambda table: table["aid"].clip(lower=0))
    since, firm = kept.query("year >= 2000"), {}
    for name, rows in {
        "1991–2020": kept, "2000–20": since, "2000–20, without Colombia": since.query("iso3 != 'COL'"),
    }.items():  # fmt: skip
        effects = pd.get_dummies(rows[["iso3", "year"]].astype(str), dtype=float).drop(
            columns="year_2010"
        )
        columns = effects.assign(tens=rows["tens"])
        model = GLM(rows["aid"].astype(float), columns, family=Poisson())
        codes = rows["iso3"].astype("category").cat.codes
        fit = model.fit(tol=1e-12, cov_type="cluster", cov_kwds={"groups": codes})
        slope, error = map(float, re.search(
            rf"^{name} +(\S+) +(\S+)$", lesson.output("since = "), re.MULTILINE).groups())  # fmt: skip
        assert slope == pytest.approx(fit.params["tens"], abs=0.0006)
        assert error == pytest.approx(fit.bse["tens"], abs=0.0006)
        firm[name] = abs(slope) > 2 * error
    assert list(firm.values()) == [False, True, False]


@pytest.fixture(scope="module")
def trust():
    states = load("countries").query("iso3 != 'USA'")[["iso3", "programme"]]
    votes = load("un_voting").merge(states, on="iso3").query("1996 <= year <= 2015")
    return votes.assign(on=(votes["year"] >= votes["programme"].map(START)).astype(float))


@pytest.fixture(scope="module")
def number(by_dummies):
    """What a column `on` does to the ideal point."""
    return lambda table: by_dummies(table, "on", "ideal_point")[0]


def test_every_state_votes_in_every_year_of_the_panel(trust):
    assert (len(trust), trust["iso3"].nunique(), trust["year"].nunique()) == (660, 33, 20)
    assert trust["ideal_point"].notna().all()


def test_a_moved_vote_moves_the_number(trust, number):
    moved = trust.assign(ideal_point=trust["ideal_point"] + 0.1 * trust["on"])
    assert number(moved) == pytest.approx(number(trust) + 0.1, abs=1e-9)


def test_colombia_alone_and_its_placebos(lesson, trust, number):
    one = trust[trust["programme"].isin(["Plan Colombia", "none"])]
    numbers = {}
    for iso3 in one["iso3"].unique():
        on = ((one["iso3"] == iso3) & (one["year"] >= 2000)).astype(float)
        numbers[iso3] = number(one.assign(on=on))
    numbers = pd.Series(numbers)
    assert len(numbers) == 25
    assert numbers.idxmax() == "COL"
    assert numbers.abs().rank(ascending=False)["COL"] == 2
    assert f"by hand {numbers['COL']:.6f}, by regression {numbers['COL']:.6f}" in lesson.output(
        "by hand {as"
    )
    assert "Colombia +0.60, clustered standard error 0.05, p-value 8e-12" in lesson.output("bse[")
    shown = lesson.drawn("rank, either way").set_index("iso3")["number"]
    assert np.abs(shown - numbers).max() < 0.0006


@pytest.mark.parametrize(
    ("first", "first_three"),
    [(1997, ["COL", "CUB", "SUR"]), (1998, ["COL", "SUR", "PER"]), (1999, ["SUR", "LCA", "COL"])],
)
def test_the_first_year_of_the_table_decides_colombias_rank(
    lesson, trust, first, first_three, number
):
    one = trust[trust["programme"].isin(["Plan Colombia", "none"]) & (trust["year"] >= first)]
    late = one["year"] >= 2000
    numbers = pd.Series({
        iso3: number(one.assign(on=((one["iso3"] == iso3) & late).astype(float)))
        for iso3 in one["iso3"].unique()
    })  # fmt: skip
    assert list(numbers.nlargest(3).index) == first_three
    shown = [line.split() for line in lesson.output("begun = ").splitlines()]
    for label, told in {
        "Colombia": numbers["COL"], "Cuba": numbers["CUB"],
        "its rank": numbers.rank(ascending=False)["CUB"],
    }.items():  # fmt: skip
        row = next(words for words in shown if " ".join(words).startswith(label))
        assert float(row[first - 2000]) == pytest.approx(told, abs=0.0051)


def test_three_programmes_and_their_mean(lesson, trust, number):
    shown = lesson.output("three = {name: apart(name)")
    for name in START:
        alone = number(trust[trust["programme"].isin([name, "none"])])
        assert re.search(rf"{name} +{alone:.2f}", shown)
    assert f"all in one regression    {number(trust):.2f}" in shown
    later = number(trust[trust["programme"] != "Plan Colombia"])
    assert f"without Colombia {later:.2f}" in lesson.output("without Colombia {later")


def test_one_shuffle_in_seven(lesson, trust):
    x, y = (
        trust.pivot(index="iso3", columns="year", values=v).to_numpy(float)
        for v in ("on", "ideal_point")
    )
    x, y = (w - w.mean(1, keepdims=True) - w.mean(0) + w.mean() for w in (x, y))
    rng = np.random.default_rng(2026)
    real = (x * y).sum()
    share = np.mean([(x[rng.permutation(len(x))] * y).sum() > real - 1e-9 for _ in range(20_000)])
    assert share == pytest.approx(1 / 7, abs=0.01)
    told = float(re.search(r"reach it: (\d\.\d+)", lesson.output("shuffles that reach it"))[1])
    assert told == pytest.approx(share, abs=0.01)
