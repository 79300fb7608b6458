"""Lesson 05: its mixtures beside those of another solver, and the figures that must hold."""

import ast
import re
from functools import cache

import nbformat
import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize, nnls

from americas import load
from americas.course.notebooks import VEGALITE
from americas.course.paths import Course

LESSON = Course.of_this_package().root / "notebooks" / "05-contested-success.ipynb"
NEEDED = {"weigh", "gap", "ranking", "pool"}
CELLS = nbformat.read(LESSON, as_version=4).cells
POOLS = {
    "to 2013": (2013, []),
    "to 2013, no programmes": (2013, ["MEX", "CRI", "PAN", "NIC"]),
    "to 2023": (2023, []),
    "to 2023, no Mexico": (2023, ["MEX"]),
    "to 2023, no programmes": (2023, ["MEX", "CRI", "PAN"]),
}


@cache
def lesson():
    """The functions that the lesson defines, as a student would have them."""
    rates = load("homicide").pivot(index="year", columns="iso3", values="rate_per_100k")
    names = {"np": np, "pd": pd, "nnls": nnls, "rates": rates}
    for cell in CELLS:
        if cell.cell_type == "code":
            parts = [n for n in ast.parse(cell.source).body if isinstance(n, ast.FunctionDef)]
            exec(compile(ast.Module(parts, []), "lesson 05", "exec"), names)
    assert set(names) >= NEEDED
    return names


def output(start):
    """What the cell that begins, or has a line that begins, in this way shows: its text."""
    for cell in CELLS:
        lines = cell.source.split("\n") if cell.cell_type == "code" else []
        if any(line.startswith(start) for line in lines):
            return "".join(o.get("text") or o["data"]["text/plain"] for o in cell.outputs)
    raise AssertionError(f"no cell of lesson 05 begins with {start!r}")


def row(text, label):
    """The numbers of the row with this label in a printed table."""
    found = re.search(rf"^{re.escape(str(label))} +((?:-?[\d.,]+ *)+)$", text, re.MULTILINE)
    return [float(number.replace(",", "")) for number in found.group(1).split()]


def by_slsqp(one, others):
    """The same weights by a solver that knows both conditions and needs no giant year."""
    one, others = one.to_numpy() / 100, others.to_numpy() / 100  # near 1, as SLSQP likes it
    many = others.shape[1]
    found = minimize(
        lambda w: np.mean((one - others @ w) ** 2),
        np.full(many, 1 / many),
        jac=lambda w: -2 * others.T @ (one - others @ w) / len(one),
        bounds=[(0, 1)] * many,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1, "jac": np.ones_like},
        method="SLSQP",
        options={"ftol": 1e-12, "maxiter": 1000},
    )
    assert found.success, found.message
    return found.x


def gaps_by_slsqp(index):
    gaps = {}
    for name in index.columns:
        others = index[[iso3 for iso3 in index.columns if iso3 not in (name, "COL")]]
        weights = by_slsqp(index.loc[1990:1999, name], others.loc[1990:1999])
        gaps[name] = index[name] - others.to_numpy() @ weights
    return pd.DataFrame(gaps)


@cache
def ours_and_theirs(name):
    index = lesson()["pool"](*POOLS[name])
    ours = pd.DataFrame({iso3: lesson()["gap"](iso3, index) for iso3 in index.columns})
    return index, ours, gaps_by_slsqp(index)


@pytest.mark.parametrize("name", POOLS)
def test_another_solver_finds_the_same_weights(name):
    index, _, _ = ours_and_theirs(name)
    for iso3 in index.columns:
        before = index.loc[1990:1999]
        others = before.drop(columns=list({iso3, "COL"}))
        ours = lesson()["weigh"](before[iso3], others)
        assert (ours >= 0).all()
        assert ours.sum() == pytest.approx(1, abs=1e-4)
        assert ours.to_numpy() == pytest.approx(by_slsqp(before[iso3], others), abs=1e-3)


@pytest.mark.parametrize("name", POOLS)
def test_another_solver_finds_the_same_gaps_and_ranks(name):
    _, ours, theirs = ours_and_theirs(name)
    assert ours.to_numpy() == pytest.approx(theirs.to_numpy(), abs=0.1)
    after = theirs.loc[2000:]
    fall = after.mean().rank()["COL"]
    times = (after.pow(2).mean() / theirs.loc[1990:1999].pow(2).mean()).rank(ascending=False)
    printed = row(output("verdicts = {}"), name)
    assert printed[1] == pytest.approx(after.mean()["COL"], abs=0.06)
    assert printed[2:4] == [fall, times["COL"]]


