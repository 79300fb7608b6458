"""The tables of the course: `load` returns one, `about` tells what it is and how to read it."""

import hashlib
import io
import json
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from americas.errors import CourseError

# pandas and Altair are imported where they are used: `americas grade` needs neither.
if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

_INSTALLED = Path(__file__).parent / "_data"
_CHECKOUT = Path(__file__).parents[2] / "data"

# Frictionless field types as pandas types. Integers take pandas' own integer type
# only where a column may be empty, since int64 has no way to say "missing".
_DTYPES = {"string": "str", "number": "float64", "boolean": "bool", "year": "int64"}


def folder() -> Path:
    """Return the folder of the tables: inside the installed package, else the checkout's `data/`."""
    return _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT


@cache
def package() -> dict[str, Any]:
    """Return the data package's description, `datapackage.json`, as a dict."""
    path = folder() / "datapackage.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CourseError(f"The list of tables is missing: {path}. {_RESTORE}") from None
    except ValueError:
        raise CourseError(f"The list of tables can't be read: {path}. {_RESTORE}") from None


_RESTORE = (
    "Get the file again: `git restore data` in the course's folder, or install the course anew."
)


def resource(name: str) -> dict[str, Any]:
    """Return the description of one table or map in `datapackage.json`.

    Raise CourseError for an unknown name, with the nearest names.
    """
    resources = {entry["name"]: entry for entry in package()["resources"]}
    if isinstance(name, str) and name in resources:
        return resources[name]
    near = get_close_matches(str(name).lower(), resources, n=3, cutoff=0.5)
    hint = f"Did you mean {_either(near)}?" if near else f"There are: {', '.join(resources)}."
    raise CourseError(f"There is no table called {name!r}. {hint}")


def load(name: str) -> "pd.DataFrame | alt.InlineData":
    """Load a table of the course as a DataFrame, or a map as data for an Altair chart.

    Columns have the types that the codebook states; what is missing stays missing.
    `load("aid").attrs` holds the table's name and source, `about("aid")` the rest.

    Raises CourseError for an unknown name (with the nearest names), and for a file that is
    missing, cut short or changed since it was published.
    """
    import pandas as pd

    entry = resource(name)
    raw = _read(entry)
    if entry["path"].endswith(".topo.json"):
        return _shapes(entry, raw)
    fields = entry["schema"]["fields"]
    table = pd.read_csv(
        io.BytesIO(raw),
        dtype={field["name"]: _dtype(field) for field in fields if field["type"] != "date"},
        parse_dates=[field["name"] for field in fields if field["type"] == "date"],
        keep_default_na=False,
        na_values=[""],
        encoding="utf-8",
    )
    table.attrs = {"table": name, "source": "; ".join(s["title"] for s in entry["sources"])}
    return table


def _read(entry: dict[str, Any]) -> bytes:
    path = folder() / entry["path"]
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise CourseError(
            f"The file of table {entry['name']!r} is missing: {path}. {_RESTORE}"
        ) from None
    if hashlib.sha256(raw).hexdigest() == entry["hash"].removeprefix("sha256:"):
        return raw
    size = f"{len(raw):,} bytes where {entry['bytes']:,} were published"
    what = f"cut short ({size})" if len(raw) < entry["bytes"] else f"changed ({size})"
    raise CourseError(f"The file of table {entry['name']!r} was {what}: {path}. {_RESTORE}")


def _dtype(field: dict[str, Any]) -> str:
    if field["type"] == "integer":
        return "int64" if field.get("constraints", {}).get("required") else "Int64"
    return _DTYPES[field["type"]]


def _shapes(entry: dict[str, Any], raw: bytes) -> "alt.InlineData":
    import altair as alt
    from altair.utils.schemapi import debug_mode

    shape = alt.TopoDataFormat(type="topojson", feature=entry["feature"])
    # Its checksum says that the map is whole; Altair would look at each of its numbers: 0.3 s.
    with debug_mode(False):
        return alt.InlineData(values=json.loads(raw), format=shape)


@dataclass(frozen=True)
class About:
    """What a table is: shown as text, or as a page in a notebook."""

    entry: dict[str, Any]

    def __repr__(self) -> str:
        """Return the same page as plain text."""
        return self._repr_markdown_()

    def _repr_markdown_(self) -> str:
        entry = self.entry
        lines = [f"**{entry['name']}** · {entry['title']}", "", entry["description"], ""]
        lines += [f"Source: [{source['title']}]({source['path']})" for source in entry["sources"]]
        lines += ["", "| column | what it is | unit |", "|---|---|---|"]
        for field in entry.get("schema", {}).get("fields", []):
            unit = field.get("unit", "")
            lines.append(f"| `{field['name']}` | {field['description']} | {unit} |")
        lines += ["", "Before you use it:", ""]
        lines += [f"- {note}" for note in entry["reading_notes"]]
        return "\n".join(lines)


def about(name: str) -> About:
    """Tell what a table is: its source, its columns with their units, and how to read it."""
    return About(resource(name))


def _either(names: list[str]) -> str:
    quoted = [repr(name) for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
