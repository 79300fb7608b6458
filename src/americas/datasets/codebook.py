"""The codebook: what can be counted in the tables, and `data/README.md`, made for a reader."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pandas as pd

from americas import data
from americas.course.paths import Course
from americas.datasets import entries
from americas.datasets.coverage import coverage, names
from americas.errors import CourseError

# Columns of these types tell when; the codebook shows the span of years they cover.
_TIMES = ("year", "date")

_HEAD = """# The data of the course

Tables for *Crime and Cooperation*, one observation a row, as CSV files. In a notebook:

```python
from americas import about, load

aid = load("aid")  # a DataFrame with typed columns
about("aid")       # what it is, and how it may be misread
```

Read the notes on a table before you use it: they say what a careless reader would get wrong.
Nothing is filled in: what a publisher doesn't report is empty or absent here, never zero.
[What no table holds](#what-no-table-holds) stands at the end.

**Where the figures come from.** Each table names its publisher, the version, the day on which it
was in our hands, and by way of whom it came where that was not the publisher. If an address has
moved, look for it in the [Internet Archive](https://web.archive.org/) as it was on that day, or
search for the title. For a table made from a file, any copy with the checksum in its module will
do; a newer release has other figures: set its checksum there, and `americas rebuild` tells what
has changed.

*This page is made from `datapackage.json` and the tables by `americas codebook`. Edit those.*
"""


def write() -> int:
    """Count the tables anew in `datapackage.json`, make `data/README.md`, and return 0."""
    refresh()
    path = data.folder() / "README.md"
    path.write_text(page(), encoding="utf-8", newline="\n")
    print(f"{path}: {len(data.package()['resources'])} tables and maps.")
    return 0


def refresh() -> None:
    """Set `bytes`, `hash`, `rows` and `years` of every table and map, and the package's version.

    Raises CourseError, a sentence for each fault, where a file has no entry or an entry lacks
    something, and where a table has a cell that its entry does not allow.
    """
    path = data.folder() / "datapackage.json"
    listed = _read(path)["resources"]
    lacking = [fault for entry in listed for fault in entries.faults(entry)]
    if found := lacking + entries.undescribed(data.folder(), listed):
        raise CourseError("\n".join(found))
    made = {entry["name"]: _count(entry) for entry in listed}
    # Read again: an author may have saved another entry while the tables were counted.
    package = _read(path)
    for entry in package["resources"]:
        entry.update(made.get(entry["name"], {}))
    course = Course.of_this_package()
    if course.is_checkout:
        package["version"] = course.project["version"]
    text = json.dumps(package, indent=2, ensure_ascii=False) + "\n"
    if text != path.read_text(encoding="utf-8"):
        path.write_text(text, encoding="utf-8", newline="\n")
    data.package.cache_clear()


def page() -> str:
    """Return the codebook as Markdown: contents, a section a table, and what no table holds."""
    listed = data.package()["resources"]
    rows = [
        f"| [{entry['name']}](#{entry['name']}) | {_cell(entry['title'])} "
        f"| {_number(entry)} | {_span(entry)} |"
        for entry in listed
    ]
    contents = ["## Contents", "", "| table | what it holds | rows | years |"]
    contents += ["|---|---|---:|---|", *rows, ""]
    sections = ["\n".join(_section(entry)) for entry in listed]
    return "\n".join([_HEAD, *contents, *sections, *_not_held()])


def _not_held() -> list[str]:
    """Return the section on what was looked for and is in no table."""
    rows = [
        f"| {_cell(item['what'])} | {_cell(item['why'])} | {_cell(item['instead'])} |"
        for item in data.package()["not_held"]
    ]
    return [
        "## What no table holds",
        "",
        "What is not here is not absent from the world. These were looked for:",
        "",
        "| what | why it is not here | instead, or where to look |",
        "|---|---|---|",
        *rows,
        "",
        "[Contents](#contents)",
        "",
    ]


def _read(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise CourseError(f"{path} is not valid JSON: {error}.") from None


def _count(entry: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of one entry that are made from its file."""
    path = data.folder() / entry["path"]
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise CourseError(
            f"{path} is missing, though datapackage.json lists it as table {entry['name']!r}. "
            "Put the file there, or take the entry out."
        ) from None
    made = {"bytes": len(raw), "hash": f"sha256:{hashlib.sha256(raw).hexdigest()}"}
    if "schema" not in entry:
        return made
    table = entries.read(path)
    fields = [field["name"] for field in entry["schema"]["fields"]]
    if fields != list(table.columns):
        raise CourseError(
            f"{path} has the columns {', '.join(table.columns)}; datapackage.json lists "
            f"{', '.join(fields)}. Make the two agree."
        )
    if wrong := entries.cells(entry, table):
        raise CourseError("\n".join(wrong))
    times = [field["name"] for field in entry["schema"]["fields"] if field["type"] in _TIMES]
    cells = pd.Series(table[times].to_numpy().ravel(), dtype=str)
    years = cells[cells.ne("")].str[:4].astype(int)
    span = [] if years.empty else [int(years.min()), int(years.max())]
    return made | {"rows": len(table), "years": span}


def _section(entry: dict[str, Any]) -> list[str]:
    lines = [
        f"## {entry['name']}",
        "",
        f"**{entry['title']}.** {entry['description']}",
        "",
        f"- **File**: [{entry['path']}]({entry['path']}), {_size(entry)}",
        *(f"- **Source**: {_source(source)}" for source in entry["sources"]),
        *_retrieved(entry),
        f"- **Licence**: {_links(entry['licenses'])}",
        f"- **How it was made**: {entry['how_made']}",
    ]
    if "schema" in entry:
        lines += [_keys(entry["schema"]), "", "| column | type | unit | meaning |"]
        lines += ["|---|---|---|---|", *map(_field, entry["schema"]["fields"])]
    lines += ["", "**Before you use it**", ""]
    lines += [f"- {note}" for note in entry["reading_notes"]]
    return [*lines, "", *coverage(entry), "[Contents](#contents)", ""]


def _field(field: dict[str, Any]) -> str:
    limits = field.get("constraints", {})
    meaning = field["description"]
    if "enum" in limits:
        meaning += f". One of: {', '.join(f'`{value}`' for value in limits['enum'])}"
    if not limits.get("required"):
        meaning += ". May be empty"
    return f"| `{field['name']}` | {field['type']} | {field.get('unit', '')} | {_cell(meaning)} |"


def _keys(schema: dict[str, Any]) -> str:
    text = f"- **Key**: {', '.join(f'`{name}`' for name in names(schema['primaryKey']))}"
    for key in schema.get("foreignKeys", []):
        target = key["reference"]["resource"]
        fields = ", ".join(f"`{name}`" for name in names(key["fields"]))
        text += f"; {fields} in [{target}](#{target})"
    return text


def _number(entry: dict[str, Any]) -> str:
    return f"{entry['rows']:,}" if "rows" in entry else "map"


def _span(entry: dict[str, Any]) -> str:
    years = entry.get("years", [])
    return "–".join(str(year) for year in dict.fromkeys(years))


def _size(entry: dict[str, Any]) -> str:
    size = f"{entry['bytes']:,} bytes"
    if "rows" not in entry:
        return size
    return ", ".join(filter(None, [f"{entry['rows']:,} rows", _span(entry), size]))


def _source(source: dict[str, Any]) -> str:
    text = f"[{source['title']}]({source['path']}), {source['version']}"
    if way := source.get("by_way_of"):
        text += f"; by way of [`{way['title']}`]({way['path']}), {way['version']}"
    return text


def _retrieved(entry: dict[str, Any]) -> list[str]:
    if "retrieved" not in entry:
        return []
    text = f"- **Retrieved**: {entry['retrieved']}"
    return [f"{text}. {entry['if_moved']}" if "if_moved" in entry else text]


def _links(items: list[dict[str, str]]) -> str:
    return "; ".join(f"[{_cell(item['title'])}]({item['path']})" for item in items)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
