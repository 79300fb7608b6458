"""The command `site`: pages made from the course by Sphinx, which need no network and no server.

The slides and handouts of each lesson lie beside them, and its page leads to both.
"""

import html
import io
import os
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml

from americas.course.paths import Course
from americas.errors import CourseError
from americas.publish import figures
from americas.publish.pages import sources

_HERE = Path(__file__).parent
# Stands in a folder that this module made, and lists what it put there.
_MADE = "made-by-americas-site.txt"
_CONFIGURATION = {
    "extensions": ["myst_nb", "americas.publish.site"],
    "nb_execution_mode": "off",
    "nb_render_markdown_format": "myst",
    "myst_heading_anchors": 4,
    "myst_heading_slug_func": "americas.publish.pages.slug",
    "exclude_patterns": ["_extra"],
    "html_theme": "sphinx_book_theme",
    "html_extra_path": ["_extra"],
    "html_static_path": ["_static"],
    "html_css_files": ["site.css"],
    "html_js_files": [("page.js", {"defer": "defer"})],
    # From a file, a page may load no other page to quote from.
    "html_show_search_summary": False,
    "html_copy_source": False,
    "html_show_sphinx": False,
    "language": "en",
    # Cells with errors on purpose can't be coloured; a page may begin a part with a smaller heading.
    "suppress_warnings": ["misc.highlighting_failure", "myst.header"],
}


def write(course: Course, out: Path) -> int:
    """Make the site in a folder, tell what was made, and return 0.

    Raises CourseError for a folder with anything else in it, and for a link that leads nowhere.
    """
    start = time.perf_counter()
    old = _made_before(out)
    with tempfile.TemporaryDirectory() as room:
        made = _build(course, Path(room))
        for path in old:
            path.unlink(missing_ok=True)
        names = sorted(
            path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file()
        )
        for name in names:
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.move(made / name, out / name)
    listed = ["Made by `americas site`, which replaces these files:", _MADE, *names, ""]
    (out / _MADE).write_text("\n".join(listed), encoding="utf-8", newline="\n")
    size = sum((out / name).stat().st_size for name in names) / 1e6
    pages = sum(name.endswith(".html") for name in names)
    print(f"{out}: {pages} pages, {size:.1f} MB, {time.perf_counter() - start:.1f} s.")
    print(f"Open {out / 'index.html'} in a browser.")
    return 0


def _made_before(out: Path) -> list[Path]:
    """Return what an earlier run put into the folder; raise CourseError where anybody else did."""
    if out.is_file():
        raise CourseError(f"{out} is a file. Name a folder for the pages with --out.")
    others = {path.name for path in out.iterdir()} - {"lite"} if out.is_dir() else set()
    if not others:
        return []
    if not (out / _MADE).is_file():
        raise CourseError(
            f"{out} holds files that `americas site` did not make, and stays as it is. "
            "Name another folder with --out."
        )
    names = (out / _MADE).read_text(encoding="utf-8").splitlines()[1:]
    paths = [(out / name).resolve() for name in names]
    return [path for path in paths if path.is_relative_to(out.resolve())]


def _build(course: Course, room: Path) -> Path:
    """Return the folder of pages inside `room`; raise CourseError with what Sphinx complains of."""
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    source, made = room / "source", room / "made"
    sources(course).write(source)
    static = source / "_static"
    static.mkdir()
    (static / "site.css").write_text(
        figures.style() + (_HERE / "templates" / "site" / "site.css").read_text(encoding="utf-8"),
        "utf-8",
    )
    drawing = figures.script(
        (_HERE / "templates" / "site" / "charts.js").read_text(encoding="utf-8")
    )
    # In a scope of its own: Sphinx's scripts use some of the same names.
    (static / "charts.js").write_text(f"(() => {{\n{drawing}\n}})();\n", "utf-8")
    shutil.copy(_HERE / "templates" / "site" / "page.js", static)
    warnings = io.StringIO()
    # Sphinx shows how far it is, which a log has no use for.
    status = sys.stdout if sys.stdout.isatty() else None
    with patch_docutils(), docutils_namespace():
        app = Sphinx(
            source,
            None,
            made,
            room / "doctrees",
            "html",
            _CONFIGURATION | _about(course),
            status=status,
            warning=warnings,
            parallel=os.cpu_count() or 1,
        )
        app.build()
    complaints = [_told(line, source) for line in warnings.getvalue().splitlines() if line.strip()]
    if complaints:
        raise CourseError("\n".join(["The pages can't be made:", *complaints]))
    (made / ".buildinfo").unlink(missing_ok=True)
    return made


def _told(line: str, source: Path) -> str:
    """Return a complaint of Sphinx with the course's file, and the cell instead of the line."""
    line = re.sub(r"\x1b\[[\d;]*m", "", line).replace(f"{source}{os.sep}", "")
    # myst-nb counts the lines of a notebook from 10,000 times the number of the cell.
    return re.sub(r"\.ipynb:(\d+)\d{4}:", lambda at: f".ipynb, cell {int(at[1])}:", line)


def _about(course: Course) -> dict[str, Any]:
    """Return what the pages say of the course around their texts."""
    citation = yaml.safe_load((course.root / "CITATION.cff").read_text(encoding="utf-8"))
    paper = citation["references"][0]
    author = paper["authors"][0]
    title = citation["title"].partition(":")[0]
    footer = (
        f"<p>Cite: {citation['authors'][0]['name']}, <cite>{html.escape(citation['title'])}</cite>. "
        f'<a href="{course.repository}">Notebooks, data and code</a>. It tests the argument of '
        f"{author['given-names']} {author['family-names']}, “{html.escape(paper['title'])}”, "
        f"{paper['notes'].split('.')[0]}, {author['affiliation']}.</p>"
        '<p>Texts and charts: <a href="https://creativecommons.org/licenses/by/4.0/">CC BY 4.0</a>. '
        f'Code: <a href="{course.repository}/blob/HEAD/LICENSE">BSD 3-Clause</a>. Data: the terms '
        "of their publishers, table by table in the codebook.</p>"
    )
    return {
        "project": title,
        "html_title": title,
        "html_context": {"default_mode": "auto"},
        "author": citation["authors"][0]["name"],
        "html_theme_options": {
            "use_download_button": False,
            "use_fullscreen_button": False,
            "navbar_persistent": [],
            "home_page_in_toc": True,
            "show_navbar_depth": 1,
            "max_navbar_depth": 1,
            "toc_title": "On this page",
            "extra_footer": footer,
            "footer_content_items": ["extra-footer.html"],
            "pygments_light_style": "a11y-high-contrast-light",
            "pygments_dark_style": "a11y-high-contrast-dark",
        },
    }


def setup(app: Any) -> dict[str, Any]:
    """Load the script that draws charts on the pages that have some; Sphinx calls this."""

    def draw(app: Any, name: str, template: str, context: dict[str, Any], doctree: Any) -> None:
        if 'class="chart"' in context.get("body", ""):
            app.add_js_file("charts.js", loading_method="defer")

    app.connect("html-page-context", draw)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
