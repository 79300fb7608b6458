"""Vega's expressions, such as `datum.year > 2000 && isValid(datum.rate)`, read as Vega reads them.

They are JavaScript's: `null` counts as zero, a field that isn't there as no number at all.
"""

import math
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

Row = Mapping[str, Any]
Node = Callable[[Row], Any]


class NotFollowed(Exception):
    """An expression or a transform is right, but beyond what a check computes."""


class BrokenExpression(Exception):
    """Vega can't read an expression either; its argument is the expression."""


class _Undefined:
    """What a row has where it lacks a field."""


UNDEFINED = _Undefined()

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<name>[^\W\d][\w$]*)"
    r"|(?P<sign>===|!==|==|!=|<=|>=|&&|\|\||[-+*/%<>!&|?:()\[\],.]))"
)
_PATTERN = re.compile(r"\s*/((?:[^/\\]|\\.)+)/([a-z]*)")
_STRENGTHS = {
    "||": 1, "&&": 2, "|": 3, "&": 4, "==": 5, "!=": 5, "===": 5, "!==": 5,
    "<": 6, ">": 6, "<=": 6, ">=": 6, "+": 7, "-": 7, "*": 8, "/": 8, "%": 8,
}  # fmt: skip
_CONSTANTS = {
    "true": True, "false": False, "null": None, "undefined": UNDEFINED, "NaN": math.nan,
    "Infinity": math.inf, "PI": math.pi, "E": math.e,
}  # fmt: skip


def expression(text: str, params: Row) -> Node:
    """Return a function of a row that gives what an expression gives; params: values by name.

    Raise BrokenExpression where Vega can't read it, NotFollowed where only a check can't.
    """
    return _Parser(text, params).whole()


def truthy(value: Any) -> bool:
    """Return whether JavaScript takes a value for true."""
    if isinstance(value, float):
        return value != 0 and not math.isnan(value)
    return value is not UNDEFINED and (isinstance(value, pd.Timestamp | list) or bool(value))


def number(value: Any) -> float:
    """Return a value as a number: null is zero, a moment its milliseconds, most texts none."""
    if value is None:
        return 0.0
    if isinstance(value, pd.Timestamp):
        return float(value.timestamp()) * 1000
    try:
        return float(value or 0)
    except (TypeError, ValueError):
        return math.nan


def moment(value: Any) -> pd.Timestamp | None:
    """Return a moment as Vega reads it: a number counts milliseconds from 1970."""
    try:
        if isinstance(value, int | float):
            return pd.Timestamp(value, unit="ms")
        found = pd.Timestamp(value)
    except (ValueError, TypeError, OverflowError):
        return None
    return None if found is pd.NaT else found.tz_localize(None) if found.tzinfo else found


def iso(value: Any) -> str | None:
    """Return a moment as ISO text, a day where it is one; None for what is no moment."""
    found = moment(value)
    if found is None:
        return None
    return str(found.date().isoformat() if found == found.normalize() else found.isoformat())


def equal(one: Any, other: Any) -> bool:
    """Return whether two values are equal by ==."""
    absent = [value is None or value is UNDEFINED for value in (one, other)]
    if any(absent):
        return all(absent)
    if isinstance(one, str) and isinstance(other, str):
        return one == other
    one, other = _dated(one, other)
    return number(one) == number(other)


def compared(sign: str, one: Any, other: Any) -> bool:
    """Return whether one value is <, <=, > or >= another."""
    one, other = _dated(one, other)
    if not (isinstance(one, str) and isinstance(other, str)):
        one, other = number(one), number(other)
    return bool(_ORDERS[sign](one, other))


_Operation = Callable[[Any, Any], Any]
_ORDERS: dict[str, _Operation] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def _dated(one: Any, other: Any) -> tuple[Any, Any]:
    """Return two values, and where one is a moment, the other as a moment."""
    if isinstance(one, pd.Timestamp) != isinstance(other, pd.Timestamp):
        one, other = (moment(v) if isinstance(v, str) else v for v in (one, other))
    return one, other


