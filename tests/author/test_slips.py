"""The obvious slips: which the build makes, and that it refuses an exercise that can't tell one."""

import nbformat
import pandas as pd
import pytest

from americas.author.keys import make_keys
from americas.author.slips import slips
from americas.author.solution_parser import read_set
from americas.checks.fingerprint import fingerprint
from americas.checks.key import judge
from americas.errors import CourseError

FILTERED = 'x = t.query("year == 2011 and rate >= 40")["rate"].mean() * 100'


def whats(code):
    return {slip.what: slip.code for slip in slips(code, "x")}


@pytest.mark.parametrize(
    ("what", "altered"),
    [
        ("2011 → 2012", "year == 2012 and rate >= 40"),
        ("2011 → 2010", "year == 2010 and rate >= 40"),
        ("without year == 2011", "query('rate >= 40')"),
        ("without rate >= 40", "query('year == 2011')"),
        ("without .query(…)", "x = t['rate'].mean()"),
        ("mean → sum", ".sum()"),
        ("mean → median", ".median()"),
        ("without * 100", "['rate'].mean()"),
        ("x times 1e6", "x = x * (1e6)"),
    ],
)
def test_one_thing_is_altered(what, altered):
    assert altered in whats(FILTERED)[what]


def test_the_other_sign_the_other_way_and_the_other_dollars():
    code = 't = aid[(aid["a"] <= b) & c].nlargest(5, "usd_2020").sort_values("a", ascending=False)'
    made = whats(code)
    assert "aid['a'] < b" in made["<= → <"]
    assert "nsmallest" in made["nlargest → nsmallest"]
    assert "ascending=True" in made["ascending=False → ascending=True"]
    assert "usd_current" in made["usd_2020 → usd_current"]
    assert "aid[c]" in made["without aid['a'] <= b"]
    assert "sort='x'" in whats('alt.Y("name:N", sort="-x")')["-x → x"]
    assert "mean(usd)" in whats('alt.Y("sum(usd):Q")')["sum → mean"]


def test_what_is_given_is_left_alone():
    made = slips("share = 2010\n# Your answer\nx = share + 2001", "x")
    assert {slip.what for slip in made if "→" in slip.what} == {"2001 → 2002", "2001 → 2000"}


OPENING = """
import pandas as pd
t = pd.DataFrame({"year": [2009, 2010, 2010, 2011, 2012], "deaths": [4.0, 2.0, 2.04, 6.0, 7.0]})
"""


def made(tmp_path, solution, *turns, **options):
    cells = [
        nbformat.v4.new_markdown_cell("# 99 · Small"),
        nbformat.v4.new_code_cell(OPENING),
        nbformat.v4.new_markdown_cell("## 99.1 · Count\n\nCall it `x`."),
    ]
    for number, turn in enumerate(turns):
        source = f"# Mistake {number}?\n{turn}\ncheck('99.1', x)"
        cells.append(nbformat.v4.new_code_cell(source, metadata={"tags": ["wrong-turn"]}))
    cells.append(nbformat.v4.new_code_cell(solution, metadata={"tags": ["solution"]}))
    check = {"tags": ["check"], "americas": options}
    cells.append(nbformat.v4.new_code_cell('check("99.1", x)', metadata=check))
    cells.append(nbformat.v4.new_markdown_cell("- Why? → So.", metadata={"tags": ["oral"]}))
    path = tmp_path / "99-small.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return make_keys(read_set(path))["99.1"]


WRONG = ("x = 101.5", "x = 102.5")
MEAN = 'x = t.query("year <= 2010")["deaths"].mean()'  # 2.68; with 2011 3.51, without 2010 4


def test_a_slip_that_rounds_to_the_answer_is_refused(tmp_path):
    with pytest.raises(CourseError, match=r"99\.1 can't tell slips .*“2010 → 2011” is accepted"):
        made(tmp_path, MEAN, *WRONG, decimals=-1)
    assert made(tmp_path, MEAN, *WRONG, decimals=1)


