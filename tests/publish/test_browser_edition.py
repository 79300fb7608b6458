"""The course in the browser: its folder is whole, nothing typed is lost, and lessons run in it.

What runs Python needs a distribution of Pyodide in a folder, named by the variable PYODIDE_DIST
(unpack pyodide-VERSION.tar.bz2 of the version that the kernel names there); it is skipped without.
"""

import functools
import http.server
import json
import os
import posixpath
import re
import threading
import zipfile

import nbformat
import pytest

from americas.cli import main
from americas.course.notebooks import VEGALITE
from americas.course.paths import Course
from americas.publish.browser_edition import KEEP, RUN_ALL

COURSE = Course.of_this_package()
DISTRIBUTION = os.environ.get("PYODIDE_DIST")
needs_pyodide = pytest.mark.skipif(
    not DISTRIBUTION, reason="no Pyodide: name a folder with its distribution in PYODIDE_DIST"
)
SET = "exercises/04-plan-colombia.ipynb"


def address(notebook):
    """Where a notebook opens, from the folder of the edition."""
    return COURSE.lite(notebook).removeprefix("lite/")


@pytest.fixture(scope="module")
def edition(tmp_path_factory):
    """The folder of the browser edition, made by the command, with no way to a network."""
    out = tmp_path_factory.mktemp("site")
    more = ["--pyodide", DISTRIBUTION] if DISTRIBUTION else []
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
            patch.setenv(name, "http://127.0.0.1:9")
        assert main(["site", "--only", "lite", "--out", str(out), *more]) == 0
    return out / "lite"


@pytest.mark.parametrize("folder", ["notebooks", "exercises"])
def test_every_notebook_in_it_is_the_committed_one(edition, folder):
    paths = COURSE.notebooks(folder)
    assert [path.name for path in sorted((edition / "files" / folder).glob("*.ipynb"))] == [
        path.name for path in paths
    ]
    for path in paths:
        raw = (edition / "files" / folder / path.name).read_text(encoding="utf-8")
        for output in (o for cell in json.loads(raw)["cells"] for o in cell.get("outputs", [])):
            # JupyterLite would show a text of several lines with commas between them.
            assert not any(isinstance(text, list) for text in output.get("data", {}).values())
            assert isinstance(output.get("text", ""), str)
        there = nbformat.reads(raw, as_version=4)
        more = KEEP if folder == "exercises" else RUN_ALL if path.stem == "00-start-here" else ""
        assert there.cells[0].source.endswith(more)
        there.cells[0].source = there.cells[0].source.removesuffix(f"\n\n{more}")
        committed = nbformat.read(path, as_version=4)
        assert there.metadata.americas.pop("released")
        assert there.metadata.americas == committed.metadata.get("americas", {})
        assert there.cells == committed.cells


def test_the_kernel_finds_the_course_and_what_it_asks_for(edition):
    settings = json.loads((edition / "jupyter-lite.json").read_text(encoding="utf-8"))
    data = settings["jupyter-config-data"]
    kernel = data["litePluginSettings"]["@jupyterlite/pyodide-kernel-extension:kernel"]
    (wheel,) = [name for name in kernel["loadPyodideOptions"]["packages"] if "/" in name]
    static = "extensions/@jupyterlite/pyodide-kernel-extension/static"
    assert (edition / static).is_dir()
    with zipfile.ZipFile(edition / posixpath.normpath(f"{static}/{wheel}")) as opened:
        names = opened.namelist()
    tables = {f"americas/_data/{path.name}" for path in (COURSE.root / "data").glob("*.csv")}
    assert tables | {"americas/__init__.py", "americas/_data/datapackage.json"} <= set(names)
    asked = set()
    for url in kernel["pipliteUrls"]:
        index = edition / url.partition("?")[0]
        for name, entry in json.loads(index.read_text(encoding="utf-8")).items():
            asked.add(name)
            for (file,) in entry["releases"].values():
                assert zipfile.is_zipfile(index.parent / file["url"].partition("?")[0])
    assert {"comm", "piplite", "pyodide-kernel", "ipykernel"} <= asked
    assert kernel["disablePyPIFallback"]
    assert data["settingsOverrides"]["@jupyterlab/apputils-extension:notification"] == {
        "fetchNews": "false",
        "checkForUpdates": False,
    }


def test_its_links_lead_to_files(edition):
    page = (edition / "my-work.html").read_text(encoding="utf-8")
    links = [*re.findall(r'href="([^"]+)"', page), address(SET)]
    for link in links:
        path, _, notebook = link.partition("?path=")
        assert (edition / path).is_file()
        assert not notebook or (edition / "files" / notebook).is_file()


