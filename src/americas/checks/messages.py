"""Every sentence of a check, looked up in messages.toml by its key."""

import string
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

CATALOGUE = Path(__file__).with_name("messages.toml")


@dataclass(frozen=True)
class Feedback:
    """What a student is told; `hint` is added when the same check is asked again."""

    message: str
    hint: str = ""


def say(key: str, /, **fields: Any) -> str:
    """Return the sentence of a key such as "table.empty", its fields filled in."""
    return feedback(key, **fields).message


def feedback(key: str, /, **fields: Any) -> Feedback:
    """Return the sentence of a key with its hint, where it has one.

    Raise KeyError for a key that messages.toml lacks, or a field that is not given.
    """
    entry: Any = _catalogue()
    for part in key.split("."):
        entry = entry[part]
    message, hint = entry if isinstance(entry, list) else (entry, "")
    return Feedback(_FORMATTER.format(message, **fields), _FORMATTER.format(hint, **fields))


@cache
def _catalogue() -> dict[str, Any]:
    return tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))


class _Formatter(string.Formatter):
    """Python's own format, and {rows:row/rows}: one word for 1 and another for more."""

    def format_field(self, value: Any, format_spec: str) -> str:
        one, slash, more = format_spec.partition("/")
        if slash:
            return one if value == 1 else more
        return str(super().format_field(value, format_spec))


_FORMATTER = _Formatter()
