"""Marks one notebook: a pure function from what was handed in to a result.

The student's code runs in the sandbox and hands out fingerprints. Here, where the keys are and
no stranger's code runs, they are compared.
"""

import platform
import threading
from dataclasses import dataclass, field
from typing import Any

from americas.errors import CourseError
from americas.grade.assignment import Assignment
from americas.grade.bubblewrap import missing
from americas.grade.limits import Limits
from americas.grade.locate_answers import plan
from americas.grade.output import Run
from americas.grade.parse import read
from americas.grade.results import (
    Result,
)
from americas.grade.sandbox import Sandbox, SandboxBroke
from americas.grade.verdicts import broken, result


@dataclass(frozen=True)
class Job:
    """One notebook to mark: its bytes, and what was handed out."""

    raw: bytes
    assignment: Assignment
    limits: Limits = field(default_factory=Limits)
    unsafe: bool = False


# One sandbox of each kind for all threads of this process.
_boxes: dict[bool, Sandbox] = {}
_opening = threading.Lock()
_stopped = threading.Event()


def mark(job: Job) -> Result:
    """Return the result of one notebook, as plain JSON. Raise Unreadable where it is no notebook.

    Where the sandbox breaks, twice in a row, every checked exercise is `not graded`: that is no
    verdict on the student.
    """
    what = plan(read(job.raw), job.assignment)
    request = {
        "names": {ex.number: ex.name for ex in job.assignment.exercises if not ex.written},
        "steps": what.steps,
    }
    try:
        run = _run(request, job)
    except SandboxBroke as error:
        return broken(job.assignment, what, str(error))
    return result(job.assignment, what, run)


def close(*, for_good: bool = False) -> None:
    """End all sandboxes of this process; for_good: what is running stops and is not tried again."""
    if for_good:
        _stopped.set()
    with _opening:
        for box in _boxes.values():
            box.close()
        _boxes.clear()


def prepare(*, unsafe: bool, start: bool) -> None:
    """See that code can be shut in here, or raise CourseError.

    start: start the sandbox and don't wait for it; the thread that does this has to live on.
    """
    box = _box(unsafe=unsafe)
    if start:
        box.warm()


def _box(*, unsafe: bool, where: str = "") -> Sandbox:
    """Return this process's sandbox; raise CourseError where code can't be shut in here."""
    with _opening:
        if _stopped.is_set():
            raise SandboxBroke("The run was stopped.")
        if unsafe not in _boxes:
            if not unsafe and (why := missing()):
                raise CourseError(f"{where}{why}")
            _boxes[unsafe] = Sandbox(unsafe=unsafe)
        return _boxes[unsafe]


def _run(request: dict[str, Any], job: Job) -> Run:
    # Where no sandbox was asked for before, this is another machine than the teacher's.
    box = _box(unsafe=job.unsafe, where=f"On {platform.node()}: ")
    opening = list(job.assignment.opening)
    try:
        return box.run(opening, request, job.limits)
    except SandboxBroke:
        if _stopped.is_set():
            raise
        return box.run(opening, request, job.limits)
