"""Make exercises and keys from solution notebooks: `americas build`."""

import hashlib
import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbformat import NotebookNode

from americas.author.isolated import Trial, answers
from americas.author.solution_parser import (
    Exercise,
    ExerciseSet,
    opening_comment,
    read_set,
    without_check,
)
from americas.author.student_notebook import exercise_notebook, set_goals
from americas.checks.check import Key, Verdict
from americas.checks.compare import Feedback, compare, matches_wrong_turn, without_titles
from americas.checks.fingerprint import Fingerprint
from americas.course.execute import add_pictures, execute
from americas.course.notebooks import read, tags, write
from americas.course.paths import Course
from americas.course.progress import track
from americas.errors import CourseError

# Columns that students take for one another: where a solution uses the first, the answer that
# the second would give is recognised, and named, in every exercise without its author's help.
_TWINS = (
    ("usd_current", "usd_2020",
     "Your numbers are dollars of 2020. The question asks for dollars of the time."),
    ("usd_2020", "usd_current",
     "Your numbers are dollars of the time. The question asks for dollars of 2020, "
     "which take inflation out."),
    ("rate_per_100k", "homicides",
     "You worked with counts of cases where rates, cases per 100,000 people, are needed."),
    ("homicides", "rate_per_100k",
     "You worked with rates where counts of cases are needed."),
    ("students", "cost_usd",
     "You worked with what the courses cost where places on them are needed."),
)  # fmt: skip


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


def make_keys(exercises: ExerciseSet) -> dict[str, Key]:
    """The key of every checked exercise, from running its solution and its wrong turns."""
    checked = [exercise for exercise in exercises.exercises if not exercise.written]
    trials = [(ex, turn, trial) for ex in checked for turn, trial in _trials(ex, exercises)]
    found: dict[str, dict[str, Fingerprint]] = {exercise.number: {} for exercise in checked}
    results = answers([trial for _, _, trial in trials])
    for (exercise, turn, _), result in zip(trials, results, strict=True):
        found[exercise.number][turn] = result
    return {ex.number: _key(ex, found[ex.number], exercises.name) for ex in checked}


def _trials(exercise: Exercise, exercises: ExerciseSet) -> list[tuple[str, Trial]]:
    by_number = {other.number: other for other in exercises.exercises}
    before = exercises.opening_code()
    for need in exercise.needs:
        before += [*by_number[need].given_code(), by_number[need].solution.source]
    before += exercise.given_code()
    code = exercise.solution.source
    variants = {"": code} | {turn.sentence: turn.code for turn in exercise.wrong_turns}
    if len(variants) <= len(exercise.wrong_turns):
        raise CourseError(
            f"{exercises.name}, exercise {exercise.number}: two wrong turns have one sentence."
        )
    for column, twin, sentence in _TWINS:
        if re.search(rf"\b{column}\b", code):
            variants[sentence] = re.sub(rf"\b{column}\b", twin, code)
    return [(turn, Trial([*before, source], exercise.name)) for turn, source in variants.items()]


def _key(exercise: Exercise, found: dict[str, Fingerprint], name: str) -> Key:
    where = f"{name}, exercise {exercise.number}"
    answer = found.pop("")
    if answer["kind"] == "error":
        raise CourseError(
            f"{where}: the solution, run by itself below the opening cells, stops with "
            f"{answer['type']}: {answer['message']}. If it builds on another exercise, say so: "
            'the check cell\'s metadata "americas": {"needs": [...]}.'
        )
    if answer["kind"] in ("unanswered", "big", "other"):
        raise CourseError(f"{where}: the solution's answer can't be compared ({answer}).")
    authored = {turn.sentence for turn in exercise.wrong_turns}
    turns: list[dict] = []
    for sentence, wrong in found.items():
        fault = _fault(wrong, answer, turns, exercise)
        if fault and sentence in authored:
            raise CourseError(f"{where}: the wrong turn “{sentence}” {fault}.")
        if wrong["kind"] == "chart" and sentence not in authored:
            wrong = without_titles(wrong)
        if not fault:
            turns.append({"sentence": sentence, "answer": wrong})
    return Key(answer, exercise.options, turns, exercise.needs)


def _fault(wrong, answer, turns, exercise) -> str:
    if wrong["kind"] == "error":
        return f"stops with {wrong['type']}: {wrong['message']}"
    if wrong["kind"] == "unanswered":
        return "gives no answer"
    if compare(wrong, answer, exercise.options) is None:
        return "equals the right answer"
    for other in turns:
        if matches_wrong_turn(wrong, other["answer"], exercise.options):
            return f"gives the same answer as “{other['sentence']}”"
    return ""


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
    """A hash of all that a notebook asks and gives, whatever it shows."""
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
    print(f"{exercises.name}: {len(exercises.exercises)} exercises")
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
