"""The transforms of a chart (transform_filter and its like), computed as Vega-Lite would."""

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby, product
from typing import Any

import pandas as pd

from americas.checks.chart_channels import plain_field
from americas.checks.chart_expressions import (
    UNDEFINED,
    BrokenExpression,
    NotFollowed,
    compared,
    equal,
    expression,
    truthy,
)
from americas.checks.chart_rows import summary
from americas.checks.values import cells

Row = dict[str, Any]
Tables = Callable[[Any], pd.DataFrame]

_RANKS = ("row_number", "rank", "dense_rank")
_COMPARISONS = {"lt": "<", "lte": "<=", "gt": ">", "gte": ">="}


def transformed(
    table: pd.DataFrame, step: dict[str, Any], tables: Tables, params: Mapping[str, Any]
) -> pd.DataFrame:
    """Return a table after one transform; `tables` finds the data that a lookup names.

    Raise NotFollowed where only Vega can tell, BrokenExpression where it can't either.
    """
    known = [str(name) for name in table.columns]
    rows = rows_of(table)
    for word, follow in _STEPS.items():
        if word in step:
            try:
                found = follow(rows, step, params)
            except (NotFollowed, BrokenExpression):
                raise
            except Exception as error:
                raise NotFollowed(word) from error
            break
    else:
        if "lookup" not in step:
            raise NotFollowed(next(iter(step), ""))
        found = _lookup(rows, step, tables)
    names = known if "aggregate" not in step and "pivot" not in step else []
    columns = dict.fromkeys([*names, *(name for row in found for name in row), *added(step)])
    plain = [{k: None if v is UNDEFINED else v for k, v in row.items()} for row in found]
    return pd.DataFrame(plain, columns=list(columns), dtype=object)


def rows_of(table: pd.DataFrame) -> list[Row]:
    """Return a table's rows as Vega has them, each a dict."""
    known = {str(name): cells(_column(table, name))[1] for name in table.columns}
    return [dict(zip(known, values, strict=True)) for values in zip(*known.values(), strict=True)]


def _column(table: pd.DataFrame, name: Any) -> pd.Series:
    found = table[name]
    return found if isinstance(found, pd.Series) else found.iloc[:, 0]


def added(step: dict[str, Any]) -> list[str]:
    """Return the columns that a transform makes, whatever rows are left to hold them."""
    parts = next((step[word] for word in _LISTS if isinstance(step.get(word), list)), [step])
    names = [name for part in parts for name in _as_list(part.get("as", [])) if name]
    return names + (list(step.get("groupby", [])) if "aggregate" in step else [])


_LISTS = ("aggregate", "joinaggregate", "window")


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _filter(rows: list[Row], step: dict[str, Any], params: Mapping[str, Any]) -> list[Row]:
    test = predicate(step["filter"], params)
    return [row for row in rows if test(row)]


def predicate(spec: Any, params: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], bool]:
    """Return the test of rows that a predicate of Vega-Lite stands for.

    A selection holds nothing yet, so it keeps all rows, or none where it says empty=False.
    """
    if isinstance(spec, str):
        node = expression(spec, params)
        return lambda row: truthy(node(row))
    if "and" in spec or "or" in spec:
        tests = [predicate(part, params) for part in spec.get("and", spec.get("or"))]
        every = all if "and" in spec else any
        return lambda row: every(test(row) for test in tests)
    if "not" in spec:
        inner = predicate(spec["not"], params)
        return lambda row: not inner(row)
    if "param" in spec or "selection" in spec:
        return lambda row: spec.get("empty") is not False
    if "field" not in spec or "timeUnit" in spec:
        raise NotFollowed("filter")
    return lambda row: _meets(row.get(plain_field(spec["field"]), UNDEFINED), spec)


def _meets(value: Any, spec: dict[str, Any]) -> bool:
    wanted = {k: v for k, v in spec.items() if k not in ("field",)}
    word, target = next(iter(wanted.items()))
    if any(isinstance(part, dict) for part in _as_list(target)):
        raise NotFollowed("filter")
    if word == "equal":
        return equal(value, target)
    if word in _COMPARISONS:
        return compared(_COMPARISONS[word], value, target)
    if word == "oneOf":
        return any(equal(value, one) for one in target)
    if word == "range":
        low, high = target
        return (low is None or compared(">=", value, low)) and (
            high is None or compared("<=", value, high)
        )
    if word == "valid":
        absent = value is None or value is UNDEFINED or value != value
        return absent != bool(target)
    raise NotFollowed(word)


def _calculate(rows: list[Row], step: dict[str, Any], params: Mapping[str, Any]) -> list[Row]:
    node = expression(step["calculate"], params)
    return [row | {step["as"]: node(row)} for row in rows]


def _groups(rows: list[Row], names: Iterable[str]) -> list[list[Row]]:
    found: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        found.setdefault(tuple(row.get(name) for name in names), []).append(row)
    return list(found.values())


def _summed(rows: list[Row], operations: list[dict[str, Any]]) -> Row:
    return {
        one["as"]: summary(one["op"], [row.get(plain_field(one.get("field", ""))) for row in rows])
        for one in operations
    }


