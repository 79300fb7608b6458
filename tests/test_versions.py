"""A library that is too old is told in one sentence, before anything fails inside it."""

import os
import subprocess
import sys

import pytest

IMPORT = "from americas import load"
IN_A_NOTEBOOK = f"""
from IPython.core.interactiveshell import InteractiveShell
InteractiveShell.instance().run_cell({IMPORT!r})
"""


@pytest.fixture
def with_versions(tmp_path):
    """`with_versions(code, pandas="1.5.3")`: run code where a library claims another version."""

    def run(code, **versions):
        for name, number in versions.items():
            info = tmp_path / f"{name}-{number}.dist-info"
            info.mkdir()
            text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {number}\n"
            (info / "METADATA").write_text(text, encoding="utf-8")
        environment = os.environ | {"PYTHONPATH": str(tmp_path), "IPYTHONDIR": str(tmp_path)}
        return subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, encoding="utf-8"
        )

    return run


def test_one_old_library_is_named_with_what_to_run(with_versions):
    done = with_versions(IN_A_NOTEBOOK, pandas="1.5.3")
    assert done.stdout.strip() == (
        "The course needs pandas 2.2.3 or newer and finds 1.5.3. "
        'Run  %pip install "pandas>=2.2.3"  in a cell, then restart the kernel.'
    )


def test_two_old_libraries_are_named_together(with_versions):
    done = with_versions(IMPORT, pandas="2.2.2", altair="4.2.2rc1")
    assert "pandas 2.2.3 or newer and finds 2.2.2 and altair 5.5 or newer" in done.stderr
    assert '%pip install "pandas>=2.2.3" "altair>=5.5"' in done.stderr


@pytest.mark.parametrize(
    "versions", [{}, {"pandas": "2.2.3"}, {"pandas": "10.0", "altair": "5.5.0"}]
)
def test_what_is_new_enough_is_not_told(with_versions, versions):
    done = with_versions(IMPORT, **versions)
    assert (done.returncode, done.stderr) == (0, "")
