"""The table `written.csv`: written answers to mark in a spreadsheet, and the marks it brings back.

It is a view of the database. A cell counts as typed by a person only if it differs from what the
view showed last; an empty cell never takes a mark away. A row is found by the ten letters of its
first column, which no spreadsheet alters, else by name, set and exercise.
"""

import difflib
import re
from dataclasses import dataclass, field
from pathlib import Path

from americas.errors import CourseError
from americas.grade import csv_files
from americas.grade.csv_files import Spelling, tidy
from americas.grade.results import LOOK_AGAIN, MARKED, NOT_ATTEMPTED
from americas.grade.standing import Written, give
from americas.grade.store import Store
from americas.grade.students import folded, seen, skeleton

HEADER = ["code", "student", "id", "lesson", "exercise", "status", "out_of", "points", "comment",
          "earlier", "text"]  # fmt: skip
_STRAYS = ["number", "why", "student", "id", "lesson", "exercise", "points", "comment"]
# A name that comes back as unlike as this is another person's: a column was sorted by itself.
_UNLIKE = 0.5


@dataclass
class Brought:
    """What came back: how many marks, which of them replaced an earlier one, and rows kept."""

    count: int = 0
    replaced: list[str] = field(default_factory=list)
    spelling: Spelling = field(default_factory=csv_files.here)


def bring(store: Store, answers: list[Written], path: Path) -> Brought:
    """Take the marks that were typed into a table; a row that fits nobody is kept in the store."""
    table = csv_files.read(path)
    brought = Brought(spelling=Spelling(table.spelling.separator, table.spelling.decimal))
    header = [name.strip().casefold() for name in table.header]
    missing = {"student", "points"} - set(header)
    if missing:
        raise CourseError(
            f"{path} has no column {', '.join(sorted(missing))}. Fill in the columns points and "
            "comment of written.csv, and leave the others as they are. Nothing was changed."
        )
    shown, by_code = store.shown(), {one.answer.code: one for one in answers}
    strays = store.strays() if "number" in header else {}
    for row in table.rows:
        cells = {name: csv_files.unharmed(row[place].strip()) for place, name in enumerate(header)}
        stray = int(cells["number"]) if cells.get("number", "").isdecimal() else 0
        if stray in strays and cells["points"].casefold() in ("discard", "drop"):
            store.settle(stray)
            continue
        if not cells["points"]:
            continue
        found = by_code.get(cells.get("code", "").strip())
        if found and not _alike(cells["student"], found):
            why = (
                f"the code is {found.student.label}'s, the name is not: was a column sorted alone?"
            )
        elif found := found or _found(cells, answers):
            why = _take(store, found, cells, shown, brought)
        else:
            why = "no student here has this name and this exercise"
        kept = {name: cells.get(name, "") for name in _STRAYS[2:]}
        if stray in strays and (not why or strays[stray][0] != kept):
            store.settle(stray)
        if why:
            store.keep_stray(kept, why)
    return brought


def _take(
    store: Store, found: Written, cells: dict[str, str], shown: dict[str, tuple[str, str]],
    brought: Brought,
) -> str:  # fmt: skip
    """Give the mark of one row, if somebody typed it; return why not where it is none."""
    points, comment = csv_files.number(cells["points"]), cells.get("comment", "")
    if (cells["points"].replace(",", "."), comment) == shown.get(found.answer.code):
        return ""
    most = found.record["possible"]
    if points is None or points > most:
        return f"{cells['points']!r} is no number of points from 0 to {most}"
    if not found.text and points == 0 and not found.counting:
        return ""  # an earlier version of this program wrote these zeros itself
    old = found.counting
    same = old is not None and (old.points, old.comment.strip()) == (points, comment)
    if same and found.status == MARKED:
        return ""
    give(store, found, points, comment)
    brought.count += 1
    if old is not None and old.points is not None and found.status == MARKED:
        brought.replaced.append(
            f"{found.student.label}, {found.answer.exercise}: {tidy(old.points)} became "
            f"{tidy(points)}; the earlier mark is kept in the database"
        )
    return ""


def _alike(name: str, found: Written) -> bool:
    one, two = skeleton(name), skeleton(found.student.name)
    return not one or difflib.SequenceMatcher(None, one, two).ratio() >= _UNLIKE


def _found(cells: dict[str, str], answers: list[Written]) -> Written | None:
    """Return the one answer that a row's own words fit, where it has no code; else None."""
    lesson = re.match(r"0?(\d{1,2})", cells.get("lesson", "").lstrip("'"))
    wanted = lesson[1].zfill(2) if lesson else ""
    there = [one for one in answers if not wanted or one.answer.lesson == wanted]
    for fold in (folded, skeleton):
        name = fold(cells["student"])
        people = [one for one in there if name and fold(one.student.name) == name]
        if cells.get("id") and len({one.student for one in people}) > 1:
            people = [one for one in people if one.student.id == cells["id"]]
        number = re.match(r"\d+\.\d+", cells.get("exercise", "").replace(",", "."))
        exact = [one for one in people if number and one.answer.exercise == number[0]]
        if len(people) == 1 or len(exact) == 1:
            return (exact if len(exact) == 1 else people)[0]
    return None


def table(store: Store, answers: list[Written], path: Path, spelling: Spelling) -> None:
    """Write the table to fill in, and remember what it shows."""
    rows, shown = [], []
    for one in sorted(answers, key=lambda one: (one.answer.exercise, one.student.label.casefold())):
        mark = one.counting
        points = tidy(mark.points) if mark and mark.points is not None else ""
        comment = mark.comment if mark else ""
        earlier = ""
        if one.status == LOOK_AGAIN:
            earlier = f"{spelling.number(mark.points or 0) if mark else ''} for another text"
            points = ""
        rows.append([
            one.answer.code, one.student.name, one.student.id,
            one.answer.lesson, f"{one.answer.exercise} · {one.record['title']}",
            "no text" if one.status == NOT_ATTEMPTED else one.status,
            one.record["possible"], points.replace(".", spelling.decimal),
            comment, earlier, one.text,
        ])  # fmt: skip
        shown.append((one.answer.code, points, comment))
    if rows:
        csv_files.write(path, HEADER, rows, spelling)
    store.show(shown)


def stray_table(store: Store, path: Path, spelling: Spelling) -> list[str]:
    """Write the rows that fit nobody, to be mended; return each as a sentence."""
    strays = store.strays()
    rows = [
        [number, why, *(cells.get(name, "") for name in _STRAYS[2:])]
        for number, (cells, why) in strays.items()
    ]
    if rows or path.exists():
        csv_files.write(path, _STRAYS, rows, spelling)
    return [
        seen(f"{cells.get('student', '')}, {cells.get('exercise', '')}: {cells['points']} ({why})")
        for cells, why in strays.values()
    ]
