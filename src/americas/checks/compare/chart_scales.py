"""Scales, order and titles of a unit's channels: what bends, cuts or hides a right picture."""

from americas.checks.compare.scalars import close, is_number
from americas.checks.fingerprint_types import Cell, Channel, Unit
from americas.checks.messages import Feedback, feedback, say

_PLACES = ("x", "y")
_DISCRETE = ("ordinal", "nominal")
# Colours may be spread as one likes, but not put into classes.
_CLASSES = {"quantize", "quantile", "threshold", "bin-ordinal"}


def scale_fault(name: str, unit: Unit, wanted: Unit, *, exact: bool) -> Feedback | None:
    """Return what a scale does to the picture that the wanted one doesn't, if anything."""
    mine, due = unit["channels"][name], wanted["channels"][name]
    kind, wanted_kind = mine.get("scale", "linear"), due.get("scale", "linear")
    if kind != wanted_kind and (name in _PLACES or {kind, wanted_kind} & _CLASSES):
        if name == length_of(unit) and kind == "log":
            return feedback("chart.not_zero")
        return feedback("chart.scale", channel=name, scale=kind, wanted=wanted_kind)
    values = {row.get(name) for row in unit["drawn"] or []} - {None}
    classes = len(values) if mine.get("type") in _DISCRETE else min(len(values), 2)
    if name not in _PLACES and mine.get("colours", classes) < min(
        classes, due.get("colours", classes)
    ):
        return feedback("chart.one_colour", field=mine.get("field", name))
    if mine.get("type") in _DISCRETE:
        return _labels_fault(name, unit, due)
    if name in _PLACES and mine.get("reverse", False) != due.get("reverse", False):
        end = say("chart.words.far" if name == "x" else "chart.words.up")
        return feedback("chart.reverse", channel=name, end=end)
    if mine.get("type") == "temporal" and "timeUnit" not in mine:
        return _period_fault(name, unit, due)
    ends = _ends(name, unit)
    if ends is None:
        return None
    if name == length_of(unit) and kind == "linear":
        start, wanted_start = _start(name, unit, ends), _start(name, wanted, ends)
        if not close(start, wanted_start):
            return feedback("chart.not_zero")
    low, high = _domain(mine)
    slack = 1e-6 * (ends[1] - ends[0])
    cut = (low is not None and low > ends[0] + slack) or (
        high is not None and high < ends[1] - slack
    )
    if cut and mine.get("domain") != due.get("domain"):
        return feedback("chart.cut", channel=name)
    return None


def _period_fault(name: str, unit: Unit, due: Channel) -> Feedback | None:
    """Return what is told where an axis of time, in ISO texts, leaves out moments that are drawn."""
    domain = unit["channels"][name].get("domain")
    moments = [row[name] for row in unit["drawn"] or [] if isinstance(row.get(name), str)]
    if not domain or not moments or domain == due.get("domain"):
        return None
    given = sorted(end for end in (domain[0], domain[-1]) if isinstance(end, str))
    low, high = (given[0], given[-1]) if len(given) == 2 else (domain[0], domain[-1])
    late = isinstance(low, str) and low > min(map(str, moments))
    early = isinstance(high, str) and high < max(map(str, moments))
    return feedback("chart.cut", channel=name) if late or early else None


def _labels_fault(name: str, unit: Unit, due: Channel) -> Feedback | None:
    domain = unit["channels"][name].get("domain")
    if not domain or domain == due.get("domain"):
        return None
    listed = {_plain(value) for value in domain}
    drawn = {_plain(row.get(name)) for row in unit["drawn"] or []}
    return feedback("chart.cut", channel=name) if drawn - listed else None


def _plain(value: Cell) -> str:
    return f"{value:g}" if is_number(value) else str(value)


def length_of(unit: Unit) -> str:
    """Return the channel along which bars and areas have their length; "" where there is none."""
    if unit["mark"] not in ("bar", "area"):
        return ""
    measured = [
        name for name in ("y", "x") if unit["channels"].get(name, {}).get("type") == "quantitative"
    ]
    return measured[0] if measured else ""


def _ends(name: str, unit: Unit) -> tuple[float, float] | None:
    """Return the smallest and the largest value that a channel has to show; bars stand on one another."""
    values = [(row.get(name), row) for row in unit["drawn"] or []]
    if unit["channels"][name].get("stack") == "zero":
        heaps: dict[tuple[Cell, ...], float] = {}
        for value, row in values:
            if is_number(value):
                place = tuple(row.get(n) for n in ("x", "y", "row", "column", "facet") if n != name)
                heaps[place] = heaps.get(place, 0.0) + value
        numbers = list(heaps.values())
    else:
        numbers = [float(value) for value, _ in values if is_number(value)]
    return (min(numbers), max(numbers)) if numbers else None


def _domain(channel: Channel) -> tuple[float | None, float | None]:
    domain = channel.get("domain") or [None, None]
    numbers = [value if is_number(value) else None for value in (domain[0], domain[-1])]
    low, high = numbers
    return (high, low) if low is not None and high is not None and low > high else (low, high)


def _start(name: str, unit: Unit, ends: tuple[float, float]) -> float:
    """Return where the axis of bars begins; Vega-Lite's own way is at zero."""
    channel = unit["channels"][name]
    low, _ = _domain(channel)
    if low is not None:
        return low if ends[0] >= 0 or low > 0 else 0.0
    return max(0.0, ends[0]) if channel.get("zero") is False else 0.0


def order_fault(name: str, unit: Unit, wanted: Unit, *, exact: bool) -> Feedback | None:
    """Return what is wrong with the order of the labels along a discrete axis, if anything.

    Names in no order of their own may stand in any, unless the question sorts them.
    """
    mine, due = unit["channels"][name], wanted["channels"][name]
    theirs = due.get("order")
    if theirs is None or "order" not in mine:
        return None
    # A label without a bar, such as a year filled with zero, takes no part.
    order = [label for label in mine["order"] if label in theirs]
    if order == theirs or _same_heights(name, order, unit, theirs, wanted):
        return None
    if theirs == sorted(theirs, key=natural) and not exact:
        numbers = all(_is_numeral(label) for label in theirs)
        return feedback("chart.order_years", channel=name) if numbers else None
    return feedback("chart.order", channel=name)


def natural(label: Cell) -> tuple[int, float, str]:
    """Return what labels are sorted by: numbers by size, then texts, what is missing last."""
    if label is None:
        return 2, 0.0, ""
    return (0, float(label), "") if _is_numeral(label) else (1, 0.0, str(label))


def _is_numeral(label: Cell) -> bool:
    try:
        float(str(label))
    except ValueError:
        return False
    return True


def _same_heights(
    name: str, order: list[Cell], unit: Unit, theirs: list[Cell], wanted: Unit
) -> bool:
    """Return whether two orders of names differ only among names with one value."""
    other = "y" if name == "x" else "x"
    if unit["channels"].get(other, {}).get("type") != "quantitative":
        return False
    heights: dict[Cell, float] = {}
    for row in wanted["drawn"] or []:
        value = row.get(other)
        if is_number(value):
            heights[row.get(name)] = heights.get(row.get(name), 0.0) + value
    mine = [heights.get(label) for label in order]
    return mine == [heights.get(label) for label in theirs]


def title_fault(name: str, mine: Channel, due: Channel) -> Feedback | None:
    """Return what is told where a channel has no title and needs one."""
    if not due.get("title") or mine.get("title"):
        return None
    axis = name in (*_PLACES, "row", "column", "facet")
    return feedback("chart.no_axis_title" if axis else "chart.no_legend_title", channel=name)
