"""Finds what students handed in: in folders, in zips, and in zips inside of these.

How a learning platform names what it exports was read in the platforms' own programs:

- Canvas, `lib/content_zipper.rb`: `lastnamefirst_LATE_1234_5678_name-1.ipynb`, that is the
  sortable name in small letters without signs, LATE where it was, the student's id (or
  `anon_` and five characters), the file's id, and the file's name as uploaded. A later upload
  has a higher file id.
- Moodle, `mod/assign/locallib.php` and docs.moodle.org/en/Assignment_activity: a folder (or the
  start of a file's name) `Full Name_1234_assignsubmission_file_`, the number being the one that
  the grading worksheet calls `Participant 1234`.
- Anything else: the first folder that tells the files apart is the student's name, else the
  file's own name without the lesson's.
"""

import datetime
import io
import os
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path, PurePosixPath

from americas.errors import CourseError

# A solved set is under 1 MB; one with every table printed is some 20 MB.
MOST_BYTES = 64 * 2**20
_DEEPEST_ZIP = 3
_MOST_FILES = 20_000

_CANVAS = re.compile(
    r"(?:(?P<name>\w+?)_)?(?P<late>LATE_)?(?P<id>\d+|anon_[0-9A-Za-z]{5})_(?P<file>\d+)_(?P<rest>.+)"
)
_MOODLE = re.compile(
    r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)_?(?P<rest>.*)", re.DOTALL
)
# `-1` is Canvas's, ` (1)` a browser's, `Copy of ` Colab's mark of a copy.
_LESSON = re.compile(
    r"(?<!\d)(\d\d)-[a-z][a-z0-9-]*?(?=(?:-\d+)?(?: ?\(\d+\))?(?:\.|$|[ _]))", re.IGNORECASE
)
_OURS = re.compile(r"\.ipynb_checkpoints|__MACOSX|^\._|^\.|^~\$|^Thumbs\.db$|^desktop\.ini$")


@dataclass(frozen=True)
class Student:
    """Who handed in: `id` is the platform's number where its export names one, else ""."""

    name: str
    id: str = ""
    platform: str = ""

    @property
    def label(self) -> str:
        """How the student is called in lists, files and pages."""
        return f"{self.name} ({self.id})" if self.id else self.name


@dataclass(frozen=True)
class Submission:
    """One file that a student handed in, not yet opened.

    source: a file, and the members to open in turn where it is a zip. when: seconds since 1970,
    as good as the platform tells; rank: what orders two attempts of one student.
    """

    student: Student
    name: str
    where: str
    source: tuple[str, ...]
    size: int
    rank: tuple[int, float, str]
    late: bool = False

    def raw(self) -> bytes:
        """The bytes handed in; raises OSError or BadZipFile where they can't be had."""
        return b"".join(_open(self.source, MOST_BYTES))


@dataclass(frozen=True)
class Found:
    """Everything found in one place: notebooks, and files that are none, with the reason."""

    submissions: list[Submission]
    others: list[tuple[str, str]]


@dataclass(frozen=True)
class _File:
    path: PurePosixPath
    source: tuple[str, ...]
    size: int
    when: float


def find(place: Path) -> Found:
    """Find the submissions in a folder, a zip or a single notebook.

    Raises CourseError where the place doesn't exist or holds no notebook.
    """
    if not place.exists():
        raise CourseError(f"There is no file or folder {place}.")
    others: list[tuple[str, str]] = []
    files: list[_File] = []
    for file in _files(place, others):
        files.append(file)
        if len(files) > _MOST_FILES:
            raise CourseError(
                f"{place} holds more than {_MOST_FILES:,} files. Name the folder that holds the "
                "submissions and nothing else."
            )
    notebooks = [file for file in files if file.path.suffix.lower() == ".ipynb"]
    others += [
        (str(file.path), "not a notebook (its name doesn't end in .ipynb)")
        for file in files
        if file.path.suffix.lower() != ".ipynb"
    ]
    if not notebooks:
        raise CourseError(
            f"There is no notebook (.ipynb) in {place}. Name the folder or the zip that you got "
            "from Canvas, Moodle or your students."
        )
    shared = _shared_folders([file.path for file in notebooks])
    return Found([_submission(file, shared) for file in notebooks], sorted(others))


