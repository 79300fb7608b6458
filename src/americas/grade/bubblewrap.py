"""The sandbox as bubblewrap is told to make it: what is seen in it, and nothing else is."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import americas
from americas.checks.key import KEYS
from americas.data import folder as data_folder

# Where a notebook may write. Not /tmp itself: the course and its Python may lie in there.
SCRATCH = "/scratch"


_ELSEWHERE = (
    "Students' notebooks are programs that strangers wrote. On Windows, macOS or a computer "
    "without rights, mark in the course's container, in a Codespace or in WSL: solutions/README.md "
    "says how, under “Mark on any computer”. To run them here all the same, with your files and "
    "your network open to them, add --unsafe."
)


def missing() -> str:
    """Return why there can be no sandbox on this machine, and what to do; "" where there can."""
    why = _missing()
    return f"{why}\n{_ELSEWHERE}" if why else ""


def _missing() -> str:
    if sys.platform != "linux":
        return "Strangers' code can be shut in on Linux only, with the program bubblewrap."
    if shutil.which("bwrap") is None:
        return (
            "The program bubblewrap, which shuts strangers' code in, is not installed. "
            "On Debian and Ubuntu: sudo apt install bubblewrap"
        )
    tried = subprocess.run(
        [*walls(), "/usr/bin/env", "true"], capture_output=True, text=True, cwd="/", timeout=60
    )
    if tried.returncode:
        told = tried.stderr.strip().split("\n")[-1]
        return f"bubblewrap is installed but can't make a sandbox here: {told}"
    return ""


def walls() -> list[str]:
    """Return the sandbox as a command line: what is seen in it, and nothing else is."""
    if os.getuid() == 0:
        # Root makes the walls as itself and the inner side gives root up: a root that is only
        # renamed by a user namespace would be free of the limit on processes.
        users = ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
        spaces = ["pid", "net", "ipc", "uts"]
    else:
        users, spaces = [], ["user", "pid", "net", "ipc", "uts"]
    command = [shutil.which("bwrap") or "bwrap", *users]
    command += [f"--unshare-{space}" for space in spaces]
    command += ["--die-with-parent", "--new-session", "--clearenv"]
    seen = [path for path in _seen() if path.exists()]
    folders = sorted({folder for path in seen for folder in path.parents[:-1]})
    for folder in folders:
        command += ["--perms", "0755", "--dir", str(folder)]
    for path in seen:
        command += (
            ["--symlink", str(path.readlink()), str(path)]
            if path.is_symlink() and path.parent == Path("/")
            else ["--ro-bind", str(path), str(path)]
        )
    if KEYS.is_dir():
        command += ["--tmpfs", str(KEYS)]
    command += ["--proc", "/proc", "--dev", "/dev", "--perms", "1777", "--tmpfs", SCRATCH]
    if Path("/tmp") not in folders:
        command += ["--symlink", SCRATCH, "/tmp"]
    command += ["--remount-ro", "/"]
    for name, value in _environment().items():
        command += ["--setenv", name, value]
    return [*command, "--chdir", "/"]


def _seen() -> list[Path]:
    """Return the system's programs, this Python with its packages, the course's package and tables."""
    system = [
        "/usr",
        "/bin",
        "/sbin",
        "/lib",
        "/lib64",
        "/lib32",
        "/etc/ld.so.cache",
        "/etc/localtime",
        "/etc/alternatives",
        "/etc/fonts",
        "/nix/store",
    ]
    paths = [Path(path) for path in system]
    for prefix in {sys.prefix, sys.base_prefix, sys.exec_prefix} - {"/usr"}:
        # Not the whole of it: an environment can lie in a folder that holds solutions, too.
        paths += [Path(prefix, name) for name in ("bin", "lib", "lib64", "share", "pyvenv.cfg")]
    paths += [folder for folder in _packages() if not any(map(folder.is_relative_to, paths))]
    return [*paths, Path(americas.__file__).parent, data_folder()]


def _packages() -> list[Path]:
    """Where packages are, also those that a user installed at home."""
    folders = [Path(folder) for folder in sys.path]
    return [folder for folder in folders if folder.name in ("site-packages", "dist-packages")]


def _environment() -> dict[str, str]:
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": SCRATCH,
        "TMPDIR": SCRATCH,
        "LANG": "C.UTF-8",
        "TZ": os.environ.get("TZ", "UTC"),
        "PYTHONPATH": os.pathsep.join(map(str, [Path(americas.__file__).parents[1], *_packages()])),
        "PYTHONDONTWRITEBYTECODE": "1",
        "AMERICAS_DATA": str(data_folder()),
        # One thread each: with two at work for every student, none would be faster.
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    } | {name: value for name, value in os.environ.items() if name.startswith("OPENBLAS_CORE")}


def python() -> list[str]:
    """Return the inner side's command."""
    return [sys.executable, "-P", "-m", "americas.grade.worker"]
