"""The obvious slips of an exercise: its solution with one thing altered that students get wrong.

A window a year off, the other comparison sign, a condition left out, a mean for a sum, a factor
left out, the sort the other way, the other of two like columns. `keys` runs them all and refuses
an exercise that can't tell one of them from the right answer.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

# Columns that students take for one another: where a solution uses the first, the answer that
# the second would give is recognised, and named, in every exercise without its author's help.
_TWINS = (
    ("usd_current", "usd_2020",
     "Your numbers are dollars of 2020. The question asks for dollars of the time."),
    ("usd_2020", "usd_current",
     "Your numbers are dollars of the time. The question asks for dollars of 2020, "
     "which take inflation out."),
    ("rate_per_100k", "homicides",
     "You worked with counts of cases where rates, cases per 100,000 people, are needed."),
    ("homicides", "rate_per_100k",
     "You worked with rates where counts of cases are needed."),
    ("students", "cost_usd",
     "You worked with what the courses cost where places on them are needed."),
)  # fmt: skip
_SUMMARIES = ("mean", "sum", "median")
_OTHER_WAY = {"nlargest": "nsmallest", "nsmallest": "nlargest", "head": "tail", "tail": "head"}
_SIGNS = {"<=": "<", "<": "<=", ">=": ">", ">": ">="}
_OPERATORS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
_FACTORS = (100, 1_000, 100_000, 1_000_000)
_STEPS = ("query", "dropna", "drop_duplicates", "sort_values", "nlargest", "nsmallest", "fillna")
_YEAR = re.compile(r"(?<![\w.])(?:19|20)\d\d(?![\w.])")
_SIGN = re.compile(r"(?<![<>=!])(<=|>=|<|>)(?!=)")


@dataclass(frozen=True)
class Slip:
    """One slip; `what` names it. old, new: the words it takes out and puts in."""

    what: str
    code: str
    old: str
    new: str

    @property
    def sentence(self) -> str:
        """Return what a student is told whose number is this slip's, or nothing where it says little.

        It says what gives the number, never what the student did: another way may give it, too.
        """
        old, new = self.old, self.new
        if _YEAR.fullmatch(old) or (_SIGN.search(old) and "year" in old and new):
            return (
                "This comes out with other years than the question names. Check the first and the "
                "last: <= takes an end in, < leaves it out."
            )
        if old in _SUMMARIES and new in _SUMMARIES:
            return f"This comes out with {new}. Which summary does the question ask for?"
        if new and (old in _OTHER_WAY or old.startswith("ascending=")):
            return "This comes out from the other end. Which end does the question ask for?"
        if _SIGN.search(old) and new:
            return "This comes out if an end is taken in or left out: <= and < differ."
        if re.search(r" (==|!=|<|>|<=|>=|in|not in) ", old) and not new:
            return (
                "This comes out if a condition is left out. Which rows does the question ask for? "
                "Go through it word by word."
            )
        return ""


def twins(code: str) -> list[tuple[str, str]]:
    """Return, for each column that is taken for another, the sentence and the altered code."""
    return [
        (sentence, re.sub(rf"\b{column}\b", twin, code))
        for column, twin, sentence in _TWINS
        if re.search(rf"\b{column}\b", code)
    ]


def slips(code: str, name: str) -> list[Slip]:
    """Return the slips of a solution whose answer is called `name`, each under a name of its own."""
    given, mark, own = code.rpartition("# Your answer\n")
    tree = ast.parse(own)
    found: list[Slip] = []
    for node in ast.walk(tree):
        for field, value, old, new in _altered(node):
            before = getattr(node, field)
            setattr(node, field, value)
            what = f"without {old}" if not new else f"{old} → {new}"
            found.append(Slip(what, given + mark + ast.unparse(tree), old, new))
            setattr(node, field, before)
    for column, twin, _ in _TWINS:
        if re.search(rf"\b{column}\b", own):
            altered = re.sub(rf"\b{column}\b", twin, own)
            found.append(Slip(f"{column} → {twin}", given + mark + altered, column, twin))
    for factor in ("100", "1e6", "1/100"):
        told = f"{name} times {factor}"
        found.append(Slip(told, f"{code}\n{name} = {name} * ({factor})", "", f"* {factor}"))
    return _named_apart(found)


def _named_apart(found: list[Slip]) -> list[Slip]:
    named: dict[str, Slip] = {}
    for slip in found:
        if slip.code in {other.code for other in named.values()}:
            continue
        what, number = slip.what, 2
        while what in named:
            what, number = f"{slip.what} ({number})", number + 1
        named[what] = Slip(what, slip.code, slip.old, slip.new)
    return list(named.values())


def _altered(node: ast.AST) -> Iterator[tuple[str, object, str, str]]:
    """Yield what a node can be altered to: its field, the new value, and the words before and after."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        for value, old, new in _texts(node.value):
            yield "value", value, old, new
    if isinstance(node, ast.Constant) and type(node.value) is int and 1900 <= node.value <= 2100:
        for year in (node.value + 1, node.value - 1):
            yield "value", year, str(node.value), str(year)
    if isinstance(node, ast.Compare):
        for position, operator in enumerate(node.ops):
            sign = _OPERATORS.get(type(operator))
            if sign:
                other = next(o for o, s in _OPERATORS.items() if s == _SIGNS[sign])
                ops = [*node.ops[:position], other(), *node.ops[position + 1 :]]
                yield "ops", ops, sign, _SIGNS[sign]
    if isinstance(node, ast.Attribute) and node.attr in _SUMMARIES:
        for other in _SUMMARIES:
            if other != node.attr:
                yield "attr", other, node.attr, other
    if isinstance(node, ast.Attribute) and node.attr in _OTHER_WAY:
        yield "attr", _OTHER_WAY[node.attr], node.attr, _OTHER_WAY[node.attr]
    if (
        isinstance(node, ast.keyword)
        and node.arg == "ascending"
        and isinstance(node.value, ast.Constant)
    ):
        old, new = node.value.value, not node.value.value
        yield "value", ast.Constant(new), f"ascending={old}", f"ascending={new}"
    yield from _left_out(node)


