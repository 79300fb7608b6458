"""Find what students handed in, and whose each file is.

A file belongs to whom the outermost platform name says (see `platforms`). Where there is none,
the first folder that tells the files apart is the student's name, else the file's own name
without the lesson's.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path, PurePosixPath

from americas.errors import CourseError
from americas.grade.archives import MOST_BYTES, MOST_FILES, File, Search, content
from americas.grade.platforms import Named, classroom, named
from americas.grade.students import Student, folded, seen, writable

_LESSON = re.compile(
    # `-1` is Canvas's, ` (1)` a browser's mark of a copy.
    r"(?<!\d)(\d\d)-[a-z][a-z0-9-]*?(?=(?:-\d+)?(?: ?\(\d+\))?(?:\.|$|[ _]))", re.IGNORECASE
)  # fmt: skip


@dataclass(frozen=True)
class Submission:
    """One file that a student handed in, not yet opened.

    where: its place as people read it. part: the part of it by which a platform names the student,
    whole, "" where none does. source: a file, and the members to open in turn where it
    is a zip. rank: what orders two attempts of one student. problem: why it can't be marked.
    """

    student: Student
    name: str
    where: str
    source: tuple[str, ...]
    rank: tuple[float, float]
    late: bool = False
    problem: str = ""
    part: str = ""

    def raw(self) -> bytes:
        """Return the bytes handed in; raise OSError or BadZipFile where they can't be had."""
        return content(self.source, MOST_BYTES)


@dataclass(frozen=True)
class Found:
    """Everything found in one place: what students handed in, and files left aside, with why."""

    submissions: list[Submission]
    others: list[tuple[str, str]]


def find(place: Path, people: Mapping[str, set[str]] | None = None) -> Found:
    """Find the submissions in a folder, a zip or a single notebook.

    people: the class list's numbers, each with the folded names it has there.
    Raise CourseError where the place doesn't exist or holds no notebook.
    """
    if not place.exists():
        raise CourseError(f"There is no file or folder {place}.")
    search = Search(place)
    files: list[File] = []
    for file in search.files():
        files.append(file)
        if len(files) > MOST_FILES:
            raise CourseError(
                f"{place} holds more than {MOST_FILES:,} files. Name the folder that holds the "
                "submissions and nothing else."
            )
    if not any(_is_notebook(file) for file in files):
        raise CourseError(
            f"There is no notebook (.ipynb) in {place}. Name the folder or the zip that you got "
            "from Canvas, Moodle or your students."
        )
    shared = _shared_folders([file.path for file in files if _is_notebook(file)])
    found: list[Submission] = []
    for file in files:
        one = _submission(file, shared, people or {}, alone=len(files) == 1)
        if one is None:
            search.others.append((seen(str(file.path)), file.problem or _no_notebook(file.path)))
        else:
            found.append(one)
    return Found(found, sorted(search.others))


def _is_notebook(file: File) -> bool:
    return not file.problem and file.path.suffix.lower() == ".ipynb"


def _no_notebook(path: PurePosixPath) -> str:
    kind = path.suffix.lower() or "no ending"
    return f"No notebook but a file with {kind} in its name. Ask for the .ipynb file."


def _shared_folders(paths: list[PurePosixPath]) -> int:
    """Return how many outer folders all files have in common: these tell no student apart."""
    parents = [path.parent.parts for path in paths]
    if len(parents) == 1:
        return 0
    ends = zip(min(parents), max(parents), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], ends))


def _submission(
    file: File, shared: int, people: Mapping[str, set[str]], *, alone: bool
) -> Submission | None:
    """Return whose file this is; None where it is no notebook and nobody's by its name."""
    problem = file.problem or ("" if _is_notebook(file) else _no_notebook(file.path))
    where, parts = seen(str(file.path)), file.path.parts
    for place, part in enumerate(parts):
        last = place == len(parts) - 1
        says = named(part if last else part.removesuffix(".zip"))
        if says and says.student.platform == "canvas" and not (last or part.endswith(".zip")):
            says = None  # Canvas makes files and no folders: this one is the teacher's
        if says is None and last and not problem:
            says = classroom(part)
        if says is not None:
            says = _fitting(says, people)
            name = (says.rest if last else "") or parts[-1]
            if problem and says.student.platform == "blackboard" and not (last and says.rest):
                return None  # the text file that Blackboard adds to each attempt
            rank = (says.order, file.when)
            return Submission(
                says.student, name, where, file.source, rank, says.late, problem, writable(part)
            )
    folders = [seen(part.removesuffix(".zip")) for part in parts[shared:-1] or parts[:-1][-1:]]
    stem = seen(_without_lesson(file.path.stem))
    apart = len(parts) - 1 > shared
    nameless = lesson_named(stem + file.path.suffix) or stem.casefold().startswith("copy of")
    if problem and not apart and file.path.suffix.lower() != ".zip":
        return None
    if apart or (nameless and folders and alone):
        stem = folders[0]
    elif nameless:
        stem = seen(file.path.stem)  # nothing tells whose it is: each file is somebody's own
    return Submission(Student(stem), parts[-1], where, file.source, (0, file.when), False, problem)


def _fitting(says: Named, people: Mapping[str, set[str]]) -> Named:
    """Return the reading of a name that the class list bears out, where it has two."""
    for one in (says, says.instead):
        if one and folded(one.student.name) in people.get(one.student.id, ()):
            return one
    for one in (says, says.instead):
        if one and folded(one.student.name) in people.get("", ()):  # a group of that name
            return one
    return says


def _without_lesson(stem: str) -> str:
    rest = re.sub(r"^copy of ", "", stem, flags=re.I)
    rest = re.sub(r"(?:-\d+)?(?: ?\(\d+\))?$", "", _LESSON.sub("", rest + " ").strip())
    return rest.strip(" _-.") or stem


def lesson_named(name: str) -> str:
    """Return the two digits of the lesson that a file's name speaks of, or ""."""
    found = _LESSON.search(name)
    return found.group(1) if found else ""
