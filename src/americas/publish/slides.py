"""The command `slides`: one HTML file a lesson, for a projector, that needs no network.

What is on the slides is said in the lesson, cell by cell, in JupyterLab's own field Slide Type:
`slide` and `subslide` begin a slide, `fragment` is shown on it at the next key, `-` at once, and
`notes` is for the teacher. A cell without a slide type is in no deck. The tag `show-input` shows
the code of a chart, the tag `hide-input` hides the code of any other cell.
"""

import copy
import functools
import html
import re
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbconvert import SlidesExporter
from nbformat import NotebookNode

from americas.course.lesson_head import head_table
from americas.course.minutes import HOME, IF_TIME
from americas.course.notebooks import outputs, read, tags
from americas.course.paths import Course
from americas.course.progress import track
from americas.errors import CourseError
from americas.publish import figures

_HERE = Path(__file__).parent
_MARK = "made-by-americas-slides.txt"
_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
# What opens a cell of several parts shares a slide with the first of them.
_SHORT = 300
_PART = re.compile(r"^(?=### )", re.MULTILINE)
# A link to another file of the course: a deck is one file, so it has nowhere to lead.
_INSIDE = re.compile(r"\[([^\]]+)\]\((?!https?:)[^)\s]+\)")


def make(course: Course, names: list[str], out: Path) -> int:
    """Make the decks of the lessons named, else of all, in the folder `out`; return 0."""
    known = {path.stem: path for path in course.lessons()}
    for name in names:
        if name not in known:
            raise CourseError(
                f"There is no lesson {name}. The lessons are: {', '.join(known) or 'none yet'}."
            )
    if out.is_file() or (out.is_dir() and any(out.iterdir()) and not (out / _MARK).is_file()):
        raise CourseError(
            f"{out} is there already and was not made by this command, so it is left alone. "
            "Name another folder with --out."
        )
    out.mkdir(parents=True, exist_ok=True)
    (out / _MARK).write_text("The decks here are made: change the lessons.\n", encoding="utf-8")
    for name in track(names or list(known), "Slides"):
        start = time.perf_counter()
        notebook = read(known[name])
        if not outputs(notebook):
            raise CourseError(
                f"{name} is stored without its outputs, so its deck would have no figures. "
                f"Run `americas run notebooks/{name}.ipynb` first."
            )
        path = out / f"{name}.html"
        path.write_text(page(notebook, name), encoding="utf-8", newline="\n")
        size, seconds = path.stat().st_size / 1e6, time.perf_counter() - start
        print(f"{path}: {size:.2f} MB, {seconds:.1f} s", flush=True)
    return 0


def page(notebook: NotebookNode, name: str) -> str:
    """Return the deck of a lesson as one HTML file."""
    text, _ = _exporter().from_notebook_node(_deck(notebook, name))
    # Put in last: nbconvert would parse these megabytes once more.
    for place, script in _scripts().items():
        text = text.replace(place, script, 1)
    return text


@functools.cache
def _exporter() -> SlidesExporter:
    return SlidesExporter(
        template_name="deck",
        extra_template_basedirs=[str(_HERE / "templates")],
        exclude_anchor_links=True,
    )


@functools.cache
def _scripts() -> dict[str, str]:
    """Return style and scripts by the marks in the template that they take the place of."""
    import sphinx_revealjs

    # Its copy of reveal.js is the only thing used of this package.
    reveal = Path(sphinx_revealjs.__file__).parent / "_static" / "revealjs"
    styles = [reveal / "dist" / "reveal.css", _HERE / "templates" / "deck" / "deck.css"]
    plain = [reveal / "dist" / "reveal.js", reveal / "plugin" / "notes" / "notes.js"]
    read_all = [path.read_text(encoding="utf-8") for path in styles]
    scripts = [path.read_text(encoding="utf-8").replace("</script", "<\\/script") for path in plain]
    return {
        "/*STYLE*/": "\n".join([read_all[0], figures.style(), read_all[1]]),
        "/*REVEAL*/": "\n".join(scripts),
        "/*FIGURES*/": figures.script(
            (_HERE / "templates" / "deck" / "deck.js").read_text(encoding="utf-8")
        ),
    }


def _deck(lesson: NotebookNode, name: str) -> NotebookNode:
    """Return a copy of a lesson with only the cells of its deck, made ready for the template."""
    rows = head_table(lesson.cells[0].source)
    minutes = _minutes(lesson, rows)
    title, section, cells = "", "", []
    for cell in _parted(lesson.cells):
        kind = cell.metadata.get("slideshow", {}).get("slide_type", "")
        if cell.cell_type == "markdown" and (heading := _HEADING.search(cell.source)):
            section = heading[1]
        if not kind or kind == "skip" or section.startswith(HOME):
            continue
        if kind == "notes" and cell.cell_type == "code":
            raise CourseError(f"{name}: a cell of code can't be notes: {cell.source[:60]!r}.")
        if not cells and kind != "slide":
            raise CourseError(f"{name}: the first cell of its deck has to have the type slide.")
        data = {"section": section.replace(f" {IF_TIME}", ""), "optional": IF_TIME in section}
        cell.metadata.slideshow["data"] = {key: str(value) for key, value in data.items() if value}
        if cell.cell_type == "code":
            _show(cell, f"{name}-{len(cells)}")
        else:
            cell.source = _INSIDE.sub(r"\1", cell.source)
        cells.append(cell)
        if len(cells) == 1:
            title, notes = _opening(cell, rows)
            cells.append(notes)
        elif section in minutes:
            cells.append(_notes(minutes.pop(section)))
    metadata = lesson.metadata | {"title": title}
    return nbformat.v4.new_notebook(cells=_notes_first(cells), metadata=metadata)


