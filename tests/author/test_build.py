"""`americas build`: what it makes of a small set, and what it refuses, leaving every file alone."""

import copy
import json
import os
import shutil
import subprocess
import sys

import nbformat
import pytest

from americas.author.build import build as build_set
from americas.course.paths import Course

ROOT = Course.of_this_package().root
NAME = "99-small"

TOO_SHORT = "Did you count the numbers? The question asks for their sum."
LARGEST = "Is that the largest number? The question asks for all of them together."
TWICE = "Did you double it? Half is less than the whole."
WHOLE = "Is that the whole, not half of it?"


def code(source, *tags, **options):
    metadata = {"tags": list(tags)} | ({"americas": options} if options else {})
    return nbformat.v4.new_code_cell(source, metadata=metadata)


def text(source, *tags):
    return nbformat.v4.new_markdown_cell(source, metadata={"tags": list(tags)})


def small_set():
    return [
        text("# 99 · Small · exercises"),
        code("from americas import check\n\nnumbers = [1, 2, 3, 5]"),
        text("## 99.1 · Add\n\nAdd the numbers. Call it `total`."),
        code(f"# {TOO_SHORT}\ntotal = len(numbers)\ncheck('99.1', total)", "wrong-turn"),
        code(f"# {LARGEST}\ntotal = max(numbers)\ncheck('99.1', total)", "wrong-turn", "start"),
        code("total = sum(numbers)\ntotal", "solution"),
        code('check("99.1", total)', "check"),
        code('total = numbers[0] + 2 + 3 + 5\ncheck("99.1", total)', "also-right"),
        text("- Which line adds? → The one with `sum`.", "oral"),
        text("## 99.2 · Halve\n\nHalve the total. Call it `half`."),
        code(f"# {TWICE}\nhalf = total * 2\ncheck('99.2', half)", "wrong-turn"),
        code(f"# {WHOLE}\nhalf = total\ncheck('99.2', half)", "wrong-turn"),
        code("share = 1 / 2\n# Your answer\nhalf = total * share", "solution"),
        code('check("99.2", half)', "check", needs=["99.1"]),
        text("- Why half? → It was asked.\n- Of what? → Of the total.", "oral"),
        text("## 99.3 · Why?\n\nSay why."),
        code("numbers"),
        text("| What is looked for | Points |\n|---|---|\n| A reason | 1 |", "rubric"),
        text("Because.", "solution"),
        text("- Says who? → The author.", "oral"),
    ]


def place(cells, start):
    """Where the cell stands whose source begins so."""
    return next(i for i, cell in enumerate(cells) if cell.source.startswith(start))


def without(start):
    return lambda cells: cells.pop(place(cells, start))


def changed(start, old, new):
    def change(cells):
        cell = cells[place(cells, start)]
        assert old in cell.source
        cell.source = cell.source.replace(old, new)

    return change


def with_options(**options):
    return lambda cells: cells[place(cells, 'check("99.2"')].metadata.update(americas=options)


def store(folder, cells):
    notebook = nbformat.v4.new_notebook(cells=cells)
    path = folder / "solutions" / f"{NAME}.ipynb"
    path.parent.mkdir(exist_ok=True)
    nbformat.write(notebook, path)
    return path


