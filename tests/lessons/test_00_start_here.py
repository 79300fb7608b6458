"""Lesson 00: its cheat sheet runs as printed, and the errors it meets are the three it names."""

import ast
import re
from pathlib import Path

import altair as alt
import nbformat
import pandas as pd

import americas

LESSON = Path(__file__).parents[2] / "notebooks" / "00-start-here.ipynb"
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
