"""`americas grade`: from what students handed in to marks, feedback and a picture of the class."""

import json
import os
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from americas.errors import CourseError
from americas.grade import csv_files
from americas.grade.assignment import Course
from americas.grade.batch import Entry, bar, entries, mark_all, workers
from americas.grade.bubblewrap import missing
from americas.grade.feedback import file_names, write_pages
from americas.grade.gradebooks import Matched, Roster, gradebooks, match, read_roster
from americas.grade.manual_marks import Marks, gather, merge, read_marks
from americas.grade.submissions import find

# Exit codes: all marked; nothing could be done; marked, but a person has to look at something.
DONE, LOOK = 0, 3
_RECORDS = [
    "student",
    "id",
    "lesson",
    "exercise",
    "title",
    "outcome",
    "points",
    "possible",
    "reason",
    "where",
    "wrong_turn",
    "seconds",
    "flags",
    "file",
]


@dataclass(frozen=True)
class Order:
    """What a teacher asks for."""

    place: Path
    out: Path | None = None
    roster: Path | None = None
    marks: Path | None = None
    workers: int = 0
    scheduler: str = ""
    unsafe: bool = False
    course: Course = field(default_factory=Course)


def grade(order: Order) -> int:
    """Mark a class and write everything; return the exit code.

    Raises CourseError with a sentence where nothing can be done.
    """
    start = time.perf_counter()
    if not order.unsafe and not order.scheduler and (why := missing()):
        raise CourseError(
            f"{why}\nStudents' notebooks are programs that strangers wrote. To run them here all "
            "the same, with your files and your network open to them, add --unsafe."
        )
    roster = read_roster(order.roster) if order.roster else None
    place = order.place.resolve()
    out = order.out or place.with_name(f"{place.stem if place.is_file() else place.name}-marks")
    marks_file = order.marks or out / "written.csv"
    marks = read_marks(marks_file) if order.marks or marks_file.exists() else Marks({}, {})
    files = find(place)
    found = entries(files.submissions, order.course)
    out.mkdir(parents=True, exist_ok=True)
    count = order.workers or os.cpu_count() or 1
    with workers(count, order.scheduler) as executor:
        kept = mark_all(
            found, order.course, out / "results", executor, unsafe=order.unsafe, progress=bar
        )
    unmatched = merge(found, marks)
    students = sorted({entry.student for entry in found}, key=lambda student: student.label)
    matched = match(roster, students) if roster else Matched()
    summary = _write(order, out, found, files.others, roster, matched, marks)
    summary |= {"marks_of_nobody": unmatched, "kept_from_before": kept}
    summary["seconds"] = round(time.perf_counter() - start, 1)
    text = json.dumps(summary, ensure_ascii=False, indent=1) + "\n"
    (out / "summary.json").write_text(text, encoding="utf-8", newline="\n")
    _tell(summary, out)
    return summary["exit_code"]


def _write(
    order: Order,
    out: Path,
    found: list[Entry],
    others: list[tuple[str, str]],
    roster: Roster | None,
    matched: Matched,
    marks: Marks,
) -> dict[str, Any]:
    from americas.grade.class_report import class_report

    lessons = {entry.lesson for entry in found if entry.result}
    assignments = {lesson: order.course.assignment(lesson) for lesson in lessons}
    csv_files.write(out / "records.csv", _RECORDS, _records(found))
    texts, waiting = gather(found, marks, out / "written.csv")
    books = gradebooks(found, roster, matched, out)
    write_pages(found, assignments, out / "students")
    page = class_report(found, others, file_names(found))
    (out / "class.html").write_text(page, encoding="utf-8", newline="\n")
    unread = [entry for entry in found if entry.result is None]
    broken = [entry for entry in found if entry.broken]
    look = bool(unread or broken or matched.strangers)
    return {
        "notebooks": len(found),
        "marked": len(found) - len(unread) - len(broken),
        "lessons": _lessons(found),
        "written_answers": texts,
        "waiting_for_a_mark": waiting,
        "unreadable": [[entry.student.label, entry.where, entry.problem] for entry in unread],
        "not_graded": [entry.student.label for entry in broken],
        "flagged": sum(bool(entry.notes or (entry.result or {}).get("notes")) for entry in found),
        "not_in_roster": [student.label for student in matched.strangers],
        "handed_in_nothing": matched.silent,
        "left_aside": [list(other) for other in others],
        "gradebooks": [book.name for book in books],
        "exit_code": LOOK if look else DONE,
    }


def _lessons(found: list[Entry]) -> dict[str, Any]:
    by: dict[str, Counter] = {}
    for entry in found:
        for record in entry.result["exercises"] if entry.result else []:
            by.setdefault(f"{record['number']}", Counter())[record["outcome"]] += 1
    return {number: dict(sorted(counts.items())) for number, counts in sorted(by.items())}


def _records(found: list[Entry]) -> list[list]:
    rows = []
    for entry in found:
        who = [csv_files.harmless(entry.student.name), entry.student.id]
        if entry.result is None:
            rows.append(
                [
                    *who,
                    entry.lesson,
                    "",
                    "",
                    "not marked",
                    "",
                    "",
                    entry.problem,
                    "",
                    "",
                    "",
                    " ".join(entry.notes),
                    entry.where,
                ]
            )
            continue
        notes = [*entry.notes, *entry.result["notes"]]
        for record in entry.result["exercises"]:
            flags = [note for note in notes if _concerns(note, record["number"])]
            rows.append([
                *who, entry.result["lesson"], record["number"], record["title"],
                record["outcome"],
                csv_files.tidy(record["points"]), csv_files.tidy(record["possible"]),
                csv_files.harmless(record["reason"]), record["where"], record["wrong_turn"] or "",
                record["seconds"], " ".join(flags), entry.where,
            ])  # fmt: skip
    return rows


def _concerns(note: str, number: str) -> bool:
    """Does a note speak of this exercise, or of the whole notebook?"""
    first = note.partition(":")[0]
    return first == number or not first.replace(".", "", 1).isdigit()


def _tell(summary: dict[str, Any], out: Path) -> None:
    """What a teacher reads on the terminal: what there is, and what to look at."""
    kept = summary["kept_from_before"]
    print(
        f"{summary['marked']} of {summary['notebooks']} notebooks marked in "
        f"{summary['seconds']:.0f} s{f' ({kept} kept from before)' if kept else ''}."
    )
    for who, where, why in summary["unreadable"]:
        print(f"  Not marked: {who}, {where}. {why}")
    for who in summary["not_graded"]:
        print(
            f"  The program failed at {who}'s notebook. Run the command again; if it fails "
            "again, mark it by hand."
        )
    for who in summary["not_in_roster"]:
        print(f"  Not in your class list: {who}. Nobody was guessed: no gradebook has this mark.")
    if summary["handed_in_nothing"]:
        print(f"  Handed in nothing: {', '.join(summary['handed_in_nothing'])}.")
    for who in summary["marks_of_nobody"]:
        print(f"  A written mark belongs to nobody here: {who}.")
    if summary["waiting_for_a_mark"]:
        print(
            f"  {summary['waiting_for_a_mark']} written answers wait for a mark: fill in the "
            f"column points of {out / 'written.csv'}, then run the same command again."
        )
    print(f"The class on one page: {out / 'class.html'}")
    for book in summary["gradebooks"]:
        print(f"To upload: {out / book}")
    sys.stdout.flush()
