"""Makes out, from the lines that a notebook sent, which answer counts for which exercise."""

from dataclasses import dataclass
from typing import Any

from americas.grade.output import Run
from americas.grade.results import Note, note

_NOTED = {
    "magic": "Lines for Jupyter (%, ! or ?) were left out.",
    "unreadable": "An answer could not be written down.",
}


@dataclass(frozen=True)
class Answer:
    """What came out for one exercise: candidates (name, fingerprint), or why there are none."""

    found: tuple[tuple[str, dict[str, Any]], ...] = ()
    absent: bool = False
    dots: bool = False


def answers(run: Run, numbers: set[str]) -> tuple[dict[str, Answer], list[Note]]:
    """Return the last word on every exercise: a check that found an answer outdoes one that found none."""
    checked: dict[str, Answer] = {}
    traces: dict[str, Answer] = {}
    notes: list[Note] = []
    for message in run.messages:
        number = message.get("answer", message.get("absent"))
        if "note" in message:
            kind, about = message["note"], message.get("number")
            if kind == "text" and isinstance(about, str) and about in numbers:
                notes.append(note("the answer stood in a text cell; run all the same.", about))
            elif isinstance(kind, str) and kind in _NOTED:
                notes.append(note(_NOTED[kind]))
        elif not isinstance(number, str) or number not in numbers:
            continue
        elif "absent" in message:
            traces.setdefault(number, Answer(absent=True, dots=message.get("dots") is True))
        else:
            pairs = message.get("found")
            found = Answer(tuple(_pairs(pairs)))
            (traces if message.get("how") == "trace" else checked)[number] = found
    return traces | checked, notes


def _pairs(pairs: Any) -> list[tuple[str, dict[str, Any]]]:
    if not isinstance(pairs, list):
        return []
    return [
        (_name(pair[0]), pair[1]) for pair in pairs[:2] if isinstance(pair, list) and len(pair) == 2
    ]


def _name(name: Any) -> str:
    return name if isinstance(name, str) and len(name) <= 80 and name.isidentifier() else ""