def files(folder):
    return {p: p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


REFUSED = {
    "no check": (without('check("99.1"'), "exercise 99.1 has no check: add a cell tagged `check`."),
    "no solution": (without("total = sum"), "exercise 99.1 has no solution: tag a cell"),
    "a rubric without points": (
        changed("| What", "| 1 |", "| one |"), "exercise 99.3: its rubric gives no points."
    ),
    "no rubric": (without("| What"), "exercise 99.3 is written but has no cell tagged `rubric`."),
    "no oral question": (
        without("- Which line"), "exercise 99.1 has no oral question: end it with a markdown cell"
    ),
    "no oral question on a text": (without("- Says who"), "exercise 99.3 has no oral question"),
    "an oral question without an answer": (
        changed("- Says who", " → The author.", ""),
        "exercise 99.3: its oral questions can't be read. Write each as a list item",
    ),
    "one number twice": (
        changed("## 99.3", "99.3", "99.1"),
        "exercise 99.1 stands there twice. Give one of them another number.",
    ),
    "another lesson's number": (
        changed("## 99.3", "99.3", "98.3"), "exercise 98.3: the number belongs to another lesson."
    ),
    "one wrong turn": (
        without(f"# {TOO_SHORT}"), "exercise 99.1 has one wrong turn. At least two are needed"
    ),
    "a right wrong turn": (
        changed(f"# {LARGEST}", "max", "sum"),
        f"exercise 99.1: the wrong turn “{LARGEST}” equals the right answer.",
    ),
    "two wrong turns with one answer": (
        changed(f"# {LARGEST}", "max(numbers)", "4"),
        f"the wrong turn “{LARGEST}” gives the same answer as “{TOO_SHORT}”.",
    ),
    "two wrong turns with one sentence": (
        changed(f"# {LARGEST}", LARGEST, TOO_SHORT), "99.1: two wrong turns have one sentence."
    ),
    "a wrong turn without a sentence": (
        changed(f"# {LARGEST}", f"# {LARGEST}\n", ""),
        "exercise 99.1: a wrong turn has to open with a comment, the sentence the student reads.",
    ),
    "a wrong turn that tells where it can only guess": (
        changed(f"# {LARGEST}", LARGEST, "You took the largest number."),
        "the wrong turn “You took the largest number.” gives 5, a count that other mistakes may give",
    ),
    "a wrong turn that stops": (
        changed(f"# {LARGEST}", "max(numbers)", "numbers[9]"),
        f"the wrong turn “{LARGEST}” stops with IndexError: list index out of range.",
    ),
    "a wrong turn that gives no answer": (
        changed(f"# {LARGEST}", "max(numbers)", "..."), "gives no answer"
    ),
    "a wrong turn that checks something else": (
        changed(f"# {LARGEST}", "99.1", "99.2"), "exercise 99.1: a wrong turn checks 99.2."
    ),
    "a cell without its check": (
        changed(f"# {LARGEST}", "check('99.1', total)", ""),
        'exercise 99.1: a cell has to end with check("99.1", name).',
    ),
    "a cell that is no Python": (
        changed(f"# {LARGEST}", "max(numbers)", "max(numbers"),
        "exercise 99.1: line 1 of a cell is not Python.",
    ),
    "a prompt without the name": (
        changed("## 99.1", "`total`", "what you like"),
        "exercise 99.1: the prompt doesn't say to call the answer `total`.",
    ),
    "a solution that builds on another exercise": (
        with_options(),
        "exercise 99.2: the solution, run by itself below the opening cells, stops with NameError: "
        "name 'total' is not defined. If it builds on another exercise, say so",
    ),
    "a need that is not checked": (
        with_options(needs=["99.3"]), "exercise 99.2 needs 99.3, which is no checked exercise"
    ),
    "an unknown option": (
        with_options(needs=["99.1"], digits=1), "The check cell's metadata has digits, but a check"
    ),
    "no exercise": (lambda cells: cells.__delitem__(slice(2, None)), "has no exercise"),
}  # fmt: skip


@pytest.mark.parametrize(("edit", "sentence"), REFUSED.values(), ids=REFUSED)
def test_an_unsound_set_is_refused_with_a_sentence(edit, sentence, tmp_path, capsys):
    cells = small_set()
    edit(cells)
    store(tmp_path, cells)
    before = files(tmp_path)
    assert build_set(Course(tmp_path), [NAME]) == 1
    shown = capsys.readouterr()
    assert sentence in shown.err
    assert NAME in shown.err
    assert len(shown.err.strip().split("\n")) == 1
    assert shown.out == ""
    assert files(tmp_path) == before


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course of its own that holds the small set, built."""
    folder = tmp_path_factory.mktemp("course")
    ours = shutil.ignore_patterns("__pycache__", "*.json")
    shutil.copytree(ROOT / "src", folder / "src", ignore=ours)
    shutil.copy(ROOT / "pyproject.toml", folder)
    store(folder, small_set())
    done = build(folder)
    assert done.returncode == 0, done.stderr
    assert f"{NAME}: 3 exercises, 6 slips tried" in done.stdout
    assert f"number 4 → {TOO_SHORT}" in done.stdout
    assert "99.2 Halve: `half` is number 5.5" in done.stdout
    return folder


def build(folder, *options):
    return subprocess.run(
        [sys.executable, "-c", "import sys; from americas.cli import main; sys.exit(main())",
         "build", NAME, *options],
        env=os.environ | {"PYTHONPATH": str(folder / "src"), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )  # fmt: skip


def stored(course):
    return {
        path: content
        for room in ("solutions", "exercises", "src/americas/checks/keys")
        for path, content in files(course / room).items()
    }


def exercise(course):
    return nbformat.read(course / "exercises" / f"{NAME}.ipynb", as_version=4)


def test_what_a_student_gets(course):
    notebook = exercise(course)
    assert [cell.source for cell in notebook.cells] == [
        "# 99 · Small · exercises",
        "from americas import check\n\nnumbers = [1, 2, 3, 5]",
        "## 99.1 · Add\n\nAdd the numbers. Call it `total`.",
        "total = max(numbers)",
        'check("99.1", total)',
        "## 99.2 · Halve\n\nHalve the total. Call it `half`.",
        "share = 1 / 2\n# Your answer\nhalf = ...",
        'check("99.2", half)',
        "## 99.3 · Why?\n\nSay why.",
        "numbers",
        "| What is looked for | Points |\n|---|---|\n| A reason | 1 |",
        "*Write your answer here.*",
    ]


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (changed("numbers", "numbers", "1 / 0"), "ZeroDivisionError: division by zero"),
        (
            changed("total = numbers[0]", "numbers[0]", "numbers[1]"),
            "exercise 99.1: a cell tagged `also-right` is told “99.1 · Not yet.",
        ),
    ],
)
def test_a_run_that_fails_leaves_keys_and_notebooks(course, edit, sentence):
    path = course / "solutions" / f"{NAME}.ipynb"
    kept = path.read_bytes()
    cells = small_set()
    # The keys change, too, so that new ones left behind would show.
    changed("from americas", "[1, 2, 3, 5]", "[1, 2, 3, 6]")(cells)
    changed("total = numbers[0]", "+ 5", "+ 6")(cells)
    edit(cells)
    store(course, cells)
    before = stored(course)
    done = build(course)
    assert (done.returncode, done.stdout) == (1, "")
    assert sentence in done.stderr
    after = stored(course)
    path.write_bytes(kept)
    assert after == before


def test_an_edited_exercise_is_refused_and_kept_until_it_is_discarded(course):
    path = course / "exercises" / f"{NAME}.ipynb"
    before = stored(course)
    notebook = exercise(course)
    notebook.cells[2].source += " Quickly."
    nbformat.write(notebook, path)
    edited = stored(course)
    done = build(course)
    assert done.returncode == 1
    assert f"exercises/{NAME}.ipynb was edited since it was built" in done.stderr
    assert stored(course) == edited
    # Built a second time, everything is the same to the last byte.
    assert build(course, "--discard").returncode == 0
    assert stored(course) == before


def test_a_notebook_that_is_missing_or_cut_short(tmp_path, capsys):
    assert build_set(Course(tmp_path), [NAME]) == 1
    assert "There is no notebook" in capsys.readouterr().err
    path = store(tmp_path, small_set())
    path.write_bytes(path.read_bytes()[:500])
    assert build_set(Course(tmp_path), [NAME]) == 1
    assert "can't be read" in capsys.readouterr().err
    assert path.stat().st_size == 500


def saved(notebook, answers, *, clear=False):
    """A student's notebook as it was saved, with these answers and what the checks then said."""
    notebook = copy.deepcopy(notebook)
    answered = [c for c in notebook.cells if "answer" in c.metadata.get("tags", [])]
    for cell, answer in zip(answered, answers, strict=False):
        cell.source = answer
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None if clear else 7
        if "check" in cell.metadata.get("tags", []) and not clear:
            line = {"text/plain": f"{cell.source[7:11]} · Not yet. {LARGEST}"}
            cell.outputs = [nbformat.v4.new_output("display_data", line)]
    return notebook


def test_pytest_checks_a_students_work_however_it_was_saved(course):
    """A saved "Not yet" is no standard, nor is nothing; and what a student looks at is free."""
    built = exercise(course)
    right = ["total = sum(numbers)\ntotal", "half = total / 2\nhalf"]
    notebooks = {
        "wrong": saved(built, ["total = max(numbers)", "half = 1"]),
        "cleared": saved(built, ["total = max(numbers)", "half = 1"], clear=True),
        "right": saved(built, right),
        "right-cleared": saved(built, right, clear=True),
    }
    folder = course / "class"
    (folder / "exercises").mkdir(parents=True)
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copy(ROOT / "exercises" / "conftest.py", folder / "exercises")
    for name, notebook in notebooks.items():
        nbformat.write(notebook, folder / "exercises" / f"{name}.ipynb")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-n0", "-q", "-rf", "--color=no", "exercises"],
        cwd=folder,
        env={k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}
        | {"PYTHONPATH": str(course / "src")},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    failed = [line.split()[1] for line in done.stdout.split("\n") if line.startswith("FAILED")]
    assert sorted(failed) == [
        f"exercises/{name}.ipynb::Cell" for name in ("cleared", "cleared", "wrong", "wrong")
    ], json.dumps(done.stdout)
