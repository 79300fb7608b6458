"""Makes the key of each exercise from running its solution, its wrong turns and obvious slips."""

from dataclasses import dataclass

from americas.author.isolated import Result, Trial, results
from americas.author.slips import Slip, slips, twins
from americas.author.solution_parser import Exercise, ExerciseSet
from americas.checks.compare import Feedback, compare
from americas.checks.compare.charts import same_picture
from americas.checks.compare.scalars import close
from americas.checks.compare.table_faults import order_fault
from americas.checks.fingerprint_types import Cell, Fingerprint
from americas.checks.key import Key, WrongTurn, judge, took
from americas.checks.messages import say
from americas.errors import CourseError

# A longer table is told by its rows that are too many.
_MOST_ROWS = 40


@dataclass(frozen=True)
class _Attempt:
    """A slip of an exercise, and what it gave."""

    slip: Slip
    result: Result


def make_keys(exercises: ExerciseSet, *, with_slips: bool = True) -> dict[str, Key]:
    """Return the key of every checked exercise, by its number.

    Raise CourseError where a solution or a wrong turn doesn't do what its author says, or where
    an obvious slip is accepted or taken for another mistake and nobody says why that is right.
    """
    checked = [exercise for exercise in exercises.exercises if not exercise.written]
    made = {ex.number: (slips(ex.solution.source, ex.name) if with_slips else []) for ex in checked}
    trials: list[Trial] = []
    for exercise in checked:
        before = _before(exercise, exercises)
        codes = [exercise.solution.source, *(turn.code for turn in exercise.wrong_turns)]
        codes += [code for _, code in twins(exercise.solution.source)]
        codes += [slip.code for slip in made[exercise.number]]
        trials += [Trial(before, code, exercise.name) for code in codes]
    found = iter(results(trials))
    keys, faults = {}, []
    for exercise in checked:
        right = next(found)
        authored = [(turn.sentence, next(found).answer) for turn in exercise.wrong_turns]
        given = [(sentence, next(found).answer) for sentence, _ in twins(exercise.solution.source)]
        tried = [_Attempt(slip, next(found)) for slip in made[exercise.number]]
        try:
            keys[exercise.number] = _key(exercise, exercises.name, right, authored, given, tried)
        except CourseError as error:
            faults.append(str(error))
    if faults:
        raise CourseError("\n".join(faults))
    return keys


def _before(exercise: Exercise, exercises: ExerciseSet) -> list[str]:
    by_number = {other.number: other for other in exercises.exercises}
    before = exercises.opening_code()
    for need in exercise.needs:
        before += [*by_number[need].given_code(), by_number[need].solution.source]
    return before + exercise.given_code()


def _key(
    exercise: Exercise,
    name: str,
    right: Result,
    authored: list[tuple[str, Fingerprint]],
    given: list[tuple[str, Fingerprint]],
    tried: list[_Attempt],
) -> Key:
    where = f"{name}, exercise {exercise.number}"
    answer = right.answer
    if answer["kind"] == "error":
        raise CourseError(
            f"{where}: the solution, run by itself below the opening cells, stops with "
            f"{answer['type']}: {answer['message']}. If it builds on another exercise, say so: "
            'the check cell\'s metadata "americas": {"needs": [...]}.'
        )
    if answer["kind"] in ("unanswered", "big", "other"):
        raise CourseError(f"{where}: the solution's answer can't be compared ({answer}).")
    if len({sentence for sentence, _ in authored}) < len(authored):
        raise CourseError(f"{where}: two wrong turns have one sentence.")
    turns: list[WrongTurn] = []
    given = [(sentence, wrong) for sentence, wrong in given if not _counts(wrong)]
    for sentence, wrong in [*authored, *given]:
        turn = _turn(sentence, wrong, answer)
        fault = _fault(turn, answer, turns, exercise)
        if fault and (sentence, wrong) in authored:
            raise CourseError(f"{where}: the wrong turn “{sentence}” {fault}.")
        if not fault:
            turns.append(turn)
    key = Key(answer, exercise.options, turns, exercise.needs)
    _refuse_slips(exercise, where, right, key, tried)
    turns += _slip_turns(exercise, key, tried)
    return key


def _slip_turns(exercise: Exercise, key: Key, tried: list[_Attempt]) -> list[WrongTurn]:
    """Return as wrong turns the slips whose answer nothing else gives, each with what makes it."""
    kind = key.answer["kind"]
    if kind not in ("number", "table") or _counts(key.answer):
        return []
    found = [(attempt.slip.sentence, attempt.result.answer) for attempt in tried]
    found = [
        (sentence, answer)
        for sentence, answer in found
        if answer["kind"] == kind
        and not _counts(answer)
        and (answer["kind"] != "table" or 0 < answer["rows"] <= _MOST_ROWS)
    ]
    turns: list[WrongTurn] = []
    for sentence, answer in found:
        others = {other for other, given in found if _identical(given, answer)}
        known = any(took(answer, turn, exercise.options) for turn in [*key.wrong_turns, *turns])
        told = compare(answer, key.answer, exercise.options)
        if others == {sentence} and sentence and told and not known and not _says_more(told):
            turns.append({"sentence": sentence, "answer": answer, "exact": True})
    return turns


