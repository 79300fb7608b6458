"""One unit of a chart beside the one that is wanted: channels, types, data, mark, scales, words."""

from collections.abc import Iterator

from americas.checks.compare.chart_data import carried, data_fault
from americas.checks.compare.chart_scales import (
    length_of,
    natural,
    order_fault,
    scale_fault,
    title_fault,
)
from americas.checks.compare.scalars import is_number
from americas.checks.fingerprint_types import Cell, Channel, Unit
from americas.checks.messages import Feedback, feedback, say

# What matters most comes first: a chart of other data is not helped by a title.
_CHANNELS, _TYPES, _DATA, _MARK, _SHAPE, _SCALE, _ORDER, _WORDS = range(1, 9)
Fault = tuple[int, Feedback]

POSITIONS = {"x", "y", "row", "column", "facet", "xOffset", "yOffset"}
_SPLITS = ("row", "column", "facet")
# What tells lines apart.
SERIES = ("color", "stroke", "detail", "strokeDash", "opacity")
PATHS = ("line", "area", "trail")
# They move or cut marks, so no chart that is right has one more of them.
_MOVING = ("x2", "y2", "xOffset", "yOffset", "theta", "theta2", "radius", "radius2", "angle")
# A reader sees the same thing: a filled point is a circle.
_SAME_MARK = {"circle": "point", "square": "point"}


def unit_faults(unit: Unit, wanted: Unit, *, exact: bool) -> Fault | None:
    """Return the fault that matters most, with its rank, or None where the two draw the same.

    exact: nothing may differ in the picture, as for a named mistake; words don't count then.
    """
    unit = _renamed(unit, wanted)
    for fault in _faults(unit, wanted, exact):
        if fault:
            return fault
    return None


def _faults(unit: Unit, wanted: Unit, exact: bool) -> Iterator[Fault | None]:
    theirs = {name: c for name, c in wanted["channels"].items() if carried(c)}
    unit = unit if exact else _piled(unit, theirs)
    mine = unit["channels"]
    found = _channels_fault(mine, theirs)
    yield (_CHANNELS, found) if found else None
    for name, channel in theirs.items():
        found = _type_fault(name, mine[name], channel)
        yield (_TYPES, found) if found else None
    found = data_fault(unit, wanted, theirs)
    yield (_DATA, found) if found else None
    if mark_of(unit) != mark_of(wanted):
        mark = unit["mark"] or say("chart.words.none")
        yield _MARK, feedback("chart.other_mark", mark=mark)
    if unit.get("hidden") and not wanted.get("hidden"):
        yield _MARK, feedback("chart.hidden", mark=unit["mark"])
    found = _shape_fault(unit, wanted, theirs, exact)
    yield (_SHAPE, found) if found else None
    for name in theirs:
        found = scale_fault(name, unit, wanted, exact=exact)
        yield (_SCALE, found) if found else None
    for name in theirs:
        found = order_fault(name, unit, wanted, exact=exact)
        yield (_ORDER, found) if found else None
    for name, channel in theirs.items():
        found = None if exact else title_fault(name, mine[name], channel)
        yield (_WORDS, found) if found else None


def likeness(unit: Unit, wanted: Unit) -> int:
    """Return how many channels of a unit show what the wanted one shows; a mark counts, too."""
    mine, theirs = unit["channels"], wanted["channels"]
    alike: int = sum(
        name in mine and carried(mine[name]) == carried(c) for name, c in theirs.items()
    )
    return 2 * alike + int(mark_of(unit) == mark_of(wanted))


def _renamed(unit: Unit, wanted: Unit) -> Unit:
    """Return the unit with the wanted unit's names for channels that show the same in another way."""
    mine = {name for name, c in unit["channels"].items() if carried(c)}
    theirs = {name for name, c in wanted["channels"].items() if carried(c)}
    names: dict[str, str] = {}
    small, due = mine & set(_SPLITS), theirs & set(_SPLITS)
    if len(small) == len(due) == 1:
        names[small.pop()] = due.pop()
    for other in ("fill", "stroke"):
        if "color" in theirs and "color" not in mine and other in mine:
            names[other] = "color"
    if not names:
        return unit
    channels = {names.get(name, name): c for name, c in unit["channels"].items()}
    drawn = unit["drawn"] and [
        {names.get(name, name): value for name, value in row.items()} for row in unit["drawn"]
    ]
    return {**unit, "channels": channels, "drawn": drawn}


def _piled(unit: Unit, theirs: dict[str, Channel]) -> Unit:
    """Return bars whose parts stand on one another, told apart by a colour, as whole bars."""
    length = length_of(unit)
    rows = unit["drawn"] or []
    values = [row.get(length) for row in rows]
    if unit["channels"].get(length, {}).get("stack") != "zero" or not all(
        is_number(value) and value >= 0 for value in values
    ):
        return unit
    whole: dict[tuple[Cell, ...], dict[str, Cell]] = {}
    for row, value in zip(rows, values, strict=True):
        place = tuple(v for n, v in row.items() if n != length and (n in theirs or n in POSITIONS))
        so_far = whole.get(place)
        whole[place] = {**row, length: value + so_far[length] if so_far else value}  # type: ignore[operator]
    return {**unit, "drawn": list(whole.values())} if len(whole) < len(rows) else unit