def test_a_folder_of_somebody_s_own_is_left_alone(tmp_path, capsys):
    own = tmp_path / "lite" / "thesis.txt"
    own.parent.mkdir()
    own.write_text("years of work", encoding="utf-8")
    assert main(["site", "--only", "lite", "--out", str(tmp_path)]) == 1
    assert "stays as it is" in capsys.readouterr().err
    assert own.read_text(encoding="utf-8") == "years of work"


def test_a_folder_that_is_no_pyodide_is_refused(tmp_path, capsys):
    made = tmp_path / "out"
    given = ["site", "--only", "lite", "--out", str(made), "--pyodide", str(tmp_path)]
    assert main(given) == 1
    assert "no distribution of Pyodide" in capsys.readouterr().err
    assert not made.exists()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def served(edition):
    """The edition's address on this computer."""
    handler = functools.partial(Quiet, directory=edition)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def lab(browser, served):
    """`lab(notebook)`: a page of JupyterLab in the browser, with the notebook open; or none.

    One context for the test, as one visitor has; requests elsewhere are listed and refused.
    """
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    elsewhere = []

    def open_lab(notebook=""):
        page = context.new_page()
        page.on("request", lambda asked: asked.url.startswith(("http:", "https:")) and (
            asked.url.startswith(served) or elsewhere.append(asked.url)
        ))  # fmt: skip
        page.goto(f"{served}/{address(notebook)}" if notebook else f"{served}/lab/index.html")
        page.wait_for_function(OPEN if notebook else STARTED, arg=notebook, timeout=60_000)
        return page

    yield open_lab
    context.close()
    if DISTRIBUTION:
        assert elsewhere == []


STARTED = "() => window.jupyterapp?.restored.then(() => true)"
OPEN = """notebook => {
    const context = window.jupyterapp?.shell.currentWidget?.context;
    return context?.isReady && context.path === notebook;
}"""
SCROLL = "number => jupyterapp.shell.currentWidget.content.scrollToItem(number)"
SAVED = "() => !jupyterapp.shell.currentWidget.context.model.dirty"
SAVE = "() => jupyterapp.shell.currentWidget.context.save()"
FIRST = """path => jupyterapp.serviceManager.contents.get(path, {content: true})
    .then(file => [file.content.cells[1].source].flat().join(""))"""


def retype(page, number, text):
    """Put a text into the cell of this number, as a visitor does: with mouse and keyboard."""
    page.evaluate(SCROLL, number)
    page.locator(f'.jp-Notebook [data-windowed-list-index="{number}"] .cm-content').click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(text)


def test_what_was_typed_is_kept_downloaded_by_its_name_and_moved_for_a_newer_version(lab, served):
    page = lab(SET)
    released = page.evaluate(FIRST, SET)
    assert page.evaluate(SAVED)  # to open a notebook makes no copy of it
    retype(page, 1, "mine = 1")
    page.wait_for_function(SAVED, timeout=30_000)
    # The course changes the set after that.
    newer = {"notebooks": {SET: "another digest"}}
    page.context.route("**/course.json", lambda route: route.fulfill(json=newer))
    page.goto(f"{served}/{address(SET)}")
    page.wait_for_function(OPEN, arg=SET, timeout=60_000)
    page.get_by_text(f"The course has a newer version of {SET}").wait_for()
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Your work").click()
    work = opened.value
    work.get_by_text("a newer version than this copy").wait_for()
    with work.expect_download() as waiting:
        work.get_by_role("button", name="Download: 04-plan-colombia.ipynb").click()
    assert waiting.value.suggested_filename == "04-plan-colombia.ipynb"
    handed_in = nbformat.read(waiting.value.path(), as_version=4)
    assert handed_in.cells[1].source == "mine = 1"
    work.get_by_role("button", name="Fetch the newest, keep mine").click()
    work.get_by_role("status").filter(has_text="Yours is now").wait_for()
    mine = work.get_by_role("link", name=re.compile(r"\(mine, .+\)")).inner_text()
    assert not work.get_by_role("button", name=re.compile("Fetch the newest")).count()
    assert page.evaluate(FIRST, mine) == "mine = 1"
    assert page.evaluate(FIRST, SET) == released
    # The tab that is still open, on a computer that has lost the network, saves under its old name.
    page.context.set_offline(True)
    page.evaluate(SAVE)
    page.context.set_offline(False)
    assert page.evaluate(FIRST, SET) == page.evaluate(FIRST, mine) == "mine = 1"


