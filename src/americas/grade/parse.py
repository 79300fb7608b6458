"""Reads a notebook that may be in any state: old, damaged, huge, or no notebook at all.

No notebook library: they refuse what still can be read, and fill in what is not there.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from americas.grade.archives import MOST_BYTES

MOST_CELLS = 2_000
# Of JSON's brackets and commas: what is read takes some hundred bytes of memory for each.
_MOST_PARTS = 3_000_000
_MOST_CHART = 400_000
_VEGALITE = "application/vnd.vegalite."
_MOST_CHARACTERS = 200_000

# What other files begin with, and what to tell who handed in one of them.
_OTHERS = (
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a zip or an Office file"),
    (b"<!DOCTYPE", "a web page"),
    (b"<html", "a web page"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"\xd0\xcf\x11\xe0", "an old Office file"),
    (b"import ", "Python code"),
    (b"from ", "Python code"),
    (b"# %%", "Python code"),
    (b"version https://git-lfs", "a pointer to a file that git has elsewhere"),
)


class Unreadable(Exception):
    """A file that is no notebook; the message says what it is, for the teacher to act on."""


@dataclass(frozen=True)
class Cell:
    """One cell: `kind` is code, markdown or raw; `told` is what its stored output said.

    charts: the stored charts: Vega-Lite, or {"png": base64} where there is only a picture.
    """

    kind: str
    source: str
    id: str = ""
    tags: tuple[str, ...] = ()
    told: str = ""
    charts: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Notebook:
    """A notebook as it was handed in. `digest` is the mark of the version handed out."""

    cells: list[Cell]
    digest: str = ""
    notes: list[str] = field(default_factory=list)


def read(raw: bytes) -> Notebook:
    """Return the notebook in these bytes. Raise Unreadable with a sentence where there is none."""
    if len(raw) > MOST_BYTES:
        raise Unreadable(
            f"The file is larger than {MOST_BYTES >> 20} MB, and so not opened. Ask for it again, "
            "saved after Edit → Clear All Outputs."
        )
    if not raw.strip():
        raise Unreadable("The file is empty. Ask for it again.")
    if raw.count(b",") + raw.count(b"[") + raw.count(b"{") > _MOST_PARTS:
        raise Unreadable(
            "The notebook holds more than can be read with care. Ask for it again, saved after "
            "Edit → Clear All Outputs."
        )
    notes: list[str] = []
    content = _json(raw, _text(raw, notes))
    found = content.get("cells")
    if found is None and content.get("worksheets"):
        notes.append("An old notebook (format 3 or before): read all the same.")
        sheets = [sheet for sheet in _list(content["worksheets"]) if isinstance(sheet, dict)]
        found = [cell for sheet in sheets for cell in _list(sheet.get("cells"))]
    if found is None:
        raise Unreadable("The file is JSON, but no notebook: it has no cells. Ask for it again.")
    cells = [_cell(cell) for cell in _list(found) if isinstance(cell, dict)]
    if len(cells) > MOST_CELLS:
        notes.append(f"The notebook has {len(cells):,} cells; the first {MOST_CELLS:,} were read.")
    metadata = _dict(_dict(content.get("metadata")).get("americas"))
    return Notebook(cells[:MOST_CELLS], str(metadata.get("digest", "")), notes)


def _text(raw: bytes, notes: list[str]) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        notes.append("The file was saved as UTF-16, not UTF-8: read all the same.")
        return raw.decode("utf-16", errors="replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        notes.append("The file is not UTF-8 throughout: accents in it may be lost.")
        return raw.decode("cp1252", errors="replace")


def _json(raw: bytes, text: str) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise Unreadable(_what_else(raw, text)) from None
    if not isinstance(content, dict):
        raise Unreadable("The file is JSON, but no notebook. Ask for it again.")
    return content


def _what_else(raw: bytes, text: str) -> str:
    start = raw.lstrip()[:100]
    for opening, what in _OTHERS:
        if start.lower().startswith(opening.lower()):
            return f"The file is no notebook but {what}. Ask for the .ipynb file."
    if "<<<<<<<" in text and ">>>>>>>" in text:
        return "The notebook holds two versions that git could not merge. Ask for it again."
    if start.startswith(b"{") and '"cells"' in text and not text.rstrip().endswith("}"):
        return "The notebook is cut short: it ends in its middle. Ask for it again."
    return "The file is damaged or no notebook: it is not JSON. Ask for it again."


def _cell(cell: dict[str, Any]) -> Cell:
    kind = cell.get("cell_type")
    metadata = _dict(cell.get("metadata"))
    tags = tuple(tag for tag in _list(metadata.get("tags")) if isinstance(tag, str))
    # `input` is format 3's word for a code cell's source, `heading` its kind for headings.
    source = _joined(cell.get("source", cell.get("input", "")))
    if kind == "heading":
        level = cell.get("level")
        source = "#" * (level if isinstance(level, int) and 0 < level < 7 else 1) + " " + source
    kind = kind if kind in ("code", "raw") else "markdown"
    name = cell.get("id") or metadata.get("id") or ""
    return Cell(
        kind,
        source[:_MOST_CHARACTERS],
        name if isinstance(name, str) else "",
        tags,
        _told(cell),
        tuple(_charts(cell)),
    )


def _charts(cell: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the charts of a cell's stored outputs that are no larger than a chart should be."""
    for output in _list(cell.get("outputs")):
        data = _dict(_dict(output).get("data"))
        spec = next((data[kind] for kind in data if kind.startswith(_VEGALITE)), None)
        picture = data.get("image/png")
        if isinstance(spec, dict) and len(json.dumps(spec)) <= _MOST_CHART:
            yield spec
        elif isinstance(picture, str | list) and len(_joined(picture)) <= _MOST_CHART:
            yield {"png": "".join(_joined(picture).split())}


def _told(cell: dict[str, Any]) -> str:
    """Return what a check had said when the student ran it; "" where it had not been run."""
    lines = []
    for output in _list(cell.get("outputs")):
        data = _dict(_dict(output).get("data"))
        if "Not checked yet." not in _joined(data.get("text/html", "")):
            lines.append(_joined(data.get("text/plain", ""))[:500])
    found = re.search(r"(?<!\d)\d{1,2}\.\d{1,2} · Correct\.", "\n".join(lines))
    return found.group() if found else ""


def _joined(source: Any) -> str:
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    if not isinstance(source, str):
        return ""
    # A lone surrogate can stand in JSON but in no file, no page and no pipe.
    source = source.encode("utf-8", errors="replace").decode("utf-8")
    return str(source).replace("\r\n", "\n").replace("\r", "\n")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
