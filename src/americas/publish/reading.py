"""A notebook, or a text in Markdown, as the inside of a page: nbconvert with a template of ours."""

import functools
import html
import posixpath
import re
from pathlib import Path
from typing import Any

import nbformat
from nbconvert import TemplateExporter
from nbconvert.filters import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from americas.course.notebooks import tags
from americas.errors import CourseError
from americas.publish import figures
from americas.publish.places import Page, Places

_TEMPLATES = Path(__file__).parent / "templates"
# "Figure 4", "Figures 1, 2 and 4"; not the figure's own caption, which is bold.
_FIGURES = re.compile(r"(?<!\*\*)\bFigures? \d+(?:(?:, | and |–)\d+\b)*")
_CAPTION = re.compile(r"\*\*Figure (\d+)\.\*\*")
# Code and links, in which nothing is made a link.
_CLOSED = re.compile(r"(```.*?```|`[^`\n]*`|!?\[[^\]]*\]\([^)]*\))", re.DOTALL)
_TH = re.compile(r"<th\b")
_NUMBER = re.compile(r"\s*(-?[\d,]*\.?\d+(e[+-]?\d+)?%?|NaN|None|<NA>|&lt;NA&gt;)\s*")
_DAY = re.compile(r"<td>(?=\d{4}-\d\d-\d\d\b)")
_LONG = re.compile(r"<td>(?=[^<]{40})")
_LONGISH = re.compile(r"<td>(?=[^<]{24})")
# The name of a row, or of several, that alone would fill a phone.
_NAME = re.compile(r"<th\b(?=[^>]*>[^<]{24})")
# A set by the name of its notebook, which a reader of the pages never sees.
_SET = re.compile(r"exercises/(\d\d)-[\w-]+\.ipynb")
_OWN_STYLE = re.compile(r"<style scoped>.*?</style>\n?", re.DOTALL)


def fill(page: Page, notebook: nbformat.NotebookNode, places: Places) -> None:
    """Make the page's title, body and headings from a notebook."""
    _draw_figures(page, notebook)
    exercise = page.source.startswith("exercises/")
    lesson = f"../notebooks/{posixpath.basename(page.source)}" if exercise else ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = with_figures(cell.source, lesson, None if exercise else page.figures)
        elif "check" in tags(cell):
            cell.outputs = []  # what a right answer would print
    exporter = _exporter()
    exporter.text = _Text(page, places)
    page.body, _ = exporter.from_notebook_node(notebook)
    titles = [heading.text for heading in page.headings if heading.level == 1]
    if len(titles) != 1:
        raise CourseError(f"{page.source} has {len(titles)} titles (`# …`). A page needs one.")
    page.title = titles[0]


def fill_from_text(page: Page, text: str, places: Places) -> None:
    """Make the page's title, body and headings from a text in Markdown."""
    cell = nbformat.v4.new_markdown_cell(text)
    fill(page, nbformat.v4.new_notebook(cells=[cell]), places)


def with_figures(text: str, lesson: str, known: list[str] | None) -> str:
    """Markdown with each "Figure 4" made a link to it: on the same page, or in a `lesson`."""

    def link(found: re.Match[str]) -> str:
        def one(number: re.Match[str]) -> str:
            name = f"figure-{number[2]}"
            if known is not None and name not in known:
                return number[0]
            return f"[{number[0]}]({lesson}#{name})"

        return re.sub(r"(Figures? )?(\d+)", one, found[0])

    # Every second part is closed.
    parts = _CLOSED.split(text)
    return "".join(part if i % 2 else _FIGURES.sub(link, part) for i, part in enumerate(parts))


def _draw_figures(page: Page, notebook: nbformat.NotebookNode) -> None:
    """Turn each chart into HTML whose id is the number by which the text below it calls it."""
    charts = [o for cell in notebook.cells for o in cell.get("outputs", []) if figures.is_chart(o)]
    last = None
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            if last and (found := _CAPTION.search(cell.source)):
                last["metadata"]["figure"] = f"figure-{found[1]}"
            last = None
        for output in filter(figures.is_chart, cell.get("outputs", [])):
            last = output
    for number, output in enumerate(charts, start=1):
        name = output["metadata"].setdefault("figure", f"chart-{number}")
        page.figures.append(name)
        output["data"] = {"text/html": figures.figure(output, name)}


