"""`americas grade`: from what students handed in to marks, feedback and a picture of the class."""

import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from americas.course.progress import counter
from americas.grade import csv_files
from americas.grade.assignment import Sets
from americas.grade.attempts import Entry, entries, supersedes
from americas.grade.batch import course_version, key, mark_all, workers
from americas.grade.database import FILE
from americas.grade.report import Report, tell
from americas.grade.rosters import people, read_groups, read_roster
from americas.grade.standing import all_entries, oral_points
from americas.grade.store import Store
from americas.grade.submissions import find
from americas.grade.titles import named, titles
from americas.grade.totals import Class


@dataclass(frozen=True)
class Order:
    """What a teacher asks for. titles: what they call their sets: see `titles.named`."""

    place: Path
    out: Path | None = None
    roster: Path | None = None
    groups: Path | None = None
    marks: Path | None = None
    workers: int = 0
    scheduler: str = ""
    unsafe: bool = False
    titles: Sequence[str] = ()
    sets: Sets = field(default_factory=Sets)

    @property
    def folder(self) -> Path:
        """Return the marks folder: beside what was handed in, unless another is named."""
        place = self.place.resolve()
        return self.out or place.with_name(f"{place.stem if place.is_file() else place.name}-marks")


def grade(order: Order) -> int:
    """Mark a class and write everything; return the exit code.

    Raise CourseError with a sentence where nothing can be done.
    """
    start = time.perf_counter()
    said = named(order.titles, order.sets)
    count = order.workers or os.cpu_count() or 1
    # Where much is kept from an earlier run, the sandbox waits until it is needed.
    first = not (order.folder / FILE).exists()
    with workers(count, order.scheduler, unsafe=order.unsafe, at_once=first) as executor:
        roster = read_roster(order.roster) if order.roster else None
        groups = read_groups(order.groups) if order.groups else {}
        files = find(order.place.resolve(), people(roster, groups))
        if order.marks:
            csv_files.read(order.marks)  # said before an hour of marking, if it can't be read
        with Store(order.folder) as store:
            found = entries(files.submissions, order.sets, files.others)
            with counter("notebooks") as progress:
                kept = mark_all(
                    found, order.sets, store, executor,
                    unsafe=order.unsafe, width=2 * count, progress=progress,
                )  # fmt: skip
            class_ = Class(found, oral=oral_points(store))
            names = titles(store, said, class_, roster).titles
            # From here on nobody else may write: what was typed comes in before tables go out.
            with store.transaction():
                _keep(store, found, files.others, order)
                report = Report(
                    order.folder, order.marks, order.sets, store, found, files.others, roster,
                    groups, names,
                )  # fmt: skip
                summary = report.write()
    summary |= {"kept_from_before": kept, "seconds": round(time.perf_counter() - start, 1)}
    text = json.dumps(summary, ensure_ascii=False, indent=1) + "\n"
    csv_files.write_whole(order.folder / "summary.json", text.encode())
    tell(summary, order.folder)
    return int(summary["exit_code"])


def _keep(store: Store, found: list[Entry], others: list[tuple[str, str]], order: Order) -> None:
    """Put this run's entries beside those of earlier runs; of two attempts the later stays."""
    earlier = {(e.student.key, e.lesson): e for e in all_entries(store)}
    for entry in found:
        who, lesson = entry.student.key, entry.lesson
        old = earlier.get((who, lesson))
        if old and not supersedes(entry, old):
            others.append((entry.where, f"{old.where}, marked earlier, counts"))
            continue
        if lesson and not entry.problem and (who, "") in earlier:
            store.drop_entry(who, "")  # what could not be read has been replaced
        name = None
        if entry.result:
            name = key(entry.hash, order.sets.assignment(lesson), unsafe=order.unsafe)
            store.keep_results({name: entry.result})
        store.keep_entry(who, lesson, entry.stored(), name, course_version())
