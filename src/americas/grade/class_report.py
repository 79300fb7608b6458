"""The class on one page, for the teacher: what to say next time, and who needs help."""

from collections import Counter
from typing import Any

from americas.grade.attempts import Entry
from americas.grade.pages import SIGNS, render
from americas.grade.results import CORRECT, NOT_ATTEMPTED, NOT_REACHED, NOT_YET, Record, told
from americas.grade.store import Store
from americas.grade.totals import Class

_MOST_TURNS, _MOST_SAID = 40, 4
# A cell that runs longer is named.
_SLOW_SECONDS = 5


def class_report(
    class_: Class, others: list[tuple[str, str]], pages: list[str], store: Store
) -> str:
    """Return the page; `pages` are the students' pages, in the order of the entries."""
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
    turns = _turns(entries)
    foreseen = [turn for turn in turns if turn["foreseen"] and turn["students"] > 1]
    return {
        "name": name,
        "count": len(entries),
        "weeks": [_week(day, counts) for day, counts in weeks],
        "exercises": _exercises(entries),
        "say": foreseen[:_MOST_SAID],
        "turns": turns[:_MOST_TURNS],
        "more": max(0, len(turns) - _MOST_TURNS),
        "students": _students(entries, links),
        "help": _help(name, entries, class_, links),
        "time": _time(entries),
    }


def _checked(entry: Entry) -> list[Record]:
    records = entry.result["exercises"] if entry.result else []
    return [record for record in records if not record["written"]]


def _right(records: list[Record]) -> int:
    return sum(record["outcome"] == CORRECT for record in records)


def _week(day: str, counts: dict[str, Any]) -> dict[str, Any]:
    share = round(100 * counts["right"] / max(1, counts["checked"]))
    return {"day": day, "students": counts["students"], "share": share}


def _exercises(entries: list[Entry]) -> list[dict[str, Any]]:
    """Return each exercise with how many students had which outcome, in the order of `SIGNS`."""
    titles: dict[str, str] = {}
    counts: dict[str, Counter[str]] = {}
    for entry in entries:
        for record in _checked(entry):
            titles[record["number"]] = record["title"]
            counts.setdefault(record["number"], Counter())[record["outcome"]] += 1
    return [
        {
            "number": number, "title": titles[number], "right": count[CORRECT],
            "of": count.total(), "parts": [(name, count[name]) for name in SIGNS if count[name]],
        }
        for number, count in counts.items()
    ]  # fmt: skip


def _students(entries: list[Entry], links: dict[int, str]) -> list[dict[str, Any]]:
    """Return each student with the outcome of every exercise, those with the fewest right first."""
    rows = [
        {
            "label": entry.student.label, "page": links[id(entry)], "right": _right(_checked(entry)),
            "outcomes": {record["number"]: record["outcome"] for record in _checked(entry)},
        }
        for entry in entries
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (row["right"], row["label"]))


def _turns(entries: list[Entry]) -> list[dict[str, Any]]:
    """Return which mistakes how many made: foreseen ones first, the most frequent first."""
    counts = Counter(
        (record["number"], record["title"], record["reason"], record["wrong_turn"] is not None)
        for entry in entries
        for record in _checked(entry)
        if record["outcome"] == NOT_YET
    )
    names = ("number", "title", "reason", "foreseen")
    turns = [dict(zip(names, turn, strict=True)) | {"students": n} for turn, n in counts.items()]
    return sorted(
        turns, key=lambda turn: (not turn["foreseen"], -turn["students"], turn["number"], turn["reason"])
    )  # fmt: skip


def _help(
    name: str, entries: list[Entry], class_: Class, links: dict[int, str]
) -> list[dict[str, Any]]:
    """Return the students with fewer than half right, the weakest first, and their earlier sets."""
    rows = []
    for entry in entries:
        records = _checked(entry)
        right = _right(records)
        if right * 2 < len(records):
            rows.append({
                "label": entry.student.label, "page": links[id(entry)], "right": right,
                "of": len(records), "not_yet": _numbers(records, NOT_YET),
                "not_attempted": _numbers(records, NOT_ATTEMPTED, NOT_REACHED),
                "earlier": _earlier(entry, name, class_),
            })  # fmt: skip
    return sorted(rows, key=lambda row: (row["right"], row["label"]))


def _earlier(entry: Entry, name: str, class_: Class) -> str:
    """Return how a student did in the sets before."""
    parts = []
    for lesson in class_.lessons():
        for student in class_.numbers(entry.student):
            other = class_.of(lesson).get(student)
            if other and lesson < name:
                records = _checked(other)
                parts.append(f"{lesson[:2]}: {_right(records)} of {len(records)}")
    return "; ".join(parts) or "–"


def _numbers(records: list[Record], *outcomes: str) -> str:
    return ", ".join(r["number"] for r in records if r["outcome"] in outcomes) or "–"


def _time(entries: list[Entry]) -> list[str]:
    """Return where machines spent their time: slow cells, and notebooks that never ended."""
    lines = [
        f"{entry.student.label}: {told(entry.result['notes'][0])}"
        for entry in entries
        if entry.result and entry.result["end"] != "finished" and entry.result["notes"]
    ]
    slow: dict[str, list[str]] = {}
    for entry in entries:
        for record in _checked(entry):
            if record["seconds"] >= _SLOW_SECONDS:
                slow.setdefault(record["number"], []).append(entry.student.label)
    return lines + [
        f"{number}: cells ran five seconds or more for {', '.join(students)}."
        for number, students in sorted(slow.items())
    ]
