"""Every lesson and set, in JupyterLab in a real browser that has no network, as a reader sees it.

Needs Chromium or Chrome (`CHROMIUM=/path/to/it` where it isn't found) and Playwright.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest

from americas.course.paths import Course

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")

ROOT = Course.of_this_package().root
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
EXERCISES = sorted((ROOT / "exercises").glob("*.ipynb"))
SETTINGS = {
    # All cells are in the page at once, JupyterLab asks for no news, and writes no file.
    "notebook-extension/tracker": {"windowingMode": "none"},
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "docmanager-extension/plugin": {"autosave": False},
}
WIDE, NARROW = 1300, 700
SIZE = {"width": WIDE, "height": 1000}
WIDEST_CHART = 700
SECONDS_TO_START, SECONDS_TO_RUN, SECONDS_TO_DRAW = 90, 240, 20

# What the notebook in front looks like: for each code cell its errors and its charts.
LOOK = (Path(__file__).parent / "browser_look.js").read_text(encoding="utf-8")
OPEN = """() => {
  const panel = window.jupyterapp?.shell?.currentWidget;
  return panel?.content?.widgets?.length && panel.context.isReady && panel.sessionContext.isReady;
}"""
START = "() => window.jupyterapp?.restored.then(() => true)"
CLOSE = """async () => {
  const panel = jupyterapp.shell.currentWidget;
  await panel.sessionContext.shutdown();
  panel.context.model.dirty = false;
  panel.close();
}"""
# Idle, and either every cell has run or one has failed, which ends the run.
DONE = f"""() => {{
  const cells = ({LOOK})();
  return jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'
    && (cells.every(cell => cell.ran) || cells.some(cell => cell.errors.length && !cell.meant));
}}"""
DRAWN = f"() => ({LOOK})().every(cell => cell.charts.filter(c => c).length >= cell.specs.length)"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The address of a JupyterLab on a copy of the course, and the folder of that copy."""
    room = tmp_path_factory.mktemp("jupyterlab")
    course = room / "course"
    for folder in ("notebooks", "exercises"):
        if (ROOT / folder).exists():
            shutil.copytree(ROOT / folder, course / folder)
    (course / "scratch").mkdir(parents=True)
    for name, values in SETTINGS.items():
        path = room / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values), encoding="utf-8", newline="\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    rooms = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    # Nothing listens on port 9: what a kernel asks the network for is refused.
    dead = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
    # A kernel starts as it does for a reader.
    dead["JUPYTER_DEFAULT_PROVISIONER_NAME"] = "local-provisioner"
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    command += ["--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"]
    command += ["--IdentityProvider.token=", "--expose-app-in-browser"]
    command += [f"--ServerApp.root_dir={course}"]
    with (room / "log").open("w", encoding="utf-8") as log:
        server = subprocess.Popen(
            command,
            cwd=course,
            env=os.environ | {key: str(room / name) for key, name in rooms.items()} | dead,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(address, server, room / "log")
        yield address, course
    finally:
        server.terminate()
        server.wait(30)


def wait_for(address, server, log):
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    end = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < end and server.poll() is None:
        try:
            return direct.open(f"{address}/api/status", timeout=5).close()
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text(encoding='utf-8')}")


@pytest.fixture(scope="module")
def window(browser, lab):
    """One window of JupyterLab, and the list of what is heard in it."""
    address, _ = lab
    heard = []
    context = browser.new_context(viewport=SIZE, service_workers="block")
    page = context.new_page()

    def gate(route):
        if route.request.url.startswith((f"{address}/", "data:", "blob:")):
            route.continue_()
        else:
            heard.append(f"asked the network for {route.request.url}")
            route.abort()

    def hear(message):
        # In figure 4 of lesson 06 four of five panels have no range of deaths to draw.
        if 'Infinite extent for field "deaths_' in message.text:
            return
        if message.text.startswith(("WARN", "ERROR")) or "vega" in message.text.lower():
            heard.append(f"Vega says: {message.text}")

    context.route("**/*", gate)
    page.on("console", hear)
    page.on("pageerror", lambda error: heard.append(f"the page failed: {error}"))
    page.goto(f"{address}/lab?reset")
    page.wait_for_function(START, timeout=SECONDS_TO_START * 1000)
    page.evaluate("() => jupyterapp.shell.collapseLeft()")
    yield page, heard
    context.close()