def test_a_count_that_another_year_gives_is_refused_unless_its_author_says_why(tmp_path):
    count = 'x = len(t.query("year == 2011"))'
    with pytest.raises(CourseError, match="can't tell slips") as refused:
        made(tmp_path, count, "x = 77", "x = 78")
    named = [part.split("”")[0] for part in str(refused.value).split("“")[1:] if "→" in part]
    assert len(named) == len(set(named)) > 0
    reasons = dict.fromkeys(named, "one row stands there in these years, too")
    assert made(tmp_path, count, "x = 77", "x = 78", same=reasons).answer["value"] == 1


def test_a_slip_that_changes_no_row_is_no_slip(tmp_path):
    key = made(tmp_path, 'x = len(t.query("deaths >= 3.5"))', "x = 77", "x = 78")
    assert judge("99.1", fingerprint(3), key).outcome == "correct"


def test_a_wrong_turn_that_a_slip_gives_by_chance_is_refused(tmp_path):
    with pytest.raises(CourseError, match=r"“2010 → 2011” gives what the wrong turn “Mistake 0\?”"):
        made(tmp_path, 'x = len(t.query("year == 2010"))', "x = len('a')", "x = 78")


def test_a_wrong_turn_that_is_the_slip_keeps_its_sentence(tmp_path):
    key = made(
        tmp_path, MEAN, 'x = t.query("year < 2010")["deaths"].mean()', "x = 78.5", decimals=1
    )
    told = judge("99.1", fingerprint(4.0), key)
    assert (told.wrong_turn, told.feedback.message) == (1, "Mistake 0?")


def test_a_mistake_that_only_rounds_to_a_slip_is_named_to_nobody_who_rounded(tmp_path):
    """3.51 is what a window a year longer gives; the author's mistake gives 3.54."""
    key = made(tmp_path, MEAN, "x = 3.54", "x = 78.5", decimals=1)
    assert key.wrong_turns[0]["exact"]
    assert judge("99.1", fingerprint(3.54), key).wrong_turn == 1
    assert judge("99.1", fingerprint(3.5), key).wrong_turn is None
    assert "other years" in judge("99.1", fingerprint(3.51), key).feedback.message


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (3.51, "This comes out with other years than the question names"),
        (4.0, "Go through it word by word"),  # a whole number may come from anywhere
        (8.04, "This comes out with sum. Which summary"),
        (268.0, "off by a factor of a hundred"),
        (3.5, "Go through it word by word"),
        (2.7, "Correct."),
    ],
)
def test_the_number_of_a_slip_is_told_what_makes_it(tmp_path, answer, told):
    key = made(tmp_path, MEAN, *WRONG, decimals=1)
    assert told in judge("99.1", fingerprint(answer), key).line()


def test_the_table_of_a_slip_is_told_what_makes_it(tmp_path):
    table = 'x = t.query("year <= 2010").groupby("year", as_index=False)["deaths"].mean()'
    key = made(tmp_path, table, *WRONG, decimals=1)
    rows = pd.DataFrame({"year": [2009, 2010], "deaths": [4.0, 2.02]})
    one_more = pd.concat([rows, pd.DataFrame({"year": [2011], "deaths": [6.0]})])
    for answer, told in (
        (rows, "Correct."),
        (one_more, "This comes out with other years"),
        (rows.assign(deaths=[4.0, 4.04]), "This comes out with sum"),
        (rows.assign(deaths=[4.0, 4.05]), "1 of 2 values in `deaths` differs"),
    ):
        assert told in judge("99.1", fingerprint(answer), key).line()


def test_a_count_is_told_of_no_slip(tmp_path):
    key = made(tmp_path, 'x = len(t.query("deaths >= 3.5"))', "x = 77", "x = 78")
    assert len(key.wrong_turns) == 2


def test_an_excuse_that_nothing_needs_and_one_without_words_are_refused(tmp_path):
    with pytest.raises(CourseError, match="excuses '2010 → 2011', which nothing needs"):
        made(tmp_path, MEAN, *WRONG, decimals=2, same={"2010 → 2011": "because of the table"})
    with pytest.raises(CourseError, match="the reason, in words"):
        made(tmp_path, MEAN, *WRONG, decimals=2, same={"2010 → 2011": "ok"})
