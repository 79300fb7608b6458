"""The rooms that meet strangers' answers hold what their types promise."""

import subprocess
import sys

from americas.course.paths import Course

ROOT = Course.of_this_package().root


def test_the_type_checker_finds_nothing_in_its_strict_mode():
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--no-error-summary"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert (done.stdout, done.returncode) == ("", 0), done.stderr
