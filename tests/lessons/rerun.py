"""Runs notebooks again, all in this process, and tells where they show something else.

`python tests/lessons/rerun.py [--backwards] [NOTEBOOK ...]`: every lesson and solution if none is
named. What a cell shows is held to what is stored, to the letter, charts by their
specification. It answers for the machine, the variables and the packages that it runs with, so
the same course can be tried with other ones.
"""

import argparse
import contextlib
import gc
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ipykernel.compiler import XCachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

ROOT = Path(__file__).parents[2]


class _Publisher(DisplayPublisher):
    def publish(self, data: dict, metadata: Any = None, **_: Any) -> None:
        self.shell.shown.append({"data": data})


class _Hook(DisplayHook):
    def __call__(self, result: Any = None) -> None:
        if result is not None:
            self.shell.shown.append({"data": self.compute_format_data(result)[0]})
            self.update_user_ns(result)


class Shell(InteractiveShell):
    """A notebook's Python without a kernel: keeps what cells show in `shown`."""

    # pandas and Altair ask for it to tell a notebook from a terminal.
    kernel = None
    display_pub_class = _Publisher
    displayhook_class = _Hook
    compiler_class = XCachingCompiler

    def __init__(self, **options: Any) -> None:
        self.shown: list[dict] = []
        super().__init__(**options)

    def _showtraceback(self, kind: type, error: BaseException, _: list[str]) -> None:
        self.keep_prints()
        self.shown.append({"error": [kind.__name__, str(error)]})

    def keep_prints(self) -> None:
        """Put what was printed since the last time among what was shown."""
        for name, stream in self.streams.items():
            if text := stream.getvalue():
                self.shown.append({"stream": [name, text]})
                stream.seek(0)
                stream.truncate()

    def run(self, source: str) -> list[dict]:
        """Return what a cell shows, in order."""
        self.shown = []
        self.streams = {"stdout": io.StringIO(), "stderr": io.StringIO()}
        with (
            contextlib.redirect_stdout(self.streams["stdout"]),
            contextlib.redirect_stderr(self.streams["stderr"]),
        ):
            self.run_cell(source, store_history=True)
        self.keep_prints()
        return self.shown


@contextlib.contextmanager
def fresh_shell() -> Iterator[Shell]:
    """A shell in which nothing has run yet; only the libraries stay imported."""
    Shell.clear_instance()
    shell = Shell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    # While it is imported, pandas asks whether it is in a notebook, and prints accordingly.
    with shell.builtin_trap:
        import pandas as pd
    assert pd.options.display.max_columns == 20

    try:
        yield shell
    finally:
        pd.reset_option("^display")
        for name in [name for name in sys.modules if name.partition(".")[0] == "americas"]:
            del sys.modules[name]
        shell.reset(new_session=False)
        gc.collect()


def stored(outputs: list[dict]) -> list[dict]:
    """Return a cell's stored outputs in the form in which `Shell` keeps new ones."""
    found = []
    for output in outputs:
        match output["output_type"]:
            case "stream":
                found.append({"stream": [output["name"], "".join(output["text"])]})
            case "error":
                found.append({"error": [output["ename"], output["evalue"]]})
            case _:
                data = {
                    kind: "".join(value) if isinstance(value, list) else value
                    for kind, value in output["data"].items()
                }
                found.append({"data": data})
    return found


def _plain(outputs: list[dict]) -> list[dict]:
    """Without pictures, which are drawn from the charts; prints of a cell as one, and last."""
    said: dict[str, str] = {}
    rest = []
    for output in json.loads(json.dumps(outputs)):
        if "stream" in output:
            name, text = output["stream"]
            said[name] = said.get(name, "") + text
        else:
            output.get("data", {}).pop("image/png", None)
            rest.append(output)
    return rest + [{"stream": list(pair)} for pair in sorted(said.items())]


def differences(notebook: Path) -> list[dict]:
    """Run a notebook; return the number of each cell that shows something else, with both."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    found = []
    with fresh_shell() as shell, contextlib.chdir(notebook.parent):
        for number, cell in enumerate(cells):
            if cell["cell_type"] != "code":
                continue
            now = _plain(shell.run("".join(cell["source"])))
            before = _plain(stored(cell["outputs"]))
            if now != before:
                found.append({"cell": number, "stored": before, "now": now})
    return found


@contextlib.contextmanager
def ties_backwards() -> Iterator[None]:
    """Let pandas' sorts leave what is equal in the opposite order, unless they are stable."""
    with fresh_shell():
        import pandas as pd

    kept = []

    def reverse(owner: type, name: str) -> None:
        sort = getattr(owner, name)
        kept.append((owner, name, sort))

        def backwards(self: Any, *args: Any, **options: Any) -> Any:
            stable = options.get("kind") in ("stable", "mergesort")
            if stable or options.get("inplace") or options.get("axis", 0) not in (0, "index"):
                return sort(self, *args, **options)
            return sort(self.iloc[::-1], *args, **options)

        setattr(owner, name, backwards)

    for owner in (pd.DataFrame, pd.Series):
        reverse(owner, "sort_values")
        reverse(owner, "sort_index")
    try:
        yield
    finally:
        for owner, name, sort in kept:
            setattr(owner, name, sort)


def _first(one: Any, other: Any, path: str = "") -> str:
    """Where two outputs part, in one line."""
    if type(one) is type(other) and one != other:
        if isinstance(one, dict):
            for key in [*one, *other]:
                if one.get(key) != other.get(key):
                    return _first(one.get(key), other.get(key), f"{path}.{key}")
        if isinstance(one, list) and len(one) == len(other):
            for place, (a, b) in enumerate(zip(one, other, strict=True)):
                if a != b:
                    return _first(a, b, f"{path}[{place}]")
        if isinstance(one, str) and "\n" in one + other:
            return _first(one.splitlines(), other.splitlines(), path)
    return f"{path}: stored {str(one)[:150]!r}, now {str(other)[:150]!r}"


def architectures() -> list[str]:
    """Return the names of the kernels that the linear algebra of this process computes with."""
    import scipy.linalg  # noqa: F401  # brings a library of its own
    from threadpoolctl import threadpool_info

    return sorted({pool["architecture"] for pool in threadpool_info() if "architecture" in pool})


def main() -> int:
    """Run the notebooks that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--backwards", action="store_true", help="deal ties in pandas backwards")
    parser.add_argument("--json", action="store_true", help="print one object, for a program")
    parser.add_argument("notebooks", nargs="*", type=Path)
    told = parser.parse_args()
    both = [ROOT / "notebooks", ROOT / "solutions"]
    every = [path for folder in both for path in sorted(folder.glob("*.ipynb"))]
    found = {}
    with ties_backwards() if told.backwards else contextlib.nullcontext():
        for path in told.notebooks or every:
            found[str(path)] = [
                f"{path.parent.name}/{path.name}, cell {cell['cell']}: "
                + _first(cell["stored"], cell["now"])
                for cell in differences(path.resolve())
            ]
            if not told.json:
                print(*found[str(path)], sep="\n", end="\n" if found[str(path)] else "")
    if told.json:
        json.dump({"architectures": architectures(), "differences": found}, sys.stdout)
    else:
        many = sum(map(len, found.values()))
        print(f"{len(found)} notebooks, {many} cells show something else")
    return int(any(found.values()))


if __name__ == "__main__":
    sys.exit(main())
