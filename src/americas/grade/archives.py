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
from pathlib import Path, PurePosixPath

from americas.grade.students import seen

# A solved set is under 1 MB; one with every table printed is some 20 MB.
MOST_BYTES = 40 * 2**20
_DEEPEST_ZIP = 3
# In the teacher's folder; and in one zip that a student made.
MOST_FILES, _MOST_IN_A_ZIP = 20_000, 300

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
            yield from self.unpacked(File(path, (str(self.place),), when), 0, inside=False)
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
                yield from self.unpacked(one, 0, inside=True)

    def unpacked(self, file: File, depth: int, *, inside: bool) -> Iterator[File]:
        """Yield a file, or what a zip holds; inside: the zip is one that a student may have made."""
        if file.path.suffix.lower() != ".zip":
            yield file
            return
        problem, archive = "", None
        if depth >= _DEEPEST_ZIP:
            problem = "A zip in a zip in a zip in a zip: not opened. Ask for the notebook itself."
        else:
            try:
                archive = zipfile.ZipFile(_stream(file.source))
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
            source = (*file.source, member.filename)
            inner = File(base.joinpath(*parts), source, _moment(member))
            yield from self.unpacked(inner, depth + 1, inside=True)


def _moment(entry: zipfile.ZipInfo) -> float:
    try:
        return datetime.datetime(*entry.date_time, tzinfo=datetime.UTC).timestamp()
    except ValueError:
        return 0.0


def _stream(source: tuple[str, ...]) -> io.BytesIO | str:
    return source[0] if len(source) == 1 else io.BytesIO(content(source, 2 * MOST_BYTES))


def content(source: tuple[str, ...], most: int) -> bytes:
    """Return the bytes of a file or a zip's member, never more than one above `most`."""
    if len(source) == 1:
        with Path(source[0]).open("rb") as file:
            return file.read(most + 1)
    with zipfile.ZipFile(_stream(source[:-1])) as archive, archive.open(source[-1]) as member:
        return member.read(most + 1)
