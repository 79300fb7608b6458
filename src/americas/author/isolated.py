"""Run pieces of code in a process of their own and return their answers' fingerprints."""

import json
import subprocess
import sys
import types
from dataclasses import asdict, dataclass
from typing import Any

from americas.checks.fingerprint_types import Fingerprint
from americas.errors import CourseError

_SECONDS = 600


@dataclass(frozen=True)
class Trial:
    """Code to run below other code, and the name whose value is the answer.

    before: the cells above, which trials that follow one another share.
    """

    before: list[str]
    code: str
    name: str


@dataclass(frozen=True)
class Result:
    """What a trial gave; rows: which rows its filters chose, so that two trials can be compared."""

    answer: Fingerprint
    rows: list[str]


def results(trials: list[Trial]) -> list[Result]:
    """Return each trial's result; its answer is an `error` where its code raised.

    No trial sees what another does. The code is the author's own and is trusted.
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
    return [Result(**result) for result in json.loads(done.stdout)]


def _run(trials: list[Trial]) -> list[Result]:
    """Run the trials; what stands above several of them is run once."""
    from americas.checks.fingerprint import failure, fingerprint

    ready: dict[tuple[str, ...], dict[str, Any]] = {}
    found = []
    with _noted() as rows:
        for trial in trials:
            try:
                space = _fresh(_prepared(tuple(trial.before), ready))
                rows.clear()
                exec(compile(trial.code, "<cell>", "exec"), space)
                answer = fingerprint(space[trial.name])
            except Exception as error:
                answer = failure(error)
            found.append(Result(answer, list(rows)))
    return found


def _prepared(before: tuple[str, ...], ready: dict[tuple[str, ...], dict]) -> dict[str, Any]:
    """Return the names that the cells above leave; each beginning they share is run only once."""
    if before not in ready:
        space = _fresh(_prepared(before[:-1], ready)) if before else {"__name__": "__main__"}
        if before:
            exec(compile(before[-1], "<cell>", "exec"), space)
        ready[before] = space
    return ready[before]


def _fresh(space: dict[str, Any]) -> dict[str, Any]:
    """Return the names again, so that no change to their values, nor to what functions use, is seen."""
    import copy

    import pandas as pd

    made: dict[str, Any] = {}
    for name, value in space.items():
        if isinstance(value, pd.DataFrame | pd.Series):
            made[name] = value.copy(deep=False)  # pandas copies on writing
        elif isinstance(value, types.FunctionType) and value.__globals__ is space:
            made[name] = types.FunctionType(
                value.__code__, made, name, value.__defaults__, value.__closure__
            )
        elif isinstance(value, list | dict | set) or type(value).__name__ == "Generator":
            made[name] = copy.deepcopy(value) if name != "__builtins__" else value
        else:
            made[name] = value
    return made


class _noted:
    """While it is entered, a list fills with which rows each filter chose."""

    def __enter__(self) -> list[str]:
        import pandas as pd

        rows: list[str] = []
        self.kept = pd.DataFrame.query, pd.DataFrame.__getitem__

        def note(found: Any, table: Any) -> Any:
            if isinstance(found, pd.DataFrame) and len(found) != len(table):
                rows.append(str(pd.util.hash_pandas_object(found.index).sum()))
            return found

        query, getitem = self.kept
        pd.DataFrame.query = lambda table, expr, **options: note(
            query(table, expr, **options | {"level": options.get("level", 0) + 1}), table
        )
        pd.DataFrame.__getitem__ = lambda table, key: note(getitem(table, key), table)
        return rows

    def __exit__(self, *_: Any) -> None:
        import pandas as pd

        pd.DataFrame.query, pd.DataFrame.__getitem__ = self.kept


def _main() -> None:
    import contextlib
    import io

    trials = [Trial(**trial) for trial in json.load(sys.stdin)]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        found = [asdict(result) for result in _run(trials)]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    _main()
