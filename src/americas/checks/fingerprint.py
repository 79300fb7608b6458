"""Fingerprints: an answer as plain JSON, whatever it was in Python.

A fingerprint is a dict with a `kind` and what that kind needs. It is the same in every process
and holds no Python object, so it can be stored as a key or handed from a stranger's kernel to
the one who compares it. Kinds: unanswered, none, boolean, number, text, date, list, set,
mapping, table, chart (see `americas.checks.chart_fingerprint`), big, error, other.
"""

import datetime
import decimal
import math
import numbers
from typing import Any

import numpy as np
import pandas as pd

Fingerprint = dict[str, Any]

# More than any exercise asks for; beyond it only the size is kept.
MOST_CELLS = 200_000
MOST_ITEMS = 20_000
MOST_CHARACTERS = 20_000
_DEEPEST = 6


def fingerprint(answer: Any) -> Fingerprint:
    """The fingerprint of any answer. Never raises; what can't be read is an `error`."""
    try:
        return _fingerprint(answer, 0)
    except Exception as error:  # a stranger's object may do anything when it is looked at
        return failure(error)


def failure(error: BaseException) -> Fingerprint:
    """The fingerprint of an answer that could not be computed."""
    try:
        message = str(error)[:500]
    except Exception:
        message = ""
    return {"kind": "error", "type": type(error).__name__, "message": message}


def _fingerprint(answer: Any, depth: int) -> Fingerprint:
    if answer is ...:
        return {"kind": "unanswered"}
    if isinstance(answer, pd.DataFrame | pd.Series):
        return _table(answer)
    if isinstance(answer, pd.Index | np.ndarray):
        answer = answer.tolist()
    scalar = _scalar(answer)
    if scalar is not None:
        return scalar
    if isinstance(answer, list | tuple | set | frozenset | dict):
        return _collection(answer, depth)
    if type(answer).__module__.startswith("altair."):
        from americas.checks.chart_fingerprint import chart

        return chart(answer)
    return {"kind": "other", "type": type(answer).__name__}


def _scalar(answer: Any) -> Fingerprint | None:
    if answer is None or answer is pd.NA or answer is pd.NaT:
        return {"kind": "none"}
    if isinstance(answer, bool | np.bool_):
        return {"kind": "boolean", "value": bool(answer)}
    if isinstance(answer, numbers.Number | decimal.Decimal) and not isinstance(answer, complex):
        return {"kind": "number", "value": _number(answer)}
    if isinstance(answer, str):
        if len(answer) > MOST_CHARACTERS:
            return {"kind": "big", "what": "text", "size": len(answer)}
        return {"kind": "text", "value": str(answer)}
    if isinstance(answer, datetime.date | np.datetime64):
        return {"kind": "date", "value": _date(pd.Timestamp(answer))}
    if isinstance(answer, pd.Period):
        return {"kind": "date", "value": _date(answer.start_time)}
    if isinstance(answer, datetime.timedelta | np.timedelta64):
        return {"kind": "number", "value": pd.Timedelta(answer) / pd.Timedelta(days=1)}
    return None


def _number(value: Any) -> int | float | str:
    """JSON has no NaN and no infinity, so they travel as text."""
    if isinstance(value, numbers.Integral):
        return int(value) if abs(int(value)) < 10**300 else "inf"
    value = float(value)
    return value if math.isfinite(value) else str(value)


def _date(stamp: pd.Timestamp) -> str:
    return stamp.date().isoformat() if stamp == stamp.normalize() else stamp.isoformat()


def _collection(answer: Any, depth: int) -> Fingerprint:
    if len(answer) > MOST_ITEMS or depth >= _DEEPEST:
        return {"kind": "big", "what": "list", "size": len(answer)}
    if isinstance(answer, dict):
        items = [
            [_fingerprint(k, depth + 1), _fingerprint(v, depth + 1)] for k, v in answer.items()
        ]
        return {"kind": "mapping", "items": items}
    items = [_fingerprint(item, depth + 1) for item in answer]
    if isinstance(answer, set | frozenset):
        return {"kind": "set", "items": sorted(items, key=repr)}
    return {"kind": "list", "items": items}


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
        if _says_something(frame.index, level)
    ]
    unnamed = single and answer.name is None
    columns += [
        _column(None if unnamed else name, frame.iloc[:, position], index=False)
        for position, name in enumerate(frame.columns)
    ]
    return {"kind": "table", "rows": len(frame), "single": single, "columns": columns}


def _says_something(index: pd.Index, level: int) -> bool:
    # Row numbers, also those that a filter left over, are nobody's answer.
    if index.names[level] is not None or index.nlevels > 1:
        return True
    return not pd.api.types.is_integer_dtype(index.dtype)


def _column(name: Any, values: pd.Series | pd.Index, *, index: bool) -> dict[str, Any]:
    if isinstance(name, tuple):
        name = " ".join(str(part) for part in name if part != "")
    cells = [_cell(value) for value in values.tolist()]
    return {
        "name": None if name is None else str(name),
        "index": index,
        "values": [cell for _, cell in cells],
        "type": _type({kind for kind, _ in cells} - {"none"}),
    }


def _cell(value: Any) -> tuple[str, Any]:
    scalar = _scalar(value)
    if scalar is None:
        return "text", str(value)[:200]
    if scalar["kind"] == "none" or scalar.get("value") == "nan":
        return "none", None
    return scalar["kind"], scalar.get("value")


def _type(kinds: set[str]) -> str:
    return kinds.pop() if len(kinds) == 1 else "mixed" if kinds else "empty"
