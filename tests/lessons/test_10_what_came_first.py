"""Lesson 10: its slopes and placebos beside independent ones, by first year and by programme."""

import re
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest

from americas import load

LESSON = Path(__file__).parents[2] / "notebooks" / "10-what-came-first.ipynb"
CELLS = nbformat.read(LESSON, as_version=4).cells
VEGALITE = "application/vnd.vegalite.v5+json"
START = {"Plan Colombia": 2000, "Mérida": 2008, "CARSI": 2008}


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


def drawn(column):
    """The rows that a chart with this column draws."""
    for cell in CELLS:
        for o in cell.get("outputs", []):
            for rows in o.get("data", {}).get(VEGALITE, {}).get("datasets", {}).values():
                if rows and column in rows[0]:
                    return pd.DataFrame(rows)
    raise AssertionError(column)


def slope_and_error(table, x, y):
    """By least squares on dummies; the error by the sandwich over countries, in numpy."""
    dummies = [pd.get_dummies(table[key], dtype=float) for key in ("iso3", "year")]
    design = np.column_stack([table[x], dummies[0], dummies[1].iloc[:, 1:]]).astype(float)
    inverse = np.linalg.pinv(design.T @ design)
    fitted = inverse @ design.T @ table[y].to_numpy(float)
    left = table[y].to_numpy(float) - design @ fitted
    codes = table["iso3"].astype("category").cat.codes.to_numpy()
    scores = np.array([design[codes == c].T @ left[codes == c] for c in np.unique(codes)])
    n, k, groups = len(table), np.linalg.matrix_rank(design), len(scores)
    small = groups / (groups - 1) * (n - 1) / (n - k)
    variance = inverse @ (scores.T @ scores) @ inverse * small
    return fitted[0], np.sqrt(variance[0, 0])


@pytest.fixture(scope="module")
def aid_and_murder():
    aid = load("aid")
    aid = aid[aid["class"] != "economic"].rename(columns={"recipient": "iso3"})
    aid = aid.assign(year=aid["fiscal_year"]).groupby(["iso3", "year"])["usd_2020"].sum()
    rate = load("homicide").assign(year=lambda t: t["year"] + 1)
    rate = rate.set_index(["iso3", "year"])["rate_per_100k"]
    people = load("population").set_index(["iso3", "year"])["population"]
    both = pd.DataFrame({"aid": aid / people, "tens": rate / 10}).dropna().reset_index()
    both = both.query("aid > 0 and 1991 <= year <= 2020 and iso3 != 'USA'")
    return both.assign(log=np.log(both["aid"].to_numpy(float)))


def test_dropping_the_country_effects_turns_the_sign(aid_and_murder):
    x, y = aid_and_murder["tens"].to_numpy(), aid_and_murder["log"].to_numpy()
    own = [
        v - pd.Series(v).groupby(aid_and_murder["iso3"].to_numpy()).transform("mean")
        for v in (x, y)
    ]
    assert np.polyfit(x, y, 1)[0] == pytest.approx(0.091, abs=0.001)
    assert np.polyfit(own[0], own[1], 1)[0] == pytest.approx(-0.080213, abs=1e-6)
    assert "-0.080213" in output("within = (both[columns] - own)")


@pytest.mark.parametrize("first", [1991, 1997, 2000, 2005])
def test_the_slope_of_each_first_year_by_another_road(aid_and_murder, first):
    slope, error = slope_and_error(aid_and_murder.query("year >= @first"), "tens", "log")
    shown = drawn("high").set_index("first").loc[first]
    assert shown["slope"] == pytest.approx(slope, abs=0.0006)
    assert shown["error"] == pytest.approx(error, abs=0.002)


def test_the_sign_turns_and_only_the_first_bar_is_clear_of_zero():
    begins = drawn("high").set_index("first")
    assert (begins.loc[:1998, "slope"] < 0).all()
    assert (begins.loc[1999:, "slope"] > 0).all()
    clear = (begins["low"] > 0) | (begins["high"] < 0)
    assert list(begins.index[clear]) == [1991]


@pytest.fixture(scope="module")
def trust():
    states = load("countries").query("iso3 != 'USA'")[["iso3", "programme"]]
    votes = load("un_voting").merge(states, on="iso3").query("1996 <= year <= 2015")
    return votes.assign(on=(votes["year"] >= votes["programme"].map(START)).astype(float))


def by_dummies(table):
    return slope_and_error(table, "on", "ideal_point")[0]


def test_every_state_votes_in_every_year_of_the_panel(trust):
    assert (len(trust), trust["iso3"].nunique(), trust["year"].nunique()) == (660, 33, 20)
    assert trust["ideal_point"].notna().all()


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
    assert f"by hand {numbers['COL']:.6f}, by regression {numbers['COL']:.6f}" in output(
        "by hand {as"
    )
    assert "Colombia +0.60, clustered standard error 0.05, p-value 8e-12" in output("bse[")
    shown = drawn("rank, either way").set_index("iso3")["number"]
    assert np.abs(shown - numbers).max() < 0.0006


def test_begun_in_1999_colombia_is_third(trust):
    one = trust[trust["programme"].isin(["Plan Colombia", "none"]) & (trust["year"] >= 1999)]
    numbers = pd.Series(
        {
            iso3: by_dummies(
                one.assign(on=((one["iso3"] == iso3) & (one["year"] >= 2000)).astype(float))
            )
            for iso3 in one["iso3"].unique()
        }
    )
    assert numbers.rank(ascending=False)["COL"] == 3
    assert re.search(r"rank +1\.0 +1\.00 +1\.00 +3\.00", output("begun = "))


def test_three_programmes_and_their_mean(trust):
    shown = output("three = {name: apart(name)")
    for name in START:
        alone = by_dummies(trust[trust["programme"].isin([name, "none"])])
        assert re.search(rf"{name} +{alone:.2f}", shown)
    assert f"all in one regression    {by_dummies(trust):.2f}" in shown
    later = by_dummies(trust[trust["programme"] != "Plan Colombia"])
    assert f"without Colombia {later:.2f}" in output("without Colombia {later")


def test_one_shuffle_in_seven(trust):
    x, y = (
        trust.pivot(index="iso3", columns="year", values=v).to_numpy(float)
        for v in ("on", "ideal_point")
    )
    x, y = (w - w.mean(1, keepdims=True) - w.mean(0) + w.mean() for w in (x, y))
    rng = np.random.default_rng(2026)
    real = (x * y).sum()
    share = np.mean([(x[rng.permutation(len(x))] * y).sum() > real - 1e-9 for _ in range(20_000)])
    assert share == pytest.approx(1 / 7, abs=0.01)
    told = float(re.search(r"reach it: (\d\.\d+)", output("shuffles that reach it"))[1])
    assert told == pytest.approx(share, abs=0.01)
