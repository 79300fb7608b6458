"""Everything that `americas grade` writes and prints, made from the database."""

import datetime
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from americas.grade import csv_files, written
from americas.grade.assignment import Sets
from americas.grade.attempts import Entry
from americas.grade.batch import name_twins
from americas.grade.class_report import class_report
from americas.grade.feedback import file_names, write_pages
from americas.grade.give_back import give_back
from americas.grade.gradebooks import gradebooks, lonely
from americas.grade.matching import Matched, match
from americas.grade.records import write_records
from americas.grade.results import CORRECT, LOOK_AGAIN, NOT_ATTEMPTED, TO_MARK
from americas.grade.rosters import Roster
from americas.grade.standing import Written, all_entries, all_written, oral_points
from americas.grade.store import Store
from americas.grade.titles import missing as missing_titles
from americas.grade.totals import Class, short

# Exit codes: all marked; marked, but a person has to look at something.
DONE, LOOK = 0, 3


@dataclass
class Report:
    """Everything that a run writes, made from the database."""

    out: Path
    marks: Path | None
    sets: Sets
    store: Store
    now: list[Entry]
    others: list[tuple[str, str]]
    roster: Roster | None
    groups: dict[str, list[set[str]]]
    titles: Mapping[str, str]

    def write(self) -> dict[str, Any]:
        """Bring typed marks in, write all tables and pages; return the summary."""
        out, store = self.out, self.store
        found = all_entries(store)
        brought = self.bring(all_written(store, found))
        answers = all_written(store, found)
        name_twins(found)
        marking = {one.answer.lesson for one in answers if one.counting}
        class_ = Class(found, marking, self.titles, oral_points(store))
        lessons = {entry.result["lesson"] for entry in self.now if entry.result}
        students = {class_.person(e.student) for e in self.now}
        everybody = {class_.person(e.student) for e in found}
        if self.roster and self.roster.platform == "moodle":  # a worksheet is one assignment's
            students = {e.student for e in self.now}
            everybody = students | {
                e.student for e in found if e.lesson in {n[:2] for n in lessons}
            }
        listed = sorted(everybody, key=lambda s: s.label)
        matched = match(self.roster, listed, self.groups) if self.roster else Matched()
        written.table(store, answers, out / "written.csv", brought.spelling)
        strays = written.stray_table(store, out / "unmatched-marks.csv", brought.spelling)
        strangers = {s: why for s, why in matched.strangers.items() if s in students}
        self.write_strangers(out / "unmatched-students.csv", matched)
        books = gradebooks(class_, lessons, self.roster, matched, out)
        write_records(found, out / "records.csv", brought.spelling)
        pages = file_names(found)
        write_pages(found, class_, self.sets, out / "students", pages)
        zips = give_back(class_, pages, self.roster, matched, out)
        self.keep_weeks(found, lessons)
        page = class_report(class_, self.others, pages, store)
        csv_files.write_whole(out / "class.html", page.encode())
        return self.summary(answers, books, strays, strangers, matched) | {
            "marks_brought": brought.count, "marks_replaced": brought.replaced,
            "columns_added": missing_titles(class_, self.roster), "feedback": [path.name for path in zips],
            "left_out": sorted(lonely(class_)) if self.roster else [],
        }  # fmt: skip

    def bring(self, answers: list[Written]) -> written.Brought:
        """Take in what was typed into the tables of this folder, and into the one named."""
        out = self.out
        tables = [out / "written.csv", out / "unmatched-marks.csv", self.marks]
        brought = written.Brought()
        for path in tables:
            if path and path.exists():
                more = written.bring(self.store, answers, path)
                brought.count += more.count
                brought.replaced += more.replaced
                if path != tables[1]:
                    brought.spelling = more.spelling
        return brought

    def write_strangers(self, path: Path, matched: Matched) -> None:
        """Write whom the class list doesn't have, and why; the file goes away with the last."""
        rows = [
            [student.name, student.id, student.platform, why]
            for student, why in matched.strangers.items()
        ]
        if rows or path.exists():
            csv_files.write(path, ["student", "id", "platform", "why"], rows, csv_files.here())

    def keep_weeks(self, found: list[Entry], lessons: set[str]) -> None:
        """Keep today's numbers of each set of this run, for the report of later weeks."""
        today = datetime.date.today().isoformat()
        for lesson in lessons:
            entries = [e for e in found if e.result and e.result["lesson"] == lesson]
            checked = [
                r for e in entries if e.result for r in e.result["exercises"] if not r["written"]
            ]
            right = sum(record["outcome"] == CORRECT for record in checked)
            counts = {"students": len(entries), "right": right, "checked": len(checked)}
            self.store.keep_week(lesson, today, counts)

    def summary(
        self, answers: list[Written], books: list[Path], strays: list[str],
        strangers: Mapping[Any, str], matched: Matched,
    ) -> dict[str, Any]:  # fmt: skip
        """Return counts and names, for scripts and for the terminal."""
        unread = [entry for entry in self.now if entry.result is None]
        broken = [entry for entry in self.now if entry.broken]
        again = [one for one in answers if one.status == LOOK_AGAIN]
        outcomes: dict[str, Counter[str]] = {}
        for entry in self.now:
            for record in entry.result["exercises"] if entry.result else []:
                outcomes.setdefault(record["number"], Counter())[record["outcome"]] += 1
        look = unread or broken or strangers or strays or again
        return {
            "notebooks": len(self.now),
            "marked": len(self.now) - len(unread) - len(broken),
            "lessons": {n: dict(sorted(c.items())) for n, c in sorted(outcomes.items())},
            "written_answers": sum(one.status != NOT_ATTEMPTED for one in answers),
            "waiting_for_a_mark": sum(one.status == TO_MARK for one in answers),
            "look_again": [f"{one.student.label}, {one.answer.exercise}" for one in again],
            "unreadable": [[entry.student.label, entry.where, entry.problem] for entry in unread],
            "not_graded": [entry.student.label for entry in broken],
            "not_in_roster": {student.label: why for student, why in strangers.items()},
            "handed_in_nothing": matched.silent,
            "marks_of_nobody": strays,
            "left_aside": [list(other) for other in self.others],
            "gradebooks": [book.name for book in books],
            "exit_code": LOOK if look else DONE,
        }