def _channels_fault(mine: dict[str, Channel], theirs: dict[str, Channel]) -> Feedback | None:
    shown = {name: channel for name, channel in mine.items() if carried(channel)}
    if {"x", "y"} <= set(theirs) & set(shown) and _swapped(shown, theirs):
        return feedback("chart.swapped")
    missing = sorted(set(theirs) - set(shown))
    if not missing:
        return None
    name = missing[0]
    field = theirs[name].get("field")
    elsewhere = [
        n for n, c in shown.items() if field and c.get("field") == field and n not in theirs
    ]
    if elsewhere:
        return feedback("chart.elsewhere", field=field, channel=elsewhere[0])
    return feedback("chart.nothing_as", channel=name)


def _swapped(mine: dict[str, Channel], theirs: dict[str, Channel]) -> bool:
    """Return whether two charts agree only once x and y change places, by their fields or their types."""
    for told in (carried, _kind):
        if told(theirs["x"]) != told(theirs["y"]) and all(
            told(mine[a]) == told(theirs[b]) for a, b in (("x", "y"), ("y", "x"))
        ):
            return True
    return False


def _kind(channel: Channel) -> str:
    kind = channel.get("type", "")
    return "discrete" if kind in ("ordinal", "nominal") else kind


def _type_fault(name: str, mine: Channel, wanted: Channel) -> Feedback | None:
    types = mine.get("type"), wanted.get("type")
    alike = name in POSITIONS and _kind(mine) == _kind(wanted)
    if types[0] == types[1] or alike or None in types:
        return None
    kind = say(f"chart.words.{types[0] if types[0] in _TYPES_TOLD else 'other'}")
    return feedback("chart.type", channel=name, field=carried(mine), type=kind)


_TYPES_TOLD = ("quantitative", "ordinal", "nominal", "temporal")


def _shape_fault(
    unit: Unit, wanted: Unit, theirs: dict[str, Channel], exact: bool
) -> Feedback | None:
    mine = unit["channels"]
    for name in ("x", "y"):
        stack, due = (c.get(name, {}).get("stack", "none") for c in (mine, wanted["channels"]))
        if stack != due and ({stack, due} != {"zero", "none"} or _overlap(unit)):
            return feedback("chart.stack", stack=stack)
    for name, channel in mine.items():
        if name in theirs or not carried(channel):
            continue
        field = carried(channel)
        if name == "order" and _along(unit, theirs):
            continue
        several = len({row.get(name) for row in unit["drawn"] or []}) > 1
        if name in _SPLITS and several:
            return feedback("chart.extra_facet", channel=name, field=field)
        if name in _MOVING and (several or name in ("x2", "y2")):
            return feedback("chart.extra_channel", channel=name, field=field)
        broken = unit["mark"] in PATHS and _splits(name, unit, theirs)
        # A named mistake shows nothing more: who also shows the programme hasn't left it out.
        more = exact and field not in map(carried, theirs.values())
        if several and (broken or more):
            return feedback("chart.extra_channel", channel=name, field=field)
    return None


def _overlap(unit: Unit) -> bool:
    """Return whether several bars or areas stand at one place, so that stacking them matters."""
    length = length_of(unit) or "y"
    places = [
        tuple(v for n, v in sorted(row.items()) if n != length and n in POSITIONS)
        for row in unit["drawn"] or []
        if row.get(length)
    ]
    return len(set(places)) < len(places) or unit["mark"] not in ("bar", "area")


def _along(unit: Unit, theirs: dict[str, Channel]) -> bool:
    """Return whether the order in which lines join their points is the one that they have anyway."""
    series: dict[tuple[Cell, ...], list[dict[str, Cell]]] = {}
    for row in unit["drawn"] or []:
        line = tuple(row.get(n) for n in theirs if n not in ("x", "y"))
        series.setdefault(line, []).append(row)
    for rows in series.values():
        ordered = sorted(rows, key=lambda row: natural(row.get("order")))
        places = [natural(row.get("x")) for row in ordered]
        if places != sorted(places):
            return False
    return True


def _splits(name: str, unit: Unit, theirs: dict[str, Channel]) -> bool:
    """Return whether a further channel breaks the lines that the wanted channels make."""
    if name == "order":
        return True
    series: dict[tuple[Cell, ...], set[Cell]] = {}
    for row in unit["drawn"] or []:
        line = tuple(row.get(n) for n in theirs if n not in ("x", "y"))
        series.setdefault(line, set()).add(row.get(name))
    return any(len(values) > 1 for values in series.values())


def mark_of(unit: Unit) -> str:
    """Return a unit's mark, one name for those that look the same."""
    return _SAME_MARK.get(unit["mark"], unit["mark"])
