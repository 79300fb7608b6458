"""Parse a solution notebook into its exercises.

The rules are few. A markdown cell that opens with `## 4.2 · Title` begins an exercise and is
its prompt. Code cells tagged `wrong-turn`, `solution`, `check` and `also-right` are what they
say; one wrong turn may be tagged `start`, too, and is then the mistake the student begins with.
A markdown cell tagged `solution` answers a written exercise, one tagged `rubric` tells how to
mark it, one tagged `oral` holds questions for an oral check (see `course.oral`). Every other cell
is given to the student as it stands.
"""

import ast
from dataclasses import dataclass, field
from itertools import dropwhile
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from americas.checks.compare import CheckOptions
from americas.course.exercises import PROMPT
from americas.course.notebooks import read, tags
from americas.course.oral import TAG as ORAL
from americas.course.oral import Question, questions
from americas.course.rubric import points
from americas.errors import CourseError

# In a solution cell, the lines above this comment are given to the student.
MARK = "# Your answer"
_CODE_TAGS = ("wrong-turn", "solution", "check", "also-right")


@dataclass
class WrongTurn:
    """A mistake that students make, and the sentence that sets them right."""

    sentence: str
    code: str
    start: bool


@dataclass
class Exercise:
    """One exercise of a set. `name` is the variable a check looks at; "" where it is written."""

    number: str
    title: str
    prompt: NotebookNode
    given: list[NotebookNode] = field(default_factory=list)
    wrong_turns: list[WrongTurn] = field(default_factory=list)
    also_right: list[str] = field(default_factory=list)
    solution: NotebookNode | None = None
    check: NotebookNode | None = None
    rubric: NotebookNode | None = None
    name: str = ""
    options: CheckOptions = field(default_factory=CheckOptions)
    needs: list[str] = field(default_factory=list)
    oral: list[Question] = field(default_factory=list)
    same: dict[str, str] = field(default_factory=dict)

    @property
    def written(self) -> bool:
        """Return whether this is answered in words, for a person to mark."""
        return self.solution is not None and self.solution.cell_type == "markdown"

    def given_code(self) -> list[str]:
        """Return the code that stands above the answer in the exercise."""
        return [cell.source for cell in self.given if cell.cell_type == "code"]


@dataclass
class ExerciseSet:
    """A solution notebook: what stands above the first exercise, and the exercises."""

    name: str
    opening: list[NotebookNode]
    exercises: list[Exercise]

    def opening_code(self) -> list[str]:
        """Return the code that stands above the first exercise."""
        return [cell.source for cell in self.opening if cell.cell_type == "code"]


def read_set(path: Path) -> ExerciseSet:
    """Read a solution notebook; raises CourseError naming the exercise that breaks a rule."""
    opening: list[NotebookNode] = []
    exercises: list[Exercise] = []
    for cell in read(path).cells:
        found = PROMPT.match(cell.source) if cell.cell_type == "markdown" else None
        if found:
            exercises.append(Exercise(found.group(1), found.group(2).strip(), cell))
        elif exercises:
            _place(cell, exercises[-1], path)
        else:
            opening.append(cell)
    if not exercises:
        raise CourseError(f"{path} has no exercise: no cell opens with '## 4.1 · Title'.")
    _refuse_unsound(exercises, path)
    return ExerciseSet(path.stem, opening, exercises)


def _place(cell: NotebookNode, exercise: Exercise, path: Path) -> None:
    where = f"{path.name}, exercise {exercise.number}"
    tag = next((tag for tag in _CODE_TAGS if tag in tags(cell)), None)
    if cell.cell_type == "markdown":
        if "solution" in tags(cell):
            exercise.solution = cell
        elif "rubric" in tags(cell):
            exercise.rubric = cell
        elif ORAL in tags(cell):
            exercise.oral += questions(cell.source)
            if not questions(cell.source):
                raise CourseError(
                    f"{where}: its oral questions can't be read. Write each as a list item: "
                    "- Question? → What a good answer says."
                )
        else:
            exercise.given.append(cell)
    elif tag == "wrong-turn":
        exercise.wrong_turns.append(_wrong_turn(cell, exercise, where))
    elif tag == "also-right":
        exercise.also_right.append(without_check(cell.source, where)[0])
    elif tag == "solution":
        if exercise.solution is not None:
            raise CourseError(f"{where} has two solution cells.")
        exercise.solution = cell
    elif tag == "check":
        if exercise.check is not None:
            raise CourseError(f"{where} has two check cells.")
        exercise.check = cell
        options = dict(cell.metadata.get("americas", {}))
        exercise.needs = options.pop("needs", [])
        exercise.same = _reasons(options.pop("same", {}), where)
        try:
            exercise.options = CheckOptions.of(options)
        except CourseError as error:
            raise CourseError(f"{where}: {error}") from None
        _, number, exercise.name = without_check(cell.source, where)
        if number != exercise.number:
            raise CourseError(f"{where}: its check cell checks {number}.")
    else:
        exercise.given.append(cell)


