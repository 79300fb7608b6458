"""Kernels of the test runs start warm, and are otherwise what a reader's kernels are."""

import json
import os
import pathlib
import time

import pytest
from jupyter_client.manager import start_new_kernel

pytestmark = pytest.mark.skipif(
    os.environ.get("JUPYTER_DEFAULT_PROVISIONER_NAME") != "americas-warm",
    reason="kernels are forked on Linux only, and where the course is installed as README.md says",
)
STATE = """
import json, os, sys
loaded = "pandas" in sys.modules and "altair" in sys.modules
import pandas as pd
print(json.dumps([loaded, __name__, os.getcwd(), sys.path[:2], pd.options.display.max_columns,
                  sorted(name for name in globals() if not name.startswith("_")), os.getpid()]))
"""


@pytest.fixture
def kernel(request, tmp_path, monkeypatch):
    """`kernel("americas-warm")` starts one and returns how to run code in it, and its manager."""
    started = []

    def start(how):
        monkeypatch.setenv("JUPYTER_DEFAULT_PROVISIONER_NAME", how)
        monkeypatch.setattr("jupyter_client.provisioning.KernelProvisionerFactory._instance", None)
        manager, client = start_new_kernel(kernel_name="python3", cwd=str(tmp_path))
        started.append((manager, client))

        def run(code):
            said = []
            reply = client.execute_interactive(
                code, timeout=60, output_hook=lambda m: said.append(m["content"].get("text", ""))
            )
            return reply["content"], "".join(said)

        return run, manager

    yield start
    for manager, client in started:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_a_warm_kernel_has_the_libraries_and_nothing_else_that_another_lacks(kernel):
    found = {}
    for how in ("americas-warm", "local-provisioner"):
        run, _ = kernel(how)
        loaded, *found[how] = json.loads(run(STATE)[1])
        assert loaded == (how == "americas-warm")
    warm, cold = found.values()
    assert warm[:-1] == cold[:-1]
    assert warm[-1] != cold[-1]


def test_no_warm_kernel_sees_what_another_did(kernel):
    first, _ = kernel("americas-warm")
    second, _ = kernel("americas-warm")
    first("import pandas; pandas.trace = 1; trace = 1")
    _, said = second("import pandas; print(hasattr(pandas, 'trace'), 'trace' in globals())")
    assert said.strip() == "False False"


def test_a_warm_kernel_can_be_interrupted_and_dies_when_told(kernel):
    run, manager = kernel("americas-warm")
    pid = json.loads(run(STATE)[1])[-1]
    code = "import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(50)"
    start = time.monotonic()
    content, _ = run(code)
    assert content["ename"] == "KeyboardInterrupt"
    assert time.monotonic() - start < 40
    manager.shutdown_kernel(now=True)
    end = time.monotonic() + 10
    while time.monotonic() < end and pathlib.Path(f"/proc/{pid}").exists():
        time.sleep(0.1)
    assert not pathlib.Path(f"/proc/{pid}").exists()


def test_an_error_is_explained_in_a_warm_kernel_too(kernel):
    run, _ = kernel("americas-warm")
    run("from americas import load")
    content, said = run("lod('aid')")
    assert content["ename"] == "NameError"
    assert "In plain words" in said
