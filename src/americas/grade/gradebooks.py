"""The class list, and the gradebooks that Canvas and Moodle take back.

What each of them reads was looked up in its own program and pages:

- Canvas, `lib/gradebook_importer.rb`, and its guide "How do I import grades in the Gradebook?":
  the columns Student, ID, then SIS User ID and SIS Login ID together or not at all, then one
  whose name holds Section, then one a column for each assignment, named `Title (1234)`. A row
  whose first cell holds "Points Possible" describes the assignments. A student is found by ID,
  else by the SIS columns, else by name. A column of an unknown name makes Canvas ask.
- Moodle, `mod/assign/feedback/offline/importgradeslib.php`, and docs.moodle.org "Assignment
  settings", offline grading worksheet: the columns Identifier (`Participant 1234`), Grade and
  Last modified (grade) have to be there under these names; Feedback comments is read too.

The surest class list is therefore the platform's own: the exported gradebook, or the worksheet.
It comes back with nothing changed but the marks.
"""

import html
import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

from americas.errors import CourseError
from americas.grade import csv_files
from americas.grade.batch import Entry
from americas.grade.submissions import Student

_CANVAS = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
_MOODLE = [
    "Identifier",
    "Full name",
    "Email address",
    "Status",
    "Grade",
    "Maximum Grade",
    "Last modified (grade)",
    "Feedback comments",
]
_PLAIN = {"student", "name", "full name", "id", "email", "email address", "login", "username"}
_POINTS = "Points Possible"


@dataclass(frozen=True)
class Roster:
    """A class list as it was read; `platform` is canvas, moodle or ""."""

    platform: str
    header: list[str]
    rows: list[list[str]]
    points_row: list[str] | None = None

    def value(self, row: list[str], *names: str) -> str:
        """What a row has in the first of these columns that there is."""
        for name in names:
            if name in self.header:
                return row[self.header.index(name)].strip()
        return ""


@dataclass
class Matched:
    """Whose row is whose: by position in the roster; and whom nobody claims on either side."""

    rows: dict[int, Student] = field(default_factory=dict)
    strangers: list[Student] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)


def read_roster(path: Path) -> Roster:
    """Read a gradebook exported from Canvas, a grading worksheet from Moodle, or a plain list."""
    header, rows = csv_files.read(path)
    header = [name.strip() for name in header]
    if "Student" in header[0] and len(header) > 1 and "ID" in header[1]:
        points = next((row for row in rows if _POINTS in row[0]), None)
        people = [row for row in rows if _POINTS not in row[0] and (row[0] or row[1])]
        people = [row for row in people if not re.fullmatch(r"\s*(Manual Posting.*)?", row[0])]
        return Roster("canvas", header, people, points)
    if "Identifier" in header:
        missing = [name for name in ("Grade", "Last modified (grade)") if name not in header]
        if missing:
            raise CourseError(
                f"{path} is a worksheet of Moodle without the column {missing[0]}. In Moodle, "
                "allow the feedback type “Offline grading worksheet” and download it again."
            )
        return Roster("moodle", header, rows)
    if not {name.casefold() for name in header} & _PLAIN:
        raise CourseError(
            f"{path} is no class list: it has none of the columns Student, Name, ID, Email. Take "
            "the gradebook that Canvas exports (Export Entire Gradebook), or Moodle's grading "
            "worksheet, downloaded while Moodle speaks English."
        )
    return Roster("", header, rows)


def match(roster: Roster, students: list[Student]) -> Matched:
    """Find each student's row: by the platform's number, else by a name or address that is unique.

    Nobody is guessed: two who fit, or none, leave the student a stranger.
    """
    names: dict[str, set[int]] = {}
    numbers: dict[str, int] = {}
    for position, row in enumerate(roster.rows):
        if roster.platform:
            numbers[_number(roster, row)] = position
        for name in _names(roster, row):
            names.setdefault(name, set()).add(position)
    found = Matched()
    for student in students:
        fits = {numbers[student.id]} if student.id and student.id in numbers else set()
        if not fits and not (student.id and student.platform == roster.platform):
            fits = names.get(_folded(student.name), set())
        free = fits - found.rows.keys()
        if len(fits) == 1 and free:
            found.rows[free.pop()] = student
        else:
            found.strangers.append(student)
    found.silent = [
        roster.value(row, "Student", "Full name", *roster.header)
        for position, row in enumerate(roster.rows)
        if position not in found.rows
    ]
    return found


def _number(roster: Roster, row: list[str]) -> str:
    if roster.platform == "canvas":
        return row[1].strip()
    return re.sub(r"\D", "", roster.value(row, "Identifier"))


def _names(roster: Roster, row: list[str]) -> set[str]:
    texts = [
        cell
        for name, cell in zip(roster.header, row, strict=False)
        if name.casefold() in _PLAIN or name in _CANVAS[:4]
    ]
    addresses = [text.partition("@")[0] for text in texts if "@" in text]
    turned = [" ".join(reversed(text.split(",", 1))) for text in texts if text.count(",") == 1]
    return {_folded(text) for text in [*texts, *addresses, *turned] if _folded(text)}


