"""Strangers' code: it can neither stop the run, nor leak, nor earn what it has not computed."""

import copy
import json
import os
import random
import shutil
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from americas.checks.key import Key
from americas.course.paths import Course
from americas.grade.assignment import Sets
from americas.grade.locate_answers import held, plan
from americas.grade.marking_page import changes
from americas.grade.parse import read
from americas.grade.results import NOT_GRADED
from americas.grade.validate import sound
from americas.grade.verdicts import _judged as judged

ROOT = Course.of_this_package().root
NAIVE = Path(__file__).with_name("naive_grader.py")
ALL = 8

# Cells as long as one may be, at which to look for exercises and answers could take a day.
LONG = {
    "blank lines": ("code", "x = 1" + "\n" * 200_000 + "y = 2"),
    "blank lines in a text": ("markdown", "x = 1" + "\n" * 200_000 + "y = 2"),
    "openings of code": ("markdown", "```python\n" * 20_000),
    "an opening and blank lines": ("markdown", "```python" + "\n" * 190_000 + "x"),
    "blank lines after stars": ("markdown", "**" + " \n" * 99_000),
    "an answer's name and blanks": ("code", "peru_2000" + " " * 190_000 + "."),
    "headings": ("markdown", "# 4.1\n" * 33_000),
    "a heading of one word": ("markdown", "# " + "1" * 190_000),
    "checks without an end": ("code", "check(" * 33_000),
}


@pytest.mark.parametrize(("kind", "source"), LONG.values(), ids=LONG)
def test_no_cell_holds_the_class_up(handed, assignment, in_time, kind, source):
    notebook = read(handed.insert("4.1", source, kind).raw())
    assert held(notebook, assignment) >= {"4.1", "4.2"}
    assert len(plan(notebook, assignment).steps) >= ALL


def test_no_stored_output_holds_the_class_up(handed, in_time):
    data = {"text/plain": "1" * 500}
    output = {"output_type": "display_data", "metadata": {}, "data": data}
    handed.tagged("check", "4.1")["outputs"] = [output] * 60_000
    assert [cell.told for cell in read(handed.raw()).cells if cell.told] == []


def test_no_changed_text_holds_the_marker_up(in_time):
    old = " ".join(str(word) for word in range(6_000))
    new = " ".join(str(word ^ 1) for word in range(6_000))
    assert changes(old, new) == [("del", old), ("ins", new)]


# Code that stands in a cell of its own below 4.1, in a notebook that is right throughout:
# what it is called, the code, the points it must leave, how the run ends, what the notes say.
VANDALS = [
    (
        "a thread that never ends",
        "import threading\nthreading.Thread(target=lambda: [0 for _ in iter(int, 1)]).start()",
        ALL,
        "finished",
        "",
    ),
    (
        "1 GB of output",
        "import sys\nfor _ in range(1000): sys.stdout.write('x' * 10**6)\n"
        "sys.stderr.write('x' * 10**8)",
        ALL,
        "finished",
        "",
    ),
    (
        "output to every descriptor",
        "import os\nfor _ in range(9):\n  for d in range(3, 60):\n"
        "    try: os.write(d, b'x' * 10**6)\n    except OSError: pass",
        1,
        "too much",
        "gave out",
    ),
    ("os._exit", "import os; os._exit(0)", 1, "died", "ended by a cell of 4.1"),
    (
        "os._exit after a forged end",
        "import os\nfor d in range(3, 60):\n"
        "  try: os.write(d, b'{\"done\": true}\\n')\n  except OSError: pass\nos._exit(0)",
        1,
        "finished",
        "",
    ),
    ("a crash", "import ctypes; ctypes.string_at(0)", 1, "died", "ended by a cell of 4.1"),
    ("kill of the parent", "import os; os.kill(os.getppid(), 9)", ALL, "finished", ""),
    ("kill of everything", "import os; os.kill(-1, 9)", ALL, "finished", ""),
    ("sys.exit", "import sys; sys.exit(3)", ALL, "finished", ""),
    ("an exit hook", "import atexit, time; atexit.register(time.sleep, 99)", ALL, "finished", ""),
    ("a fork bomb", "import os\nwhile True: os.fork()", ALL, "finished", ""),
    (
        "alarms taken away",
        "import signal\nfor s in (signal.SIGPROF, signal.SIGALRM):\n"
        "  signal.signal(s, signal.SIG_IGN)\nwhile True: pass",
        1,
        "too long",
        "ran on and on",
    ),
    ("descriptors closed", "import os; os.closerange(3, 99)", 1, "died", "ended by a cell of 4.1"),
    ("a full disk", "f = open('x', 'wb')\nwhile True: f.write(b'x' * 10**6)", ALL, "finished", ""),
    (
        "a broken json",
        "import json\njson.dumps = json.loads = json.JSONEncoder.encode = None",
        ALL,
        "finished",
        "",
    ),
    ("a broken print", "import builtins\nbuiltins.print = None", ALL, "finished", ""),
    (
        "a broken display",
        "display = None\nimport IPython.display\nIPython.display.display = None",
        ALL,
        "finished",
        "",
    ),
    ("a broken os.write", "import os\nos.write = os._exit = lambda *a: 0", ALL, "finished", ""),
    ("a trace of every line", "import sys\nsys.settrace(lambda *a: 1 / 0)", 1, "died", "ended"),
    ("check deleted", "del check", ALL, "finished", ""),
    ("the table emptied", "aid.drop(aid.index, inplace=True)", 2, "finished", ""),
    ("brackets without end", "(" * 50_000, ALL, "finished", ""),
    ("minus without end", "x = " + "-" * 200_000 + "1", ALL, "finished", ""),
    ("a zero byte", "x = 1\0", ALL, "finished", ""),
    ("magics", "%matplotlib inline\n!pip install pandas\naid?", ALL, "finished", "left out"),
    ("a cell in another language", "%%bash\nrm -rf ~", ALL, "finished", "left out"),
]


