"""From what came out of a notebook to a result: each answer held against its key."""

from typing import Any

from americas.checks.compare import Feedback
from americas.checks.key import Key, Verdict, judge
from americas.checks.messages import feedback
from americas.grade.assignment import Assignment, Exercise
from americas.grade.locate_answers import Plan
from americas.grade.output import Run
from americas.grade.protocol import Answer, answers
from americas.grade.results import (
    CORRECT,
    NOT_ATTEMPTED,
    NOT_GRADED,
    NOT_REACHED,
    NOT_YET,
    TO_MARK,
    Note,
    Record,
    Result,
    note,
)
from americas.grade.students import seen
from americas.grade.validate import sound

# Of a reason: what a student's own error says may be of any length.
_MOST_LETTERS = 700

_WHY = {
    "died": "Python was ended by a cell of {where}, so what stands below it never ran.",
    "too long": "A cell of {where} ran on and on until the time was used up.",
    "too much": "A cell of {where} gave out so much that the notebook was stopped.",
}


def result(assignment: Assignment, what: Plan, run: Run) -> Result:
    """Return the result of a notebook that was run."""
    heard, notes = answers(run, {ex.number for ex in assignment.exercises})
    last = max(run.seconds, default=-1)
    step = what.steps[last] if 0 <= last < len(what.steps) else {}
    where = step.get("number") or step.get("close") or "the beginning"
    why = _WHY.get(run.end, "").format(where=where)
    verdicts: dict[str, Verdict] = {}
    records = []
    for exercise in assignment.exercises:
        if exercise.written:
            records.append(_written(exercise, what))
            continue
        answer = heard.get(exercise.number)
        found = _verdict(exercise, answer, what, why, notes)
        found = _after_its_needs(found, exercise, verdicts)
        verdicts[exercise.number] = found
        if exercise.number in what.claimed and found.outcome not in (CORRECT, NOT_GRADED):
            told = (
                "where the student ran it, the check said Correct; run from top to bottom it does "
                "not. Cells were probably run in another order."
            )
            notes.append(note(told, exercise.number))
        records.append(_record(exercise, found, _seconds(exercise.number, what, run)))
    if why:
        notes.insert(0, note(why))
    return {
        "lesson": assignment.name,
        "end": run.end,
        "seconds": round(run.total, 2),
        "notes": _once([*what.notes, *notes]),
        "exercises": records,
        "texts": what.texts,
        "work": what.work,
    }


def _verdict(
    exercise: Exercise, answer: Answer | None, what: Plan, why: str, notes: list[Note]
) -> Verdict:
    number = exercise.number
    if answer is None and why:
        return Verdict(number, NOT_REACHED, Feedback(why))
    if answer is None or (answer.absent and not answer.dots):
        return Verdict(number, NOT_ATTEMPTED, Feedback(f"No cell makes `{exercise.name}`."))
    if answer.dots:
        return judge(number, {"kind": "unanswered"}, Key.decoded(exercise.key))
    verdicts = [(name, _judged(exercise, found)) for name, found in answer.found or [("", None)]]
    for name, found in verdicts:
        if found.outcome == CORRECT and name:
            told = (
                f"the answer is called `{name}` where `{exercise.name}` was asked for; marked all "
                "the same."
            )
            notes.append(note(told, number))
        if found.outcome == CORRECT:
            return found
    if number in what.untouched:
        return Verdict(number, NOT_ATTEMPTED, Feedback("The cell is as it was handed out."))
    return verdicts[0][1]


def _judged(exercise: Exercise, found: Any) -> Verdict:
    if not sound(found):
        return Verdict(exercise.number, NOT_YET, Feedback("Nothing here can be read as an answer."))
    if found["kind"] == "error" and found["type"] == "TooLong":
        return Verdict(
            exercise.number,
            NOT_YET,
            Feedback("The cell ran on and on and was stopped. Is there a loop without an end?"),
        )
    try:
        return judge(exercise.number, found, Key.decoded(exercise.key))
    except Exception as error:  # a fault of ours, whatever the answer
        return Verdict(
            exercise.number,
            NOT_GRADED,
            Feedback(
                f"The answer could not be compared ({type(error).__name__}). That is the program's "
                "fault, not the student's: mark it by hand."
            ),
        )


def _after_its_needs(found: Verdict, exercise: Exercise, verdicts: dict[str, Verdict]) -> Verdict:
    """Return the verdict; for a reason that may be another exercise's fault, name that exercise."""
    if found.outcome != NOT_YET:
        return found
    for need in exercise.needs:
        if need in verdicts and verdicts[need].outcome != CORRECT:
            return Verdict(found.number, NOT_YET, feedback("check.builds_on", need=need))
    return found


def _record(exercise: Exercise, found: Verdict, seconds: float) -> Record:
    return {
        "number": exercise.number,
        "title": exercise.title,
        "outcome": found.outcome,
        "points": exercise.points if found.outcome == CORRECT else 0,
        "possible": exercise.points,
        "written": exercise.written,
        "reason": seen(found.feedback.message, _MOST_LETTERS),
        "where": seen(found.feedback.hint, _MOST_LETTERS),
        "wrong_turn": found.wrong_turn,
        "seconds": round(seconds, 2),
    }


def _written(exercise: Exercise, what: Plan) -> Record:
    there = bool(what.texts.get(exercise.number))
    reason = Feedback("" if there else "There is no text.")
    outcome = TO_MARK if there else NOT_ATTEMPTED
    return _record(exercise, Verdict(exercise.number, outcome, reason), 0.0)


def broken(assignment: Assignment, what: Plan, told: str) -> Result:
    """Return the result of a notebook that could not be run; told: why."""
    reason = Feedback(
        f"The sandbox broke, twice. That is the program's fault, not the student's. {told}"
    )
    records = [
        _written(ex, what) if ex.written else _record(ex, Verdict(ex.number, NOT_GRADED, reason), 0)
        for ex in assignment.exercises
    ]
    return {
        "lesson": assignment.name,
        "end": "broken",
        "seconds": 0,
        "notes": [*what.notes, note(reason.message)],
        "exercises": records,
        "texts": what.texts,
        "work": what.work,
    }


def _once(notes: list[Note]) -> list[Note]:
    """Return the notes without those that say the same again."""
    return list({(one["number"], one["text"]): one for one in notes}.values())


def _seconds(number: str, what: Plan, run: Run) -> float:
    return sum(
        seconds
        for step, seconds in run.seconds.items()
        if 0 <= step < len(what.steps) and what.steps[step].get("number") == number
    )
