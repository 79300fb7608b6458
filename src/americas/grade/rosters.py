"""The class list: a platform's own gradebook or a plain list.

What tells one platform's file from another was looked up in its own program or pages:

- Canvas, `lib/gradebook_importer.rb` and `gradebook_exporter.rb`: Student (or LastName and
  FirstName), ID, SIS columns, Section, then one column an assignment, `Title (1234)`; a row whose
  first cell holds "Points Possible" describes the assignments.
- Moodle, `mod/assign/gradingtable.php`: an offline grading worksheet begins with the participant
  and has the grade just before the highest grade; its headers are in the site's language. Where
  groups hand in, a column before the grade says each student's. Where names are hidden there is
  no column of names, and the files are called by the first column's word, `Participant`.
- Blackboard, "Download grades": Last Name, First Name, Username, then
  `Title [Total Pts: 10 Score] |1234`.
- Brightspace, "Export grades": OrgDefinedId, Username, then `Title Points Grade <Numeric
  MaxPoints:10>`, End-of-Line Indicator.
- Anything else with a column of names, addresses or logins is a plain list.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from americas.errors import CourseError
from americas.grade import csv_files
from americas.grade.csv_files import Spelling
from americas.grade.students import folded

POINTS = "Points Possible"
_NAMES = {
    "student", "name", "full name", "nombre", "nombre completo", "nome", "nom", "id", "email",
    "email address", "e-mail", "correo", "login", "username", "login id", "sis user id",
    "sis login id", "integration id", "orgdefinedid", "student id", "matrícula", "user id",
    "canvas_user_id", "login_id", "user_id",
}  # fmt: skip
_FIRST = {"firstname", "first name", "nombre", "given name", "nombre(s)", "vorname", "prénom"}
_LAST = {"lastname", "last name", "surname", "apellido", "apellidos", "apellido(s)", "nachname"}
_FEEDBACK = re.compile("feedback|coment|comment|kommentar|retroali", re.IGNORECASE)


@dataclass(frozen=True)
class Roster:
    """A class list as it was read. platform: canvas, moodle, blackboard, brightspace or "".

    head: how many columns, from the left, say who a row is. points_row: Canvas's, else None.
    grade, most, feedback: the columns of Moodle's worksheet, -1 where there is none.
    """

    platform: str
    header: list[str]
    rows: list[list[str]]
    spelling: Spelling = field(default_factory=Spelling)
    head: int = 0
    points_row: list[str] | None = None
    grade: int = -1
    most: int = -1
    feedback: int = -1

    def number(self, row: Sequence[str]) -> str:
        """Return the number or login by which the platform names this student in its exports."""
        if self.platform == "canvas":
            return row[self.header.index("ID")].strip()
        if self.platform == "moodle":
            return re.sub(r"\D", "", row[0])
        if self.platform == "blackboard":
            return row[self.header.index("Username")].strip()
        return ""

    def names(self, row: Sequence[str]) -> set[str]:
        """Return everything by which this student may be called, folded."""
        cells = {name.casefold(): cell for name, cell in zip(self.header, row, strict=False)}
        end = self.head or len(self.header)
        texts = [
            cell
            for place, (name, cell) in enumerate(zip(self.header, row, strict=False))
            if name.casefold() in _NAMES or (self.platform == "moodle" and 0 < place < end)
        ]
        first = " ".join(cells[name] for name in cells.keys() & _FIRST)
        last = " ".join(cells[name] for name in cells.keys() & _LAST)
        if first and last:
            texts += [f"{first} {last}", f"{last} {first}"]
        texts += [text.partition("@")[0] for text in texts if "@" in text]
        texts += [" ".join(reversed(text.split(",", 1))) for text in texts if text.count(",") == 1]
        return {folded(text.lstrip("#")) for text in texts} - {""}

    def called(self, row: Sequence[str]) -> str:
        """Return how a student is called in a message."""
        cells = {
            name.casefold(): cell.strip() for name, cell in zip(self.header, row, strict=False)
        }
        parts = [cells[name] for wanted in (_FIRST, _LAST) for name in cells.keys() & wanted]
        named = self.platform == "moodle" and self.head > 1
        return cells.get("student") or " ".join(parts) or row[1 if named else 0].strip()


def read_roster(path: Path) -> Roster:
    """Return a class list; raise CourseError with a sentence where the file is none."""
    table = csv_files.read(path)
    header = [name.strip() for name in table.header]
    known = {name.casefold() for name in header}
    rows, spelling = table.rows, table.spelling
    if "ID" in header and known & {"student", "lastname"} and any("Section" in n for n in header):
        points = next((row for row in rows if any(POINTS in cell for cell in row[:2])), None)
        place = header.index("ID")
        people = [row for row in rows if row[place].strip() and row is not points]
        head = next(i for i, name in enumerate(header) if "Section" in name) + 1
        return Roster("canvas", header, people, spelling, head, points)
    if "orgdefinedid" in known or any("end-of-line" in name for name in known):
        head = next(
            (i for i, n in enumerate(header) if "<" in n or "End-of-Line" in n), len(header)
        )
        return Roster("brightspace", header, rows, spelling, head)
    if (
        "username" in known
        and known & _LAST
        and known & {"availability", "last access", "student id"}
    ):
        head = next((i for i, name in enumerate(header) if "[Total" in name), len(header))
        return Roster("blackboard", header, rows, spelling, head)
    if "Identifier" in header or _is_worksheet(rows):
        return _worksheet(path, header, rows, spelling)
    if not known & (_NAMES | _FIRST | _LAST):
        raise CourseError(
            f"{path} is no class list: it has none of the columns Student, Name, ID, Email. Take "
            "the gradebook that Canvas, Blackboard or Brightspace exports, or Moodle's grading "
            "worksheet, in any language."
        )
    return Roster("", header, rows, spelling, len(header))


def _is_worksheet(rows: list[list[str]]) -> bool:
    """Return whether every row begins with the same word and a number: Participant 11."""
    starts = {re.fullmatch(r"(\D+?)\s*\d+", row[0].strip()) for row in rows}
    words = {start[1] for start in starts if start}
    return None not in starts and len(words) == 1 and _most(rows) > 0


def _worksheet(path: Path, header: list[str], rows: list[list[str]], spelling: Spelling) -> Roster:
    most = header.index("Maximum Grade") if "Maximum Grade" in header else _most(rows)
    grade = header.index("Grade") if "Grade" in header else most - 1
    if grade < 1:
        raise CourseError(
            f"{path} is a worksheet of Moodle without the column Grade. In Moodle, allow the "
            "feedback type “Offline grading worksheet” and download it again."
        )
    says = [i for i, name in enumerate(header) if i > grade and _FEEDBACK.search(name)]
    # With hidden names the second column is the state of a submission, of which there are few.
    hidden = len({row[1] for row in rows}) * 3 <= len(rows)
    end = next((i for i, name in enumerate(header) if name in ("Status", "Grade")), grade)
    end = 1 if hidden else end
    return Roster(
        "moodle", header, rows, spelling, end, None, grade, most, says[-1] if says else -1
    )


def _most(rows: list[list[str]]) -> int:
    """Return the column of the highest grade: one number for all, and none above it to its left."""
    for place in range(max(map(len, rows), default=0) - 1, 1, -1):
        highest = {csv_files.number(row[place]) for row in rows}
        left = {csv_files.number(row[place - 1]) for row in rows if row[place - 1].strip(" -")}
        if len(highest) == 1 and None not in highest and None not in left:
            return place
    return 0


def read_groups(path: Path) -> dict[str, list[set[str]]]:
    """Return each group's members, each by all folded names and numbers; Canvas's groups file."""
    table = csv_files.read(path)
    columns = [name.strip().casefold() for name in table.header]
    place = next((i for i, name in enumerate(columns) if name in ("group_name", "group")), None)
    if place is None:
        raise CourseError(
            f"{path} has no column group_name. In Canvas: People, a group set, ⋮, Export."
        )
    groups: dict[str, list[set[str]]] = {}
    for row in table.rows:
        if row[place].strip():
            cells = [cell for name, cell in zip(columns, row, strict=False) if name in _NAMES]
            names = [" ".join(reversed(cell.split(",", 1))) for cell in cells]
            member = {folded(cell) for cell in [*cells, *names]} - {""}
            groups.setdefault(folded(row[place]), []).append(member)
    return groups


def people(roster: Roster | None, groups: dict[str, list[set[str]]]) -> dict[str, set[str]]:
    """Return Canvas's numbers with the names they have; under "" the names of groups."""
    known = {"": set(groups)}
    if roster and roster.platform == "canvas":
        known |= {roster.number(row): roster.names(row) for row in roster.rows}
    return known
