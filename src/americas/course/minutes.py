"""How long a lesson takes in class, by one stated rule, counted from the notebook itself.

Two hundred words a minute, half a minute a code cell, three seconds a line of code, a minute a
prediction or a question. It leaves out talk: a lesson's class time of 75 minutes has room for it
because the rule may say 65 at most, and 45 for the core path of 50 minutes.

A section is a `##` heading with what stands under it. One whose heading ends in "(if time allows)"
is outside the core path; one whose heading begins with "At home: " is outside class. What stands
above the first section belongs to it. The sections from Evidence to Key points are one part, the
verdict. Discussion, exercises, sources and the cheat sheet take no minutes of their own.
"""

import re
from dataclasses import dataclass

from nbformat import NotebookNode

MOST_IN_CORE = 45
MOST_IN_CLASS = 65
HOME = "At home: "
IF_TIME = "(if time allows)"
VERDICT = ("Evidence", "Add to your ledger", "What scholars say", "Key points")
UNCOUNTED = ("Discuss", "Exercises", "Sources and readings", "Cheat sheet")

_WORDS_A_MINUTE = 200
_MINUTES_A_CELL = 0.5
_LINES_A_MINUTE = 20
_PROMPT = re.compile(r"\*\*(?:Predict|Question|Decide)\b")


@dataclass
class Part:
    """One part of a lesson: its heading, its minutes by the rule, and whether it is core."""

    heading: str
    core: bool
    exact: float = 0.0

    @property
    def minutes(self) -> int:
        """Return whole minutes, at least one."""
        return max(1, int(self.exact + 0.5))


def parts(lesson: NotebookNode) -> list[Part]:
    """Return the parts of a lesson that are taught in class, in order, with their minutes."""
    found: list[Part] = []
    before = 0.0  # What stands above the first section.
    counted = True
    for cell in lesson.cells:
        heading = re.match(r"## (.+)", cell.source) if cell.cell_type == "markdown" else None
        if heading:
            counted = not heading[1].startswith((HOME, *UNCOUNTED))
            if counted:
                _open(found, heading[1].strip())
        if not counted:
            continue
        if found:
            found[-1].exact += before + _minutes(cell)
            before = 0.0
        else:
            before += _minutes(cell)
    return found


def row(lesson: NotebookNode) -> str:
    """Return the row Time of a lesson's head as the rule has it, with headings for names."""
    taught = parts(lesson)
    named = " · ".join(
        f"{part.heading.removesuffix(IF_TIME).strip()} {part.minutes}" for part in taught
    )
    total = sum(part.minutes for part in taught)
    core = sum(part.minutes for part in taught if part.core)
    return f"{total} minutes in class, {core} of them core: {named}"


def _open(found: list[Part], heading: str) -> None:
    name = "verdict" if heading in VERDICT else re.sub(r"^\d+ · ", "", heading)
    if not (found and found[-1].heading == name == "verdict"):
        found.append(Part(name, core=not heading.endswith(IF_TIME)))


def _minutes(cell: NotebookNode) -> float:
    if cell.cell_type == "code":
        lines = sum(bool(line.strip()) for line in cell.source.split("\n"))
        return _MINUTES_A_CELL + lines / _LINES_A_MINUTE
    words = len(re.findall(r"\w[\w'’.,:/-]*", re.sub(r"\]\([^)]*\)", "]", cell.source)))
    return words / _WORDS_A_MINUTE + len(_PROMPT.findall(cell.source))
