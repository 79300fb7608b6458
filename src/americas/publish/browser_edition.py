"""The course with nothing to install: JupyterLab in the browser, with lessons and exercises.

JupyterLite is JupyterLab without a server; its Pyodide kernel is Python compiled for the browser.
The folder made here is static. It needs a web server (any), since browsers run no programs from
files, and Pyodide: from its network of servers, or from a folder that is copied beside it.
"""

import json
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import distribution
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from americas.author.build import digest
from americas.course.notebooks import read
from americas.course.paths import Course
from americas.errors import CourseError

_PAGES = Path(__file__).parent / "templates" / "browser"
_PLUGIN = "@jupyterlite/pyodide-kernel-extension:kernel"
# Loaded with the kernel, so that the first `import` of a lesson doesn't wait for them. What only
# some lessons import (statsmodels, networkx, SciPy) is loaded by the kernel when they do.
_PACKAGES = ["pandas", "altair", "micropip"]
# What the kernel asks for and Pyodide's distribution lacks: taken from this environment.
_FOR_THE_KERNEL = ["comm"]
# From the kernel's own script, whose folder its requests start from, to ours.
_FROM_THE_KERNEL = "../../../.."
_START = "notebooks/00-start-here.ipynb"
# What JupyterLite's kernel writes into a notebook that says something else. A notebook that says
# it already isn't changed by being opened, and so isn't saved as if it were the visitor's work.
_KERNEL = {
    "kernelspec": {"name": "python", "display_name": "Python (Pyodide)", "language": "python"},
    "language_info": {
        "codemirror_mode": {"name": "python", "version": 3},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3",
        "version": "3.8",
    },
}
KEEP = (
    "**You work in the browser, with nothing installed.** What you type is kept in this browser on "
    "this computer, and nowhere else; a private window forgets it. Before you close: *File*, "
    "*Download*, and keep the file; it is what you hand in. [Your work](../../my-work.html) lists "
    "all that is kept here, downloads it, and fetches a newer version of a lesson without touching "
    "yours."
)
# JupyterLite cancels the cells that wait after any error, also after one that is tagged as meant.
RUN_ALL = (
    "**You work in the browser, with nothing installed.** Here, *Run All Cells* stops at each of "
    "this lesson's three errors, though they are meant: select the cell after it, then take *Run*, "
    "*Run Selected Cell and All Below*."
)


def build(course: Course, out: Path, pyodide: Path | None = None) -> int:
    """Make the browser edition in the folder `out` and return its size in bytes.

    pyodide: a folder with Pyodide's distribution, which is copied in, so that the edition needs no
    other server; by default the address that the kernel itself names. Raises CourseError where
    that folder isn't one, where `out` holds anything else, or where JupyterLite reports a failure.
    """
    if pyodide and not (pyodide / "pyodide-lock.json").is_file():
        raise CourseError(
            f"{pyodide} holds no pyodide-lock.json, so it is no distribution of Pyodide. Unpack one "
            "there (pyodide-VERSION.tar.bz2, from Pyodide's releases), or leave --pyodide out."
        )
    if out.is_dir() and any(out.iterdir()) and not (out / "jupyter-lite.json").is_file():
        raise CourseError(
            f"{out} holds files that `americas site` did not make, and stays as it is. "
            "Name another folder with --out."
        )
    with TemporaryDirectory() as folder:
        work = Path(folder)
        wheel = _wheel(course, work)
        for name in _FOR_THE_KERNEL:  # JupyterLite takes the wheels of a folder called pypi
            _repack(name, work / "pypi")
        released = _copy_contents(course, work / "content")
        settings = _settings(wheel.name, bool(pyodide))
        _write_json(work / "jupyter-lite.json", settings)
        _write_json(work / "overrides.json", _overrides(course))
        _run_jupyterlite(work, work / "made")
        shutil.rmtree(out, ignore_errors=True)
        out.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(work / "made", out)
        (out / "wheels").mkdir()
        shutil.copy(wheel, out / "wheels")
    if pyodide:
        shutil.copytree(pyodide, out / "pyodide", ignore=shutil.ignore_patterns("*.map", "*.d.ts"))
    shutil.copytree(_PAGES, out, dirs_exist_ok=True)
    _say_what_is_newer(out / "lab" / "index.html")
    _write_json(out / "course.json", {"notebooks": released})
    return sum(path.stat().st_size for path in out.rglob("*") if path.is_file())


def _wheel(course: Course, folder: Path) -> Path:
    """Build the course's wheel, with the tables in it."""
    command = [
        sys.executable,
        "-m",
        "hatchling",
        "build",
        "--target=wheel",
        f"--directory={folder}",
    ]
    done = subprocess.run(command, cwd=course.root, capture_output=True, encoding="utf-8")
    wheels = list(folder.glob("*.whl"))
    if done.returncode or not wheels:
        raise CourseError(f"The course's wheel could not be built: {done.stderr.strip()[-400:]}")
    return wheels[0]