@pytest.mark.parametrize(
    ("code", "earned", "end", "note"),
    [case[1:] for case in VANDALS],
    ids=[case[0] for case in VANDALS],
)
def test_a_vandal_loses_at_most_what_comes_after(
    handed, mark, notes, points, code, earned, end, note
):
    result = mark(handed.solve().insert("4.1", code).raw())
    assert (points(result), result["end"]) == (earned, end)
    assert note in notes(result)


# Code in the place of the answer to 4.2: the reason that its student reads.
STUCK = [
    ("an infinite loop", "while True: pass", "ran on and on"),
    ("an endless sleep", "import time; time.sleep(10**6)", "ran on and on"),
    ("a memory bomb", "bolivia = bytearray(10**11)", "memory is full"),
    (
        "a slow memory bomb",
        "import numpy\nx = []\nwhile True: x.append(numpy.zeros(10**7))",
        "memory is full",
    ),
    ("an endless recursion", "def f(): return f()\nbolivia = f()", "calls itself without end"),
    ("no Python", "bolivia = aid.query(", "The bracket ( was opened"),
    (
        "an endless answer",
        "class A(list):\n  def __len__(self):\n    while True: pass\nbolivia = A()",
        "ran on and on",
    ),
]


@pytest.mark.parametrize(
    ("code", "reason"), [case[1:] for case in STUCK], ids=[case[0] for case in STUCK]
)
def test_a_stuck_cell_loses_its_own_exercise(handed, mark, points, told, code, reason):
    result = mark(handed.solve().put("4.2", code).raw())
    outcome, why = told(result, "4.2")
    assert (points(result), outcome) == (ALL - 1, "not yet")
    assert reason in why


