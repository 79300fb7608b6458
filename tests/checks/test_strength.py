"""Wrong is caught: every solution is changed by program, and every change that shows is refused.

A mutant is the solution with one thing altered that students get wrong: a comparison, a
boundary, a column, a summary, a kind of join, a filter left out, a constant off by one; a
chart's mark, channel, type or summary. Mutants that stop with an error, or that still give the
right answer, don't count. `python -m pytest tests/checks/test_strength.py -rP` prints the counts.
"""

import ast
import json
import re
from pathlib import Path

import pytest

from americas.author.isolated import Trial, answers
from americas.author.solution_parser import read_set
from americas.checks.check import Key, judge
from americas.data import package

ROOT = Path(__file__).parents[2]
SETS = sorted((ROOT / "solutions").glob("[0-9]*.ipynb"))
FEWEST = 2

SWAPS = {
    "sum": "mean", "mean": "sum", "max": "min", "min": "max", "median": "mean", "size": "sum",
    "first": "last", "head": "tail", "tail": "head", "nlargest": "nsmallest",
    "nsmallest": "nlargest", "idxmax": "idxmin", "idxmin": "idxmax", "cumsum": "cummax",
    "count": "nunique", "nunique": "count", "rolling": "expanding", "diff": "pct_change",
    "mark_line": "mark_bar", "mark_bar": "mark_line", "mark_point": "mark_line",
    "mark_circle": "mark_line", "mark_rect": "mark_point", "mark_area": "mark_line",
    "mark_geoshape": "mark_point", "var": "std",
}  # fmt: skip
IN_TEXT = [
    (r"==", "!="), (r"!=", "=="), (r">=", ">"), (r"<=", "<"), (r"(?<![<>=])>(?!=)", ">="),
    (r"(?<![<>=])<(?!=)", "<="), (r"\bnot in\b", "in"), (r"(?<!not )\bin\b(?= [\[@])", "not in"),
    (r"\band\b", "or"), (r"\bsum\(", "mean("), (r"\bmean\(", "sum("),
]  # fmt: skip
TYPES = {":O": ":Q", ":N": ":Q", ":Q": ":N", ":T": ":N"}
JOINS = {"left": "inner", "inner": "outer", "outer": "inner", "right": "left"}


def columns_of_one_kind():
    """For each column name, the others that stand beside it in a table with the same type."""
    found = {}
    for entry in package()["resources"]:
        fields = entry.get("schema", {}).get("fields", [])
        for field in fields:
            others = {f["name"] for f in fields if f["type"] == field["type"]} - {field["name"]}
            found.setdefault(field["name"], set()).update(others)
    return {name: sorted(others) for name, others in found.items()}


COLUMNS = columns_of_one_kind()


def mutants(code):
    """The code with one thing altered, for each thing that can be: pairs (what, code)."""
    tree = ast.parse(code)
    for node in ast.walk(tree):
        for what, field, values in alterations(node):
            before = getattr(node, field)
            for value in values:
                setattr(node, field, value)
                yield f"{what}: {shown(before)} → {shown(value)}", ast.unparse(tree)
            setattr(node, field, before)


def shown(value):
    value = ast.unparse(value) if isinstance(value, ast.AST) else value
    return re.sub(r"\s+", " ", str(value))[:60]


def alterations(node):
    if isinstance(node, ast.Attribute) and node.attr in SWAPS:
        yield "method", "attr", [SWAPS[node.attr]]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield "text", "value", list(texts(node.value))
    if isinstance(node, ast.Constant) and type(node.value) in {int, float}:
        # One more is a typical slip in a year or a count, but nothing in a divisor of a million.
        yield "constant", "value", [node.value + 1 if abs(node.value) < 10_000 else node.value * 10]
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield "switch", "value", [not node.value]
    if isinstance(node, ast.Compare):
        turned = {ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Lt: ast.LtE, ast.LtE: ast.Lt,
                  ast.Eq: ast.NotEq, ast.NotEq: ast.Eq}  # fmt: skip
        yield "comparison", "ops", [[turned.get(type(op), type(op))() for op in node.ops]]
    if isinstance(node, ast.BinOp):
        turned = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}
        if type(node.op) in turned:
            yield "arithmetic", "op", [turned[type(node.op)]()]
    if isinstance(node, ast.Assign | ast.Expr | ast.Return | ast.Attribute):
        # A step of a chain left out: the filter, the sum, the sort.
        value = node.value
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
            yield "step left out", "value", [value.func.value]
    if isinstance(node, ast.keyword) and node.arg in {"x", "y"}:
        yield "channel", "arg", ["y" if node.arg == "x" else "x"]
    if isinstance(node, ast.keyword) and node.arg in {"color", "facet", "row", "column"}:
        yield "channel", "arg", ["detail"]


