"""Files of totals: one that each platform takes back, and `totals.csv` for everybody.

A cell of the class list that has no new mark is left as it came, since platforms take a blank
over a grade for a change; of Moodle's worksheet the whole row is left out. `rosters` tells where
the forms were looked up.
"""

import html
import re
from dataclasses import replace
from pathlib import Path

from americas.grade import csv_files
from americas.grade.attempts import Entry
from americas.grade.csv_files import Spelling, tidy
from americas.grade.matching import Matched, match
from americas.grade.results import CORRECT
from americas.grade.rosters import POINTS, Roster
from americas.grade.students import folded
from americas.grade.totals import Class

# Blackboard's and Brightspace's own way to name the most points of an assignment.
_HIGHEST = re.compile(r"(?:Total Pts: *|MaxPoints:)([\d.,]+)")
# Where the program's own part of a comment begins.
_OURS = re.compile(r"\d+\.\d+ · |All correct\.")
_CANVAS = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
_MOODLE = ["Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade",
           "Last modified (grade)", "Feedback comments"]  # fmt: skip


def gradebooks(
    all_: Class, now: set[str], roster: Roster | None, matched: Matched, out: Path
) -> list[Path]:
    """Write the files of totals; return those to upload. now: the sets that this run marked."""
    _totals(all_, roster, matched, out / "totals.csv")
    platforms = {entry.student.platform for entry in all_.entries}
    if roster is None and "canvas" in platforms:
        students = sorted(
            {e.student for e in all_.entries if e.student.platform == "canvas"},
            key=lambda s: s.label,
        )
        rows = [[s.name, s.id, "", "", ""] for s in students]
        plain = Roster("canvas", _CANVAS, rows, Spelling(encoding="utf-8"), len(_CANVAS))
        return [_columns(all_, plain, Matched(dict(enumerate(students))), out)]
    sets = sorted(now - lonely(all_))
    if roster is None and "moodle" in platforms:
        return [_worksheet(all_, lesson, *_fresh(all_, lesson), out) for lesson in sets]
    if roster and roster.platform == "moodle":
        return [_worksheet(all_, lesson, roster, matched, out) for lesson in sets]
    return [_columns(all_, roster, matched, out)] if roster and roster.platform else []


def columns(all_: Class, roster: Roster) -> dict[str, int]:
    """Return each assignment's column in the roster: the one of its title; -1 where none has it."""
    titles = [folded(base_title(name)) for name in roster.header[roster.head :]]
    found = {}
    for assignment in all_.assignments():
        wanted = folded(all_.title(assignment))
        places = [place for place, title in enumerate(titles) if title == wanted]
        found[assignment] = places[0] + roster.head if len(places) == 1 else -1
    return found


def base_title(name: str) -> str:
    """Return an assignment's title without what platforms put behind it."""
    name = name.split(" [Total")[0].split(" Points Grade")[0]
    head, bracket, number = name.rpartition(" (")
    return head if bracket and number.rstrip(")").isdecimal() else name


def lonely(all_: Class) -> set[str]:
    """Return the sets that a single student handed in where others have five or more."""
    counts = {lesson: len(all_.of(lesson)) for lesson in all_.lessons()}
    return {one for one, count in counts.items() if count == 1 and max(counts.values()) >= 5}


def _columns(all_: Class, roster: Roster, matched: Matched, out: Path) -> Path:
    """Write the class list with a column for each assignment, every other cell as it came."""
    places = {
        assignment: place
        for assignment, place in columns(all_, roster).items()
        if place >= 0 or assignment not in lonely(all_)
    }
    titles, most = {}, {}
    for assignment, place in places.items():
        possible = tidy(all_.possible(assignment))
        titles[assignment] = (
            roster.header[place] if place >= 0 else _new_title(all_, assignment, roster)
        )
        most[assignment] = roster.points_row[place] if place >= 0 and roster.points_row else ""
        if place >= 0 and roster.platform in ("blackboard", "brightspace"):
            found = _HIGHEST.search(titles[assignment])
            most[assignment] = found[1] if found else ""
        most[assignment] = most[assignment] if csv_files.number(most[assignment]) else possible
    tail = ["End-of-Line Indicator"] if roster.platform == "brightspace" else []
    rows: list[list[str]] = []
    if roster.platform == "canvas":
        gaps = [""] * (roster.head - 1)
        rows.append([f"    {POINTS}", *gaps, *most.values()])
    for position, row in enumerate(roster.rows):
        student = matched.rows.get(position)
        cells = []
        for assignment, place in places.items():
            mark = all_.scaled(assignment, student, most[assignment])
            kept = row[place] if 0 <= place < len(row) else ""
            cells.append(kept if mark is None else roster.spelling.number(mark))
        rows.append([*row[: roster.head], *cells, *("#" for _ in tail)])
    path = out / f"{roster.platform}.csv"
    header = [*roster.header[: roster.head], *titles.values(), *tail]
    spelling = roster.spelling
    if (
        header[0] == "LastName"
    ):  # Canvas knows this name only where no mark of UTF-8 stands before it
        spelling = replace(spelling, encoding="utf-8")
    csv_files.write(path, header, rows, spelling, back=True)
    return path


