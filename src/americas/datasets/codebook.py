"""The codebook: what can be counted in the tables, and `data/README.md`, made for a reader."""

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import pandas as pd

from americas import data
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
    """Set `bytes`, `hash`, `rows` and `years` of every table and map from its file."""
    path = data.folder() / "datapackage.json"
    made = {entry["name"]: _count(entry) for entry in _read(path)["resources"]}
    # Read again: an author may have saved another entry while the tables were counted.
    package = _read(path)
    for entry in package["resources"]:
        entry.update(made.get(entry["name"], {}))
    text = json.dumps(package, indent=2, ensure_ascii=False) + "\n"
    if text != path.read_text(encoding="utf-8"):
        path.write_text(text, encoding="utf-8", newline="\n")
    data.package.cache_clear()


def page() -> str:
    """Return the whole codebook as Markdown: a table of contents, then a section a table."""
    entries = data.package()["resources"]
    rows = [
        f"| [{entry['name']}](#{entry['name']}) | {_cell(entry['title'])} "
        f"| {_number(entry)} | {_span(entry)} |"
        for entry in entries
    ]
    contents = ["## Contents", "", "| table | what it holds | rows | years |"]
    contents += ["|---|---|---:|---|", *rows, ""]
    sections = ["\n".join(_section(entry)) for entry in entries]
    return "\n".join([_HEAD, *contents, *sections])


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
    table = pd.read_csv(io.BytesIO(raw), dtype=str, keep_default_na=False, encoding="utf-8")
    fields = [field["name"] for field in entry["schema"]["fields"]]
    if fields != list(table.columns):
        raise CourseError(
            f"{path} has the columns {', '.join(table.columns)}; datapackage.json lists "
            f"{', '.join(fields)}. Make the two agree."
        )
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


def _source(source: dict[str, str]) -> str:
    return f"[{source['title']}]({source['path']}), {source.get('version', 'no version')}"


def _links(items: list[dict[str, str]]) -> str:
    return "; ".join(f"[{_cell(item['title'])}]({item['path']})" for item in items)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
