"""The files of a place: in folders, in zips, and in zips inside of these.

One damaged, hostile or huge file costs that file only.
"""

import datetime
import io
import os
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count
from pathlib import Path, PurePosixPath

from americas.grade.students import seen

# A solved set is under 1 MB; one with every table printed is some 20 MB.
MOST_BYTES = 40 * 2**20
_DEEPEST_ZIP = 3
# In the teacher's folder; and in one zip that a student made, which may hold so many zips in all.
MOST_FILES, _MOST_IN_A_ZIP, _MOST_ZIPS = 20_000, 300, 20
# No platform's names come near; to make out whose file it is takes long where a name is endless.
_LONGEST_NAME = 1_000

_OURS = re.compile(r"\.ipynb_checkpoints|__MACOSX|^\._|^\.|^~\$|^Thumbs\.db$|^desktop\.ini$")


@dataclass(frozen=True)
class File:
    """A file, or a zip's member: its place, how to open it, when it was made, and what is wrong."""

    path: PurePosixPath
    source: tuple[str, ...]
    when: float
    problem: str = ""


@dataclass
class Search:
    """One search: the place, and what is left aside on the way."""

    place: Path
    others: list[tuple[str, str]] = field(default_factory=list)

    def files(self) -> Iterator[File]:
        """Yield every file of the place, unpacked; links and devices are set aside."""
        if self.place.is_file():
            when = self.place.stat().st_mtime
            path = PurePosixPath(os.fsdecode(self.place.name))
            one = File(path, (str(self.place),), when)
            yield from self.unpacked(one, 0, count(), inside=False)
            return
        for folder, folders, names in os.walk(self.place):
            folders[:] = sorted(name for name in folders if not _OURS.search(name))
            for name in sorted(names):
                file = Path(folder, name)
                inner = PurePosixPath(file.relative_to(self.place).as_posix())
                if _OURS.search(name):
                    continue
                if file.is_symlink() or not file.is_file():
                    self.others.append((seen(str(inner)), "a link or a device: not opened"))
                    continue
                one = File(inner, (str(file),), file.stat().st_mtime)
                yield from self.unpacked(one, 0, count(), inside=True)

    def unpacked(
        self, file: File, depth: int, zips: Iterator[int], *, inside: bool
    ) -> Iterator[File]:
        """Yield a file, or what a zip holds; inside: the zip is one that a student may have made.

        zips: counts those of one student, each of which has to be unpacked to look into it.
        """
        if file.path.suffix.lower() != ".zip":
            yield file
            return
        problem, archive = "", None
        if depth >= _DEEPEST_ZIP:
            problem = "A zip in a zip in a zip in a zip: not opened. Ask for the notebook itself."
        elif next(zips) > _MOST_ZIPS:
            problem = f"One of more than {_MOST_ZIPS} zips in a zip: not opened."
        else:
            try:
                archive = _archive(file.source)
                members = sorted(archive.infolist(), key=lambda member: member.filename)
            except Exception as error:  # whatever a damaged zip makes a library do
                problem = f"The zip can't be opened ({type(error).__name__}). Ask for it again."
        if archive and inside and len(members) > _MOST_IN_A_ZIP:
            problem = f"A zip of {len(members):,} files: not opened. Ask for the notebook itself."
        if problem or archive is None:
            yield File(file.path, file.source, file.when, problem)
            return
        # A student's own zip stands for a folder of that name; the teacher's stands for nothing.
        base = file.path if inside else PurePosixPath()
        for member in members:
            name = PurePosixPath(member.filename.replace("\\", "/"))
            parts = [part for part in name.parts if part not in ("/", "..", ".")]
            if member.is_dir() or not parts or any(_OURS.search(part) for part in parts):
                continue
            if len(member.filename) > _LONGEST_NAME:
                problem = "A file in the zip has an endless name. Ask for the notebook itself."
                yield File(file.path, file.source, file.when, problem)
                continue
            source = (*file.source, member.filename)
            inner = File(base.joinpath(*parts), source, _moment(member))
            yield from self.unpacked(inner, depth + 1, zips if inside else count(), inside=True)


def _moment(entry: zipfile.ZipInfo) -> float:
    try:
        return datetime.datetime(*entry.date_time, tzinfo=datetime.UTC).timestamp()
    except ValueError:
        return 0.0


def _archive(source: tuple[str, ...]) -> zipfile.ZipFile:
    if len(source) > 1:
        return zipfile.ZipFile(io.BytesIO(content(source, 2 * MOST_BYTES)))
    found = Path(source[0]).stat()
    return _opened(source[0], found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=1)
def _opened(path: str, when: int, size: int) -> zipfile.ZipFile:
    """Return the zip that was asked for last: a class's takes long to open, and holds many files."""
    return zipfile.ZipFile(path)


def content(source: tuple[str, ...], most: int) -> bytes:
    """Return the bytes of a file or a zip's member, never more than one above `most`."""
    if len(source) == 1:
        with Path(source[0]).open("rb") as file:
            return file.read(most + 1)
    with _archive(source[:-1]).open(source[-1]) as member:
        return member.read(most + 1)
