"""What an entry of datapackage.json has to say about its table, and how to say what it lacks."""

import io
import json
from pathlib import Path
from typing import Any

import pandas as pd

from americas.errors import CourseError

# Files of the data folder that describe tables and are none.
_NO_TABLES = {"datapackage.json", "README.md"}
_TABLE = {
    "title": "a short name, as a reader would look for it",
    "description": "in one or two sentences what the table holds",
    "path": "the file's name, such as mine.csv",
    "sources": 'a list of the sources, each with "title", "path" (the address) and "version"',
    "licenses": 'a list of the licences, each with "name", "title" and "path" (the address)',
    "how_made": "how the table came about: by which code, or read one by one and by whom",
    "reading_notes": "a list of sentences on what a careless reader would get wrong",
}
_SCHEMA = {
    "fields": "a list of the columns, in their order",
    "primaryKey": "the list of columns whose values together are different in every row",
}
_FIELD = {
    "name": "the column's name, as in the file's first line",
    "type": "string, integer, number, year, date or boolean",
    "description": "what the column means",
}
_SOURCE = {
    "title": "who published it, and its title",
    "path": "its address",
    "version": "the version, the edition or the date",
}
# What a cell looks like, as text, for each type.
_CELLS = {
    "string": r".+",
    "integer": r"[+-]?\d+",
    "number": r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?",
    "year": r"\d{4}",
    "date": r"\d{4}-\d\d-\d\d",
    "boolean": r"true|false|True|False",
}
_PARTS = {"table": _TABLE, "schema": _SCHEMA, "column": _FIELD, "source": _SOURCE}


def read(path: Path) -> pd.DataFrame:
    """Return a CSV file with every cell as text; an empty cell is "".

    Raises CourseError, a sentence that says how to save the file, where it is not UTF-8, has
    semicolons between its cells, is empty, or has lines of different lengths.
    """
    save = f'Save it anew, from a spreadsheet as "CSV UTF-8 (comma delimited)": data/{path.name}'
    raw = path.read_bytes()
    try:
        table = pd.read_csv(io.BytesIO(raw), dtype=str, keep_default_na=False, encoding="utf-8")
    except UnicodeDecodeError:
        raise CourseError(f"{save} has letters that are not UTF-8.") from None
    except pd.errors.EmptyDataError:
        raise CourseError(f"{save} is empty.") from None
    except pd.errors.ParserError as error:
        raise CourseError(f"{save} has lines of different lengths ({error}).") from None
    if len(table.columns) == 1 and ";" in table.columns[0]:
        raise CourseError(f"{save} has semicolons where commas belong.")
    return table


def undescribed(folder: Path, entries: list[dict[str, Any]]) -> list[str]:
    """Return a sentence, with a draft of its entry, for each file that no entry describes."""
    described = {entry.get("path") for entry in entries} | _NO_TABLES
    files = sorted(path for path in folder.iterdir() if path.name not in described)
    return [
        f'data/{path.name} is not described. Put this entry into the list "resources" of '
        f'data/datapackage.json and write something for each "...":\n{_draft(path)}'
        if path.suffix == ".csv"
        else f"data/{path.name} is not described and is no CSV file. Save it as CSV (UTF-8, commas)"
        " or take it out of the folder."
        for path in files
    ]