def _aggregate(rows: list[Row], step: dict[str, Any], params: Mapping[str, Any]) -> list[Row]:
    names = step.get("groupby", [])
    return [
        {name: group[0].get(name) for name in names} | _summed(group, step["aggregate"])
        for group in _groups(rows, names)
    ]


def _joinaggregate(rows: list[Row], step: dict[str, Any], params: Mapping[str, Any]) -> list[Row]:
    for group in _groups(rows, step.get("groupby", [])):
        added = _summed(group, step["joinaggregate"])
        for row in group:
            row.update(added)
    return rows


def _window(rows: list[Row], step: dict[str, Any], params: Mapping[str, Any]) -> list[Row]:
    for group in _groups(rows, step.get("groupby", [])):
        for field in reversed(step.get("sort", [])):
            group.sort(
                key=lambda row: sort_rank(row.get(field["field"])),
                reverse=field.get("order") == "descending",
            )
        keys = [tuple(row.get(f["field"]) for f in step.get("sort", [])) for row in group]
        # Without a sort no two rows are peers.
        peers = [list(part) for _, part in groupby(range(len(group)), key=lambda i: keys[i] or i)]
        for rank, part in enumerate(peers, start=1):
            for place in part:
                group[place].update(_windowed(group, place, part, rank, step))
    return rows


def _windowed(
    group: list[Row], place: int, peers: list[int], rank: int, step: dict[str, Any]
) -> Row:
    low, high = step.get("frame", [None, 0])
    first = 0 if low is None else max(0, place + int(low))
    last = len(group) if high is None else min(len(group), place + int(high) + 1)
    if not step.get("ignorePeers"):
        # A frame takes in the peers of its ends, as Vega's does.
        first, last = (
            (min(first, peers[0]) if low == 0 else first),
            (max(last, peers[-1] + 1) if high == 0 else last),
        )
    ranks = dict(zip(_RANKS, (place + 1, peers[0] + 1, rank), strict=True))
    found: Row = {}
    for one in step["window"]:
        if one["op"] in ranks:
            found[one["as"]] = ranks[one["op"]]
        else:
            found |= _summed(group[first:last], [one])
    return found


def sort_rank(value: Any) -> tuple[int, Any]:
    """Return what values are sorted by: nothing first, then numbers, then texts."""
    if value is None:
        return 0, 0
    return (2, value) if isinstance(value, str) else (1, value)


def _fold(rows: list[Row], step: dict[str, Any], params: Mapping[str, Any]) -> list[Row]:
    key, value = [*step.get("as", []), "key", "value"][:2] if "as" in step else ("key", "value")
    return [row | {key: name, value: row.get(name)} for row in rows for name in step["fold"]]


def _pivot(rows: list[Row], step: dict[str, Any], params: Mapping[str, Any]) -> list[Row]:
    names, found = step.get("groupby", []), []
    for group in _groups(rows, names):
        wide = {name: group[0].get(name) for name in names}
        for part in _groups(group, [step["pivot"]]):
            values = [row.get(step["value"]) for row in part]
            wide[str(part[0].get(step["pivot"]))] = summary(step.get("op", "sum"), values)
        found.append(wide)
    return found


def _impute(rows: list[Row], step: dict[str, Any], params: Mapping[str, Any]) -> list[Row]:
    field, key, names = step["impute"], step["key"], step.get("groupby", [])
    listed = step.get("keyvals", [])
    if isinstance(listed, dict):
        listed = list(range(listed.get("start", 0), listed["stop"], listed.get("step", 1)))
    keys = dict.fromkeys([*(row.get(key) for row in rows), *listed])
    if "frame" in step and step["frame"] != [None, None]:
        raise NotFollowed("impute")
    found = []
    for group, value in product(_groups(rows, names), [step.get("method", "value")]):
        have = {row.get(key): row for row in group}
        known = [row.get(field) for row in group]
        filled = step.get("value") if value == "value" else summary(value, known)
        found += [row if row.get(field) is not None else row | {field: filled} for row in group]
        blank = {name: group[0].get(name) for name in names}
        found += [blank | {key: one, field: filled} for one in keys if one not in have]
    return found


def _lookup(rows: list[Row], step: dict[str, Any], tables: Tables) -> list[Row]:
    other = step["from"]
    if "data" not in other or "fields" not in other:
        raise NotFollowed("lookup")
    table = tables(other["data"])
    keys = cells(_column(table, other["key"]))[1]
    names = other["fields"]
    values = zip(*(cells(_column(table, name))[1] for name in names), strict=True)
    found = dict(zip(keys, values, strict=True))
    columns = _as_list(step.get("as", names))
    blank = (step.get("default"),) * len(columns)
    field = plain_field(step["lookup"])
    return [row | dict(zip(columns, found.get(row.get(field), blank), strict=True)) for row in rows]


_STEPS: dict[str, Callable[[list[Row], dict[str, Any], Mapping[str, Any]], list[Row]]] = {
    "filter": _filter,
    "calculate": _calculate,
    "aggregate": _aggregate,
    "joinaggregate": _joinaggregate,
    "window": _window,
    "fold": _fold,
    "pivot": _pivot,
    "impute": _impute,
}
