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
        "4.6 · Not yet. Nothing is drawn as y yet."
    ),
    'check("4.6", alt.Chart("aid.csv").mark_bar().encode(x="a:O", y="b:Q"))': (
        "4.6 · Not yet. The chart reads its data from a file or an address"
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


# The commonest mistakes of a beginner, each run as its student would run it.
ERRORS = {
    'aid.query("usd > 3")': "The filter speaks of `usd`",
    'aid.query("fiscal_yaer > 3")': "Did you mean `fiscal_year`?",
    'aid.query("(fiscal_year > 2000")': "inside the filter has no partner",
    "aid.query(\"recipient = 'PER'\")": "compares with two equals signs",
    "aid.query(\"class == 'military'\")": "between backticks",
    'aid[(aid["fiscal_year"] > 2000) and (aid["class"] == "military")]': "write & for and",
    'aid[aid["fiscal_year"] > 2000 & aid["fiscal_year"] < 2010]': "with brackets round each",
    'aid[aid["recipient"] == "PER" & aid["class"] == "military"]': "Put each in round brackets",
    'aid["fiscal_year" > 2000]': "A text and a number are compared",
    'aid["usd"]': "There is no column or label `usd`",
    'aid["USD_Current"]': "Did you mean `usd_current`?",
    'aid[["class", "usd"]]': "not in the table: `usd`",
    'aid["class", "account"]': "with two brackets on each side",
    "aids": "Did you mean `aid`?",
    "peru_2000": "Python doesn't know the name `peru_2000` yet. Run the cell above",
    "np.mean([1, 2])": "write `import numpy as np` above",
    "aid.grouby('class')": "Did you mean `.groupby`?",
    "aid.head(3": "was opened in this cell and never closed",
    "aid.head(3))": "one closing bracket ) too many",
    "aid.head(3]": "of another kind",
    'print("3)': "A quotation mark has no partner",
    "if aid.size = 3: pass": "To compare two values write two",
    "year = 2000\n  aid": "A line starts too far right",
    'alt.Chart(aid.head(9)).encode(x="class:N")': "add a mark, such as .mark_line()",
    'alt.Chart(aid).mark_bar().encode(x="class:N")': "more than 5,000 rows",
    'alt.Chart(aid.head(9)).mark_bar().encode(x=alt.X("class:N", titel="x"))': "one of the words",
    'load("aids")': "Did you mean 'aid'",
}


@pytest.fixture(scope="module")
def failed(tmp_path_factory):
    tags = {"tags": ["raises-exception"]}
    setup = SETUP + "from americas import style\nstyle()"
    cells = [nbformat.v4.new_code_cell(setup)]
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
    assert len(told.splitlines()) < 25


def test_an_import_changes_nothing_in_a_notebook(tmp_path):
    before = "shell = get_ipython()\nkept = len(shell.ast_transformers), shell.showtraceback"
    source = "\n".join([
        before,
        "import americas, americas.checks.check, americas.checks.ipython_hooks",
        "assert (len(shell.ast_transformers), shell.showtraceback) == kept",
        "assert not shell.custom_exceptions",
        "americas.style()",
        "assert len(shell.ast_transformers) == kept[0] + 1",
        "print('the same')",
    ])  # fmt: skip
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    execute(notebook, tmp_path / "notebook.ipynb")
    assert "the same" in notebook.cells[0].outputs[0]["text"]
