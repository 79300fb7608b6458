"""The class on one page, for the teacher: what to say next time, and who needs help."""

from collections import Counter
from typing import Any

import altair as alt
import pandas as pd

from americas.course.notebooks import VEGALITE_VERSION
from americas.grade.attempts import Entry
from americas.grade.gradebooks import Class
from americas.grade.pages import SIGNS, render
from americas.grade.results import CORRECT, NOT_ATTEMPTED, NOT_REACHED, NOT_YET, Record, told
from americas.grade.store import Store
from americas.grade.students import folded
from americas.style import style

_MOST_TURNS, _MOST_SAID = 40, 4


def class_report(
    class_: Class, others: list[tuple[str, str]], pages: list[str], store: Store
) -> str:
    """Return the page; `pages` are the students' pages, in the order of the entries."""
    style()
    links = {id(entry): page for entry, page in zip(class_.entries, pages, strict=True)}
    found = class_.entries
    return render(
        "class",
        title="How the class did",
        sets=[_set(name, class_, links, store.weeks(name)) for name in class_.lessons()],
        look=[f"{e.student.label}: {told(one)}" for e in found for one in e.private],
        problems=[f"{e.student.label}, {e.where}: {e.problem}" for e in found if not e.result],
        others=others,
    )


def _set(
    name: str, class_: Class, links: dict[int, str], weeks: list[tuple[str, dict[str, Any]]]
) -> dict[str, Any]:
    entries = list(class_.of(name).values())
    checked = pd.DataFrame(
        [
            {"student": entry.student.label, **record}
            for entry in entries
            for record in _checked(entry)
        ]
    )
    turns = _turns(checked)
    foreseen = [turn for turn in turns if turn["foreseen"] and turn["students"] > 1]
    return {
        "name": name,
        "count": len(entries),
        "weeks": [_week(day, counts) for day, counts in weeks],
        "success": _drawn(_success(checked)),
        "success_told": _success_told(checked),
        "say": foreseen[:_MOST_SAID],
        "turns": turns[:_MOST_TURNS],
        "more": max(0, len(turns) - _MOST_TURNS),
        "grid": _drawn(_grid(checked)),
        "help": _help(name, entries, class_, links),
        "time": _time(entries, checked),
    }


def _checked(entry: Entry) -> list[Record]:
    records = entry.result["exercises"] if entry.result else []
    return [record for record in records if not record["written"]]


def _week(day: str, counts: dict[str, Any]) -> dict[str, Any]:
    share = round(100 * counts["right"] / max(1, counts["checked"]))
    return {"day": day, "students": counts["students"], "share": share}


def _success(checked: pd.DataFrame) -> alt.Chart:
    counts = checked.groupby(["number", "title", "outcome"], as_index=False).agg(
        students=("student", "size")
    )
    return (
        alt.Chart(counts, title="Which exercises were solved?")
        .mark_bar()
        .encode(
            x=alt.X("students:Q", title="Students", axis=alt.Axis(tickMinStep=1)),
            y=alt.Y("number:N", title="Exercise", sort=list(dict.fromkeys(checked["number"]))),
            color=_colour(counts["outcome"]),
            order=alt.Order("rank:Q"),
        )
        .transform_calculate(rank=f"indexof({list(SIGNS)}, datum.outcome)")
        .properties(height=alt.Step(28), width=460)
    )


def _success_told(checked: pd.DataFrame) -> str:
    """Return the chart in words."""
    right = checked.assign(right=checked["outcome"] == CORRECT).groupby("number")["right"]
    parts = [f"{number}: {one.sum()} of {one.size}" for number, one in right]
    return "Correct answers by exercise. " + "; ".join(parts) + "."