# Code that leaves `stolen` true where it got at what it must not get at. Only then does the
# notebook go on to compute the right answer, so that a point is a proof of the theft.
THIEVES = [
    (
        "a server on this machine",
        "import socket\nsocket.create_connection(('127.0.0.1', {port}), 2)",
    ),
    (
        "a datagram to this machine",
        "import socket\n"
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', {port}))",
    ),
    (
        "a socket of the system",
        "import socket\ns = socket.socket(socket.AF_UNIX)\ns.connect({listening!r})",
    ),
    ("the keys' folder", "import americas.checks.check as c\nassert list(c.KEYS.iterdir())"),
    ("the keys through check", "from americas.checks import check\nassert check._keys('04')"),
    (
        "the keys in memory",
        "import gc\nassert any(type(o).__name__ == 'Key' for o in gc.get_objects())",
    ),
    ("the solutions", "import os\nassert os.listdir({root!r} + '/solutions')"),
    ("the exercises of others", "import os\nassert os.path.exists({root!r} + '/tests')"),
    ("the home folder", "import os\nassert set(os.listdir({home!r})) - {{'.pyenv', '.local'}}"),
    ("passwords", "open('/etc/shadow').read()"),
    ("the environment", "import os\nassert os.environ['SECRET_OF_THE_TEACHER']"),
    ("processes", "import os\nassert os.listdir('/proc')"),
    ("the parent's memory", "import os\nopen(f'/proc/{{os.getppid()}}/mem', 'rb')"),
    (
        "a file in the package",
        "import americas, os, pathlib\nf = pathlib.Path(americas.__file__).parent / 'x'\n"
        "f.write_text('x')\nos.remove(f)",
    ),
    (
        "a file among the tables",
        "from americas.data import folder\nimport os\nf = folder() / 'x'\n"
        "f.write_text('x')\nos.remove(f)",
    ),
    ("a file in the system", "import os\nopen('/usr/x', 'w')\nos.remove('/usr/x')"),
    ("a file at the top", "import os\nopen('/x', 'w')\nos.remove('/x')"),
    ("being root", "import os\nos.setuid(0)"),
    (
        "being in a new namespace",
        "import ctypes, os\nchild = os.fork()\n"
        "if not child: os._exit(ctypes.CDLL(None).unshare(0x10000000) & 1)\n"
        "assert not os.waitpid(child, 0)[1]",
    ),
    (
        "taking the walls down",
        "import ctypes, os\nhome = os.environ['HOME'].encode()\n"
        "assert not ctypes.CDLL(None).umount2(home, 2)",
    ),
    (
        "mounting over the walls",
        "import ctypes, os\nhome = os.environ['HOME'].encode()\n"
        "assert not ctypes.CDLL(None).mount(b'x', home, b'tmpfs', 0, b'')",
    ),
]


@pytest.mark.parametrize("code", [case[1] for case in THIEVES], ids=[case[0] for case in THIEVES])
def test_a_thief_gets_nothing(handed, mark, points, monkeypatch, code):
    monkeypatch.setenv("SECRET_OF_THE_TEACHER", "x")
    # An abstract name: a socket of the system that needs no file.
    listening = f"\0americas-{os.getpid()}"
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_UNIX) as other,
    ):
        other.bind(listening)
        other.listen()
        words = {"port": server.getsockname()[1], "listening": listening}
        words |= {"root": str(ROOT), "home": str(Path.home())}
        attack = "\n  ".join(code.format(**words).split("\n"))
        handed.put(
            "4.1",
            f"stolen = False\ntry:\n  {attack}\n  stolen = True\n"
            f"except BaseException: pass\nif stolen: {handed.answer('4.1')}",
        )
        assert points(mark(handed.raw())) == 0


# What needs root, and what is let loose in the naive grader's room (below) and not on this machine.
ROOT_S = {
    "passwords", "being root", "the parent's memory", "a file in the system", "a file at the top",
}  # fmt: skip
IN_A_ROOM = {"the keys in memory", "taking the walls down", "mounting over the walls"}
IS_ROOT = os.getuid() == 0
LOOSE = {name for name, _ in THIEVES} - IN_A_ROOM - (set() if IS_ROOT else ROOT_S)


def test_without_walls_the_same_thefts_succeed(handed, assignment, tmp_path, monkeypatch):
    from americas.grade.mark import Job, close, mark

    monkeypatch.setenv("SECRET_OF_THE_TEACHER", "x")
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "diary.txt").write_text("x", encoding="utf-8")
    listening = f"\0americas-loose-{os.getpid()}"
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_UNIX) as other,
    ):
        other.bind(listening)
        other.listen()
        words = {"port": server.getsockname()[1], "listening": listening}
        words |= {"root": str(ROOT), "home": str(tmp_path)}
        attacks = {name: code.format(**words) for name, code in THIEVES if name in LOOSE}
        loot = tmp_path / "loot.json"
        handed.put(
            "4.1",
            f"import json\nfound = []\nfor name, code in {attacks!r}.items():\n"
            "  try:\n    exec(code, {})\n    found.append(name)\n  except BaseException: pass\n"
            f"open({str(loot)!r}, 'w').write(json.dumps(found))",
        )
        mark(Job(handed.raw(), assignment, unsafe=True))
        close()
    assert set(json.loads(loot.read_text("utf-8"))) == LOOSE


