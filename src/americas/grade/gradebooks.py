"""Files of totals: one that each platform takes back, and `totals.csv` for everybody.

A cell of the class list that has no new mark is left as it came, since platforms take a blank
over a grade for a change. `rosters` tells where the forms were looked up.
"""

import html
import re
from dataclasses import dataclass
from pathlib import Path

from americas.grade import csv_files
from americas.grade.attempts import Entry
from americas.grade.csv_files import Spelling, tidy
from americas.grade.results import CORRECT, LOOK_AGAIN, TO_MARK
from americas.grade.rosters import POINTS, Matched, Roster, match
from americas.grade.students import Student, folded

# Blackboard's and Brightspace's own way to name the most points of an assignment.
_HIGHEST = re.compile(r"(?:Total Pts: *|MaxPoints:)([\d.,]+)")
_CANVAS = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
_MOODLE = ["Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade",
           "Last modified (grade)", "Feedback comments"]  # fmt: skip


@dataclass(frozen=True)
class Class:
    """All that was handed in, and under which titles the sets stand in the teacher's gradebook.

    marking: the lessons of whose written answers one was marked: from then on they count.
    titles: a set's name → the title of the teacher's assignment, where they differ.
    """

    entries: list[Entry]
    marking: set[str]
    titles: dict[str, str]

    def lessons(self) -> list[str]:
        """Return the names of the sets that were handed in."""
        return sorted({entry.result["lesson"] for entry in self.entries if entry.result})

    def of(self, lesson: str) -> dict[Student, Entry]:
        """Return who handed in this set."""
        return {e.student: e for e in self.entries if e.result and e.result["lesson"] == lesson}

    def title(self, lesson: str) -> str:
        """Return what the teacher calls a set."""
        return self.titles.get(lesson, lesson)

    def total(self, entry: Entry | None) -> tuple[float | None, float]:
        """Return points and the most there are; None where a person still has to mark something."""
        if entry is None or entry.result is None or entry.broken:
            return None, 0
        marking = entry.lesson in self.marking
        records = [r for r in entry.result["exercises"] if marking or not r["written"]]
        possible = sum(record["possible"] for record in records)
        if any(record["outcome"] in (TO_MARK, LOOK_AGAIN) for record in records):
            return None, possible
        return sum(record["points"] for record in records), possible

    def possible(self, lesson: str) -> float:
        """Return the most points of a set."""
        return max((self.total(entry)[1] for entry in self.of(lesson).values()), default=0)

    def scaled(self, entry: Entry | None, most: str) -> float | None:
        """Return the points on the scale of the teacher's assignment; None where there are none."""
        points, possible = self.total(entry)
        wanted = csv_files.number(most)
        if points is None or not possible:
            return None
        return points * wanted / possible if wanted else points


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
        rows = [[csv_files.harmless(s.name), s.id, "", "", ""] for s in students]
        plain = Roster("canvas", _CANVAS, rows, Spelling(encoding="utf-8"), len(_CANVAS))
        return [_columns(all_, plain, Matched(dict(enumerate(students))), out)]
    if roster is None and "moodle" in platforms:
        return [_worksheet(all_, lesson, *_fresh(all_, lesson), out) for lesson in sorted(now)]
    if roster and roster.platform == "moodle":
        return [_worksheet(all_, lesson, roster, matched, out) for lesson in sorted(now)]
    return [_columns(all_, roster, matched, out)] if roster and roster.platform else []