def text_of(value: Any) -> str:
    """Return a value as a text, as JavaScript writes it."""
    if value is None or value is UNDEFINED:
        return "undefined" if value is UNDEFINED else "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    return str(value)


def _plus(one: Any, other: Any) -> Any:
    if isinstance(one, str) or isinstance(other, str):
        return text_of(one) + text_of(other)
    return number(one) + number(other)


def _divided(one: Any, other: Any) -> float:
    over, under = number(one), number(other)
    if under:
        return over / under
    return math.nan if not over or math.isnan(over) else math.copysign(math.inf, over)


def _remainder(one: Any, other: Any) -> float:
    return math.fmod(number(one), number(other)) if number(other) else math.nan


def _order(sign: str) -> _Operation:
    return lambda one, other: compared(sign, one, other)


_BINARY: dict[str, _Operation] = {
    "+": _plus, "-": lambda a, b: number(a) - number(b),
    "*": lambda a, b: number(a) * number(b), "/": _divided, "%": _remainder,
    "==": equal, "!=": lambda a, b: not equal(a, b),
    "===": lambda a, b: isinstance(a, str) == isinstance(b, str) and equal(a, b),
    "!==": lambda a, b: isinstance(a, str) != isinstance(b, str) or not equal(a, b),
    "&": lambda a, b: int(number(a)) & int(number(b)),
    "|": lambda a, b: int(number(a)) | int(number(b)),
    **{sign: _order(sign) for sign in _ORDERS},
}  # fmt: skip


class _Parser:
    """A parser by the strength of operators; each step returns a function of a row."""

    def __init__(self, text: str, params: Row) -> None:
        self.text, self.params, self.place = text, params, 0

    def whole(self) -> Node:
        node = self.choice()
        if self.text[self.place :].strip():
            raise BrokenExpression(self.text)
        return node

    def token(self, *signs: str) -> str:
        """Return the next sign and step over it, if it is one of these; else an empty text."""
        found = _TOKEN.match(self.text, self.place)
        sign = found["sign"] if found else None
        if not found or sign is None or sign not in signs:
            return ""
        self.place = found.end()
        return sign

    def expect(self, sign: str) -> None:
        if not self.token(sign):
            raise BrokenExpression(self.text)

    def choice(self) -> Node:
        test = self.binary(1)
        if not self.token("?"):
            return test
        then = self.choice()
        self.expect(":")
        other = self.choice()
        return lambda row: then(row) if truthy(test(row)) else other(row)

    def binary(self, weakest: int) -> Node:
        left = self.unary()
        while sign := self.token(*(s for s, strength in _STRENGTHS.items() if strength >= weakest)):
            left = _joined(sign, left, self.binary(_STRENGTHS[sign] + 1))
        return left

    def unary(self) -> Node:
        sign = self.token("!", "-", "+")
        if not sign:
            return self.parts(self.atom())
        inner = self.unary()
        if sign == "!":
            return lambda row: not truthy(inner(row))
        return lambda row: number(inner(row)) * (-1 if sign == "-" else 1)

    def parts(self, node: Node) -> Node:
        while sign := self.token(".", "["):
            if sign == ".":
                found = _TOKEN.match(self.text, self.place)
                if not found or found["name"] is None:
                    raise BrokenExpression(self.text)
                self.place = found.end()
                node = _part(node, _constant(found["name"]))
            else:
                node = _part(node, self.choice())
                self.expect("]")
        return node

    def atom(self) -> Node:
        pattern = _PATTERN.match(self.text, self.place)
        if pattern:
            self.place = pattern.end()
            flags = re.IGNORECASE if "i" in pattern[2] else 0
            return _constant(re.compile(pattern[1], flags))
        if self.token("("):
            node = self.choice()
            self.expect(")")
            return node
        if self.token("["):
            items = self.listed("]")
            return lambda row: [item(row) for item in items]
        found = _TOKEN.match(self.text, self.place)
        if not found or found["sign"] is not None:
            raise BrokenExpression(self.text)
        self.place = found.end()
        if found["number"] is not None:
            return _constant(float(found["number"]))
        if found["text"] is not None:
            return _constant(re.sub(r"\\(.)", r"\1", found["text"][1:-1]))
        return self.named(found["name"])

    def named(self, name: str) -> Node:
        if self.token("("):
            parts = self.listed(")")
            function = _FUNCTIONS.get(name)
            if name == "if" and len(parts) == 3:
                return lambda row: (parts[1] if truthy(parts[0](row)) else parts[2])(row)
            if function is None:
                raise NotFollowed(name)
            return lambda row: function(*(part(row) for part in parts))
        if name == "datum":
            return lambda row: row
        if name in _CONSTANTS:
            return _constant(_CONSTANTS[name])
        if name in self.params and self.params[name] is not NotFollowed:
            return _constant(self.params[name])
        if name in (*self.params, "width", "height"):
            raise NotFollowed(name)
        raise BrokenExpression(self.text)

    def listed(self, end: str) -> list[Node]:
        items: list[Node] = []
        while not self.token(end):
            if items:
                self.expect(",")
            items.append(self.choice())
        return items


