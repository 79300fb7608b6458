"""What came of one notebook, as plain JSON: it is stored as it is, and every report reads it."""

from typing import Any, TypedDict

# The outcomes of a checked exercise beyond those of a check, and those of a written one.
NOT_REACHED, NOT_GRADED = "not reached", "not graded"
TO_MARK, MARKED, LOOK_AGAIN = "to be marked", "marked", "look again"
CORRECT, NOT_YET, NOT_ATTEMPTED = "correct", "not yet", "not attempted"


class Note(TypedDict):
    """A remark on a notebook; `number` is the exercise it is about, "" for all of it."""

    number: str
    text: str


class Record(TypedDict):
    """How one exercise did. `reason` is what the student reads, `where` a further hint."""

    number: str
    title: str
    outcome: str
    points: float
    possible: int
    written: bool
    reason: str
    where: str
    wrong_turn: int | None
    seconds: float


class Work(TypedDict):
    """What stands around a written answer: the student's code, and the charts they stored."""

    code: list[str]
    charts: list[dict[str, Any]]


class Result(TypedDict):
    """One notebook, marked. `end`: finished, died, too long, too much, broken."""

    lesson: str
    end: str
    seconds: float
    notes: list[Note]
    exercises: list[Record]
    texts: dict[str, str]
    work: dict[str, Work]


def note(text: str, number: str = "") -> Note:
    """Return a note on one exercise, or on the whole notebook."""
    return {"number": number, "text": text}


def told(remark: Note) -> str:
    """Return a note as one line."""
    return f"{remark['number']}: {remark['text']}" if remark["number"] else remark["text"]
