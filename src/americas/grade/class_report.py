"""The class on one page: what went well, which wrong turns were taken, and who needs help."""

import html
from collections import Counter
from typing import Any

import altair as alt
import pandas as pd

from americas.course.notebooks import VEGALITE_VERSION
from americas.grade.batch import Entry
from americas.grade.feedback import SIGNS, page
from americas.style import style

_ORDER = [
    "correct",
    "not yet",
    "not attempted",
    "not reached",
    "not graded",
    "to be marked",
    "marked",
]


def class_report(found: list[Entry], others: list[tuple[str, str]], links: list[str]) -> str:
    """The page for the teacher; `links` are the students' pages, in the order of the entries."""
    style()
    pages = dict(zip(map(id, found), links, strict=True))
    body = ["<h1>How the class did</h1>"]
    for lesson in sorted({entry.result["lesson"] for entry in found if entry.result}):
        entries = [entry for entry in found if entry.result and entry.result["lesson"] == lesson]
        body += _lesson(lesson, entries, pages)
    body += _problems(found, others)
    return page("How the class did", body)


def _lesson(lesson: str, entries: list[Entry], pages: dict[int, str]) -> list[str]:
    frame = pd.DataFrame(
        [
            {"student": entry.student.label, **record}
            for entry in entries
            for record in entry.result["exercises"]
        ]
    )
    checked = frame[~frame["written"]]
    body = [f"<h2>{html.escape(lesson)}: {len(entries)} handed in</h2>"]
    body += _figure(_success(checked), _success_told(checked))
    body += _turns(checked)
    body += _figure(
        _grid(checked),
        "Each row is a student, each column an exercise, those with "
        "the fewest correct on top. Each student's page says the same in words.",
    )
    body += _help(entries, pages)
    body += _time(entries, checked)
    return body


def _success(checked: pd.DataFrame) -> alt.Chart:
    counts = checked.groupby(["number", "title", "outcome"], as_index=False).agg(
        students=("student", "size")
    )
    return (
        alt.Chart(counts, title="Which exercises were solved?")
        .mark_bar()
        .encode(
            x=alt.X("students:Q", title="Students", axis=alt.Axis(tickMinStep=1)),
            y=alt.Y("number:N", title="Exercise"),
            color=_colour(counts["outcome"]),
            order=alt.Order("rank:Q"),
        )
        .transform_calculate(rank=f"indexof({_ORDER}, datum.outcome)")
        .properties(height=alt.Step(28), width=460)
    )


def _success_told(checked: pd.DataFrame) -> str:
    right = checked.assign(right=checked["outcome"] == "correct").groupby("number")["right"]
    counts = right.sum()
    parts = [
        f"{number}: {count} of {len(checked[checked['number'] == number])}"
        for number, count in counts.items()
    ]
    return "Correct answers by exercise. " + "; ".join(parts) + "."


def _grid(checked: pd.DataFrame) -> alt.Chart:
    right = checked["outcome"].eq("correct").groupby(checked["student"]).sum()
    order = right.sort_values(kind="stable").index.tolist()
    tiles = checked.assign(sign=checked["outcome"].map(lambda outcome: SIGNS[outcome][0]))
    base = alt.Chart(
        tiles[["student", "number", "outcome", "sign"]], title="Who solved what?"
    ).encode(
        x=alt.X("number:N", title="Exercise", axis=alt.Axis(orient="top", labelAngle=0)),
        y=alt.Y("student:N", sort=order, title=None, axis=alt.Axis(labelLimit=220)),
    )
    layers = alt.layer(
        base.mark_rect(stroke="white", strokeWidth=2).encode(color=_colour(tiles["outcome"])),
        base.mark_text(color="white").encode(text="sign:N"),
    )
    return layers.properties(width=alt.Step(38), height=alt.Step(20))


def _turns(checked: pd.DataFrame) -> list[str]:
    """Which wrong turns how many took, the most frequent first; then every other reason."""
    wrong = checked[checked["outcome"] == "not yet"]
    body = ["<h3>What the class misunderstood</h3>"]
    if wrong.empty:
        return [*body, "<p>Nothing: every answer that was given is correct.</p>"]
    counts = (
        wrong.assign(foreseen=wrong["wrong_turn"].notna())
        .groupby(["number", "title", "reason", "foreseen"], as_index=False)
        .agg(students=("student", "size"))
        .sort_values(
            ["foreseen", "students", "number"], ascending=[False, False, True], kind="stable"
        )
    )
    body += [
        "<table><thead><tr><th>Exercise</th><th>What the student was told</th>"
        '<th>A mistake the author foresaw</th><th class="num">Students</th></tr></thead>'
        "<tbody>"
    ]
    body += [
        f"<tr><th>{row.number} · {html.escape(row.title)}</th><td>{html.escape(row.reason)}</td>"
        f"<td>{'yes' if row.foreseen else 'no'}</td>"
        f'<td class="num">{row.students}</td></tr>'
        for row in counts.head(40).itertuples()
    ]
    if len(counts) > 40:
        body.append(
            f"<tr><td colspan=4>… and {len(counts) - 40} more; all are in records.csv.</td></tr>"
        )
    return [*body, "</tbody></table>"]


