"""A cell's stored output as it stands on a slide, where it is small enough to be large there."""

import html
import re
from collections.abc import Iterator
from xml.etree import ElementTree

from nbformat import NotebookNode

# At 26 pixels, what a slide of 1280 by 720 holds.
MOST_LETTERS, MOST_LINES = 68, 9
MOST_CODE_LETTERS, MOST_CODE_LINES = 78, 8


def code_fits(source: str) -> bool:
    """Whether a cell of code can stand on a slide in large letters."""
    lines = source.split("\n")
    return len(lines) <= MOST_CODE_LINES and max(map(len, lines)) <= MOST_CODE_LETTERS


def shown(cell: NotebookNode, lines: int = MOST_LINES, *, wrap: bool = False) -> list[str]:
    """The HTML of each output of a cell that fits on a slide in so many lines."""
    found = (_one(output, lines, wrap) for output in cell.get("outputs", []))
    return [text for text in found if text]


def _one(output: NotebookNode, lines: int, wrap: bool) -> str:
    if output.output_type == "error":
        said = re.sub(r" \(\d+\.py, line \d+\)$", "", output.evalue)
        return f"<pre>{html.escape(f'{output.ename}: {said}', quote=False)}</pre>"
    data = output.get("data", {"text/plain": output.get("text", "")})
    if "text/html" in data:
        return _table(data["text/html"], lines, wrap)
    if set(data) != {"text/plain"}:
        return ""
    text = re.sub(r"\n(Name: .*)?dtype: \w+$", "", data["text/plain"].rstrip())
    rows = text.split("\n")
    need = sum(-(-len(row) // MOST_LETTERS) for row in rows)
    if need > lines or (need > len(rows) and len(rows) > 2):
        return ""
    return f"<pre>{html.escape(text, quote=False)}</pre>"


def _table(source: str, lines: int, wrap: bool) -> str:
    """A pandas table, without the style and the bare row numbers that pandas gives it."""
    try:
        table = ElementTree.fromstring(re.search(r"<table.*</table>", source, re.DOTALL)[0])
    except (ElementTree.ParseError, TypeError):
        return ""
    heads = [[_text(cell) for cell in row] for row in table.iterfind("thead/tr")]
    rows = [[_text(cell) for cell in row] for row in table.iterfind("tbody/tr")]
    if len({len(row) for row in heads + rows}) != 1:
        return ""
    # The name of the row labels stands under the columns' common name, which can be spared.
    names = [next(filter(None, reversed(column)), "") for column in zip(*heads, strict=True)]
    if not names[0] and all(row[0].isdecimal() for row in rows):
        names, rows = names[1:], [row[1:] for row in rows]
    words = [max(name.replace("_", " ").split() or [""], key=len) for name in names]
    widths = [max(map(len, column)) + 2 for column in zip(words, *rows, strict=True)]
    if not wrap and (len(rows) + 1 > lines or sum(widths) > MOST_LETTERS):
        return ""
    return "".join(_html(names, rows))


def _text(cell: ElementTree.Element) -> str:
    return "".join(cell.itertext()).strip()


def _html(names: list[str], rows: list[list[str]]) -> Iterator[str]:
    numbers = [all(_is_number(row[i]) for row in rows) for i in range(len(names))]
    kinds = [' class="number"' if number else "" for number in numbers]
    yield "<table><thead><tr>"
    for name, kind in zip(names, kinds, strict=True):
        yield f'<th scope="col"{kind}>{html.escape(name)}</th>' if name else "<td></td>"
    yield "</tr></thead><tbody>"
    for row in rows:
        cells = zip(row, kinds, strict=True)
        yield f"<tr>{''.join(f'<td{kind}>{html.escape(text)}</td>' for text, kind in cells)}</tr>"
    yield "</tbody></table>"


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[-−]?[\d,]*\.?\d+%?|NaN|nan", text) is not None