def faults(entry: dict[str, Any]) -> list[str]:
    """Return a sentence for each thing that an entry lacks or says in a way nobody understands."""
    name = entry.get("name")
    if not name:
        return [f'An entry of data/datapackage.json has no "name" (its path: {entry.get("path")}).']
    found = _lacks(entry, "table", f"entry {name!r}")
    for source in entry.get("sources") or []:
        found += _lacks(source, "source", f"entry {name!r}, a source")
    if not str(entry.get("path", "")).endswith(".csv"):
        return found
    schema = entry.get("schema") or {}
    found += _lacks(schema, "schema", f'entry {name!r}, "schema"')
    columns = schema.get("fields") or []
    for field in columns:
        place = f"entry {name!r}, column {field.get('name')!r}"
        found += _lacks(field, "column", place)
        if field.get("type", "string") not in _CELLS:
            found.append(
                f"data/datapackage.json, {place}: the type {field['type']!r} is unknown. Write "
                f"one of {', '.join(_CELLS)}."
            )
        if field.get("type") == "number" and not field.get("unit"):
            found.append(
                f'data/datapackage.json, {place}: "unit" is missing. Write there what is counted, '
                'such as "US dollars of 2020".'
            )
    key = schema.get("primaryKey") or []
    known = {field.get("name") for field in columns}
    unknown = [column for column in ([key] if isinstance(key, str) else key) if column not in known]
    if unknown:
        found.append(
            f'data/datapackage.json, entry {name!r}: "primaryKey" names {", ".join(unknown)}, '
            "which is no column of the table."
        )
    return found


def cells(entry: dict[str, Any], table: pd.DataFrame) -> list[str]:
    """Return a sentence for the first cell of each column that its entry does not allow.

    table: the file with every cell as text; an empty cell is "".
    """
    return [
        sentence
        for field in entry["schema"]["fields"]
        if (sentence := _cell(entry, field, table[field["name"]]))
    ]


def _cell(entry: dict[str, Any], field: dict[str, Any], column: pd.Series) -> str:
    limits = field.get("constraints", {})
    empty = column.eq("")
    mend = "Mend the cell, or what datapackage.json says of the column"
    if limits.get("required") and empty.any():
        return f'{_place(entry, field, empty)} is empty, though the column is "required". {mend}.'
    odd = ~empty & ~column.str.fullmatch(_CELLS[field["type"]])
    if odd.any():
        return (
            f"{_place(entry, field, odd)}: {column[odd].iloc[0]!r} is no {field['type']}. {mend}."
        )
    strange = ~empty & ~column.isin(limits["enum"]) if "enum" in limits else odd
    if strange.any():
        return (
            f"{_place(entry, field, strange)}: {column[strange].iloc[0]!r} is none of "
            f"{', '.join(limits['enum'])}. {mend}."
        )
    return ""


def _place(entry: dict[str, Any], field: dict[str, Any], wrong: pd.Series) -> str:
    # The file's first line holds the names.
    return f"data/{entry['path']}, line {wrong.argmax() + 2}, column {field['name']!r}"


def _lacks(part: dict[str, Any], kind: str, place: str) -> list[str]:
    return [
        f'data/datapackage.json, {place}: "{key}" is missing. Write there {what}.'
        for key, what in _PARTS[kind].items()
        if not part.get(key) or part[key] == "..."
    ]


def _draft(path: Path) -> str:
    """Return the entry of a CSV file as JSON: what can be guessed, and dots for the rest."""
    table = read(path)
    fields = [_guess(name, table[name]) for name in table.columns]
    entry = {
        "name": path.stem,
        "title": "...",
        "description": "...",
        "path": path.name,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "profile": "tabular-data-resource",
        "sources": [{"title": "...", "path": "...", "version": "..."}],
        "retrieved": "...",
        "licenses": [{"name": "...", "title": "...", "path": "..."}],
        "how_made": "...",
        "reading_notes": ["..."],
        "schema": {"fields": fields, "primaryKey": ["..."]},
    }
    return json.dumps(entry, indent=2, ensure_ascii=False)


def _guess(name: str, column: pd.Series) -> dict[str, Any]:
    full = column[column.ne("")]
    fits = (
        kind
        for kind in ("boolean", "year", "integer", "number", "date", "string")
        if len(full) and full.str.fullmatch(_CELLS[kind]).all()
    )
    field: dict[str, Any] = {"name": name, "type": next(fits, "string"), "description": "..."}
    if field["type"] in ("integer", "number"):
        field["unit"] = "..."
    return field | ({"constraints": {"required": True}} if len(full) == len(column) else {})
