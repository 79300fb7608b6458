"""How fast is `americas grade`, beside nbgrader and otter-grader? Not a test: run it by hand.

    python tests/benchmark_grading.py [--count 100] [--peers FOLDER]

Installs the two in environments of their own (in FOLDER, where they are kept), converts the
exercises of lesson 04 for them, and lets all three mark the same submissions with the same
comparison. Prints seconds a submission, start-up included, and ratios. "bare cells" is no grader:
the submissions' code in warm processes, one a processor, with no sandbox and no comparison.
"""

import argparse
import contextlib
import copy
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from americas.course.paths import Course

ROOT = Course.of_this_package().root
NAME = "04-plan-colombia"
PEERS = {"nbgrader": "nbgrader", "otter": "otter-grader"}


def read(folder):
    return json.loads((ROOT / folder / f"{NAME}.ipynb").read_text(encoding="utf-8"))


def tagged(cell, tag):
    return tag in cell["metadata"].get("tags", [])


def submissions(count):
    """Notebooks with one exercise in four left open, no two the same."""
    answers = {c["id"]: c["source"] for c in read("solutions")["cells"] if tagged(c, "solution")}
    for position in range(count):
        book = copy.deepcopy(read("exercises"))
        open_cells = [cell for cell in book["cells"] if tagged(cell, "answer")]
        for place, cell in enumerate(open_cells):
            if (place + position) % 4 and cell["cell_type"] == "code":
                cell["source"] = ["# number ", str(position), "\n", *answers[cell["id"]]]
        yield book


def checks():
    """Exercise number → the name its answer bears."""
    cells = [cell for cell in read("exercises")["cells"] if tagged(cell, "check")]
    parts = ["".join(cell["source"]).split('"') for cell in cells]
    return {part[1]: part[2].strip(" ,)") for part in parts}


def run(*command, cwd=None):
    # A peer calls its own helpers by name.
    path = os.pathsep.join([str(Path(command[0]).parent), os.environ["PATH"]])
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        capture_output=True,
        text=True,
        env=os.environ | {"PATH": path},
    )
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stderr[-2000:]}")
    return done.stdout


def environment(folder, package):
    """The Python of an environment that has a peer and the course; made if it is not there."""
    python = folder / "bin" / "python"
    if not python.exists():
        print(f"installing {package} in {folder} ...", flush=True)
        run(sys.executable, "-m", "venv", folder)
        run(
            python,
            "-m",
            "pip",
            "install",
            "--quiet",
            package,
            "pandas>=3.1",
            "altair>=6.3",
            "ipykernel",
        )
    run(python, "-m", "pip", "install", "--quiet", "--no-deps", "-e", ROOT)
    return python


def ours(books, work):
    folder = work / "class"
    for position, book in enumerate(books):
        path = folder / f"student{position}_{position}_{position}_{NAME}.ipynb"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(book), encoding="utf-8")
    code = "import sys; from americas.cli import main; sys.exit(main())"
    start = time.perf_counter()
    run(sys.executable, "-c", code, "grade", folder)
    seconds = time.perf_counter() - start
    rows = (work / "class-marks" / "records.csv").read_text(encoding="utf-8-sig").splitlines()
    return seconds, sum(",correct,1,1," in row for row in rows)


def for_nbgrader(book):
    """The set with nbgrader's marks: an answer is free, a check is locked and worth a point."""
    for cell in book["cells"]:
        grader = {"schema_version": 3, "grade_id": cell["id"], "task": False}
        if tagged(cell, "answer") and cell["cell_type"] == "code":
            cell["metadata"]["nbgrader"] = grader | {
                "grade": False,
                "solution": True,
                "locked": False,
            }
        if tagged(cell, "check"):
            number, name = next(
                (n, v) for n, v in checks().items() if f'"{n}"' in "".join(cell["source"])
            )
            cell["source"] = (
                "from americas.checks.check import verdict\n"
                f'assert verdict("{number}", {name}).outcome == "correct"'
            )
            cell["metadata"]["nbgrader"] = grader | {
                "grade": True,
                "solution": False,
                "locked": True,
                "points": 1,
            }
        cell["metadata"].pop("editable", None)
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    return book


