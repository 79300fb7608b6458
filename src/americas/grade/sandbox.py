"""Runs strangers' code: the outer side. It starts the sandbox, hands notebooks in, reads answers.

The sandbox is bubblewrap's: no network, no home, a system that can't be written, and of the
course only the package without its keys, and the tables. What comes out of it is not believed:
lines of JSON, cut off where there are too many.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
from dataclasses import asdict, dataclass, field
from typing import Any

from americas.grade.bubblewrap import python, walls
from americas.grade.limits import BROKEN, DIED, FINISHED, TOO_LONG, Limits

# How much longer than a notebook may take until the sandbox itself is given up.
_GRACE = 20
_START_SECONDS = 120
_MOST_MESSAGES = 50_000
_ENDS = {FINISHED: "finished", DIED: "died", TOO_LONG: "too long"}


class SandboxBroke(Exception):
    """The sandbox failed, not the student; the message says how."""


@dataclass
class Run:
    """What came out of one notebook.

    end: finished, died, too long, or too much. seconds: by step, as far as it came.
    """

    end: str
    messages: list[dict[str, Any]] = field(default_factory=list)
    seconds: dict[int, float] = field(default_factory=dict)
    total: float = 0


class Sandbox:
    """A warm sandbox. Not for two threads at once; the thread that starts it has to live on."""

    def __init__(self, *, unsafe: bool = False) -> None:
        """unsafe: without a sandbox, which the teacher has to ask for."""
        self.unsafe = unsafe
        self.process: subprocess.Popen[bytes] | None = None
        self.control: socket.socket | None = None
        self.apart: bool | None = None

    def run(self, opening: list[str], request: dict[str, Any], limits: Limits) -> Run:
        """Run a notebook; raise SandboxBroke where that is not the notebook's doing.

        opening: the cells that every student of the set starts with.
        """
        ours = _line({"opening": opening, "limits": asdict(limits)})
        start = time.monotonic()
        self.warm()
        run = self._warm if self.apart else self._cold
        done = run(ours, _line(request), limits)
        done.total = time.monotonic() - start
        return done

    def warm(self) -> None:
        """Start the sandbox, where it is not there yet; raise SandboxBroke where it can't be."""
        # Where no process can be put apart, that is found out once.
        if not self.unsafe and self.process is None and self.apart is not False:
            self._start()

    def close(self) -> None:
        """End the sandbox and all that is in it."""
        if self.control is not None:
            self.control.close()
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            if self.process.stderr is not None:
                self.process.stderr.close()
        self.process = self.control = None

    def _start(self) -> None:
        self.control, inner = socket.socketpair()
        self.control.settimeout(_START_SECONDS)
        with inner:
            self.process = subprocess.Popen(
                [*walls(), *python(), str(inner.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=[inner.fileno()],
                cwd="/",
            )
        self.apart = bool(self._reply().get("apart"))

    def _reply(self) -> dict[str, Any]:
        # Someone may close the sandbox meanwhile: the teacher, with Ctrl-C.
        process, control = self.process, self.control
        assert process is not None and control is not None and process.stderr is not None
        try:
            line = b""
            while not line.endswith(b"\n"):
                more = control.recv(4096)
                if not more:
                    raise OSError("it ended")
                line += more
            reply: dict[str, Any] = json.loads(line)
            return reply
        except (OSError, ValueError) as error:
            told = str(error)
            if process.poll() is not None and not process.stderr.closed:
                told = process.stderr.read().decode(errors="replace").strip()[-300:] or told
            self.close()
            raise SandboxBroke(f"The sandbox did not answer ({told}).") from None

    def _warm(self, ours: bytes, theirs: bytes, limits: Limits) -> Run:
        assert self.control is not None
        reading, writing = os.pipe()
        reader = _Reader(reading, limits)
        with tempfile.TemporaryFile() as one, tempfile.TemporaryFile() as two:
            for file, content in ((one, ours), (two, theirs)):
                file.write(content)
                file.seek(0)
            self.control.settimeout(limits.seconds + _GRACE)
            try:
                socket.send_fds(self.control, [b"."], [one.fileno(), two.fileno(), writing])
            except OSError as error:
                self.close()
                raise SandboxBroke(f"The sandbox took no notebook ({error}).") from None
            finally:
                os.close(writing)
        reply = self._reply()
        reader.join(_GRACE)
        if reply.get("end", BROKEN) == BROKEN:
            raise SandboxBroke(reply.get("broken", "A notebook could not be put apart."))
        return reader.result(_ENDS[reply["end"]])

    def _cold(self, ours: bytes, theirs: bytes, limits: Limits) -> Run:
        """A process, and where there is a sandbox a sandbox, for this notebook alone."""
        self.close()
        command = python() if self.unsafe else [*walls(), *python()]
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as file:
            file.write(ours + theirs)
            file.seek(0)
            process = subprocess.Popen(
                [*command, "--unsafe" if self.unsafe else "--once"],
                stdin=file,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=folder if self.unsafe else "/",
                start_new_session=True,
            )
            assert process.stdout is not None
            reader = _Reader(os.dup(process.stdout.fileno()), limits)
            process.stdout.close()
            late = False
            try:
                process.wait(limits.seconds + _START_SECONDS / 10)
            except subprocess.TimeoutExpired:
                late = True
            _kill(process)
            reader.join(1)
        if not any("step" in message for message in reader.messages):
            raise SandboxBroke("Python did not come up to run a notebook.")
        return reader.result("too long" if late else "finished")


class _Reader(threading.Thread):
    """Reads what comes out of a notebook, and stops listening when it is too much."""

    def __init__(self, descriptor: int, limits: Limits) -> None:
        super().__init__(daemon=True)
        self.descriptor, self.most = descriptor, limits.answers_mb * 2**20
        self.messages: list[dict[str, Any]] = []
        self.seconds: dict[int, float] = {}
        self.whole = True
        self.start()

    def run(self) -> None:
        """Read to the end; a line that is no JSON object is a student's, and dropped."""
        size, rest, step, since = 0, [], -1, time.monotonic()
        while more := os.read(self.descriptor, 1 << 20):
            size += len(more)
            if size > self.most or len(self.messages) > _MOST_MESSAGES:
                self.whole = False
                break
            # A line without end is put together once, not at every piece of it.
            rest.append(more)
            if b"\n" not in more:
                continue
            *lines, last = b"".join(rest).split(b"\n")
            rest = [last]
            for message in filter(None, map(_message, lines)):
                self.messages.append(message)
                if isinstance(message.get("step"), int):
                    now = time.monotonic()
                    self.seconds[step] = self.seconds.get(step, 0) + now - since
                    step, since = message["step"], now
        self.seconds[step] = self.seconds.get(step, 0) + time.monotonic() - since
        os.close(self.descriptor)

    def result(self, end: str) -> Run:
        """All that was read."""
        done = any(message.get("done") is True for message in self.messages)
        if end == "finished" and not done:
            end = "died"
        return Run(end if self.whole else "too much", self.messages, self.seconds)


def _line(content: dict[str, Any]) -> bytes:
    return (json.dumps(content) + "\n").encode()


def _message(line: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()
    process.wait()
