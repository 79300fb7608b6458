"""Read and write the small tables that a teacher's spreadsheet opens."""

import csv
import io
import locale
import os
import re
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from americas.errors import CourseError

# What makes a spreadsheet take a text for a formula. Students write texts.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


_DECIMALS = re.compile(r"\d+,\d\d")


@dataclass(frozen=True)
class Spelling:
    """How a spreadsheet writes a table: what separates columns, and the decimal sign."""

    separator: str = ","
    decimal: str = "."
    encoding: str = "utf-8-sig"

    def number(self, value: float) -> str:
        """Return a number of points in this spelling: at most two digits after the sign."""
        return tidy(value).replace(".", self.decimal)


class Original(str):
    """A cell as a table had it that was read."""


@dataclass(frozen=True)
class Table:
    """A table as it was read; every row has as many cells as the header.

    A row's cells are `Original` as long as nothing is done to them.
    """

    header: list[str]
    rows: list[list[str]]
    spelling: Spelling


@cache
def here() -> Spelling:
    """Return the spelling of this computer's language: where 7,5 is a number, `;` separates."""
    # Until it is asked for, Python writes numbers as in English, whatever the computer's language.
    before = locale.setlocale(locale.LC_NUMERIC)
    try:
        locale.setlocale(locale.LC_NUMERIC, "")
        comma = locale.localeconv()["decimal_point"] == ","
    except locale.Error:  # the language named is not installed
        comma = False
    finally:
        locale.setlocale(locale.LC_NUMERIC, before)
    return Spelling(";", ",") if comma else Spelling()


def read(path: Path) -> Table:
    """Return a CSV file as any spreadsheet wrote it.

    Raise CourseError where it is missing or no table.
    """
    try:
        raw = path.read_bytes()
    except OSError:
        raise CourseError(f"There is no file {path}.") from None
    if raw.startswith((b"PK", b"\xd0\xcf")):
        raise CourseError(f"{path} is a spreadsheet. Save it as CSV and name that file.")
    text, encoding = _decoded(raw)
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    try:
        found = csv.reader(io.StringIO(text), delimiter=separator)
        rows = [row for row in found if "".join(row).strip()]
    except csv.Error as error:
        raise CourseError(f"{path} can't be read as a table ({error}).") from None
    if not rows:
        raise CourseError(f"{path} is empty.")
    # Spreadsheets leave empty cells at the end of a row away, or add some.
    width = max(place + 1 for row in rows for place, cell in enumerate(row) if cell.strip())
    header, *body = [(row + [""] * width)[:width] for row in rows]
    cells: list[list[str]] = [[Original(cell) for cell in row] for row in body]
    # Moodle writes 7,50 between quotation marks and separates by commas all the same.
    comma = separator == ";" or any(_DECIMALS.fullmatch(cell) for row in body for cell in row)
    spelling = Spelling(separator, "," if comma else ".", encoding)
    return Table(header, cells, spelling)


def _decoded(raw: bytes) -> tuple[str, str]:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", errors="replace"), "utf-16"
    try:
        return raw.decode("utf-8-sig"), "utf-8-sig" if raw.startswith(b"\xef\xbb\xbf") else "utf-8"
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace"), "utf-8-sig"


def write(
    path: Path,
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
    spelling: Spelling,
    *,
    back: bool = False,
) -> None:
    """Write a CSV file, whole or not at all.

    In no column is a text left that a spreadsheet would take for a formula: students choose names,
    ids and files' names, too. back: the file goes back to the platform whose table it was; a cell
    that came from there stays as it is, since the platform looks for just this.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=spelling.separator, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_safe(cell, back=back) for cell in row] for row in rows)
    write_whole(path, stream.getvalue().encode(spelling.encoding))


def write_whole(path: Path, content: bytes, *, safe: bool = True) -> None:
    """Put a file in its place at once: whoever reads it sees the old one or the new one, whole.

    safe: wait for the disk, so that it stands a power cut, too. Raise CourseError where it can't
    be written; the old file is then as it was.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        part = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                if safe:
                    os.fsync(file.fileno())
            part.chmod(0o644)
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise CourseError(
            f"{path} can't be written ({error.strerror or error}). The file that was there is "
            "as it was, and no mark is lost. Close it if a spreadsheet has it open, see that the "
            "disk has room and that the folder may be written, then run the same command again."
        ) from None


def _safe(cell: object, *, back: bool) -> object:
    formula = isinstance(cell, str) and cell.startswith(_FORMULA)
    return f"'{cell}" if formula and not (back and isinstance(cell, Original)) else cell


def unharmed(text: str) -> str:
    """Return the text that `write` was given."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text


def number(text: str) -> float | None:
    """Return a number as people type it, with point or comma; None where it is none."""
    text = text.strip().replace("\u00a0", "").replace(",", ".")
    text = text.replace("½", ".5").replace("¼", ".25").replace("¾", ".75")
    return float(text) if re.fullmatch(r"\d{1,6}(\.\d*)?|\.\d+", text) else None


def tidy(value: float) -> str:
    """Return a number of points: at most two digits, and none that say nothing."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
