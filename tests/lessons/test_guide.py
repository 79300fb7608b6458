"""The teacher's guide: it says of each lesson what a teacher needs, and only what the lesson says.

Lessons and sets change; what the guide quotes of them has to change with them.
"""

import os
import re
import shutil
import subprocess
import sys
from functools import cache

import nbformat
import pytest

from americas.author.solution_parser import read_set
from americas.course.paths import Course

ROOT = Course.of_this_package().root
LESSONS = sorted(path.stem for path in (ROOT / "notebooks").glob("[0-9][0-9]-*.ipynb"))
PIECES = [
    "Aim",
    "Minutes",
    "What to say",
    "Where classes stumble",
    "Discussion",
    "When time is short",
    "The sceptic",
]
# Of two digits or more: one to nine are said in words, or number a figure.
NUMBER = re.compile(r"\d[\d,]*\d(?:\.\d+)?|\d\.\d+")
every_lesson = pytest.mark.parametrize("lesson", LESSONS)


@cache
def guide():
    return (ROOT / "solutions" / "README.md").read_text(encoding="utf-8")


@cache
def cells(lesson):
    return nbformat.read(ROOT / "notebooks" / f"{lesson}.ipynb", as_version=4).cells


@cache
def the_set(lesson):
    return read_set(ROOT / "solutions" / f"{lesson}.ipynb")


@cache
def text(lesson):
    """All that a lesson says and shows."""
    shown = [cell.source for cell in cells(lesson)]
    for cell in cells(lesson):
        for output in cell.get("outputs", []):
            shown += [output.get("text", ""), output.get("data", {}).get("text/plain", "")]
    return "\n".join(shown)


def title(lesson):
    return cells(lesson)[0].source.split("\n")[0].removeprefix("# ")


def part(lesson):
    """What the guide says of one lesson."""
    after = guide().partition("\n## Lesson by lesson\n")[2].partition(f"\n### {lesson[:2]} · ")[2]
    return re.split(r"\n##+ ", after)[0]


def piece(lesson, name):
    """One piece of that part, from its bold name to the next one."""
    after = part(lesson).partition(f"**{name}.**")[2]
    return re.split(r"\n\*\*(?:" + "|".join(PIECES) + r")\.\*\*", after)[0].strip()


def parts_and_minutes(lesson):
    """The row Time of a lesson's head: all minutes, and those of each part."""
    form = r"\| \*\*Time\*\* \| (\d+) minutes in class(, \d+ of them core)?: (.+) \|"
    total, core, row = re.search(form, cells(lesson)[0].source).groups()
    named = [re.fullmatch(r"(.+) (\d+)", one).groups() for one in row.split(" · ")]
    return int(total), f"{total}{core or ''}: {row}", {name: int(n) for name, n in named}


