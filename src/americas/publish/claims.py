"""The claims with their evidence: one text, gathered from the lessons and the course's tables."""

import re

import nbformat
import pandas as pd

from americas.data import load
from americas.publish.links import with_figures

_HEAD = """# The claims and their evidence

The paper's argument, taken apart into nine claims in our words. Each was tested in one lesson or
in several. A verdict says what our figures do to the claim: *supports*, *contradicts* or *mixed*.
The number beside it says how strong the evidence is: 1 a hint, 2 fair, 3 hard to explain away.
The verdicts are the course's examples. A student's own may differ.
"""


def text(lessons: dict[str, nbformat.NotebookNode]) -> str:
    """Return the page in Markdown, as if it stood beside the lessons; `lessons` are by file name."""
    claims, ledger, indicators = load("claims"), load("ledger"), load("indicators")
    by_number = {name[:2]: name for name in lessons}
    parts = [_HEAD, _summary(claims, ledger, by_number)]
    for claim in claims.itertuples():
        found = ledger[ledger["claim"].eq(claim.claim)]
        numbers = sorted({*str(claim.lessons).split(";"), *found["lesson"]} & set(by_number))
        parts += [f"## {claim.claim} · {claim.words.rstrip('.')}", ""]
        parts += _verdicts(claim.claim, found, by_number)
        for title, heading in (("Evidence for", "For"), ("Evidence against", "Against")):
            parts += [f"### {title} {claim.claim}", ""]
            for number in numbers:
                name = by_number[number]
                items = _items(lessons[name], heading, claim.claim)
                known = _figures(lessons[name])
                parts += [f"From {_link(name, lessons[name])}:", ""] if items else []
                parts += [with_figures(item, number, known) for item in items]
                parts += [""]
        hidden = " · ".join(
            _link(by_number[number], lessons[by_number[number]], "#What-we-cannot-see")
            for number in numbers
        )
        parts += [f"**What cannot be seen** stands in {hidden}.", ""] if hidden else []
        parts += _counter(claim.claim, indicators[indicators["claim"].eq(claim.claim)], by_number)
    return "\n".join(parts)


def _summary(claims: pd.DataFrame, ledger: pd.DataFrame, by_number: dict[str, str]) -> str:
    rows = ["| claim | lesson by lesson |", "|---|---|"]
    for claim in claims.itertuples():
        found = ledger[ledger["claim"].eq(claim.claim)]
        verdicts = ", ".join(
            f"{_number(row.lesson, by_number)} {row.verdict} ({row.strength})"
            for row in found.itertuples()
        )
        rows.append(f"| **{claim.claim}** {claim.words} | {verdicts or 'not yet'} |")
    return "\n".join([*rows, ""])


def _verdicts(claim: str, found: pd.DataFrame, by_number: dict[str, str]) -> list[str]:
    if found.empty:
        return ["No lesson has given a verdict on this claim yet.", ""]
    rows = [
        f"- Lesson {_number(row.lesson, by_number)}: **{row.verdict}**, strength {row.strength}. "
        f"Measured: {_sentence(row.measure)} Found: {_sentence(row.finding)}"
        for row in found.itertuples()
    ]
    return [f"### Verdicts on {claim}", "", *rows, ""]


def _counter(claim: str, found: pd.DataFrame, by_number: dict[str, str]) -> list[str]:
    if found.empty:
        return []
    rows = [
        f"- {_sentence(row.measure[0].upper() + row.measure[1:])} *Against the claim would be:* "
        f"{row.against} "
        f"Table [{row.table}](../data/README.md#{row.table}), "
        f"lesson {_number(row.lesson, by_number)}."
        for row in found.itertuples()
    ]
    return [f"### Signs of {claim}, and what would count against it", "", *rows, ""]


def _sentence(text: str) -> str:
    return text.rstrip(".") + "."


def _number(lesson: str, by_number: dict[str, str]) -> str:
    return f"[{lesson}]({by_number[lesson]})" if lesson in by_number else str(lesson)


def _link(name: str, notebook: nbformat.NotebookNode, place: str = "#Evidence") -> str:
    title = notebook.cells[0].source.split("\n")[0].removeprefix("# ")
    return f"[{title}]({name}{place})"


def _items(notebook: nbformat.NotebookNode, heading: str, claim: str) -> list[str]:
    """Return the points under one heading of a lesson's Evidence that name this claim, or none."""
    prose = "\n\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    section = re.search(rf"^### {heading}\n(.*?)(?=^##|\Z)", prose, re.MULTILINE | re.DOTALL)
    points = re.findall(r"^- .+(?:\n  .+)*", section[1] if section else "", re.MULTILINE)
    named = [(point, re.findall(r"\bC\d\b", point)) for point in points]
    return [point for point, claims in named if not claims or claim in claims]


def _figures(notebook: nbformat.NotebookNode) -> set[str]:
    prose = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    return set(re.findall(r"\*\*Figure (\d+)\.\*\*", prose))