def _says_more(told: Feedback) -> bool:
    """Return whether a check's own reason helps more than the name of the slip."""
    words = say("number.words.number")
    plain = {say("number.larger"), say("number.close", subject=words)}
    return (told.message not in plain and told.message.startswith(words)) or told == order_fault()


def _turn(sentence: str, wrong: Fingerprint, answer: Fingerprint) -> WrongTurn:
    turn: WrongTurn = {"sentence": sentence, "answer": wrong}
    if wrong["kind"] == answer["kind"] == "chart" and same_picture(wrong, answer):
        turn["words"] = True
    return turn


def _fault(turn: WrongTurn, answer: Fingerprint, turns: list[WrongTurn], exercise: Exercise) -> str:
    wrong = turn["answer"]
    if wrong["kind"] == "error":
        return f"stops with {wrong['type']}: {wrong['message']}"
    if wrong["kind"] == "unanswered":
        return "gives no answer"
    if compare(wrong, answer, exercise.options.unrounded()) is None:
        return "equals the right answer"
    if compare(wrong, answer, exercise.options) is None:
        turn["exact"] = True
    if _counts(answer) and _counts(wrong) and "?" not in turn["sentence"]:
        return (
            f"gives {wrong['value']}, a count that other mistakes may give as well: let its "
            "sentence ask what the student did"
        )
    for other in turns:
        if took(wrong, other, exercise.options):
            return f"gives the same answer as “{other['sentence']}”"
    return ""


def _counts(found: Fingerprint) -> bool:
    """Return whether this is a small whole number, which many mistakes can give."""
    whole = found["kind"] == "number" and _could_coincide(found)
    return whole and abs(float(found["value"] or 0)) < 100


def _refuse_slips(
    exercise: Exercise, where: str, right: Result, key: Key, tried: list[_Attempt]
) -> None:
    """Refuse an exercise in which a slip passes, or is taken for a mistake that it isn't."""
    faults: dict[str, str] = {}
    # Harmless or accepted hangs on a last digit, which machines compute differently.
    idle = set(exercise.same)
    codes = {turn.sentence: turn.code for turn in exercise.wrong_turns}
    for attempt in tried:
        slip, found = attempt.slip, attempt.result.answer
        if found["kind"] in ("error", "unanswered"):
            continue
        if judge(exercise.number, found, key).outcome == "correct":
            if _harmless(attempt.result, right):
                idle.discard(slip.what)
            else:
                faults[slip.what] = "is accepted"
            continue
        for turn in key.wrong_turns:
            if not took(found, turn, key.options):
                # Where only the rounded answers agree, only the unrounded one names the mistake.
                if took(_rounded(found, key.options.decimals), turn, key.options):
                    turn["exact"] = True
            elif not _same_mistake(slip, found, codes.get(turn["sentence"], slip.code)):
                faults[slip.what] = f"gives what the wrong turn “{turn['sentence']}” gives"
    told = [f"“{what}” {fault}" for what, fault in faults.items() if what not in exercise.same]
    if told:
        raise CourseError(
            f"{where} can't tell slips from what it means: {'; '.join(told)}. Ask for one digit "
            "more, or for other years, or choose another wrong turn. Or say in the check cell's "
            'metadata why that is right: "americas": {"same": {"'
            + told[0][1:].partition("”")[0]
            + '": "because …"}}.'
        )
    idle -= set(faults)
    if idle:
        raise CourseError(
            f"{where}: the check cell's metadata excuses {', '.join(map(repr, sorted(idle)))}, which "
            "nothing needs. Take it out."
        )


def _harmless(slip: Result, right: Result) -> bool:
    """Return whether a slip does nothing: the same rows were chosen, or the same fraction came out."""
    if not _identical(slip.answer, right.answer):
        return False
    return not _could_coincide(right.answer) or slip.rows == right.rows


def _could_coincide(answer: Fingerprint) -> bool:
    """Return whether other rows could give this by chance: a whole number, a text, True or False."""
    if answer["kind"] == "number":
        return isinstance(answer["value"], int) or float(answer["value"] or 0).is_integer()
    return answer["kind"] in ("text", "boolean", "date")


def _rounded(found: Fingerprint, digits: int | None) -> Fingerprint:
    """Return the same answer with its fractions rounded as the exercise asks."""

    def cell(value: Cell) -> Cell:
        return round(value, digits) if isinstance(value, float) else value

    if digits is not None and found["kind"] == "number":
        return {"kind": "number", "value": cell(found["value"])}
    if digits is not None and found["kind"] == "table":
        columns = [{**c, "values": list(map(cell, c["values"]))} for c in found["columns"]]
        return {**found, "columns": columns}
    return found


def _identical(one: Fingerprint, other: Fingerprint) -> bool:
    if one["kind"] == other["kind"] == "number":
        return close(one["value"], other["value"])
    if one["kind"] == other["kind"] == "chart":
        return same_picture(one, other)
    return one == other


def _same_mistake(slip: Slip, found: Fingerprint, code: str) -> bool:
    """Return whether a wrong turn is this very slip, written by its author."""
    number = found["kind"] == "number" and isinstance(found["value"], float)
    if not _could_coincide(found) or (number and found["value"] not in (0.0, 1.0)):
        return True
    there = not slip.new or slip.new in code or slip.new == "ascending=True"
    return there and (not slip.old or slip.old not in code)
