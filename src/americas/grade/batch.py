"""A class of submissions: what of each counts, marked in parallel, nothing marked twice."""

import copy
import hashlib
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import americas
from americas.errors import CourseError
from americas.grade.assignment import Assignment, Course
from americas.grade.locate_answers import lesson_of
from americas.grade.mark import Job, close, mark
from americas.grade.parse import Unreadable, read
from americas.grade.submissions import Student, Submission, lesson_named

# The code on which a result depends.
_MARKING = ("data.py", "checks/**/*.py", "grade/*.py")


@dataclass
class Entry:
    """What one student handed in for one lesson, and what came of it.

    result: as `mark.mark` gives it; None where there is none, and `problem` says why.
    """

    student: Student
    lesson: str
    where: str
    raw: bytes = b""
    late: bool = False
    notes: list[str] = field(default_factory=list)
    problem: str = ""
    result: dict[str, Any] | None = None

    @property
    def broken(self) -> bool:
        """Did the program fail, not the student?"""
        records = self.result["exercises"] if self.result else []
        return any(record["outcome"] == "not graded" for record in records)


@dataclass(frozen=True)
class _Opened:
    submission: Submission
    lesson: str
    raw: bytes = b""
    problem: str = ""


def entries(submissions: list[Submission], course: Course) -> list[Entry]:
    """One entry for each student and lesson: the latest attempt that can be read counts."""
    opened = [_opened(submission) for submission in submissions]
    known = set(course.lessons())
    lessons = {one.lesson for one in opened if one.lesson in known}
    groups: dict[tuple[Student, str], list[_Opened]] = {}
    for one in opened:
        lesson = one.lesson
        if not lesson and len(lessons) == 1:
            (lesson,) = lessons
        groups.setdefault((one.submission.student, lesson), []).append(one)
    found = [_entry(attempts, lesson, known) for (_, lesson), attempts in groups.items()]
    return sorted(found, key=lambda entry: (entry.lesson, entry.student.label.casefold()))


def _opened(submission: Submission) -> _Opened:
    named = lesson_named(submission.name)
    try:
        raw = submission.raw()
        notebook = read(raw)
    except Unreadable as error:
        return _Opened(submission, named, problem=str(error))
    except Exception as error:  # a zip that is damaged, locked or of an unknown kind
        told = f"The file can't be opened ({type(error).__name__}). Ask for it again."
        return _Opened(submission, named, problem=told)
    return _Opened(submission, lesson_of(notebook) or named, raw)


def _entry(attempts: list[_Opened], lesson: str, known: set[str]) -> Entry:
    attempts = sorted(attempts, key=lambda one: one.submission.rank, reverse=True)
    best = next((one for one in attempts if not one.problem), attempts[0])
    entry = Entry(best.submission.student, lesson, best.submission.where, best.raw)
    entry.late = best.submission.late
    entry.problem = best.problem
    if not entry.problem and lesson not in known:
        entry.problem = (
            f"There are no exercises for lesson {lesson} here."
            if lesson
            else "No exercise of the course stands in it: neither a prompt nor a check."
        )
    if entry.late:
        entry.notes.append("Handed in late, says Canvas.")
    if len(attempts) > 1:
        others = ", ".join(one.submission.where for one in attempts if one is not best)
        entry.notes.append(f"Several attempts: {entry.where} counts, not {others}.")
    if best is not attempts[0]:
        entry.notes.append(f"The latest attempt can't be read: {attempts[0].problem}")
    return entry


