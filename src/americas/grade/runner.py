"""One stranger's notebook while it runs: its cells, its checks, and the answers they leave."""

import ast
import asyncio
import inspect
import json
import os
import re
import signal
import types
from collections.abc import Callable
from typing import Any

from americas.checks.fingerprint import failure, fingerprint
from americas.checks.fingerprint_types import Failure, Fingerprint

# What a student's code may have replaced by the time it is needed.
_write = os.write
_encode = json.JSONEncoder(ensure_ascii=True).encode
_fingerprint, _failure = fingerprint, failure

_CHECK, _LATER = "__americas_check__", "__americas_later__"
_NO_PYTHON = (SyntaxError, ValueError, RecursionError, MemoryError)
_TOO_LONG: Failure = {"kind": "error", "type": "TooLong", "message": ""}
_MAGIC = re.compile(r"^\s*(?:[%!].*|\?.*|[\w.]+\?{1,2})\s*$")
# What these cell magics stand above is Python; below any other it is something else.
_TRANSPARENT = ("%%time", "%%timeit", "%%capture", "%%prun")


# `files = !ls` and `taken = %timeit …`: the name gets nothing.
_MAGIC_VALUE = re.compile(r"^(\s*[\w, ]+?=)\s*[%!].*$")
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
        self.space |= {_CHECK: self.check, _LATER: _Later, "check": self.check}
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
            code = compile(_Checks().visit(tree), "<cell>", "exec", _AWAITS)
            self.timed(lambda: _run(code, self.space))
        except BaseException as error:
            self.fail(_makes(tree), error)

    def parsed(self, source: str, *, sure: bool) -> ast.Module | None:
        """A cell as Python, without what only Jupyter understands; None where it is none."""
        first = source.lstrip().partition("\n")
        if first[0].startswith("%%"):
            if not first[0].startswith(_TRANSPARENT):
                self.tell({"note": "magic"})
                return None
            source = first[2]
        try:
            tree = ast.parse(source)
        except _NO_PYTHON as error:
            kept = [_without_magic(line) for line in source.split("\n")]
            try:
                tree = ast.parse("\n".join(kept))
            except _NO_PYTHON:
                if sure:
                    self.fail(_mentions(source, self.names), error)
                return None
            self.tell({"note": "magic"})
        if not sure:
            if not _makes(tree) & {*self.names.values()}:
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
        """Stands where `check` stood: takes the answer down, and tells nothing.

        Two values can be meant: what bears the exercise's name, and what the line was given.
        """
        number = str(number).strip()
        if number not in self.names:
            return
        name = answer.name if isinstance(answer, _Later) else ""
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
        """The fingerprint of what bears an exercise's name; None where nothing does."""
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
        """The fingerprint of what a check line was given, if it can be had."""
        found = self.seen(answer.value if isinstance(answer, _Later) else lambda: answer)
        return None if found["kind"] == "error" else found

    def seen(self, answer: Callable[[], Any]) -> Fingerprint:
        """The fingerprint of an answer, however hostile."""
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
        """A copy of this process has nothing to tell: two would write into each other's lines."""
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


def _without_magic(line: str) -> str:
    return "" if _MAGIC.match(line) else _MAGIC_VALUE.sub(r"\1 None", line)


def _is_answer(found: Fingerprint | None) -> bool:
    return found is not None and found["kind"] not in ("unanswered", "error")


class _Later:
    """What a check line was given: how to compute it, and its name where it is one."""

    def __init__(self, value: Callable[[], Any], name: str) -> None:
        self.value, self.name = value, name


class _Checks(ast.NodeTransformer):
    """Makes `check("4.2", answer)` ask us, whatever became of `check` and of the answer."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        """Rewrite a check that stands on a line of its own."""
        call = node.value
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name | ast.Attribute)):
            return node
        name = call.func.id if isinstance(call.func, ast.Name) else call.func.attr
        if name != "check" or not call.args:
            return node
        answer = call.args[1] if len(call.args) > 1 else ast.Constant(...)
        named = answer.id if isinstance(answer, ast.Name) else ""
        lazy = ast.Lambda(ast.arguments([], [], None, [], [], None, []), answer)
        later = ast.Call(ast.Name(_LATER, ast.Load()), [lazy, ast.Constant(named)], [])
        node.value = ast.Call(ast.Name(_CHECK, ast.Load()), [call.args[0], later], [])
        return ast.fix_missing_locations(ast.copy_location(node, call))


def _makes(tree: ast.AST) -> set[str]:
    """The names that a piece of code gives a value to."""
    return {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def _mentions(source: str, names: dict[str, str]) -> set[str]:
    return {n for n in names.values() if re.search(rf"^\s*{re.escape(n)}\s*=", source, re.M)}