def texts(value):
    if value in JOINS:
        yield JOINS[value]
    for short, other in TYPES.items():
        if value.endswith(short):
            yield value.removesuffix(short) + other
    for pattern, other in IN_TEXT:
        if re.search(pattern, value):
            yield re.sub(pattern, other, value, count=1)
    for year in re.findall(r"\b(?:19|20)\d\d\b", value):
        yield value.replace(year, str(int(year) + 1), 1)
    field = value.partition(":")[0]
    for other in COLUMNS.get(field, [])[:3]:
        yield value.replace(field, other, 1)


def essence(found, decimals):
    """An answer by an independent rule: values rounded, order and names of columns dropped."""

    def plain(value):
        if isinstance(value, float | int) and not isinstance(value, bool):
            return f"{round(value, decimals) + 0.0:.4e}" if decimals is not None else f"{value:.4e}"
        return str(value).casefold().strip()

    if found["kind"] == "table":
        columns = sorted(found["columns"], key=lambda c: str(c["name"]))
        rows = zip(*([plain(v) for v in c["values"]] for c in columns), strict=True)
        return json.dumps([len(columns), sorted(rows)])
    if found["kind"] == "chart":
        return json.dumps(
            [
                [unit["mark"], sorted(drawn_by(unit["channels"])), rows_of(unit, plain)]
                for unit in found["units"]
            ]
        )
    if found["kind"] in {"list", "set"}:
        return json.dumps(sorted(plain(item.get("value")) for item in found["items"]))
    return f"{found['kind']} {plain(found.get('value'))}"


def plain_items(found):
    """The values of a list, or of a table of one column, in no order; else None."""
    if found["kind"] == "list":
        return sorted(str(item.get("value")) for item in found["items"])
    columns = [column for column in found["columns"] if not column["index"]]
    return sorted(map(str, columns[0]["values"])) if len(columns) == 1 else None


def drawn_by(channels):
    for name, channel in channels.items():
        if channel.get("field") or channel.get("aggregate"):
            kind = channel.get("type", "")
            positions = {"x", "y", "row", "column", "facet"}
            yield [name, "class" if name in positions and kind in {"ordinal", "nominal"} else kind]


def rows_of(unit, plain):
    # Channels that only label are the author's own business, like a colour that repeats a facet.
    if unit["drawn"] is None:
        return json.dumps([unit["channels"], unit["transforms"]], sort_keys=True)
    return sorted(json.dumps({k: plain(v) for k, v in sorted(r.items())}) for r in unit["drawn"])


def matters(what, mutant, right, asked):
    """Does a mutant give another answer than the right one, as the exercise asks?"""
    if mutant["kind"] in {"error", "unanswered"}:
        return False
    if {mutant["kind"], right["kind"]} == {"list", "table"} and plain_items(mutant) is not None:
        return plain_items(mutant) != plain_items(right)
    if mutant["kind"] != right["kind"]:
        return True
    if right["kind"] == "number" and asked.decimals is not None:
        # Rounded answers are right, so what lies half a digit away is no other answer.
        return abs(float(mutant["value"]) - float(right["value"])) > 0.5 * 10.0**-asked.decimals
    return essence(mutant, asked.decimals) != essence(right, asked.decimals)


@pytest.mark.parametrize("path", SETS, ids=lambda path: path.stem)
def test_every_mutant_that_shows_is_refused(path):
    exercises = read_set(path)
    by_number = {exercise.number: exercise for exercise in exercises.exercises}
    keys = json.loads((ROOT / "src/americas/checks/keys" / f"{path.stem}.json").read_text("utf-8"))
    trials = []
    for exercise in exercises.exercises:
        if exercise.written:
            continue
        before = exercises.opening_code()
        for need in exercise.needs:
            before += [*by_number[need].given_code(), by_number[need].solution.source]
        before += exercise.given_code()
        trials += [
            (exercise, what, Trial([*before, code], exercise.name))
            for what, code in mutants(exercise.solution.source)
        ]
    results = answers([trial for _, _, trial in trials])
    refused = dict.fromkeys(by_number, 0)
    survived = []
    for (exercise, what, _), found in zip(trials, results, strict=True):
        key = Key.decoded(keys["exercises"][exercise.number])
        if matters(what, found, key.answer, exercise.options):
            outcome = judge(exercise.number, found, key).outcome
            refused[exercise.number] += outcome == "not yet"
            if outcome == "correct":
                survived.append(f"{exercise.number}: {what}")
    print(path.stem, "mutants refused:", refused)
    assert survived == []
    for exercise in exercises.exercises:
        assert exercise.written or refused[exercise.number] >= FEWEST, exercise.number