def tell(summary: dict[str, Any], out: Path) -> None:
    """Print what a teacher reads: what there is, and what to look at."""
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
    for who, why in summary["not_in_roster"].items():
        print(f"  Not in your class list: {who} ({why}). Nobody was guessed.")
    if summary["handed_in_nothing"]:
        print(f"  Handed in nothing: {', '.join(summary['handed_in_nothing'])}.")
    for name in summary["columns_added"]:
        print(
            f"  Your gradebook has no column {name}: a new one is added. To use one of yours, say "
            f'once: --title {short(name)}="Its title".'
        )
    for name in summary["left_out"]:
        print(f"  A single student handed in {name}: no column for it. See totals.csv.")
    if summary["marks_brought"]:
        print(f"  Marks taken from your tables: {summary['marks_brought']}.")
    for one in summary["marks_replaced"]:
        print(f"  {one}.")
    for who in summary["marks_of_nobody"]:
        print(f"  A written mark belongs to nobody here: {who}. It is in unmatched-marks.csv.")
    for who in summary["look_again"]:
        print(f"  The text was changed after it was marked: {who}. Look at it again.")
    if count := summary["waiting_for_a_mark"]:
        answers = "written answer waits" if count == 1 else "written answers wait"
        print(
            f"  {count} {answers} for a mark: `americas mark {out}`, or fill in the column points "
            f"of {out / 'written.csv'} and run the same command again."
        )
    print(f"The class on one page: {out / 'class.html'}")
    for book in [*summary["gradebooks"], *summary["feedback"]]:
        print(f"To upload: {out / book}", flush=True)
