"""How long a student waits: `python tests/benchmark_course.py` prints medians in milliseconds.

Not a test: a machine's mood is no fault of the code. Wanted are under 100 for any `load` and
under 50 for any check of an ordinary answer.
"""

import json
from statistics import median
from timeit import repeat

from americas import load
from americas.author.isolated import Trial, results
from americas.author.solution_parser import read_set
from americas.checks.check import KEYS, Key, judge
from americas.course.paths import Course
from americas.data import package

RUNS = 9
SOLUTIONS = Course.of_this_package().root / "solutions"


def milliseconds(task) -> float:
    return median(repeat(task, number=1, repeat=RUNS)) * 1_000


def loads() -> dict[str, float]:
    names = [entry["name"] for entry in package()["resources"]]
    return {name: milliseconds(lambda name=name: load(name)) for name in names}


def checks() -> dict[str, float]:
    """Reading the key and judging the right answer's fingerprint, for every exercise."""
    found = {}
    for path in sorted(KEYS.glob("*.json")):
        for number, text in json.loads(path.read_text(encoding="utf-8"))["exercises"].items():
            answer = Key.decoded(text).answer
            found[number] = milliseconds(
                lambda text=text, number=number, answer=answer: judge(
                    number, answer, Key.decoded(text)
                )
            )
    return found


def fingerprints() -> dict[str, float]:
    """Taking the fingerprint of each right answer, in a process of its own."""
    found = {}
    for path in sorted(SOLUTIONS.glob("[0-9]*.ipynb")):
        exercises = read_set(path)
        trials, numbers = [], []
        for exercise in exercises.exercises:
            if exercise.written or exercise.needs:
                continue
            timed = (
                "from timeit import repeat\nfrom americas.checks.fingerprint import fingerprint\n"
                f"_ms = sorted(repeat(lambda: fingerprint({exercise.name}), number=1, "
                f"repeat={RUNS}))[{RUNS // 2}] * 1000"
            )
            code = [*exercises.opening_code(), *exercise.given_code(), exercise.solution.source]
            trials.append(Trial(code, timed, "_ms"))
            numbers.append(exercise.number)
        done = results(trials)
        found |= {n: r.answer["value"] for n, r in zip(numbers, done, strict=True)}
    return found


def told(what: str, times: dict[str, float]) -> None:
    slowest = max(times, key=times.__getitem__)
    print(
        f"{what}: median {median(times.values()):.1f} ms of {len(times)}, "
        f"slowest {slowest} {times[slowest]:.1f} ms"
    )


if __name__ == "__main__":
    told("load", loads())
    told("check, judging", checks())
    told("check, fingerprint", fingerprints())
