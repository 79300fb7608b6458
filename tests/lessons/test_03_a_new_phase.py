"""Lesson 03: its survival curves against an independent library, its figures against the data."""

import nbformat
import numpy as np
import pandas as pd
import pytest
from statsmodels.duration.survfunc import SurvfuncRight

from americas import load
from americas.course.notebooks import VEGALITE
from americas.course.paths import Course

NOTEBOOK = Course.of_this_package().root / "notebooks" / "03-a-new-phase.ipynb"
EVENING = pd.Timestamp("2004-12-31")


@pytest.fixture(scope="module")
def lesson():
    return nbformat.read(NOTEBOOK, as_version=4)


@pytest.fixture(scope="module")
def curve(lesson):
    """The function that students read, taken out of the lesson itself."""
    (source,) = [cell.source for cell in lesson.cells if cell.source.startswith("def curve(")]
    names = {"pd": pd}
    exec(source, names)
    return names["curve"]


def waits(treaties, end=None):
    """Was each wait over by `end` (else by the last day known), and after how many days?"""
    treaties = treaties.query("iso3 != 'USA'")
    last = treaties["as_of"] if end is None else treaties["as_of"].clip(upper=end)
    joined = treaties["bound"] <= last
    days = (treaties["bound"].where(joined, last) - treaties["opened"]).dt.days
    return treaties.assign(joined=joined, days=days)


def sets():
    treaties = load("treaties")
    for treaty, rows in treaties.groupby("treaty"):
        yield pytest.param(waits(rows), id=treaty)
    crime = treaties.query("subject in ['organized crime', 'corruption']")
    yield pytest.param(waits(crime), id="five treaties, all that is known")
    yield pytest.param(waits(crime, EVENING), id="five treaties, end of 2004")
    yield pytest.param(waits(treaties.query("treaty != 'UNCAC'")), id="watched for unlike times")


@pytest.mark.parametrize("rows", list(sets()))
def test_the_curve_drawn_by_hand_is_that_of_an_independent_library(curve, rows):
    ours = curve(rows, "ours").query("joined > 0")
    library = SurvfuncRight(rows["days"].to_numpy(), rows["joined"].astype(int).to_numpy())
    assert ours["days"].to_list() == library.surv_times.tolist()
    assert ours["waiting"].to_list() == library.n_risk.tolist()
    np.testing.assert_allclose(100 - ours["bound_pct"], library.surv_prob * 100, atol=1e-9)


def test_the_lesson_draws_just_these_curves(lesson, curve):
    (spec,) = [
        output["data"][VEGALITE]
        for cell in lesson.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if "bound_pct" in str(output.get("data", {}).get(VEGALITE, {}).get("encoding", ""))
    ]
    drawn = pd.DataFrame(next(iter(spec["datasets"].values())))
    five = load("treaties").query("subject in ['organized crime', 'corruption']")
    for name, rows in {
        "2004, Kaplan–Meier": waits(five, EVENING),
        "2004, only the ended waits": waits(five, EVENING).query("joined"),
        "what came later": waits(five),
    }.items():
        library = SurvfuncRight(rows["days"].to_numpy(), rows["joined"].astype(int).to_numpy())
        line = drawn[drawn["name"] == name]
        at = np.searchsorted(library.surv_times, line["years"] * 365.25 + 0.5) - 1
        expected = np.where(at < 0, 1.0, library.surv_prob[at])
        np.testing.assert_allclose(100 - line["bound_pct"], expected * 100, atol=1e-9)


def test_where_all_are_watched_equally_long_the_curve_is_the_plain_share(curve):
    rows = waits(load("treaties").query("treaty == 'UNTOC'"))
    last = curve(rows, "UNTOC")["bound_pct"].iloc[-1]
    assert last == pytest.approx(rows["joined"].mean() * 100)


def test_untoc_after_five_and_ten_years(lesson):
    untoc = load("treaties").query("treaty == 'UNTOC' and iso3 != 'USA'")
    limits = [untoc["opened"] + pd.DateOffset(years=years) for years in (5, 10)]
    assert [(untoc["bound"] <= limit).sum() for limit in limits] == [23, 29]
    assert len(untoc) == 33
    said = "".join(
        output.get("text", "")
        for cell in lesson.cells
        if cell.cell_type == "code"
        for output in cell.outputs
    )
    assert "within 5 years: 23 of 33 bound" in said
    assert "within 10 years: 29 of 33 bound" in said


def test_the_missing_rows_are_not_taken_for_waiting_states():
    oas = load("treaties").query("treaty == 'OAS Mutual Assistance' and iso3 != 'USA'")
    assert len(oas) == 31
    assert not set(oas["iso3"]) & {"URY", "VEN"}
