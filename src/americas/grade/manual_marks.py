"""Written answers: gathered in one table for a person to mark, and the marks merged back."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from americas.errors import CourseError
from americas.grade import csv_files
from americas.grade.batch import Entry
from americas.grade.mark import TO_MARK

HEADER = ["student", "id", "lesson", "exercise", "title", "text", "out_of", "points", "comment"]
MARKED = "marked"


@dataclass(frozen=True)
class Marks:
    """Points and comments that a person gave, by student, id, lesson and exercise."""

    given: dict[tuple[str, str, str, str], tuple[float, str]]
    open_rows: dict[tuple[str, str, str, str], str]


def read_marks(path: Path) -> Marks:
    """The marks in a table made by `gather` and filled in since."""
    header, rows = csv_files.read(path)
    columns = {name.strip().casefold(): position for position, name in enumerate(header)}
    missing = [name for name in ("student", "lesson", "exercise", "points") if name not in columns]
    if missing:
        raise CourseError(
            f"{path} has no column {', '.join(missing)}. Fill in the columns points and comment "
            "of written.csv, and leave the others as they are."
        )
    given: dict[tuple[str, str, str, str], tuple[float, str]] = {}
    open_rows: dict[tuple[str, str, str, str], str] = {}
    for line, row in enumerate(rows, start=2):
        cells = {name: row[position].strip() for name, position in columns.items()}
        key = (cells["student"].lstrip("'"), cells.get("id", ""), cells["lesson"], _exercise(cells))
        if not cells["points"]:
            open_rows[key] = cells.get("comment", "")
            continue
        points = csv_files.number(cells["points"])
        most = csv_files.number(cells.get("out_of", ""))
        if points is None or points < 0 or (most is not None and points > most):
            raise CourseError(
                f"{path}, row {line}: {cells['points']!r} is no number of points from 0 to "
                f"{csv_files.tidy(most) if most is not None else 'the most there are'}."
            )
        given[key] = (points, cells.get("comment", ""))
    return Marks(given, open_rows)


def _exercise(cells: dict[str, str]) -> str:
    """A spreadsheet of another country makes 4.9 a 4,9."""
    return cells["exercise"].replace(",", ".")


def merge(found: list[Entry], marks: Marks) -> list[str]:
    """Put the marks into the results; return whom they name and nobody is."""
    left = dict(marks.given)
    lessons: set[str] = set()
    for entry, record in _written(found):
        given = left.pop(_key(entry, record), None)
        if given is not None:
            points, comment = given
            if points > record["possible"]:
                raise CourseError(
                    f"{entry.student.label}, {record['number']}: {csv_files.tidy(points)} points "
                    f"are given, but there are only {record['possible']}."
                )
            # Who wrote nothing has a zero from the start, which no person gave.
            if record["outcome"] == TO_MARK:
                lessons.add(entry.result["lesson"])
            record |= {"points": points, "outcome": MARKED, "reason": comment}
    for entry in found:
        if entry.result:
            entry.result["marking"] = entry.result["lesson"] in lessons
    return [
        f"{student} {number} ({lesson})"
        for student, number, lesson in sorted(
            (" ".join(key[:2]).strip(), key[3], key[2]) for key in left
        )
    ]


def gather(found: list[Entry], marks: Marks, path: Path) -> tuple[int, int]:
    """Write the table to fill in; return how many texts it has and how many wait for a mark."""
    rows = []
    waiting = 0
    for entry, record in _written(found):
        marked = record["outcome"] == MARKED
        empty = record["outcome"] == "not attempted"
        waiting += record["outcome"] == TO_MARK
        key = _key(entry, record)
        rows.append(
            [
                csv_files.harmless(entry.student.name),
                entry.student.id,
                entry.result["lesson"],
                record["number"],
                record["title"],
                csv_files.harmless(entry.result["texts"].get(record["number"], "")),
                csv_files.tidy(record["possible"]),
                csv_files.tidy(record["points"]) if marked else "0" if empty else "",
                record["reason"] if marked else marks.open_rows.get(key, record["reason"]),
            ]
        )
    if rows:
        csv_files.write(path, HEADER, rows)
    return len(rows), waiting


def _written(found: list[Entry]) -> list[tuple[Entry, dict[str, Any]]]:
    return [
        (entry, record)
        for entry in found
        if entry.result
        for record in entry.result["exercises"]
        if record["written"]
    ]


def _key(entry: Entry, record: dict[str, Any]) -> tuple[str, str, str, str]:
    return entry.student.name, entry.student.id, entry.result["lesson"], record["number"]
