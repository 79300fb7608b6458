"""Lesson 09: its figures from the tables, and its regression against an independent one."""

import re

import nbformat
import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from americas import load
from americas.course.paths import Course

LESSON = Course.of_this_package().root / "notebooks" / "09-trust.ipynb"


@pytest.fixture(scope="module")
def places():
    states = load("countries").query("iso3 != 'USA'")
    votes = load("un_voting").merge(states[["iso3", "programme"]], on="iso3")
    wide = votes.pivot(index="iso3", columns="year", values="ideal_point")
    return wide.assign(programme=states.set_index("iso3")["programme"])


def change(places, before, after):
    early, late = (places[list(range(a, b + 1))].mean(axis=1) for a, b in (before, after))
    return late - early


def shown():
    cells = nbformat.read(LESSON, as_version=4).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return "\n".join(o.get("text") or o.get("data", {}).get("text/plain", "") for o in outputs)


def test_colombia_against_the_states_without_a_programme(places):
    moved = change(places, (1995, 1999), (2001, 2005))
    assert moved["COL"] == pytest.approx(0.26, abs=0.005)
    assert moved[places["programme"] == "none"].mean() == pytest.approx(-0.12, abs=0.005)
    assert "Colombia +0.26, no programme -0.12, difference +0.38" in shown()


def test_carsi_moved_like_the_rest_with_two_of_its_own_at_the_ends(places):
    moved = change(places, (2003, 2007), (2009, 2013))
    assert moved[places["programme"] == "CARSI"].mean() == pytest.approx(-0.20, abs=0.005)
    assert moved[places["programme"] == "none"].mean() == pytest.approx(-0.21, abs=0.005)
    assert (moved.idxmin(), moved.idxmax()) == ("NIC", "PAN")
    assert len(moved) == 33
    moved_in_2000 = change(places, (1995, 1999), (2001, 2005)).rank(ascending=False)
    assert moved_in_2000["COL"] == 2


def test_mexican_opinion_before_and_after():
    polls = load("opinion").query(
        "iso3 == 'MEX' and pollster == 'Pew' and subject == 'USA' and question == 'favourable view'"
    )
    polls = polls.set_index("year")["favourable_pct"]
    assert [round(polls[year]) for year in (2015, 2017)] == [66, 29]
    assert re.search(r"2015 +66\.2 +1000", shown())
    assert re.search(r"2017 +29\.2 +1000", shown())
    assert "Fall from 2015 to 2017: 37 points; two standard errors of it: 4.1" in shown()


def test_the_agenda_trap_all_agree_more_while_the_mean_moves_away():
    votes = load("un_voting")
    agreed = votes.pivot(index="iso3", columns="year", values="agreement_with_us")
    assert (agreed[2011] > agreed[2007]).sum() == 33
    means = votes.groupby("year")[["ideal_point", "us_ideal_point", "distance"]].mean()
    moved = means.loc[2011] - means.loc[2007]
    assert (moved < 0).all()
    assert moved["us_ideal_point"] < moved["ideal_point"]


def test_the_american_end_drops_out_of_a_comparison(places):
    votes = load("un_voting")
    distance = votes.pivot(index="iso3", columns="year", values="distance")
    near, far = (change(table, (1995, 1999), (2001, 2005)) for table in (places, distance))
    rest = places["programme"] == "none"
    # Not to the last digit: a few states cast no votes in some session.
    assert near["COL"] - near[rest].mean() == pytest.approx(far[rest].mean() - far["COL"], abs=5e-3)


def test_carsi_depends_on_its_two_ends_and_its_median_does_not(places):
    moved = change(places, (2003, 2007), (2009, 2013))
    seven = moved[places["programme"] == "CARSI"]
    rest = moved[places["programme"] == "none"]
    assert seven.drop(["NIC", "HND"]).mean() == pytest.approx(0.00, abs=0.005)
    assert seven.drop("PAN").mean() == pytest.approx(-0.30, abs=0.005)
    assert seven.median() - rest.median() == pytest.approx(0, abs=0.01)
    assert "CARSI, median                    -0.14" in shown()


def test_the_regression_is_the_difference_in_differences(places):
    moved = change(places, (1995, 1999), (2001, 2005))
    rest = moved[places["programme"] == "none"]
    chosen = places[places["programme"].isin(["Plan Colombia", "none"])]
    early, late = (chosen[list(range(a, a + 5))].mean(axis=1) for a in (1995, 2001))
    treated = (chosen["programme"] == "Plan Colombia").to_numpy(float)
    y = np.concatenate([early, late])
    after = np.repeat([0.0, 1.0], len(chosen))
    who = np.tile(treated, 2)
    columns = np.column_stack([np.ones_like(y), who, after, who * after])
    solved = np.linalg.lstsq(columns, y, rcond=None)[0][3]
    fit = smf.ols("y ~ who * after", pd.DataFrame({"y": y, "who": who, "after": after})).fit()
    assert solved == pytest.approx(moved["COL"] - rest.mean(), abs=1e-6)
    assert solved == pytest.approx(fit.params["who:after"], abs=1e-6)
    assert f"treated:late    {solved:.2f}" in shown()


def test_pretend_starts_give_mexico_more_than_the_real_one(places):
    none = places["programme"] == "none"
    numbers, ranks = {}, {}
    for start in range(2000, 2010):
        moved = change(places, (start - 5, start - 1), (start + 1, start + 5))
        numbers[start] = moved["MEX"] - moved[none].mean()
        ranks[start] = moved.rank(ascending=False)["MEX"]
    assert [ranks[start] for start in (2002, 2003, 2004, 2008)] == [1, 1, 1, 4]
    assert min(numbers[start] for start in (2002, 2003, 2004)) > numbers[2008] + 0.15
    row = re.search(r"number +(.+)", shown())[1].split()
    assert [float(number) for number in row] == pytest.approx(list(numbers.values()), abs=0.006)


def test_a_years_range_is_as_long_as_the_rise_before_the_law():
    road = load("un_voting").query("iso3 == 'COL'").set_index("year")
    rise = road.loc[1999, "ideal_point_all"] - road.loc[1997, "ideal_point_all"]
    for year in (1997, 1999):
        assert road.loc[year, "ideal_point_all_q95"] - road.loc[year, "ideal_point_all_q5"] > rise
