"""One pinned environment: complete, exact, the same on every system, and the one we ship."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions
from itertools import product
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from IPython.core.inputtransformer2 import TransformerManager
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from americas.course.paths import Course

ROOT = Course.of_this_package().root
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LEFT_OUT = "rfc3987-syntax"

SYSTEMS = {
    "linux": {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux"},
    "macos": {"sys_platform": "darwin", "os_name": "posix", "platform_system": "Darwin"},
    "windows": {"sys_platform": "win32", "os_name": "nt", "platform_system": "Windows"},
}
PYTHONS = ["3.11", "3.14"]
PLACES = [
    SYSTEMS[system] | {"python_version": python, "python_full_version": f"{python}.0"}
    for system, python in product(SYSTEMS, PYTHONS)
]
COURSE = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["lab"]]
FILES = {
    ".binder/requirements.txt": COURSE,
    "tests/requirements.txt": [*COURSE, *PROJECT["optional-dependencies"]["test"]],
}


def lines(file: str) -> list[str]:
    """Return the lines of a pinned file, with those of a file that it includes."""
    path = ROOT / file
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("-r "):
            included = (path.parent / line.removeprefix("-r ")).resolve()
            found += lines(included.relative_to(ROOT).as_posix())
        elif not line.startswith("#"):
            found.append(line)
    return found


def pins(file: str) -> list[Requirement]:
    return [Requirement(line) for line in lines(file) if not line.startswith("-")]


def applies(requirement: Requirement, place: dict[str, str], extra: str = "") -> bool:
    return requirement.marker is None or requirement.marker.evaluate(place | {"extra": extra})


@cache
def asks_for(name: str) -> tuple[Requirement, ...]:
    """Return what an installed package requires; nothing is known of one for other systems."""
    try:
        return tuple(Requirement(text) for text in distribution(name).requires or [])
    except PackageNotFoundError:
        return ()


def needed(roots: list[str], place: dict[str, str]) -> dict[str, list[Requirement]]:
    """Return all that the roots require on a place, directly or not, and each demand for it."""
    demands: dict[str, list[Requirement]] = {}
    waiting = [Requirement(root) for root in roots]
    seen = set()
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name == LEFT_OUT:
            continue
        demands.setdefault(name, []).append(requirement)
        for extra in {"", *requirement.extras}:
            if (name, extra) not in seen:
                seen.add((name, extra))
                waiting += [r for r in asks_for(name) if applies(r, place, extra)]
    return demands


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize(
    "place", PLACES, ids=lambda place: f"{place['platform_system']}-{place['python_version']}"
)
def test_what_the_packages_ask_for_is_pinned_and_nothing_else(file, place):
    demands = needed(FILES[file], place)
    pinned = {canonicalize_name(pin.name): pin for pin in pins(file) if applies(pin, place)}
    assert not demands.keys() - pinned.keys(), "not pinned"
    versions = {name: next(iter(pin.specifier)).version for name, pin in pinned.items()}
    assert not [
        f"{demand} but pinned is {versions[name]}"
        for name, requirements in demands.items()
        for demand in requirements
        if not demand.specifier.contains(versions[name], prereleases=True)
    ]


@pytest.mark.parametrize("file", FILES)
def test_no_pin_is_superfluous_and_the_slow_package_is_left_out(file):
    demanded = {name for place in PLACES for name in needed(FILES[file], place)}
    assert {canonicalize_name(pin.name) for pin in pins(file)} == demanded
    assert LEFT_OUT not in demanded


@pytest.mark.parametrize("file", FILES)
def test_pins_are_exact_and_name_no_address(file):
    for pin in pins(file):
        assert re.fullmatch(r"==[\w.]+", str(pin.specifier)), f"not pinned exactly: {pin}"
        assert pin.url is None
    options = [line for line in lines(file) if line.startswith("-")]
    assert options == ["-e ."]
    text = (ROOT / file).read_text(encoding="utf-8")
    assert "://" not in text and "--hash" not in text


def test_this_environment_is_the_pinned_one():
    here = [pin for pin in pins("tests/requirements.txt") if applies(pin, {})]
    assert not [
        f"{pin} but installed is {installed(pin.name)}"
        for pin in here
        if installed(pin.name) != next(iter(pin.specifier)).version
    ]
    assert installed(LEFT_OUT) is None, f"uninstall {LEFT_OUT}: it makes every start slow"


def installed(name: str) -> str | None:
    try:
        return distribution(name).version
    except PackageNotFoundError:
        return None


def modules(tree: ast.AST, *, inside: bool) -> set[str]:
    """Return the modules imported at the top of a file or, if inside, those in a function."""
    deferred = {
        node
        for outer in ast.walk(tree)
        if isinstance(outer, ast.FunctionDef)
        for node in ast.walk(outer)
    }
    names = set()
    for node in ast.walk(tree):
        if (node in deferred) != inside:
            continue
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    # `js` is there only where Python runs in a browser.
    given = {*sys.stdlib_module_names, "americas", "js"}
    return {name.partition(".")[0] for name in names} - given


def code(path: Path) -> str:
    """Return the Python of a module or of a notebook's cells, with magics made plain calls."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return text
    cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    # An error that is met on purpose may be one of syntax.
    cells = [c for c in cells if "raises-exception" not in c["metadata"].get("tags", [])]
    return "\n".join(TransformerManager().transform_cell("".join(c["source"])) for c in cells)