def test_levels_do_not_fit_and_the_lesson_shows_it():
    rates = load("homicide").pivot(index="year", columns="iso3", values="rate_per_100k")
    before = rates.loc[1990:2013].dropna(axis="columns").loc[1990:1999]
    weights = pd.Series(
        by_slsqp(before["COL"], before.drop(columns="COL")), before.columns.drop("COL")
    )
    assert weights.round(2).loc["JAM"] == 1
    assert "In rates: {'JAM': 1.0}" in output("in_levels = weigh(")
    assert before["COL"].min() > before.drop(columns="COL").max().max()


def test_a_changed_rate_changes_the_weights():
    index, _, _ = ours_and_theirs("to 2013")
    before = index.loc[1990:1999]
    others = before.drop(columns="COL")
    shaken = others.assign(NIC=others["NIC"].iloc[::-1].to_numpy())
    weigh = lesson()["weigh"]
    assert weigh(before["COL"], others)["NIC"] > 0.7
    assert weigh(before["COL"], shaken)["NIC"] < 0.1


def test_the_pools_hold_every_country_with_a_complete_series():
    rates = load("homicide")
    for end, size in [(2013, 9), (2023, 8)]:
        years = rates.query("1990 <= year <= @end").groupby("iso3")["year"].nunique()
        complete = set(years[years == end - 1989].index)
        assert set(lesson()["pool"](end).columns) == complete
        assert len(complete) == size


def test_two_estimators_disagree_by_two_thirds():
    un, us, ratio = row(output("fields.loc[[2013, 2015, 2020, 2021]]"), 2013)
    assert (un, us) == (48_189, 80_500)
    assert us / un == pytest.approx(5 / 3, abs=0.02)
    assert ratio == round(us / un, 1)


def test_seizures_of_the_seven():
    assert row(output('pd.DataFrame({"2000–05, tonnes'), "the seven") == [23.9, 88.0]
    assert row(output('pd.DataFrame({"2000–05, tonnes'), "Mexico") == [24.0, 19.3]


def test_the_fields_as_a_balloon():
    changes = row(output('ends = {"2003 to 2010"'), "2003 to 2010")
    assert changes == [-24_528, 17_000, 7_400, -128]
    coca = load("coca").query("newest and estimator == 'UNODC' and year in [2003, 2010]")
    sums = coca.groupby("year")["hectares"].sum()
    assert sums[2010] - sums[2003] == -128


def drawn():
    return [
        output["data"][VEGALITE]
        for cell in CELLS
        if cell.cell_type == "code"
        for output in cell.outputs
        if VEGALITE in output.get("data", {})
    ]


def test_a_missing_year_is_drawn_as_a_gap():
    held = {
        (r.year, r.estimator) for r in load("coca").query("iso3 == 'COL' and newest").itertuples()
    }
    rows = next(iter(drawn()[0]["datasets"].values()))
    assert {(r["year"], r["estimator"]) for r in rows if r["hectares"] is not None} == {
        (year, who) for year, who in held if year >= 1990
    }
    assert {r["year"] for r in rows if r["estimator"] == "US" and r["hectares"] is None} == {
        2022, 2023, 2024,
    }  # fmt: skip


def test_no_probability_is_claimed_with_one_treated_country():
    text = " ".join(cell.source for cell in CELLS if cell.cell_type == "markdown").lower()
    for word in ("p-value", "significant", "caused by the plan", "thanks to the plan"):
        assert word not in text, word


def test_five_years_after_a_pretended_plan_are_set_beside_five_after_the_real_one():
    complete = lesson()["rates"].loc[1990:2013].dropna(axis="columns")
    early = complete.loc[1990:1999] / complete.loc[1990:1994].mean() * 100
    index = complete / complete.loc[1990:1999].mean() * 100
    gap = lesson()["gap"]
    pretended = pd.DataFrame({iso3: gap(iso3, early, last=1994) for iso3 in early})
    real = pd.DataFrame({iso3: gap(iso3, index) for iso3 in index})
    told = output("pretended = pd.DataFrame")
    for mean in (pretended.loc[1995:1999].mean(), real.loc[2000:2004].mean()):
        place = mean.rank()["COL"]
        assert f"mean gap of Colombia {mean['COL']:.1f}, place {place:.0f} of nine" in told
