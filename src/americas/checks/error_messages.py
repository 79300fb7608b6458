"""What Python's errors mean, in plain words."""

import builtins
import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from americas.checks.messages import say

# Names that a notebook's first cell brings, and the line that brings each.
_IMPORTS = {
    "pd": "import pandas as pd",
    "np": "import numpy as np",
    "alt": "import altair as alt",
    "nx": "import networkx as nx",
    "smf": "import statsmodels.formula.api as smf",
} | dict.fromkeys(
    ("about", "check", "colours", "load", "style"),
    "from americas import about, check, colours, load, style",
)
Names = Mapping[str, Any]


def explain(name: str, message: str, names: Names | None = None) -> str:
    """Return one or two sentences for an error, from the name of its type and its message.

    names: what the student's notebook holds, from which the nearest column or name is told.
    """
    if "ellipsis" in message.casefold():
        return say("error.ellipsis")
    told = _KINDS.get(name)
    if told is None:
        return say("error.unknown", name=name, message=_short(message))
    return say(told) if isinstance(told, str) else told(message, names or {})


def _syntax(message: str, names: Names) -> str:
    if "keyword" in message:
        return say("error.keyword")
    if "never closed" in message:
        return say("error.never_closed", bracket=_quoted(message))
    if "incomplete input" in message:
        return say("error.incomplete")
    if "unmatched" in message or "does not match opening" in message:
        return say("error.never_opened", bracket=_quoted(message))
    if "unterminated" in message or "EOL while scanning" in message:
        return say("error.quote")
    if "'=='" in message or "cannot assign to" in message:
        return say("error.equals")
    return say("error.syntax")


def _name(message: str, names: Names) -> str:
    name = _quoted(message)
    if name in _IMPORTS:
        return say("error.name_import", name=name, line=_IMPORTS[name])
    own = [known for known in names if not known.startswith("_")]
    near = get_close_matches(name, [*own, *dir(builtins)], n=1, cutoff=0.8)
    return say("error.name_near" if near else "error.name", name=name, near="".join(near))


def _key(message: str, names: Names) -> str:
    if "not in index" in message or "are in the [" in message:
        keys = ", ".join(f"`{key}`" for key in re.findall(r"'([^']*)'", message)[:5])
        return say("error.keys_missing", keys=keys)
    if re.fullmatch(r"\('.*',.*\)", message):
        return say("error.series_of_lists")
    key = message.strip("'")
    near = _nearest(key, names)
    return say("error.key_near" if near else "error.key", key=key, near=near)


def _undefined(message: str, names: Names) -> str:
    name = _quoted(message)
    near = _nearest(name, names)
    return say("error.filter_name_near" if near else "error.filter_name", name=name, near=near)


def _nearest(wanted: str, names: Names) -> str:
    columns: set[str] = set()
    for value in list(names.values()):
        if type(value).__name__ == "DataFrame":
            columns |= {str(column) for column in _columns(value)}
    by_letters = {column.casefold(): column for column in sorted(columns)}
    near = get_close_matches(wanted.casefold(), by_letters, n=1, cutoff=0.7)
    return by_letters[near[0]] if near else ""


def _columns(table: Any) -> Iterable[Any]:
    try:
        return list(table.columns)
    except Exception:  # a student's object may only look like a table
        return []


def _attribute(message: str, names: Names) -> str:
    found = re.search(r"'(\w+)' object has no attribute '(\w+)'", message)
    if not found:
        return say("error.attribute_other", message=_short(message))
    kind, attribute = found.groups()
    if kind == "NoneType":
        return say("error.attribute_none", name=attribute)
    near = get_close_matches(attribute, _attributes(kind), n=1, cutoff=0.7)
    told = "error.attribute_near" if near else "error.attribute"
    return say(told, type=kind, name=attribute, near="".join(near))


def _attributes(kind: str) -> list[str]:
    """Return the public names of a type that students meet."""
    import pandas as pd

    found = getattr(pd, kind, None) or getattr(builtins, kind, None)
    return [name for name in dir(found) if not name.startswith("_")] if found else []


def _type(message: str, names: Names) -> str:
    if "not callable" in message:
        return say("error.not_callable")
    if "not subscriptable" in message:
        return say("error.not_subscriptable")
    if re.search(r"'r?(and|or)_'|for [&|]:", message):
        return say("error.ambiguous_operator")
    if re.search(r"'(str|int|float)' and '(str|int|float)'|'str' and|and 'str'", message):
        return say("error.text_and_number")
    if "unsupported operand" in message or "can only concatenate" in message:
        return say("error.unlike", message=_short(message))
    return say("error.type", message=_short(message))


def _value(message: str, names: Names) -> str:
    if "cannot assign without a target" in message or "left hand side of an assignment" in message:
        return say("error.filter_equals")
    if "truth value" in message and "ambiguous" in message:
        return say("error.ambiguous")
    if "merge" in message:
        return say("error.merge", message=_short(message))
    return say("error.unknown", name="ValueError", message=_short(message))


def _chart(message: str, names: Names) -> str:
    return say("chart.no_mark" if "'mark' is a required" in message else "error.chart_word")


def _quoted(message: str) -> str:
    found = re.search(r"'([^']*)'", message)
    return found.group(1) if found else message


def _short(message: str) -> str:
    first = message.strip().split("\n")[0]
    if len(first) > 160:
        first = first[:160].rsplit(" ", 1)[0] + " …"
    return first if first.endswith((".", "!", "?", "…")) else first + "."


_KINDS: dict[str, str | Callable[[str, Names], str]] = {
    "NameError": _name,
    "UnboundLocalError": _name,
    "KeyError": _key,
    "UndefinedVariableError": _undefined,
    "AttributeError": _attribute,
    "TypeError": _type,
    "ValueError": _value,
    "MergeError": _value,
    "SyntaxError": _syntax,
    # What a missing closing bracket is called in a notebook from Python 3.13 on.
    "_IncompleteInputError": _syntax,
    "IndentationError": "error.indentation",
    "TabError": "error.indentation",
    "ZeroDivisionError": "error.zero",
    "FileNotFoundError": "error.no_file",
    "ModuleNotFoundError": lambda message, names: say("error.no_module", name=_quoted(message)),
    "MaxRowsError": "error.too_many_rows",
    "SchemaValidationError": _chart,
    "TokenError": "error.filter_bracket",
    "MemoryError": "error.memory",
    "_ArrayMemoryError": "error.memory",
    "RecursionError": "error.recursion",
}
