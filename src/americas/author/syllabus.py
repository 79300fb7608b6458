"""The weeks of the syllabus and a teacher's links, gathered from lessons, readings and the guide."""

import re

from americas.course.lesson_head import Head, head
from americas.course.notebooks import read
from americas.course.paths import Course
from americas.course.sheets import SHEETS
from americas.data import load
from americas.errors import CourseError

TWELVE, SIX = "A term of twelve weeks", "Three weeks, or six"
# What may stand between a work's first author and its year: names, and words that join them.
_MORE_NAMES = r"(?:,? (?:and|de|others|[A-ZÀ-Þ][\w'’.-]*))*"


def weeks(course: Course) -> list[str]:
    """Return the lines of the twelve weeks: outcomes, readings, what is due."""
    lines: list[str] = []
    for path, row in zip(course.lessons(), _plan(course, TWELVE), strict=True):
        week, _, _, home, due = row
        lesson = read(path)
        told = head(lesson)
        lines += [
            "",
            f"### Week {week}: {told.title.partition(' · ')[2]}",
            "",
            f"*{told.question}* {_links(told, path.name)}, {told.minutes} minutes in class.",
            "",
            f"- **Afterwards you can** {told.outcomes}.",
            f"- **At home:** {home}.",
            *([] if due == "–" else [f"- **Hand in:** {due}."]),
            "- **Read one of these before class:**",
            *(f"  - {work}" for work in works(_text(lesson, "## What scholars say"))),
        ]
    return [*lines, ""]


def six(course: Course) -> list[str]:
    """Return the table of the six weeks: one meeting of the guide's short plan a week.

    Of a set is due what the guide gives for home, since parts of some lessons are left out.
    """
    lines = ["| week | lesson | in class (minutes) | hand in |", f"|{'---|' * 4}"]
    due = "–"
    for row in _plan(course, SIX):
        week, number, _, minutes, home = row
        (path,) = (path for path in course.lessons() if path.name.startswith(number))
        lines.append(f"| {week} | {_links(head(read(path)), path.name)} | {minutes} | {due} |")
        due = f"of set {number}: {home}" if home[0].isdigit() else home
    return [*lines, f"| {int(week) + 2} | | | {due} |"]


def links(course: Course) -> list[str]:
    """Return the table of what a teacher hands out of each lesson, with its addresses."""
    lines = ["| lesson | to show | to print | lesson on a hub | set on a hub |", f"|{'---|' * 5}"]
    for path in course.lessons():
        kinds = ["slides", *(["handouts"] if path.name[:2] in SHEETS else [])]
        shown = [f"[{kind}]({course.pages}/{kind}/{path.stem}.html)" for kind in kinds]
        hub = (f"`{course.hub(f'{room}/{path.name}')}`" for room in ("notebooks", "exercises"))
        lines.append(f"| {' | '.join([path.name[:2], *shown, *[''] * (2 - len(shown)), *hub])} |")
    return lines


def works(box: str) -> list[str]:
    """Return the works that a text names as `Surname … (year)`, in its order, as references."""
    found = []
    dated = load("readings").dropna(subset="year")
    for work in dated.fillna({"doi": "", "venue": ""}).itertuples():
        author = work.authors.partition(";")[0]
        # A person is written `Surname, A. B.` and named by one surname or more, an office in full.
        person = re.match(r"([^\s,]+)[^,]*, [A-ZÀ-Þ]\.", author)
        first = re.escape(person[1] if person else author)
        if named := re.search(rf"\b{first}\b{_MORE_NAMES} \({work.year}\b", box):
            found.append((named.start(), _reference(work)))
    return [reference for _, reference in sorted(found)]


def _reference(work) -> str:
    *others, last = work.authors.split("; ")
    names = f"{', '.join(others)} and {last}" if others else last
    venue = re.sub(r" \(first: .+\)$", "", work.venue)
    told = f"{names} ({work.year}), *{work.title.rstrip('.')}*"
    link = f" [doi:{work.doi}](https://doi.org/{work.doi})" if work.doi else ""
    return f"{told}{', ' if venue else ''}{venue}.{link}"


def _links(told: Head, name: str) -> str:
    return f"[Lesson {told.title}]({name}) · [set {told.title[:2]}](../exercises/{name})"


def _text(lesson, heading: str) -> str:
    for cell in lesson.cells:
        _, found, rest = cell.source.partition(heading + "\n")
        if cell.cell_type == "markdown" and found:
            return rest.partition("\n## ")[0]
    raise CourseError(f"{lesson.cells[0].source.splitlines()[0]} has no part `{heading}`.")


def _plan(course: Course, heading: str) -> list[list[str]]:
    """Return the rows of the table that stands under a heading of the teacher's guide."""
    guide = (course.root / "solutions" / "README.md").read_text(encoding="utf-8")
    section = guide.partition(f"\n### {heading}\n")[2].partition("\n### ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")][2:]
    if not rows:
        raise CourseError(f"solutions/README.md has no table under `### {heading}`.")
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
