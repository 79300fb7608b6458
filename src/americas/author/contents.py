"""Gather what the lessons say of themselves: the README's table, the syllabus, the ledger."""

import ast
import base64
from pathlib import Path

import pandas as pd

from americas.author import syllabus
from americas.course.lesson_head import head
from americas.course.minutes import row
from americas.course.notebooks import read, tags
from americas.course.paths import Course
from americas.errors import CourseError

LEDGER = ["lesson", "claim", "measure", "finding", "verdict", "strength"]


def write(course: Course) -> int:
    """Write what is made in README.md, the syllabus and the guide, the picture, data/ledger.csv."""
    lessons = course.lessons()
    for path, text in texts(course).items():
        path.write_text(text, encoding="utf-8", newline="\n")
    picture(course)
    rows = ledger(lessons)
    rows.to_csv(
        course.root / "data" / "ledger.csv", index=False, encoding="utf-8", lineterminator="\n"
    )
    for lesson in lessons:
        print(f"{lesson.stem[:2]} by the rule: {row(read(lesson))}")
    print(f"README.md: {len(lessons)} lessons. data/ledger.csv: {len(rows)} rows.")
    print("Now `americas codebook` counts the ledger.")
    return 0


def texts(course: Course) -> dict[Path, str]:
    """Return each file with made parts, and the text that it should have.

    Raises CourseError if a file lacks the marks between which a part belongs.
    """
    made = {
        "README.md": {"lessons": _table(course)},
        "notebooks/syllabus.md": {
            "twelve weeks": syllabus.weeks(course),
            "six weeks": syllabus.six(course),
        },
        "solutions/README.md": {"links": syllabus.links(course)},
    }
    found = {}
    for name, parts in made.items():
        path = course.root / name
        text = path.read_text(encoding="utf-8")
        for part, lines in parts.items():
            text = filled(text, part, lines, name)
        found[path] = text
    return found


def filled(text: str, part: str, lines: list[str], name: str = "README.md") -> str:
    """Return a text with new lines between the marks of a part; raise CourseError without them."""
    begin, end = f"<!-- {part}: made by `americas contents` -->", f"<!-- end of {part} -->"
    before, found, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise CourseError(f"{name} has no place for the {part}: {begin} … {end}.")
    return "\n".join([before + begin, *lines, end + after])


def _table(course: Course) -> list[str]:
    head = ["| lesson | question | claim | minutes | exercises | open |", f"|{'---|' * 6}"]
    return [*head, *(_line(course, path) for path in course.lessons())]


def _line(course: Course, path: Path) -> str:
    told = head(read(path))
    binder = course.binder(f"notebooks/{path.name}")
    return (
        f"| [{told.title}](notebooks/{path.name}) | {told.question} | {', '.join(told.claims)} "
        f"| {told.minutes} | [set {told.title[:2]}](exercises/{path.name}) | [Binder]({binder}) |"
    )


def picture(course: Course) -> None:
    """Write the stored picture of the cell tagged `hero` to .github/picture.png, for the README."""
    for path in course.lessons():
        for cell in read(path).cells:
            pictures = [o.get("data", {}).get("image/png") for o in cell.get("outputs", [])]
            if "hero" in tags(cell) and any(pictures):
                shown = base64.b64decode(next(filter(None, pictures)))
                (course.root / ".github" / "picture.png").write_bytes(shown)
                return
    raise CourseError(
        "No lesson has a chart tagged `hero`, which is the README's picture. Give one cell the tag."
    )


def ledger(lessons: list[Path]) -> pd.DataFrame:
    """Return the example rows of all lessons: lesson, claim, measure, finding, verdict, strength."""
    rows = [row for path in lessons for row in _rows(path)]
    return pd.DataFrame(rows, columns=LEDGER).sort_values(LEDGER[:3], kind="stable")


def _rows(path: Path) -> list[dict[str, object]]:
    """Return the rows of a lesson's cell `ledger = pd.DataFrame([{...}])`, which are literals."""
    for cell in read(path).cells:
        if cell.cell_type == "code" and cell.source.startswith("ledger = pd.DataFrame("):
            call = ast.parse(cell.source).body[0].value  # type: ignore[attr-defined]
            return ast.literal_eval(call.args[0])
    raise CourseError(f"{path.name} has no cell that begins with `ledger = pd.DataFrame([`.")