def test_the_page_of_ones_work_says_so_where_there_is_none(browser, served, barriers):
    page = browser.new_context(viewport={"width": 360, "height": 700}).new_page()
    page.goto(f"{served}/my-work.html")
    page.get_by_role("status").filter(has_text="Nothing is saved here yet").wait_for()
    assert barriers(page) == []
    page.context.close()


# One by one: there, "Run All" stops at an error, and lesson 00 meets three on purpose.
RUN = """async () => {
    const {sessionContext, content} = jupyterapp.shell.currentWidget;
    await sessionContext.ready;
    for (let i = 0; i < content.widgets.length; i += 1) {
        content.deselectAll();
        content.activeCellIndex = i;
        await jupyterapp.commands.execute("notebook:run-cell");
    }
    return content.model.toJSON().cells;
}"""
IDLE = "() => jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'"
WRITE = """async ([path, content]) => {
    await jupyterapp.serviceManager.contents.save(path, {type: "notebook", format: "json", content});
    await jupyterapp.commands.execute("docmanager:open", {path});
}"""


def run(page):
    """Run the open notebook from top to bottom; return its cells."""
    page.wait_for_function(IDLE, timeout=180_000)
    assert page.evaluate(SAVED)
    page.set_default_timeout(300_000)
    return page.evaluate(RUN)


def shown(cell):
    """What a cell shows, as far as it is the same in every version of the tools."""
    found = []
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        if text := output.get("text"):
            found.append("".join(text))
        for kind in (VEGALITE, "text/plain", "text/markdown"):
            if kind in data:
                value = data[kind]
                found.append("".join(value) if isinstance(value, list) else value)
                break
        if "ename" in output:
            found.append(re.sub(r"<class '(\w+)'>", r"\1", output["ename"]))
    # There, what is printed may come before the error that was met first.
    return sorted(found, key=str)


@needs_pyodide
@pytest.mark.parametrize("path", COURSE.lessons(), ids=lambda path: path.stem)
def test_a_lesson_runs_in_the_browser_and_shows_what_is_stored(lab, path):
    cells = run(lab(f"notebooks/{path.name}"))
    stored = nbformat.read(path, as_version=4).cells
    assert [shown(cell) for cell in cells] == [shown(cell) for cell in stored]


@needs_pyodide
@pytest.mark.parametrize("path", COURSE.solutions(), ids=lambda path: path.stem)
def test_a_solution_runs_in_the_browser_and_is_told_what_is_stored(lab, path):
    stored = nbformat.read(path, as_version=4)
    page = lab()
    page.evaluate(WRITE, [f"exercises/{path.name}", stored])
    page.wait_for_function(OPEN, arg=f"exercises/{path.name}")
    cells = run(page)
    assert [shown(cell) for cell in cells] == [shown(cell) for cell in stored.cells]


@needs_pyodide
def test_a_visitor_sees_a_chart_solves_an_exercise_and_is_told_so(lab):
    lesson = COURSE.root / "notebooks" / SET.partition("/")[2]
    chart = next(
        number
        for number, cell in enumerate(nbformat.read(lesson, as_version=4).cells)
        if any(VEGALITE in output.get("data", {}) for output in cell.get("outputs", []))
    )
    page = lab(f"notebooks/{lesson.name}")
    page.evaluate("() => jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    page.wait_for_function(IDLE, timeout=180_000)
    page.evaluate("() => void jupyterapp.commands.execute('notebook:run-all-cells')")
    page.evaluate(SCROLL, chart)
    cell = page.locator(f'.jp-Notebook [data-windowed-list-index="{chart}"]')
    cell.locator(".vega-embed").wait_for(timeout=180_000)
    page.close()
    page = lab(SET)
    page.wait_for_function(IDLE, timeout=180_000)
    solved = nbformat.read(COURSE.root / "solutions" / SET.partition("/")[2], as_version=4)
    answer = next(
        cell.source for cell in solved.cells if "solution" in cell.metadata.get("tags", [])
    )
    cells = nbformat.read(COURSE.root / SET, as_version=4).cells
    place = next(number for number, cell in enumerate(cells) if cell.source.endswith("= ..."))
    page.locator('.jp-Notebook [data-windowed-list-index="1"] .cm-content').click()
    page.keyboard.press("Shift+Enter")
    retype(page, place, answer)
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")
    page.get_by_text("4.1 · Correct.").wait_for(timeout=60_000)
