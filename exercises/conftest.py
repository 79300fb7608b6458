"""Makes `python -m pytest exercises/NN-topic.ipynb` the check of a student's work.

nbval compares what a cell shows with what is stored. But a student's own cells may show what they
like, and a check that was run and saved has stored what the student was told. So only the checks
are compared here, and always with the line that a right answer prints.
"""

import re

import nbformat

from americas.checks.check import Verdict


def pytest_collectstart(collector) -> None:
    """Compare what a check says in words; the panel beside it says the same in HTML."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("text/html",)


def pytest_itemcollected(item) -> None:
    """Hold a check to the right answer's line, and nothing else to anything."""
    cell = getattr(item, "cell", None)
    if cell is None:
        return
    number = re.search(r'check\("(\d+\.\d+)"', cell.source)
    item.options["check"] = bool(number) and "check" in cell.metadata.get("tags", [])
    if item.options["check"]:
        line = Verdict(number.group(1), "correct").line()
        cell.outputs = [nbformat.v4.new_output("display_data", {"text/plain": line})]
        # To nbval a cell without a count was never run, and it would compare nothing.
        cell.execution_count = cell.execution_count or 0