def test_the_proof_of_theft_works(handed, mark, points):
    handed.put("4.1", f"stolen = True\nif stolen: {handed.answer('4.1')}")
    assert points(mark(handed.raw())) == 1


def test_nothing_is_left_for_the_next_student(handed, mark, points):
    places = ["/tmp/left", "/dev/shm/left", "left"]
    leave = handed.copied().put(
        "4.1",
        "import os, time\nif os.fork() == 0:\n  os.setsid()\n"
        "  time.sleep(60)\n" + "".join(f"open({place!r}, 'w').write('x')\n" for place in places),
    )
    assert points(mark(leave.raw())) == 0
    look = (
        f"import os\nif any(map(os.path.exists, {places})) or any(\n"
        f"    os.path.isdir(f'/proc/{{n}}') for n in range(10**5)): {handed.answer('4.1')}"
    )
    assert points(mark(handed.put("4.1", look).raw())) == 0
    assert points(mark(handed.solve().raw())) == ALL


# One waits for the other wherever two processes can meet: files, sockets, memory, signals.
WAITS = """
import ctypes, os, socket, time
meeting = socket.socket(socket.AF_UNIX)
meeting.bind("\\0americas-meeting")
meeting.listen()
for place in {places}: open(place, "w").close()
shared = ctypes.CDLL(None).shmget(0x616D65, 4096, 0o1666)
time.sleep(1.2)
"""
SEEKS = """
import ctypes, os, socket, time
found, end = set(), time.monotonic() + 0.9
while time.monotonic() < end:
    with socket.socket(socket.AF_UNIX) as one:
        if one.connect_ex("\\0americas-meeting") == 0: found.add("a socket")
    if any(map(os.path.exists, {places})): found.add("a file")
    shared = ctypes.CDLL(None).shmget(0x616D65, 4096, 0o666)
    if shared >= 0:
        found.add("memory")
        ctypes.CDLL(None).shmctl(shared, 0, None)
    time.sleep(0.02)
"""


def test_two_students_at_once_never_meet(handed, mark, points, tmp_path):
    inside = ["/tmp/meeting", "/dev/shm/meeting"]
    one = handed.copied().put("4.1", WAITS.format(places=inside)).raw()
    two = SEEKS.format(places=inside) + f"if found: {handed.answer('4.1')}"
    with ThreadPoolExecutor(2) as pool:
        waiting, seeking = pool.submit(mark, one), pool.submit(mark, handed.put("4.1", two).raw())
    assert points(waiting.result()) == points(seeking.result()) == 0
    # Without walls they do.
    outside = [str(tmp_path / "meeting")]
    run = [sys.executable, "-c"]
    with subprocess.Popen([*run, WAITS.format(places=outside)]):
        seeks = SEEKS.format(places=outside) + "print(sorted(found))"
        done = subprocess.run([*run, seeks], capture_output=True, text=True)
    assert done.stdout == "['a file', 'a socket', 'memory']\n"


# Reads this process's memory around its own objects, a system call at a time that fails where
# nothing is, and looks for what a classmate of earlier wrote.
SCAN = """
import ctypes, os
libc = ctypes.CDLL(None)
class Part(ctypes.Structure): _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]
import re
wanted, found, size = re.compile(b"boohless k[h-j]ttle# "), False, 1 << 20
room = ctypes.create_string_buffer(size)
local = Part(ctypes.cast(room, ctypes.c_void_p), size)
starts = {id(object()) >> 20, id("x" * 999) >> 20, id(bytearray(10**5)) >> 20, id(os) >> 20}
for near in sorted({start + step for start in starts for step in range(-200, 200)}):
    got = libc.process_vm_readv(os.getpid(), ctypes.byref(local), 1,
                                ctypes.byref(Part(near << 20, size)), 1, 0)
    if got > 0 and near << 20 != ctypes.addressof(room) and wanted.search(room.raw[:got]):
        found = True
"""


def test_no_classmate_s_code_is_left_in_memory(handed, mark, points):
    secret = "# boohless kittle"
    for _ in range(3):
        assert points(mark(handed.copied().insert("4.1", secret * 300).raw())) == 0
    assert (
        points(mark(handed.copied().put("4.1", SCAN + f"if found: {handed.answer('4.1')}").raw()))
        == 0
    )
    # The scan does find what is there: a text of the student's own.
    own = "own = bytearray(b'boohless kittle# ' * 9)" + SCAN
    assert points(mark(handed.put("4.1", own + f"if found: {handed.answer('4.1')}").raw())) == 1


