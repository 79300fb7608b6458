"""Numbers, texts, dates and truth values."""

import math
from typing import Any

from americas.checks.compare.options import CheckOptions, Feedback

_FACTORS = {
    1e9: "Your {thing} {is_} in billions where single units are asked for, or the reverse.",
    1e6: "Your {thing} {is_} off by a factor of a million. Look at the unit the question names.",
    1e3: "Your {thing} {is_} off by a factor of a thousand. Look at the unit the question names.",
    100: "Your {thing} {is_} off by a factor of a hundred. A share runs from 0 to 1, a percentage "
    "from 0 to 100.",
    1e5: "Your {thing} {is_} off by a factor of 100,000. A rate counts cases per 100,000 people.",
    1e4: "Your {thing} {is_} off by a factor of ten thousand. Look at the unit and at 'per how "
    "many people'.",
    10: "Your {thing} {is_} off by a factor of ten. Count the zeros.",
    2: "Your {thing} {is_} off by a factor of two. Is something counted twice, or only once?",
}


def same(answer: Any, key: Any, asked: CheckOptions) -> bool:
    """Are two cells equal, as the exercise asks?"""
    if isinstance(key, bool) or isinstance(answer, bool):
        return answer == key
    if _is_number(answer) and _is_number(key):
        slack = asked.tolerance * max(abs(answer), abs(key))
        if asked.decimals is not None:
            slack = max(slack, 0.5 * 10.0**-asked.decimals * (1 + 1e-9))
        return abs(answer - key) <= slack
    if isinstance(answer, str) and isinstance(key, str) and not asked.exact_text:
        return " ".join(answer.split()).casefold() == " ".join(key.split()).casefold()
    return answer == key


def number_reason(
    answers: list, keys: list, asked: CheckOptions, thing: str = "number"
) -> Feedback | None:
    """What is systematically wrong with numbers that should be other numbers, if anything."""
    pairs = [(a, k) for a, k in zip(answers, keys, strict=True) if _is_number(a) and _is_number(k)]
    ratios = [a / k for a, k in pairs if k and a]
    if not ratios or len(ratios) < len([k for _, k in pairs if k]):
        return None
    words = {"thing": thing, "is_": "is" if thing == "number" or len(keys) == 1 else "are"}
    slack = 0.0 if asked.decimals is None else 10.0**-asked.decimals

    def times(factor: float) -> bool:
        return all(math.isclose(a / factor, k, rel_tol=0.005, abs_tol=slack) for a, k in pairs)

    for factor, sentence in _FACTORS.items():
        if times(factor) or times(1 / factor):
            return Feedback(sentence.format(**words))
    if times(-1):
        return Feedback(
            f"Your {thing} {words['is_']} right but for the sign. "
            "Which of the two is taken from the other?"
        )
    if all(abs(ratio - 1) < 0.01 for ratio in ratios) and not years(keys):
        return Feedback(
            f"Your {thing} {words['is_']} within one percent. Rounded too early, "
            "or a row too many or too few?"
        )
    return None


def years(values: list) -> bool:
    """Are these years? Neighbours are within one percent, and yet quite different years."""
    return all(isinstance(v, int) and 1000 < v < 3000 for v in values)


def scalar_reason(answer: dict[str, Any], key: dict[str, Any], asked: CheckOptions) -> Feedback:
    """Why one number, text, date or truth value is not the other."""
    if key["kind"] == "number":
        found = number_reason([answer["value"]], [key["value"]], asked)
        if found:
            return found
        if answer["value"] in ("nan", "inf", "-inf"):
            return Feedback(
                "Your number is not a number (NaN or infinite). "
                "Something missing, or a division by zero, went into it."
            )
        size = "larger" if _larger(answer["value"], key["value"]) else "smaller"
        return Feedback(
            "Your number differs from what the question asks for. "
            "Go through it word by word: which rows, which column, which sum?",
            f"Yours is {size} than it should be.",
        )
    if key["kind"] == "boolean":
        return Feedback("It is the other way round. Look again at the evidence before you answer.")
    if key["kind"] == "date":
        return Feedback("That is another date than the one asked for.")
    return Feedback("That is another text than the one asked for. Check the spelling, too.")


def _larger(answer: Any, key: Any) -> bool:
    return _is_number(answer) and _is_number(key) and answer > key


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
