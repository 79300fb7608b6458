"""Whose file is it, and which of several counts? One student's file costs that student alone."""

import io
import json
import lzma
import os
import resource
import zipfile
from pathlib import Path

import pytest

from americas.cli import main
from americas.course.paths import Course
from americas.grade.assignment import Sets
from americas.grade.attempts import entries
from americas.grade.submissions import find

NAME = "04-plan-colombia"
ROOT = Course.of_this_package().root


def zipped(files, kind=zipfile.ZIP_STORED):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", kind) as archive:
        for name, raw in files.items():
            archive.writestr(name, raw)
    return stream.getvalue()


def looked_at(folder, files):
    """What counts of some files, by student's label: the entries, and what was left aside."""
    for name, raw in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)
    found = find(folder)
    others = list(found.others)
    return {one.student.label: one for one in entries(found.submissions, Sets(), others)}, others


IMPOSTORS = {
    "a file in Moodle's folder": (
        {
            "Eve_4002_assignsubmission_file_/Jane Doe_4001_assignsubmission_file_x.ipynb": "blank",
            f"Jane Doe_4001_assignsubmission_file_/{NAME}.ipynb": "solved",
        },
        {"Eve (4002)": "blank", "Jane Doe (4001)": "solved"},
    ),
    "a name in Canvas's zip": (
        {
            "evesmith_12_700_work.zip": {f"doejane_11_99999999_{NAME}.ipynb": "blank"},
            f"doejane_11_701_{NAME}.ipynb": "solved",
        },
        {"evesmith (12)": "blank", "doejane (11)": "solved"},
    ),
    "a name behind Canvas's own": (
        {
            f"evesmith_12_700_doejane_11_99999999_{NAME}.ipynb": "blank",
            f"doejane_11_701_{NAME}.ipynb": "solved",
        },
        {"evesmith (12)": "blank", "doejane (11)": "solved"},
    ),
    "a folder in a student's zip": (
        {
            "class/eve.zip": {f"Jane Doe/{NAME}.ipynb": "blank"},
            f"class/Jane Doe/{NAME}.ipynb": "solved",
        },
        {"eve": "blank", "Jane Doe": "solved"},
    ),
    "an attempt in Blackboard's name": (
        {
            f"HW_eve_attempt_2024-03-01-10-20-30_HW_jane_attempt_2025-01-01-00-00-00_{NAME}.ipynb": "blank",
            f"HW_jane_attempt_2024-03-01-10-20-30_{NAME}.ipynb": "solved",
        },
        {"eve (eve)": "blank", "jane (jane)": "solved"},
    ),
}


@pytest.mark.parametrize(("files", "whose"), IMPOSTORS.values(), ids=IMPOSTORS)
def test_only_the_outermost_name_is_believed(handed, tmp_path, files, whose):
    raw = {"blank": handed.raw(), "solved": handed.copied().solve().raw()}
    made = {
        name: raw[one] if isinstance(one, str) else zipped({n: raw[k] for n, k in one.items()})
        for name, one in files.items()
    }
    found, _ = looked_at(tmp_path, made)
    assert {who: next(k for k in raw if raw[k] == one.raw()) for who, one in found.items()} == whose


def test_the_teacher_s_own_folder_is_nobody(handed, tmp_path):
    made = {f"course_2024_1_export/{who}/{NAME}.ipynb": handed.raw() for who in ("Ana", "Ben")}
    assert set(looked_at(tmp_path, made)[0]) == {"Ana", "Ben"}


def scratch(handed, *, lines=3):
    """A notebook of the student's own, which looks at one exercise."""
    cells = [c for c in handed.copied().cells if "check" in c["metadata"].get("tags", [])]
    return json.dumps({"cells": cells[:lines], "metadata": {}}).encode()


def test_the_set_counts_and_not_a_later_scratch_notebook(handed, tmp_path):
    files = {
        f"ana_1_700_{NAME}.ipynb": handed.copied().solve().raw(),
        "ana_1_701_scratch.ipynb": scratch(handed),
        f"ana_1_702_{NAME}-1.ipynb": (ROOT / "notebooks" / f"{NAME}.ipynb").read_bytes(),
    }
    (entry,) = looked_at(tmp_path, files)[0].values()
    assert entry.where == f"ana_1_700_{NAME}.ipynb"
    assert "ana_1_701_scratch.ipynb" in str(entry.notes)


def test_a_later_attempt_that_is_half_done_does_count(handed, tmp_path):
    half = handed.copied()
    for number in ("4.1", "4.2", "4.3"):
        half.remove("check", number).remove("answer", number).remove("prompt", number)
    files = {f"ana_1_700_{NAME}.ipynb": handed.raw(), f"ana_1_702_{NAME}.ipynb": half.raw()}
    (entry,) = looked_at(tmp_path, files)[0].values()
    assert entry.where == f"ana_1_702_{NAME}.ipynb"


def test_a_lesson_is_said_to_be_the_lesson(tmp_path):
    raw = (ROOT / "notebooks" / f"{NAME}.ipynb").read_bytes()
    (entry,) = looked_at(tmp_path, {f"ana_1_700_{NAME}.ipynb": raw})[0].values()
    assert "This is the lesson, not its exercise set." in entry.problem


def damaged(method):
    """A zip whose only member can't be unpacked."""
    raw = bytearray(zipped({f"{NAME}.ipynb": os.urandom(2000)}, method))
    start = raw.index(b".ipynb") + 6
    raw[start : start + 400] = b"\xff" * 400
    return bytes(raw)


