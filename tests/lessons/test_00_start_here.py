"""Lesson 00: its cheat sheet runs as printed, and the errors it meets are the three it names."""

import ast
import re

import altair as alt
import nbformat
import pandas as pd

import americas
from americas.course.paths import Course

LESSON = Course.of_this_package().root / "notebooks" / "00-start-here.ipynb"
CELLS = nbformat.read(LESSON, as_version=4).cells
SHEET = CELLS[-1].source
CODE = "\n".join(re.findall(r"```python\n(.*?)```", SHEET, re.DOTALL))


def test_every_line_of_the_cheat_sheet_runs_and_shows_something():
    assert SHEET.startswith("## Cheat sheet\n")
    names = {name: americas.load(name) for name in ("homicide", "countries", "population")}
    names |= {"alt": alt, "pd": pd, "about": americas.about}
    lines = ast.parse(CODE).body
    assert len(lines) >= 30
    for line in lines:
        if not isinstance(line, ast.Expr):
            exec(ast.unparse(line), names)
            continue
        shown = eval(ast.unparse(line), names)
        if isinstance(shown, alt.Chart):
            assert shown.to_dict()["encoding"], ast.unparse(line)
        elif isinstance(shown, pd.DataFrame | pd.Series):
            assert len(shown), ast.unparse(line)
        else:
            assert shown is not None, ast.unparse(line)


def test_the_verbs_of_the_cheat_sheet_are_taught_in_the_lesson():
    taught = "\n".join(cell.source for cell in CELLS[:-1])
    used = set(re.findall(r"\.(\w+)\(", CODE))
    assert used - set(re.findall(r"\.?(\w+)\(", taught)) == {"mark_point"}


def test_three_errors_are_met_and_explained():
    meant = [c for c in CELLS if "raises-exception" in c.metadata.get("tags", [])]
    kinds = [next(o.ename for o in c.outputs if o.output_type == "error") for c in meant]
    assert kinds == ["NameError", "SyntaxError", "KeyError"]
    for cell in meant:
        said = "".join(o.text for o in cell.outputs if o.output_type == "stream")
        assert said.startswith("In plain words: ")
        trace = "\n".join(next(o.traceback for o in cell.outputs if o.output_type == "error"))
        assert "site-packages" not in trace


def weighed(year, only=None):
    """Victims over people of CARSI and of the rest, each state with its last figure from 2000 on."""
    rates = americas.load("homicide").query("2000 <= year <= @year and iso3 != 'USA'")
    last = rates.sort_values("year").groupby("iso3").tail(1)
    if only:
        last = last.query("year == @year")
    rows = last.drop(columns="year").merge(americas.load("countries"), on="iso3")
    rows = rows.merge(americas.load("population").query("year == @year"), on="iso3")
    carsi = rows["programme"] == "CARSI"
    return [
        (rows["rate_per_100k"] * rows["population"])[group].sum() / rows["population"][group].sum()
        for group in (carsi, ~carsi)
    ]


def test_weighed_by_people_the_seven_are_ahead_but_2020_hangs_on_missing_rows():
    for year in range(2000, 2023):
        seven, rest = weighed(year, only=True)
        assert seven > rest
        assert 19.5 < rest < 25.5
    turned = [year for year in range(2000, 2023) if weighed(year)[0] < weighed(year)[1]]
    assert turned == [2020]
    said = "\n".join(cell.source for cell in CELLS)
    seven, rest = weighed(2020)
    assert f"comes to {seven:.1f} and that of the rest to {rest:.1f}" in said


def test_the_window_made_never_for_nicaragua_and_not_for_costa_rica():
    rows = americas.load("homicide").query("iso3 != 'USA'").merge(americas.load("countries"))
    rest = rows.query("programme != 'CARSI'").groupby("year")["rate_per_100k"].mean()
    states = rows.pivot(index="year", columns="name", values="rate_per_100k")
    for name, above in (("Costa Rica", []), ("Nicaragua", [1992])):
        own = states[name].dropna()
        assert [year for year in own.index if own[year] >= rest[year]] == above
