"""Kernels that start warm, for the project's own test runs: a Jupyter kernel provisioner.

A process that has imported what every lesson imports waits; each kernel is a fork of it and finds
the libraries loaded. Nothing else is shared: a fork has never run a cell. Used where the variable
JUPYTER_DEFAULT_PROVISIONER_NAME says `americas-warm`, which only the tests set; where processes
can't fork, or the request is for another Python, kernels start as always.
"""

import atexit
import builtins
import json
import os
import signal
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

from jupyter_client.provisioning import LocalProvisioner

_LAUNCHER = "ipykernel_launcher"
# While it is imported, pandas asks whether it is in a kernel, and prints tables accordingly.
_START = """
import builtins, types
builtins.get_ipython = lambda: types.SimpleNamespace(kernel=None)
from americas.warm import wait
wait()
"""


class WarmProvisioner(LocalProvisioner):
    """Starts a kernel as a fork of a process that has imported the libraries."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Fork a kernel, else start one; returns the connection's information."""
        if not hasattr(os, "fork") or cmd[0] != sys.executable or _LAUNCHER not in cmd:
            return await super().launch_kernel(cmd, **kwargs)
        arguments = cmd[cmd.index(_LAUNCHER) + 1 :]
        request = {
            "arguments": arguments,
            "folder": str(kwargs.get("cwd") or Path.cwd()),
            "environment": dict(kwargs.get("env") or os.environ),
        }
        self.process = _Fork(_ask(request))
        self.pid = self.pgid = self.process.pid
        return self.connection_info


class _Fork:
    """A kernel that is a grandchild of this process, with what LocalProvisioner asks of a Popen."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def poll(self) -> int | None:
        """None while it lives; how it ended is not known here, so 0."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return 0
        return None

    def wait(self) -> int:
        return 0

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


@cache
def _waiting() -> subprocess.Popen:
    """The process that waits, one for each that asks; it ends when its input does."""
    process = subprocess.Popen(
        [sys.executable, "-c", _START],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    atexit.register(process.stdin.close)
    return process


def _ask(request: dict[str, Any]) -> int:
    process = _waiting()
    process.stdin.write(json.dumps(request) + "\n")
    process.stdin.flush()
    return int(process.stdout.readline())


def wait() -> None:
    """Import, then fork a kernel for each line that comes in."""
    import altair
    import ipykernel.kernelapp

    del builtins.get_ipython
    altair.Chart().mark_point().to_dict(validate=False)
    # So that no kernel that ended stays as a zombie, which would look alive.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    # A kernel imports our own package itself, which takes hold of the kernel it is imported in.
    for name in [name for name in sys.modules if name.partition(".")[0] == "americas"]:
        del sys.modules[name]
    # The folder in which this process started is no kernel's.
    del sys.path[0]
    for line in sys.stdin:
        request = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _become_kernel(request, ipykernel.kernelapp.IPKernelApp)
        print(pid, flush=True)


def _become_kernel(request: dict[str, Any], app: type) -> None:
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.chdir(request["folder"])
    os.environ.clear()
    # Its parent is the process that waits, whose end a kernel notices as always.
    os.environ.update(request["environment"] | {"JPY_PARENT_PID": str(os.getppid())})
    sys.argv = [_LAUNCHER, *request["arguments"]]
    # However it ends: a fork must never go on to wait for requests itself.
    try:
        app.launch_instance(request["arguments"])
    finally:
        os._exit(0)