def _folded(name: str) -> str:
    """A name without what platforms change in it: case, accents, spaces and signs."""
    plain = unicodedata.normalize("NFKD", name)
    return "".join(letter for letter in plain.casefold() if letter.isalnum())


def gradebooks(
    found: list[Entry], roster: Roster | None, matched: Matched, out: Path
) -> list[Path]:
    """Write the gradebooks that fit the class list, or else the platform the files came from."""
    platforms = {entry.student.platform for entry in found}
    lessons = sorted({entry.result["lesson"] for entry in found if entry.result})
    paths = []
    if roster.platform == "canvas" if roster else "canvas" in platforms:
        paths.append(_canvas(found, lessons, roster, matched, out / "canvas.csv"))
    if roster.platform == "moodle" if roster else "moodle" in platforms:
        paths += [
            _moodle(found, lesson, roster, matched, out / f"moodle-{lesson}.csv")
            for lesson in lessons
        ]
    return paths


def total(entry: Entry | None) -> tuple[float | None, float]:
    """Points and the most there are; None where a person still has to mark something.

    Written exercises count as soon as one of them was marked by a person.
    """
    if entry is None or entry.result is None or entry.broken:
        return None, 0
    marking = entry.result.get("marking")
    records = [r for r in entry.result["exercises"] if marking or not r["written"]]
    possible = sum(record["possible"] for record in records)
    if any(record["outcome"] == "to be marked" for record in records):
        return None, possible
    return sum(record["points"] for record in records), possible


def _scaled(entry: Entry | None, most: str) -> str:
    points, possible = total(entry)
    if points is None or not possible:
        return ""
    wanted = csv_files.number(most)
    return csv_files.tidy(points * wanted / possible if wanted else points)


def _canvas(found, lessons, roster, matched, path) -> Path:
    by = {(entry.student, entry.result["lesson"]): entry for entry in found if entry.result}
    if roster is None:
        students = sorted({entry.student for entry in found}, key=lambda s: s.label)
        rows = [[student.name, student.id, "", "", ""] for student in students]
        roster = Roster("canvas", _CANVAS, rows)
        matched = Matched(dict(enumerate(students)))
    last = next(i for i, name in enumerate(roster.header) if "Section" in name)
    columns = {lesson: _column(roster.header[last + 1 :], lesson) for lesson in lessons}
    names = {lesson: name or lesson for lesson, name in columns.items()}
    most = {
        lesson: roster.value(roster.points_row, name) if name and roster.points_row else ""
        for lesson, name in columns.items()
    }
    possible = {
        lesson: most[lesson]
        or csv_files.tidy(
            max(
                (
                    total(entry)[1]
                    for entry in found
                    if entry.result and entry.result["lesson"] == lesson
                ),
                default=0,
            )
        )
        for lesson in lessons
    }
    rows = [[f"    {_POINTS}", *[""] * last, *(possible[lesson] for lesson in lessons)]]
    for position, row in enumerate(roster.rows):
        student = matched.rows.get(position)
        marks = [_scaled(by.get((student, lesson)), most[lesson]) for lesson in lessons]
        rows.append([*row[: last + 1], *marks])
    header = [*roster.header[: last + 1], *(names[lesson] for lesson in lessons)]
    csv_files.write(path, header, rows, excel=False)
    return path


def _column(header: list[str], lesson: str) -> str:
    """The assignment whose title is the lesson's name; no other is taken for it."""
    titles = {name: re.sub(r"\s*\(\d+\)$", "", name) for name in header}
    fits = [name for name, title in titles.items() if _folded(title) == _folded(lesson)]
    return fits[0] if len(fits) == 1 else ""


def _moodle(found, lesson, roster, matched, path) -> Path:
    by = {e.student: e for e in found if e.result and e.result["lesson"] == lesson}
    if roster is None:
        rows = [
            [f"Participant {student.id}", student.name, "", "", "", "", "", ""]
            for student in sorted(by, key=lambda student: student.label)
            if student.platform == "moodle"
        ]
        roster = Roster("moodle", _MOODLE, rows)
        matched = match(roster, list(by))
    rows = []
    for position, row in enumerate(roster.rows):
        entry = by.get(matched.rows.get(position))
        row = list(row)
        most = roster.value(row, "Maximum Grade")
        grade = _scaled(entry, most)
        if grade:
            row[roster.header.index("Grade")] = grade
            if "Maximum Grade" in roster.header and not most:
                row[roster.header.index("Maximum Grade")] = csv_files.tidy(total(entry)[1])
            if "Feedback comments" in roster.header:
                row[roster.header.index("Feedback comments")] = _feedback(entry)
        rows.append(row)
    csv_files.write(path, roster.header, rows, excel=False)
    return path


def _feedback(entry: Entry) -> str:
    """What a student reads in Moodle: one line for each exercise that is not right yet."""
    lines = [
        f"{record['number']} · {record['outcome'].capitalize()}. {record['reason']}".strip()
        for record in entry.result["exercises"]
        if record["outcome"] != "correct"
    ]
    return "<br>".join(html.escape(line, quote=False) for line in lines) or "All correct."
