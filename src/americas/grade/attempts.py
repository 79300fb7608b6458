"""Which of a student's files counts for which exercise set, and what is to be said of the rest."""

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from americas.course.progress import track
from americas.grade.assignment import Sets
from americas.grade.locate_answers import held, is_lesson, lesson_of
from americas.grade.parse import Unreadable, read
from americas.grade.results import NOT_GRADED, Note, Result, note
from americas.grade.students import Student
from americas.grade.submissions import Submission, lesson_named

# Of one student: more is not opened.
_MOST_FILES, _MOST_BYTES = 20, 96 * 2**20


@dataclass
class Entry:
    """What one student handed in for one lesson, and what came of it.

    lesson: its two digits, "" where nothing tells them. notes: for student and teacher; private:
    for the teacher alone. hash: of the bytes that count. part: see `Submission`. problem: why
    there is no result.
    """

    student: Student
    lesson: str
    where: str
    late: bool = False
    notes: list[Note] = field(default_factory=list)
    private: list[Note] = field(default_factory=list)
    problem: str = ""
    rank: tuple[float, float] = (0, 0)
    hash: str = ""
    part: str = ""
    result: Result | None = None
    raw: Callable[[], bytes] | None = None

    @property
    def broken(self) -> bool:
        """Return whether the program failed, not the student."""
        records = self.result["exercises"] if self.result else []
        return any(record["outcome"] == NOT_GRADED for record in records)

    def stored(self) -> dict[str, Any]:
        """Return what the database keeps, besides the result."""
        kept = {name: getattr(self, name) for name in self.__dataclass_fields__}
        del kept["raw"], kept["result"]
        return kept | {"student": asdict(self.student)}

    @classmethod
    def of(cls, stored: dict[str, Any], result: Result | None) -> "Entry":
        """Return the entry that `stored` wrote."""
        student = Student(**stored["student"])
        return cls(**stored | {"student": student, "rank": tuple(stored["rank"])}, result=result)


@dataclass(frozen=True)
class _Opened:
    submission: Submission
    lesson: str
    problem: str = ""
    holds: int = 0
    lesson_itself: bool = False
    hash: str = ""


def entries(
    submissions: list[Submission], sets: Sets, others: list[tuple[str, str]]
) -> list[Entry]:
    """Return one entry for each student and lesson, by lesson and name.

    The latest attempt counts among those that can be read and hold the set's exercises. Files
    that are no notebooks of students who handed one in are added to `others`.
    """
    opened: list[_Opened] = []
    by_student: dict[Student, list[Submission]] = {}
    for submission in submissions:
        by_student.setdefault(submission.student, []).append(submission)
    for files in track([*by_student.values()], "Reading"):
        opened += _of_one(files, sets, others)
    known = set(sets.lessons())
    lessons = {one.lesson for one in opened if one.lesson in known and not one.problem}
    only = lessons.pop() if len(lessons) == 1 else ""
    groups: dict[tuple[Student, str], list[_Opened]] = {}
    for one in opened:
        groups.setdefault((one.submission.student, one.lesson or only), []).append(one)
    found = [_entry(attempts, lesson, known) for (_, lesson), attempts in groups.items()]
    return sorted(found, key=lambda entry: (entry.lesson, entry.student.label.casefold()))


def _of_one(files: list[Submission], sets: Sets, others: list[tuple[str, str]]) -> list[_Opened]:
    """Open one student's files, the latest first, as far as there is room for them."""
    files = sorted(files, key=lambda file: file.rank, reverse=True)
    notebooks = [file for file in files if not file.problem]
    if notebooks:
        others += [(file.where, file.problem) for file in files if file.problem]
        files = notebooks
    opened, size = [], 0
    for count, file in enumerate(files):
        if count >= _MOST_FILES or size > _MOST_BYTES:
            others += [
                (one.where, "too many or too large files of one student") for one in files[count:]
            ]
            break
        one, used = _opened(file, sets)
        size += used
        opened.append(one)
    return opened


def _opened(submission: Submission, sets: Sets) -> tuple[_Opened, int]:
    named = lesson_named(submission.name)
    if submission.problem:
        return _Opened(submission, named, submission.problem), 0
    try:
        raw = submission.raw()
    except Exception as error:  # a zip that is damaged, locked or of an unknown kind
        told = f"The file can't be opened ({type(error).__name__}). Ask for it again."
        return _Opened(submission, named, told), 0
    try:
        notebook = read(raw)
    except Unreadable as error:
        return _Opened(submission, named, str(error)), len(raw)
    lesson = lesson_of(notebook) or named
    holds = len(held(notebook, sets.assignment(lesson))) if lesson in sets.lessons() else 0
    digest = hashlib.sha256(raw).hexdigest()
    return _Opened(submission, lesson, "", holds, is_lesson(notebook), digest), len(raw)


def _entry(attempts: list[_Opened], lesson: str, known: set[str]) -> Entry:
    attempts = sorted(attempts, key=lambda one: one.submission.rank, reverse=True)
    readable = [one for one in attempts if not one.problem]
    most = max((one.holds for one in readable), default=0)
    # A scratch notebook has less of the set than the set; an attempt that is half done has more.
    full = [one for one in readable if one.holds and one.holds * 2 >= most]
    best = (full or readable or attempts)[0]
    submission = best.submission
    entry = Entry(submission.student, lesson, submission.where, submission.late)
    entry.rank, entry.raw, entry.hash = submission.rank, submission.raw, best.hash
    entry.part = submission.part
    entry.problem = best.problem or _nothing_held(best, lesson, known)
    if entry.late:
        entry.private.append(note("Handed in late, says Canvas."))
    if len(attempts) > 1:
        others = ", ".join(one.submission.where for one in attempts if one is not best)
        entry.notes.append(note(f"Several files: {entry.where} counts, not {others}."))
    if attempts[0].problem and best is not attempts[0]:
        entry.notes.append(note(f"The latest file can't be read: {attempts[0].problem}"))
    return entry


def _nothing_held(best: _Opened, lesson: str, known: set[str]) -> str:
    if lesson not in known and lesson:
        return f"There are no exercises for lesson {lesson} here."
    if best.holds:
        return ""
    if best.lesson_itself:
        return (
            "This is the lesson, not its exercise set. Ask for the notebook of the same name "
            "that lies in the folder exercises."
        )
    whose = f"lesson {lesson}" if lesson else "the course"
    return f"No exercise of {whose} stands in it: neither a prompt nor a check. Ask for the right file."


def supersedes(new: Entry, old: Entry | None) -> bool:
    """Return whether this run's entry goes before the one of an earlier run: the later attempt."""
    if old is None or (old.problem and not new.problem):
        return True
    if new.problem and not old.problem:
        return False
    return new.where == old.where or new.hash == old.hash or new.rank >= old.rank
