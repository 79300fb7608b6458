"""`check`: tells a student how an answer does. It never raises and never shows the answer."""

import html
import json
from difflib import get_close_matches
from functools import cache
from typing import Any

from americas.checks import ipython_hooks
from americas.checks.key import KEYS, Key, Verdict, judge
from americas.checks.messages import feedback

_SIGNS = {"correct": "✓", "not yet": "→", "not attempted": "○", "no check": "○"}
_EDGES = {"correct": "#007F5F", "not yet": "#C7600A", "not attempted": "#5C5C66"}


@cache
def _keys(lesson: str) -> dict[str, str]:
    """Return the encoded keys of one lesson's exercises; empty where it has none."""
    files = sorted(KEYS.glob(f"{lesson.zfill(2)}-*.json")) if lesson.isdecimal() else []
    if not files:
        return {}
    keys: dict[str, str] = json.loads(files[0].read_text(encoding="utf-8"))["exercises"]
    return keys


@cache
def _key(number: str) -> Key:
    return Key.decoded(_keys(number.partition(".")[0])[number])


def verdict(number: Any, answer: Any) -> Verdict:
    """Return the verdict on an answer as it is in Python."""
    number = str(number).strip()
    keys = _keys(number.partition(".")[0])
    if number not in keys:
        return _unknown(number, keys)
    from americas.checks.fingerprint import failure, fingerprint  # it brings pandas

    if isinstance(answer, ipython_hooks.FailedAnswer):
        if type(answer.error) is NameError:
            told = feedback("check.no_name", name=answer.error.name)
            return Verdict(number, "not attempted", told)
        return judge(number, failure(answer.error), _key(number))
    return judge(number, fingerprint(answer), _key(number))


def _unknown(number: str, keys: dict[str, str]) -> Verdict:
    if not keys:
        have = sorted({path.name[:2] for path in KEYS.glob("[0-9][0-9]-*.json")})
        return Verdict(number, "no check", feedback("check.no_lesson", lessons=", ".join(have)))
    near = get_close_matches(number, keys, n=2) or list(keys)
    return Verdict(number, "no check", feedback("check.no_exercise", near=" or ".join(near)))


# What each exercise was last told in this notebook.
_told: dict[str, str] = {}


def _after_its_needs(found: Verdict) -> Verdict:
    """Before a reason that may be another exercise's fault, name that exercise."""
    for need in _key(found.number).needs:
        if need not in _told:
            return Verdict(found.number, "not yet", feedback("check.run_first", need=need))
        if _told[need] != Verdict(need, "correct").line():
            return Verdict(found.number, "not yet", feedback("check.builds_on", need=need))
    return found


def check(number: str, answer: Any = ...) -> None:
    """Tell how an answer does: correct, not yet and why, or not attempted.

    number: the exercise's, such as "4.2". answer: what you computed.
    Asked again about the same mistake, it goes one step further.
    """
    ipython_hooks.prepare()
    try:
        found = verdict(number, answer)
        if found.outcome == "not yet":
            found = _after_its_needs(found)
        line = found.line(again=_told.get(found.number) == found.line())
        _told[found.number] = found.line()
    except Exception as error:  # a fault of ours is never the student's
        name = number if isinstance(number, str) else "?"
        told = feedback("check.our_fault", error=type(error).__name__)
        found = Verdict(name, "no check", told)
        line = found.line()
    ipython_hooks.show(line, panel(line, found.outcome))


def panel(line: str, outcome: str) -> str:
    """Return a verdict as HTML: one sentence for a screen reader, a sign as well as a colour."""
    edge = _EDGES.get(outcome, _EDGES["not attempted"])
    return (
        f'<div style="border-left:6px solid {edge};padding:6px 12px;margin:4px 0">'
        f'<span aria-hidden="true">{_SIGNS[outcome]} </span>{html.escape(line)}</div>'
    )


__all__ = ["KEYS", "Key", "Verdict", "check", "judge", "panel", "verdict"]
