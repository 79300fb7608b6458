"""Single values and columns of a table as plain JSON."""

import datetime
import decimal
import math
import numbers
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from americas.checks.fingerprint_types import MOST_CHARACTERS, Cell, Fingerprint, Value


def scalar(answer: Any) -> Fingerprint | None:
    """Return the fingerprint of one value, or None where the answer is no single value."""
    if answer is None or answer is pd.NA or answer is pd.NaT:
        return {"kind": "none"}
    if isinstance(answer, np.datetime64 | np.timedelta64) and np.isnat(answer):
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
        yearly = answer.freqstr.startswith("Y")
        return _value("number", answer.year) if yearly else _value("date", _date(answer.start_time))
    return None


def _value(kind: Any, value: Cell) -> Value:
    return {"kind": kind, "value": value}


def _number(value: Any) -> int | float | str:
    """Return a number; NaN and infinity, which JSON does not have, as text."""
    if isinstance(value, numbers.Integral):
        return int(value) if abs(int(value)) < 10**300 else "inf"
    value = float(value)
    return value if math.isfinite(value) else str(value)


def _date(stamp: pd.Timestamp) -> str:
    day: str = stamp.date().isoformat() if stamp == stamp.normalize() else stamp.isoformat()
    return day


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
    found = scalar(value)
    if found is None:
        return "other", str(value)[:200]
    if found["kind"] == "big":
        return "text", str(value)[:200]
    if found["kind"] in ("boolean", "number", "text", "date"):
        cell = found["value"]
        return ("none", None) if cell == "nan" else (found["kind"], cell)
    return "none", None


def _type(kinds: set[str]) -> str:
    return kinds.pop() if len(kinds) == 1 else "mixed" if kinds else "empty"
