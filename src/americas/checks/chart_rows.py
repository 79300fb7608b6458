"""The rows that a unit of a chart draws, computed with pandas as Vega-Lite would."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from americas.checks.chart_channels import SYNONYMS, plain_field, written
from americas.checks.chart_expressions import NotFollowed, iso, moment
from americas.checks.chart_order import order_along
from americas.checks.fingerprint_types import Cell, Channel
from americas.checks.values import cells

DISCRETE = ("ordinal", "nominal")

_SUMMARIES: dict[str, str | Callable[[pd.Series], Any]] = {
    "sum": "sum",
    "mean": "mean",
    "median": "median",
    "min": "min",
    "max": "max",
    "product": "prod",
    "distinct": lambda values: values.nunique(dropna=False),
    "valid": "count",
    "missing": lambda values: values.isna().sum(),
    "stdev": "std",
    "variance": "var",
    "stdevp": lambda values: values.std(ddof=0),
    "variancep": lambda values: values.var(ddof=0),
    "q1": lambda values: values.quantile(0.25),
    "q3": lambda values: values.quantile(0.75),
}
# They look at all values, the others at numbers alone.
_OF_ALL = ("distinct", "valid", "missing")
_TIME_UNITS: dict[str, str] = {
    "year": "%Y-01-01",
    "yearmonth": "%Y-%m-01",
    "yearmonthdate": "%Y-%m-%d",
    "month": "2012-%m-01",
    "date": "2012-01-%d",
    "monthdate": "2012-%m-%d",
}


# More than any chart of the course draws.
MOST_MARKS = 20_000


class TooManyMarks(Exception):
    """A chart draws more marks than a check looks at; its argument is their number."""

    def __init__(self, rows: int) -> None:
        """Keep the number of rows or marks."""
        self.rows = rows


@dataclass(frozen=True)
class Rows:
    """The data of a unit; source: rows, none, url or shapes."""

    table: pd.DataFrame
    source: str


def rows_drawn(
    rows: Rows,
    encoding: dict[str, Any],
    channels: dict[str, Channel],
    silent: list[str],
    mark: str,
) -> tuple[list[dict[str, Cell]] | None, str]:
    """Return one dict a mark, channel → value, or None and why it can't be told.

    Adds to each discrete position the order of its labels.
    """
    if rows.source != "rows":
        return (None, "shapes") if rows.source == "shapes" else ([], "")
    columns: dict[str, list[Cell]] = {}
    for name, channel in channels.items():
        spec = encoding.get(name)
        if isinstance(spec, dict) and "datum" in spec:
            columns[name] = [_seen(written(spec["datum"]), channel)] * len(rows.table)
        elif "field" in channel:
            values = _column(rows.table, channel["field"])
            if channel.get("timeUnit", "year") not in _TIME_UNITS:
                return None, "bin"
            if channel.get("type") == "quantitative" and "timeUnit" not in channel:
                values = [_measured(value) for value in values]
            else:
                seen = {value: _seen(value, channel) for value in set(values)}
                values = [seen[value] for value in values]
            columns[name] = values
    aggregates = {name: c["aggregate"] for name, c in channels.items() if "aggregate" in c}
    if not set(aggregates.values()) <= {"count", *_SUMMARIES}:
        return None, "summary"
    keys = [name for name in columns if name not in aggregates]
    for number, field in enumerate(silent):
        columns[f"({number}"] = _column(rows.table, plain_field(field))
        keys.append(f"({number}")
    frame = pd.DataFrame(columns, index=range(len(rows.table)), dtype=object)
    raw = frame
    if aggregates:
        frame = _summed(frame, keys, aggregates)
    for name in ("x", "y", "row", "column", "facet"):
        if channels.get(name, {}).get("type") in DISCRETE and name in columns:
            channels[name]["order"] = order_along(
                name, encoding[name], rows.table, raw, frame, channels, mark
            )
    if len(frame) > MOST_MARKS:
        raise TooManyMarks(len(frame))
    shown = [name for name in (*columns, *aggregates) if not name.startswith("(")]
    found = [
        dict(zip(shown, values, strict=True))
        for values in zip(*(_tidy(frame[name]) for name in shown), strict=True)
    ]
    measured = [n for n, c in channels.items() if c.get("type") == "quantitative" and n in shown]
    # What has no value is not drawn; a row without a date or a name is another matter.
    return [row for row in found if all(row[name] is not None for name in measured)], ""


def summary(operation: str, values: list[Cell]) -> Any:
    """Return one summary of a group's values; None where there is none.

    Raise NotFollowed for a summary that only Vega can compute.
    """
    operation = SYNONYMS.get(operation, operation)
    if operation == "count":
        return len(values)
    if operation not in _SUMMARIES:
        raise NotFollowed(operation)
    found = pd.Series(values, dtype=object)
    if operation not in _OF_ALL:
        found = pd.to_numeric(found, errors="coerce")
    result = found.agg(_SUMMARIES[operation])
    return None if pd.isna(result) else result


def _tidy(values: pd.Series) -> list[Cell]:
    """Return values as they are, or, where they were summed up, without pandas' own types."""
    return values.tolist() if values.dtype == object else cells(values)[1]


def _column(table: pd.DataFrame, field: str) -> list[Cell]:
    if field not in table.columns:
        return [None] * len(table)
    found = table[field]
    return cells(found if isinstance(found, pd.Series) else found.iloc[:, 0])[1]


def _measured(value: Cell) -> Cell:
    """Return a quantity as Vega draws it: a number written as text is that number."""
    try:
        return float(value) if isinstance(value, str) and value.strip() else value
    except ValueError:
        return value


def _summed(frame: pd.DataFrame, keys: list[str], aggregates: dict[str, str]) -> pd.DataFrame:
    # A text stands for a missing key, since pandas would lose its group.
    by = [frame[key].map(lambda value: "\0" if value is None else value) for key in keys]
    by = by or [pd.Series(0, index=frame.index)]
    summed = {
        key: frame[key].groupby(by, sort=False).agg(lambda found: found.iloc[0]) for key in keys
    }
    for name, aggregate in aggregates.items():
        if aggregate == "count":
            summed[name] = frame.groupby(by, sort=False).size()
            continue
        values = frame[name]
        if aggregate not in _OF_ALL:
            values = pd.to_numeric(values, errors="coerce")
        summed[name] = values.groupby(by, sort=False).agg(_SUMMARIES[aggregate])
    return pd.DataFrame(summed).reset_index(drop=True)


def _seen(value: Cell, channel: Channel) -> Cell:
    """Return a value as its channel shows it: a moment as ISO text, a class by its label."""
    kind, unit = channel.get("type"), channel.get("timeUnit")
    if value is None:
        return None
    if unit or kind == "temporal":
        found = moment(value)
        if found is None:
            return str(value) if kind == "temporal" else None
        if unit:
            text = str(found.strftime(_TIME_UNITS[unit]))
            return text[:4] if unit == "year" and kind in DISCRETE else text
        return iso(found)
    if kind not in DISCRETE:
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value:g}" if abs(value) < 1e5 else str(value)
    return value
