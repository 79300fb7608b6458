"""`check` in a notebook's kernel: one line for every input, and never a traceback."""

import nbformat
import pytest

from americas.course.execute import execute

CASES = {
    'check("4.99", 3)': "4.99 · No check. There is no exercise of this number. Did you mean 4.1",
    'check("77.1", 3)': "77.1 · No check. There are exercises for lessons 00, ",
    'check("4.1", peru_2000)': (
        "4.1 · Not attempted. The name `peru_2000` doesn't exist yet. "
        "Run the cell above that makes it, then this one."
    ),
    'check("4.1", ...)': (
        "4.1 · Not attempted. Put your answer in the place of the three dots, "
        "run that cell, then this one."
    ),
    'check("4.1")': "4.1 · Not attempted.",
    'check("4.2", "a text")': "4.2 · Not yet. Your answer is a text. The question asks for a table",
    'check("4.2", pd.DataFrame({"x": range(10_000_000)}))': "10,000,000 rows, far more than any",
    'check("4.6", alt.Chart(aid.head(9)).mark_point().encode(x="fiscal_year:O"))': (
        "4.6 · Not yet. The chart is drawn with point marks."
    ),
    'check("4.1", 1 / 0)': "4.1 · Not yet. Something is divided by zero.",
    'check("4.1", aid["usd"])': "4.1 · Not yet. There is no column or label `usd`.",
    'check("4.1", aid.groupby("class"))': "4.1 · Not yet. Your answer is rows in groups",
}
SETUP = """
import altair as alt
import pandas as pd
from americas import check, load
aid = load("aid")
"""


@pytest.fixture(scope="module")
def answered(tmp_path_factory):
    folder = tmp_path_factory.mktemp("check")
    cells = [nbformat.v4.new_code_cell(source) for source in (SETUP, *CASES)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    execute(notebook, folder / "notebook.ipynb")
    assert list(folder.iterdir()) == [], "a check writes no file"
    return {cell.source: cell.outputs for cell in notebook.cells}


@pytest.mark.parametrize("source", CASES)
def test_one_line_that_says_what_is_wrong(answered, source):
    (output,) = answered[source]
    line = output["data"]["text/plain"]
    assert CASES[source] in line
    assert "\n" not in line
    assert "Traceback" not in line


@pytest.mark.parametrize("source", CASES)
def test_the_panel_says_the_same_and_more_than_a_colour(answered, source):
    page = answered[source][0]["data"]["text/html"]
    assert 'aria-hidden="true"' in page
    assert page.count("·") == 1


ERRORS = {
    'aid.query("usd > 3")': "The filter speaks of `usd`",
    'aid.query("(fiscal_year > 2000")': "inside the filter has no partner",
    'aid["usd"]': "There is no column or label `usd`",
    "aids": "Python doesn't know the name `aids` yet",
    "(3": "Python can't read this line",
    'load("aids")': "Did you mean 'aid'",
}


@pytest.fixture(scope="module")
def failed(tmp_path_factory):
    tags = {"tags": ["raises-exception"]}
    cells = [nbformat.v4.new_code_cell(SETUP)]
    cells += [nbformat.v4.new_code_cell(source, metadata=tags) for source in ERRORS]
    notebook = nbformat.v4.new_notebook(cells=cells)
    execute(notebook, tmp_path_factory.mktemp("errors") / "notebook.ipynb")
    return {cell.source: cell.outputs for cell in notebook.cells}


@pytest.mark.parametrize("source", ERRORS)
def test_an_error_is_told_in_plain_words_and_without_the_insides_of_pandas(failed, source):
    told = "\n".join(
        output.get("text", "") + "\n".join(output.get("traceback", [])) for output in failed[source]
    )
    assert ERRORS[source] in told
    assert "site-packages" not in told
    assert len(told.splitlines()) < 15
