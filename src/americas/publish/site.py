"""The reading pages: a static site made from the course, which needs no network and no server."""

import json
import re
import time
from pathlib import Path
from typing import Any

import nbformat
import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from americas.course.lesson_head import head
from americas.course.notebooks import read
from americas.course.paths import Course
from americas.errors import CourseError
from americas.publish import claims, figures
from americas.publish.places import ROOT, Page, Places
from americas.publish.reading import fill, fill_from_text

_HERE = Path(__file__).parent
# Stands in a folder that this module made, and lists what it put there.
_MADE = "made-by-americas-site.txt"


def write(out: Path) -> int:
    """Make the site in a folder, tell what was made, and return 0.

    Raises CourseError for a folder with anything else in it, and for a link that leads nowhere.
    """
    start = time.perf_counter()
    old = _made_before(out)
    files = make()
    for path in old:
        path.unlink(missing_ok=True)
    for name, text in files.items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text(text, encoding="utf-8", newline="\n")
    size = sum((out / name).stat().st_size for name in files) / 1e6
    pages = sum(name.endswith(".html") for name in files)
    print(f"{out}: {pages} pages, {size:.1f} MB, {time.perf_counter() - start:.1f} s.")
    print(f"Open {out / 'index.html'} in a browser.")
    return 0


def _made_before(out: Path) -> list[Path]:
    """What an earlier run put into the folder; raises CourseError where anybody else did."""
    if out.is_file():
        raise CourseError(f"{out} is a file. Name a folder for the pages with --out.")
    if not out.is_dir() or not any(out.iterdir()):
        return []
    if not (out / _MADE).is_file():
        raise CourseError(
            f"{out} holds files that `americas site` did not make, and stays as it is. "
            "Name another folder with --out."
        )
    names = (out / _MADE).read_text(encoding="utf-8").splitlines()[1:]
    paths = [(out / name).resolve() for name in names]
    return [path for path in paths if path.is_relative_to(out.resolve())]


def make() -> dict[str, str]:
    """Every file of the site, by its name there."""
    lessons, sets = _notebooks("notebooks"), _notebooks("exercises")
    heads = {name: head(notebook) for name, notebook in lessons.items()}
    # Gathered before the lessons' texts become pages, in which they are changed.
    evidence = claims.text(lessons)
    pages = {name: Page(f"notebooks/{name}", f"{name[:-6]}.html") for name in lessons}
    tasks = {name: Page(f"exercises/{name}", f"{name[:-6]}-exercises.html") for name in sets}
    texts = {
        "claims": Page("notebooks/claims.md", "claims.html"),
        "glossary": Page("notebooks/glossary.md", "glossary.html"),
        "codebook": Page("data/README.md", "codebook.html"),
    }
    index = Page("README.md", "index.html", "Contents")
    every = [*pages.values(), *tasks.values(), *texts.values()]
    places = Places([index, *every])
    for name, notebook in lessons.items():
        fill(pages[name], notebook, places)
    for name, notebook in sets.items():
        fill(tasks[name], notebook, places)
    for name, page in texts.items():
        text = evidence if name == "claims" else _read(page.source)
        fill_from_text(page, text, places)
    places.check()
    render = _renderer()
    files = {page.name: render("page", page, _around(page, pages, tasks)) for page in every}
    claimed = {heading.text[:2]: heading for heading in texts["claims"].headings}
    entries = [(pages[name], tasks.get(name), heads[name]) for name in pages]
    files[index.name] = render("contents", index, {"lessons": entries, "claimed": claimed})
    return files | _beside(every, places)


def _beside(pages: list[Page], places: Places) -> dict[str, str]:
    """What the pages load or lead to: style, scripts, the index of headings, tables."""
    entries = [
        [page.title, heading.text, page.name + (heading.fragment if heading.level > 1 else "")]
        for page in pages
        for heading in page.headings
    ]
    files = {
        "reading.css": figures.style() + (_HERE / "reading.css").read_text(encoding="utf-8"),
        "reading.js": (_HERE / "reading.js").read_text(encoding="utf-8"),
        "vega.js": figures.script((_HERE / "page.js").read_text(encoding="utf-8")),
        # A script and not JSON: from a file, a page may load the one and not the other.
        "headings.js": f"window.headings = {json.dumps(entries, ensure_ascii=False, indent=0)};\n",
        **{name: _read(name) for name in sorted(places.data)},
    }
    made = ["Made by `americas site`, which replaces these files:", _MADE]
    names = [*files, *(page.name for page in pages), "index.html"]
    return files | {_MADE: "\n".join([*made, *names, ""])}


def _read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _notebooks(folder: str) -> dict[str, nbformat.NotebookNode]:
    paths = sorted((ROOT / folder).glob("[0-9][0-9]-*.ipynb"))
    return {path.name: read(path) for path in paths}


def _around(page: Page, pages: dict[str, Page], tasks: dict[str, Page]) -> dict[str, Any]:
    """Where a reader of this page may want to go: the lessons beside it, its set, Binder."""
    row = list(pages.values()) if page in pages.values() else list(tasks.values())
    name = page.source.rpartition("/")[2]
    if page not in row:
        return {"before": None, "after": None, "partner": None, "binder": ""}
    at = row.index(page)
    other = tasks if page in pages.values() else pages
    return {
        "before": row[at - 1] if at else None,
        "after": row[at + 1] if at + 1 < len(row) else None,
        "partner": other.get(name),
        "binder": Course(ROOT).binder(page.source),
    }


def _renderer() -> Any:
    """A function that puts a page's inside into the frame that all pages share."""
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    readme = _read("README.md")
    citation = yaml.safe_load(_read("CITATION.cff"))
    shared = {
        "course": readme.partition("\n")[0].removeprefix("# "),
        "sentence": re.search(r"^# .+\n\n(.+)$", readme, re.MULTILINE)[1],
        "citation": citation,
        "paper": citation["references"][0],
        "repository": Course(ROOT).repository,
        "binder_link": Course(ROOT).binder,
    }

    def render(template: str, page: Page, more: dict[str, Any]) -> str:
        return environment.get_template(f"{template}.html.j2").render(page=page, **shared, **more)

    return render
