"""Make exercises and keys from solution notebooks: `americas build`."""

import hashlib
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbformat import NotebookNode

from americas.author.keys import make_keys
from americas.author.slips import slips
from americas.author.solution_parser import (
    ExerciseSet,
    opening_comment,
    read_set,
    without_check,
)
from americas.author.student_notebook import exercise_notebook, set_goals
from americas.checks.check import Key, Verdict
from americas.checks.compare import Feedback
from americas.checks.fingerprint_types import Fingerprint
from americas.course.execute import add_pictures, execute
from americas.course.notebooks import read, tags, write
from americas.course.paths import Course
from americas.course.progress import track
from americas.errors import CourseError


def build(course: Course, names: list[str], *, discard: bool = False) -> int:
    """Build the sets named, else all: keys, stored solutions, exercises. Prints a report.

    Refuses an unsound set with a sentence, and then leaves all its files as they were.
    """
    paths = [course.root / "solutions" / f"{name}.ipynb" for name in names]
    failed = 0
    for path in track(paths or course.solutions(), "Building"):
        try:
            _build(course, path, discard)
        except CourseError as error:
            failed = 1
            print(error, file=sys.stderr)
    return failed


def _build(course: Course, path: Path, discard: bool) -> None:
    target = course.root / "exercises" / path.name
    if target.exists() and not discard:
        _refuse_edited(target)
    exercises = read_set(path)
    keys = make_keys(exercises)
    target.parent.mkdir(exist_ok=True)
    solution, notebook = read(path), exercise_notebook(exercises)
    with _new_keys(course.keys / f"{path.stem}.json", keys):
        execute(solution, path)
        _refuse_surprises(solution, path)
        execute(notebook, target)
        for stored in (solution, notebook):
            add_pictures(stored)
        set_goals(notebook)
        notebook.metadata["americas"] = {"digest": digest(notebook)}
        write(solution, path)
        write(notebook, target)
    _report(exercises, keys)


@contextmanager
def _new_keys(path: Path, keys: dict[str, Key]) -> Iterator[None]:
    """Put the keys where the kernels find them; the old ones come back if a run fails."""
    old = path.read_bytes() if path.exists() else None
    content = {"exercises": {number: key.encoded() for number, key in keys.items()}}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8", newline="\n")
    try:
        yield
    except BaseException:
        path.unlink() if old is None else path.write_bytes(old)
        raise


def _refuse_surprises(solution: NotebookNode, path: Path) -> None:
    """Refuse a run in which a cell was told something else than its author means it to be told."""
    for cell in solution.cells:
        tag = next((t for t in tags(cell) if t in ("wrong-turn", "check", "also-right")), None)
        if tag is None:
            continue
        _, number, _ = without_check(cell.source, path.name)
        meant = Verdict(number, "correct")
        if tag == "wrong-turn":
            meant = Verdict(number, "not yet", Feedback(opening_comment(cell.source)))
        told = [output.get("data", {}).get("text/plain", "") for output in cell.outputs]
        if meant.line() not in told:
            raise CourseError(
                f"{path.name}, exercise {number}: a cell tagged `{tag}` is told "
                f"“{' '.join(told)}” where “{meant.line()}” is meant. The cell begins: "
                f"{cell.source.strip()[:80]!r}."
            )


def digest(notebook: NotebookNode) -> str:
    """Return a hash of all that a notebook asks and gives, whatever it shows."""
    sources = json.dumps([[cell.cell_type, cell.source] for cell in notebook.cells])
    return hashlib.sha256(sources.encode()).hexdigest()


def _refuse_edited(target: Path) -> None:
    notebook = read(target)
    if notebook.metadata.get("americas", {}).get("digest") != digest(notebook):
        raise CourseError(
            f"exercises/{target.name} was edited since it was built, and building would lose that. "
            f"Move the edits to solutions/{target.name}, or build with --discard to drop them."
        )


def _report(exercises: ExerciseSet, keys: dict[str, Key]) -> None:
    checked = [exercise for exercise in exercises.exercises if not exercise.written]
    tried = sum(len(slips(exercise.solution.source, exercise.name)) for exercise in checked)
    print(f"{exercises.name}: {len(exercises.exercises)} exercises, {tried} slips tried")
    for exercise in exercises.exercises:
        if exercise.written:
            print(f"  {exercise.number} {exercise.title}: written, marked with its rubric")
            continue
        key = keys[exercise.number]
        print(f"  {exercise.number} {exercise.title}: `{exercise.name}` is {_told(key.answer)}")
        for turn in key.wrong_turns:
            print(f"      {_told(turn['answer'])} → {turn['sentence']}")


def _told(found: Fingerprint) -> str:
    if found["kind"] == "table":
        names = ", ".join(str(column["name"]) for column in found["columns"])
        return f"a table of {found['rows']:,} rows ({names})"
    if found["kind"] == "chart":
        return "a chart of " + ", ".join(unit["mark"] for unit in found["units"])
    if "items" in found:
        return f"a {found['kind']} of {len(found['items'])}"
    return f"{found['kind']} {found.get('value')}"
