"""Every exercise set: what students get is made from the solution, and checks do their work.

Unsolved, a notebook fails at exactly its checks; with the solutions put in, all of it passes; each
wrong turn is answered with its own sentence, and right answers in other spellings are Correct.
"""

import json
import math
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import nbformat
import pytest

from americas.author.build import digest
from americas.author.keys import make_keys
from americas.author.solution_parser import opening_comment, read_set, without_check
from americas.author.student_notebook import exercise_notebook
from americas.checks.check import Key, Verdict, judge
from americas.course.paths import Course
from americas.course.rubric import rows
from americas.grade.assignment import Sets

ROOT = Course.of_this_package().root
SETS = sorted((ROOT / "solutions").glob("*.ipynb"))
FEWEST_CHECKED, FEWEST_WRITTEN = 6, 1
FEWEST_WRONG, FEWEST_ALSO_RIGHT = 2, 3

every_set = pytest.mark.parametrize("path", SETS, ids=lambda path: path.stem)


def cells(path, tag=None):
    notebook = nbformat.read(path, as_version=4)
    return [c for c in notebook.cells if tag in (None, *c.metadata.get("tags", []))]


def exercise_of(path):
    return ROOT / "exercises" / path.name


def keys_of(path):
    text = (ROOT / "src/americas/checks/keys" / f"{path.stem}.json").read_text(encoding="utf-8")
    return {n: Key.decoded(key) for n, key in json.loads(text)["exercises"].items()}


def number_of(cell):
    return without_check(cell.source, "")[1]


def told(cell):
    """What a check said: one output, whose text is one line."""
    [output] = cell.outputs
    return output.data["text/plain"]


def correct(cell):
    return Verdict(number_of(cell), "correct").line()


def outcomes(folder):
    """Run the README's command on a folder's notebooks: {file: {number of code cell: passed}}."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-n0", "-q", "--junitxml=report.xml", "exercises"],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode in {0, 1}, done.stdout + done.stderr
    found = {}
    for case in ElementTree.parse(folder / "report.xml").iter("testcase"):
        name = case.get("classname").removeprefix("exercises.").removesuffix(".ipynb")
        cell = int(case.get("name").removeprefix("Cell "))
        found.setdefault(name, {})[cell] = not len(case)
    return found


def folder_of_notebooks(folder, notebooks):
    """A folder in which the README's command runs: its settings, the conftest, the notebooks."""
    (folder / "exercises").mkdir()
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copy(ROOT / "exercises" / "conftest.py", folder / "exercises")
    for name, notebook in notebooks.items():
        nbformat.write(notebook, folder / "exercises" / f"{name}.ipynb")
    return folder


