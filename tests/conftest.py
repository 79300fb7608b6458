"""What several test files stand on."""

import importlib.util
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

# Two workers share the cores. Threads that linear algebra starts beside them only wait for each
# other: lesson 10 takes 7 seconds of processor time with them and 1 without. Read when NumPy is
# imported, here and in the kernels.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from americas import load
from americas.course.paths import Course

# What starts a browser, a sandbox, a kernel or many processes. All else is marked `fast`.
SLOW = [
    "browser",
    "grade",
    "publish",
    "author/test_build.py",
    "author/test_exercises.py",
    "lessons/test_machines.py",
    "test_versions.py",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is fast. A notebook is not: each one is run in a kernel."""
    tests = Path(__file__).parent
    slow = [tests / name for name in SLOW]
    for item in items:
        if item.path.is_relative_to(tests) and not {item.path, *item.path.parents} & {*slow}:
            item.add_marker("fast")


@pytest.fixture(scope="session")
def installed_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds what the wheel installs, and nothing of the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=Course.of_this_package().root, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "installed")
    return folder / "installed"


@pytest.fixture
def originals() -> Path:
    """The publishers' files, which lie beside the checkout and are no part of it."""
    folder = Course.of_this_package().root.parent / "shared" / "originals"
    if not folder.is_dir():
        pytest.skip(f"the publishers' files are not at {folder}")
    return folder


@pytest.fixture
def value() -> Callable[..., Any]:
    """`value("homicide", "rate_per_100k", iso3="HND", year=2011)`: one cell, and only one."""

    def one(table: str, column: str, **key: Any) -> Any:
        rows = load(table)
        for name, wanted in key.items():
            rows = rows[rows[name] == wanted]
        (found,) = rows[column]
        return found

    return one


NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
FIREFOX = os.environ.get("FIREFOX")  # run the tests in it instead
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
# Every level that WCAG 2.2 AA names; it takes in the levels of the versions before it.
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# Said once a chart by a Vega-Lite that is older than the Vega beside it. Both draw it right.
# And of the ranges of deaths in figure 4 of lesson 06: four of its five panels have none to draw.
HARMLESS = ("The compiled spec uses Vega v5", 'Infinite extent for field "deaths_')


# Closed after each module: while it is open no other test of the process can run a loop of its own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A headless Chromium, or the Firefox that is named; without one, its tests are skipped."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    if not (FIREFOX or CHROMIUM):
        pytest.skip("there is no Chromium; name one with the variable CHROMIUM")
    with playwright.sync_playwright() as engine:
        if FIREFOX:
            started = engine.firefox.launch(executable_path=FIREFOX, channel="moz-firefox")
        else:
            started = engine.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        yield started
        started.close()


@pytest.fixture
def visit(browser: Any) -> Iterator[Callable[..., Any]]:
    """`page, faults = visit(path, width=1280, height=900)`: a file, opened without a network.

    `faults` fills with a sentence for each request that is no file, each error of the page's
    scripts and each complaint on its console. Figures are drawn before it returns.
    """
    contexts = []

    def open_file(
        path: Path, width: int = 1280, height: int = 900, query: str = ""
    ) -> tuple[Any, list[str]]:
        context = browser.new_context(
            viewport={"width": width, "height": height}, reduced_motion="reduce"
        )
        contexts.append(context)
        page, faults = context.new_page(), []

        def gate(route: Any) -> None:
            if route.request.url.startswith(("file:", "data:", "blob:")):
                route.continue_()
            else:
                faults.append(f"asked the network for {route.request.url}")
                route.abort()

        def hear(message: Any) -> None:
            if message.type in ("warning", "error") and not any(
                known in message.text for known in HARMLESS
            ):
                faults.append(f"the console says: {message.text}")

        context.route("**/*", gate)
        page.on("console", hear)
        page.on("pageerror", lambda error: faults.append(f"the page failed: {error}"))
        page.goto(path.as_uri() + query)
        page.wait_for_function(
            # A deck draws a chart when its slide is shown.
            "() => !document.querySelector('figure.chart') || window.deck"
            " || document.documentElement.dataset.figures === 'drawn'"
        )
        return page, faults

    yield open_file
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def barriers() -> Callable[[Any], list[str]]:
    """`barriers(page)`: what axe-core finds on an open page, by WCAG 2.2 AA, as sentences."""
    if (found := importlib.util.find_spec("axe_playwright_python")) is None:
        pytest.skip("axe-playwright-python is not installed")
    # The package reads its copy of axe-core in the system's encoding, which on Windows fails.
    script = (Path(found.origin).parent / "axe.min.js").read_text(encoding="utf-8")

    def look(page: Any) -> list[str]:
        page.evaluate(script)
        # Preloading would ask for the style sheets once more, which a file may not.
        options = {"runOnly": LEVELS, "preload": False, "resultTypes": ["violations"]}
        result = page.evaluate("options => axe.run(options)", options)
        return [
            f"{rule['id']}: {rule['help']}: {node['target']} {node['failureSummary']}"
            for rule in result["violations"]
            for node in rule["nodes"]
        ]

    return look