class _Exporter(TemplateExporter):
    """nbconvert with our template. Its HTMLExporter would parse each page once more: seconds."""

    text: "_Text"

    def default_filters(self) -> Any:
        """What the template calls by name."""
        yield from super().default_filters()
        yield "markdown2html", lambda source: MarkdownWithMath(renderer=self.text).render(source)
        yield "highlight_code", Highlight2HTML(pygments_lexer="ipython3")
        yield "tidy_table", _tidy_table

    def _template_extension_default(self) -> str:
        return ".html.j2"


@functools.cache  # to read the templates takes longer than to fill them
def _exporter() -> _Exporter:
    return _Exporter(template_name="reading", extra_template_basedirs=[str(_TEMPLATES)])


class _Text(IPythonRenderer):
    """Writes the HTML of one cell of text."""

    def __init__(self, page: Page, places: Places) -> None:
        super().__init__(escape=False)
        self._page, self._places = page, places

    def heading(self, text: str, level: int, **_: Any) -> str:
        """A heading with an id."""
        made = self._page.add_heading(level, text)
        return f'<h{level} id="{html.escape(made.id)}">{text}</h{level}>\n'

    def link(self, text: str, url: str, title: str | None = None) -> str:
        """A link that leads to the page made from the file it names."""
        text = _SET.sub(r"exercise set \1", text)
        return super().link(text, self._places.lead(self._page, url), title)

    def table(self, text: str) -> str:
        """A table, which scrolls by itself where it is wider than the page."""
        return f'<div class="wide"><table>\n{text}</table></div>\n'

    def table_head(self, text: str) -> str:
        """The head of a table; one without words is left out."""
        empty = not re.sub(r"<[^>]+>", "", text).strip()
        return "" if empty else f"<thead>\n<tr>\n{text}</tr>\n</thead>\n"

    def table_cell(self, text: str, align: str | None = None, head: bool = False) -> str:
        """A cell, which in the head names its column."""
        style = f' style="text-align:{align}"' if align else ""
        if head:
            return f'<th scope="col"{style}>{text}</th>\n'
        length = len(re.sub(r"<[^>]+>", "", text))
        width = "long" if length > 60 else "short" if length <= len("1980–2020") else ""
        named = f' class="{width}"' if width else ""
        return f"<td{named}{style}>{text}</td>\n"


def _tidy_table(text: str) -> str:
    """The HTML of a DataFrame without a style of its own; heads name rows or columns."""
    text = _OWN_STYLE.sub("", text).replace('<table border="1" class="dataframe">', "<table>")
    text = _DAY.sub('<td class="day">', text.replace(' style="text-align: right;"', ""))
    text = _LONGISH.sub('<td class="longish">', _LONG.sub('<td class="long">', text))
    head, end, body = text.partition("</thead>")
    body = _NAME.sub('<th class="name"', body)
    head, body = _TH.sub('<th scope="col"', head), _TH.sub('<th scope="row"', body)
    rows = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in body.split("</tr>")]
    columns = zip(*filter(None, rows), strict=False)
    numeric = [all(map(_NUMBER.fullmatch, column)) for column in columns]
    return _mark(head, "th", numeric) + end + _mark(body, "td", numeric)


def _mark(text: str, tag: str, numeric: list[bool]) -> str:
    """Give each row's cells that stand over or in a column of numbers the class for numbers."""

    def row(found: re.Match[str]) -> str:
        cells = re.split(rf"(?=<{tag}\b)", found[0])
        first = len(cells) - len(numeric)  # before it the names of the rows
        return "".join(
            cell.replace(f"<{tag}", f'<{tag} class="number"', 1)
            if at >= max(first, 1) and numeric[at - first]
            else cell
            for at, cell in enumerate(cells)
        )

    return re.sub(r"<tr>.*?</tr>", row, text, flags=re.DOTALL)
