"""What a student was given: an exercise notebook and, beside it, the keys to its answers."""

import hashlib
import json
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import americas
from americas.checks.key import KEYS, Key
from americas.course.exercises import PROMPT
from americas.course.paths import Course
from americas.course.rubric import points
from americas.errors import CourseError
from americas.grade.parse import Cell, Unreadable, read

_CHECK = re.compile(r"""^check\(\s*["'](\d+\.\d+)["']\s*,\s*(\w+)\s*\)""", re.MULTILINE)


@dataclass(frozen=True)
class Exercise:
    """One exercise as it was handed out; `name` and `key` are "" where it is written."""

    number: str
    title: str
    name: str = ""
    key: str = ""
    needs: tuple[str, ...] = ()
    rubric: str = ""
    points: int = 1
    given: tuple[str, ...] = ()
    answer_id: str = ""

    @property
    def written(self) -> bool:
        """Return whether it is answered in words, for a person to mark."""
        return not self.name


@dataclass(frozen=True)
class Assignment:
    """An exercise set: `name` is its file's, such as 04-plan-colombia.

    digest: of the exercises, as the notebook bears it; version: of the exercises and their keys.
    """

    name: str
    title: str
    opening: tuple[str, ...]
    exercises: tuple[Exercise, ...]
    released: frozenset[str]
    digest: str
    version: str = ""

    @property
    def lesson(self) -> str:
        """Return the two digits of the lesson."""
        return self.name[:2]

    @property
    def names(self) -> list[str]:
        """Return the names that the checked answers bear."""
        return [ex.name for ex in self.exercises if ex.name]

    def exercise(self, number: str) -> Exercise | None:
        """Return the exercise of this number; None where the set has none."""
        return next((ex for ex in self.exercises if ex.number == number), None)


# In a wheel the sets lie beside the package.
_INSTALLED = Path(americas.__file__).parent / "_exercises"


def _exercises() -> Path:
    return _INSTALLED if _INSTALLED.is_dir() else Course.of_this_package().root / "exercises"


@dataclass(frozen=True)
class Sets:
    """Where the exercise notebooks and the keys are."""

    exercises: Path = field(default_factory=_exercises)
    keys: Path = field(default_factory=lambda: KEYS)

    def lessons(self) -> list[str]:
        """Return the two digits of every lesson that has exercises."""
        return sorted(path.name[:2] for path in self.exercises.glob("[0-9][0-9]-*.ipynb"))

    def assignment(self, lesson: str) -> Assignment:
        """Return the exercise set of a lesson. Raise CourseError where notebook or keys are missing."""
        return _assignment(self.exercises, self.keys, lesson)


@cache
def _assignment(exercises: Path, keys: Path, lesson: str) -> Assignment:
    files = sorted(exercises.glob(f"{lesson}-*.ipynb"))
    if not files:
        raise CourseError(
            f"There are no exercises for lesson {lesson} in {exercises}. "
            "Marking needs the course's own folder: run this command from there."
        )
    path = files[0]
    try:
        notebook = read(raw := path.read_bytes())
        encoded = json.loads(known := (keys / f"{path.stem}.json").read_bytes())["exercises"]
    except (Unreadable, OSError, ValueError, KeyError) as error:
        raise CourseError(
            f"{path.name} or its keys can't be read ({type(error).__name__}). "
            f"Make them again: americas build {path.stem}"
        ) from None
    opening, sections = _sections(notebook.cells)
    return Assignment(
        path.stem,
        re.sub(r"^#+\s*", "", opening[0].source.split("\n")[0]) if opening else path.stem,
        tuple(cell.source for cell in opening if cell.kind == "code"),
        tuple(_exercise(number, cells, encoded, path) for number, cells in sections.items()),
        frozenset(plain(cell.source) for cell in notebook.cells),
        notebook.digest,
        hashlib.sha256(raw + known).hexdigest(),
    )


def _sections(cells: list[Cell]) -> tuple[list[Cell], dict[str, list[Cell]]]:
    opening: list[Cell] = []
    sections: dict[str, list[Cell]] = {}
    place = opening
    for cell in cells:
        found = PROMPT.match(cell.source) if cell.kind == "markdown" else None
        if found:
            place = sections.setdefault(found.group(1), [])
        place.append(cell)
    return opening, sections


def _exercise(number: str, cells: list[Cell], encoded: dict[str, str], path: Path) -> Exercise:
    prompt = PROMPT.match(cells[0].source)
    title = prompt[2].strip() if prompt else ""
    answer = next((cell.id for cell in cells if "answer" in cell.tags), "")
    check = next((cell for cell in cells if "check" in cell.tags), None)
    if check is None:
        rubric = next((cell.source for cell in cells if "rubric" in cell.tags), "")
        return Exercise(number, title, rubric=rubric, points=points(rubric), answer_id=answer)
    if number not in encoded:
        raise CourseError(
            f"{path.name} asks {number}, but there is no key to it. Make both again: "
            f"americas build {path.stem}"
        )
    given = tuple(
        cell.source
        for cell in cells
        if cell.kind == "code" and not {"answer", "check"} & {*cell.tags}
    )
    key = encoded[number]
    asks = _CHECK.search(check.source)
    name = asks[2] if asks else ""
    return Exercise(
        number, title, name, key, tuple(Key.decoded(key).needs), given=given, answer_id=answer
    )


def plain(source: str) -> str:
    """Return a cell's text without what an editor may change: ends of lines, blank lines around."""
    return "\n".join(line.rstrip() for line in source.strip().split("\n"))
