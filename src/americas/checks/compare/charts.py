"""Charts: the mark, then the channels, then the rows they draw, then the words around them."""

from typing import Any

from americas.checks.compare.options import CheckOptions, Feedback
from americas.checks.compare.tables import table_reason

# On a position these two differ in name only; as colours they give different scales.
_POSITIONS = {"x", "y", "row", "column", "facet", "xOffset", "yOffset"}
_TYPES = {
    "quantitative": "a quantity (Q)",
    "ordinal": "an ordered class (O)",
    "nominal": "a name (N)",
    "temporal": "a moment in time (T)",
}
# A reader sees the same thing: a filled point is a circle.
_LENGTHS = {"bar", "area"}
_SAME_MARK = {"circle": "point", "square": "point"}


def chart_reason(
    answer: dict[str, Any], key: dict[str, Any], asked: CheckOptions
) -> Feedback | None:
    """None where two charts show the same, else what differs."""
    for wanted in key["units"]:
        reasons = [_unit_reason(unit, wanted, asked) for unit in answer["units"]]
        if asked.swapped_axes:
            reasons += [_unit_reason(_turned(unit), wanted, asked) for unit in answer["units"]]
        if None not in (rank for rank, _ in reasons):
            return max(reasons, key=lambda reason: reason[0])[1]
    if asked.title and key["title"] and not answer["title"]:
        return Feedback("The chart shows the right thing, but it has no title that says what.")
    if key["description"] and not answer["description"]:
        return Feedback(
            "The chart shows the right thing. Give it a description for readers who can't see it: "
            ".properties(description=...)."
        )
    return None


def _unit_reason(unit, wanted, asked) -> tuple[int | None, Feedback | None]:
    """How far a unit comes on the way to the wanted one, and what stops it."""
    if _mark(unit) != _mark(wanted):
        return 0, Feedback(
            f"The chart is drawn with {unit['mark'] or 'no'} marks. "
            "Read the question again: which mark does it ask for?"
        )
    mine = unit["channels"]
    theirs = {name: channel for name, channel in wanted["channels"].items() if _carried(channel)}
    found = _channels_reason(mine, theirs)
    if found:
        return 1, found
    for name, channel in theirs.items():
        found = _channel_reason(name, mine[name], channel)
        if found:
            return 2, found
    found = _data_reason(unit, wanted | {"channels": theirs}, asked)
    if found:
        return 3, found
    for name, channel in theirs.items():
        found = _dress_reason(name, mine[name], channel, unit["mark"])
        if found:
            return 4, found
    return None, None


def _channels_reason(mine: dict[str, Any], theirs: dict[str, Any]) -> Feedback | None:
    missing = sorted(set(theirs) - {name for name, channel in mine.items() if _carried(channel)})
    if {"x", "y"} <= set(theirs) & set(mine) and _swapped(mine, theirs):
        return Feedback("The two axes have changed places: what lies on x belongs on y.")
    if not missing:
        return None
    name = missing[0]
    elsewhere = [n for n, c in mine.items() if _carried(c) == _carried(theirs[name])]
    if elsewhere:
        return Feedback(
            f"`{theirs[name].get('field', 'count')}` is shown as {elsewhere[0]}. "
            "Another channel would show it better; the question says which."
        )
    return Feedback(f"Nothing is drawn as {name} yet. Which column belongs there?")


def _swapped(mine: dict[str, Any], theirs: dict[str, Any]) -> bool:
    """Do two charts agree only once x and y change places, by their fields or by their types?"""
    for told in (_carried, lambda channel: channel.get("type")):
        if told(theirs["x"]) != told(theirs["y"]) and all(
            told(mine[a]) == told(theirs[b]) for a, b in (("x", "y"), ("y", "x"))
        ):
            return True
    return False


def _carried(channel: dict[str, Any]) -> Any:
    return channel.get("field") or channel.get("aggregate") or channel.get("datum")


def _channel_reason(name: str, mine: dict[str, Any], wanted: dict[str, Any]) -> Feedback | None:
    if mine.get("aggregate") == "count" != wanted.get("aggregate"):
        return Feedback(f"On {name} the chart counts rows. Is a count what the question asks for?")
    # Summed beforehand or in the chart: the rows drawn decide, so only a clash counts here.
    summaries = {mine.get("aggregate"), wanted.get("aggregate")} - {None}
    if len(summaries) > 1:
        return Feedback(
            f"On {name} the chart shows the {mine['aggregate']} of each group. "
            "Is that the summary the question asks for?"
        )
    types = {mine.get("type"), wanted.get("type")}
    if len(types) > 1 and not (name in _POSITIONS and types == {"ordinal", "nominal"}):
        told = _TYPES.get(mine.get("type"), "something else")
        return Feedback(
            f"On {name}, `{mine.get('field', 'the count')}` is treated as {told}. "
            "Is it a quantity, an order, a name or a time? Say so with :Q, :O, :N or :T."
        )
    return None


