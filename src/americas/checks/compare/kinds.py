"""Takes two fingerprints to the comparison that fits their kind."""

from typing import Any

from americas.checks.compare.charts import chart_reason
from americas.checks.compare.options import CheckOptions, Feedback
from americas.checks.compare.scalars import same, scalar_reason
from americas.checks.compare.tables import table_reason

_NAMES = {
    "number": "a number",
    "text": "a text",
    "boolean": "True or False",
    "date": "a date",
    "list": "a list",
    "set": "a set",
    "mapping": "a dictionary",
    "table": "a table",
    "chart": "a chart",
    "none": "None, which means nothing",
}
_SCALARS = ("number", "text", "boolean", "date", "none")
_TABLE_LIKE = ("table", "list", "set", "mapping")


def compare(answer: dict[str, Any], key: dict[str, Any], asked: CheckOptions) -> Feedback | None:
    """None where the answer is right, else the most specific reason there is why it is not.

    Neither fingerprint may be of the kinds unanswered or error.
    """
    if key["kind"] in _TABLE_LIKE and answer["kind"] in _TABLE_LIKE:
        left, right = _as_table(answer), _as_table(key)
        if left and right:
            return table_reason(left, right, asked)
        return None if answer == key else Feedback(_wanted(answer, key))
    if answer["kind"] == "big":
        return _too_big(answer)
    if answer["kind"] != key["kind"]:
        if {answer["kind"], key["kind"]} == {"text", "date"} and answer["value"] == key["value"]:
            return None
        return _other_kind(answer, key)
    if key["kind"] == "chart":
        return chart_reason(answer, key, asked)
    if key["kind"] == "none" or same(answer["value"], key["value"], asked):
        return None
    return scalar_reason(answer, key, asked)


def matches_wrong_turn(
    answer: dict[str, Any], wrong_turn: dict[str, Any], asked: CheckOptions
) -> bool:
    """Has an answer taken a wrong turn? A channel more makes another chart, not another dress."""
    if answer["kind"] == wrong_turn["kind"] == "chart" and _drawn(answer) != _drawn(wrong_turn):
        return False
    return compare(answer, wrong_turn, asked) is None


def _drawn(chart: dict[str, Any]) -> list[set[str]]:
    return [
        {name for name, channel in unit["channels"].items() if "field" in channel}
        for unit in chart["units"]
    ]


def _as_table(found: dict[str, Any]) -> dict[str, Any] | None:
    """A list of plain values is a table of one nameless column, a dictionary one of two."""
    if found["kind"] == "table":
        return found
    items = found["items"]
    rows = items if found["kind"] == "mapping" else [[item] for item in items]
    if any(cell["kind"] not in _SCALARS for row in rows for cell in row):
        return None
    width = 2 if found["kind"] == "mapping" else 1
    columns = []
    for position in range(width):
        kinds = {row[position]["kind"] for row in rows} - {"none"}
        columns.append(
            {
                "name": None,
                "index": False,
                "values": [row[position].get("value") for row in rows],
                "type": kinds.pop() if len(kinds) == 1 else "mixed" if kinds else "empty",
            }
        )
    return {"kind": "table", "rows": len(rows), "single": width == 1, "columns": columns}


def _too_big(answer: dict[str, Any]) -> Feedback:
    unit = {"table": "rows", "text": "characters"}.get(answer["what"], "items")
    return Feedback(
        f"Your answer has {answer['size']:,} {unit}, far more than any exercise asks for. "
        "Filter or sum up before you give it."
    )


def _other_kind(answer: dict[str, Any], key: dict[str, Any]) -> Feedback:
    if answer["kind"] == "other" and "GroupBy" in answer["type"]:
        return Feedback(
            "Your answer is rows in groups, not yet summed up. "
            "Say after groupby what to do with each group: sum, mean, count."
        )
    if answer["kind"] == "other" and answer["type"] in ("function", "method"):
        return Feedback(
            "Your answer is a function that was not called. The brackets () are missing."
        )
    one_cell = answer["kind"] == "table" and answer["rows"] == 1 and key["kind"] in _SCALARS
    if one_cell:
        return Feedback(
            "Your answer is a table with one row. Take the value out of it, "
            "for example with .item() on the column."
        )
    return Feedback(_wanted(answer, key))


def _wanted(answer: dict[str, Any], key: dict[str, Any]) -> str:
    got = _NAMES.get(answer["kind"], f"of the type {answer.get('type', 'unknown')}")
    return f"Your answer is {got}. The question asks for {_NAMES[key['kind']]}."
