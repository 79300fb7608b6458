"""Gathers what the lessons say of themselves: the README's table, and the course's ledger."""

import ast
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from nbformat import NotebookNode

from americas.course.execute import ROOT, read
from americas.course.minutes import row
from americas.errors import CourseError

_BEGIN, _END = "<!-- lessons: made by `americas contents` -->", "<!-- end of lessons -->"
LEDGER = ["lesson", "claim", "measure", "finding", "verdict", "strength"]


def write() -> int:
    """Write the table of lessons into README.md and the ledger's rows to data/ledger.csv."""
    lessons = sorted((ROOT / "notebooks").glob("[0-9][0-9]-*.ipynb"))
    readme = ROOT / "README.md"
    readme.write_text(
        with_table(readme.read_text(encoding="utf-8"), lessons), encoding="utf-8", newline="\n"
    )
    rows = ledger(lessons)
    rows.to_csv(ROOT / "data" / "ledger.csv", index=False, encoding="utf-8", lineterminator="\n")
    for lesson in lessons:
        print(f"{lesson.stem[:2]} by the rule: {row(read(lesson))}")
    print(f"README.md: {len(lessons)} lessons. data/ledger.csv: {len(rows)} rows.")
    print("Now `americas codebook` counts the ledger.")
    return 0


def with_table(readme: str, lessons: list[Path]) -> str:
    """The README with its table of lessons made anew; raises CourseError without its marks."""
    before, begin, rest = readme.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not (begin and end):
        raise CourseError(f"README.md has no place for the lessons: {_BEGIN} … {_END}.")
    head = ["| lesson | question | claim | minutes | exercises | open |", f"|{'---|' * 6}"]
    lines = [*head, *map(_line, lessons)]
    return "\n".join([before + begin, *lines, end + after])


@dataclass(frozen=True)
class Head:
    """What the top of a lesson says of it; `minutes` are those in class."""

    title: str
    question: str
    claims: list[str]
    minutes: int


def head(lesson: NotebookNode) -> Head:
    """Read the title of a lesson and the table under it."""
    source = lesson.cells[0].source
    found = head_table(source)
    return Head(
        source.split("\n")[0].removeprefix("# "),
        found["Question"],
        list(dict.fromkeys(re.findall(r"\bC\d\b", found["Claim"]))),
        int(found["Time"].split()[0]),
    )


def head_table(source: str) -> dict[str, str]:
    """The rows of the table under a lesson's title."""
    return dict(re.findall(r"^\| \*\*(.+?)\*\* \| (.+) \|$", source, re.MULTILINE))


def _line(path: Path) -> str:
    told = head(read(path))
    binder = f"{binder_address()}?urlpath=lab/tree/notebooks/{path.name}"
    return (
        f"| [{told.title}](notebooks/{path.name}) | {told.question} | {', '.join(told.claims)} "
        f"| {told.minutes} | [set {told.title[:2]}](exercises/{path.name}) | [Binder]({binder}) |"
    )


def binder_address() -> str:
    """Where Binder opens the course, from the one place that names its repository."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    name = project["urls"]["Repository"].removeprefix("https://github.com/")
    return f"https://mybinder.org/v2/gh/{name}/HEAD"


def ledger(lessons: list[Path]) -> pd.DataFrame:
    """The example rows of all lessons: lesson, claim, measure, finding, verdict, strength."""
    rows = [row for path in lessons for row in _rows(path)]
    return pd.DataFrame(rows, columns=LEDGER).sort_values(LEDGER[:3], kind="stable")


def _rows(path: Path) -> list[dict[str, object]]:
    """The rows in a lesson's cell `ledger = pd.DataFrame([{...}])`, which are plain values."""
    for cell in read(path).cells:
        if cell.cell_type == "code" and cell.source.startswith("ledger = pd.DataFrame("):
            call = ast.parse(cell.source).body[0].value  # type: ignore[attr-defined]
            return ast.literal_eval(call.args[0])
    raise CourseError(f"{path.name} has no cell that begins with `ledger = pd.DataFrame([`.")