def _grid(checked: pd.DataFrame) -> alt.LayerChart:
    right = checked["outcome"].eq(CORRECT).groupby(checked["student"]).sum()
    order = right.sort_values(kind="stable").index.tolist()
    tiles = checked.assign(sign=[SIGNS[outcome][0] for outcome in checked["outcome"]])
    tiles = tiles[["student", "number", "outcome", "sign"]]
    base = alt.Chart(tiles, title="Who solved what?").encode(
        x=alt.X(
            "number:N", title="Exercise", sort=list(dict.fromkeys(checked["number"])),
            axis=alt.Axis(orient="top", labelAngle=0),
        ),
        y=alt.Y("student:N", sort=order, title=None, axis=alt.Axis(labelLimit=220)),
    )  # fmt: skip
    layers = alt.layer(
        base.mark_rect(stroke="white", strokeWidth=2).encode(color=_colour(tiles["outcome"])),
        base.mark_text(color="white").encode(text="sign:N"),
    )
    return layers.properties(width=alt.Step(38), height=alt.Step(20))


def _turns(checked: pd.DataFrame) -> list[dict[str, Any]]:
    """Return which mistakes how many made: foreseen ones first, the most frequent first."""
    wrong = checked[checked["outcome"] == NOT_YET]
    if wrong.empty:
        return []
    counts = (
        wrong.assign(foreseen=wrong["wrong_turn"].notna())
        .groupby(["number", "title", "reason", "foreseen"], as_index=False)
        .agg(students=("student", "size"))
        .sort_values(
            ["foreseen", "students", "number"], ascending=[False, False, True], kind="stable"
        )
    )
    return [dict(row) for row in counts.to_dict("records")]


def _help(
    name: str, entries: list[Entry], class_: Class, links: dict[int, str]
) -> list[dict[str, Any]]:
    """Return the students with fewer than half right, the weakest first, and their earlier sets."""
    rows = []
    for entry in entries:
        records = _checked(entry)
        right = Counter(record["outcome"] for record in records)[CORRECT]
        if right * 2 < len(records):
            rows.append({
                "label": entry.student.label, "page": links[id(entry)], "right": right,
                "of": len(records), "not_yet": _numbers(records, NOT_YET),
                "not_attempted": _numbers(records, NOT_ATTEMPTED, NOT_REACHED),
                "earlier": _earlier(entry, name, class_),
            })  # fmt: skip
    return sorted(rows, key=lambda row: (row["right"], row["label"]))


def _earlier(entry: Entry, name: str, class_: Class) -> str:
    """Return how a student did in the sets before; Moodle's numbers change, so by name."""
    parts = []
    for other in class_.entries:
        result = other.result
        if (
            result
            and result["lesson"] < name
            and folded(other.student.name) == folded(entry.student.name)
        ):
            records = _checked(other)
            right = sum(record["outcome"] == CORRECT for record in records)
            parts.append(f"{result['lesson'][:2]}: {right} of {len(records)}")
    return "; ".join(parts) or "–"


def _numbers(records: list[Record], *outcomes: str) -> str:
    return ", ".join(r["number"] for r in records if r["outcome"] in outcomes) or "–"


def _time(entries: list[Entry], checked: pd.DataFrame) -> list[str]:
    """Return where machines spent their time: slow cells, and notebooks that never ended."""
    lines = [
        f"{entry.student.label}: {told(entry.result['notes'][0])}"
        for entry in entries
        if entry.result and entry.result["end"] != "finished" and entry.result["notes"]
    ]
    slow = checked[checked["seconds"] >= 5].groupby("number")["student"].agg(list)
    return lines + [
        f"{number}: cells ran five seconds or more for {', '.join(students)}."
        for number, students in slow.items()
    ]


def _colour(outcomes: pd.Series) -> alt.Color:
    there = [outcome for outcome in SIGNS if outcome in set(outcomes)]
    scale = alt.Scale(domain=there, range=[SIGNS[outcome][1] for outcome in there])
    return alt.Color("outcome:N", scale=scale, title=None, legend=alt.Legend(orient="bottom"))


def _drawn(chart: alt.Chart | alt.LayerChart) -> str:
    """Return a chart as SVG, "" where the package that draws it is missing."""
    try:
        import vl_convert
    except ModuleNotFoundError:
        return ""
    return str(vl_convert.vegalite_to_svg(chart.to_dict(), vl_version=VEGALITE_VERSION))
