"""The points of a class: of each set, and of each set's oral check."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from americas.grade import csv_files
from americas.grade.attempts import Entry
from americas.grade.results import LOOK_AGAIN, TO_MARK
from americas.grade.standing import MOST_ORAL
from americas.grade.students import Student, folded

# What Moodle calls everybody where names are hidden, in some languages.
_HIDDEN = {"participant", "participante", "teilnehmerin", "partecipante",
           "deelnemer", "uczestnik", "участник"}  # fmt: skip
# An oral check is an assignment of its own, named after its set.
_ORAL = " oral"


@dataclass(frozen=True)
class Class:
    """All that was handed in, and under which titles it stands in the teacher's gradebook.

    marking: the lessons of whose written answers one was marked: from then on they count.
    titles: an assignment's name → its title there, where they differ. oral: a student's key and a
    set's two digits → the points of the oral check.
    """

    entries: list[Entry]
    marking: set[str] = field(default_factory=set)
    titles: Mapping[str, str] = field(default_factory=dict)
    oral: Mapping[tuple[str, str], float] = field(default_factory=dict)

    def lessons(self) -> list[str]:
        """Return the names of the sets that were handed in."""
        return sorted(self._by_lesson)

    def assignments(self) -> list[str]:
        """Return the sets, and after each its oral check where one was marked."""
        asked = {digits for _, digits in self.oral}
        return [
            assignment
            for name in self.lessons()
            for assignment in ((name, oral(name)) if name[:2] in asked else (name,))
        ]

    def of(self, lesson: str) -> dict[Student, Entry]:
        """Return who handed in this set."""
        return self._by_lesson.get(lesson, {})

    @cached_property
    def _by_lesson(self) -> dict[str, dict[Student, Entry]]:
        found: dict[str, dict[Student, Entry]] = {}
        for entry in self.entries:
            if entry.result:
                found.setdefault(entry.result["lesson"], {})[entry.student] = entry
        return found

    def person(self, student: Student) -> Student:
        """Return the one student who stands for all numbers that Moodle gives to a person."""
        return self._persons.get(student, [student])[0]

    def numbers(self, student: Student) -> list[Student]:
        """Return all that stand for the same person: in Moodle each assignment has its numbers."""
        return self._persons.get(student, [student])

    @cached_property
    def _persons(self) -> dict[Student, list[Student]]:
        """Return Moodle's students of one name, where no two of them handed in the same set."""
        found: dict[str, dict[Student, set[str]]] = {}
        for entry in self.entries:
            student = entry.student
            name = folded(student.name)
            if student.platform == "moodle" and name and name not in _HIDDEN:
                found.setdefault(name, {}).setdefault(student, set()).add(entry.lesson)
        persons: dict[Student, list[Student]] = {}
        for of in found.values():
            lessons = [lesson for sets in of.values() for lesson in sets]
            if len(lessons) == len(set(lessons)):
                persons |= dict.fromkeys(of, sorted(of, key=lambda s: (len(s.id), s.id)))
        return persons

    def title(self, assignment: str) -> str:
        """Return what the teacher calls an assignment."""
        return self.titles.get(assignment, assignment)

    def points(self, assignment: str, student: Student | None) -> tuple[float | None, float]:
        """Return a student's points and the most there are; None where there is no mark (yet)."""
        if student is None:
            return None, 0
        same = [student, *self.numbers(student)]
        if assignment.endswith(_ORAL):
            points = (self.oral.get((one.key, assignment[:2])) for one in same)
            return next((one for one in points if one is not None), None), MOST_ORAL
        by = self.of(assignment)
        return self.total(next((by[one] for one in same if one in by), None))

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

    def possible(self, assignment: str) -> float:
        """Return the most points of an assignment."""
        if assignment.endswith(_ORAL):
            return MOST_ORAL
        return max((self.total(entry)[1] for entry in self.of(assignment).values()), default=0)

    def scaled(self, assignment: str, student: Student | None, most: str) -> float | None:
        """Return the points on the scale of the teacher's assignment; None where there are none."""
        points, possible = self.points(assignment, student)
        wanted = csv_files.number(most)
        if points is None or not possible:
            return None
        return points * wanted / possible if wanted else points


def oral(assignment: str) -> str:
    """Return the name of a set's oral check."""
    return assignment + _ORAL


def short(assignment: str) -> str:
    """Return the name by which `--title` calls an assignment: 04, or 04-oral."""
    return f"{assignment[:2]}-oral" if assignment.endswith(_ORAL) else assignment[:2]