def _reasons(same: Any, where: str) -> dict[str, str]:
    """Return the slips that really give the right answer, each with the author's reason why."""
    if isinstance(same, dict) and all(isinstance(w, str) and len(w) > 10 for w in same.values()):
        return dict(same)
    raise CourseError(
        f'{where}: "same" in the check cell\'s metadata gives for each slip the reason, in words, '
        "why its answer is right."
    )


def _wrong_turn(cell: NotebookNode, exercise: Exercise, where: str) -> WrongTurn:
    told = opening_comment(cell.source)
    if not told:
        raise CourseError(
            f"{where}: a wrong turn has to open with a comment, the sentence the student reads."
        )
    code, number, _ = without_check("\n".join(_after_comment(cell.source)), where)
    if number != exercise.number:
        raise CourseError(f"{where}: a wrong turn checks {number}.")
    return WrongTurn(told, code, "start" in tags(cell))


def opening_comment(source: str) -> str:
    """Return the comment that opens a cell, as one line; "" where there is none."""
    comment = source.split("\n")[: -len(_after_comment(source)) or None]
    return " ".join(line.lstrip("# ").strip() for line in comment).strip()


def _after_comment(source: str) -> list[str]:
    return list(dropwhile(lambda line: line.startswith("#"), source.split("\n")))


def without_check(source: str, where: str) -> tuple[str, str, str]:
    """Code without the `check("4.2", name)` that ends it; and the number; and the name."""
    try:
        last = ast.parse(source).body[-1]
        call = last.value  # type: ignore[attr-defined]
        number, answer = call.args
        if call.func.id != "check":
            raise ValueError
        found = str(number.value), answer.id
    except SyntaxError as error:
        raise CourseError(f"{where}: line {error.lineno} of a cell is not Python.") from None
    except (AttributeError, IndexError, ValueError):
        raise CourseError(
            f'{where}: a cell has to end with check("{where.split()[-1]}", name).'
        ) from None
    return "\n".join(source.split("\n")[: last.lineno - 1]).rstrip(), *found


def _refuse_unsound(exercises: list[Exercise], path: Path) -> None:
    seen: set[str] = set()
    above: set[str] = set()
    for exercise in exercises:
        where = f"{path.name}, exercise {exercise.number}"
        if exercise.number in seen:
            raise CourseError(f"{where} stands there twice. Give one of them another number.")
        seen.add(exercise.number)
        if int(exercise.number.split(".")[0]) != int(path.name[:2]):
            raise CourseError(f"{where}: the number belongs to another lesson.")
        if exercise.solution is None:
            raise CourseError(f"{where} has no solution: tag a cell `solution`.")
        if exercise.written:
            if exercise.rubric is None:
                raise CourseError(f"{where} is written but has no cell tagged `rubric`.")
            if not points(exercise.rubric.source):
                raise CourseError(
                    f"{where}: its rubric gives no points. It needs a table with a column headed "
                    "Points and a whole number in each row."
                )
            _refuse_no_questions(exercise, where)
            continue
        if exercise.check is None:
            raise CourseError(f"{where} has no check: add a cell tagged `check`.")
        if len(exercise.wrong_turns) < 2:
            raise CourseError(
                f"{where} has {'one wrong turn' if exercise.wrong_turns else 'no wrong turn'}. "
                "At least two are needed: what do students typically do instead?"
            )
        if f"`{exercise.name}`" not in exercise.prompt.source:
            raise CourseError(
                f"{where}: the prompt doesn't say to call the answer `{exercise.name}`."
            )
        for need in exercise.needs:
            if need not in above:
                raise CourseError(f"{where} needs {need}, which is no checked exercise above it.")
        _refuse_no_questions(exercise, where)
        above.add(exercise.number)


def _refuse_no_questions(exercise: Exercise, where: str) -> None:
    if not exercise.oral:
        raise CourseError(
            f"{where} has no oral question: end it with a markdown cell tagged `oral`, one list "
            "item a question: - Question? → What a good answer says."
        )