def rows(heading):
    """The rows of the table that stands under a heading of the guide."""
    section = re.split(r"\n##+ ", guide().partition(f"### {heading}\n")[2])[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def by_number(number):
    return next(lesson for lesson in LESSONS if lesson.startswith(number))


@every_lesson
def test_each_lesson_has_its_part_with_every_piece(lesson):
    assert f"\n### {title(lesson)}\n" in guide()
    assert re.findall(r"^\*\*(.+?)\.\*\*", part(lesson), re.MULTILINE) == PIECES
    assert all(len(piece(lesson, name).split()) >= 10 for name in PIECES)
    for folder in ("../notebooks/", "../exercises/", ""):
        assert f"]({folder}{lesson}.ipynb)" in part(lesson)


@every_lesson
def test_minutes_are_those_of_the_lessons_head(lesson):
    _, row, _ = parts_and_minutes(lesson)
    assert piece(lesson, "Minutes") == row


def test_the_term_has_every_lesson_once_with_its_minutes():
    table = rows("A term of twelve weeks")
    assert [row[0] for row in table] == [str(week) for week in range(1, len(LESSONS) + 1)]
    told = [(row[1], int(row[2])) for row in table]
    assert told == [
        (f"[{title(lesson)}](../notebooks/{lesson}.ipynb)", parts_and_minutes(lesson)[0])
        for lesson in LESSONS
    ]


@pytest.mark.parametrize(
    ("heading", "lesson", "named", "minutes"),
    [("Three weeks, or six", 1, 2, 3), ("One day", 2, 3, 4)],
)
def test_minutes_of_a_short_plan_are_the_sum_of_its_parts(heading, lesson, named, minutes):
    taught = [row for row in rows(heading) if row[lesson]]
    assert len(taught) == 6
    for row in taught:
        total, _, parts = parts_and_minutes(by_number(row[lesson]))
        if row[named] != "all":
            total = sum(parts[name] for name in row[named].split(" · "))
        assert int(row[minutes]) == total, row


def test_the_short_plan_says_which_lessons_it_leaves_out():
    taught = {row[1] for row in rows("Three weeks, or six")}
    (said,) = re.findall(r"Left out are lessons (.+?)\. ", guide())
    left_out = [lesson[:2] for lesson in LESSONS if lesson[:2] not in taught]
    assert re.findall(r"\d\d", said) == left_out
    told = re.split(r"\n###? ", guide().partition("Left out are lessons ")[2])[0]
    for number in left_out:
        assert re.search(rf"^- \*\*C\d\*\* \(lessons? .*{number}", told, re.MULTILINE), number


def test_the_quiz_of_the_short_plan_is_for_the_lessons_that_it_teaches():
    (named,) = re.findall(r"`americas quiz ([\d ]+)`", guide())
    assert named.split() == [row[1] for row in rows("Three weeks, or six")]


def test_nothing_of_the_day_overlaps():
    times = [(row[0], int(row[4])) for row in rows("One day")]
    begun = [int(time[:2]) * 60 + int(time[3:]) for time, _ in times]
    for (start, (_, minutes)), end in zip(zip(begun, times, strict=True), begun[1:], strict=False):
        assert start + minutes <= end


@every_lesson
def test_each_exercise_of_the_three_weeks_exists(lesson):
    numbers = {exercise.number for exercise in the_set(lesson).exercises}
    for row in rows("Three weeks, or six"):
        if row[1] == lesson[:2]:
            assert set(re.findall(r"\d+\.\d+", row[4])) <= numbers


@every_lesson
def test_each_discussion_question_has_its_answer(lesson):
    discuss = next(cell.source for cell in cells(lesson) if cell.source.startswith("## Discuss"))
    questions = re.findall(r"^\d+\. (.+)$", discuss, re.MULTILINE)
    answers = re.findall(r"^(\d+)\. \*(.+?)\*: (.+)$", piece(lesson, "Discussion"), re.MULTILINE)
    assert [int(number) for number, _, _ in answers] == list(range(1, len(questions) + 1))
    for question, (_, opening, answer) in zip(questions, answers, strict=True):
        assert opening in question.replace("*", "")
        assert len(answer.split()) >= 20


@every_lesson
def test_the_wrong_turns_named_are_in_the_set(lesson):
    known = {ex.number for ex in the_set(lesson).exercises if ex.wrong_turns}
    named = re.findall(r"[Ee]xercises? (\d+\.\d+)(?: and (\d+\.\d+))?", part(lesson))
    numbers = {number for pair in named for number in pair if number}
    assert len(numbers) >= 3
    assert numbers <= known


@every_lesson
def test_figures_and_sections_named_exist(lesson):
    text_of_part = part(lesson)
    elsewhere = r"[Ll]esson (\d\d), (Figure|section) (\d+)"
    for number, kind, place in re.findall(elsewhere, text_of_part):
        assert has(by_number(number), kind, place)
    own = re.sub(elsewhere, "", text_of_part)
    for kind, list_ in re.findall(r"([Ff]igure|[Ss]ection)s? (\d+(?:(?:, | and | to )\d+)*)", own):
        for place in re.findall(r"\d+", list_):
            assert has(lesson, kind, place), f"{kind} {place}"


def has(lesson, kind, place):
    mark = f"**Figure {place}.**" if kind.lower() == "figure" else f"## {place} · "
    return any(mark in cell.source for cell in cells(lesson) if cell.cell_type == "markdown")


@every_lesson
def test_numbers_are_the_lessons_own(lesson):
    told = re.sub(r"\]\(.+?\)|[Ee]xercises? \d+\.\d+(?: and \d+\.\d+)?", "", part(lesson))
    told = told.replace(piece(lesson, "Minutes"), "")
    told = re.sub(r"(?m)^\d+\. |[Ll]essons? \d\d(?:, (?:Figure|section) \d+)?", "", told)
    shown = text(lesson) + "\n".join(cell.source for cell in the_set(lesson).opening)
    known = set(NUMBER.findall(shown))
    assert [number for number in NUMBER.findall(told) if number not in known] == []


# Where the guide's words for a variant are found in a solution notebook, by the tag of the cell.
CELLS = {
    "prompt": "",
    "wrong turns": "wrong-turn",
    "solution": "solution",
    "also-right": "also-right",
}


def test_the_guides_recipe_for_a_variant_can_be_followed(tmp_path):
    """Word for word, in a copy of the course: the set is built, and the old answer passes no more."""
    (recipe,) = re.findall(r"\*\*Make a variant\.\*\* (.+)", guide())
    name, new, new_code, old, old_code, number, named = re.search(
        r"In `solutions/(.+?)\.ipynb` put (.+?) \(`(...)`\) for (.+?) \(`(...)`\) in exercise "
        r"(\d+\.\d+): (.+?)\. Run `\.venv/bin/americas build \1`",
        recipe,
    ).groups()
    for folder in ("src", "data"):
        shutil.copytree(
            ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    for path in ("pyproject.toml", f"solutions/{name}.ipynb", f"exercises/{name}.ipynb"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / path, tmp_path / path)
    path = tmp_path / "solutions" / f"{name}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    (begin,) = (
        at for at, cell in enumerate(notebook.cells) if cell.source.startswith(f"## {number} ")
    )
    wanted = {tag for words, tag in CELLS.items() if words in named}
    changed = 0
    for at, cell in enumerate(notebook.cells[begin:]):
        if at and cell.source.startswith("## "):
            break
        tag = "".join(cell.metadata.get("tags", []))
        if tag in wanted:
            source = cell.source.replace(old_code, new_code).replace(old, new)
            changed += source != cell.source
            cell.source = source
    assert changed >= len(wanted)
    nbformat.write(notebook, path)

    def run(code):
        return subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONPATH": str(tmp_path / "src"), "PYTHONUTF8": "1"},
            capture_output=True,
            text=True,
            encoding="utf-8",
        )

    built = run(f"import sys; from americas.cli import main; sys.exit(main(['build', '{name}']))")
    assert built.returncode == 0, built.stderr
    answer = (
        "from americas import check, load; rows = load('homicide').query('2001 <= year <= 2010'); "
        f"print(repr(check('{number}', rows.groupby('iso3')['rate_per_100k'].mean()[%r])))"
    )
    assert "Not yet" in run(answer % old_code).stdout
    assert f"{number} · Correct." in run(answer % new_code).stdout
    (student,) = (tmp_path / "exercises").glob("*.ipynb")
    text = student.read_text(encoding="utf-8")
    assert f"{new}** (`{new_code}`)" in text