SOURCES = {
    path.relative_to(ROOT).as_posix(): path
    for pattern in ["src/**/*.py", "tests/**/*.py", "notebooks/*.ipynb", "solutions/*.ipynb"]
    for path in sorted(ROOT.glob(pattern))
}
providers = cache(packages_distributions)


def uncovered(names: set[str], file: str) -> list[str]:
    covered = {canonicalize_name(pin.name) for pin in pins(file)}
    return [
        name
        for name in sorted(names)
        if not covered & {canonicalize_name(dist) for dist in providers().get(name, [])}
    ]


@pytest.mark.parametrize("source", SOURCES)
def test_every_import_is_covered_by_a_pin(source):
    tree = ast.parse(code(SOURCES[source]))
    tests = "tests/requirements.txt"
    at_the_top = tests if source.startswith("tests/") else ".binder/requirements.txt"
    assert not uncovered(modules(tree, inside=False), at_the_top)
    assert not uncovered(modules(tree, inside=True), tests)


def test_readme_ci_and_metadata_agree():
    readme, ci, workflow = (
        (ROOT / name).read_text(encoding="utf-8")
        for name in ["README.md", ".ci/run", ".github/workflows/ci.yml"]
    )
    linux, windows, _ = re.findall(r"`([^`]+ -m pytest)`", readme)
    assert linux in ci.splitlines()
    assert windows in [line.strip() for line in workflow.splitlines()]
    pythons = [c.split(" :: ")[-1] for c in PROJECT["classifiers"] if ":: Python ::" in c]
    assert PROJECT["requires-python"] == f">={pythons[0]}"
    assert f'python: ["{pythons[0]}", "{pythons[-1]}"]' in workflow
    assert [pythons[0], pythons[-1]] == PYTHONS
    runtime = (ROOT / ".binder" / "runtime.txt").read_text(encoding="utf-8").strip()
    assert runtime.removeprefix("python-") in pythons


def with_the_wheel(program, installed, folder, *arguments):
    """What a program prints, as JSON, that knows the package by its wheel only."""
    answer = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(installed), "IPYTHONDIR": str(folder)},
        check=True,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    return json.loads(answer.stdout.splitlines()[-1])


LOAD_EVERYTHING = """
import json
import americas
from americas.data import package
tables = {r["name"]: americas.load(r["name"]) for r in package()["resources"]}
print(json.dumps([americas.__file__, sorted(tables)]))
"""


def test_the_wheel_carries_every_table(installed_wheel, tmp_path):
    place, tables = with_the_wheel(LOAD_EVERYTHING, installed_wheel, tmp_path)
    assert Path(place).is_relative_to(installed_wheel)
    package = json.loads((ROOT / "data" / "datapackage.json").read_text(encoding="utf-8"))
    assert tables == sorted(resource["name"] for resource in package["resources"])


# Runs a notebook's cells one after the other, as Colab does: how is each last line shown?
RUN_AS_COLAB = """
import json, sys, types
from IPython.core.interactiveshell import InteractiveShell
sys.modules["google.colab"] = types.ModuleType("google.colab")
shell, charts = InteractiveShell.instance(), []
for cell in json.load(open(sys.argv[1], encoding="utf-8"))["cells"]:
    if cell["cell_type"] == "code":
        done = shell.run_cell("".join(cell["source"]))
        done.raise_error()
        if type(done.result).__module__.startswith("altair"):
            shown = shell.display_formatter.format(done.result)[0]
            charts.append("vegaEmbed" in str(shown.get("text/html")))
print()
print(json.dumps(charts))
"""


