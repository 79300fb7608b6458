"""What comes out of a notebook: lines of JSON, believed by nobody, cut off where there are too many."""

import json
import os
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from americas.grade.limits import Limits

_MOST_MESSAGES = 50_000


@dataclass
class Run:
    """What came out of one notebook.

    end: finished, died, too long, or too much. seconds: by step, as far as it came.
    """

    end: str
    messages: list[dict[str, Any]] = field(default_factory=list)
    seconds: dict[int, float] = field(default_factory=dict)
    total: float = 0


class Reader(threading.Thread):
    """Reads what comes out of a notebook, and stops listening when it is too much."""

    def __init__(self, descriptor: int, limits: Limits) -> None:
        """Begin to read; descriptor: is closed in the end."""
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
            for message in filter(None, map(message_of, lines)):
                self.messages.append(message)
                if isinstance(message.get("step"), int):
                    now = time.monotonic()
                    self.seconds[step] = self.seconds.get(step, 0) + now - since
                    step, since = message["step"], now
        self.seconds[step] = self.seconds.get(step, 0) + time.monotonic() - since
        os.close(self.descriptor)

    def result(self, end: str) -> Run:
        """Return all that was read. end: how the process ended."""
        done = any(message.get("done") is True for message in self.messages)
        if end == "finished" and not done:
            end = "died"
        return Run(end if self.whole else "too much", self.messages, self.seconds)


def message_of(line: bytes) -> dict[str, Any] | None:
    """Return what a line says; None where it is no JSON object."""
    try:
        found = json.loads(line, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _refuse(constant: str) -> None:
    raise ValueError(constant)
