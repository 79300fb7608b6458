"""Make the two pinned files from pyproject.toml: `python .binder/pin.py [--upgrade]`.

Needs uv. Keeps every version that still fits; --upgrade moves all of them to the newest.
tests/test_environment.py holds the result to what the installed packages ask for.
"""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
COURSE = ROOT / ".binder" / "requirements.txt"
TESTS = ROOT / "tests" / "requirements.txt"
HEADING = "# Made from pyproject.toml by .binder/pin.py. Install with: pip install --no-deps -r"

# jsonschema imports rfc3987-syntax wherever it is installed, and so does every process that
# imports altair or nbformat; lark, which nothing else asks for, then builds a parser. Without
# the two, `import pandas, altair` took 0.8 s where it took 2.1 s with them, and style, load and
# the first chart 1.1 s where it took 3.0 s: 2.7 times as fast, both. (Medians of 11 and of 9
# runs in turn, in two environments alike but for these two packages; Python 3.11, 2 cores.)
LEFT_OUT = ["rfc3987-syntax", "lark"]


def resolve(*options: str) -> list[str]:
    """Return one line a package, pinned for all systems and all Pythons from the oldest on."""
    with TemporaryDirectory() as folder:
        pins = Path(folder) / "pins.txt"
        kept = [line for file in (COURSE, TESTS) if file.exists() for line in packages(file)]
        pins.write_text("\n".join(kept), encoding="utf-8", newline="\n")
        command = ["uv", "pip", "compile", "pyproject.toml", f"--output-file={pins}", "--quiet"]
        command += ["--universal", "--python-version=3.11", "--fork-strategy=fewest"]
        command += ["--no-header", "--no-annotate"]
        command += [f"--no-emit-package={name}" for name in LEFT_OUT]
        subprocess.run([*command, *options], cwd=ROOT, check=True)
        return packages(pins)


def packages(file: Path) -> list[str]:
    """Return the lines of a pinned file that name a package."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and line[0] not in "#-"]


def main() -> None:
    """Resolve for all tools together, so that tests run with the very versions of the course."""
    upgrade = sys.argv[1:]
    everything = resolve("--extra=lab", "--extra=test", *upgrade)
    names = {line.partition("==")[0] for line in resolve("--extra=lab", *upgrade)}
    course = [line for line in everything if line.partition("==")[0] in names]
    tests = [line for line in everything if line not in course]
    write(COURSE, [*course, "-e ."])
    write(TESTS, ["-r ../.binder/requirements.txt", *tests])


def write(file: Path, lines: list[str]) -> None:
    """Write a pinned file under a heading that tells how to install it."""
    text = "\n".join([f"{HEADING} {file.relative_to(ROOT).as_posix()}", *lines, ""])
    file.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