def test_a_lesson_runs_in_colab_where_only_the_wheel_is_installed(installed_wheel, tmp_path):
    lesson = ROOT / "notebooks" / "04-plan-colombia.ipynb"
    charts = with_the_wheel(RUN_AS_COLAB, installed_wheel, tmp_path, str(lesson))
    assert len(charts) >= 5
    assert all(charts)


def test_the_readme_tells_colab_and_a_hub_the_repository_that_the_metadata_name():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    repository = PROJECT["urls"]["Repository"]
    (wanted,) = re.findall(r"%pip install -q \"(.+?)\"", readme)
    requirement = Requirement(wanted)
    assert requirement.name == PROJECT["name"]
    assert requirement.url == f"git+{repository}"
    course = Course(ROOT)
    (link,) = re.findall(r"https://HUB/hub/user-redirect/git-pull\?\S+?(?=`)", readme)
    assert link == course.hub("notebooks/04-plan-colombia.ipynb")
    asked = parse_qs(urlsplit(link).query)
    assert asked["repo"] == [repository]
    folder, _, path = asked["urlpath"][0].removeprefix("lab/tree/").partition("/")
    assert folder == repository.rpartition("/")[2]
    assert (ROOT / path).is_file()


def test_a_students_copy_has_no_solutions_and_a_later_version_follows_on_it(tmp_path):
    """A release's script makes branches that nbgitpuller can merge, one on top of the other."""
    if not shutil.which("bash"):
        pytest.skip("bash is not installed")
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"

    def git(*words, cwd=ours):
        name = ["-c", "user.name=a", "-c", "user.email=a@localhost", "-c", "core.autocrlf=false"]
        done = subprocess.run(["git", *name, *words], cwd=cwd, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    ours.mkdir()
    git("init", "--quiet", "--initial-branch=main")
    git("init", "--quiet", "--bare", str(theirs))
    git("remote", "add", "origin", theirs.as_uri())
    for version in ("1", "2"):
        for place in ("solutions/a.md", "exercises/a.md", ".github/workflows/a.yml", "README.md"):
            (ours / place).parent.mkdir(parents=True, exist_ok=True)
            (ours / place).write_text(version, encoding="utf-8")
        git("add", ".")
        git("commit", "--quiet", "--message", version)
        git("tag", f"v{version}")
        script = ["bash", str(ROOT / ".ci" / "students"), version]
        done = subprocess.run(script, cwd=ours, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        names = git("ls-tree", "-r", "--name-only", "students", cwd=theirs)
        assert names == ["README.md", "exercises/a.md"]
    assert git("log", "--format=%s", "students", cwd=theirs).count("Version") == 2
    assert git("show", "students-1:README.md", cwd=theirs) == ["1"]
    assert git("show", "students:README.md", cwd=theirs) == ["2"]
    assert git("status", "--porcelain") == []


def test_the_project_has_one_version():
    citation = re.search(r'^version: "(.+)"$', (ROOT / "CITATION.cff").read_text("utf-8"), re.M)[1]
    package = json.loads((ROOT / "data" / "datapackage.json").read_text(encoding="utf-8"))
    assert {citation, package["version"]} == {PROJECT["version"]}
    assert f"## {citation}" in (ROOT / ".github" / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", ["check --no-cache --output-format=concise", "format --check"])
def test_the_code_is_clean(command):
    ruff = [sys.executable, "-m", "ruff", *command.split(), "."]
    found = subprocess.run(ruff, cwd=ROOT, capture_output=True, encoding="utf-8")
    assert found.returncode == 0, found.stdout + found.stderr


def test_the_dev_container_is_the_container_for_marking():
    place = ROOT / ".devcontainer" / "devcontainer.json"
    lines = place.read_text(encoding="utf-8").splitlines()
    found = json.loads("\n".join(line for line in lines if not line.lstrip().startswith("//")))
    recipe = (place.parent / found["build"]["dockerfile"]).resolve()
    assert recipe == ROOT / ".ci" / "Containerfile"
    assert (place.parent / found["build"]["context"]).resolve() == ROOT
    steps = recipe.read_text(encoding="utf-8")
    assert "bubblewrap" in steps
    assert "--requirement tests/requirements.txt" in steps
    # The guide's line gives the container the same rights, which bubblewrap can't do without.
    rights = [f"--cap-add {name}" for name in found["capAdd"]]
    rights += [f"--security-opt {name}" for name in found["securityOpt"]]
    guide = (ROOT / "solutions" / "README.md").read_text(encoding="utf-8")
    assert f"podman run --rm --interactive --tty --network none {' '.join(rights)} " in guide
