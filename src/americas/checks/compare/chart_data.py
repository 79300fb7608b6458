"""The data that one unit of a chart draws, beside those of the unit that is wanted."""

from typing import Any

from americas.checks.compare.chart_scales import length_of
from americas.checks.compare.options import CheckOptions
from americas.checks.compare.scalars import digits_of, is_number, rounded, same
from americas.checks.compare.tables import table_fault
from americas.checks.fingerprint_types import Cell, Channel, Column, Table, Unit
from americas.checks.messages import Feedback, feedback, say

# A rounded value may stand so far from the other, in parts of what the axis spans.
_VISIBLE = 0.01
_EXACT = CheckOptions()


def carried(channel: Channel) -> Any:
    """Return what a channel shows: a field, a count, or a value written down; else nothing."""
    if channel.get("value"):
        return None
    return channel.get("field") or channel.get("aggregate") or "datum"


def data_fault(unit: Unit, wanted: Unit, theirs: dict[str, Channel]) -> Feedback | None:
    """Return what is wrong with the data that a unit draws, or None; `theirs`: the wanted channels."""
    mine = unit["channels"]
    for name, channel in theirs.items():
        if bool(channel.get("bin")) != bool(mine[name].get("bin")):
            return feedback("chart.bin", channel=name, part="bin")
    if unit["drawn"] is None or wanted["drawn"] is None:
        return _unread_fault(unit, wanted, theirs)
    left, right = _drawn(unit, wanted, theirs), _drawn(wanted, unit, theirs)
    steps = _steps(left, right, theirs)

    def equal(answer: Cell, key: Cell, options: CheckOptions) -> bool:
        if same(answer, key, options):
            return True
        return (
            is_number(answer)
            and is_number(key)
            and any(rounded(answer, step) & rounded(key, step) for step in steps)
        )

    found = table_fault(left, right, _EXACT, equal)
    if not found:
        return None
    for name, channel in theirs.items():
        field, due = mine[name].get("field"), channel.get("field")
        summary = mine[name].get("aggregate")
        if summary == "count" != channel.get("aggregate"):
            return feedback("chart.counts", channel=name)
        if summary and channel.get("aggregate") and summary != channel["aggregate"]:
            return feedback("chart.summary", channel=name, summary=summary)
        # What a student calls a column of their own is free, so another name counts only if the
        # wanted column is at hand.
        if field and due and field != due and due in unit["columns"]:
            return feedback("chart.other_field", channel=name, field=field)
    told = found.message[0].lower() + found.message[1:]
    return Feedback(say("chart.data", feedback=told), found.hint)


def _unread_fault(unit: Unit, wanted: Unit, theirs: dict[str, Channel]) -> Feedback | None:
    if unit["unread"] != wanted["unread"]:
        if unit["unread"] == "transforms":
            return feedback("chart.transforms")
        for name, channel in unit["channels"].items():
            if unit["unread"] == "summary" and "aggregate" in channel:
                summary = channel["aggregate"]
                return feedback("chart.unknown_summary", channel=name, summary=summary)
            if unit["unread"] == "bin" and "timeUnit" in channel:
                return feedback("chart.bin", channel=name, part=channel["timeUnit"])
    for name, channel in theirs.items():
        if carried(unit["channels"][name]) != carried(channel):
            field = carried(unit["channels"][name])
            return feedback("chart.other_field", channel=name, field=field)
    if unit["transforms"] != wanted["transforms"]:
        return feedback("chart.other_transforms")
    return None


def _drawn(unit: Unit, other: Unit, names: dict[str, Channel]) -> Table:
    """Return the rows that a unit draws, as a table; a bar of no length counts where the other has one."""
    rows = unit["drawn"] or []
    length = length_of(unit)
    if length:

        def place(row: dict[str, Cell]) -> tuple[Cell, ...]:
            return tuple(row.get(name) for name in names if name != length)

        theirs = {place(row) for row in other["drawn"] or [] if row.get(length) != 0}
        rows = [row for row in rows if row.get(length) != 0 or place(row) in theirs]
    if unit["mark"] == "rule":
        # One on another, they are one.
        rows = list({tuple(row.get(name) for name in names): row for row in rows}.values())
    columns: list[Column] = [
        {"name": n, "index": False, "type": "mixed", "values": [row.get(n) for row in rows]}
        for n in names
    ]
    return {"kind": "table", "rows": len(rows), "single": False, "columns": columns}


def _steps(answer: Table, key: Table, theirs: dict[str, Channel]) -> list[int]:
    """Return the digits to which either table may be rounded without a reader seeing it."""
    found: set[int] = set()
    spans = []
    if answer["rows"] != key["rows"]:
        return []
    for column, wanted in zip(answer["columns"], key["columns"], strict=True):
        due = [value for value in wanted["values"] if is_number(value)]
        mine = [value for value in column["values"] if is_number(value)]
        if theirs[column["name"] or ""].get("type") == "quantitative" and due and mine:
            spans.append(max(*due, 0) - min(*due, 0))
            found |= {max(map(digits_of, values)) for values in (mine, due)}
    visible = min(spans, default=0) * _VISIBLE
    return sorted(digits for digits in found if digits < 6 and 0.5 * 10.0**-digits <= visible)
