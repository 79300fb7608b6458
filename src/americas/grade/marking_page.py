"""What the pages of `americas mark` show: one written answer at a time, its writer unnamed."""

import difflib
import json
import re
from dataclasses import dataclass
from typing import Any

from americas.course.rubric import criteria
from americas.grade.assignment import Exercise, Sets
from americas.grade.csv_files import tidy
from americas.grade.pages import render
from americas.grade.results import LOOK_AGAIN, NOT_ATTEMPTED, Work
from americas.grade.standing import AGREED, Written, all_entries, all_written
from americas.grade.store import HandMark, Store, hash_of

# Pairs of words to hold against each other where a text was changed: more would take minutes.
_MOST_PAIRS = 10**6


@dataclass(frozen=True)
class Queue:
    """All answers to one exercise, in an order that tells nothing of their writers."""

    exercise: Exercise
    answers: list[Written]
    work: dict[str, Work]

    @classmethod
    def of(cls, store: Store, sets: Sets, lesson: str, number: str) -> "Queue":
        """Return the queue of an exercise; raise KeyError where there is none."""
        exercise = sets.assignment(lesson).exercise(number)
        if exercise is None or not exercise.written:
            raise KeyError(number)
        found = all_entries(store, lesson)
        answers = [
            one
            for one in all_written(store, found, lesson)
            if one.answer.exercise == number and one.status != NOT_ATTEMPTED
        ]
        work = {entry.student.key: entry.result["work"][number] for entry in found if entry.result}
        return cls(exercise, sorted(answers, key=lambda one: one.answer.code), work)

    def place(self, code: str) -> int:
        """Return where an answer stands; raise KeyError where it is not in the queue."""
        for place, one in enumerate(self.answers):
            if one.answer.code == code:
                return place
        raise KeyError(code)

    def open_after(self, place: int, marker: str) -> str:
        """Return the code of the next answer that this marker has not marked; "" where all are."""
        turned = [*self.answers[place + 1 :], *self.answers[: place + 1]]
        return next((one.answer.code for one in turned if not done(one, marker)), "")


def done(one: Written, marker: str) -> bool:
    """Return whether a marker has marked an answer as its text is now, or two have agreed."""
    now = hash_of(one.text)
    return any(mark.marker in (marker, AGREED) and mark.hash == now for mark in one.marks)


def overview(store: Store, sets: Sets, marker: str) -> str:
    """Return the first page: every written exercise, and how far its marking is."""
    found = all_entries(store)
    groups: dict[tuple[str, str], list[Written]] = {}
    for one in all_written(store, found):
        if one.status != NOT_ATTEMPTED:
            groups.setdefault((one.answer.lesson, one.answer.exercise), []).append(one)
    lines = []
    for (lesson, number), group in sorted(groups.items()):
        exercise = sets.assignment(lesson).exercise(number)
        lines.append({
            "lesson": lesson, "number": number, "title": exercise.title if exercise else "",
            "count": len(group), "done": sum(done(one, marker) for one in group),
            "again": sum(one.status == LOOK_AGAIN for one in group),
            "differ": sum(differ(one) for one in group),
        })  # fmt: skip
    lessons = sorted({entry.lesson for entry in found if entry.result})
    return render("mark_overview", title="Mark written answers", lines=lines, marker=marker,
                  lessons=lessons)  # fmt: skip


def differ(one: Written) -> bool:
    """Return whether two markers gave different points and have not agreed yet."""
    points = {mark.points for mark in one.marks}
    return len(points) > 1 and all(mark.marker != AGREED for mark in one.marks)


def answer_page(store: Store, queue: Queue, code: str, marker: str) -> str:
    """Return the page of one answer, its writer's name hidden."""
    place = queue.place(code)
    one = queue.answers[place]
    mine = next((mark for mark in one.marks if mark.marker == marker), None)
    old = one.counting if one.status == LOOK_AGAIN else None
    work = queue.work[one.student.key]
    codes = [other.answer.code for other in queue.answers]
    return render(
        "mark_answer",
        title=f"{queue.exercise.number} · {queue.exercise.title}: answer {place + 1}",
        exercise=queue.exercise,
        one=one,
        place=place,
        count=len(codes),
        done=sum(done(other, marker) for other in queue.answers),
        before=codes[place - 1] if place else "",
        after=codes[place + 1] if place + 1 < len(codes) else "",
        open_next=queue.open_after(place, marker),
        rows=criteria(queue.exercise.rubric),
        mine=mine,
        # Another's mark is shown once one has given one's own.
        others=[mark for mark in one.marks if mark.marker != marker] if mine else [],
        hidden=sum(mark.marker != marker for mark in one.marks) if not mine else 0,
        difference=_difference(one.marks),
        changed=changes(store.text(old.hash), one.text) if old else [],
        remarks=store.remarks(one.answer.lesson, one.answer.exercise),
        code=work["code"],
        charts=[_chart(chart) for chart in work["charts"]],
        marker=marker,
    )


def _difference(marks: tuple[HandMark, ...]) -> dict[str, Any] | None:
    agreed = next((mark for mark in marks if mark.marker == AGREED), None)
    given = [mark.points for mark in marks if mark.marker != AGREED and mark.points is not None]
    if len(given) < 2 or (min(given) == max(given) and not agreed):
        return None
    between = sorted({min(given), sum(given) / len(given), max(given)})
    return {
        "points": tidy(max(given) - min(given)), "choices": [tidy(one) for one in between],
        "agreed": tidy(agreed.points) if agreed and agreed.points is not None else "",
    }  # fmt: skip


def changes(old: str, new: str) -> list[tuple[str, str]]:
    """Return a text in pieces: (same, del or ins; words), from the old one to the new."""
    one, two = re.findall(r"\S+\s*", old), re.findall(r"\S+\s*", new)
    if len(one) * len(two) > _MOST_PAIRS:
        return [("del", old), ("ins", new)]
    pieces: list[tuple[str, str]] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, one, two, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(("same", "".join(two[c:d])))
            continue
        pieces += [(name, words) for name, words in
                   (("del", "".join(one[a:b])), ("ins", "".join(two[c:d]))) if words]  # fmt: skip
    return pieces


def _chart(chart: dict[str, Any]) -> dict[str, str]:
    """Return a student's stored chart, so that it can't ask any address for anything."""
    if "png" in chart:
        return {"png": str(chart["png"]), "spec": "", "told": "A picture that the student stored."}
    told = chart.get("description")
    # Inside a page a script ends where its closing tag stands, also in a string.
    spec = json.dumps(_without_addresses(chart)).replace("<", "\\u003c")
    told = told if isinstance(told, str) and told else "The student's chart; it has no description."
    return {"png": "", "spec": spec, "told": told[:600]}


def _without_addresses(part: Any) -> Any:
    if isinstance(part, dict):
        return {
            name: _without_addresses(inner)
            for name, inner in part.items()
            if name not in ("url", "href", "usermeta", "$schema")
        }
    return [_without_addresses(inner) for inner in part] if isinstance(part, list) else part


def names_page(store: Store, sets: Sets, lesson: str, number: str, marker: str) -> str:
    """Return the page on which the names stand, for the end of the marking."""
    queue = Queue.of(store, sets, lesson, number)
    answers = sorted(queue.answers, key=lambda one: one.student.label.casefold())
    left = sum(not done(one, marker) for one in answers)
    return render(
        "mark_names", title=f"{number} · {queue.exercise.title}: names and marks",
        exercise=queue.exercise, lesson=lesson, answers=answers, left=left,
    )  # fmt: skip
