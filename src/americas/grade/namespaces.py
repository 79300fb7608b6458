"""Run one piece of strangers' code apart from everything, and come back from it: Linux only.

**Threat model.** The attacker is a student whose notebook holds any code that Python, or a program
of the system, can run. They want (1) the answer keys, solutions and tests; (2) classmates' work,
also of earlier in the same run; (3) a mark for an answer that they did not compute, or a worse one
for somebody else; (4) the teacher's files, secrets, network, processes; (5) the run stopped or the
machine filled. They know this code. They have no kernel exploit: the walls are Linux's own.

Two walls stand around them. The outer is bubblewrap's (`bubblewrap`): of the system only what
Python needs, read-only; of the course the package without its keys and the tables; no network, no
home, no environment of the teacher's. Inside of it one warm process serves all students, several
at once, since importing pandas takes seconds. The inner wall, here, is between that process, each
student, and every other student:

- a fork with namespaces of its own for users, files, processes, network and messages, so that no
  student sees, signals or outlives another, or leaves a file for the next one;
- an empty folder of its own to write in, and no /proc;
- no capability in the namespace that was made, and none can be made inside of it;
- limits on time, memory, files and processes, and a watcher that ends what is left;
- of the warm process's memory only what is ours: it reads nothing that a student wrote. The
  student's notebook is parsed in the fork.

What comes out are lines of JSON about that student's own answers. Nobody believes them (`protocol`,
`validate`); the comparison with the keys runs outside (`mark`). What is *not* stopped: a student
who computes, copies or is given the right answer; heat and time up to the limits; a bug in Linux.
"""

import ctypes
import json
import os
import resource
import select
import signal
import time
from collections.abc import Callable

from americas.grade.limits import DIED, FINISHED, TOO_LONG, Limits

_NEWUSER, _NEWNS, _NEWPID, _NEWNET, _NEWIPC = (
    0x10000000, 0x00020000, 0x20000000, 0x40000000, 0x08000000
)  # fmt: skip
_NOSUID, _NODEV = 2, 4
_SET_DUMPABLE, _SET_PDEATHSIG = 4, 1


def harden() -> None:
    """Stop being root, and stop others with the same user id from looking into this process."""
    if os.getuid() == 0:
        nobody = 65534
        os.setgroups([])
        os.setresgid(nobody, nobody, nobody)
        os.setresuid(nobody, nobody, nobody)
    _libc().prctl(_SET_DUMPABLE, 0, 0, 0, 0)


def possible() -> bool:
    """Return whether processes can be put apart here; Ubuntu may forbid it inside a sandbox."""
    child = os.fork()
    if child == 0:
        try:
            _separate()
            os._exit(FINISHED)
        except BaseException:
            os._exit(DIED)
    return os.waitpid(child, 0)[1] == 0


def leave_no_dead() -> None:
    """Let the kernel bury the processes that `start` has started: nobody waits for them."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)


def start(work: Callable[[], None], limits: Limits, keep: list[int], end: int) -> None:
    """Start `work` apart, with only the file descriptors `keep` left open to it; don't wait.

    Into `end` goes one line of JSON in the end: FINISHED where it came to its own end, DIED or
    TOO_LONG. Where `end` is closed without one, nothing was run.
    """
    if os.fork():
        return
    try:
        told = json.dumps({"end": _watch(work, limits, keep, end)})
        os.write(end, f"{told}\n".encode("ascii"))
    finally:
        os._exit(0)


def _watch(work: Callable[[], None], limits: Limits, keep: list[int], end: int) -> int:
    """Start the student's process and return how it ended; in its walls, but out of its sight."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _close_all_but([*keep, end])
    used = size()
    _separate()
    _private_folder()
    child = os.fork()
    if child == 0:
        try:
            os.close(end)
            _libc().prctl(_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            # Signals to a group of processes cross the walls; so it gets a group of its own.
            os.setsid()
            _give_up_powers()
            limit(limits, used)
            work()
            os._exit(FINISHED)
        except BaseException:
            os._exit(DIED)
    deadline = time.monotonic() + limits.seconds
    ready = select.poll()
    ready.register(os.pidfd_open(child), select.POLLIN)
    late = not ready.poll(max(0.0, deadline - time.monotonic()) * 1000)
    if late:
        # The child is the first process of its namespace: what it started dies with it.
        os.kill(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
    if late:
        return TOO_LONG
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL):
        spent = resource.getrusage(resource.RUSAGE_CHILDREN)
        if spent.ru_utime + spent.ru_stime > limits.cpu_seconds - 0.5:
            return TOO_LONG
    return FINISHED if status == 0 else DIED


def size() -> int:
    """Return the address space that this process has already, in bytes."""
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
        return int(file.read().split()[0]) * resource.getpagesize()


def limit(limits: Limits, used: int, *, processes: bool = True) -> None:
    """Cap what this process and those it starts may use; memory counts from what it has.

    processes: cap these, too; outside a sandbox the user's other programs would count.
    """
    caps = {
        resource.RLIMIT_CPU: limits.cpu_seconds,
        resource.RLIMIT_AS: used + limits.memory_mb * 2**20,
        resource.RLIMIT_FSIZE: limits.file_mb * 2**20,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: 256,
    }
    if processes:
        caps[resource.RLIMIT_NPROC] = limits.processes
    for what, most in caps.items():
        hard = resource.getrlimit(what)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))


def go_to_work() -> None:
    """Go where a notebook finds ../data, as it does in the course's own folder."""
    scratch = os.environ["HOME"]
    os.mkdir(f"{scratch}/exercises")  # noqa: PTH102
    os.symlink(os.environ["AMERICAS_DATA"], f"{scratch}/data")  # noqa: PTH211
    os.chdir(f"{scratch}/exercises")


def _private_folder() -> None:
    """Give a notebook an empty folder of its own to write in, and no sight of processes."""
    libc = _libc()
    for where, room in ((os.environ["HOME"], "64m"), ("/dev/shm", "8m"), ("/proc", "4k")):
        options = f"size={room},mode=700".encode()
        if libc.mount(b"tmpfs", where.encode(), b"tmpfs", _NOSUID | _NODEV, options):
            raise OSError(ctypes.get_errno(), f"mount {where}")
    go_to_work()


def _give_up_powers() -> None:
    """Drop every capability: whoever makes a namespace has them all in it."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    if _libc().capset(header, (ctypes.c_uint32 * 6)()):
        raise OSError(ctypes.get_errno(), "capset")


def _separate() -> None:
    libc = _libc()
    user, group = os.getuid(), os.getgid()
    # A process that hides its files in /proc can't write there who it is, either.
    libc.prctl(_SET_DUMPABLE, 1, 0, 0, 0)
    if libc.unshare(_NEWUSER | _NEWNS | _NEWPID | _NEWNET | _NEWIPC):
        raise OSError(ctypes.get_errno(), "unshare")
    for name, text in (
        ("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")
    ):  # fmt: skip
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:  # noqa: PTH123
            file.write(text)
    # No further namespaces in this one; and if memory runs out, this process goes first.
    for name, text in (("sys/user/max_user_namespaces", "0"), ("self/oom_score_adj", "1000")):
        with open(f"/proc/{name}", "w", encoding="ascii") as file:  # noqa: PTH123
            file.write(text)
    libc.prctl(_SET_DUMPABLE, 0, 0, 0, 0)


def _close_all_but(keep: list[int]) -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    low = 3
    for descriptor in sorted(keep):
        os.closerange(low, descriptor)
        low = descriptor + 1
    os.closerange(low, 65_536)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
