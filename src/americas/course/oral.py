"""The questions of an oral check: a markdown cell tagged `oral` at the end of an exercise.

One list item each: `- Which line changes for Peru? → The one with recipient; nothing else.` What
stands right of the arrow says what a good answer has, for the teacher's eyes.
"""

import re
from dataclasses import dataclass

TAG = "oral"
_ITEM = re.compile(r"^[-*] +(.+?)\s*→\s*(.+?)\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Question:
    """A question on a student's own work, and what a good answer says."""

    ask: str
    good: str


def questions(source: str) -> list[Question]:
    """Return the questions of a cell, in order; empty where it has none."""
    joined = re.sub(r"\n +(?=\S)", " ", source)
    return [Question(ask, good) for ask, good in _ITEM.findall(joined)]
