"""One page of HTML for each student: what is right, what is not yet and why. No scripts, no net."""

import html
import re
from pathlib import Path
from typing import Any

from americas.course.rubric import rows
from americas.grade import csv_files
from americas.grade.assignment import Assignment
from americas.grade.batch import Entry
from americas.grade.gradebooks import total

# A sign as well as a colour and a word, so that none of the three has to be seen.
SIGNS = {
    "correct": ("✓", "#007F5F"),
    "not yet": ("→", "#B85400"),
    "not attempted": ("○", "#5C5C66"),
    "not reached": ("⊘", "#8A6D00"),
    "not graded": ("!", "#B00020"),
    "to be marked": ("✎", "#0072B2"),
    "marked": ("✎", "#0072B2"),
}

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;color:#26262B;max-width:52rem;margin:2rem auto;
padding:0 1rem}h1{font-size:1.6rem;margin-bottom:.2rem}h2{font-size:1.2rem;margin-top:2rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;
padding:.45rem .6rem;border-bottom:1px solid #D8D8DE}th{font-weight:600}
.num{text-align:right;white-space:nowrap}.text{white-space:pre-wrap;overflow-wrap:anywhere;
border-left:4px solid #0072B2;padding:.3rem 1rem;background:#F6F6F8}
.room{border:1px solid #949494;height:7rem;margin:.6rem 0}.note{color:#5C5C66}
figure{margin:1rem 0;overflow-x:auto}figcaption{color:#5C5C66}svg{max-width:100%;height:auto}
@media print{body{margin:0;max-width:none}}
"""


def page(title: str, body: list[str]) -> str:
    """A whole page, which needs nothing from anywhere."""
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{html.escape(title)}</title><style>{STYLE}</style></head><body><main>",
            *body,
            "</main></body></html>\n",
        ]
    )


def student_page(entry: Entry, assignment: Assignment | None) -> str:
    """What one student handed in for one lesson, and how it did."""
    name = assignment.title if assignment else "Not marked"
    body = [f"<h1>{html.escape(name)}</h1>", f"<p>{html.escape(entry.student.label)}</p>"]
    if entry.result is None or assignment is None:
        body.append(f"<p><strong>Not marked.</strong> {html.escape(entry.problem)}</p>")
    else:
        body += _summary(entry)
        body += _table(entry.result["exercises"])
        for record in entry.result["exercises"]:
            if record["written"]:
                body += _written(entry, record, assignment)
    notes = [*entry.notes, *(entry.result["notes"] if entry.result else [])]
    if notes:
        body += ["<h2>Notes</h2><ul class=note>", *(f"<li>{html.escape(n)}</li>" for n in notes)]
        body.append("</ul>")
    return page(f"{name}: {entry.student.label}", body)


def file_names(found: list[Entry]) -> list[str]:
    """A file name for each entry: the student's, in letters that every system takes."""
    names: list[str] = []
    for entry in found:
        lesson = entry.result["lesson"] if entry.result else entry.lesson or "unknown"
        stem = re.sub(r"[^\w-]+", "-", f"{entry.student.label} {lesson}").strip("-")[:90]
        name, count = stem, 1
        while name.casefold() in map(str.casefold, names):
            count += 1
            name = f"{stem}-{count}"
        names.append(name)
    return [f"{name}.html" for name in names]


def write_pages(found: list[Entry], assignments: dict[str, Assignment], folder: Path) -> None:
    """Write every student's page; pages of an earlier run that nobody has any more go away."""
    folder.mkdir(parents=True, exist_ok=True)
    names = file_names(found)
    for old in folder.glob("*.html"):
        if old.name not in names:
            old.unlink()
    for entry, name in zip(found, names, strict=True):
        text = student_page(entry, assignments.get(entry.lesson))
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def _summary(entry: Entry) -> list[str]:
    records = entry.result["exercises"]
    checked = [record for record in records if not record["written"]]
    right = sum(record["outcome"] == "correct" for record in checked)
    points, possible = total(entry)
    told = f"<strong>{right} of {len(checked)}</strong> checked exercises are correct."
    if points is not None and any(record["outcome"] == "marked" for record in records):
        sum_ = f"<strong>{csv_files.tidy(points)} of {possible}</strong>"
        told += f" With the written answer: {sum_} points."
    elif any(record["outcome"] == "to be marked" for record in records):
        told += " A written answer still waits for its mark."
    if entry.broken:
        told = "<strong>Not all of this could be marked.</strong> That is not your fault. " + told
    return [f"<p>{told}</p>"]


def _table(records: list[dict[str, Any]]) -> list[str]:
    lines = [
        "<table><thead><tr><th>Exercise</th><th>Outcome</th><th>Why</th>"
        '<th class="num">Points</th></tr></thead><tbody>'
    ]
    for record in records:
        sign, colour = SIGNS[record["outcome"]]
        why = " ".join(part for part in (record["reason"], record["where"]) if part)
        waits = record["outcome"] in ("to be marked", "not graded")
        points = "–" if waits else csv_files.tidy(record["points"])
        lines.append(
            f"<tr><th>{record['number']} · {html.escape(record['title'])}</th>"
            f'<td style="color:{colour}"><span aria-hidden="true">{sign} </span>'
            f"{record['outcome'].capitalize()}</td><td>{html.escape(why)}</td>"
            f'<td class="num">{points} / {record["possible"]}</td></tr>'
        )
    return [*lines, "</tbody></table>"]


def _written(entry: Entry, record: dict[str, Any], assignment: Assignment) -> list[str]:
    text = entry.result["texts"].get(record["number"], "")
    exercise = assignment.exercise(record["number"])
    body = [f"<h2>{record['number']} · {html.escape(record['title'])}</h2>"]
    body.append(f'<div class="text">{html.escape(text) or "No text."}</div>')
    body += _rubric(exercise.rubric if exercise else "", room=record["outcome"] != "marked")
    if record["outcome"] == "marked":
        points = f"{csv_files.tidy(record['points'])} of {record['possible']} points."
        body.append(f"<p><strong>{points}</strong> {html.escape(record['reason'])}</p>")
    return body


def _rubric(rubric: str, *, room: bool) -> list[str]:
    """The rubric's table, with a column and a box to write in while it waits for a mark."""
    table = rows(rubric)
    if not table:
        return []
    head, *body = table
    extra = "<th>Given</th>" if room else ""
    lines = [
        "<table><thead><tr>",
        *(f"<th>{html.escape(c)}</th>" for c in head),
        extra,
        "</tr></thead><tbody>",
    ]
    for cells in body:
        filled = "".join(f"<td>{html.escape(cell)}</td>" for cell in cells)
        lines.append(f"<tr>{filled}{'<td></td>' if room else ''}</tr>")
    lines.append("</tbody></table>")
    return [*lines, '<div class="room"></div>'] if room else lines
