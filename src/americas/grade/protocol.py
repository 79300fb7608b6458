"""Makes out, from the lines that a notebook sent, which answer counts for which exercise."""

from dataclasses import dataclass
from typing import Any

from americas.grade.sandbox import Run

_NOTED = {
    "magic": "Lines for Jupyter (%, ! or ?) were left out.",
    "unreadable": "An answer could not be written down.",
}


@dataclass(frozen=True)
class Answer:
    """What came out for one exercise: candidates (name, fingerprint), or why there are none."""

    found: tuple[tuple[str, dict], ...] = ()
    absent: bool = False
    dots: bool = False


def answers(run: Run, numbers: set[str]) -> tuple[dict[str, Answer], list[str]]:
    """The last word on every exercise: a check that found an answer outdoes one that found none."""
    checked: dict[str, Answer] = {}
    traces: dict[str, Answer] = {}
    notes: list[str] = []
    for message in run.messages:
        number = message.get("answer", message.get("absent"))
        if "note" in message:
            told = _NOTED.get(message["note"]) if isinstance(message["note"], str) else None
            if message["note"] == "text" and str(message.get("number")) in numbers:
                told = f"{message['number']}: the answer stood in a text cell; run all the same."
            notes += [told] if told else []
        elif not isinstance(number, str) or number not in numbers:
            continue
        elif "absent" in message:
            traces.setdefault(number, Answer(absent=True, dots=message.get("dots") is True))
        else:
            pairs = message.get("found")
            found = Answer(tuple(_pairs(pairs)))
            (traces if message.get("how") == "trace" else checked)[number] = found
    return traces | checked, notes


def _pairs(pairs: Any) -> list[tuple[str, dict]]:
    if not isinstance(pairs, list):
        return []
    return [
        (pair[0] if isinstance(pair[0], str) and pair[0].isidentifier() else "", pair[1])
        for pair in pairs[:2]
        if isinstance(pair, list) and len(pair) == 2
    ]
