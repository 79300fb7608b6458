"""A chart stored in a notebook as part of a page: drawn, described, and with its data as a table.

A page needs `script()` and `style()` once, and `figure(output, name)` for each chart.
"""

import functools
import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from americas.course.notebooks import VEGALITE, VEGALITE_VERSION
from americas.errors import CourseError

_HERE = Path(__file__).parent
# More rows than any chart of the course has; beyond it a table helps nobody and slows a phone.
MOST_ROWS = 1500
# What a chart says in these names no column that it draws.
_NOT_DRAWN_FROM = ("datasets", "config", "title", "description")
_DAY = re.compile(r"(\d{4}-\d\d-\d\d)T00:00:00(\.0+)?$")


@functools.cache
def script(use: str) -> str:
    """Return one JavaScript: Vega with all it needs, `figures.js`, and the code that uses them.

    It is safe between `<script>` tags and asks the network for nothing.
    """
    import vl_convert

    drawing = (_HERE / "figures.js").read_text(encoding="utf-8")
    bundle = vl_convert.javascript_bundle(f"{drawing}\n{use}", vl_version=VEGALITE_VERSION)
    return bundle.replace("</script", "<\\/script")


def style() -> str:
    """Return the CSS of figures; the course's page or deck may add to it."""
    return (_HERE / "figures.css").read_text(encoding="utf-8")


def is_chart(output: dict[str, Any]) -> bool:
    """Return whether a stored output is a chart."""
    return VEGALITE in output.get("data", {})


def figure(output: dict[str, Any], name: str, *, table: bool = True) -> str:
    """Return the HTML of one chart: `name` is its id on the page, `table` adds description and data."""
    spec = output["data"][VEGALITE]
    description = spec.get("description") or ""
    if not description:
        raise CourseError(f"{name} has no description, so nobody could hear it. Give it one.")
    options = output.get("metadata", {}).get(VEGALITE, {}).get("embed_options", {})
    # Closing a tag inside a string would end the script; the two spellings mean the same.
    stored = json.dumps({"spec": spec, "options": options}, ensure_ascii=False, sort_keys=True)
    stored = stored.replace("</", "<\\/").replace("<!--", "<\\u0021--")
    parts = [
        f'<figure class="chart" id="{html.escape(name)}">',
        f'<div class="drawing" role="img" aria-label="{html.escape(description)}"></div>',
        f'<script type="application/json">{stored}</script>',
        *(_details(spec, description) if table else []),
        "</figure>",
    ]
    return "\n".join(parts)


def _details(spec: dict[str, Any], description: str) -> Iterator[str]:
    """Yield what a reader who can't see the chart, or wants its numbers, opens below it."""
    yield '<details class="data"><summary>Description and data</summary>'
    yield f"<p>{html.escape(description)}</p>"
    sets = list(spec.get("datasets", {}).values())
    said = {key: value for key, value in spec.items() if key not in _NOT_DRAWN_FROM}
    titles = _titles(said)
    for number, rows in enumerate(sets, start=1):
        name = "Data of this chart" if len(sets) == 1 else f"Data {number} of {len(sets)}"
        if not isinstance(rows, list):
            yield f"<p>{name}: the outlines of the map, too many numbers for a table.</p>"
        elif rows:
            columns = [column for column in rows[0] if _occurs(column, json.dumps(said))]
            yield from _table(name, rows, {c: titles.get(c, c) for c in columns or rows[0]})
    yield "</details>"


def _titles(part: Any) -> dict[str, str]:
    """Return the titles that a chart's axes and legends give to columns: they name the unit."""
    if isinstance(part, list):
        parts, titles = part, {}
    elif isinstance(part, dict):
        parts, titles = list(part.values()), {}
        field, title = part.get("field"), part.get("title")
        # A sum's title isn't that of the numbers which are summed up.
        if isinstance(field, str) and isinstance(title, str) and "aggregate" not in part:
            titles = {field: title} if title else {}
    else:
        return {}
    for inner in map(_titles, parts):
        titles = inner | titles
    return titles


def _occurs(column: str, said: str) -> bool:
    """Return whether a chart makes any use of a column, so that its name stands in what the chart says."""
    return re.search(rf"(?<!\w){re.escape(json.dumps(column)[1:-1])}(?!\w)", said) is not None


def _table(name: str, rows: list[dict[str, Any]], columns: dict[str, str]) -> Iterator[str]:
    """Yield one data set as a table; `columns` gives for each column shown its title."""
    note = f" The first {MOST_ROWS:,} of {len(rows):,} rows." if len(rows) > MOST_ROWS else ""
    yield f'<div class="wide" role="region" tabindex="0" aria-label="{html.escape(name)}">'
    yield f"<table><caption>{html.escape(name)}.{note}</caption><thead><tr>"
    for column, title in columns.items():
        number = ' class="number"' if 'class="number"' in _cell(rows[0].get(column)) else ""
        yield f'<th scope="col"{number}>{html.escape(title)}</th>'
    yield "</tr></thead><tbody>"
    for row in rows[:MOST_ROWS]:
        yield f"<tr>{''.join(_cell(row.get(column)) for column in columns)}</tr>"
    yield "</tbody></table></div>"


def _cell(value: Any) -> str:
    if value is None:
        return "<td>–</td>"
    if isinstance(value, bool):
        return f"<td>{'yes' if value else 'no'}</td>"
    if isinstance(value, int | float):
        # Not grouped by commas: a year is a number, too.
        digits = f"{value:z.4f}".rstrip("0").rstrip(".") if abs(value) < 1e4 else f"{value:.0f}"
        return f'<td class="number">{digits}</td>'
    day = _DAY.sub(r"\1", str(value))
    return f"<td>{html.escape(day)}</td>"
