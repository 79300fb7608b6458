"""Is what came out of a stranger's process a fingerprint at all? Nothing else is compared.

Each part is held to the type that `americas.checks.fingerprint_types` gives it, and to the sizes
that a fingerprint can have.
"""

from functools import cache
from typing import Any, Literal, get_args, get_origin, get_type_hints, is_typeddict

from americas.checks.fingerprint_types import (
    MOST_CELLS,
    MOST_CHARACTERS,
    MOST_ITEMS,
    Cell,
    Fingerprint,
)

# Of parts in parts: ours have a third of it.
_DEEPEST = 50
# No exercise asks for more, and to look for misspelt names among more takes long.
_MOST_COLUMNS, _MOST_UNITS = 1_000, 200
# An integer may have thousands of digits, which no comparison as a number survives.
_LARGEST, _LARGEST_COUNT = 10**301, 10**15

_hints = cache(get_type_hints)
_SHAPES = {kind: shape for shape in get_args(Fingerprint)
           for kind in get_args(_hints(shape)["kind"])}  # fmt: skip


def sound(found: Any, depth: int = 0) -> bool:
    """Return whether every part has the shape that `americas.checks.fingerprint` gives it."""
    kind = found.get("kind") if isinstance(found, dict) else None
    shape = _SHAPES.get(kind) if isinstance(kind, str) else None
    return shape is not None and _is(found, shape, depth) and _sizes(found, str(kind))


def _is(value: Any, kind: Any, depth: int) -> bool:
    """Return whether a value is of a type as annotations write it."""
    origin, parts, depth = get_origin(kind), get_args(kind), depth + 1
    if depth > _DEEPEST:
        return False
    if kind == Fingerprint:
        return sound(value, depth)
    if kind == Cell:
        return _cell(value)
    if kind is Any:
        inner = list(value.values()) if isinstance(value, dict) else value
        within = isinstance(inner, list) and all(_is(one, Any, depth) for one in inner)
        return within or _cell(value)
    if origin is Literal:
        return value in parts
    if origin is list:
        return isinstance(value, list) and all(_is(one, parts[0], depth) for one in value)
    if origin is dict:
        return isinstance(value, dict) and all(_is(one, parts[1], depth) for one in value.values())
    if is_typeddict(kind):
        hints = _hints(kind)
        return (
            isinstance(value, dict)
            and kind.__required_keys__ <= value.keys() <= hints.keys()
            and all(_is(one, hints[name], depth) for name, one in value.items())
        )
    if parts:  # of a union
        return any(_is(value, part, depth) for part in parts)
    return type(value) is kind and (value is None or _cell(value))


def _cell(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= MOST_CHARACTERS
    if isinstance(value, int | float):
        return abs(value) < _LARGEST
    return value is None


def _sizes(found: dict[str, Any], kind: str) -> bool:
    """Return whether what no type says is so, too: how many, how large, and which value."""
    if kind in ("list", "set", "mapping"):
        pairs = kind != "mapping" or all(len(pair) == 2 for pair in found["items"])
        return pairs and len(found["items"]) <= MOST_ITEMS
    if kind == "table":
        rows, columns = found["rows"], found["columns"]
        return (
            len(columns) <= _MOST_COLUMNS
            and 0 <= rows * max(1, len(columns)) <= 2 * MOST_CELLS
            and all(len(column["values"]) == rows for column in columns)
        )
    if kind == "chart":
        units = found["units"]
        return (
            0 < len(units) <= _MOST_UNITS
            and all(len(unit["columns"]) <= _MOST_COLUMNS for unit in units)
            and sum(len(unit["drawn"] or []) for unit in units) <= MOST_CELLS
        )
    if kind == "big":
        size: int = found["size"]
        return 0 <= size < _LARGEST_COUNT
    value = found.get("value", "")
    if kind == "number":
        return value in ("nan", "inf", "-inf") or type(value) in (int, float)
    return isinstance(value, bool if kind == "boolean" else str)
