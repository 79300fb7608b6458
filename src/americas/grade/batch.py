"""Mark a class in parallel: nothing twice, and what was marked is kept if the run is stopped."""

import copy
import hashlib
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import americas
from americas import data
from americas.errors import CourseError
from americas.grade.assignment import Assignment, Sets
from americas.grade.attempts import Entry
from americas.grade.mark import Job, close, mark, prepare
from americas.grade.results import Result, note
from americas.grade.store import Store

# What is finished is stored together once in so many seconds: a kill loses no more than this.
_STORE_SECONDS = 0.5


def mark_all(
    found: list[Entry],
    sets: Sets,
    store: Store,
    executor: Executor,
    *,
    unsafe: bool,
    width: int,
    progress: Callable[[int, int], None],
) -> int:
    """Give every entry its result; return how many were taken from an earlier run.

    A result is stored under a key of notebook, exercise set and course version. width: how many
    notebooks are in memory at once. Raise CourseError where the database can't be written.
    """
    waiting: dict[str, list[Entry]] = {}
    for entry in found:
        if not entry.problem:
            assignment = sets.assignment(entry.lesson)
            waiting.setdefault(key(entry.hash, assignment, unsafe=unsafe), []).append(entry)
    stored = store.results(list(waiting))
    for name, result in stored.items():
        _give(waiting[name], result)
    done = len(stored)
    progress(done, len(waiting))
    ready: dict[str, Result] = {}
    since = time.monotonic()
    jobs = ((name, one[0]) for name, one in waiting.items() if name not in stored)
    for name, result in _in_turn(executor, jobs, sets, unsafe, width):
        _give(waiting[name], result)
        # What the program failed at is tried again next time.
        if not waiting[name][0].broken:
            ready[name] = result
        if time.monotonic() - since > _STORE_SECONDS:
            with store.transaction():
                store.keep_results(ready)
            ready, since = {}, time.monotonic()
        done += 1
        progress(done, len(waiting))
    with store.transaction():
        store.keep_results(ready)
    return sum(len(waiting[name]) for name in stored)


def _in_turn(
    executor: Executor, jobs: Iterable[tuple[str, Entry]], sets: Sets, unsafe: bool, width: int
) -> Iterator[tuple[str, Result]]:
    """Mark, never more than `width` notebooks at once; yield results as they come."""
    running: dict[Future[Result], str] = {}
    for name, entry in jobs:
        while len(running) >= width:
            yield from _finished(running)
        assert entry.raw is not None
        job = Job(entry.raw(), sets.assignment(entry.lesson), unsafe=unsafe)
        running[executor.submit(mark, job)] = name
    while running:
        yield from _finished(running)


def _finished(running: dict[Future[Result], str]) -> Iterator[tuple[str, Result]]:
    done, _ = wait(running, return_when=FIRST_COMPLETED)
    for future in done:
        yield running.pop(future), future.result()


@contextmanager
def workers(count: int, scheduler: str, *, unsafe: bool, at_once: bool) -> Iterator[Executor]:
    """Return those who mark: threads here, that share a sandbox, or a Dask cluster's workers.

    at_once: start the sandbox now, so that it comes up while this process reads notebooks.
    Raise CourseError where code can't be shut in, or where no cluster answers.
    """
    if scheduler:
        with _cluster(scheduler) as executor:
            yield executor
        return
    executor = ThreadPoolExecutor(count)
    try:
        prepare(unsafe=unsafe, start=at_once)
        yield executor
    except KeyboardInterrupt:
        executor.shutdown(wait=False, cancel_futures=True)
        close(for_good=True)
        raise
    finally:
        executor.shutdown(cancel_futures=True)
        close()


@contextmanager
def _cluster(scheduler: str) -> Iterator[Executor]:
    """Return the workers of a Dask cluster; each sees for itself that it can shut code in."""
    try:
        from distributed import Client
    except ModuleNotFoundError:
        told = "Marking on a Dask cluster needs one more package: pip install distributed"
        raise CourseError(told) from None
    try:
        client = Client(scheduler, timeout=20)
    except (OSError, ValueError) as error:
        raise CourseError(f"No Dask scheduler answers at {scheduler} ({error}).") from None
    with client, client.get_executor(pure=False) as executor:
        yield executor
        client.run(close)


def key(digest: str, assignment: Assignment, *, unsafe: bool) -> str:
    """Return what a result is stored under."""
    parts = (digest, assignment.name, assignment.version, course_version(), unsafe)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


# All that a student's code or a comparison may import or read of the package, code or not. The
# keys are left out: each set's own version has them.
_READ = ("*.py", "checks/*.*", "checks/compare/*.*", "course/*.*", "grade/*.py")


@cache
def course_version(package: Path = Path(americas.__file__).parent) -> str:
    """Return the version of what marks depend on, release or not: a hash of the files read."""
    mixed = hashlib.sha256()
    tables = data.folder().glob("*.*")
    for path in sorted([file for part in _READ for file in package.glob(part)] + [*tables]):
        mixed.update(path.read_bytes())
    return mixed.hexdigest()[:16]


def _give(waiting: list[Entry], result: Result) -> None:
    for entry in waiting:
        entry.result = copy.deepcopy(result)


def name_twins(found: list[Entry]) -> None:
    """Tell the teacher, and nobody else, whose files are the very same."""
    by: dict[str, list[Entry]] = {}
    for entry in found:
        if entry.result and any(record["points"] for record in entry.result["exercises"]):
            by.setdefault(entry.hash, []).append(entry)
    for same in by.values():
        for entry in same:
            others = [one.student.label for one in same if one.student != entry.student]
            if others:
                entry.private.append(
                    note(f"The very same file was handed in by {', '.join(others)}.")
                )
