"""One stranger's notebook while it runs: its cells, its checks, and the answers they leave."""

import ast
import asyncio
import inspect
import json
import os
import signal
import types
from collections.abc import Callable
from typing import Any

from americas.checks.fingerprint import failure, fingerprint
from americas.checks.fingerprint_types import Failure, Fingerprint
from americas.grade.cell_code import (
    CHECK,
    LATER,
    NO_PYTHON,
    Later,
    OtherLanguage,
    asking,
    assigned,
    makes,
    python,
)

# What a student's code may have replaced by the time it is needed.
_write = os.write
_encode = json.JSONEncoder(ensure_ascii=True).encode
_fingerprint, _failure = fingerprint, failure

_TOO_LONG: Failure = {"kind": "error", "type": "TooLong", "message": ""}
# Jupyter takes `await` at the top of a cell.
_AWAITS = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT


class _TooLong(BaseException):
    """Raised in a cell that used up its time; no `except Exception` of a student's stops it."""


class Session:
    """One notebook being run: the student's names, and what was found so far."""

    def __init__(self, names: dict[str, str], module: types.ModuleType, out: int, seconds: float):
        """names: exercise number → the name its answer bears; out: a descriptor to write to."""
        self.names, self.out, self.seconds = names, out, seconds
        self.space = vars(module)
        self.answered: set[str] = set()
        self.failed: dict[str, Fingerprint] = {}
        self.number = ""
        self.timing = self.telling = False

    def run(self, steps: list[dict[str, Any]]) -> None:
        """Run every step, then look once more for the answers that no check found."""
        self.space |= {CHECK: self.check, LATER: Later, "check": self.check}
        self.space.setdefault("display", lambda *things, **options: None)
        for position, step in enumerate(steps):
            self.tell({"step": position})
            if "close" in step:
                self.look(step["close"], "end")
            else:
                self.number = step["number"]
                self.cell(step["run"], sure=step["sure"])
        for number in self.names:
            self.look(number, "last")
        self.tell({"done": True})

    def cell(self, source: str, *, sure: bool) -> None:
        """Run one cell; what it raises becomes the reason why its answer is missing."""
        tree = self.parsed(source, sure=sure)
        if tree is None:
            return
        try:
            code = compile(asking(tree), "<cell>", "exec", _AWAITS)
            self.timed(lambda: _run(code, self.space))
        except BaseException as error:
            self.fail(makes(tree), error)

    def parsed(self, source: str, *, sure: bool) -> ast.Module | None:
        """Return a cell as Python, None where it is none; sure: it was a code cell."""
        try:
            tree, left_out = python(source)
        except OtherLanguage:
            self.tell({"note": "magic"})
            return None
        except NO_PYTHON as error:
            if sure:
                self.fail(assigned(source, self.names.values()), error)
            return None
        if left_out:
            self.tell({"note": "magic"})
        if not sure:
            if not makes(tree) & {*self.names.values()}:
                return None
            self.tell({"note": "text", "number": self.number})
        return tree

    def fail(self, names: set[str], error: BaseException) -> None:
        """Remember why a cell's answers are missing."""
        if isinstance(error, MemoryError):
            error = MemoryError()  # NumPy's has a name of its own
        found = _TOO_LONG if isinstance(error, _TooLong) else _failure(error)
        for number, name in self.names.items():
            if name in names or number == self.number:
                self.failed[number] = found

    def check(self, number: Any = "", answer: Any = ...) -> None:
        """Take the answer down and tell nothing: this stands where `check` stood.

        Two values can be meant: what bears the exercise's name, and what the line was given.
        """
        number = str(number).strip()
        if number not in self.names:
            return
        name = answer.name if isinstance(answer, Later) else ""
        own = self.value(number)
        found: list[list[Any]] = [["", own]]
        if name != self.names[number]:
            given = self.given(answer)
            found += [[name, given]] if given != own else []
        there = [pair for pair in found if _is_answer(pair[1])]
        if there:
            self.answer(number, there, "check")
        elif number in self.failed or own is not None:
            self.answer(number, [["", self.failed.get(number, own)]], "trace")

    def look(self, number: str, how: str) -> None:
        """Take down an answer that no check found, at the end of its exercise or of all."""
        if number in self.answered:
            return
        own = self.value(number)
        if _is_answer(own):
            self.answer(number, [["", own]], how)
        elif how == "last" and (number in self.failed or (own and own["kind"] == "error")):
            self.answer(number, [["", self.failed.get(number, own)]], "trace")
        elif how == "last":
            self.tell({"absent": number, "dots": own is not None})

    def answer(self, number: str, found: list[list[Any]], how: str) -> None:
        """Send an answer out."""
        if how != "trace":
            self.answered.add(number)
        self.tell({"answer": number, "found": found, "how": how})

    def value(self, number: str) -> Fingerprint | None:
        """Return the fingerprint of what bears an exercise's name; None where nothing does."""
        name = self.names[number]
        if self.failed.get(number) is _TOO_LONG:
            return _TOO_LONG
        if name not in self.space:
            return None
        found = self.seen(lambda: self.space[name])
        if found is _TOO_LONG:
            self.failed[number] = found
        return found

    def given(self, answer: Any) -> Fingerprint | None:
        """Return the fingerprint of what a check line was given, if it can be had."""
        found = self.seen(answer.value if isinstance(answer, Later) else lambda: answer)
        return None if found["kind"] == "error" else found

    def seen(self, answer: Callable[[], Any]) -> Fingerprint:
        """Return the fingerprint of an answer, however hostile."""
        try:
            found: Fingerprint = self.timed(lambda: _fingerprint(answer()))
            return found
        except _TooLong:
            return _TOO_LONG
        except BaseException as error:
            return _failure(error)

    def timed(self, work: Callable[[], Any]) -> Any:
        """Do some work, or raise _TooLong; where there are no alarms, the outer side has one."""
        if self.timing or not hasattr(signal, "setitimer"):
            return work()
        # The clock gets three times the processor's share, for what only sleeps.
        clocks = (
            (signal.SIGPROF, signal.ITIMER_PROF, self.seconds),
            (signal.SIGALRM, signal.ITIMER_REAL, 3 * self.seconds),
        )
        self.timing = True
        for number, timer, seconds in clocks:
            signal.signal(number, self.alarm)
            signal.setitimer(timer, seconds, 1)
        try:
            return work()
        finally:
            for _, timer, _ in clocks:
                signal.setitimer(timer, 0)
            self.timing = False

    def alarm(self, number: int, frame: Any) -> None:
        """Stop the cell, but never in the middle of a line; the next tick comes soon."""
        if self.timing and not self.telling:
            raise _TooLong

    def hush(self) -> None:
        """Tell nothing from here on. Why: a copy of this process would write into its lines."""
        self.out = -1

    def tell(self, message: dict[str, Any]) -> None:
        """Send one line out."""
        if self.out < 0:
            return
        self.telling = True
        try:
            line = (_encode(message) + "\n").encode("ascii")
        except BaseException:
            line = b'{"note":"unreadable"}\n'
        while line:
            line = line[_write(self.out, line[: 1 << 16]) :]
        self.telling = False


def _run(code: types.CodeType, space: dict[str, Any]) -> None:
    if code.co_flags & inspect.CO_COROUTINE:
        asyncio.run(eval(code, space))
    else:
        exec(code, space)


def _is_answer(found: Fingerprint | None) -> bool:
    return found is not None and found["kind"] not in ("unanswered", "error")
