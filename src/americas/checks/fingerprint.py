"""Fingerprints: an answer as plain JSON, whatever it was in Python.

A fingerprint is the same in every process and holds no Python object, so it can be stored as a
key or handed from a stranger's kernel to the one who compares it. Its shapes are in
`americas.checks.fingerprint_types`.
"""

import datetime
import decimal
import math
import numbers
from collections.abc import Iterable, KeysView, ValuesView
from typing import Any

import numpy as np
import pandas as pd

from americas.checks.fingerprint_types import (
    MOST_CELLS,
    MOST_CHARACTERS,
    MOST_ITEMS,
    Cell,
    Column,
    Failure,
    Fingerprint,
    Table,
    Value,
)

_DEEPEST = 6

_LISTS = (list, tuple, range, KeysView, ValuesView)


class _TooManyItems(Exception):
    """The parts of a nested answer, taken together, are too many."""


def fingerprint(answer: Any) -> Fingerprint:
    """Return the fingerprint of any answer. Never raises; what can't be read is an `error`."""
    try:
        return _fingerprint(answer)
    except Exception as error:  # a stranger's object may do anything when it is looked at
        return failure(error)


def failure(error: BaseException) -> Failure:
    """Return the fingerprint of an answer that could not be computed."""
    try:
        message = str(error)[:500]
    except Exception:
        message = ""
    return {"kind": "error", "type": type(error).__name__, "message": message}


def _fingerprint(answer: Any) -> Fingerprint:
    if answer is ...:
        return {"kind": "unanswered"}
    if isinstance(answer, pd.DataFrame | pd.Series):
        return _table(answer)
    if type(answer).__module__.startswith("altair."):
        from americas.checks.chart_fingerprint import chart

        return chart(answer)
    try:
        return _item(answer, 0, [MOST_ITEMS])
    except _TooManyItems:
        return {"kind": "big", "what": "list", "size": len(answer), "columns": []}


def _item(answer: Any, depth: int, left: list[int]) -> Fingerprint:
    """The fingerprint of a value or a collection; `left` counts down over all its parts."""
    if isinstance(answer, pd.Index | np.ndarray | pd.api.extensions.ExtensionArray):
        # Before tolist(), which makes a Python object of every number.
        if answer.size > left[0]:
            raise _TooManyItems
        answer = answer.tolist()
    scalar = _scalar(answer)
    if scalar is not None:
        return scalar
    if not isinstance(answer, (*_LISTS, set, frozenset, dict)):
        return {"kind": "other", "type": type(answer).__name__}
    left[0] -= len(answer)
    if left[0] < 0 or depth >= _DEEPEST:
        raise _TooManyItems
    if isinstance(answer, dict):
        pairs = [[_item(k, depth + 1, left), _item(v, depth + 1, left)] for k, v in answer.items()]
        return {"kind": "mapping", "items": pairs}
    items = [_item(item, depth + 1, left) for item in answer]
    if isinstance(answer, set | frozenset):
        return {"kind": "set", "items": sorted(items, key=repr)}
    return {"kind": "list", "items": items}


def _scalar(answer: Any) -> Fingerprint | None:
    if answer is None or answer is pd.NA or answer is pd.NaT:
        return {"kind": "none"}
    if isinstance(answer, bool | np.bool_):
        return _value("boolean", bool(answer))
    # Before numbers, which NumPy takes it for.
    if isinstance(answer, datetime.timedelta | np.timedelta64):
        return _value("number", pd.Timedelta(answer) / pd.Timedelta(days=1))
    if isinstance(answer, numbers.Number | decimal.Decimal) and not isinstance(answer, complex):
        return _value("number", _number(answer))
    if isinstance(answer, str):
        if len(answer) > MOST_CHARACTERS:
            return {"kind": "big", "what": "text", "size": len(answer), "columns": []}
        return _value("text", str(answer))
    if isinstance(answer, datetime.date | np.datetime64):
        return _value("date", _date(pd.Timestamp(answer)))
    if isinstance(answer, pd.Period):
        return _value("date", _date(answer.start_time))
    return None


