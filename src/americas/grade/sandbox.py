"""Runs strangers' code: the outer side. It starts the sandbox, hands notebooks in, reads answers.

The sandbox is bubblewrap's: no network, no home, a system that can't be written, and of the
course only the package without its keys, and the tables. What comes out of it is not believed:
lines of JSON, cut off where there are too many.
"""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import tempfile
import threading
import time
from dataclasses import asdict
from typing import Any

from americas.grade.bubblewrap import python, walls
from americas.grade.limits import DIED, FINISHED, TOO_LONG, Limits
from americas.grade.output import Reader, Run, message_of

# How much longer than a notebook may take until the sandbox itself is given up.
_GRACE = 20
_START_SECONDS = 120
# How long it may take until a sandbox that has fallen silent is known to be dead.
_DEATH_SECONDS = 1
_ENDS = {FINISHED: "finished", DIED: "died", TOO_LONG: "too long"}


class SandboxBroke(Exception):
    """The sandbox failed, not the student; the message says how."""


class Sandbox:
    """A warm sandbox for several threads; the thread that starts it has to live on."""

    def __init__(self, *, unsafe: bool = False) -> None:
        """unsafe: without a sandbox, which the teacher has to ask for."""
        self.unsafe = unsafe
        self.process: subprocess.Popen[bytes] | None = None
        self.control: socket.socket | None = None
        # None until it has told whether it can put students apart; found out once.
        self.apart: bool | None = None
        self._closed = False
        self._changing = threading.Lock()

    def run(self, opening: list[str], request: dict[str, Any], limits: Limits) -> Run:
        """Run a notebook; raise SandboxBroke where that is not the notebook's doing.

        opening: the cells that every student of the set starts with.
        """
        ours = _line({"opening": opening, "limits": asdict(limits)})
        start = time.monotonic()
        run = self._warm if not self.unsafe and self._can_put_apart() else self._cold
        done = run(ours, _line(request), limits)
        done.total = time.monotonic() - start
        return done

    def warm(self) -> None:
        """Start the sandbox, where it is not there yet, and don't wait for it."""
        with self._changing:
            if self._closed:
                raise SandboxBroke("The run was stopped.")
            if not self.unsafe and self.process is None and self.apart is not False:
                self._start()

    def close(self) -> None:
        """End the sandbox and all that is in it; it can't be started again."""
        with self._changing:
            self._closed = True
            self._end()

    def _end(self) -> None:
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
        self.apart = None

    def _can_put_apart(self) -> bool:
        """Return whether students can be put apart inside of one sandbox; start it if need be."""
        self.warm()
        with self._changing:
            if self.apart is None and self.control is not None:
                self.apart = self._told_apart(self.control)
                if not self.apart:
                    self._end()
            return bool(self.apart)

    def _told_apart(self, control: socket.socket) -> bool:
        try:
            with control.makefile("rb") as lines:
                return bool(json.loads(lines.readline())["apart"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            process, told = self.process, str(error)
            if process is not None and process.stderr is not None:
                process.kill()
                told = process.stderr.read().decode(errors="replace").strip()[-300:] or told
            self._end()
            raise SandboxBroke(f"The sandbox did not answer ({told}).") from None

    def _warm(self, ours: bytes, theirs: bytes, limits: Limits) -> Run:
        reading, writing = os.pipe()
        ending, told = os.pipe()
        reader = Reader(reading, limits)
        with tempfile.TemporaryFile() as one, tempfile.TemporaryFile() as two:
            for file, content in ((one, ours), (two, theirs)):
                file.write(content)
                file.seek(0)
            files = [one.fileno(), two.fileno(), writing, told]
            try:
                with self._changing:
                    if self.control is None:
                        raise OSError("it was closed")
                    socket.send_fds(self.control, [b"."], files)
            except OSError as error:
                os.close(ending)
                self._bury()
                raise SandboxBroke(f"The sandbox took no notebook ({error}).") from None
            finally:
                os.close(writing)
                os.close(told)
        with open(ending, "rb") as lines:  # noqa: PTH123
            # Another thread may close the sandbox meanwhile: then this one ends without a word.
            heard = select.select([lines], [], [], limits.seconds + _GRACE)[0]
            reply = message_of(lines.readline()) if heard else None
        reader.join(_GRACE)
        if reply is None or reply.get("end") not in _ENDS:
            self._bury()
            why = reply.get("broken") if reply else "A notebook could not be put apart."
            raise SandboxBroke(str(why))
        return reader.result(_ENDS[reply["end"]])

    def _bury(self) -> None:
        """Where the sandbox has died, let the next notebook start another."""
        with self._changing, contextlib.suppress(subprocess.TimeoutExpired):
            if self.process is not None:
                self.process.wait(_DEATH_SECONDS)
                self._end()

    def _cold(self, ours: bytes, theirs: bytes, limits: Limits) -> Run:
        """Run a notebook in a process, and unless unsafe a sandbox, of its own."""
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
            reader = Reader(os.dup(process.stdout.fileno()), limits)
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


def _line(content: dict[str, Any]) -> bytes:
    return (json.dumps(content) + "\n").encode()


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()
    process.wait()