# What a cheat puts in the place of the answer to 4.1, knowing nothing.
CHEATS = [
    (
        "check made to praise",
        "import americas, americas.checks.check\n"
        "check = americas.check = americas.checks.check.check = lambda *a: print('4.1 · Correct.')",
    ),
    (
        "the comparison switched off",
        "import americas.checks.compare as c\n"
        "import americas.checks.key as k\n"
        "c.compare = k.compare = lambda *a, **b: None\nperu_2000 = 1",
    ),
    (
        "the fingerprint replaced",
        "import americas.checks.check as c\n"
        "import americas.checks.fingerprint as a\n"
        "a.fingerprint = a._fingerprint = lambda *b: c._key('4.1').answer\nperu_2000 = 1",
    ),
    (
        "a verdict sent out",
        "import os, json\nfor d in range(1, 60):\n  for m in [{'answer': '4.1', "
        "'found': [['', {'kind': 'correct'}]], 'how': 'check'}, {'number': '4.1', 'outcome': "
        "'correct', 'points': 99}]:\n    try: os.write(d, (json.dumps(m) + '\\n').encode())\n"
        "    except OSError: pass",
    ),
    (
        "shapes that crash a comparison",
        "import os, json\nfor d in range(1, 60):\n  for f in ["
        "{'kind': 'table', 'rows': 1, 'single': False, 'columns': [{'name': {}, 'values': [[]]}]}, "
        "{'kind': 'number', 'value': {}}, {'kind': 'chart', 'units': 3}, [], None, {'kind': ['x']}"
        "]:\n    try: os.write(d, (json.dumps({'answer': '4.1', 'found': [['', f]], 'how': 'check'})"
        " + '\\n').encode())\n    except OSError: pass\nos._exit(0)",
    ),
    (
        "equal to everything",
        "class A:\n  def __eq__(self, o): return True\n  def __hash__(self): "
        "return 0\nperu_2000 = A()",
    ),
    (
        "a number equal to all",
        "class A(float):\n  def __eq__(self, o): return True\n  def "
        "__sub__(self, o): return 0.0\n  __rsub__ = __sub__\nperu_2000 = A(1)",
    ),
    (
        "a repr that praises",
        "class A:\n  def __repr__(self): return '4.1 · Correct.'\nperu_2000 = A()",
    ),
    ("a repr that raises", "class A:\n  def __repr__(self): raise SystemExit\nperu_2000 = A()"),
    (
        "a pickle that runs",
        "class A:\n  def __reduce__(self): return (exec, ('1/0',))\nperu_2000 = A()",
    ),
    (
        "a text equal to all",
        "class A(str):\n  __hash__ = str.__hash__\n  def __eq__(self, o): return True\n"
        "peru_2000 = A('Correct')",
    ),
    (
        "a table that lies",
        "class A(pd.DataFrame):\n  @property\n  def shape(self): return (1, 1)\n"
        "  @property\n  def columns(self): return 1/0\nperu_2000 = A({'x': [1]})",
    ),
    (
        "a chart that lies",
        "class A(alt.Chart):\n  def to_dict(self, *a, **k): return {'mark': 'bar'}\n"
        "A.__module__ = 'altair.x'\nperu_2000 = A(aid)",
    ),
    (
        "a module that lies",
        "import sys\nclass A:\n  pass\nA.__module__ = 'altair.x'\nperu_2000 = A()",
    ),
    ("a list of itself", "peru_2000 = []\nperu_2000.append(peru_2000)"),
    ("a giant number", "peru_2000 = 10**100_000"),
    (
        "forged giants",
        "import os, json\nfor d in range(1, 60):\n  for f in [{'kind': 'number', 'value': 10**4000}, "
        "{'kind': 'list', 'items': [{'kind': 'number', 'value': 10**4000}]}, {'kind': 'big', "
        "'what': 'x', 'size': 10**4000}, {'kind': 'table', 'rows': 1, 'single': True, 'columns': "
        "[{'name': 'x', 'index': False, 'type': 'number', 'values': [10**4000]}]}]:\n"
        "    try: os.write(d, (json.dumps({'answer': '4.1', 'found': [['', f]], 'how': 'check'})"
        " + '\\n').encode())\n    except OSError: pass\nos._exit(0)",
    ),
    ("a giant table", "peru_2000 = pd.DataFrame({'x': range(10**6)})"),
    ("infinity", "peru_2000 = float('inf')"),
    ("not a number", "peru_2000 = float('nan')"),
    ("a generator", "peru_2000 = (x for x in iter(int, 1))"),
    (
        "the grader's memory",
        "import sys\nf = sys._getframe()\nwhile f:\n  for v in list(f.f_locals.values()):\n"
        "    if hasattr(v, 'answered'): v.answered |= {'4.1', '4.2'}\n"
        "    if type(v) is dict and '4.1' in v: v['4.1'] = 1\n  f = f.f_back",
    ),
]


