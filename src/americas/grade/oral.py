"""Cards for an oral check: three questions on a student's own code, and whose turn it is.

The questions stand in the solutions (see `americas.course.oral`). Points go into the same database
as hand marks, under the exercise `oral`.
"""

import hashlib
from pathlib import Path
from typing import Any

from americas.course.notebooks import read, tags
from americas.course.oral import TAG, Question, questions
from americas.course.paths import Course
from americas.errors import CourseError
from americas.grade.assignment import PROMPT, Sets
from americas.grade.attempts import Entry
from americas.grade.pages import render
from americas.grade.results import NOT_ATTEMPTED, Record
from americas.grade.standing import all_entries
from americas.grade.store import Store

EXERCISE = "oral"
# So many students a week, so many questions each, so many points a question.
A_WEEK, QUESTIONS, MOST = 6, 3, 2


def of_set(lesson: str, course: Course | None = None) -> dict[str, list[Question]]:
    """Return the oral questions of a set by exercise.

    Raise CourseError where the solutions are not at hand.
    """
    folder = (course or Course.of_this_package()).root / "solutions"
    files = sorted(folder.glob(f"{lesson}-*.ipynb"))
    if not files:
        raise CourseError(
            f"There are no solutions of lesson {lesson} in {folder}: the oral questions stand in "
            "them. Run this command from the course's own folder."
        )
    return _read(files[0])


def _read(path: Path) -> dict[str, list[Question]]:
    found: dict[str, list[Question]] = {}
    number = ""
    for cell in read(path).cells:
        if cell.cell_type == "markdown":
            prompt = PROMPT.match(cell.source)
            number = prompt[1] if prompt else number
            if TAG in tags(cell):
                found.setdefault(number, []).extend(questions(cell.source))
    return found


def cards(
    entries: list[Entry], asked: dict[str, int], known: dict[str, list[Question]], count: int
) -> list[dict[str, Any]]:
    """Return the cards of the students whose turn it is: those who were asked least."""
    ready = [entry for entry in entries if entry.result and _pick(entry, known)]
    ready.sort(key=lambda entry: (asked.get(entry.student.key, 0), _chance(entry, "turn")))
    return [
        {
            "who": entry.student.key, "label": entry.student.label,
            "asked": asked.get(entry.student.key, 0), "questions": _pick(entry, known),
        }
        for entry in ready[:count]
    ]  # fmt: skip


def _pick(entry: Entry, known: dict[str, list[Question]]) -> list[dict[str, str]]:
    """Return three questions on exercises that the student tried, of each exercise one first."""
    result = entry.result
    if result is None:
        return []
    records = [r for r in result["exercises"] if r["outcome"] != NOT_ATTEMPTED]
    pairs: list[tuple[Record, Question]] = [
        (record, question) for record in records for question in known.get(record["number"], [])
    ]
    pairs.sort(key=lambda pair: _chance(entry, pair[1].ask))
    chosen: dict[str, tuple[Record, Question]] = {}
    for record, question in pairs:
        chosen.setdefault(record["number"], (record, question))
    return [
        {
            "number": record["number"], "title": record["title"], "ask": question.ask,
            "good": question.good, "code": "\n\n".join(result["work"][record["number"]]["code"]),
        }
        for record, question in list(chosen.values())[:QUESTIONS]
    ]  # fmt: skip


def _chance(entry: Entry, word: str) -> str:
    """Return what is random from student to student, and the same each time one looks."""
    return hashlib.sha256(f"{entry.student.key} {entry.lesson} {word}".encode()).hexdigest()


def page(store: Store, sets: Sets, lesson: str, count: int) -> str:
    """Return the cards of a set, to be marked on the page or printed."""
    asked: dict[str, int] = {}
    for answer in store.marks(exercise=EXERCISE):
        asked[answer.who] = asked.get(answer.who, 0) + 1
    found = cards(all_entries(store, lesson), asked, of_set(lesson), count)
    return render("oral", title=f"Oral check of set {lesson}", lesson=lesson, cards=found)
