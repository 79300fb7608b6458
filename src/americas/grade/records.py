"""The table `records.csv`: one line for each student and exercise."""

from pathlib import Path

from americas.grade import csv_files
from americas.grade.attempts import Entry
from americas.grade.csv_files import Spelling
from americas.grade.results import told

HEADER = [
    "student", "id", "lesson", "exercise", "title", "outcome", "points", "possible", "reason",
    "where", "wrong_turn", "seconds", "flags", "file",
]  # fmt: skip


def write_records(found: list[Entry], path: Path, spelling: Spelling) -> None:
    """Write what came of every exercise of every notebook."""
    csv_files.write(path, HEADER, [row for entry in found for row in _rows(entry)], spelling)


def _rows(entry: Entry) -> list[list[object]]:
    who = [entry.student.name, entry.student.id]
    result, where = entry.result, entry.where
    notes = [*entry.private, *entry.notes, *(result["notes"] if result else [])]
    if result is None:
        all_flags = " ".join(map(told, notes))
        gap = [""] * 4
        return [
            [
                *who,
                entry.lesson,
                "",
                "",
                "not marked",
                "",
                "",
                entry.problem,
                *gap[:3],
                all_flags,
                where,
            ]
        ]
    rows: list[list[object]] = []
    for record in result["exercises"]:
        flags = [told(one) for one in notes if one["number"] in ("", record["number"])]
        rows.append([
            *who, result["lesson"], record["number"], record["title"], record["outcome"],
            csv_files.tidy(record["points"]), record["possible"], record["reason"],
            record["where"], record["wrong_turn"] or "", record["seconds"],
            " ".join(flags), where,
        ])  # fmt: skip
    return rows