def columns(all_: Class, roster: Roster) -> dict[str, int]:
    """Return for each set the column of the roster that bears its title, -1 where none does."""
    titles = [folded(base_title(name)) for name in roster.header[roster.head :]]
    found = {}
    for lesson in all_.lessons():
        wanted = folded(all_.title(lesson))
        places = [place for place, title in enumerate(titles) if title == wanted]
        found[lesson] = places[0] + roster.head if len(places) == 1 else -1
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
    """Write the class list with a column for each set, every other cell as it came."""
    places = {
        lesson: place
        for lesson, place in columns(all_, roster).items()
        if place >= 0 or lesson not in lonely(all_)
    }
    by = {lesson: all_.of(lesson) for lesson in places}
    titles, most = {}, {}
    for lesson, place in places.items():
        possible = tidy(all_.possible(lesson))
        titles[lesson] = roster.header[place] if place >= 0 else _new_title(all_, lesson, roster)
        most[lesson] = roster.points_row[place] if place >= 0 and roster.points_row else ""
        if place >= 0 and roster.platform in ("blackboard", "brightspace"):
            found = _HIGHEST.search(titles[lesson])
            most[lesson] = found[1] if found else ""
        most[lesson] = most[lesson] if csv_files.number(most[lesson]) else possible
    tail = ["End-of-Line Indicator"] if roster.platform == "brightspace" else []
    rows: list[list[str]] = []
    if roster.platform == "canvas":
        gaps = [""] * (roster.head - 1)
        rows.append([f"    {POINTS}", *gaps, *(most[lesson] for lesson in places)])
    for position, row in enumerate(roster.rows):
        student = matched.rows.get(position)
        cells = []
        for lesson, place in places.items():
            mark = all_.scaled(by[lesson].get(student), most[lesson]) if student else None
            kept = row[place] if 0 <= place < len(row) else ""
            cells.append(kept if mark is None else roster.spelling.number(mark))
        rows.append([*row[: roster.head], *cells, *("#" for _ in tail)])
    path = out / f"{roster.platform}.csv"
    header = [*roster.header[: roster.head], *titles.values(), *tail]
    csv_files.write(path, header, rows, roster.spelling)
    return path


def _new_title(all_: Class, lesson: str, roster: Roster) -> str:
    title, most = all_.title(lesson), tidy(all_.possible(lesson))
    if roster.platform == "blackboard":
        return f"{title} [Total Pts: {most} Score]"
    if roster.platform == "brightspace":
        return f"{title} Points Grade <Numeric MaxPoints:{most}>"
    return title


def _totals(all_: Class, roster: Roster | None, matched: Matched, path: Path) -> None:
    """Write everybody's totals, in the order of the class list where there is one."""
    lessons = all_.lessons()
    by = {lesson: all_.of(lesson) for lesson in lessons}
    if roster:
        head, spelling = roster.header[: roster.head], roster.spelling
        people = [(row[: roster.head], matched.rows.get(i)) for i, row in enumerate(roster.rows)]
    else:
        head, spelling = ["student", "id"], csv_files.here()
        students = sorted({entry.student for entry in all_.entries}, key=lambda s: s.label)
        people = [([csv_files.harmless(s.name), s.id], s) for s in students]
    rows = []
    for cells, student in people:
        marks = [
            all_.total(by[lesson].get(student)) if student else (None, 0) for lesson in lessons
        ]
        rows.append([*cells, *("" if p is None else spelling.number(p) for p, _ in marks)])
    titles = [f"{all_.title(lesson)} (of {tidy(all_.possible(lesson))})" for lesson in lessons]
    csv_files.write(path, [*head, *titles], rows, spelling)


def _fresh(all_: Class, lesson: str) -> tuple[Roster, Matched]:
    """Return a worksheet as Moodle in English would have made it."""
    students = sorted((s for s in all_.of(lesson) if s.platform == "moodle"), key=lambda s: s.label)
    rows = [
        [f"Participant {s.id}", csv_files.harmless(s.name), *[""] * (len(_MOODLE) - 2)]
        for s in students
    ]
    roster = Roster("moodle", _MOODLE, rows, Spelling(encoding="utf-8"), 3, None, 4, 5, 7)
    return roster, match(roster, students, {})


def _worksheet(all_: Class, lesson: str, roster: Roster, matched: Matched, out: Path) -> Path:
    """Write Moodle's worksheet under the headers it came with."""
    by = all_.of(lesson)
    rows = []
    for position, row in enumerate(roster.rows):
        student = matched.rows.get(position)
        entry = by.get(student) if student else None
        row = list(row)
        most = row[roster.most] if roster.most > 0 else ""
        mark = all_.scaled(entry, most)
        if entry and mark is not None:
            row[roster.grade] = roster.spelling.number(mark)
            if roster.most > 0 and not most:
                row[roster.most] = tidy(all_.total(entry)[1])
            if roster.feedback > 0:
                row[roster.feedback] = _feedback(entry)
        rows.append(row)
    path = out / f"moodle-{lesson}.csv"
    csv_files.write(path, roster.header, rows, roster.spelling)
    return path


def _feedback(entry: Entry) -> str:
    """Return what a student reads in Moodle: a line for each exercise that is not right yet."""
    records = entry.result["exercises"] if entry.result else []
    lines = [
        f"{record['number']} · {record['outcome'].capitalize()}. {record['reason']}".strip()
        for record in records
        if record["outcome"] != CORRECT
    ]
    return "<br>".join(html.escape(line, quote=False) for line in lines) or "All correct."