def _left_out(node: ast.AST) -> Iterator[tuple[str, object, str, str]]:
    for field in ("left", "right", "value", "func", "slice"):
        part = getattr(node, field, None)
        if isinstance(part, ast.BinOp) and isinstance(part.op, ast.BitAnd):
            for kept, lost in ((part.left, part.right), (part.right, part.left)):
                yield field, kept, ast.unparse(lost), ""
        if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Mult | ast.Div):
            sides = ((part.left, part.right), (part.right, part.left))
            for kept, lost in sides[: 1 if isinstance(part.op, ast.Div) else 2]:
                if isinstance(lost, ast.Constant) and lost.value in _FACTORS:
                    sign = "*" if isinstance(part.op, ast.Mult) else "/"
                    yield field, kept, f"{sign} {ast.unparse(lost)}", ""
        if (
            isinstance(part, ast.Call)
            and isinstance(part.func, ast.Attribute)
            and part.func.attr in _STEPS
        ):
            yield field, part.func.value, f".{part.func.attr}(…)", ""


def _texts(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield the slips inside a text: a filter's conditions and years, a chart's summary and sort."""
    for match in _YEAR.finditer(text):
        year = int(match[0])
        for other in (year + 1, year - 1):
            yield text[: match.start()] + str(other) + text[match.end() :], match[0], str(other)
    if re.search(r"[\w)'] (==|!=|<|>|<=|>=|in|not in) ", text):
        for match in _SIGN.finditer(text):
            other = _SIGNS[match[0]]
            old, new = (text[max(0, match.start() - 12) : match.start()] + sign + text[
                match.end() : match.end() + 12] for sign in (match[0], other))  # fmt: skip
            yield text[: match.start()] + other + text[match.end() :], old.strip(), new.strip()
        parts = text.split(" and ")
        for position, part in enumerate(parts):
            if len(parts) > 1:
                yield " and ".join(parts[:position] + parts[position + 1 :]), part, ""
    summary = re.fullmatch(r"(mean|sum|median)(\(.*)?", text)
    if summary:
        for other in _SUMMARIES:
            if other != summary[1]:
                yield other + (summary[2] or ""), summary[1], other
    if re.fullmatch(r"-[xy]", text):
        yield text[1:], text, text[1:]
