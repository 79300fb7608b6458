"""What the teacher calls the sets in their own gradebook: asked once, and kept."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace

from americas.errors import CourseError
from americas.grade.assignment import Sets
from americas.grade.gradebooks import base_title, columns, lonely
from americas.grade.rosters import Roster
from americas.grade.store import Store
from americas.grade.totals import Class, oral, short

_SETTING = "titles"


def titles(store: Store, said: Mapping[str, str], class_: Class, roster: Roster | None) -> Class:
    """Return the class with its titles: those kept, those said now, those asked for.

    said: an assignment → its title, from the command line; see `named`. On a terminal one is
    asked for each that the gradebook has no column for, if it has columns at all.
    """
    known: dict[str, str] = {**(store.setting(_SETTING) or {}), **said}
    class_ = replace(class_, titles=known)
    if roster and sys.stdin.isatty():
        for name in missing(class_, roster):
            choices = roster.header[roster.head :]
            if name not in known and choices and (answer := _asked(name, choices)):
                known[name] = answer
    with store.transaction():
        store.set(_SETTING, known)
    return replace(class_, titles=known)


def named(said: Sequence[str], sets: Sets) -> dict[str, str]:
    """Return assignment → title, from texts such as 04=Homework 4 or 04-oral=Interview 4.

    Raise CourseError where one has no title, or where the course has no such set.
    """
    names = [sets.assignment(lesson).name for lesson in sets.lessons()] if said else []
    known = {short(one): one for name in names for one in (name, oral(name))}
    found = {}
    for text in said:
        name, _, title = (part.strip() for part in text.partition("="))
        digits, dash, rest = name.partition("-")
        assignment = known.get(digits.zfill(2) + dash + rest)
        if not assignment or not title:
            raise CourseError(
                f'--title {text}: write a set and its title, such as --title 04="Homework 4". The '
                f"sets are {', '.join(sets.lessons())}; an oral check is such as 04-oral."
            )
        found[assignment] = title
    return found


def missing(class_: Class, roster: Roster | None) -> list[str]:
    """Return the sets for which the platform's gradebook has no column yet."""
    if roster is None or roster.platform in ("", "moodle"):
        return []
    alone = lonely(class_)
    return [name for name, at in columns(class_, roster).items() if at < 0 and name not in alone]


def _asked(name: str, choices: list[str]) -> str:
    """Return the title that a teacher chooses for a set, "" for a column of its own."""
    print(f"Your gradebook has no column {name}. Which of its columns is it?")
    for number, choice in enumerate(choices, start=1):
        print(f"  {number}  {choice}")
    given = input("Number, or Enter for a new column: ").strip()
    place = int(given) - 1 if given.isdecimal() else -1
    # An empty answer is kept, too: it was asked once.
    return base_title(choices[place]) if 0 <= place < len(choices) else name
