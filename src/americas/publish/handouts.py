"""The command `handouts`: sheets to print for a lesson, one HTML file that needs no network.

What stands on a sheet is taken from the lesson and from the tables. Where a paragraph of a lesson
sets a task, `**Decide.** Read …` or `**Read in pairs, …`, the events that the cell before or after
it shows become a sheet to be filled in, without our reading of them.
"""

import functools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import mistune
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from nbformat import NotebookNode

from americas.course.lesson_head import head
from americas.course.notebooks import VEGALITE, outputs, read
from americas.course.paths import Course
from americas.course.rubric import rows
from americas.course.sheets import SHEETS
from americas.data import load
from americas.errors import CourseError

_HERE = Path(__file__).parent
_TASK = re.compile(r"\*\*(?:Decide\.\*\* Read|Read in pairs)\b.+")
# What is said of the code and the cells between the sentences of a task, or as one of them.
_ASIDE = re.compile(r" ?\(`.+?\)(?= |$)|(?<=\.) [^.]*\bcell\b[^.]*\.")
# How much of a date is known.
_KNOWN = {"day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}


def make(course: Course, names: list[str], out: Path) -> int:
    """Make the handouts of the lessons named, else of all that have some, in `out`; return 0."""
    known = {path.stem: path for path in course.lessons() if path.name[:2] in SHEETS}
    for name in names:
        if name not in known:
            raise CourseError(f"{name} has no handouts. These have: {', '.join(known)}.")
    for name in names or known:
        path = out / f"{name}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page(read(known[name])), encoding="utf-8", newline="\n")
        print(path)
    print("Open one in a browser and print it, on A4 or on Letter.")
    return 0


def page(lesson: NotebookNode) -> str:
    """Return the handouts of a lesson as one HTML file."""
    told = head(lesson)
    sheets = [(kind, _GATHER[kind](lesson)) for kind in SHEETS[told.title[:2]]]
    return _environment().get_template("page.html.j2").render(title=told.title, sheets=sheets)


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates" / "handouts"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["drawn"] = lambda text: Markup(_markdown()(text))
    return environment


@functools.cache
def _markdown() -> mistune.Markdown:
    return mistune.create_markdown()


def _part(lesson: NotebookNode, heading: str) -> str:
    """Return what stands under a heading of a lesson, in the same cell."""
    for cell in lesson.cells:
        found = re.search(rf"^## (?:\d+ · )?{heading}\n(.+?)(?=^## |\Z)", cell.source, re.M | re.S)
        if cell.cell_type == "markdown" and found:
            return found[1].strip()
    raise CourseError(f"{head(lesson).title} has no part `{heading}`, which is a handout.")


def _cheat_sheet(lesson: NotebookNode) -> str:
    return _part(lesson, "Cheat sheet")


def _claims(lesson: NotebookNode) -> list[tuple[str, str]]:
    return list(load("claims")[["claim", "words"]].itertuples(index=False, name=None))


def _events(lesson: NotebookNode) -> dict[str, Any]:
    """Return a task of the lesson, and date and event of each row that it is about."""
    for place, cell in enumerate(lesson.cells):
        task = _TASK.search(cell.source) if cell.cell_type == "markdown" else None
        for near in lesson.cells[place - 1 : place + 2 : 2] if task else []:
            for output in near.get("outputs", []):
                if "<th>event</th>" in (shown := output.get("data", {}).get("text/html", "")):
                    events = [(_date(*row), row[1]) for row in _table(shown)]
                    return {"task": _ASIDE.sub("", task[0]), "events": events}
    raise CourseError(
        f"{head(lesson).title} shows no table of events before or after a paragraph that begins "
        "with `**Decide.** Read` or `**Read in pairs`, and its handout is made of one."
    )


def _table(shown: str) -> list[tuple[str, str]]:
    """Return date and event of each row of a table as pandas shows it."""
    table = ElementTree.fromstring(shown[shown.index("<table") :].partition("</div>")[0])
    top, rest = ([["".join(c.itertext()) for c in row] for row in part] for part in table)
    names = ["".join(column) for column in zip(*top, strict=True)]
    date, event = names.index("date"), names.index("event")
    return [(row[date], row[event]) for row in rest]


def _date(date: str, event: str) -> str:
    """Return the date of an event of the timeline as far as it is known, without a made-up day."""
    timeline = load("programme_timeline")
    for row in timeline[(timeline["event"] == event) & (timeline["date"] == date)].itertuples():
        return row.date.strftime(_KNOWN[row.precision])
    return date


def _cards(lesson: NotebookNode) -> list[dict[str, Any]]:
    """Return Mexico's states that were at risk, below 20 murders in 2007, and their neighbours."""
    before = load("homicide_mexico").query("year == 2007 and rate_per_100k < 20")
    names = before.set_index("state_code")["state"]
    borders = load("mexico_neighbours").query("neighbour_code in @names.index")
    return [
        {
            "name": name,
            "rate": before.set_index("state_code").loc[code, "rate_per_100k"],
            "neighbours": [
                names[c] for c in borders.query("state_code == @code")["neighbour_code"]
            ],
        }
        for code, name in names.items()
    ]


def _axes(lesson: NotebookNode) -> dict[str, Any]:
    """Return where Mexico's line begins, and the years and steps of 0.2 between which it lies."""
    for output in outputs(lesson):
        for values in output.get("data", {}).get(VEGALITE, {}).get("datasets", {}).values():
            line = [row for row in values if "gap" in row and row.get("programme") == "Mérida"]
            if line:
                years = [row["year"] for row in line]
                steps = 1 + int(max(abs(row["gap"]) for row in line) / 0.2)
                return {
                    "first": min(years),
                    "last": max(years),
                    "begin": line[0]["gap"],
                    "steps": steps,
                    "top": steps * 0.2,
                }
    raise CourseError(f"{head(lesson).title} has no chart of Mexico's gap, which is a handout.")


def _readings(lesson: NotebookNode) -> list[list[str]]:
    """Return the three readings: what would have to be true, what fits, what doesn't.

    A figure of the lesson itself is named with its lesson, which a sheet on a wall is not in.
    """
    number = head(lesson).title[:2]
    part = re.sub(
        r"(?<!lesson \d\d, )\bFigures? \d",
        rf"lesson {number}, \g<0>",
        _part(lesson, "Three readings"),
    )
    return rows(part)[1:]


def _ledger(lesson: NotebookNode) -> list[str]:
    """Return the numbers of the lessons that have a row in the course's own ledger."""
    return sorted(load("ledger")["lesson"].unique())


_GATHER: dict[str, Callable[[NotebookNode], Any]] = {
    "cheat-sheet": _cheat_sheet,
    "claims": _claims,
    "events": _events,
    "cards": _cards,
    "axes": _axes,
    "readings": _readings,
    "ledger": _ledger,
}