def checks_of(notebook):
    """The places of the checks among the code cells, as nbval counts them."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [i for i, cell in enumerate(code) if "check" in cell.metadata.get("tags", [])]


def solved(path):
    """The student's notebook with the author's solution in the place of each answer."""
    solutions = {cell.id: cell.source for cell in cells(path, "solution")}
    notebook = nbformat.read(exercise_of(path), as_version=4)
    for cell in notebook.cells:
        if "answer" in cell.metadata.get("tags", []):
            cell.source = solutions[cell.id]
    return notebook


def test_there_are_sets():
    assert SETS


# What a check says beside its line isn't looked at: the stored one was never run.
RUN = """
import json, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from rerun import differences
print(json.dumps({path: differences(Path(path)) for path in sys.argv[2:]}))
"""


@pytest.fixture(scope="module")
def shown_anew(tmp_path_factory):
    """Run every set unsolved and solved, in one process: {(state, set): what cells now show}."""
    paths = {}
    for path in SETS:
        folder = tmp_path_factory.mktemp(path.stem)
        unsolved = nbformat.read(exercise_of(path), as_version=4)
        for state, notebook in (("unsolved", unsolved), ("solved", solved(path))):
            paths[state, path.stem] = folder / f"{state}.ipynb"
            nbformat.write(notebook, paths[state, path.stem])
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(ROOT / "tests" / "lessons"), *map(str, paths.values())],
        capture_output=True,
        encoding="utf-8",
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    return {key: {c["cell"]: c["now"] for c in found[str(p)]} for key, p in paths.items()}


@every_set
@pytest.mark.parametrize("state", ["unsolved", "solved"])
def test_unsolved_it_fails_at_exactly_the_checks_and_solved_nowhere(state, path, shown_anew):
    shown = shown_anew[state, path.stem]
    notebook = cells(exercise_of(path))
    checks = {i for i, cell in enumerate(notebook) if "check" in cell.metadata.get("tags", [])}
    assert checks <= shown.keys()
    assert not [i for i, outputs in shown.items() if any("error" in one for one in outputs)]
    lines = {i: shown[i][-1]["data"]["text/plain"] for i in checks}
    passed = {i for i in checks if lines[i] == correct(notebook[i])}
    assert passed == (set() if state == "unsolved" else checks), lines


def test_the_readmes_command_is_red_at_the_checks_and_green_when_solved(tmp_path):
    [path] = [path for path in SETS if path.stem.startswith("04")]
    unsolved = nbformat.read(exercise_of(path), as_version=4)
    folder = folder_of_notebooks(tmp_path, {"unsolved": unsolved, "solved": solved(path)})
    found = outcomes(folder)
    assert [i for i, passed in found["unsolved"].items() if not passed] == checks_of(unsolved)
    assert len(found["solved"]) == len(found["unsolved"])
    assert [i for i, passed in found["solved"].items() if not passed] == []


def close(one, other):
    """Equal but for the last digits, in which processors differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(close(one[k], other[k]) for k in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(close, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
    return one == other


@every_set
def test_the_committed_exercises_and_keys_are_the_made_ones(path):
    made = read_set(path)
    notebook = nbformat.read(exercise_of(path), as_version=4)
    assert [(c.id, c.cell_type, c.source, c.metadata) for c in notebook.cells] == [
        (c.id, c.cell_type, c.source, c.metadata) for c in exercise_notebook(made).cells
    ]
    assert notebook.metadata["americas"]["digest"] == digest(notebook)
    committed, keys = keys_of(path), make_keys(made)
    assert list(committed) == list(keys)
    for number, key in keys.items():
        assert close(vars(committed[number]), vars(key)), number


@every_set
def test_an_unsolved_check_shows_that_nothing_was_checked(path):
    for cell in cells(exercise_of(path), "check"):
        assert told(cell) == correct(cell)
        assert "Not checked yet" in cell.outputs[0].data["text/html"]
        assert cell.metadata["editable"] is cell.metadata["deletable"] is False


@every_set
def test_no_solution_travels_to_the_student(path):
    student = cells(exercise_of(path))
    given = "\n".join(cell.source for cell in student)
    for cell in cells(path, "solution") + cells(path, "also-right"):
        assert cell.source not in given
    for cell in cells(path, "wrong-turn"):
        assert opening_comment(cell.source) not in " ".join(given.replace("# ", "").split())
    assert {tag for c in student for tag in c.metadata.get("tags", [])} <= {
        "answer",
        "check",
        "rubric",
    }


@every_set
def test_each_wrong_turn_is_told_its_own_sentence(path):
    keys = keys_of(path)
    turns = cells(path, "wrong-turn")
    sentences = [opening_comment(cell.source) for cell in turns]
    assert len(set(sentences)) == len(sentences)
    for cell, sentence in zip(turns, sentences, strict=True):
        number = number_of(cell)
        assert told(cell) == f"{number} · Not yet. {sentence}"
        [answer] = [t["answer"] for t in keys[number].wrong_turns if t["sentence"] == sentence]
        found = judge(number, answer, keys[number])
        assert found.line() == found.line(again=True) == told(cell)


@every_set
def test_right_answers_are_correct_in_every_spelling(path):
    for tag in ("check", "also-right"):
        for cell in cells(path, tag):
            assert told(cell) == correct(cell), cell.source


@every_set
def test_there_is_enough_of_everything(path):
    exercises = read_set(path).exercises
    checked = [exercise for exercise in exercises if not exercise.written]
    assert len(checked) >= FEWEST_CHECKED
    assert len(exercises) - len(checked) >= FEWEST_WRITTEN
    for exercise in checked:
        assert len(exercise.wrong_turns) >= FEWEST_WRONG, exercise.number
        assert len(set(exercise.also_right)) >= FEWEST_ALSO_RIGHT, exercise.number
        assert exercise.solution.source not in exercise.also_right, exercise.number
    assert any(turn.start for exercise in checked for turn in exercise.wrong_turns), "no repair"
    assert any(key.answer["kind"] == "chart" for key in keys_of(path).values()), "no chart"


@every_set
def test_a_written_answer_earns_the_points_of_its_rubric(path):
    assignment = Sets().assignment(path.stem[:2])
    for exercise in assignment.exercises:
        if exercise.written:
            head, *body = rows(exercise.rubric)
            given = [row[[title.lower() for title in head].index("points")] for row in body]
            total = [int(number) for number in given if number.isdecimal()]
            assert len(total) >= 3, exercise.number
            assert exercise.points == sum(total) >= 8, exercise.number
