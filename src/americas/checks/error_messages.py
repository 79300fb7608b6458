"""What Python's errors mean, in plain words."""

import builtins
import re
from collections.abc import Callable
from difflib import get_close_matches


def explain(name: str, message: str) -> str:
    """One or two sentences for an error, from the name of its type and its message."""
    if "ellipsis" in message.casefold():
        return (
            "A step before this one still has its three dots. "
            "Solve the exercise that it builds on first."
        )
    told = _WORDS.get(name)
    if told is None:
        return f"Python stopped with {name}: {_short(message)}"
    return told(message) if callable(told) else told


def _syntax(message: str) -> str:
    if "keyword" in message:
        return (
            "A filter speaks of a column that bears a word of Python's own, such as class. "
            "Put it between backticks: query(\"`class` == 'military'\")."
        )
    return (
        "Python can't read this line. Often a bracket, a quotation mark or a comma is missing, "
        "here or in the line above."
    )


def _name(message: str) -> str:
    name = _quoted(message)
    near = get_close_matches(name, dir(builtins), n=1, cutoff=0.8)
    hint = f" Did you mean `{near[0]}`?" if near else ""
    return (
        f"Python doesn't know the name `{name}` yet. Run the cell that makes it, "
        f"or check its spelling.{hint}"
    )


def _key(message: str) -> str:
    return (
        f"There is no column or label `{message.strip(chr(39))}`. "
        "Look at the table's column names: capitals and spaces count."
    )


def _attribute(message: str) -> str:
    found = re.search(r"'(\w+)' object has no attribute '(\w+)'", message)
    if not found:
        return f"Something was asked of a thing that doesn't have it: {_short(message)}"
    thing, attribute = found.groups()
    if thing == "NoneType":
        return (
            f"`.{attribute}` was asked of nothing (None). The step before gave no result to go "
            "on with."
        )
    return f"A {thing} has no `.{attribute}`. Check the spelling, and what the step before gives."


def _type(message: str) -> str:
    if "not callable" in message:
        return "Round brackets follow something that can't be called. Were square ones meant?"
    if "unsupported operand" in message or "can only concatenate" in message:
        return f"Two things of different kinds can't be combined like that: {_short(message)}"
    return f"A thing of the wrong kind was given: {_short(message)}"


def _quoted(message: str) -> str:
    found = re.search(r"'([^']*)'", message)
    return found.group(1) if found else message


def _short(message: str) -> str:
    first = message.strip().split("\n")[0][:160]
    return first if first.endswith((".", "!", "?")) else first + "."


_WORDS: dict[str, str | Callable[[str], str]] = {
    "NameError": _name,
    "UnboundLocalError": _name,
    "KeyError": _key,
    "UndefinedVariableError": lambda message: (
        f"The filter speaks of `{_quoted(message)}`, which is no column of this table. "
        "A text inside a filter needs quotation marks of its own."
    ),
    "AttributeError": _attribute,
    "TypeError": _type,
    "SyntaxError": _syntax,
    # What a missing closing bracket is called in a notebook from Python 3.13 on.
    "_IncompleteInputError": _syntax,
    "IndentationError": (
        "A line starts too far right or left. Lines of one step begin in one place."
    ),
    "ZeroDivisionError": "Something is divided by zero.",
    "FileNotFoundError": "There is no file of that name in that place.",
    "ModuleNotFoundError": lambda message: (
        f"The package `{_quoted(message)}` is not installed here. Check its spelling."
    ),
    "MaxRowsError": (
        "The chart holds more than 5,000 rows. Filter or sum up the table before drawing it."
    ),
    "SchemaValidationError": (
        "Altair doesn't know one of the words in this chart. Check the spelling of the options."
    ),
    "TokenError": "A bracket or a quotation mark inside the filter has no partner.",
    "MemoryError": "The computer's memory is full. Filter or sum up before you go on.",
    "_ArrayMemoryError": "The computer's memory is full. Filter or sum up before you go on.",
    "RecursionError": "A step calls itself without end.",
}
