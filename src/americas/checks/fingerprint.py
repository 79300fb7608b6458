"""Fingerprints: an answer as plain JSON, whatever it was in Python.

A fingerprint is the same in every process and holds no Python object, so it can be stored as a
key or handed from a stranger's kernel to the one who compares it. Its shapes are in
`americas.checks.fingerprint_types`.
"""

from collections.abc import KeysView, Sequence, ValuesView
from typing import Any

import numpy as np
import pandas as pd

from americas.checks.fingerprint_types import (
    MOST_CELLS,
    MOST_ITEMS,
    Column,
    Failure,
    Fingerprint,
    Table,
)
from americas.checks.values import cells, scalar

_DEEPEST = 6

_LISTS = (Sequence, KeysView, ValuesView)
_BYTES = (bytes, bytearray, memoryview)


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
    if type(answer).__module__ == "pandas.io.formats.style":
        answer = answer.data  # a table with a look
    if isinstance(answer, pd.DataFrame | pd.Series):
        return _table(answer)
    if type(answer).__module__.startswith("altair."):
        from americas.checks.chart_fingerprint import chart

        return chart(answer)
    left = [MOST_ITEMS]
    try:
        return _item(answer, 0, left)
    except _TooManyItems:  # as many as were counted until it was too much
        return {"kind": "big", "what": "list", "size": MOST_ITEMS - left[0], "columns": []}


def _item(answer: Any, depth: int, left: list[int]) -> Fingerprint:
    """Return the fingerprint of a value or a collection; `left` counts down over all its parts."""
    if isinstance(answer, pd.Index | np.ndarray | pd.api.extensions.ExtensionArray):
        # Before tolist(), which makes a Python object of every number.
        if answer.size > left[0]:
            left[0] -= answer.size
            raise _TooManyItems
        answer = answer.tolist()
    value = scalar(answer)
    if value is not None:
        return value
    if not isinstance(answer, (*_LISTS, set, frozenset, dict)) or isinstance(answer, _BYTES):
        return {"kind": "other", "type": type(answer).__name__}
    if depth >= _DEEPEST:
        return {"kind": "other", "type": type(answer).__name__}
    left[0] -= len(answer)
    if left[0] < 0:
        raise _TooManyItems
    if isinstance(answer, dict):
        pairs = [[_item(k, depth + 1, left), _item(v, depth + 1, left)] for k, v in answer.items()]
        return {"kind": "mapping", "items": pairs}
    items = [_item(item, depth + 1, left) for item in answer]
    if isinstance(answer, set | frozenset):
        return {"kind": "set", "items": sorted(items, key=repr)}
    return {"kind": "list", "items": items}


def _table(answer: pd.DataFrame | pd.Series) -> Fingerprint:
    """Return a table by columns; an index that says something is a column like any other."""
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
        for position, name in enumerate(_names(frame.columns))
    ]
    table: Table = {"kind": "table", "rows": len(frame), "single": single, "columns": columns}
    return table


def _names(columns: pd.Index) -> list[Any]:
    """Return the columns' names; of names in several levels the level that tells them apart."""
    names: list[Any] = columns.tolist()
    if columns.nlevels == 1:
        return names
    for level in (0, -1):
        parts = [[part for part in name if part != ""] or [""] for name in names]
        told: list[Any] = [part[level] for part in parts]
        if len(set(told)) == len(told):
            return told
    return names


def _says_something(index: pd.Index) -> bool:
    """Return whether an index may be an answer. Row numbers from 0 are nobody's; others may be years."""
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