def _constant(value: Any) -> Node:
    return lambda row: value


def _part(node: Node, name: Node) -> Node:
    def part(row: Row) -> Any:
        whole, key = node(row), name(row)
        if isinstance(whole, Mapping):
            return whole.get(text_of(key), UNDEFINED)
        if key == "length" and isinstance(whole, str | list):
            return len(whole)
        raise NotFollowed(text_of(key))

    return part


def _joined(sign: str, left: Node, right: Node) -> Node:
    if sign == "&&":
        return lambda row: right(row) if truthy(value := left(row)) else value
    if sign == "||":
        return lambda row: value if truthy(value := left(row)) else right(row)
    operation = _BINARY[sign]
    return lambda row: operation(left(row), right(row))


def _valid(value: Any) -> bool:
    absent = value is None or value is UNDEFINED
    return not absent and not (isinstance(value, float) and math.isnan(value))


def _of_moment(part: Callable[[pd.Timestamp], int]) -> Callable[[Any], float]:
    def read(value: Any) -> float:
        found = moment(value)
        return math.nan if found is None else float(part(found))

    return read


def _datetime(year: Any, month: Any = 0.0, day: Any = 1.0) -> pd.Timestamp:
    return pd.Timestamp(int(year), int(month) + 1, int(day))


def _within(value: Any, ends: list[Any]) -> bool:
    low, high = sorted(map(number, ends))
    return low <= number(value) <= high


def _index(items: Any, value: Any) -> int:
    if isinstance(items, str):
        return items.find(text_of(value))
    return next((place for place, item in enumerate(items) if equal(item, value)), -1)


def _safe(function: Callable[[float], float]) -> Callable[[Any], float]:
    def compute(value: Any) -> float:
        try:
            return function(number(value))
        except (ValueError, OverflowError):
            return math.nan if number(value) or function is not math.log else -math.inf

    return compute


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "isValid": _valid,
    "isNaN": lambda value: math.isnan(number(value)),
    "isFinite": lambda value: math.isfinite(number(value)),
    "isNumber": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "isString": lambda value: isinstance(value, str),
    "inrange": _within,
    "indexof": _index,
    "toNumber": lambda value: None if value in (None, "") else number(value),
    "toString": lambda value: None if value is None else text_of(value),
    "toDate": moment,
    "year": _of_moment(lambda found: found.year),
    "month": _of_moment(lambda found: found.month - 1),
    "date": _of_moment(lambda found: found.day),
    "time": lambda value: number(moment(value)),
    "datetime": _datetime,
    "abs": _safe(abs),
    "ceil": _safe(math.ceil),
    "exp": _safe(math.exp),
    "floor": _safe(math.floor),
    "log": _safe(math.log),
    "round": _safe(lambda value: math.floor(value + 0.5)),
    "sqrt": _safe(math.sqrt),
    "pow": lambda one, other: number(one) ** number(other),
    "max": lambda *values: max(map(number, values)),
    "min": lambda *values: min(map(number, values)),
    "length": lambda value: len(value),
    "lower": lambda value: text_of(value).lower(),
    "upper": lambda value: text_of(value).upper(),
    "test": lambda pattern, value: bool(re.search(pattern, text_of(value))),
}
