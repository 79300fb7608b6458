"""The sources of the site's pages: the course's notebooks and texts as Sphinx is to read them."""

import copy
import posixpath
import re
from base64 import b64decode
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from nbformat import NotebookNode

from americas.course.lesson_head import head
from americas.course.notebooks import outputs, read, tags
from americas.course.paths import Course
from americas.course.sheets import SHEETS
from americas.errors import CourseError
from americas.publish import claims, figures, handouts, slides
from americas.publish.links import figure_label, with_figures

_HERE = Path(__file__).parent
_CAPTION = re.compile(r"\*\*Figure (\d+)\.\*\*")
# Where a link in Markdown leads, without its anchor; not what stands in code.
_TARGET = re.compile(r"(```.*?```|`[^`\n]*`)|(?<=\]\()(?!https?:|mailto:|#)([^)\s#]+)", re.DOTALL)
# A set by the name of its notebook, which a reader of the pages never sees.
_SET = re.compile(r"\[exercises/(\d\d)-[\w-]+\.ipynb\]")
_WORDS = "In plain words: "  # opens what a mistake is told


@dataclass
class Sources:
    """What Sphinx reads: texts by their names, and files that it copies as they are."""

    texts: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Put everything into a folder."""
        written = {name: text.encode() for name, text in self.texts.items()} | self.files
        for name, content in written.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)


def sources(course: Course) -> Sources:
    """Return the sources of all pages; raise CourseError for a chart that can't be described."""
    made = Sources()
    lessons = {path.name: read(path) for path in course.lessons()}
    sets = {path.name: read(path) for path in course.sets()}
    # Gathered before the lessons become pages, in which their texts are changed.
    evidence = claims.text(lessons)
    beside = {name: _beside(name, lesson, made) for name, lesson in lessons.items()}
    entries = [
        _entry(name, lesson, name in sets, beside[name], made) for name, lesson in lessons.items()
    ]
    for folder, notebooks in (("notebooks", lessons), ("exercises", sets)):
        for name, notebook in notebooks.items():
            place = f"{folder}/{name}"
            other = sets if folder == "notebooks" else lessons
            ways = _ways(place, name in other, beside[name] if other is sets else [], course)
            page = _page(notebook, place, ways)
            for cell in page.cells:
                if cell.cell_type == "markdown":
                    cell.source = _linked(cell.source, place, course, made)
            made.texts[place] = nbformat.writes(page)
            made.files[f"_extra/files/{place}"] = (course.root / place).read_bytes()
    made.texts["notebooks/claims.md"] = _linked(evidence, "notebooks/claims.md", course, made)
    pages = sorted(path.name for path in (course.root / "notebooks").glob("*.md"))
    for place in (*(f"notebooks/{name}" for name in pages), "data/README.md"):
        text = (course.root / place).read_text(encoding="utf-8")
        made.texts[place] = _linked(text, place, course, made)
    made.texts["index.md"] = _front(course, entries)
    return made


def slug(heading: str) -> str:
    """Return what a link to a heading names after `#`, as JupyterLab does."""
    return heading.replace(" ", "-")


def _beside(name: str, lesson: NotebookNode, made: Sources) -> list[tuple[str, str]]:
    """Make the slides and handouts of a lesson; return what to call each, and where it lies.

    A lesson that is stored without its outputs has neither, since both show them.
    """
    if not outputs(lesson):
        return []
    stem = name.removesuffix(".ipynb")
    files = {("Slides", f"slides/{stem}.html"): slides.page(lesson, stem)}
    if name[:2] in SHEETS:
        files["Handouts", f"handouts/{stem}.html"] = handouts.page(lesson)
    made.files |= {f"_extra/{path}": text.encode() for (_, path), text in files.items()}
    return list(files)


def _page(notebook: NotebookNode, place: str, ways: str) -> NotebookNode:
    """Return a notebook as a page: its charts drawn by ours, figures linked, checks without output.

    ways: the line under its title.
    """
    page = copy.deepcopy(notebook)
    folder, name = place.split("/")
    number = name[:2]
    found = _captioned(page)
    first = page.cells[0]
    title, _, rest = first.source.partition("\n")
    if not title.startswith("# "):
        raise CourseError(f"{place} does not begin with its title (`# …`). A page needs one.")
    first.source = "\n\n".join([title, ways, rest.strip()])
    cells = []
    for cell in page.cells:
        if cell.cell_type == "markdown":
            known = set(found.values()) if folder == "notebooks" else None
            cell.source = _SET.sub(r"[exercise set \1]", with_figures(cell.source, number, known))
        elif "check" in tags(cell):
            cell.outputs = []  # what a right answer would print
        for output in cell.get("outputs", []):
            if output.get("text", "").startswith(_WORDS):
                # Read as text, which a phone wraps.
                output.update(output_type="display_data", data={"text/markdown": output.text})
                del output["text"], output["name"]
                output.metadata = {}
        charts = [output for output in cell.get("outputs", []) if figures.is_chart(output)]
        for output in charts:
            at = found.get(id(output))
            label = figure_label(number, at) if at else f"chart-{len(cells)}"
            if at and folder == "notebooks":
                # At the end of the text before: one cell more would make complaints miscount.
                if cells[-1].cell_type == "markdown":
                    cells[-1].source += f"\n\n({label})="
                else:
                    cells.append(nbformat.v4.new_markdown_cell(f"({label})="))
            output["data"] = {"text/html": figures.figure(output, f"drawn-{label}")}
            output["metadata"] = {}
        if charts:
            cell.metadata["tags"] = [*tags(cell), "hide-input"]
        cells.append(cell)
    page.cells = cells
    return page


