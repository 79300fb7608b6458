"""Make the student's notebook of an exercise set: prompts, given cells, three dots, checks."""

import re

import nbformat
from nbformat import NotebookNode

from americas.author.solution_parser import MARK, Exercise, ExerciseSet
from americas.checks.check import Verdict, panel
from americas.checks.messages import say
from americas.course.exercises import PLACEHOLDER
from americas.course.notebooks import tags


def exercise_notebook(exercises: ExerciseSet) -> NotebookNode:
    """Return the student's notebook: prompts, given cells, three dots, checks; nothing run yet."""
    cells = [_given(cell) for cell in exercises.opening]
    for exercise in exercises.exercises:
        cells.append(_locked(_given(exercise.prompt)))
        cells += [_given(cell) for cell in exercise.given]
        if exercise.written:
            cells.append(_locked(_given(exercise.rubric)))
            cells.append(_cell("markdown", PLACEHOLDER, exercise.solution.id, "answer"))
            continue
        cells.append(_cell("code", _start(exercise), exercise.solution.id, "answer"))
        cells.append(_locked(_cell("code", exercise.check.source, exercise.check.id, "check")))
    return nbformat.v4.new_notebook(cells=cells)


def _start(exercise: Exercise) -> str:
    for turn in exercise.wrong_turns:
        if turn.start:
            return turn.code
    given, mark, _ = exercise.solution.source.partition(MARK)
    dots = f"{exercise.name} = ..."
    return f"{given}{MARK}\n{dots}" if mark else dots


def _given(cell: NotebookNode) -> NotebookNode:
    return _cell(cell.cell_type, cell.source, cell.id, *tags(cell))


def _cell(kind: str, source: str, name: str, *tags: str) -> NotebookNode:
    make = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
    return make(source, id=name, metadata={"tags": list(tags)} if tags else {})


def _locked(cell: NotebookNode) -> NotebookNode:
    cell.metadata |= {"editable": False, "deletable": False}
    return cell


def set_goals(notebook: NotebookNode) -> None:
    """Store under each check the line that a right answer prints, for nbval to compare.

    Before a student runs the cell, JupyterLab shows the panel beside it, which nbval doesn't read.
    """
    for cell in notebook.cells:
        if "check" in tags(cell):
            number = re.search(r'"(\d+\.\d+)"', cell.source).group(1)
            goal = Verdict(number, "correct").line()
            page = panel(say("check.not_run", number=number), "not attempted")
            cell.outputs = [
                nbformat.v4.new_output("display_data", {"text/plain": goal, "text/html": page})
            ]
