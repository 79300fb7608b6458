"""One page for each student: what is right, what is not yet and why. Nothing of other students."""

import re
from pathlib import Path

from americas.course.rubric import rows
from americas.grade import csv_files
from americas.grade.assignment import Sets
from americas.grade.attempts import Entry
from americas.grade.pages import render
from americas.grade.results import CORRECT, LOOK_AGAIN, MARKED, TO_MARK
from americas.grade.standing import MOST_ORAL
from americas.grade.totals import Class


def student_page(entry: Entry, class_: Class, sets: Sets) -> str:
    """Return what one student handed in for one lesson, and how it did."""
    records = entry.result["exercises"] if entry.result else []
    checked = [record for record in records if not record["written"]]
    points, possible = class_.total(entry)
    outcomes = {record["outcome"] for record in records}
    assignment = sets.assignment(entry.lesson) if entry.result else None
    return render(
        "student",
        title=f"{assignment.title if assignment else 'Not marked'}: {entry.student.label}",
        set_title=assignment.title if assignment else "Not marked",
        entry=entry,
        right=sum(record["outcome"] == CORRECT for record in checked),
        checked=len(checked),
        waits=bool(outcomes & {TO_MARK, LOOK_AGAIN}),
        hand_marked=points is not None and MARKED in outcomes,
        points=points or 0,
        possible=possible,
        oral=class_.oral.get((entry.student.key, entry.lesson)),
        most_oral=MOST_ORAL,
        rubrics={ex.number: rows(ex.rubric) for ex in (assignment.exercises if assignment else ())},
        notes=[*entry.notes, *(entry.result["notes"] if entry.result else [])],
    )


def file_names(found: list[Entry]) -> list[str]:
    """Return a file name for each entry: the student's, in letters that every system takes."""
    names: list[str] = []
    taken: set[str] = set()
    for entry in found:
        lesson = entry.result["lesson"] if entry.result else entry.lesson or "unknown"
        who = re.sub(r"[^\w-]+", "-", entry.student.label).strip("-")[:60]
        name, count = f"{who}-{lesson}", 1
        while name.casefold() in taken:
            count += 1
            name = f"{who}-{lesson}-{count}"
        taken.add(name.casefold())
        names.append(f"{name}.html")
    return names


def write_pages(
    found: list[Entry], class_: Class, sets: Sets, folder: Path, names: list[str]
) -> None:
    """Write every student's page; a page that nobody has any more goes away."""
    folder.mkdir(parents=True, exist_ok=True)
    for entry, name in zip(found, names, strict=True):
        page = student_page(entry, class_, sets).encode()
        path = folder / name
        if not path.exists() or path.read_bytes() != page:
            # Hundreds of them, and each run makes them again: none waits for the disk.
            csv_files.write_whole(path, page, safe=False)
    for old in folder.glob("*.html"):
        if old.name not in names:
            old.unlink()
