"""Runs strangers' notebooks: the inner side, in a sandbox, where no key is.

Started as `python -m americas.grade.worker`. With a control socket it stays warm and serves all
notebooks, several at once; with `--once`, or `--unsafe` where there is no sandbox, it reads one from
standard input. What it sends out are lines of JSON, and whoever reads them believes none: a
student's code shares the process and may write what it likes, but only about its own answers, and
an answer is right only if it is right.
"""

import contextlib
import gc
import io
import json
import os
import socket
import sys
import types
from functools import partial
from typing import Any

import americas
import americas.checks.check
from americas.grade.limits import Limits
from americas.grade.runner import Session

# Kept from here on: a student's code may replace it.
_exit = os._exit


def prepared(
    opening: list[str], ready: dict[tuple[str, ...], types.ModuleType]
) -> types.ModuleType:
    """Return the names that an exercise set opens with; run once, as every student starts so."""
    key = tuple(opening)
    if key not in ready:
        module = types.ModuleType("__main__")
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            for cell in opening:
                exec(compile(cell, "<opening>", "exec"), vars(module))
        ready[key] = module
        # A student's garbage collector need not look at what is ours, nor copy it by looking.
        gc.collect()
        gc.freeze()
    return ready[key]


def student(request: dict[str, Any], module: types.ModuleType, out: int, seconds: float) -> None:
    """Run one student's notebook in this process, which is of no other use afterwards."""
    sys.modules["__main__"] = module
    sys.path[:] = [folder for folder in sys.path if folder]
    session = Session(request["names"], module, out, seconds)
    americas.check = americas.checks.check.check = session.check
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=session.hush)
    session.run(request["steps"])
    # Not a plain return: exit hooks and threads that never end are the student's.
    _exit(0)


def serve(control: socket.socket) -> None:
    """Stay warm and run notebooks as they come, each apart from the others.

    Four files come for each: what is ours (the opening, the limits), the student's request, one
    to answer into, and one for how it ended. Why two to read: this process reads nothing that a
    student wrote, so that its memory, of which every student gets a copy, holds no other's code.
    """
    from americas.grade import namespaces

    namespaces.harden()
    _warm()
    ready: dict[tuple[str, ...], types.ModuleType] = {}
    control.sendall(_line({"apart": namespaces.possible()}))
    namespaces.leave_no_dead()
    while True:
        signal_byte, files, _, _ = socket.recv_fds(control, 1, 4)
        if not signal_byte:
            return
        ours, theirs, out, end = files
        with open(ours, encoding="utf-8") as file:  # noqa: PTH123
            order = json.load(file)
        limits = Limits(**order["limits"])
        try:
            module = prepared(order["opening"], ready)
        except Exception as error:
            told = f"the opening cells stop with {type(error).__name__}: {error}"
            os.write(end, _line({"broken": told}))
        else:
            work = partial(_read_and_run, theirs, module, out, limits.cell_seconds)
            namespaces.start(work, limits, [theirs, out], end)
        for descriptor in (theirs, out, end):
            os.close(descriptor)


def _read_and_run(theirs: int, module: types.ModuleType, out: int, seconds: float) -> None:
    with open(theirs, encoding="utf-8") as file:
        request = json.load(file)
    student(request, module, out, seconds)


def once(*, shut_in: bool) -> None:
    """Run the one notebook that standard input holds; the answers leave by standard output."""
    order, request = (json.loads(line) for line in sys.stdin)
    out = os.dup(1)
    with open(os.devnull, "r+b") as nothing:  # noqa: PTH123
        for descriptor in (0, 1, 2):
            os.dup2(nothing.fileno(), descriptor)
    if shut_in:
        from americas.grade import namespaces

        namespaces.harden()
        namespaces.go_to_work()
    _warm()
    module = prepared(order["opening"], {})
    if sys.platform == "linux":
        from americas.grade import namespaces

        namespaces.limit(Limits(**order["limits"]), namespaces.size(), processes=shut_in)
    student(request, module, out, order["limits"]["cell_seconds"])


def _warm() -> None:
    """Do once what nearly every notebook does, so that no fork has to import or compile it."""
    import altair
    import pandas

    from americas.checks.fingerprint import fingerprint

    table = pandas.DataFrame({"x": [1, 2], "y": ["a", "b"]})
    table.query("x > 0 and y == 'a'").merge(table, on="x").groupby("x")["y_x"].count()
    table.pivot_table(index="y", values="x")
    fingerprint(table)
    fingerprint(altair.Chart(table).mark_bar().encode(x="x:Q", y="y:N"))


def _line(message: dict[str, Any]) -> bytes:
    return (json.dumps(message) + "\n").encode("ascii")


if __name__ == "__main__":
    if sys.argv[1].startswith("--"):
        once(shut_in=sys.argv[1] == "--once")
    else:
        serve(socket.socket(fileno=int(sys.argv[1])))
