"""Whose row of a class list is whose."""

import re
from collections import Counter
from dataclasses import dataclass, field

from americas.grade.rosters import Roster
from americas.grade.students import Student, folded


@dataclass
class Matched:
    """Whose row is whose, by position in the roster; and whom nobody claims on either side.

    strangers: each with the reason. silent: who handed in nothing.
    """

    rows: dict[int, Student] = field(default_factory=dict)
    strangers: dict[Student, str] = field(default_factory=dict)
    silent: list[str] = field(default_factory=list)


def match(roster: Roster, students: list[Student], groups: dict[str, list[set[str]]]) -> Matched:
    """Find each student's row, and each member's where a group handed in.

    By the platform's own number, else by a name or address that is unique. Nobody is guessed:
    a student whom two rows fit, or none, is a stranger; so are two whom one row fits.
    """
    by_name: dict[str, set[int]] = {}
    by_number: dict[str, int] = {}
    for position, row in enumerate(roster.rows):
        if number := roster.number(row):
            by_number[number] = position
            by_name.setdefault(folded(number), set()).add(position)
        for name in roster.names(row):
            by_name.setdefault(name, set()).add(position)
    found = Matched()
    fits = {one: _rows(one, roster, groups, by_number, by_name) for one in students}
    # A platform's own number goes before a name.
    for numbered in (True, False):
        here = {s: fit for s, fit in fits.items() if (s.platform == roster.platform) is numbered}
        asked = Counter(position for positions, _ in here.values() for position in positions)
        asked.update([*found.rows])
        for student, (positions, why) in here.items():
            if positions and all(asked[position] == 1 for position in positions):
                found.rows |= dict.fromkeys(positions, student)
            else:
                found.strangers[student] = why or "the same row fits somebody else, too"
    doubtful = {i for student in found.strangers for i in by_name.get(folded(student.name), ())}
    present = found.rows.keys() | doubtful
    found.silent = [roster.called(row) for i, row in enumerate(roster.rows) if i not in present]
    return found


def _rows(
    student: Student, roster: Roster, groups: dict[str, list[set[str]]],
    by_number: dict[str, int], by_name: dict[str, set[int]],
) -> tuple[set[int], str]:  # fmt: skip
    name = folded(student.name)
    if name in groups:
        members = [set().union(*(by_name.get(one, set()) for one in m)) for m in groups[name]]
        if members and all(len(rows) == 1 for rows in members):
            return set().union(*members), ""
        return set(), "not every member of this group is on the list once"
    ours = student.platform == roster.platform and bool(roster.platform)
    if ours and roster.platform == "moodle":
        return _of_worksheet(student, roster, by_number.get(student.id, -1))
    if ours and student.id in by_number:
        position = by_number[student.id]
        names = roster.names(roster.rows[position]) | {folded(student.id)}
        if roster.platform == "canvas" and name not in names:
            return set(), f"number {student.id} is another name's: a group? Then give --groups"
        return {position}, ""
    if ours and roster.platform == "canvas":
        return set(), "no row has this number"
    fits = by_name.get(name, set())
    why = "several rows fit" if len(fits) > 1 else "no row fits"
    return (fits, "") if len(fits) == 1 else (set(), why)


def _of_worksheet(student: Student, roster: Roster, position: int) -> tuple[set[int], str]:
    """Return the row of a student, or those of a group's members: its number can be a student's."""
    name, named = folded(student.name), roster.head > 1
    if position >= 0:
        row = roster.rows[position]
        if name in ("", folded(row[1] if named else ""), folded(re.sub(r"\d+\s*$", "", row[0]))):
            return {position}, ""
    columns = slice(2 if named else 1, roster.grade)
    members = {i for i, row in enumerate(roster.rows) if name in map(folded, row[columns])}
    if members and name:
        return members, ""
    other = f"number {student.id} is another name's, and no group is called so"
    return set(), other if position >= 0 else "no row has this number"