def _help(entries: list[Entry], pages: dict[int, str]) -> list[str]:
    """The students with fewer than half of the exercises right, and where to look."""
    rows = []
    for entry in entries:
        records = [record for record in entry.result["exercises"] if not record["written"]]
        counts = Counter(record["outcome"] for record in records)
        if counts["correct"] * 2 < len(records):
            rows.append((counts["correct"], entry, records, counts))
    body = ["<h3>Who needs help</h3>"]
    if not rows:
        return [*body, "<p>Every student has at least half of the exercises right.</p>"]
    body.append(
        "<p>Fewer than half of the checked exercises are correct:</p><table><thead><tr>"
        "<th>Student</th><th>Correct</th><th>Not yet</th><th>Not attempted</th>"
        "</tr></thead><tbody>"
    )
    for right, entry, records, _ in sorted(rows, key=lambda row: (row[0], row[1].student.label)):
        link = (
            f'<a href="students/{html.escape(pages[id(entry)])}">'
            f"{html.escape(entry.student.label)}</a>"
        )
        body.append(
            f"<tr><th>{link}</th><td>{right} of {len(records)}</td>"
            f"<td>{_numbers(records, 'not yet')}</td>"
            f"<td>{_numbers(records, 'not attempted', 'not reached')}</td></tr>"
        )
    return [*body, "</tbody></table>"]


def _numbers(records: list[dict[str, Any]], *outcomes: str) -> str:
    return ", ".join(r["number"] for r in records if r["outcome"] in outcomes) or "–"


def _time(entries: list[Entry], checked: pd.DataFrame) -> list[str]:
    """Where machines spent their time: cells that run long, and notebooks that never ended."""
    body = ["<h3>Where time was lost</h3>"]
    ended = [entry for entry in entries if entry.result["end"] != "finished"]
    slow = checked[checked["seconds"] >= 5].groupby("number")["student"].agg(list)
    if not ended and slow.empty:
        return [
            *body,
            "<p>Nowhere: no cell took five seconds, and every notebook ran to its end.</p>",
        ]
    body.append("<ul>")
    body += [
        f"<li>{html.escape(entry.student.label)}: {html.escape(entry.result['notes'][0])}</li>"
        for entry in ended
    ]
    body += [
        f"<li>{number}: cells ran five seconds or more for {html.escape(', '.join(students))}.</li>"
        for number, students in slow.items()
    ]
    return [*body, "</ul>"]


def _problems(found: list[Entry], others: list[tuple[str, str]]) -> list[str]:
    missing = [entry for entry in found if entry.result is None]
    body = []
    if missing:
        body += ["<h2>Not marked</h2><ul>"]
        body += [
            f"<li>{html.escape(entry.student.label)}, {html.escape(entry.where)}: "
            f"{html.escape(entry.problem)}</li>"
            for entry in missing
        ]
        body += ["</ul>"]
    if others:
        body += ["<h2>Files that were left aside</h2><ul class=note>"]
        body += [f"<li>{html.escape(where)}: {html.escape(why)}</li>" for where, why in others[:60]]
        body += ["</ul>"]
    return body


def _colour(outcomes: pd.Series) -> alt.Color:
    there = [outcome for outcome in _ORDER if outcome in set(outcomes)]
    scale = alt.Scale(domain=there, range=[SIGNS[outcome][1] for outcome in there])
    return alt.Color("outcome:N", scale=scale, title=None, legend=alt.Legend(orient="bottom"))


def _figure(chart: alt.Chart, told: str) -> list[str]:
    """A chart as a picture inside the page: nothing is fetched, also in ten years."""
    try:
        import vl_convert
    except ModuleNotFoundError:
        return [f"<p>{html.escape(told)} (For the chart: pip install vl-convert-python)</p>"]
    drawn = vl_convert.vegalite_to_svg(chart.to_dict(), vl_version=VEGALITE_VERSION)
    label = html.escape(told, quote=True)
    return [f'<figure role="img" aria-label="{label}">{drawn}</figure>']
