"""Whatever accident befalls a notebook: no crash, and never a better mark than without it."""

import copy
import json
import os
import types

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from americas.checks.check import Key
from americas.checks.compare import CheckOptions
from americas.checks.fingerprint import fingerprint
from americas.grade.assignment import Assignment, Exercise, plain
from americas.grade.limits import Limits
from americas.grade.locate_answers import plan
from americas.grade.output import Reader
from americas.grade.parse import Unreadable, read
from americas.grade.runner import Session
from americas.grade.verdicts import result

# A set whose right answers can't come about by losing or doubling letters of the wrong ones.
NAMES = {f"4.{n}": f"answer_{n}" for n in range(1, 6)}
GIVEN = {"4.1": "right one", "4.2": "wrong", "4.3": "right three", "4.4": ..., "4.5": "wrong"}
RIGHT = {
    number: f"right {word}"
    for number, word in zip(NAMES, ("one", "two", "three", "four", "five"), strict=True)
}
UNDAMAGED = 2


def book():
    cells = [{"cell_type": "code", "id": "open", "metadata": {}, "source": "import math"}]
    for number, name in NAMES.items():
        value = "..." if GIVEN[number] is ... else repr(GIVEN[number])
        cells += [
            {
                "cell_type": "markdown",
                "id": f"m{number[2:]}",
                "metadata": {},
                "source": [f"## {number} · Title\n", "\n", f"Call it `{name}`."],
            },
            {
                "cell_type": "code",
                "id": f"a{number[2:]}",
                "metadata": {"tags": ["answer"]},
                "source": [f"# my answer to {number}\n", f"{name} = {value}"],
                "outputs": [],
            },
            {
                "cell_type": "code",
                "id": f"c{number[2:]}",
                "metadata": {"tags": ["check"]},
                "source": f'check("{number}", {name})',
                "outputs": [],
            },
        ]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def assignment():
    exercises = tuple(
        Exercise(
            number,
            "Title",
            name,
            Key(fingerprint(RIGHT[number]), CheckOptions(), [], []).encoded(),
            answer_id=f"a{number[2:]}",
        )
        for number, name in NAMES.items()
    )
    released = frozenset(plain(f'check("{n}", {name})') for n, name in NAMES.items())
    return Assignment("04-x", "04", ("import math",), exercises, released, "")


SET = assignment()


def points_of(raw):
    """The mark of a notebook, run here: nothing in it is a stranger's."""
    what = plan(read(raw), SET)
    reading, writing = os.pipe()
    reader = Reader(reading, Limits())
    Session(NAMES, types.ModuleType("__main__"), writing, 20).run(what.steps)
    os.close(writing)
    reader.join()
    found = result(SET, what, reader.result("finished"))
    assert all(record["outcome"] != "not graded" for record in found["exercises"])
    return sum(record["points"] for record in found["exercises"])


def test_the_undamaged_notebook_has_its_mark():
    assert points_of(json.dumps(book()).encode()) == UNDAMAGED


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
pick = st.integers(0, 10**6)


@st.composite
def damaged(draw):
    """The notebook after one to five accidents, as bytes."""
    torn = copy.deepcopy(book())
    for _ in range(draw(st.integers(1, 5))):
        cells = torn["cells"]
        if not isinstance(cells, list) or not cells:
            break
        here, there = draw(pick) % len(cells), draw(pick) % len(cells)
        cell = cells[here]
        kind = draw(st.integers(0, 11))
        if not isinstance(cell, dict) or kind == 0:
            del cells[here]
        elif kind == 1:
            cells.insert(there, copy.deepcopy(cell))
        elif kind == 2:
            cells[here], cells[there] = cells[there], cells[here]
        elif kind == 3:
            cell["cell_type"] = draw(st.sampled_from(["code", "markdown", "raw", "heading", "x"]))
        elif kind == 4:
            cell["id"] = draw(st.sampled_from(["a1", "a2", "c1", "same", "", 7]))
        elif kind == 5:
            source = "".join(map(str, cell.get("source") or ""))
            cell["source"] = source[: draw(st.integers(0, len(source)))]
        elif kind == 6:
            key = draw(st.sampled_from(["cell_type", "source", "metadata", "id", "outputs"]))
            cell.pop(key, None)
        elif kind == 7:
            key = draw(st.sampled_from(["cell_type", "source", "metadata", "id", "outputs"]))
            cell[key] = draw(anything)
        elif kind == 8:
            other = cells[there] if isinstance(cells[there], dict) else {}
            first, second = cell.get("source"), other.pop("source", "")
            cell["source"] = "".join(map(str, first or "")) + "\n" + "".join(map(str, second or ""))
        elif kind == 9:
            cells.insert(there, {"cell_type": "code", "source": draw(st.text(max_size=40))})
        elif kind == 10:
            source = "".join(map(str, cell.get("source") or ""))
            cell["source"] = source.replace("\n", draw(st.sampled_from(["\r\n", "\n\n", " ", ""])))
        else:
            torn[draw(st.sampled_from(["metadata", "nbformat", "worksheets"]))] = draw(anything)
    raw = bytearray(json.dumps(torn).encode())
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 3]))):
        raw[draw(pick) % len(raw)] = draw(st.integers(0, 255))
    if draw(st.integers(0, 9)) == 0:
        del raw[draw(pick) % len(raw) :]
    return bytes(raw)


# In CI the same damage each time; elsewhere new damage, so that it is found by somebody.
quickly = settings(
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=bool(os.environ.get("CI")),
    max_examples=2000 if os.environ.get("CI") else 400,
)


@settings(quickly)
@given(damaged())
def test_no_accident_earns_a_mark_or_stops_the_run(raw):
    try:
        assert points_of(raw) <= UNDAMAGED
    except Unreadable as told:
        assert str(told).endswith(".")


@settings(quickly)
@given(
    st.binary(max_size=300)
    | anything.map(lambda value: json.dumps(value).encode())
    | st.dictionaries(st.sampled_from(["cells", "worksheets", "metadata"]), anything).map(
        lambda value: json.dumps(value).encode()
    )
)
def test_no_file_crashes_the_reader(raw):
    try:
        plan(read(raw), SET)
    except Unreadable as told:
        assert str(told).endswith(".")


@pytest.mark.parametrize("seed", range(3))
def test_the_sandbox_agrees_with_what_ran_here(seed, assignment, mark, points, handed):
    """A sample of the same accidents, in the real set and the real sandbox."""
    import random

    chance = random.Random(seed)
    handed.solve("4.1", "4.4", "4.8")
    for _ in range(6):
        cells = handed.cells
        here, there = chance.randrange(len(cells)), chance.randrange(len(cells))
        if chance.random() < 0.5:
            cells[here], cells[there] = cells[there], cells[here]
        else:
            cells.insert(there, copy.deepcopy(cells[here]))
    assert points(mark(handed.raw())) <= 3
