"""Makes submissions: the exercises of lesson 04 as a student, a vandal or an accident left them."""

import copy
import json
import signal

import pytest

from americas.course.paths import Course

ROOT = Course.of_this_package().root
NAME = "04-plan-colombia.ipynb"


class Handed:
    """An exercise notebook to be filled in, spoiled and handed in."""

    def __init__(self):
        self.book = json.loads((ROOT / "exercises" / NAME).read_text(encoding="utf-8"))
        solutions = json.loads((ROOT / "solutions" / NAME).read_text(encoding="utf-8"))
        self.answers = {
            cell["id"]: cell["source"]
            for cell in solutions["cells"]
            if "solution" in cell["metadata"].get("tags", [])
        }
        self.numbers = [f"4.{n}" for n in range(1, 9)]

    @property
    def cells(self):
        return self.book["cells"]

    def tagged(self, tag, number):
        """The answer, the check or the prompt cell of an exercise."""
        inside = False
        for cell in self.cells:
            source = "".join(cell["source"])
            if cell["cell_type"] == "markdown" and source.startswith("## "):
                inside = source.startswith(f"## {number} ")
                if inside and tag == "prompt":
                    return cell
            if inside and tag in cell["metadata"].get("tags", []):
                return cell
        raise LookupError(number, tag)

    def solve(self, *numbers):
        for number in numbers or self.numbers:
            cell = self.tagged("answer", number)
            cell["source"] = self.answers[cell["id"]]
        return self

    def answer(self, number):
        """The right answer's code."""
        return "".join(self.answers[self.tagged("answer", number)["id"]])

    def put(self, number, code):
        self.tagged("answer", number)["source"] = code
        return self

    def insert(self, after, code, kind="code"):
        cell = {"cell_type": kind, "id": f"new{len(self.cells)}", "metadata": {}, "source": code}
        if kind == "code":
            cell |= {"outputs": [], "execution_count": None}
        self.cells.insert(self.cells.index(self.tagged("check", after)) + 1, cell)
        return self

    def remove(self, tag, number):
        self.cells.remove(self.tagged(tag, number))
        return self

    def copied(self):
        return copy.deepcopy(self)

    def raw(self):
        return json.dumps(self.book, ensure_ascii=False).encode()


@pytest.fixture(scope="session", autouse=True)
def one_sandbox():
    """Let the runs of one process share a sandbox: each would spend two seconds on its own.

    That a run closes its sandbox is shown by those that are processes of their own.
    """
    from americas.grade import batch, mark

    close, batch.close = batch.close, lambda **how: None
    yield
    batch.close = close
    mark.close()


@pytest.fixture
def handed():
    return Handed()


@pytest.fixture(scope="session")
def assignment():
    from americas.grade.assignment import Sets

    return Sets().assignment("04")


@pytest.fixture(scope="session")
def mark(assignment):
    """Mark bytes in the sandbox, with short patience."""
    from americas.grade import bubblewrap, mark
    from americas.grade.limits import Limits

    reason = bubblewrap.missing()
    if reason:
        pytest.skip(reason)
    limits = Limits(
        seconds=25, cpu_seconds=3, cell_seconds=1, memory_mb=600, processes=12, answers_mb=8
    )
    yield lambda raw: mark.mark(mark.Job(raw, assignment, limits))
    mark.close()


@pytest.fixture
def in_time():
    """Stop after ten seconds of the processor: what is hostile takes hours or none."""

    def stop(number, frame):
        pytest.fail("This takes as long as somebody wants it to.")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, 10)
    yield
    signal.setitimer(signal.ITIMER_PROF, 0)
    signal.signal(signal.SIGPROF, before)


@pytest.fixture(scope="session")
def points():
    return lambda result: sum(record["points"] for record in result["exercises"])


@pytest.fixture(scope="session")
def told():
    """What a result says of one exercise: outcome and reason."""
    return lambda result, number: next(
        (record["outcome"], record["reason"])
        for record in result["exercises"]
        if record["number"] == number
    )


@pytest.fixture(scope="session")
def notes():
    """All notes of a result, as one text."""
    from americas.grade.results import told

    return lambda result: " ".join(map(told, result["notes"]))