def _new_title(all_: Class, assignment: str, roster: Roster) -> str:
    title, most = all_.title(assignment), tidy(all_.possible(assignment))
    if roster.platform == "blackboard":
        return f"{title} [Total Pts: {most} Score]"
    if roster.platform == "brightspace":
        return f"{title} Points Grade <Numeric MaxPoints:{most}>"
    return title


def _totals(all_: Class, roster: Roster | None, matched: Matched, path: Path) -> None:
    """Write everybody's totals, in the order of the class list where there is one."""
    if roster:
        head, spelling = roster.header[: roster.head], roster.spelling
        people = [(row[: roster.head], matched.rows.get(i)) for i, row in enumerate(roster.rows)]
    else:
        head, spelling = ["student", "id"], csv_files.here()
        students = {all_.person(entry.student) for entry in all_.entries}
        people = [([s.name, s.id], s) for s in sorted(students, key=lambda s: s.label)]
    rows = []
    for cells, student in people:
        marks = [all_.points(assignment, student)[0] for assignment in all_.assignments()]
        rows.append([*cells, *("" if mark is None else spelling.number(mark) for mark in marks)])
    titles = [f"{all_.title(one)} (of {tidy(all_.possible(one))})" for one in all_.assignments()]
    csv_files.write(path, [*head, *titles], rows, spelling)


def _fresh(all_: Class, lesson: str) -> tuple[Roster, Matched]:
    """Return a worksheet as Moodle in English would have made it."""
    students = sorted((s for s in all_.of(lesson) if s.platform == "moodle"), key=lambda s: s.label)
    rows = [[f"Participant {s.id}", s.name, *[""] * (len(_MOODLE) - 2)] for s in students]
    roster = Roster("moodle", _MOODLE, rows, Spelling(encoding="utf-8"), 3, None, 4, 5, 7)
    return roster, match(roster, students, {})


def _worksheet(all_: Class, lesson: str, roster: Roster, matched: Matched, out: Path) -> Path:
    """Write the rows of Moodle's worksheet that have a new mark, under the headers they came with.

    Why no others: Moodle leaves the line breaks and bold letters of comments out of its worksheet,
    and would put such a comment over the one that it has.
    """
    by = all_.of(lesson)
    rows = []
    for position, row in enumerate(roster.rows):
        student = matched.rows.get(position)
        entry = by.get(student) if student else None
        row = list(row)
        most = row[roster.most] if roster.most > 0 else ""
        mark = all_.scaled(lesson, student, most)
        if entry and mark is not None:
            row[roster.grade] = roster.spelling.number(mark)
            if roster.most > 0 and not most:
                row[roster.most] = tidy(all_.total(entry)[1])
            if roster.feedback > 0:
                row[roster.feedback] = _feedback(entry, row[roster.feedback])
            rows.append(row)
    path = out / f"moodle-{lesson}.csv"
    csv_files.write(path, roster.header, rows, roster.spelling, back=True)
    return path


def _feedback(entry: Entry, before: str) -> str:
    """Return what a student reads in Moodle: a line for each exercise that is not right yet.

    before: what stands there. What somebody else wrote comes first.
    """
    records = entry.result["exercises"] if entry.result else []
    lines = [
        f"{record['number']} · {record['outcome'].capitalize()}. {record['reason']}".strip()
        for record in records
        if record["outcome"] != CORRECT
    ]
    theirs = _OURS.split(before, maxsplit=1)[0].strip()
    lines = [theirs, *(lines or ["All correct."])] if theirs else lines or ["All correct."]
    # Moodle takes a backslash before a quotation mark for the end of neither.
    return "<br> ".join(html.escape(line).replace("\\", "&#92;") for line in lines)