def nbgrader(books, work, python):
    course = work / "nbgrader"
    source = course / "source" / "set" / f"{NAME}.ipynb"
    source.parent.mkdir(parents=True)
    source.write_text(json.dumps(for_nbgrader(read("exercises"))), encoding="utf-8")
    (course / "nbgrader_config.py").write_text("c = get_config()\n", encoding="utf-8")
    command = [python, "-m", "nbgrader"]
    run(*command, "generate_assignment", "set", "--create", cwd=course)
    for position, book in enumerate(books):
        path = course / "submitted" / f"student{position}" / "set" / f"{NAME}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(for_nbgrader(book)), encoding="utf-8")
    start = time.perf_counter()
    run(*command, "autograde", "set", "--create", cwd=course)
    seconds = time.perf_counter() - start
    run(*command, "export", cwd=course)
    lines = (course / "grades.csv").read_text(encoding="utf-8").splitlines()
    where = lines[0].split(",").index("score")
    return seconds, int(sum(float(line.split(",")[where]) for line in lines[1:]))


def otter(books, work, python):
    course = work / "otter"
    (course / "tests").mkdir(parents=True)
    for number, name in checks().items():
        code = ">>> from americas.checks.check import verdict\n"
        code += f">>> verdict('{number}', {name}).outcome\n'correct'"
        case = {"code": code, "hidden": False, "locked": False}
        suite = {"cases": [case], "scored": True, "setup": "", "teardown": "", "type": "doctest"}
        test = {"name": f"q{number}", "points": 1, "suites": [suite]}
        (course / "tests" / f"q{number.replace('.', '_')}.py").write_text(
            f"OK_FORMAT = True\ntest = {test!r}\n", encoding="utf-8"
        )
    run(
        python,
        "-m",
        "otter",
        "generate",
        "-t",
        course / "tests",
        "-o",
        course / "autograder.zip",
        "--no-environment",
        cwd=course,
    )
    assert zipfile.is_zipfile(course / "autograder.zip")
    paths = []
    for position, book in enumerate(books):
        paths.append(course / f"student{position}.ipynb")
        paths[-1].write_text(json.dumps(book), encoding="utf-8")
    points = 0.0
    start = time.perf_counter()
    for path in paths:
        out = course / path.stem
        out.mkdir()
        run(
            python,
            "-m",
            "otter",
            "run",
            path,
            "-a",
            course / "autograder.zip",
            "-o",
            out,
            "--no-logo",
            cwd=course,
        )
        results = json.loads((out / "results.json").read_text(encoding="utf-8"))
        points += sum(test.get("score", 0) for test in results["tests"] if "q4" in test["name"])
    return time.perf_counter() - start, int(points)


def bare_one(book):
    space = {"__name__": "__main__", "check": lambda *things: None}
    for cell in book["cells"]:
        code = "".join(cell["source"])
        if cell["cell_type"] == "code" and not code.startswith("check("):
            try:
                with contextlib.redirect_stdout(io.StringIO()):
                    exec(
                        compile(
                            code.replace(
                                "from americas import about, check,", "from americas import about,"
                            ),
                            "<cell>",
                            "exec",
                        ),
                        space,
                    )
            except Exception:  # an answer that is still open stops what builds on it
                continue


def bare(books):
    workers = os.cpu_count() or 1
    with ProcessPoolExecutor(workers) as pool:
        list(pool.map(bare_one, books[: 2 * workers]))  # warm
        start = time.perf_counter()
        list(pool.map(bare_one, books))
        return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--peers", type=Path, default=Path(tempfile.gettempdir(), "grading-peers"))
    parser.add_argument("--alone", action="store_true", help="without the two peers")
    options = parser.parse_args()
    books = list(submissions(options.count))
    times = {"bare cells": (bare(books), None)}
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        times["americas"] = ours(copy.deepcopy(books), work)
        with tempfile.TemporaryDirectory() as one:
            first = ours(books[:1], Path(one))[0]
        largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        for name, grader in () if options.alone else (("nbgrader", nbgrader), ("otter", otter)):
            python = environment(options.peers / name, PEERS[name])
            times[name] = grader(copy.deepcopy(books), work, python)
    mine = times["americas"][0]
    print(f"{options.count} submissions of {NAME}, {os.cpu_count()} processors")
    for name, (seconds, points) in times.items():
        told = "" if points is None else f"  {points} points given"
        print(
            f"{name:12} {seconds / options.count:7.3f} s a submission  "
            f"{seconds / mine:6.1f} × americas{told}"
        )

    print(f"a class of one: {first:.1f} s of americas; its largest process: {largest:.0f} MB")


if __name__ == "__main__":
    main()