def many(raw):
    """A zip that holds the same zip very many times."""
    return zipped({f"{n}.zip": raw for n in range(290)})


HOSTILE = {
    "a damaged deflated file": lambda: damaged(zipfile.ZIP_DEFLATED),
    "a damaged LZMA file": lambda: damaged(zipfile.ZIP_LZMA),
    "a damaged zip in a zip": lambda: zipped({"a.zip": damaged(zipfile.ZIP_LZMA)[:-30]}),
    "a zip of very many files": lambda: zipped({f"{n}.ipynb": b"" for n in range(20_001)}),
    "zips in zips in zips": lambda: zipped({"a.zip": zipped({"b.zip": zipped({"c.zip": b"x"})})}),
    "zips of zips of nothing": lambda: many(many(zipped({}))),
    "no zip": lambda: b"PK\x03\x04 and no more",
}


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_zip_costs_its_student_alone(handed, tmp_path, in_time, make):
    files = {"eve_12_700_work.zip": make(), f"ana_11_701_{NAME}.ipynb": handed.raw()}
    found, _ = looked_at(tmp_path, files)
    assert found["ana (11)"].problem == ""
    assert found["eve (12)"].problem.endswith((".", "itself.", "again."))
    assert lzma  # its errors are among those that a zip can raise


def test_an_endless_name_costs_its_student_alone(handed, tmp_path, in_time):
    names = {f"{n}{'_1' * 30_000}\n.ipynb": handed.raw() for n in range(20)}
    found, _ = looked_at(tmp_path, {"eve/w.zip": zipped(names), f"ana/{NAME}.ipynb": handed.raw()})
    assert found["ana"].problem == ""
    assert "endless name" in found["eve"].problem


ODD_NAMES = {
    "a control character": "an\x1b[31ma",
    "a change of direction": "a\u202ena",
    "a line break": "an\na",
}


@pytest.mark.parametrize("name", ODD_NAMES.values(), ids=ODD_NAMES)
def test_a_name_gives_no_orders(handed, tmp_path, name):
    found, _ = looked_at(tmp_path, {f"{name}/{NAME}.ipynb": handed.raw(), f"b/{NAME}.ipynb": b""})
    assert all(letter.isprintable() for who in found for letter in who)
    assert all(letter.isprintable() for one in found.values() for letter in one.where)


def test_a_name_that_is_no_utf_8_is_read(handed, tmp_path):
    folder = tmp_path / os.fsdecode(b"Jos\xe9")
    folder.mkdir()
    (folder / f"{NAME}.ipynb").write_bytes(handed.raw())
    found, _ = looked_at(tmp_path, {f"b/{NAME}.ipynb": handed.raw()})
    assert len([one for one in found.values() if not one.problem]) == 2
    json.dumps([one.stored() for one in found.values()], ensure_ascii=False).encode()


def test_padded_notebooks_are_not_all_in_memory(handed, tmp_path):
    big = handed.raw()[:-1] + b" " * (38 * 2**20) + b"}"
    files = {f"{n}.ipynb": big for n in range(40)}
    (tmp_path / "eve_12_700_work.zip").write_bytes(zipped(files, zipfile.ZIP_DEFLATED))
    pid = os.fork()
    if pid == 0:
        try:
            most = resource.getrlimit(resource.RLIMIT_AS)[1]
            used = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * 4096
            resource.setrlimit(resource.RLIMIT_AS, (used + 500 * 2**20, most))
            found, _ = looked_at(tmp_path, {f"ana_11_701_{NAME}.ipynb": handed.raw()})
            os._exit(0 if len(found) == 2 else 1)
        except BaseException:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_brackets_by_the_million_are_not_read():
    from americas.grade.parse import Unreadable, read

    with pytest.raises(Unreadable, match="more than can be read"):
        read(b'{"cells": [' + b"[]," * 2 * 10**6 + b"[]]}")


def test_a_file_that_is_no_notebook_is_named_and_was_handed_in(handed, tmp_path):
    files = {
        f"ana_11_701_{NAME}.ipynb": handed.raw(),
        "ben_12_702_homework.pdf": b"%PDF",
        "eve_13_703_code.py": b"x = 1",
        f"ana_11_704_{NAME}.html": b"<html>",
    }
    found, others = looked_at(tmp_path, files)
    assert "no notebook but a file with .pdf" in found["ben (12)"].problem.replace("No", "no")
    assert ".py" in found["eve (13)"].problem
    assert [where for where, _ in others] == [f"ana_11_704_{NAME}.html"]


def test_copies_and_lateness_are_the_teacher_s_alone(handed, tmp_path, capsys):
    for name in ("ana_11_701", "evesmith_LATE_12_702"):
        path = tmp_path / "class" / f"{name}_{NAME}.ipynb"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(handed.copied().solve("4.1").raw())
    assert main(["grade", str(tmp_path / "class"), "--unsafe"]) == 0
    out = tmp_path / "class-marks"
    report = (out / "class.html").read_text("utf-8")
    assert "The very same file was handed in by evesmith (12)." in report
    assert "Handed in late" in report
    for page in (out / "students").glob("*.html"):
        text = page.read_text("utf-8")
        assert "late" not in text
        assert ("evesmith" in text) == page.name.startswith("evesmith")


def test_from_a_wheel_the_sets_are_there(tmp_path):
    """What a wheel holds is named in pyproject.toml."""
    import tomllib

    build = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]
    assert build["targets"]["wheel"]["sources"]["exercises"] == "americas/_exercises"
    assert "exercises" in build["targets"]["wheel"]["only-include"]
