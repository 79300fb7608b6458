"""Answers are found again, whatever a student did to the cells around them."""

import pytest

ALL = 8


def copied(handed):
    """The answer and the check once more, untouched, below the solved ones."""
    handed.insert("4.1", 'check("4.1", peru_2000)').insert("4.1", "peru_2000 = ...")


def split(handed):
    """One answer in two cells, and a cell of notes between them."""
    code = handed.answer("4.1")
    handed.put("4.1", code + "\nhalf = peru_2000\ndel peru_2000")
    handed.cells.insert(
        handed.cells.index(handed.tagged("check", "4.1")),
        {"cell_type": "code", "metadata": {}, "source": "peru_2000 = half"},
    )


def merged(handed):
    handed.put("4.1", handed.answer("4.1") + '\ncheck("4.1", peru_2000)\n' + handed.answer("4.2"))
    handed.remove("check", "4.1").remove("answer", "4.2")


def moved(handed):
    answer = handed.tagged("answer", "4.1")
    handed.cells.remove(answer)
    handed.cells.append(answer)


def upside_down(handed):
    sections, opening = [], []
    for cell in handed.cells:
        if "".join(cell["source"]).startswith("## "):
            sections.append([])
        (sections[-1] if sections else opening).append(cell)
    handed.book["cells"] = opening + [cell for part in reversed(sections) for cell in part]


def corrected_below(handed):
    """A wrong answer first, checked; the right one in a new cell, checked again."""
    handed.put("4.1", "peru_2000 = 1")
    handed.insert("4.1", 'check("4.1", peru_2000)').insert("4.1", handed.answer("4.1"))


def without_checks(handed):
    for number in handed.numbers:
        handed.remove("check", number)


def without_prompts(handed):
    for number in handed.numbers:
        handed.remove("prompt", number)


def without_opening(handed):
    handed.book["cells"] = [
        c
        for c in handed.cells
        if "load(" not in "".join(c["source"]) or "answer" in c["metadata"].get("tags", [])
    ]


def as_text(handed):
    handed.tagged("answer", "4.1")["cell_type"] = "markdown"


def as_quoted_text(handed):
    cell = handed.tagged("answer", "4.1")
    cell["cell_type"] = "markdown"
    cell["source"] = f"My answer:\n\n```python\n{''.join(cell['source'])}\n```\n"


def as_raw(handed):
    handed.tagged("answer", "4.1")["cell_type"] = "raw"


def other_ids(handed):
    for position, cell in enumerate(handed.cells):
        cell["id"] = f"other-{position}"


def one_id_for_all(handed):
    for cell in handed.cells:
        cell["id"] = "same"


def renamed_in_the_check(handed):
    handed.tagged("check", "4.1")["source"] = 'check("4.1", peru_2001)'


def renamed(handed):
    handed.put("4.1", handed.answer("4.1").replace("peru_2000", "my_peru"))
    handed.tagged("check", "4.1")["source"] = 'check("4.1", my_peru)'


def renamed_beside_the_dots(handed):
    renamed(handed)
    handed.insert("4.1", "peru_2000 = ...")


def check_in_a_formula(handed):
    handed.tagged("check", "4.1")["source"] = 'check("4.1", answer=peru_2000);'


def own_imports(handed):
    handed.insert("4.1", "from americas import *\nimport americas as a\na.check('4.1', peru_2000)")


def in_a_function(handed):
    body = handed.answer("4.1").replace("\n", "\n  ")
    handed.put("4.1", f"def solve():\n  {body}\n  return peru_2000\nperu_2000 = solve()")


def name_used_again(handed):
    """Below its check a name may go on to mean something else."""
    handed.insert("4.1", "peru_2000 = 'Peru'")


CASES = [
    (copied, ALL, ""), (split, ALL, ""), (merged, ALL, ""), (moved, ALL, ""),
    (upside_down, ALL, ""), (corrected_below, ALL, ""), (without_checks, ALL, "gone or changed"),
    (without_prompts, ALL, ""), (without_opening, ALL, ""), (as_text, ALL, "in a text cell"),
    (as_quoted_text, ALL, "in a text cell"), (as_raw, ALL, "in a text cell"),
    (other_ids, ALL, ""), (one_id_for_all, ALL, ""), (renamed_in_the_check, ALL, ""),
    (renamed, ALL, "called `my_peru`"), (renamed_beside_the_dots, ALL, "called `my_peru`"),
    (check_in_a_formula, ALL, ""), (own_imports, ALL, ""), (in_a_function, ALL, ""),
    (name_used_again, ALL, ""),
]  # fmt: skip


@pytest.mark.parametrize(("change", "earned", "note"), CASES, ids=[c[0].__name__ for c in CASES])
def test_a_solved_set_stays_solved(handed, mark, notes, points, change, earned, note):
    change(handed.solve())
    result = mark(handed.raw())
    assert points(result) == earned, result
    assert note in notes(result)


def test_a_deleted_answer_is_missed_by_name(handed, mark, points, told):
    result = mark(handed.solve().remove("answer", "4.1").raw())
    assert points(result) == ALL - 1
    assert told(result, "4.1") == ("not attempted", "No cell makes `peru_2000`.")


def test_the_last_check_counts(handed, mark, told):
    handed.solve().insert("4.1", 'peru_2000 = 1\ncheck("4.1", peru_2000)')
    assert told(mark(handed.raw()), "4.1")[0] == "not yet"


def test_what_was_handed_out_is_not_attempted(handed, mark, told):
    result = mark(handed.raw())
    assert {told(result, number)[0] for number in [*handed.numbers, "4.9"]} == {"not attempted"}


def test_a_wrong_turn_is_told_by_its_sentence(handed, mark):
    handed.put("4.1", "peru_2000 = aid.query(\"recipient == 'PER'\")['usd_current'].sum() / 1e6")
    record = mark(handed.raw())["exercises"][0]
    assert record["outcome"] == "not yet"
    assert record["wrong_turn"]


def test_a_file_beside_the_notebook_is_found(handed, mark, points):
    read = "import pandas as pd\nassert len(pd.read_csv('../data/aid.csv'))\n"
    assert points(mark(handed.put("4.1", read + handed.answer("4.1")).raw())) == 1


def test_a_written_answer_is_gathered(handed, mark):
    handed.cells[-1]["source"] = "*Write your answer here.*\n\nThe Senate agreed, Colombia's too."
    result = mark(handed.raw())
    assert result["texts"]["4.9"] == "The Senate agreed, Colombia's too."
    assert result["exercises"][-1]["outcome"] == "to be marked"