def mark_all(
    found: list[Entry],
    course: Course,
    store: Path,
    executor: Executor,
    *,
    unsafe: bool,
    progress: Callable[[int, int], None],
) -> int:
    """Give every entry its result; return how many were taken from an earlier run.

    Each result is stored on its own, under the hash of all it depends on, so that a run which was
    killed goes on where it was, and two equal notebooks are marked once.
    """
    store.mkdir(parents=True, exist_ok=True)
    waiting: dict[str, list[Entry]] = {}
    jobs: dict[str, Job] = {}
    program = _program()
    for entry in found:
        if entry.problem:
            continue
        job = Job(entry.raw, course.assignment(entry.lesson), unsafe=unsafe)
        waiting.setdefault(_name(job, program), []).append(entry)
        jobs.setdefault(_name(job, program), job)
    kept = {name: done for name in jobs if (done := _stored(store / f"{name}.json")) is not None}
    for name, done in kept.items():
        _give(waiting[name], done)
    futures = {executor.submit(mark, job): name for name, job in jobs.items() if name not in kept}
    progress(len(kept), len(jobs))
    for count, future in enumerate(as_completed(futures), start=1):
        name = futures[future]
        done = future.result()
        _give(waiting[name], done)
        # What the program failed at is tried again next time.
        if not any(entry.broken for entry in waiting[name]):
            _write(store / f"{name}.json", done)
        progress(len(kept) + count, len(jobs))
    _name_twins(waiting)
    return sum(len(waiting[name]) for name in kept)


@contextmanager
def workers(count: int, scheduler: str) -> Iterator[Executor]:
    """Those who mark: threads here, each with a sandbox of its own, or a Dask cluster's workers."""
    if scheduler:
        try:
            from distributed import Client
        except ModuleNotFoundError:
            raise CourseError(
                "Marking on a Dask cluster needs one more package: pip install distributed"
            ) from None
        try:
            client = Client(scheduler, timeout=20)
        except (OSError, ValueError) as error:
            raise CourseError(f"No Dask scheduler answers at {scheduler} ({error}).") from None
        with client, client.get_executor(pure=False) as executor:
            yield executor
            client.run(close)
        return
    executor = ThreadPoolExecutor(count)
    try:
        yield executor
    except KeyboardInterrupt:
        executor.shutdown(wait=False, cancel_futures=True)
        close(for_good=True)
        raise
    finally:
        executor.shutdown(cancel_futures=True)
        close()


def bar(done: int, of: int) -> None:
    """A progress bar, where someone looks at a terminal."""
    if sys.stderr.isatty() and of:
        full = 30 * done // of
        line = f"\r[{'█' * full}{'·' * (30 - full)}] {done} of {of} notebooks"
        print(line, end="\n" if done == of else "", file=sys.stderr, flush=True)


def _give(waiting: list[Entry], done: dict[str, Any]) -> None:
    for entry in waiting:
        entry.result = copy.deepcopy(done)


def _name_twins(waiting: dict[str, list[Entry]]) -> None:
    for same in waiting.values():
        earned = same[0].result and sum(r["points"] for r in same[0].result["exercises"])
        for entry in same if len(same) > 1 and earned else []:
            others = ", ".join(one.student.label for one in same if one is not entry)
            entry.notes.append(f"The very same file was handed in by {others}.")


def _name(job: Job, program: str) -> str:
    mixed = hashlib.sha256(job.raw)
    mixed.update(repr((program, _fixed(job.assignment), job.limits, job.unsafe)).encode())
    return mixed.hexdigest()[:32]


def _fixed(assignment: Assignment) -> tuple:
    return (assignment.name, assignment.digest, assignment.opening, assignment.exercises)


def _program() -> str:
    """A mark of the code that marks: a result of another version is not taken over."""
    mixed = hashlib.sha256()
    package = Path(americas.__file__).parent
    for path in sorted(path for part in _MARKING for path in package.glob(part)):
        mixed.update(path.read_bytes())
    return mixed.hexdigest()


def _stored(path: Path) -> dict[str, Any] | None:
    try:
        done = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return done if isinstance(done, dict) and "exercises" in done else None


def _write(path: Path, done: dict[str, Any]) -> None:
    """Whole or not at all, also if the machine stops in the middle."""
    part = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}.part")
    part.write_text(json.dumps(done, ensure_ascii=False), encoding="utf-8", newline="\n")
    part.replace(path)
