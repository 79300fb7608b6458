"""How learning platforms name what they export: who handed a file in, and under what name.

Each form was read in the platform's own program or pages:

- Canvas, `lib/content_zipper.rb`: `lastnamefirst_LATE_1234_5678_name-1.ipynb`, that is the
  sortable name in small letters without signs, LATE where it was, the student's id (or `anon_`
  and five characters), the file's id, and the file's name as uploaded. A later upload has a
  higher file id. In place of the name a group's can stand, and the id is then one member's.
- Moodle, `mod/assign/classes/downloader.php`, and as 4.1 to 5.0 made them: a folder (or the start of
  a file's name) `Full Name_1234_assignsubmission_file`; the worksheet calls 1234 its participant.
  Each assignment has numbers of its own. Where groups hand in, name and number are the group's,
  and those in no group have `Default group_assignsubmission_file`.
- Blackboard, "Download assignments": `Title_username_attempt_2024-03-01-10-20-30_name.ipynb`,
  beside a text file of the same start for each attempt.
- Brightspace, "Download submissions": a folder or the start of a name
  `12345-67890 - Full Name - Mar 1, 2024 1020 AM`.
- Google Classroom's Drive folder: `Full Name - name.ipynb`.

Only the outermost name is believed: what is further inside was named by the student.
"""

import datetime
import re
from dataclasses import dataclass

from americas.grade.students import Student, seen

_CANVAS = re.compile(
    # Names come in small letters: who has none is no student LATE.
    r"(?:(?!LATE_)(?P<name>\w+?)_)?(?P<late>LATE_)?(?P<id>\d+|anon_[0-9A-Za-z]{5})"
    r"_(?:(?P<file>\d+)_(?P<rest>.+)|(?P<typed>(?:text|link)\.html))"
)
# A group's name may end in a number: team_2_12_700_….
_CANVAS_GROUP = re.compile(
    r"(?P<name>\w+?_\d+)_(?P<late>LATE_)?(?P<id>\d+)_(?P<file>\d+)_(?P<rest>.+)(?P<typed>)"
)
_MOODLE = re.compile(
    r"(?P<name>.+?)(?:_(?P<id>\d+))?_assignsubmission_(?:file|onlinetext)_?(?P<rest>.*)", re.DOTALL
)
_BLACKBOARD = re.compile(
    r"(?P<title>.+?)_(?P<id>[^_]+)_attempt_(?P<when>\d{4}(?:-\d\d){5})(?:_(?P<rest>.+)|\.txt)"
)
_BRIGHTSPACE = re.compile(
    r"(?P<id>\d+)-\d+ ?- ?(?P<name>.+?) ?- ?(?P<when>\w{3,9}\.? \d{1,2}, \d{4} \d{1,2}:?\d\d ?[AP]M)"
    r"(?: ?- ?(?P<rest>.+))?"
)
_CLASSROOM = re.compile(
    r"(?P<name>[^-–]+?) [-–] (?P<rest>(?:copy of )?\d\d-[a-z].*)", re.IGNORECASE
)


@dataclass(frozen=True)
class Named:
    """What a platform's name says: rest is the file's own name, "" where it says none.

    order: a number that is higher for a later attempt, 0 where the name tells none.
    instead: another reading of the name, a number being part of a group's; None where it has one.
    """

    student: Student
    rest: str
    order: float = 0
    late: bool = False
    instead: "Named | None" = None


def named(part: str) -> Named | None:
    """Return what one part of a path says, if it has the form of a platform that says it surely."""
    if found := _MOODLE.fullmatch(part):
        return Named(Student(seen(found["name"]), found["id"] or "", "moodle"), found["rest"])
    if found := _BLACKBOARD.fullmatch(part):
        student = Student(seen(found["id"]), seen(found["id"]), "blackboard")
        return Named(student, found["rest"] or "", _moment(found["when"], "%Y-%m-%d-%H-%M-%S"))
    if found := _BRIGHTSPACE.fullmatch(part):
        when = found["when"].replace(":", "").replace(".", "")
        order = max(_moment(when, form) for form in ("%b %d, %Y %I%M %p", "%B %d, %Y %I%M %p"))
        student = Student(seen(found["name"]), found["id"], "brightspace")
        return Named(student, found["rest"] or "", order)
    if found := _CANVAS.fullmatch(part):
        group = _CANVAS_GROUP.fullmatch(part)
        return _canvas(found, _canvas(group) if group else None)
    return None


def classroom(name: str) -> Named | None:
    """Return what a file's name says in Google Classroom, a form that other names can have too."""
    found = _CLASSROOM.fullmatch(name)
    return Named(Student(seen(found["name"]), "", "classroom"), found["rest"]) if found else None


def _canvas(found: re.Match[str], instead: Named | None = None) -> Named:
    student = Student(seen(found["name"] or found["id"]), found["id"], "canvas")
    order = int((found["file"] or "0")[:15])
    rest = found["rest"] or found["typed"]
    return Named(student, rest, order, bool(found["late"]), instead)


def _moment(text: str, form: str) -> float:
    try:
        moment = datetime.datetime.strptime(text, form)
    except ValueError:
        return 0
    return moment.replace(tzinfo=datetime.UTC).timestamp()
