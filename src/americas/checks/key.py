"""What the author made of an exercise: its key, and the verdict on an answer held against it."""

import base64
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NotRequired, TypedDict

from americas.checks.compare import CheckOptions, Feedback, compare, matches_wrong_turn
from americas.checks.error_messages import explain
from americas.checks.fingerprint_types import Fingerprint
from americas.checks.messages import feedback, say

# One file a set; beside the code, so that they travel with the package.
KEYS = Path(__file__).parent / "keys"

_LABELS = ("correct", "not yet", "not attempted", "no check")


class WrongTurn(TypedDict):
    """A mistake its author foresaw: what a student is told who made it, and what it gives.

    exact: another slip, or the right answer, rounds to the same, so only the unrounded answer
    tells this one.
    words: the mistake is one of a chart's words.
    """

    sentence: str
    answer: Fingerprint
    exact: NotRequired[bool]
    words: NotRequired[bool]


@dataclass(frozen=True)
class Verdict:
    """How one answer did: `outcome` is correct, not yet, not attempted or no check.

    wrong_turn: the number, from 1, of the author's wrong turn that the answer took; else None.
    """

    number: str
    outcome: str
    feedback: Feedback = field(default_factory=lambda: Feedback(""))
    wrong_turn: int | None = None

    def line(self, *, again: bool = False) -> str:
        """Return the verdict as one line of text; asked again, it goes one step further."""
        words = self.feedback.message
        if again and self.feedback.hint:
            words = f"{words} {self.feedback.hint}"
        outcome = f"{self.outcome.capitalize()}."
        if self.outcome in _LABELS:
            outcome = say(f"outcome.{self.outcome.replace(' ', '_')}")
        return " ".join(part for part in (f"{self.number} ·", outcome, words) if part)


@dataclass(frozen=True)
class Key:
    """What the right answer to an exercise looks like, and the mistakes its author foresaw."""

    answer: Fingerprint
    options: CheckOptions
    wrong_turns: list[WrongTurn]
    needs: list[str]

    def encoded(self) -> str:
        """Return the key as a line of text: not secret, but not read by accident either."""
        options = vars(self.options).items()
        content = {
            "answer": self.answer,
            "options": {k: v for k, v in options if v != getattr(CheckOptions, k)},
            "wrong_turns": self.wrong_turns,
            "needs": self.needs,
        }
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        return base64.b64encode(text.encode()).decode()

    @classmethod
    def decoded(cls, text: str) -> "Key":
        """Return the key that `encoded` wrote."""
        content: dict[str, Any] = json.loads(base64.b64decode(text))
        return cls(**content | {"options": CheckOptions.of(content["options"])})


def judge(number: str, answer: Fingerprint, key: Key) -> Verdict:
    """Return the verdict on an answer's fingerprint."""
    if answer["kind"] == "unanswered":
        return Verdict(number, "not attempted", feedback("check.dots"))
    if answer["kind"] == "error":
        told = Feedback(explain(answer["type"], answer["message"]))
        return Verdict(number, "not yet", told)
    found = compare(answer, key.answer, key.options)
    if found is None and compare(answer, key.answer, key.options.unrounded()) is None:
        return Verdict(number, "correct")
    for position, turn in enumerate(key.wrong_turns, start=1):
        if (found or turn.get("exact")) and took(answer, turn, key.options):
            return Verdict(number, "not yet", Feedback(turn["sentence"]), position)
    return Verdict(number, "not yet", found) if found else Verdict(number, "correct")


def took(answer: Fingerprint, turn: WrongTurn, options: CheckOptions) -> bool:
    """Return whether an answer is just what a wrong turn gives."""
    exact, words = turn.get("exact", False), turn.get("words", False)
    return matches_wrong_turn(answer, turn["answer"], options, exact=exact, words=words)