def _data_reason(unit, wanted, asked) -> Feedback | None:
    for name, channel in wanted["channels"].items():
        for part in ("bin", "timeUnit"):
            if channel.get(part) != unit["channels"][name].get(part):
                return Feedback(f"On {name}, the values are grouped in another way ({part}).")
    if unit["drawn"] is None and unit["transforms"] and wanted["drawn"] is not None:
        return Feedback(
            "The chart changes its data on the way (transform_...), where this check can't follow. "
            "Filter and sum up with pandas first."
        )
    if unit["drawn"] is None or wanted["drawn"] is None:
        return _field_reason(unit, wanted) or _transform_reason(unit, wanted)
    left, right = (_as_table(u["drawn"], wanted["channels"]) for u in (unit, wanted))
    found = table_reason(left, right, asked)
    if not found:
        return None
    at_hand = _field_reason(unit, wanted, among=unit["columns"])
    return at_hand or Feedback(
        f"In the data behind the chart: {found.message[0].lower()}{found.message[1:]}", found.hint
    )


def _field_reason(unit, wanted, among: list[str] | None = None) -> Feedback | None:
    """A column shown in another's place. What a student calls a column of their own is free, so
    where the values are known it counts only if the wanted column is `among` those at hand."""
    for name, channel in wanted["channels"].items():
        field, asked_for = unit["channels"][name].get("field"), channel.get("field")
        if asked_for and field != asked_for and (among is None or asked_for in among):
            return Feedback(f"On {name} the chart shows `{field}`. Which column is asked for?")
    return None


def _transform_reason(unit, wanted) -> Feedback | None:
    if unit["transforms"] == wanted["transforms"]:
        return None
    return Feedback("The chart changes its data on the way in another manner than was asked for.")


def _dress_reason(name: str, mine: dict, wanted: dict, mark: str) -> Feedback | None:
    # A bar or an area starts at zero unless its author says otherwise; a logarithm has no zero.
    floating = mark in _LENGTHS and (
        mine.get("zero") is False or mine.get("scale") == "log" or _above_zero(mine.get("domain"))
    )
    if mine.get("zero", True) != wanted.get("zero", mine.get("zero", True)) or (
        floating and not {"zero", "scale", "domain"} & set(wanted)
    ):
        return Feedback(
            "The axis does not start where it should. A bar's length is its message, "
            "so it starts at zero."
        )
    if wanted.get("scale") != mine.get("scale") and wanted.get("scale"):
        return Feedback(f"The scale of {name} is not the one asked for ({wanted['scale']}).")
    if wanted.get("sort") is not None and mine.get("sort") != wanted["sort"]:
        return Feedback(
            f"The order along {name} does not help the reader yet. Sort it as the question says."
        )
    if wanted.get("title") and not mine.get("title"):
        return Feedback(
            f"The {name} axis doesn't say what it measures, and in which unit: title=..."
        )
    return None


def _above_zero(domain: Any) -> bool:
    """Does an axis of numbers begin above zero?"""
    numbers = isinstance(domain, list) and [v for v in domain if isinstance(v, int | float)]
    return bool(numbers) and len(numbers) == len(domain) and min(numbers) > 0


def _as_table(drawn: list[dict[str, Any]], channels: dict[str, dict]) -> dict[str, Any]:
    columns = [
        {
            "name": name,
            "index": False,
            "type": "mixed",
            "values": [_seen(row.get(name), channel) for row in drawn],
        }
        for name, channel in channels.items()
    ]
    return {"kind": "table", "rows": len(drawn), "single": False, "columns": columns}


def _seen(value: Any, channel: dict[str, Any]) -> Any:
    """A class is seen by its label: the year 2000 looks the same as a number and as a text."""
    if channel.get("type") not in ("ordinal", "nominal") or not isinstance(value, int | float):
        return value
    return f"{value:g}" if abs(value) < 1e5 else str(value)


def without_titles(chart: dict[str, Any]) -> dict[str, Any]:
    """The same chart without its words, so that no words are asked of a chart held against it."""
    units = [
        unit
        | {"channels": {n: c | {"title": ""} for n, c in unit["channels"].items() if _carried(c)}}
        for unit in chart["units"]
    ]
    return chart | {"title": "", "description": "", "units": units}


def _turned(unit: dict[str, Any]) -> dict[str, Any]:
    turn = {"x": "y", "y": "x"}
    drawn = unit["drawn"] and [
        {turn.get(name, name): value for name, value in row.items()} for row in unit["drawn"]
    ]
    channels = {turn.get(name, name): channel for name, channel in unit["channels"].items()}
    return unit | {"channels": channels, "drawn": drawn}


def _mark(unit: dict[str, Any]) -> str:
    return _SAME_MARK.get(unit["mark"], unit["mark"])
