"""The command where it can't work: one sentence, no traceback."""

import socket
import subprocess
import sys

import nbformat
import pytest

from americas.cli import main
from americas.course.paths import Course
from americas.grade.store import Store


@pytest.mark.parametrize(
    "verb", ["rebuild", "codebook", "contents", "run", "build", "site", "slides"]
)
def test_a_command_for_authors_wants_the_course_folder(verb, tmp_path, capsys):
    assert main([verb], Course(tmp_path)) == 1
    assert "only the package is installed" in capsys.readouterr().err


@pytest.mark.parametrize("module", ["americas", "americas.grade.pipeline"])
def test_nothing_waits_for_pandas_that_does_not_need_it(module):
    heavy = "{'pandas', 'altair', 'numpy', 'nbformat', 'jinja2', 'rich'} & {*sys.modules}"
    code = f"import sys, {module}; print({heavy} or '')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("\n", "")


def test_a_package_that_only_the_workshop_needs_is_named(tmp_path, monkeypatch, capsys):
    path = tmp_path / "04-empty.ipynb"
    nbformat.write(nbformat.v4.new_notebook(), path)
    before = path.read_bytes()
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    assert main(["run", str(path)]) == 1
    told = capsys.readouterr().err
    assert "needs the package vl_convert" in told
    assert "tests/requirements.txt" in told
    assert path.read_bytes() == before


def test_a_notebook_that_is_not_there_and_one_that_is_none(tmp_path, capsys):
    assert main(["run", str(tmp_path / "no.ipynb")]) == 1
    assert "There is no notebook" in capsys.readouterr().err
    path = tmp_path / "05-torn.ipynb"
    path.write_text('{"cells": [', encoding="utf-8")
    assert main(["run", str(path)]) == 1
    assert "can't be read as a notebook" in capsys.readouterr().err


def test_a_chart_with_a_gap_in_its_years_is_stored(tmp_path):
    code = (
        "import nbformat.v4 as v4\nfrom americas.course import notebooks\n"
        "chart = {notebooks.VEGALITE: {'values': [[*range(1990, 2030), None], [1, -2.5, 3e-9]]}}\n"
        "cell = v4.new_code_cell('x', outputs=[v4.new_output('display_data', chart)])\n"
        "notebooks.write(v4.new_notebook(cells=[cell]), __import__('pathlib').Path('04-x.ipynb'))"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, timeout=60, check=True)
    assert "[1,-2.5,3e-09]" in (tmp_path / "04-x.ipynb").read_text(encoding="utf-8")


@pytest.mark.parametrize("workers", ["-1", "two"])
def test_a_number_of_workers_that_is_none_is_refused(workers, capsys):
    with pytest.raises(SystemExit):
        main(["grade", "class", "--workers", workers])
    assert "a number from 0 on" in capsys.readouterr().err


def test_a_port_that_is_taken_is_said(tmp_path, capsys):
    with Store(tmp_path), socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["mark", str(tmp_path), "--port", str(port), "--no-browser"]) == 1
    assert f"can't be served on port {port}" in capsys.readouterr().err
    assert main(["mark", str(tmp_path), "--port", "70000", "--no-browser"]) == 1
