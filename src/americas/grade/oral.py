"""Cards for an oral check: three questions on a student's own code, and whose turn it is.

The questions stand in the solutions (see `americas.course.oral`). Points go into the same database
as hand marks, under the exercise `oral`, and are an assignment of their own in every gradebook.
"""

import hashlib
from pathlib import Path
from typing import Any

from americas.course.exercises import PROMPT
from americas.course.oral import TAG, Question, questions
from americas.course.paths import Course
from americas.errors import CourseError
from americas.grade.attempts import Entry
from americas.grade.pages import render
from americas.grade.results import NOT_ATTEMPTED, Record
from americas.grade.standing import MOST_ORAL, ORAL, POINTS_EACH, QUESTIONS, all_entries, counting
from americas.grade.store import HandMark, Store

# So many students a week.
A_WEEK = 6


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
    from americas.course.notebooks import read, tags  # they bring nbformat

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
    entries: list[Entry],
    asked: dict[str, int],
    given: dict[str, HandMark],
    known: dict[str, list[Question]],
    count: int,
) -> list[dict[str, Any]]:
    """Return the cards of those whose turn it is, who were asked least, and of those asked already.

    asked: a student's key → how often so far. given: a student's key → the mark on this set.
    """
    ready = [entry for entry in entries if entry.result and _pick(entry, known)]
    ready.sort(key=lambda entry: (asked.get(entry.student.key, 0), _chance(entry, "turn")))
    turn = [entry for entry in ready if entry.student.key not in given][:count]
    return [
        {
            "who": entry.student.key, "label": entry.student.label,
            "asked": asked.get(entry.student.key, 0), "questions": _pick(entry, known),
            "given": given.get(entry.student.key),
        }
        for entry in [*turn, *(one for one in ready if one.student.key in given)]
    ]  # fmt: skip


def _pick(entry: Entry, known: dict[str, list[Question]]) -> list[dict[str, str]]:
    """Return three questions on exercises that the student tried, one of each exercise first."""
    result = entry.result
    if result is None:
        return []
    records = [r for r in result["exercises"] if r["outcome"] != NOT_ATTEMPTED]
    pairs: list[tuple[Record, Question]] = [
        (record, question) for record in records for question in known.get(record["number"], [])
    ]
    pairs.sort(key=lambda pair: _chance(entry, pair[1].ask))
    before: dict[str, int] = {}
    ranked = []
    for record, question in pairs:
        turn = before[record["number"]] = before.get(record["number"], 0) + 1
        ranked.append((turn, record, question))
    ranked.sort(key=lambda one: one[0])
    return [
        {
            # A rubric is kept by name: of two questions on one exercise each needs its own.
            "name": record["number"] + (f" ({turn})" if turn > 1 else ""),
            "number": record["number"], "title": record["title"], "ask": question.ask,
            "good": question.good, "code": "\n\n".join(result["work"][record["number"]]["code"]),
        }
        for turn, record, question in ranked[:QUESTIONS]
    ]  # fmt: skip


def _chance(entry: Entry, word: str) -> str:
    """Return what is random from student to student, and the same each time one looks."""
    return hashlib.sha256(f"{entry.student.key} {entry.lesson} {word}".encode()).hexdigest()


def page(store: Store, lesson: str, count: int) -> str:
    """Return the cards of a set, to be marked on the page or printed."""
    asked: dict[str, int] = {}
    given: dict[str, HandMark] = {}
    for answer, marks in store.marks(exercise=ORAL).items():
        asked[answer.who] = asked.get(answer.who, 0) + 1
        mark = counting(marks)
        if answer.lesson == lesson and mark is not None:
            given[answer.who] = mark
    found = cards(all_entries(store, lesson), asked, given, of_set(lesson), count)
    return render(
        "oral", title=f"Oral check of set {lesson}", lesson=lesson, cards=found,
        turn=len(found) - len(given), each=POINTS_EACH, most=MOST_ORAL,
    )  # fmt: skip
