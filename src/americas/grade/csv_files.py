"""Reads and writes the small tables that a teacher's spreadsheet opens."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from americas.errors import CourseError

# What makes a spreadsheet take a text for a formula. Students write texts.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def read(path: Path) -> tuple[list[str], list[list[str]]]:
    """The header and the rows of a CSV file, as any spreadsheet wrote it.

    Raises CourseError where it is missing or no table.
    """
    try:
        raw = path.read_bytes()
    except OSError:
        raise CourseError(f"There is no file {path}.") from None
    if raw.startswith((b"PK", b"\xd0\xcf")):
        raise CourseError(f"{path} is a spreadsheet. Save it as CSV and name that file.")
    try:
        text = raw.decode("utf-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    try:
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if any(row)]
    except csv.Error as error:
        raise CourseError(f"{path} can't be read as a table ({error}).") from None
    if not rows:
        raise CourseError(f"{path} is empty.")
    width = len(rows[0])
    return rows[0], [(row + [""] * width)[: max(width, len(row))] for row in rows[1:]]


def write(path: Path, header: list[str], rows: Iterable[list], *, excel: bool = True) -> None:
    """Write a CSV file; excel: with the mark that lets Excel see it is UTF-8."""
    with path.open("w", encoding="utf-8-sig" if excel else "utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def harmless(text: str) -> str:
    """A student's text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def number(text: str) -> float | None:
    """A number as people type it, with point or comma; None where it is none."""
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return None


def tidy(value: float) -> str:
    """A number of points: at most two digits, and none that say nothing."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
