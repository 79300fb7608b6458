"""Takes two fingerprints to the comparison that fits their kind."""

import re
from typing import cast

from americas.checks.compare.charts import chart_fault, same_chart
from americas.checks.compare.options import CheckOptions
from americas.checks.compare.scalars import plain, same, same_mistake, scalar_fault
from americas.checks.compare.tables import table_fault
from americas.checks.fingerprint_types import (
    Big,
    Cell,
    Column,
    Fingerprint,
    Table,
    Value,
)
from americas.checks.messages import Feedback, feedback, say

_SCALARS = ("number", "text", "boolean", "date", "none")
_CALLABLE = ("function", "method", "builtin_function_or_method")
_LAZY = ("generator", "map", "filter", "zip", "enumerate", "reversed", "dict_items")


def compare(answer: Fingerprint, key: Fingerprint, options: CheckOptions) -> Feedback | None:
    """Return None where the answer is right, else the most specific fault there is in it.

    Neither fingerprint may be of the kinds unanswered or error.
    """
    left, right = as_table(answer), as_table(key)
    if left and right and not (answer["kind"] == "mapping" and key["kind"] in ("list", "set")):
        return table_fault(left, right, options)
    if answer["kind"] == "big":
        return _too_big(answer)
    if answer["kind"] == key["kind"] == "chart":
        return chart_fault(answer, key)
    mine, wanted = _value(answer), _value(key)
    if mine and wanted:
        # A date may be given as text.
        alike = mine["kind"] == wanted["kind"] or {"text", "date"} == {mine["kind"], wanted["kind"]}
        if alike and same(mine["value"], wanted["value"], options):
            return None
        if mine["kind"] == wanted["kind"]:
            return scalar_fault(mine, wanted, options)
    elif answer == key:
        return None
    return _other_kind(answer, key)


def _value(found: Fingerprint) -> Value | None:
    return cast(Value, found) if found["kind"] in _SCALARS[:-1] else None


def matches_wrong_turn(
    answer: Fingerprint,
    wrong: Fingerprint,
    options: CheckOptions,
    *,
    exact: bool = False,
    words: bool = False,
) -> bool:
    """Return whether an answer is what a mistake gives: the same values, or the same picture.

    Numbers agree unrounded, or rounded as the exercise asks; exact: only unrounded, where
    another slip rounds to the same; words: the mistake is one of a chart's words.
    """
    options = options.unrounded() if exact else options
    if answer["kind"] == wrong["kind"] == "chart":
        return same_chart(answer, wrong, words=words)
    left, right = as_table(answer), as_table(wrong)
    if left and right:
        return table_fault(left, right, options, same_mistake) is None
    mine, theirs = _value(answer), _value(wrong)
    if answer["kind"] == wrong["kind"] and mine and theirs:
        return same_mistake(mine["value"], theirs["value"], options)
    return answer == wrong


def as_table(found: Fingerprint) -> Table | None:
    """Return a list of plain values as a table of one nameless column, a dictionary as two.

    None for what has no rows.
    """
    if found["kind"] == "table":
        return found
    if found["kind"] == "mapping":
        rows, width = found["items"], 2
    elif found["kind"] in ("list", "set"):
        rows, width = [[item] for item in found["items"]], 1
    else:
        return None
    if any(cell["kind"] not in _SCALARS for row in rows for cell in row):
        return None
    columns = [_column([row[position] for row in rows]) for position in range(width)]
    return {"kind": "table", "rows": len(rows), "single": width == 1, "columns": columns}


def _column(items: list[Fingerprint]) -> Column:
    kinds = {item["kind"] for item in items} - {"none"}
    values = [cast(Cell, item.get("value")) for item in items]
    values = [None if value == "nan" else value for value in values]
    kind = kinds.pop() if len(kinds) == 1 else "mixed" if kinds else "empty"
    return {"name": None, "index": False, "values": values, "type": kind}


def _too_big(answer: Big) -> Feedback:
    if answer["what"] == "text":
        return feedback("kind.text_too_long", size=answer["size"])
    if answer["what"] == "chart":
        return feedback("chart.too_many_rows", rows=answer["size"])
    unit = say(f"kind.unit.{answer['what']}")
    return feedback("kind.too_big", size=answer["size"], unit=unit)


def _other_kind(answer: Fingerprint, key: Fingerprint) -> Feedback:
    if answer["kind"] == "other" and "GroupBy" in answer["type"]:
        return feedback("kind.groups")
    if answer["kind"] == "other" and answer["type"] in _CALLABLE:
        return feedback("kind.not_called")
    if answer["kind"] == "other" and answer["type"] in _LAZY:
        return feedback("kind.lazy", type=answer["type"])
    if key["kind"] in _SCALARS:
        table = as_table(answer)
        if table and table["rows"] == 1:
            return feedback(f"kind.one_in.{answer['kind']}")
    if (
        key["kind"] == "number"
        and answer["kind"] == "text"
        and re.match(r"[-+]?\.?\d", plain(answer["value"]))
    ):
        return feedback("kind.number_as_text")
    if as_table(answer) is None and answer["kind"] == key["kind"] == "list":
        nested = any(item["kind"] in ("list", "set", "mapping") for item in answer["items"])
        return feedback("kind.nested" if nested else "kind.odd_item")
    if key["kind"] == "table" and answer["kind"] in ("list", "set", "mapping"):
        return feedback("kind.to_table", got=say(f"kind.name.{answer['kind']}"))
    got, wanted = (say(f"kind.name.{found['kind']}", **found) for found in (answer, key))
    return feedback("kind.wanted", got=got, wanted=wanted)