def _repack(name: str, folder: Path) -> None:
    """Write an installed package, which must be pure Python, as a wheel into a folder."""
    found = distribution(name)
    folder.mkdir(exist_ok=True)
    path = folder / f"{name.replace('-', '_')}-{found.version}-py3-none-any.whl"
    ours = [file for file in found.files or [] if file.parts[0] != ".." and file.suffix != ".pyc"]
    skipped = {"INSTALLER", "REQUESTED", "direct_url.json", "RECORD"}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        record = []
        for file in ours:
            if file.name not in skipped:
                wheel.write(file.locate(), file.as_posix())
                record.append([file.as_posix(), "", ""])
            elif file.name == "RECORD":
                place = file.as_posix()
        text = "\n".join(",".join(row) for row in [*record, [place, "", ""]])
        wheel.writestr(place, text + "\n")


def _copy_contents(course: Course, content: Path) -> dict[str, str]:
    """Copy what a student reads and writes; return each notebook's digest, by its path there.

    A notebook also bears its digest, so that a saved copy can be told from a newer version; sets
    and lesson 00 have a sentence more.
    """
    released = {}
    for folder in ("notebooks", "exercises"):
        (content / folder).mkdir(parents=True)
        for path in course.notebooks(folder):
            place = f"{folder}/{path.name}"
            notebook = read(path)
            released[place] = digest(notebook)
            notebook.metadata |= _KERNEL
            notebook.metadata.setdefault("americas", {})["released"] = released[place]
            if folder == "exercises":
                notebook.cells[0].source += f"\n\n{KEEP}"
            elif place == _START:
                notebook.cells[0].source += f"\n\n{RUN_ALL}"
            # JupyterLite reads a file as it is: of a text that is a list of lines, as our files have
            # them, it would show the commas between them. nbformat has joined them.
            text = json.dumps(notebook, ensure_ascii=False, separators=(",", ":"))
            (content / place).write_text(text, encoding="utf-8", newline="\n")
    shutil.copy(course.root / "notebooks" / "glossary.md", content / "notebooks")
    (content / "data").mkdir()
    shutil.copy(course.root / "data" / "README.md", content / "data")
    shutil.copy(course.root / "README.md", content)
    return released


def _say_what_is_newer(page: Path) -> None:
    """Let JupyterLab's page tell of newer versions of what is saved in the browser."""
    script = '<script type="module" src="../newer-version.js"></script>'
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace("</body>", f"{script}\n</body>"), encoding="utf-8", newline="\n")


def _settings(wheel: str, own_pyodide: bool) -> dict[str, Any]:
    kernel: dict[str, Any] = {
        "loadPyodideOptions": {"packages": [*_PACKAGES, f"{_FROM_THE_KERNEL}/wheels/{wheel}"]},
        "disablePyPIFallback": True,
    }
    if own_pyodide:
        kernel["pyodideUrl"] = "./pyodide/pyodide.mjs"
    return {
        "jupyter-lite-schema-version": 0,
        "jupyter-config-data": {
            "appName": "Crime and Cooperation",
            "appUrl": "./lab",
            "exposeAppInBrowser": True,
            "contentsStorageName": "crime-and-cooperation",
            "settingsStorageName": "crime-and-cooperation-settings",
            "workspacesStorageName": "crime-and-cooperation-workspaces",
            "litePluginSettings": {_PLUGIN: kernel},
        },
    }


def _overrides(course: Course) -> dict[str, Any]:
    """Return the settings that the package brings to JupyterLab elsewhere, and a quick autosave.

    Elsewhere it saves every two minutes. Here saving costs no request, and a closed tab everything.
    """
    text = (course.root / "src" / "jupyterlab-overrides.json").read_text(encoding="utf-8")
    return json.loads(text) | {"@jupyterlab/docmanager-extension:plugin": {"autosaveInterval": 10}}


def _run_jupyterlite(work: Path, out: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "jupyterlite_core",
        "build",
        "--no-sourcemaps",
        "--no-libarchive",
    ]
    command += [f"--lite-dir={work}", f"--output-dir={out.resolve()}", "--apps=lab"]
    command += [f"--contents={work / 'content'}"]
    done = subprocess.run(command, cwd=work, capture_output=True, encoding="utf-8")
    if done.returncode:
        told = (done.stdout + done.stderr).strip()[-600:]
        raise CourseError(f"JupyterLite could not build the browser edition: {told}")


def _write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8", newline="\n")
