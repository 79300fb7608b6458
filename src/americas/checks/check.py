"""`check`: tells a student how an answer does. It never raises and never shows the answer."""

import base64
import html
import json
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from americas.checks import ipython_hooks
from americas.checks.compare import CheckOptions, Feedback, compare, matches_wrong_turn
from americas.checks.error_messages import explain
from americas.checks.fingerprint import Fingerprint, failure, fingerprint

KEYS = Path(__file__).parent / "keys"

_SIGNS = {"correct": "✓", "not yet": "→", "not attempted": "○", "no check": "○"}
_EDGES = {"correct": "#007F5F", "not yet": "#C7600A", "not attempted": "#5C5C66"}


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
        """The verdict as one line of text; asked again, it goes one step further."""
        words = self.feedback.message
        if again and self.feedback.hint:
            words = f"{words} {self.feedback.hint}"
        outcome = f"{self.outcome.capitalize()}."
        return " ".join(part for part in (f"{self.number} ·", outcome, words) if part)


@dataclass(frozen=True)
class Key:
    """What the right answer to an exercise looks like, and the mistakes its author foresaw."""

    answer: Fingerprint
    options: CheckOptions
    wrong_turns: list[dict[str, Any]]
    needs: list[str]

    def encoded(self) -> str:
        """The key as a line of text: not secret, but not read by accident either."""
        content = {
            "answer": self.answer,
            "options": {
                k: v for k, v in vars(self.options).items() if v != getattr(CheckOptions, k)
            },
            "wrong_turns": self.wrong_turns,
            "needs": self.needs,
        }
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        return base64.b64encode(text.encode()).decode()

    @classmethod
    def decoded(cls, text: str) -> "Key":
        """The key that `encoded` wrote."""
        content = json.loads(base64.b64decode(text))
        return cls(**content | {"options": CheckOptions.of(content["options"])})


@cache
def _keys(lesson: str) -> dict[str, str]:
    """The encoded keys of one lesson's exercises; empty where it has none."""
    files = sorted(KEYS.glob(f"{lesson.zfill(2)}-*.json")) if lesson.isdecimal() else []
    return json.loads(files[0].read_text(encoding="utf-8"))["exercises"] if files else {}


def judge(number: str, answer: Fingerprint, key: Key) -> Verdict:
    """The verdict on an answer's fingerprint."""
    if answer["kind"] == "unanswered":
        return Verdict(
            number,
            "not attempted",
            Feedback(
                "Put your answer in the place of the three dots, run that cell, then this one."
            ),
        )
    if answer["kind"] == "error":
        return Verdict(number, "not yet", Feedback(explain(answer["type"], answer["message"])))
    reason = compare(answer, key.answer, key.options)
    if reason is None:
        return Verdict(number, "correct")
    for turn, wrong in enumerate(key.wrong_turns, start=1):
        if matches_wrong_turn(answer, wrong["answer"], key.options):
            return Verdict(number, "not yet", Feedback(wrong["sentence"]), turn)
    return Verdict(number, "not yet", reason)


def verdict(number: Any, answer: Any) -> Verdict:
    """The verdict on an answer as it is in Python; never raises."""
    number = str(number).strip()
    keys = _keys(number.partition(".")[0])
    if number not in keys:
        return _unknown(number, keys)
    if isinstance(answer, ipython_hooks.FailedAnswer) and type(answer.error) is NameError:
        return Verdict(
            number,
            "not attempted",
            Feedback(
                f"The name `{answer.error.name}` doesn't exist yet. "
                "Run the cell above that makes it, then this one."
            ),
        )
    failed = isinstance(answer, ipython_hooks.FailedAnswer)
    found = failure(answer.error) if failed else fingerprint(answer)
    return judge(number, found, Key.decoded(keys[number]))


def _unknown(number: str, keys: dict[str, str]) -> Verdict:
    if not keys:
        have = sorted({path.name[:2] for path in KEYS.glob("[0-9][0-9]-*.json")})
        reason = f"There are exercises for lessons {', '.join(have)}, but none of this number."
    else:
        near = get_close_matches(number, keys, n=2) or list(keys)
        reason = f"There is no exercise of this number. Did you mean {' or '.join(near)}?"
    return Verdict(number, "no check", Feedback(reason))


# What each exercise was last told in this notebook.
_told: dict[str, str] = {}


def _after_its_needs(found: Verdict) -> Verdict:
    """Before a reason that may be another exercise's fault, name that exercise."""
    keys = _keys(found.number.partition(".")[0])
    for need in Key.decoded(keys[found.number]).needs:
        if _told.get(need) != Verdict(need, "correct").line():
            return Verdict(
                found.number,
                "not yet",
                Feedback(
                    f"This exercise builds on {need}, which is not solved yet. Solve {need} first."
                ),
            )
    return found


def check(number: str, answer: Any = ...) -> None:
    """Tell how an answer does: correct, not yet and why, or not attempted.

    number: the exercise's, such as "4.2". answer: what you computed.
    Asked again about the same mistake, it goes one step further.
    """
    try:
        found = verdict(number, answer)
        if found.outcome == "not yet":
            found = _after_its_needs(found)
        line = found.line(again=_told.get(found.number) == found.line())
        _told[found.number] = found.line()
    except Exception as error:  # a fault of ours is never the student's
        found = Verdict(
            str(number),
            "no check",
            Feedback(
                f"This answer could not be checked ({type(error).__name__}). That is not your fault: "
                "tell your teacher."
            ),
        )
        line = found.line()
    ipython_hooks.show(line, panel(line, found.outcome))


def panel(line: str, outcome: str) -> str:
    """A verdict as HTML: one sentence for a screen reader, a sign as well as a colour."""
    edge = _EDGES.get(outcome, _EDGES["not attempted"])
    return (
        f'<div style="border-left:6px solid {edge};padding:6px 12px;margin:4px 0">'
        f'<span aria-hidden="true">{_SIGNS[outcome]} </span>{html.escape(line)}</div>'
    )


ipython_hooks.prepare()
