"""Run notebooks from top to bottom in a fresh kernel and store what they show."""

import base64
import io
import subprocess
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from americas.course.notebooks import VEGALITE, VEGALITE_VERSION, outputs, read, tags, write
from americas.course.paths import Course
from americas.course.progress import track
from americas.errors import CourseError

_SECONDS_A_CELL = 300
_COLOURS_A_PICTURE = 96


def store(course: Course, paths: list[Path]) -> int:
    """Run the notebooks given, else every lesson and solution, and store each with its outputs.

    Prints for each how long it took, its charts and its size. A notebook whose run fails is left
    as it was; the sentence names the cell. Returns 0 or 1.
    """
    failed = 0
    begin = time.perf_counter()
    wanted = paths or [*course.lessons(), *course.solutions()]
    for path in track(wanted, "Running"):
        start = time.perf_counter()
        try:
            notebook = read(path)
            execute(notebook, path)
        except CourseError as error:
            failed = 1
            print(error, file=sys.stderr)
            continue
        add_pictures(notebook)
        write(notebook, path)
        charts = sum(VEGALITE in output.get("data", {}) for output in outputs(notebook))
        size = path.stat().st_size / 1e6
        print(f"{path}: {time.perf_counter() - start:.1f} s, {charts} charts, {size:.2f} MB")
    if len(wanted) > 1:
        print(f"{len(wanted)} notebooks: {time.perf_counter() - begin:.0f} s")
    return failed


def execute(notebook: nbformat.NotebookNode, path: Path) -> None:
    """Run every cell in place, in a fresh kernel whose folder is that of `path`.

    Raise CourseError where a cell fails or takes too long.
    """
    # As in JupyterLab, where a notebook runs in its own folder.
    client = NotebookClient(
        notebook,
        timeout=_SECONDS_A_CELL,
        kernel_name="python3",
        coalesce_streams=True,  # what one print shows may come in two messages
        resources={"metadata": {"path": str(path.parent)}},
    )
    try:
        # What a cell says goes through the kernel's messages; this is only its start-up chatter.
        client.execute(stderr=subprocess.DEVNULL)
    except CellExecutionError as error:
        raise CourseError(
            f"{path}, cell {_failed_cell(notebook)}: {error.ename}: {error.evalue}. "
            "The stored notebook was left as it is."
        ) from None
    except TimeoutError:
        raise CourseError(f"{path}: a cell ran for more than {_SECONDS_A_CELL} seconds.") from None


def _failed_cell(notebook: nbformat.NotebookNode) -> int:
    return next(
        (
            i
            for i, cell in enumerate(notebook.cells)
            for output in cell.get("outputs", [])
            if output.output_type == "error" and "raises-exception" not in tags(cell)
        ),
        -1,
    )


def add_pictures(notebook: nbformat.NotebookNode) -> None:
    """Add a PNG to each stored chart, for pages that draw no Vega-Lite, such as GitHub's."""
    import vl_convert
    from PIL import Image

    for output in outputs(notebook):
        data = output.get("data", {})
        if VEGALITE in data:
            drawn = vl_convert.vegalite_to_png(data[VEGALITE], vl_version=VEGALITE_VERSION, scale=2)
            # Few colours are enough for a chart, and make its picture an eighth of the size.
            picture = Image.open(io.BytesIO(drawn)).convert("RGB").quantize(_COLOURS_A_PICTURE)
            stored = io.BytesIO()
            picture.save(stored, "PNG", optimize=True)
            data["image/png"] = base64.b64encode(stored.getvalue()).decode() + "\n"
