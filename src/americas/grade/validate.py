"""Is what came out of a stranger's process a fingerprint at all? Nothing else is compared."""

from collections.abc import Callable
from typing import Any

from americas.checks.fingerprint_types import MOST_CELLS, MOST_CHARACTERS, MOST_ITEMS

_SCALARS = (str, int, float, bool, type(None))
_DEEPEST = 8
# No exercise asks for more, and to look for misspelt names among more takes long.
_MOST_COLUMNS = 1_000


def sound(found: Any, depth: int = 0) -> bool:
    """Return whether every part has the shape that `americas.checks.fingerprint` gives it."""
    if not isinstance(found, dict) or depth > _DEEPEST or not isinstance(found.get("kind"), str):
        return False
    test = _TESTS.get(found["kind"])
    try:
        return test is not None and bool(test(found, depth))
    except (KeyError, TypeError, AttributeError, ValueError):
        return False


def _scalar(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= MOST_CHARACTERS
    # An integer may have thousands of digits, which no comparison as a number survives.
    return isinstance(value, _SCALARS) and (type(value) is not int or abs(value) < 10**301)


def _number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value in ("nan", "inf", "-inf")
    return abs(value) < 10**301


def _items(found: dict[str, Any], depth: int) -> bool:
    items = found["items"]
    if not isinstance(items, list) or len(items) > MOST_ITEMS:
        return False
    if found["kind"] == "mapping":
        items = [part for pair in items for part in pair if len(pair) == 2]
    return all(sound(item, depth + 1) for item in items)


def _table(found: dict[str, Any], depth: int) -> bool:
    rows, columns = found["rows"], found["columns"]
    return (
        type(rows) is int
        and isinstance(found["single"], bool)
        and isinstance(columns, list)
        and len(columns) <= _MOST_COLUMNS
        and rows * max(1, len(columns)) <= 2 * MOST_CELLS
        and all(
            isinstance(column["name"], str | None)
            and isinstance(column["index"], bool)
            and isinstance(column["type"], str)
            and len(column["values"]) == rows
            and all(map(_scalar, column["values"]))
            for column in columns
        )
    )


def _chart(found: dict[str, Any], depth: int) -> bool:
    units = found["units"]
    return (
        isinstance(found["title"], str)
        and isinstance(found["description"], str)
        and isinstance(found["inner"], bool)
        and 0 < len(units) <= 200
        and all(map(_unit, units))
        and sum(len(unit["drawn"] or []) for unit in units) <= MOST_CELLS
    )


def _unit(unit: dict[str, Any]) -> bool:
    drawn, columns = unit["drawn"], unit["columns"]
    return (
        all(isinstance(unit[name], str) for name in ("mark", "source", "unread"))
        and type(unit["view"]) is int
        and isinstance(unit["transforms"], list)
        and isinstance(unit.get("hidden", False), bool)
        and all(isinstance(name, str) for name in unit.get("own", []))
        and len(columns) <= _MOST_COLUMNS
        and all(isinstance(column, str) for column in columns)
        and all(map(_channel, unit["channels"].values()))
        and (
            drawn is None
            or all(isinstance(row, dict) and all(map(_scalar, row.values())) for row in drawn)
        )
    )


def _channel(channel: dict[str, Any]) -> bool:
    """Return whether each part of a channel has the type that `fingerprint_types.Channel` gives it."""
    lists = [channel[name] for name in ("domain", "order") if name in channel]
    return (
        all(isinstance(channel.get(name, ""), str) for name in _CHANNEL_WORDS)
        and all(isinstance(channel.get(name, True), bool) for name in ("value", "reverse", "zero"))
        and type(channel.get("colours", 0)) is int
        and all(isinstance(part, list) and len(part) <= MOST_CELLS for part in lists)
        and all(_scalar(value) for part in lists for value in part)
    )


_CHANNEL_WORDS = ("field", "type", "aggregate", "timeUnit", "stack", "title", "scale")


def _words(*names: str) -> Callable[[dict[str, Any], int], bool]:
    return lambda found, depth: all(_scalar(found[name]) for name in names)


_TESTS = {
    "unanswered": lambda found, depth: True,
    "none": lambda found, depth: True,
    "boolean": lambda found, depth: isinstance(found["value"], bool),
    "number": lambda found, depth: _number(found["value"]),
    "text": lambda found, depth: isinstance(found["value"], str) and _scalar(found["value"]),
    "date": lambda found, depth: isinstance(found["value"], str) and _scalar(found["value"]),
    "list": _items,
    "set": _items,
    "mapping": _items,
    "table": _table,
    "chart": _chart,
    "big": lambda found, depth: (
        _scalar(found["what"]) and type(found["size"]) is int and 0 <= found["size"] < 10**15
    ),
    "error": _words("type", "message"),
    "other": _words("type"),
}