def _parted(cells: list[NotebookNode]) -> Iterator[NotebookNode]:
    """Yield copies of cells; of one with headings ### each part, on a slide of its own."""
    for cell in copy.deepcopy(cells):
        first, *more = _PART.split(cell.source) if cell.cell_type == "markdown" else [cell.source]
        if more and len(first) < _SHORT:
            first += more.pop(0)
        cell.source = first
        yield cell
        kind = cell.metadata.get("slideshow", {}).get("slide_type", "")
        kind = "subslide" if kind == "slide" else kind
        for part in more:
            yield nbformat.v4.new_markdown_cell(part, metadata={"slideshow": {"slide_type": kind}})


def _opening(cell: NotebookNode, rows: dict[str, str]) -> tuple[str, NotebookNode]:
    """Make the lesson's head its first slide; return its title, and the rest as notes."""
    title = cell.source.partition("\n")[0].removeprefix("# ")
    cell.source = f"# {title}\n\n{rows['Question']}"
    rest = [f"**{name}**: {text}" for name, text in rows.items() if name != "Question"]
    return title, _notes("\n\n".join(rest))


def _notes(text: str) -> NotebookNode:
    return nbformat.v4.new_markdown_cell(text, metadata={"slideshow": {"slide_type": "notes"}})


def _notes_first(cells: list[NotebookNode]) -> list[NotebookNode]:
    """Move a slide's notes before its fragments, inside which they would wait for a key."""
    slides = []
    for cell in cells:
        if cell.metadata.slideshow.slide_type in ("slide", "subslide"):
            slides.append([])
        slides[-1].append(cell)
    return [
        cell
        for first, *rest in slides
        for cell in (first, *sorted(rest, key=lambda c: c.metadata.slideshow.slide_type != "notes"))
    ]


def _minutes(lesson: NotebookNode, rows: dict[str, str]) -> dict[str, str]:
    """Return for each section's heading when it is planned: "minute 6 to 17"."""
    named = re.findall(r"(?:^|[:·])\s*([^:·]+?) (\d+)(?= ·|$)", rows.get("Time", ""))
    text = "\n\n".join(cell.source for cell in lesson.cells if cell.cell_type == "markdown")
    headings = _HEADING.findall(text)
    numbered = [heading for heading in headings if re.match(r"\d+ · ", heading)]
    if not named or len(named) - 1 > len(numbered) or "Evidence" not in headings:
        raise CourseError(
            f"The row Time gives minutes to {len(named)} parts, but the lesson has "
            f"{len(numbered)} numbered sections and a verdict: {rows.get('Time', 'no such row')}"
        )
    timed = [*zip(numbered, named[:-1], strict=False), ("Evidence", named[-1])]
    planned, past = {}, 0
    for heading, (part, length) in timed:
        if heading.endswith(IF_TIME):
            planned[heading] = f"**{part.capitalize()}: {length} minutes, if time allows**"
            continue
        planned[heading] = f"**{part.capitalize()}: minute {past} to {past + int(length)}**"
        past += int(length)
    return planned


def _show(cell: NotebookNode, name: str) -> None:
    """Make a cell's outputs what a slide shows of them, and hide the code where it is not shown."""
    charts = [output for output in cell.outputs if figures.is_chart(output)]
    hidden = "show-input" not in tags(cell) if charts else "hide-input" in tags(cell)
    cell.metadata["transient"] = {"remove_source": hidden}
    for number, output in enumerate(cell.outputs):
        if figures.is_chart(output):
            output["data"] = {"text/html": _chart(output, f"{name}-{number}")}
        elif output.output_type == "error":
            # Not the traceback: its last line is what a reader is taught to look at.
            said = re.sub(r" \(\d+\.py, line \d+\)$", "", output.evalue)
            cell.outputs[number] = nbformat.v4.new_output(
                "stream", name="stdout", text=f"{output.ename}: {said}"
            )


def _chart(output: NotebookNode, name: str) -> str:
    """Return the HTML of a chart with its title and source above it, in the slide's letters."""
    output = copy.deepcopy(output)
    title = output["data"][figures.VEGALITE].pop("title", None) or ""
    title = title if isinstance(title, dict) else {"text": title}
    words, source = (title.get(part) or [] for part in ("text", "subtitle"))
    head, source = (
        html.escape(mark.join(part) if isinstance(part, list) else part)
        for mark, part in ((" ", words), (" · ", source))
    )
    return f'<h2>{head}</h2><p class="source">{source}</p>{figures.figure(output, name)}'
