"""A grader without walls, as one writes it in an evening, and what hostile code does to it.

Not a test: `test_hostile.py` starts it where it can harm nothing (a file system that can't be
written but for one small folder, no sight of other processes) and sends it attacks, a list of
[name, kind, code], as JSON. It prints a line for each: the name, and the harm that was done, ""
where there was none. kind: a vandal stands in a cell of its own, a cheat in the place of 4.1, a
thief anywhere.
"""

import atexit
import contextlib
import io
import json
import os
import pickle
import resource
import select
import signal
import sys
import threading
import time
from pathlib import Path

import altair as alt
import pandas as pd
from IPython.display import display

import americas.checks.check as checks
from americas import load

NUMBER, NAME = "4.1", "peru_2000"
RIGHT = checks._key(NUMBER).answer["value"]
# What the cells below an attack need, and what the grader itself needs to tell how it went.
BELOW = """
print(len(aid))
display(aid)
check("4.1", 1)
def works(): return json.dumps({"rows": len(aid)})
report = works()
"""
PATIENCE = 1.5
_NO_MORE_PROCESSES = 7


def late(number, frame):
    raise TimeoutError


def names():
    space = vars(sys.modules["__main__"])
    return space | {"aid": AID.copy(), "pd": pd, "alt": alt, "json": json, "check": checks.check}


def vandal(code, out):
    """Run a notebook and report it, with an alarm for endless cells and no other care."""
    space = names() | {"display": display}
    signal.signal(signal.SIGALRM, late)
    signal.alarm(1)
    exec(compile(code, "<cell>", "exec"), space)
    exec(BELOW, space)
    signal.alarm(0)
    if os.write(out, space["report"].encode()) != len(space["report"]):
        raise OSError
    threading._shutdown()
    atexit._run_exitfuncs()


def cheat(code, out):
    """Compare an answer in the process that made it, in the ways that graders do."""
    space, points, said = names(), {NUMBER: 0}, io.StringIO()
    signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, 0.5)
    with contextlib.redirect_stdout(said):
        exec(compile(code, "<cell>", "exec"), space)
        sys.modules["__main__"].__dict__.update({k: v for k, v in space.items() if k == "A"})
        answer = space.get(NAME)
        space["check"](NUMBER, answer)
        earned = checks.verdict(NUMBER, answer).outcome == "correct" or points[NUMBER]
        if isinstance(answer, int | float):
            earned |= not abs(answer - RIGHT) > 1e-6
            json.loads(json.dumps(answer), parse_constant=lambda word: 1 / 0)
        elif isinstance(answer, pd.DataFrame):
            len(answer.columns)
            said.write(answer.to_csv())
        elif type(answer).__module__.startswith("altair."):
            earned |= answer.to_dict()["mark"] == "bar"
        elif isinstance(answer, list) or hasattr(answer, "__next__"):
            json.dumps(list(answer))
        else:
            earned |= bool(answer == RIGHT)
            pickle.loads(pickle.dumps(answer))
        print(repr(answer)[:100])
    if earned or f"{NUMBER} · Correct." in said.getvalue():
        os.write(out, b"earned")
    elif said.tell() > 10**6:
        os.write(out, b"floods")


def thief(code, out):
    """Run code that takes what is not its own, or fails."""
    exec(compile(code, "<cell>", "exec"), names())
    os.write(out, b"stolen")


def believed(lines):
    """Believe what came out of a cheat's process, as it stands."""
    for line in filter(None, lines.split(b"\n")):
        if line in (b"floods", b"earned") or b'"outcome": "correct"' in line:
            return line.decode()
        try:
            found = json.loads(line)
            checks.judge(NUMBER, found["found"][0][1], checks._key(NUMBER))
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            return f"stops the grader: {type(error).__name__}"
    return ""


def run(kind, code):
    """Run one attack in a process of its own, under a middle one that it may kill."""
    said, saying = os.pipe()
    heard, hearing = os.pipe()
    middle = os.fork()
    if middle == 0:
        os.close(heard)
        if os.getuid() == 0 and kind != "thief":
            os.setuid(65_533)
        child = os.fork()
        if child == 0:
            with Path("said").open("w", encoding="utf-8") as file:
                for descriptor in (0, 1, 2):
                    os.dup2(file.fileno(), descriptor)
            os.closerange(3, saying)
            os.closerange(saying + 1, 99)
            resource.setrlimit(resource.RLIMIT_NPROC, (40, 40))
            sys.stderr = io.StringIO()
            try:
                {"vandal": vandal, "cheat": cheat, "thief": thief}[kind](code, saying)
            except BlockingIOError:
                os._exit(_NO_MORE_PROCESSES)
            except BaseException:
                os._exit(1)
            os._exit(0)
        os.close(saying)
        status = os.waitpid(child, 0)[1]
        os.write(hearing, json.dumps(status).encode())
        os._exit(0)
    os.close(saying)
    os.close(hearing)
    try:
        return harm(kind, said, heard)
    finally:
        clean()
        os.close(said)
        os.close(heard)


def harm(kind, said, heard):
    lines, status, end = b"", b"", time.monotonic() + PATIENCE
    waiting = [said, heard]
    while waiting and (left := end - time.monotonic()) > 0:
        for one in select.select(waiting, [], [], left)[0]:
            more = os.read(one, 1 << 16)
            if not more:
                waiting.remove(one)
            elif one == said:
                lines += more
            else:
                status = more
        if status and heard in waiting:
            waiting.remove(heard)
            end = min(end, time.monotonic() + 0.2)  # what it left behind may still speak
    disk = os.statvfs(".")
    if disk.f_bavail * disk.f_bsize < 10**6:
        return "fills the disk"
    if not status:
        return "kills its parent" if heard not in waiting else "hangs"
    if kind == "thief":
        return lines.decode()
    if kind == "cheat":
        return believed(lines) or ("stops the grader" if int(status) else "")
    good = json.dumps({"rows": len(AID)}).encode()
    if lines == good and int(status) == 0 and said not in waiting:
        return ""
    if os.waitstatus_to_exitcode(int(status)) == _NO_MORE_PROCESSES:
        return "leaves nobody a process"
    return f"ends with status {int(status)} and {len(lines)} letters"


def clean():
    """End what an attack left running, and what it left on the disk."""
    for path in Path("/proc").glob("[0-9]*"):
        if int(path.name) not in (1, os.getpid(), os.getppid()):
            with contextlib.suppress(OSError):
                os.kill(int(path.name), signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, 0)[0]:
            pass
    for path in Path().iterdir():
        path.unlink()


if __name__ == "__main__":
    AID = load("aid")
    # All that is imported late: another user may not read where Python's packages are.
    checks.verdict(NUMBER, alt.Chart(pd.DataFrame({"x": [1]})).mark_bar().encode(x="x:Q"))
    for name, kind, code in json.load(sys.stdin):
        print(json.dumps([name, run(kind, code)]), flush=True)
