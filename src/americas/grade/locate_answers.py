"""Finds a student's answers again, by exercise number and by variable name.

What was locked is put back as it was handed out: the opening runs first, whatever became of the
student's copy, and the checks are ours. In between run all the student's own cells, in the order
in which they stand. Cell ids are a help where they survive, never a condition.

The rule for answers: the last check of an exercise that found an answer counts. Where no check
found one, it is the value that the name has at the end of the exercise, else at the end of the
notebook.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from americas.course.exercises import PLACEHOLDER
from americas.grade.assignment import Assignment, Exercise, plain
from americas.grade.cell_code import BLANK, assigned
from americas.grade.parse import Cell, Notebook
from americas.grade.results import Note, Work, note

# These run outside of the sandbox on whatever a student wrote: each takes time in proportion to it.
_NUMBER = re.compile(
    rf"^{BLANK}{{0,3}}(?:#{{1,6}}|\*\*){BLANK}*(?:\w+{BLANK}+)?(\d{{1,2}}\.\d{{1,2}})(?![\d.])",
    re.MULTILINE,
)
_CHECK = re.compile(r"""\bcheck\(\s*["']?(\d{1,2}\.\d{1,2})["']?\s*[,)]""")
_FENCE = re.compile(r"\s*```[\w{} .]*")
_MOST_TEXT, _MOST_CODE, _MOST_CHARTS = 30_000, 10_000, 12


@dataclass(frozen=True)
class Plan:
    """What to run for one notebook, and what it says that no machine marks.

    steps: dicts, in order. `run` holds code and the exercise it belongs to ("" where none),
    `sure` is False where the code stood in a text cell; `close` holds the number of an exercise
    that ends there.
    texts: exercise number → the student's words. untouched: the exercises whose code is still as
    it was handed out. claimed: those whose stored output said "Correct." when the student ran
    them. notes: for the teacher. work: what stands around each written answer.
    """

    steps: list[dict[str, Any]]
    texts: dict[str, str]
    untouched: list[str]
    claimed: list[str]
    notes: list[Note]
    work: dict[str, Work]


def lesson_of(notebook: Notebook) -> str:
    """Return the two digits of the lesson that a notebook's exercises belong to, or ""."""
    votes = Counter(
        number.partition(".")[0].zfill(2)
        for cell in notebook.cells
        for number in (_NUMBER if cell.kind == "markdown" else _CHECK).findall(cell.source)
    )
    return votes.most_common(1)[0][0] if votes else ""


def held(notebook: Notebook, assignment: Assignment) -> set[str]:
    """Return the numbers of the set's exercises of which a notebook has prompt, answer or check."""
    ids = {ex.answer_id: ex.number for ex in assignment.exercises if ex.answer_id}
    found: set[str] = set()
    for cell in notebook.cells:
        if cell.kind == "markdown":
            found |= set(_NUMBER.findall(cell.source))
        else:
            found |= {*_CHECK.findall(cell.source), _own(cell, assignment)}
        found.add(ids.get(cell.id, ""))
    return {number for number in found if assignment.exercise(number)}


def is_lesson(notebook: Notebook) -> bool:
    """Return whether this is a lesson's notebook: only these sum up their key points."""
    return any(
        cell.kind == "markdown" and "## Key points" in cell.source for cell in notebook.cells
    )


def plan(notebook: Notebook, assignment: Assignment) -> Plan:
    """Return what to run, and in which order, to mark a notebook."""
    notes = [note(text) for text in notebook.notes]
    if notebook.digest and notebook.digest != assignment.digest:
        notes.append(note("Made from another version of the exercises than the one here."))
    placed = list(_placed(notebook.cells, assignment))
    steps = _steps(placed, assignment, notes)
    checked = {n for number, cell in placed for n in _CHECK.findall(cell.source) if n == number}
    notes += [
        note("its check cell is gone or changed; put back.", exercise.number)
        for exercise in assignment.exercises
        if not exercise.written and exercise.number not in checked
    ]
    texts = {ex.number: _text(ex, placed, assignment) for ex in assignment.exercises}
    touched = {
        step["number"]
        for step in steps
        if "run" in step and plain(step["run"]) not in assignment.released
    }
    untouched = [ex.number for ex in assignment.exercises if ex.number not in touched]
    claimed = sorted({cell.told.partition(" ")[0] for cell in notebook.cells if cell.told})
    work = {ex.number: _work(ex, placed) for ex in assignment.exercises}
    return Plan(steps, texts, untouched, claimed, notes, work)


def _placed(cells: list[Cell], assignment: Assignment) -> Iterator[tuple[str, Cell]]:
    """Yield each cell with the exercise it belongs to, "" above the first."""
    current = ""
    for cell in cells:
        if cell.kind == "markdown":
            heads = [n for n in _NUMBER.findall(cell.source) if assignment.exercise(n)]
            current = heads[-1] if heads else current
            yield current, cell
        else:
            yield _own(cell, assignment) or current, cell


def _own(cell: Cell, assignment: Assignment) -> str:
    """Return the one exercise that a code cell speaks of, whatever stands above it."""
    checked = {n for n in _CHECK.findall(cell.source) if assignment.exercise(n)}
    names = assigned(cell.source, assignment.names)
    named = {ex.number for ex in assignment.exercises if ex.name in names}
    for found in (checked, named):
        if len(found) == 1:
            return found.pop()
    ids = {ex.answer_id: ex.number for ex in assignment.exercises if ex.answer_id}
    return ids.get(cell.id, "")


def _steps(
    placed: list[tuple[str, Cell]], assignment: Assignment, notes: list[Note]
) -> list[dict[str, Any]]:
    opening = {plain(source) for source in assignment.opening}
    there = {plain(cell.source) for _, cell in placed if cell.kind == "code"}
    last = {number: position for position, (number, _) in enumerate(placed)}
    steps: list[dict[str, Any]] = []
    begun: set[str] = set()
    for position, (number, cell) in enumerate(placed):
        exercise = assignment.exercise(number)
        if exercise and number not in begun:
            begun.add(number)
            steps += _put_back(exercise, there, notes)
        if cell.kind == "code":
            if cell.source.strip() and plain(cell.source) not in opening:
                steps.append({"run": cell.source, "number": number, "sure": True})
        elif (code := _code_in(cell, assignment)) is not None:
            steps.append({"run": code, "number": number, "sure": False})
        if exercise and not exercise.written and last[number] == position:
            steps.append({"close": number})
    return steps


def _put_back(exercise: Exercise, there: set[str], notes: list[Note]) -> list[dict[str, Any]]:
    lost = [source for source in exercise.given if plain(source) not in there]
    if lost:
        notes.append(note("a cell that was given is gone or changed; put back.", exercise.number))
    return [{"run": source, "number": exercise.number, "sure": True} for source in lost]


def _code_in(cell: Cell, assignment: Assignment) -> str | None:
    """Return the code of an answer that stands in a text cell, if there is any."""
    if plain(cell.source) in assignment.released:
        return None
    fenced = _fenced(cell.source)
    code = "\n".join(fenced) if fenced else cell.source
    return code if assigned(code, assignment.names) else None


def _fenced(text: str) -> list[str]:
    """Return the blocks of code of a text: what stands between lines of three backticks."""
    blocks: list[str] = []
    inside: list[str] | None = None
    for line in text.split("\n"):
        if inside is None:
            inside = [] if _FENCE.fullmatch(line) else None
        elif line.strip() == "```":
            blocks.append("\n".join([*inside, ""]))
            inside = None
        else:
            inside.append(line)
    return blocks


def _work(exercise: Exercise, placed: list[tuple[str, Cell]]) -> Work:
    """Return the code and the stored charts of an exercise's part of the notebook."""
    cells = [cell for number, cell in placed if number == exercise.number and cell.kind == "code"]
    code = [cell.source[:_MOST_CODE] for cell in cells if cell.source.strip()]
    charts = [chart for cell in cells for chart in cell.charts]
    return {"code": code[:30], "charts": charts[: _MOST_CHARTS if exercise.written else 2]}


def _text(exercise: Exercise, placed: list[tuple[str, Cell]], assignment: Assignment) -> str:
    own = [
        cell
        for number, cell in placed
        if (number == exercise.number and cell.kind != "code")
        or (cell.id and cell.id == exercise.answer_id)
    ]
    parts = [
        cell.source.strip().removeprefix(PLACEHOLDER).strip()
        for cell in own
        if plain(cell.source) not in assignment.released
        and "rubric" not in cell.tags
        and not (_NUMBER.search(cell.source) and cell.source.lstrip().startswith("## "))
    ]
    return "\n\n".join(part for part in parts if part)[:_MOST_TEXT]
