"""Read the top of a lesson: its title, question, claims, outcomes and minutes."""

import re
from dataclasses import dataclass

from nbformat import NotebookNode


@dataclass(frozen=True)
class Head:
    """The top of a lesson; `minutes` are those in class."""

    title: str
    question: str
    claims: list[str]
    minutes: int
    outcomes: str


def head(lesson: NotebookNode) -> Head:
    """Return what the title of a lesson and the table under it say."""
    source = lesson.cells[0].source
    found = head_table(source)
    return Head(
        source.split("\n")[0].removeprefix("# "),
        found["Question"],
        list(dict.fromkeys(re.findall(r"\bC\d\b", found["Claim"]))),
        int(found["Time"].split()[0]),
        found["You will be able to"],
    )


def head_table(source: str) -> dict[str, str]:
    """Return the rows of the table under a lesson's title, by their first column."""
    return dict(re.findall(r"^\| \*\*(.+?)\*\* \| (.+) \|$", source, re.MULTILINE))