def _captioned(page: NotebookNode) -> dict[int, str]:
    """Return the number in the caption below each chart, by the id of the stored output."""
    found, last = {}, None
    for cell in page.cells:
        if cell.cell_type == "markdown":
            if last and (caption := _CAPTION.search(cell.source)):
                found[id(last)] = caption[1]
            last = None
        for output in cell.get("outputs", []):
            last = output if figures.is_chart(output) else last
    return found


def _ways(place: str, partner: bool, beside: list[tuple[str, str]], course: Course) -> str:
    """Return the line under a title: where to work on the notebook, its lesson or set, its slides."""
    folder, name = place.split("/")
    other = "exercises" if folder == "notebooks" else "notebooks"
    lite = f"../{course.lite(place)}"
    links = [
        f'<a class="run-here" hidden href="{lite}">Run here</a>',
        f'<a href="{course.binder(place)}">Open in Binder</a>',
        f'<a href="../files/{place}" download>Download</a>',
    ]
    if partner:
        words = "Exercises" if folder == "notebooks" else "Lesson"
        links.append(f"[{words}](../{other}/{name})")
    links += [f'<a href="../{path}">{words}</a>' for words, path in beside]
    return '<div class="ways">\n\n' + "\n".join(links) + "\n\n</div>"


def _linked(text: str, place: str, course: Course, made: Sources) -> str:
    """Return Markdown whose links to files that are no pages lead to a copy or to the repository."""

    def lead(found: re.Match[str]) -> str:
        if found[1]:
            return found[1]
        target = posixpath.normpath(posixpath.join(posixpath.dirname(place), found[2]))
        if target == "README.md":
            return posixpath.relpath("index.md", posixpath.dirname(place))
        page = re.fullmatch(r"(notebooks|exercises)/[^/]+\.(ipynb|md)|data/README\.md", target)
        file = course.root / target
        if page or target.startswith("..") or not file.is_file():
            return found[2]  # for Sphinx to say that there is no such page
        if target.startswith("data/"):
            made.files[target] = file.read_bytes()
            return found[2]
        return f"{course.repository}/blob/HEAD/{target}"

    # The address of a heading in the README means nothing on the front page.
    text = re.sub(r"(?<=README\.md)#the-lessons\b", "", text)
    return _TARGET.sub(lead, text)


@dataclass(frozen=True)
class Entry:
    """A lesson on the front page; beside: what to call its slides and handouts, and where they lie."""

    name: str
    title: str
    question: str
    claims: list[str]
    minutes: int
    has_set: bool
    beside: list[tuple[str, str]]
    picture: str
    description: str


def _entry(
    name: str,
    lesson: NotebookNode,
    has_set: bool,
    beside: list[tuple[str, str]],
    made: Sources,
) -> Entry:
    """Return what the front page says of a lesson, and make the picture of its best chart.

    That is the chart of the cell with the tag `cover`, else the first.
    """
    told = head(lesson)
    shown = [
        (cell, output)
        for cell in lesson.cells
        for output in cell.get("outputs", [])
        if figures.is_chart(output) and "image/png" in output.data
    ]
    picture = description = ""
    if shown:
        best = next((output for cell, output in shown if "cover" in tags(cell)), shown[0][1])
        picture = f"pictures/{name[:2]}.png"
        made.files[f"_extra/{picture}"] = b64decode(best.data["image/png"])
        description = best.data[figures.VEGALITE].get("description", "")
    return Entry(
        name=name,
        title=told.title,
        question=told.question,
        claims=told.claims,
        minutes=told.minutes,
        has_set=has_set,
        beside=beside,
        picture=picture,
        description=description,
    )


def _front(course: Course, entries: list[Entry]) -> str:
    """Return the front page."""
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates" / "site"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=True,
    )
    readme = (course.root / "README.md").read_text(encoding="utf-8")
    return environment.get_template("index.md.j2").render(
        title=readme.partition("\n")[0].removeprefix("# "),
        sentence=re.search(
            r"^# .+\n\n(?:!\[.*\n\n)?(?:\*\*What\.\*\* )?(.+)$", readme, re.MULTILINE
        )[1],
        entries=entries,
        binder=course.binder(f"notebooks/{entries[0].name}"),
        repository=course.repository,
        hero=_hero(course),
    )


def _hero(course: Course) -> str:
    """Return the HTML of the chart on top of the front page: of the cell tagged `hero`, or none."""
    for path in course.lessons():
        for cell in read(path).cells:
            if "hero" in tags(cell):
                for output in cell.get("outputs", []):
                    if figures.is_chart(output):
                        return figures.figure(output, "hero")
    return ""
