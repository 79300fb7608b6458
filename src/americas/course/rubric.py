"""The rubric of a written exercise: a markdown table, one column of which is headed Points."""

import re

_RULE = re.compile(r"[|\s:-]+")


def rows(rubric: str) -> list[list[str]]:
    """Return the rows of the rubric's table, its heading first; empty if it has no table."""
    lines = [line.strip() for line in rubric.split("\n")]
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in lines
        if line.startswith("|") and not _RULE.fullmatch(line)
    ]


def criteria(rubric: str) -> list[tuple[str, int]]:
    """Return what is looked for, each with the most points for it: the column Points.

    A row with the sum itself is left out: its number is bold, so no plain number.
    """
    head, *body = rows(rubric) or [[]]
    place = next((i for i, title in enumerate(head) if title.casefold() == "points"), -1)
    return [
        (" ".join(cell for i, cell in enumerate(row) if i != place), int(row[place]))
        for row in body
        if 0 <= place < len(row) and row[place].isdecimal()
    ]


def points(rubric: str) -> int:
    """Return the points of a full answer."""
    return sum(most for _, most in criteria(rubric))