@pytest.mark.parametrize("code", [case[1] for case in CHEATS], ids=[case[0] for case in CHEATS])
def test_a_cheat_earns_nothing(handed, mark, points, told, code):
    result = mark(handed.put("4.1", code).solve("4.3").raw())
    assert points(result) <= 1
    assert told(result, "4.1")[0] != "correct"
    assert all(told(result, number)[0] != "not graded" for number in handed.numbers)


def test_without_walls_every_vandal_cheat_and_thief_does_harm(tmp_path):
    """Against a grader that runs and compares in one process, as many do: none is a dud."""
    if shutil.which("bwrap") is None:
        pytest.skip("bubblewrap, which keeps the harm in, is not installed")
    harmless = [["nothing", "vandal", "x = 1"], ["a wrong answer", "cheat", "peru_2000 = 1"]]
    attacks = [[name, "vandal", code] for name, code, *_ in VANDALS]
    attacks += [[name, "cheat", code] for name, code in CHEATS]
    attacks += [
        [name, "thief", code]
        for name, code in THIEVES
        if name in IN_A_ROOM and (IS_ROOT or "walls" not in name)
    ]
    room = tmp_path / "room"
    room.mkdir()
    walls = ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--unshare-pid"]
    walls += ["--perms", "0777", "--size", "16000000", "--tmpfs", str(room), "--chdir", str(room)]
    walls += ["--cap-add", "ALL", "--setenv", "HOME", str(room)]
    done = subprocess.run(
        ["bwrap", *walls, "--die-with-parent", sys.executable, "-P", str(NAIVE)],
        input=json.dumps(harmless + attacks), capture_output=True, text=True,
    )  # fmt: skip
    harm = dict(map(json.loads, done.stdout.splitlines()))
    assert [harm.pop(name) for name, _, _ in harmless] == ["", ""], done.stderr
    assert [name for name, did in harm.items() if not did] == []
    assert len(harm) == len(attacks)


def parts(found, place=()):
    """Every part of a fingerprint, by the way to it."""
    yield place
    named = dict(enumerate(found)) if isinstance(found, list) else found
    for name, one in named.items() if isinstance(named, dict) else ():
        yield from parts(one, (*place, name))


FORGED = [None, 5, -1, 10**400, 1.5, True, "x", [], {}, [[]], [{"kind": "none"}], {"kind": "none"}]


@pytest.mark.parametrize("lesson", Sets().lessons())
def test_no_malformed_answer_is_the_program_s_fault(lesson):
    """What a right answer sends out, with one part another: a verdict, whatever it is."""
    chance = random.Random(lesson)
    for exercise in Sets().assignment(lesson).exercises:
        if exercise.written:
            continue
        answer = Key.decoded(exercise.key).answer
        assert sound(answer)
        places = list(parts(answer))
        for place in chance.sample(places, min(len(places), 60)):
            forged = copy.deepcopy([answer])
            *way, last = (0, *place)
            inside = forged
            for name in way:
                inside = inside[name]
            inside[last] = chance.choice(FORGED)
            if chance.random() < 0.2:
                del inside[last]
            for one in (*forged, {"kind": "list", "items": forged}):
                assert judged(exercise, one).outcome != NOT_GRADED, one