def _files(place: Path, others: list[tuple[str, str]]) -> Iterator[_File]:
    if place.is_file():
        stamp = place.stat()
        one = _File(PurePosixPath(place.name), (str(place),), stamp.st_size, stamp.st_mtime)
        yield from _unpacked(one, others, 0, inside=False)
        return
    for folder, folders, names in os.walk(place):
        folders[:] = sorted(name for name in folders if not _OURS.search(name))
        for name in sorted(names):
            path = Path(folder, name)
            inner = PurePosixPath(path.relative_to(place).as_posix())
            if _OURS.search(name):
                continue
            if path.is_symlink() or not path.is_file():
                others.append((str(inner), "a link or a device, not a file: not opened"))
                continue
            stamp = path.stat()
            one = _File(inner, (str(path),), stamp.st_size, stamp.st_mtime)
            yield from _unpacked(one, others, 0, inside=True)


def _unpacked(file: _File, others: list, depth: int, *, inside: bool) -> Iterator[_File]:
    if file.path.suffix.lower() != ".zip":
        yield file
        return
    if depth >= _DEEPEST_ZIP:
        others.append((str(file.path), "a zip in a zip in a zip in a zip: not opened"))
        return
    try:
        archive = zipfile.ZipFile(_stream(file.source))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        others.append((str(file.path), "a zip that can't be opened: it may be cut short"))
        return
    # A student's own zip stands for a folder of that name; the teacher's stands for nothing.
    base = file.path.with_suffix("") if inside else PurePosixPath()
    for entry in sorted(archive.infolist(), key=lambda entry: entry.filename):
        name = PurePosixPath(entry.filename.replace("\\", "/"))
        parts = [part for part in name.parts if part not in ("/", "..", ".")]
        if entry.is_dir() or not parts or any(_OURS.search(part) for part in parts):
            continue
        when = _moment(entry)
        inner = _File(base.joinpath(*parts), (*file.source, entry.filename), entry.file_size, when)
        yield from _unpacked(inner, others, depth + 1, inside=True)


def _moment(entry: zipfile.ZipInfo) -> float:
    try:
        stamp = datetime.datetime(*entry.date_time, tzinfo=datetime.UTC)
    except ValueError:
        return 0.0
    return stamp.timestamp()


def _stream(source: tuple[str, ...]) -> io.BytesIO | str:
    return source[0] if len(source) == 1 else io.BytesIO(b"".join(_open(source, 4 * MOST_BYTES)))


def _open(source: tuple[str, ...], most: int) -> Iterator[bytes]:
    """The bytes of a file or a zip's member, never more than one above `most`."""
    if len(source) == 1:
        with Path(source[0]).open("rb") as file:
            yield file.read(most + 1)
        return
    with zipfile.ZipFile(_stream(source[:-1])) as archive, archive.open(source[-1]) as member:
        yield member.read(most + 1)


def _shared_folders(paths: list[PurePosixPath]) -> int:
    """How many outer folders all files have in common: these tell no student from another."""
    parents = [path.parent.parts for path in paths]
    if len(parents) == 1:
        return 0
    ends = zip(min(parents), max(parents), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], ends))


def _submission(file: _File, shared: int) -> Submission:
    rank = (0, file.when, str(file.path))
    for part in reversed(file.path.parts):
        moodle = _MOODLE.fullmatch(part)
        if moodle:
            student = Student(_spaced(moodle["name"]), moodle["id"], "moodle")
            name = moodle["rest"] if part == file.path.name else file.path.name
            return _made(file, student, name, rank)
    canvas = _CANVAS.fullmatch(file.path.name)
    if canvas:
        name = canvas["name"] or canvas["id"]
        student = Student(name, canvas["id"], "canvas")
        rank = (int(canvas["file"]), file.when, str(file.path))
        return _made(file, student, canvas["rest"], rank, late=bool(canvas["late"]))
    folders = file.path.parent.parts[shared:] or file.path.parent.parts[-1:]
    name = _without_lesson(file.path.stem)
    if folders and (len(file.path.parent.parts) > shared or lesson_named(name + file.path.suffix)):
        name = folders[0]
    return _made(file, Student(_spaced(name)), file.path.name, rank)


def _made(file: _File, student: Student, name: str, rank: tuple, *, late=False) -> Submission:
    return Submission(student, name, str(file.path), file.source, file.size, rank, late)


def _spaced(name: str) -> str:
    return " ".join(name.split())


def _without_lesson(stem: str) -> str:
    stem = re.sub(r"^copy of ", "", stem, flags=re.I)
    rest = re.sub(r"(?:-\d+)?(?: ?\(\d+\))?$", "", _LESSON.sub("", stem + " ").strip())
    return rest.strip(" _-.") or stem


def lesson_named(name: str) -> str:
    """The two digits of the lesson that a file's name speaks of, or ""."""
    found = _LESSON.search(name)
    return found.group(1) if found else ""
