"""Run pieces of code in a process of their own and return their answers' fingerprints."""

import json
import subprocess
import sys
from dataclasses import asdict, dataclass

from americas.checks.fingerprint import Fingerprint
from americas.errors import CourseError

_SECONDS = 600


@dataclass(frozen=True)
class Trial:
    """Code to run in a namespace of its own, and the name whose value is the answer."""

    code: list[str]
    name: str


def answers(trials: list[Trial]) -> list[Fingerprint]:
    """Return the fingerprint of each trial's answer; an `error` if its code raised.

    Each trial has a namespace of its own. The code is the author's and is trusted.
    Raise CourseError if the process fails.
    """
    done = subprocess.run(
        [sys.executable, "-m", "americas.author.isolated"],
        input=json.dumps([asdict(trial) for trial in trials]),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=_SECONDS,
    )
    if done.returncode:
        last = done.stderr.strip().split("\n")[-1]
        raise CourseError(f"The code of the exercises could not be run: {last}")
    return json.loads(done.stdout)


def _answer(trial: Trial) -> Fingerprint:
    from americas.checks.fingerprint import failure, fingerprint

    namespace: dict = {"__name__": "__main__"}
    try:
        for cell in trial.code:
            exec(compile(cell, "<cell>", "exec"), namespace)
        return fingerprint(namespace[trial.name])
    except Exception as error:
        return failure(error)


def _main() -> None:
    import contextlib
    import io

    trials = [Trial(**trial) for trial in json.load(sys.stdin)]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        found = [_answer(trial) for trial in trials]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    _main()