MALFORMED = {
    "a pair of one": {"kind": "mapping", "items": [[{"kind": "none"}]]},
    "a pair of three": {"kind": "mapping", "items": [[{"kind": "none"}] * 3]},
    "an error without words": {"kind": "error", "type": "X", "message": 5},
    "a type that is a number": {"kind": "other", "type": 5},
    "parts by name": {"kind": "list", "items": {"0": {"kind": "none"}}},
    "columns of words": {"kind": "big", "what": "table", "size": 9, "columns": 7},
    **{
        f"values that are a {type(values).__name__}": {
            "kind": "table", "rows": 1, "single": False, "columns": [
                {"name": "x", "index": False, "type": "number", "values": values}
            ],
        } for values in ("x", {"x": 1})
    },
}  # fmt: skip


@pytest.mark.parametrize("found", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_answer_is_no_answer(assignment, found):
    assert not sound(found)
    assert judged(assignment.exercises[0], found).outcome == "not yet"


def test_a_forged_name_of_megabytes_stays_out_of_the_report(handed, mark):
    forge = (
        "import os, json\nline = json.dumps({'answer': '4.1', 'found': [['a' * 10**6, {'kind': "
        "'number', 'value': 1}], ['', {'kind': 'error', 'type': 'x' * 10**4, 'message': 'y' * 10**4"
        "}]], 'how': 'check'})\nfor d in range(3, 60):\n"
        "  try: os.write(d, (line + '\\n').encode())\n  except OSError: pass\nos._exit(0)"
    )
    result = mark(handed.put("4.1", forge).raw())
    assert len(json.dumps(result)) < 60_000


def test_jupyter_s_own_python_is_understood(handed, mark, points, notes):
    magic = "files = !ls\nimport asyncio\nawait asyncio.sleep(0)\n"
    result = mark(handed.put("4.1", magic + handed.answer("4.1")).raw())
    assert points(result) == 1
    assert "left out" in notes(result)


def test_a_changed_check_cell_earns_nothing(handed, mark, notes, points):
    handed.tagged("check", "4.1")["source"] = "print('4.1 · Correct.')"
    handed.tagged("check", "4.2")["source"] = 'check("4.2", 42)'
    handed.tagged("check", "4.3")["source"] = 'check("4.4", eighties_share)'
    result = mark(handed.raw())
    assert points(result) == 0
    assert "4.1: its check cell is gone or changed; put back." in notes(result)


def test_pasted_outputs_earn_nothing(handed, mark, notes, points):
    for number in handed.numbers:
        cell = handed.tagged("check", number)
        cell["execution_count"] = 1
        cell["outputs"] = [
            {
                "output_type": "display_data",
                "metadata": {},
                "data": {"text/plain": f"{number} · Correct.", "text/html": f"{number} · Correct."},
            }
        ]
    result = mark(handed.raw())
    assert points(result) == 0
    assert "4.1: where the student ran it, the check said Correct" in notes(result)


def test_where_walls_between_students_can_t_be_had_each_gets_a_sandbox(
    handed, assignment, monkeypatch, points, tmp_path
):
    """Ubuntu may forbid namespaces inside of namespaces. Slower then, but shut in all the same."""
    from americas.grade import bubblewrap, mark, sandbox

    if bubblewrap.missing():
        pytest.skip(bubblewrap.missing())
    started = sandbox.Sandbox._start
    monkeypatch.setattr(
        sandbox.Sandbox, "_start", lambda self: (started(self), setattr(self, "apart", False))
    )
    mark.close()
    leave = "import os\nos.kill(-1, 9)\nopen('/tmp/left', 'w').write('x')"
    first = handed.copied().solve().insert("4.1", leave)
    look = (
        f"import os\nif os.path.exists('/tmp/left') or os.path.exists({str(tmp_path)!r}) or "
        f"len(open('../data/aid.csv').read()) < 9: {handed.answer('4.2')}"
    )
    second = handed.copied().solve("4.1").put("4.2", look)
    assert points(mark.mark(mark.Job(first.raw(), assignment))) == ALL
    assert points(mark.mark(mark.Job(second.raw(), assignment))) == 1
    mark.close()


def test_a_broken_sandbox_is_no_verdict(handed, assignment, monkeypatch):
    from americas.grade import bubblewrap, mark, sandbox

    monkeypatch.setattr(sandbox, "python", lambda: ["/usr/bin/env", "false"])
    if bubblewrap.missing():
        pytest.skip(bubblewrap.missing())
    mark.close()
    result = mark.mark(mark.Job(handed.solve().raw(), assignment))
    assert result["end"] == "broken"
    assert {record["outcome"] for record in result["exercises"]} == {"not graded", "not attempted"}