def _value(kind: Any, value: Cell) -> Value:
    return {"kind": kind, "value": value}


def _number(value: Any) -> int | float | str:
    """JSON has no NaN and no infinity, so they travel as text."""
    if isinstance(value, numbers.Integral):
        return int(value) if abs(int(value)) < 10**300 else "inf"
    value = float(value)
    return value if math.isfinite(value) else str(value)


def _date(stamp: pd.Timestamp) -> str:
    day: str = stamp.date().isoformat() if stamp == stamp.normalize() else stamp.isoformat()
    return day


def _table(answer: pd.DataFrame | pd.Series) -> Fingerprint:
    """A table by columns; an index that says something is a column like any other."""
    single = isinstance(answer, pd.Series)
    frame = answer.to_frame() if single else answer
    if frame.shape[0] * max(1, frame.shape[1]) > MOST_CELLS:
        names = [str(name) for name in frame.columns[:50]]
        return {"kind": "big", "what": "table", "size": len(frame), "columns": names}
    columns = [
        _column(name, frame.index.get_level_values(level), index=True)
        for level, name in enumerate(frame.index.names)
        if _says_something(frame.index)
    ]
    unnamed = single and answer.name is None
    columns += [
        _column(None if unnamed else name, frame.iloc[:, position], index=False)
        for position, name in enumerate(frame.columns)
    ]
    table: Table = {"kind": "table", "rows": len(frame), "single": single, "columns": columns}
    return table


def _says_something(index: pd.Index) -> bool:
    """Whether an index may be an answer. Row numbers from 0 are nobody's; others may be years."""
    numbered = isinstance(index, pd.RangeIndex) and index.start == 0 and index.step == 1
    return not numbered or index.name is not None


def _column(name: Any, values: pd.Series | pd.Index, *, index: bool) -> Column:
    if isinstance(name, tuple):
        name = " ".join(str(part) for part in name if part != "")
    kind, found = cells(values)
    return {
        "name": None if name is None else str(name),
        "index": index,
        "values": found,
        "type": kind,
    }


def cells(values: pd.Series | pd.Index) -> tuple[str, list[Cell]]:
    """Return the kind of a column's values, and the values, whole columns at once where possible."""
    kind = values.dtype.kind
    if isinstance(values.dtype, np.dtype) and kind in "iu":
        return ("number" if len(values) else "empty"), values.tolist()
    if isinstance(values.dtype, np.dtype) and kind == "f":
        found = [_real(value) for value in values.tolist()]
    elif isinstance(values.dtype, pd.StringDtype):
        found = [value[:200] if isinstance(value, str) else None for value in values.tolist()]
        return _only(found, "text"), found
    elif kind == "M":
        found = _days(values)
        return _only(found, "date"), found
    else:
        pairs = [_cell(value) for value in values.tolist()]
        return _type({kind for kind, _ in pairs} - {"none"}), [cell for _, cell in pairs]
    return _only(found, "number"), found


def _real(value: float) -> Cell:
    return value if math.isfinite(value) else None if math.isnan(value) else str(value)


def _days(values: pd.Series | pd.Index) -> list[Cell]:
    index = pd.DatetimeIndex(values)
    index = index.tz_localize(None) if index.tz is not None else index
    whole = bool((index == index.normalize())[index.notna()].all())
    texts = np.datetime_as_string(
        index.to_numpy().astype("datetime64[s]"), unit="D" if whole else "s"
    )
    return [None if text == "NaT" else str(text).removesuffix("T00:00:00") for text in texts]


def _only(cells: Iterable[Cell], kind: str) -> str:
    return kind if any(cell is not None for cell in cells) else "empty"


def _cell(value: Any) -> tuple[str, Cell]:
    scalar = _scalar(value)
    if scalar is None or scalar["kind"] == "big":
        return "text", str(value)[:200]
    if scalar["kind"] in ("boolean", "number", "text", "date"):
        cell = scalar["value"]
        return ("none", None) if cell == "nan" else (scalar["kind"], cell)
    return "none", None


def _type(kinds: set[str]) -> str:
    return kinds.pop() if len(kinds) == 1 else "mixed" if kinds else "empty"
