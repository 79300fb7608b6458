"""Lessons and solutions show the same on other processors, and however pandas leaves ties.

Each run is one process for all notebooks, without kernels: about half a minute of a processor.
"""

import json
import os
import platform
import subprocess
import sys
from functools import cache

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from threadpoolctl import threadpool_info

from americas.course.execute import execute
from americas.course.paths import Course

ROOT = Course.of_this_package().root
RERUN = ROOT / "tests" / "lessons" / "rerun.py"
NOTEBOOKS = [
    p for name in ("notebooks", "solutions") for p in sorted((ROOT / name).glob("*.ipynb"))
]
# What NumPy chooses at run time by looking at the processor, from the least to the most.
CHOSEN = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
# Linear algebra chooses by itself; each of these runs on any processor that runs this NumPy. Names
# to ask for it by, with the name it then tells. Where the tests themselves are run with one of
# them, what it chooses by itself takes its place.
INTEL = platform.machine().lower() in ("x86_64", "amd64")
CORES = (
    {"Prescott": "Katmai", "Nehalem": "Nehalem"}
    if INTEL
    else {"ARMV8": "armv8", "NEOVERSEN1": "neoversen1"}
)
OWN = {pool["architecture"] for pool in threadpool_info() if "architecture" in pool}
OTHERS = [core for core, told in CORES.items() if told.lower() not in map(str.lower, OWN)] + [""]
KERNELS = {
    # As a processor of 2004 computes.
    "plain": {"OPENBLAS_CORETYPE": OTHERS[0], "NPY_DISABLE_CPU_FEATURES": " ".join(CHOSEN)},
    # As one of 2008 that knows half of NumPy's tricks; and with ties the other way round.
    "half, backwards": {
        "OPENBLAS_CORETYPE": OTHERS[1],
        "NPY_DISABLE_CPU_FEATURES": " ".join(CHOSEN[1:]),
    },
}


@cache
def rerun(run, *paths):
    """What one run tells: the kernels it had, and for each notebook what it shows otherwise."""
    command = [sys.executable, str(RERUN), "--json", *map(str, paths)]
    command += ["--backwards"] if "backwards" in run else []
    environment = {**os.environ, **KERNELS[run]}
    done = subprocess.run(
        command, env=environment, capture_output=True, encoding="utf-8", timeout=900
    )
    assert done.returncode in (0, 1), done.stderr
    told = json.loads(done.stdout)
    return told["architectures"], told["differences"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: f"{path.parent.name}-{path.stem}")
@pytest.mark.parametrize("run", KERNELS)
def test_a_notebook_shows_the_same(run, path):
    _, differences = rerun(run, *NOTEBOOKS)
    assert differences[str(path)] == []


@pytest.mark.parametrize("run", KERNELS)
def test_the_kernels_are_others_than_the_machines_own(run):
    if not OWN:
        pytest.skip("NumPy brings no OpenBLAS here: what this system has can't be chosen")
    architectures, _ = rerun(run, *NOTEBOOKS)
    assert OWN.isdisjoint(architectures)


START = """
import numpy as np
import pandas as pd
many = np.random.default_rng(0).random((60, 60))
"""
SORT = "pd.DataFrame({'state': ['MEX', 'COL'], 'rate': [2, 2]}).sort_values('rate')"
CELLS = {
    SORT: ["half, backwards"],
    SORT.replace("'rate')", "['rate', 'state'])"): [],
    SORT.replace("'rate')", "'rate', kind='stable')"): [],
    "print((many @ many).tolist())": [*KERNELS],
    "print((many @ many).round(3).tolist())": [],
}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A notebook of cells that depend on the machine or do not, stored as this machine has it."""
    path = tmp_path_factory.mktemp("small") / "cells.ipynb"
    notebook = new_notebook(cells=[new_code_cell(START)])
    notebook.cells += [new_code_cell(cell) for cell in CELLS]
    execute(notebook, path)
    nbformat.write(notebook, path)
    return path


@pytest.mark.parametrize("run", KERNELS)
def test_what_depends_on_the_machine_is_told(run, small):
    if not INTEL or not OWN.isdisjoint(CORES.values()):
        pytest.skip("the other kernels of this kind of processor may round alike")
    _, differences = rerun(run, small)
    told = "\n".join(differences[str(small)])
    for number, runs in enumerate(CELLS.values(), start=1):
        assert (f"cell {number}:" in told) == (run in runs)