def look(window, lab, path, *, run):
    """What a reader of the notebook at `path` (in the copy) would stumble over: sentences."""
    page, faults = window
    faults.clear()
    try:
        page.evaluate(
            "path => jupyterapp.commands.execute('docmanager:open', {path}).then(() => true)",
            path.relative_to(lab[1]).as_posix(),
        )
        page.wait_for_function(OPEN, timeout=SECONDS_TO_START * 1000)
        # JupyterLab's first question to a kernel; stopping the kernel before it answers is an
        # error of the page's.
        page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.info")
        if run:
            page.evaluate("() => jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
            # The kernel is as new as the page. Not awaited: DONE knows a cell that fails, too.
            page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells'); }")
            page.wait_for_function(DONE, timeout=SECONDS_TO_RUN * 1000)
        try:
            page.wait_for_function(DRAWN, timeout=SECONDS_TO_DRAW * 1000)
        except playwright.TimeoutError:
            faults.append("not every chart was drawn")
        if dialogs := page.locator(".jp-Dialog").all_inner_texts():
            faults.append(f"JupyterLab asks: {dialogs}")
        faults += [fault for cell in page.evaluate(LOOK) for fault in faults_of(cell, run=run)]
        beside = WIDE - page.locator(".jp-NotebookPanel").bounding_box()["width"]
        page.set_viewport_size(SIZE | {"width": int(NARROW + beside)})
        page.wait_for_function(
            "most => document.querySelector('.jp-NotebookPanel').clientWidth <= most", arg=NARROW
        )
        for cell in page.evaluate(LOOK):
            faults += faults_in_a_narrow_window(cell)
        # Else a kernel for each notebook stays in memory to the end.
        page.evaluate(CLOSE)
    finally:
        page.set_viewport_size(SIZE)
    return list(faults)


def faults_of(cell, *, run):
    where = f"cell {cell['number']}"
    if run and not cell["ran"]:
        yield f"{where} was not run"
    if not cell["meant"]:
        yield from (f"{where}: {error}" for error in cell["errors"])
    if len(cell["charts"]) != len(cell["specs"]):
        yield f"{where}: {len(cell['charts'])} of {len(cell['specs'])} charts have a place"
    for spec, chart in zip(cell["specs"], cell["charts"], strict=False):
        if chart is None or not chart["marks"]:
            yield f"{where}: a chart is empty"
            continue
        if chart["width"] > WIDEST_CHART:
            yield f"{where}: a chart is {chart['width']:.0f} pixels wide, not {WIDEST_CHART}"
        if chart["lost"]:
            yield f"{where}: letters lie outside the chart: {chart['lost']}"
        if chart["nameless"]:
            yield f"{where}: an axis leaves out {chart['nameless']}"
        if chart["label"] != spec.get("description"):
            yield f"{where}: a chart is read aloud as {chart['label']!r}"


def faults_in_a_narrow_window(cell):
    where = f"cell {cell['number']}, {NARROW} pixels wide"
    for spec, chart in zip(cell["specs"], cell["charts"], strict=False):
        if chart and chart["cut"]:
            yield f"{where}: a chart is cut off"
        # Vega measures a brush in the chart's own pixels, so it misses the pointer when shrunk.
        if chart and '"type": "interval"' in json.dumps(spec) and chart["scale"] < 0.99:
            yield f"{where}: a chart with a brush has shrunk to {chart['scale']:.0%}"


def name(path):
    return f"{path.parent.name}/{path.stem}"


# What a lesson shows is what it shows when it is run (nbval), so to run one here is enough.
@pytest.mark.parametrize("path", LESSONS, ids=name)
def test_a_lesson_opens_and_every_chart_is_drawn(path, window, lab):
    run = path == LESSONS[0]
    assert look(window, lab, lab[1] / path.relative_to(ROOT), run=run) == []


@pytest.mark.parametrize("path", EXERCISES, ids=name)
def test_an_exercise_set_opens(path, window, lab):
    assert look(window, lab, lab[1] / path.relative_to(ROOT), run=False) == []


def notebook(path, *cells):
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    # Else JupyterLab asks which kernel to use.
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(book, path)
    return path


OPENING = """import altair as alt
import pandas as pd
from IPython.display import HTML
from americas import load, style

style()
coca = load("coca")
chart = alt.Chart(coca, description="Coca.").mark_point().encode(alt.X("year"), alt.Y("hectares"))
chart"""


# Each cell has the fault beside it. An error ends the run, so it comes last but one.
FAULTY = {
    "chart.transform_filter('datum.year < 0')": "cell 2: a chart is empty",
    "alt.hconcat(*[chart.properties(width=99).transform_filter(f'datum.year > {year}')"
    " for year in (0, 9999)], description='One is empty.')": "cell 3: a chart is empty",
    "chart.properties(width=900)": "pixels wide, not 700",
    "chart.properties(width=600).interactive()": "cell 5, 700 pixels wide: a chart with a brush",
    "chart.properties(description='')": "cell 6: a chart is read aloud as",
    "chart.mark_bar().encode(x=alt.X('iso3').axis(labelAngle=0, labelOverlap=True), y='count()')"
    ".properties(width=40)": "cell 7: an axis leaves out",
    "HTML('<img src=\"https://example.org/a.png\">')": "the network for https://example.org/a.png",
    "alt.Chart('https://example.org/a.csv').mark_point().encode(x='a:Q')": "the network for https://example.org/a.csv",
    "chart.encode(y='nothing:Q')": "Vega says",
    "import urllib.request; urllib.request.urlopen('https://example.org')": "cell 11: URLError",
    "chart": "cell 12 was not run",
}


def test_each_fault_is_seen(window, lab):
    path = notebook(lab[1] / "scratch" / "faulty.ipynb", OPENING, *FAULTY)
    faults = look(window, lab, path, run=True)
    missed = [fault for fault in FAULTY.values() if not any(fault in line for line in faults)]
    assert missed == [], faults
    assert not any(line.startswith("cell 1:") for line in faults), faults
