"""The order in which labels stand along a discrete axis, as Vega-Lite sorts them."""

from typing import Any

import pandas as pd

from americas.checks.chart_channels import plain_field
from americas.checks.fingerprint_types import Cell, Channel
from americas.checks.values import cells

_OPERATIONS = {"average": "mean", "distinct": "nunique", "stdev": "std", "variance": "var"}
_STACKED = ("bar", "area")


def order_along(
    name: str,
    spec: dict[str, Any],
    table: pd.DataFrame,
    raw: pd.DataFrame,
    drawn: pd.DataFrame,
    channels: dict[str, Channel],
    mark: str,
) -> list[Cell]:
    """Return the labels of a channel in the order drawn: from the left, or from the top.

    raw, drawn: the channels' values before and after summaries.
    """
    labels = list(dict.fromkeys(raw[name].tolist())) if name in raw else []
    scale = spec.get("scale") or {}
    sort = spec.get("sort", "ascending")
    if isinstance(scale.get("domain"), list):
        listed = [_label(value) for value in scale["domain"]]
        found = [label for label in listed if label in labels]
    elif isinstance(sort, list):
        listed = [label for label in map(_label, sort) if label in labels]
        found = listed + [label for label in labels if label not in listed]
    elif sort is None:
        found = labels
    elif sort in ("ascending", "descending"):
        found = sorted(labels, key=_natural, reverse=sort == "descending")
    else:
        measure, descending = _measure(sort, name, table, raw, drawn, channels, mark)
        found = sorted(labels, key=_natural)
        found.sort(key=lambda label: _rank(measure.get(label)), reverse=descending)
    return found[::-1] if scale.get("reverse") is True else found


def _measure(
    sort: Any,
    name: str,
    table: pd.DataFrame,
    raw: pd.DataFrame,
    drawn: pd.DataFrame,
    channels: dict[str, Channel],
    mark: str,
) -> tuple[dict[Cell, Any], bool]:
    """Return what each label is sorted by, and whether the largest comes first."""
    if isinstance(sort, str):
        sort = {"encoding": sort.lstrip("-"), "order": "descending" if sort[0] == "-" else ""}
    descending = sort.get("order") == "descending"
    grouped = any(part in channels for part in ("color", "fill", "detail"))
    usual = "sum" if mark in _STACKED and grouped else "min"
    if "encoding" in sort:
        other = sort["encoding"]
        if other not in drawn:
            return {}, descending
        values, labels, operation = drawn[other], drawn[name], usual
    else:
        field, operation = plain_field(str(sort.get("field", ""))), sort.get("op") or usual
        labels = raw[name]
        if operation == "count":
            return labels.value_counts().to_dict(), descending
        if field not in table:
            return {}, descending
        values = pd.Series(cells(table[field])[1], index=labels.index, dtype=object)
    numbers = pd.to_numeric(values, errors="coerce")
    values = numbers if numbers.notna().any() else values
    groups = values.groupby(labels)
    return dict(groups.agg(_OPERATIONS.get(operation, operation))), descending


def _natural(label: Cell) -> tuple[int, float, str]:
    """Numbers by size, texts by their letters, what is missing last."""
    if label is None:
        return 2, 0.0, ""
    try:
        return 0, float(label), ""
    except ValueError:
        return 1, 0.0, str(label)


def _rank(value: Any) -> tuple[int, Any]:
    missing = value is None or value != value
    return (1, 0) if missing else (0, value)


def _label(value: Any) -> Cell:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, int | float) and abs(value) < 1e5 else str(value)
