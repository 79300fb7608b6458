"""Numbers, texts, dates and truth values."""

import math
from collections.abc import Sequence
from typing import TypeGuard

from americas.checks.compare.options import CheckOptions
from americas.checks.fingerprint_types import Cell, Value
from americas.checks.messages import Feedback, feedback, say

# Units first, since they are told even of an answer that was rounded on the way.
_UNITS = (10**9, 10**6, 10**3, 100, 10**5, 10**4)
_OTHERS = (10, 2)
# How far a number in another unit may be off: by what was rounded away on the way to it.
_UNIT_SLACK, _UNROUNDED_SLACK = 0.005, 1e-4
# What two ways to compute one number may differ by, and no more.
_CLOSE = 1e-6


def same(answer: Cell, key: Cell, options: CheckOptions) -> bool:
    """Return whether two values are equal, as the exercise asks."""
    if isinstance(key, bool) or isinstance(answer, bool):
        return answer is key
    if is_number(answer) and is_number(key):
        if close(answer, key):
            return True
        digits = options.decimals
        return digits is not None and bool(rounded(answer, digits) & rounded(key, digits))
    if isinstance(answer, str) and isinstance(key, str):
        return plain(answer) == plain(key)
    return answer == key


def same_mistake(answer: Cell, wrong: Cell, options: CheckOptions) -> bool:
    """Return whether a value is the one that a mistake gives: unrounded, or rounded as asked.

    Stricter than `same`, so that nobody is accused of a mistake that gives nearly the same.
    """
    if not (is_number(answer) and is_number(wrong)) or isinstance(answer, bool):
        return same(answer, wrong, options)
    if close(answer, wrong):
        return True
    if options.decimals is None:
        return False
    digits = max(options.decimals, digits_of(answer))
    return any(close(answer, whole / 10.0**digits) for whole in rounded(wrong, digits))


def close(answer: Cell, key: Cell) -> bool:
    """Return whether two numbers are the same but for the way in which they were computed."""
    if isinstance(answer, int) and isinstance(key, int):
        return answer == key
    if not (is_number(answer) and is_number(key)):
        return False
    return math.isclose(answer, key, rel_tol=_CLOSE, abs_tol=1e-12)


def rounded(value: float, digits: int) -> set[int]:
    """Return a number rounded, in units of its last digit; both neighbours of an exact half."""
    scaled = value * 10.0**digits
    if not math.isfinite(scaled):
        return set()
    below = math.floor(scaled)
    if abs(scaled - below - 0.5) <= 1e-9 * max(1.0, abs(scaled)):
        return {below, below + 1}
    return {round(scaled)}


def digits_of(value: Cell) -> int:
    """Return the number of digits after the point with which a number is written."""
    text = f"{value:.12g}" if isinstance(value, float) else ""
    return len(text.partition(".")[2]) if "e" not in text else 12


def number_fault(
    answers: Sequence[Cell], keys: Sequence[Cell], options: CheckOptions, subject: str
) -> Feedback | None:
    """Return what is systematically wrong with numbers that should be other numbers, if anything.

    subject: how the sentence begins, such as "Your number is".
    """
    both = [(a, k) for a, k in zip(answers, keys, strict=True) if a is not None or k is not None]
    pairs = [(a, k) for a, k in both if is_number(a) and is_number(k)]
    ratios = [a / k for a, k in pairs if k and a]
    if not ratios or len(pairs) < len(both):
        return None
    if len(ratios) < len([k for _, k in pairs if k]):
        # What is small may have been rounded to nothing.
        few = not years(keys) and _too_few_digits(pairs, options)
        return feedback("number.rounded", subject=subject) if few else None

    def times(factor: float, slack: float) -> bool:
        return all(
            math.isclose(a / factor, k, rel_tol=slack) or same(a / factor, k, exact)
            for a, k in pairs
        )

    exact = CheckOptions()
    # A count or a rank has no unit, and twice a small whole number says nothing.
    whole = all(isinstance(k, int) or float(k).is_integer() for _, k in pairs)
    small = whole and all(abs(k) < 1000 for _, k in pairs)
    few_digits = all(float(f"{a:.5g}") == a for a, _ in pairs)
    unit_slack = _UNIT_SLACK if few_digits else _UNROUNDED_SLACK
    factors = [(f, unit_slack) for f in _UNITS] + ([] if small else [(f, _CLOSE) for f in _OTHERS])
    for factor, slack in factors:
        if times(factor, slack) or times(1 / factor, slack):
            return feedback(f"number.factor_{factor}", subject=subject)
    if all(same(-a, k, options) for a, k in pairs):
        return feedback("number.sign", subject=subject)
    if years(keys):
        return None
    if not whole and _too_few_digits(pairs, options):
        return feedback("number.rounded", subject=subject)
    if all(abs(ratio - 1) < 0.01 for ratio in ratios):
        if small or (whole and all(abs(k) < 100_000 for _, k in pairs)):
            return feedback("number.close_count") if len(pairs) == 1 else None
        return feedback("number.close", subject=subject)
    return None


def _too_few_digits(pairs: list[tuple[float, float]], options: CheckOptions) -> bool:
    digits = max(digits_of(answer) for answer, _ in pairs)
    wanted = options.decimals
    if digits > 6 or (wanted is not None and digits >= wanted):
        return False
    return all(round(a * 10**digits) in rounded(k, digits) for a, k in pairs)


def years(values: Sequence[Cell]) -> bool:
    """Return whether these are years, whose neighbours are quite different years."""
    return all(isinstance(v, int) and 1000 < v < 3000 for v in values)


def scalar_fault(answer: Value, key: Value, options: CheckOptions) -> Feedback:
    """Return why one number, text, date or truth value is not the other."""
    mine, wanted = answer["value"], key["value"]
    if key["kind"] != "number":
        return feedback(f"value.{key['kind']}")
    found = number_fault([mine], [wanted], options, say("number.words.number"))
    if found:
        return found
    if not is_number(mine):
        return feedback("number.not_a_number")
    larger = is_number(wanted) and mine > wanted
    return feedback("number.larger" if larger else "number.smaller")


def is_number(value: object) -> TypeGuard[int | float]:
    """Return whether a cell holds a number; True and False are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def plain(text: object) -> str:
    """Return a text without what no reader tells apart: capitals, and how many spaces."""
    return " ".join(str(text).split()).casefold()
