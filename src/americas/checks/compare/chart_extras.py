"""Layers beyond those asked for: labels and marks on the data are welcome, other data are not."""

from americas.checks.compare.chart_data import carried
from americas.checks.compare.scalars import is_number
from americas.checks.fingerprint_types import Cell, Unit

_NOTES = ("text", "point", "circle", "square", "tick", "rule", "image")


def harmless(unit: Unit, wanted: list[Unit], *, exact: bool) -> bool:
    """Return whether a layer only adds to the wanted ones: a note, or marks on their data.

    exact: a line across the chart counts, since a named mistake may be that it is missing.
    """
    places = [name for name in ("x", "y") if _shows(unit, name)]
    note = unit["mark"] in _NOTES
    if unit["mark"] == "rect" and not places:
        return False
    # A band across the chart marks a period, or a range of values.
    if unit.get("hidden") or (unit["mark"] == "rect" and len(places) == 1):
        return True
    if note and len(places) < 2:
        return not exact or unit["mark"] != "rule"
    if unit["drawn"] is None:
        return note
    if not places:
        return True
    return any(_within(unit, target, places, note) for target in wanted)


def _within(unit: Unit, target: Unit, places: list[str], note: bool) -> bool:
    """Return whether each mark of a layer lies on one of the target's; a line, on one of its lines."""
    rows, theirs = unit["drawn"] or [], target["drawn"] or []
    if note:
        return _all_on(rows, theirs, places)
    if unit["mark"] not in ("line", "area", "trail"):
        coloured = [
            name for name in ("color", "fill") if _shows(unit, name) and _shows(target, name)
        ]
        return _all_on(rows, theirs, places + coloured)
    split = [name for name in target["channels"] if name not in ("x", "y")]
    split = [name for name in split if _shows(target, name)]
    shared = [name for name in split if _shows(unit, name)]
    for line in {_key(row, shared) for row in rows}:
        part = [row for row in rows if _key(row, shared) == line]
        series = {_key(row, split) for row in theirs if _key(row, shared) == line}
        if not any(
            _all_on(part, [row for row in theirs if _key(row, split) == one], places)
            for one in series
        ):
            return False
    return True


def _shows(unit: Unit, name: str) -> bool:
    return bool(carried(unit["channels"].get(name, {"value": True})))


def _key(row: dict[str, Cell], names: list[str]) -> tuple[Cell, ...]:
    """Return what a row shows on some channels, numbers without the digits in which machines differ."""
    values = (row.get(name) for name in names)
    return tuple(float(f"{value:.9g}") if is_number(value) else value for value in values)


def _all_on(rows: list[dict[str, Cell]], theirs: list[dict[str, Cell]], places: list[str]) -> bool:
    return {_key(row, places) for row in rows} <= {_key(row, places) for row in theirs}
