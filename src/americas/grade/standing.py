"""How a written answer stands: which hand mark counts, and whether it is still for this text."""

from collections.abc import Iterable
from dataclasses import dataclass

from americas.grade.attempts import Entry
from americas.grade.results import (
    LOOK_AGAIN,
    MARKED,
    NOT_ATTEMPTED,
    TO_MARK,
    Record,
    Result,
)
from americas.grade.store import Answer, HandMark, Store, hash_of
from americas.grade.students import Student

# Marks that come from the table to fill in, or from a marker who gave no name.
FIRST = "first marker"
# The mark on which two markers agreed; it counts before theirs.
AGREED = "agreed"
# Under which exercise the points of an oral check are kept; so many questions, so many points each.
ORAL, QUESTIONS, POINTS_EACH = "oral", 3, 2
MOST_ORAL = QUESTIONS * POINTS_EACH


@dataclass(frozen=True)
class Written:
    """One written answer of one student: its text now, and the marks it has."""

    answer: Answer
    student: Student
    record: Record
    text: str
    marks: tuple[HandMark, ...]

    @property
    def counting(self) -> HandMark | None:
        """Return the mark that counts: the agreed one, else the first marker's."""
        return counting(self.marks)

    @property
    def status(self) -> str:
        """Return marked, look again (the text is another now), to be marked, or not attempted."""
        mark = self.counting
        if mark is None:
            return TO_MARK if self.text else NOT_ATTEMPTED
        return MARKED if mark.hash == hash_of(self.text) else LOOK_AGAIN


def counting(marks: Iterable[HandMark]) -> HandMark | None:
    """Return the mark that counts of several: the agreed one, else the first marker's."""
    return min(marks, key=lambda mark: mark.marker != AGREED, default=None)


def oral_points(store: Store) -> dict[tuple[str, str], float]:
    """Return the points of oral checks: a student's key and a set's two digits → points."""
    found = {}
    for answer, marks in store.marks(exercise=ORAL).items():
        mark = counting(marks)
        if mark is not None and mark.points is not None:
            found[answer.who, answer.lesson] = mark.points
    return found


def all_entries(store: Store, lesson: str = "") -> list[Entry]:
    """Return everything that was handed in so far, by lesson and name."""
    found = [Entry.of(content, result) for content, result in store.entries(lesson)]
    return sorted(found, key=lambda entry: (entry.lesson, entry.student.label.casefold()))


def all_written(store: Store, found: list[Entry], lesson: str = "") -> list[Written]:
    """Return every written answer there is, and put its standing into its entry."""
    marks = store.marks(lesson)
    answers = [
        one
        for entry in found
        if entry.result
        for one in _written_of(entry.student, entry.lesson, entry.result, marks)
    ]
    for one in answers:
        apply(one)
    return answers


def _written_of(
    student: Student, lesson: str, result: Result, marks: dict[Answer, list[HandMark]]
) -> list[Written]:
    """Return the written answers of one notebook."""
    found = []
    for record in result["exercises"]:
        if record["written"]:
            answer = Answer(student.key, lesson, record["number"])
            text = result["texts"].get(record["number"], "")
            found.append(Written(answer, student, record, text, tuple(marks.get(answer, []))))
    return found


def apply(written: Written) -> None:
    """Put a written answer's standing into its record."""
    record, mark = written.record, written.counting
    record["outcome"], record["points"] = written.status, 0
    if mark is not None and mark.points is not None and written.status == MARKED:
        record["points"], record["reason"] = mark.points, mark.comment
    elif written.status == NOT_ATTEMPTED:
        record["reason"] = "There is no text."
    else:
        record["reason"] = ""


def give(store: Store, written: Written, points: float, comment: str) -> None:
    """Add a mark for the text as it is now, in the name of whose mark counts so far."""
    counting = written.counting
    marker = counting.marker if counting else FIRST
    store.give(written.answer, marker, points, comment, hash_of(written.text))
