"""Read and write notebooks, and look into them."""

import re
from pathlib import Path

import nbformat

from americas.errors import CourseError

# What `style()` stores a chart as, and the nearest to the Vega-Lite that JupyterLab draws it with
# (5.6) among those that pictures and pages can be made with: a picture shows what is seen there.
VEGALITE = "application/vnd.vegalite.v5+json"
VEGALITE_VERSION = "v5_8"
# The line break keeps this out of what people read: inside a JSON string there is none.
_NUMBER = r"-?[\d.]+(?:[eE][+-]?\d+)?\s*"
_NUMBERS = re.compile(rf"\[\n\s*{_NUMBER}(?:,\s*{_NUMBER})*\]")


def read(path: Path) -> nbformat.NotebookNode:
    """Return a notebook of the course. Raise CourseError if it can't be read."""
    try:
        return nbformat.read(path, as_version=4)
    except FileNotFoundError:
        raise CourseError(f"There is no notebook {path}.") from None
    except Exception as error:
        raise CourseError(
            f"{path} can't be read as a notebook ({type(error).__name__}). "
            "Get it again with `git restore`, or open it in JupyterLab and save it."
        ) from None


def write(notebook: nbformat.NotebookNode, path: Path) -> None:
    """Write a notebook; the same content gives the same file on every machine."""
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        **{key: value for key, value in notebook.metadata.items() if key == "americas"},
    }
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    nbformat.validate(notebook)
    path.parent.mkdir(parents=True, exist_ok=True)
    # A map is ten thousand numbers: one a line, they would be most of the file.
    text = _NUMBERS.sub(lambda found: "".join(found.group().split()), nbformat.writes(notebook))
    text = text.rstrip("\n") + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")


def tags(cell: nbformat.NotebookNode) -> list[str]:
    """Return the tags of a cell; an empty list if it has none."""
    return cell.metadata.get("tags", [])


def outputs(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """Return all stored outputs of a notebook, top to bottom."""
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]
