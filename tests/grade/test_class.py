"""A class, from what the platforms export to what they take back: through the front door."""

import contextlib
import csv
import io
import json
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from americas.cli import main
from americas.course.paths import Course
from americas.grade import bubblewrap
from americas.grade.assignment import Sets

ROOT = Course.of_this_package().root
NAME = "04-plan-colombia"

needs_walls = pytest.mark.skipif(bool(bubblewrap.missing()), reason=bubblewrap.missing() or "")
WRONG = {
    "4.1": "peru_2000 = aid.query(\"recipient == 'PER'\")['usd_current'].sum() / 1e6",
    "4.4": "eighties_share = 12",
    "4.8": "paid = 290.9",
}


def work(handed, position):
    """The notebook of one of a class: no two alike, none of them all right."""
    book = handed.copied()
    for place, number in enumerate(book.numbers):
        if (position + place) % 3:
            book.solve(number)
        elif number in WRONG:
            book.put(number, WRONG[number])
    if position % 2:
        book.cells[-1]["source"] = f"=Those who agreed, says student {position}."
    book.insert("4.8", f"# student {position}")
    return book


def rows(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def records(out):
    """The records by student and exercise."""
    return {(row["student"], row["exercise"]): row for row in rows(out / "records.csv")}


def summary(out):
    return json.loads((out / "summary.json").read_text(encoding="utf-8"))


def save(folder, name, raw):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(raw)
    return path


@needs_walls
def test_a_canvas_export_comes_back_as_canvas_takes_it(handed, tmp_path, capsys):
    folder = tmp_path / "submissions"
    save(folder, f"ruizana_101_901_{NAME}.ipynb", work(handed, 0).raw())
    save(folder, f"ruizana_101_907_{NAME}-1.ipynb", handed.copied().solve().raw())
    save(folder, f"islasben7_LATE_102_903_{NAME}.ipynb", work(handed, 1).raw())
    save(folder, f"anon_ab12C_904_{NAME}.ipynb", work(handed, 2).raw())
    save(folder, "ngcarla_103_905_homework.pdf", b"%PDF")
    save(folder, f"ngcarla_103_906_{NAME}.ipynb", b"%PDF")
    roster = save(
        tmp_path,
        "grades.csv",
        (
            f"Student,ID,SIS User ID,SIS Login ID,Section,{NAME} (77),Current Score\n"
            "    Points Possible,,,,,4,(read only)\n"
            '"Ruiz, Ana",101,s101,ana,A,,\n"Islas, Ben7",102,s102,ben,B,,\n'
            '"Ng, Carla",103,s103,carla,B,,\n"Silent, Sam",104,s104,sam,B,,\n'
        ).encode(),
    )
    assert main(["grade", str(folder), "--roster", str(roster)]) == 3
    out = tmp_path / "submissions-marks"
    with (out / "canvas.csv").open(encoding="utf-8") as file:
        back = list(csv.reader(file))
    assert back[0] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", f"{NAME} (77)"]
    assert back[1][0].strip() == "Points Possible"
    # Eight right of eight are four of Canvas's four points; who handed in nothing keeps a gap.
    assert [row[5] for row in back[2:]] == ["4", "3", "", ""]
    told = capsys.readouterr().out
    assert "Not in your class list: anon_ab12C (anon_ab12C)" in told
    assert "Handed in nothing: Silent, Sam." in told
    assert "no notebook but a PDF" in told
    flags = records(out)["ruizana", "4.1"]["flags"]
    assert f"ruizana_101_907_{NAME}-1.ipynb counts, not ruizana_101_901" in flags
    assert "late" in records(out)["islasben7", "4.1"]["flags"]
    assert summary(out)["handed_in_nothing"] == ["Silent, Sam"]


@needs_walls
def test_a_moodle_zip_comes_back_as_moodle_takes_it(handed, tmp_path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr(f"deep/er/{NAME}.ipynb", handed.copied().solve().raw())
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.writestr(f"Ana Ruíz_11_assignsubmission_file_/{NAME}.ipynb", work(handed, 0).raw())
        archive.writestr(f"Ben Islas_12_assignsubmission_file_{NAME}.ipynb", work(handed, 1).raw())
        archive.writestr("Carla Ng_13_assignsubmission_file_/all.zip", inner.getvalue())
        archive.writestr("__MACOSX/._x.ipynb", b"x")
    worksheet = save(
        tmp_path,
        "worksheet.csv",
        (
            "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
            "Last modified (submission),Last modified (grade),Feedback comments\n"
            "Participant 11,Ana Ruíz,a@x,Submitted,,100.00,Yes,-,-,\n"
            "Participant 12,Ben Islas,b@x,Submitted,,100.00,Yes,-,-,\n"
            "Participant 13,Carla Ng,c@x,Submitted,,100.00,Yes,-,-,\n"
            "Participant 14,Sam Silent,s@x,No submission,,100.00,Yes,-,-,\n"
        ).encode(),
    )
    out = tmp_path / "marks"
    command = ["grade", str(tmp_path / "export.zip"), "--roster", str(worksheet), "--out", str(out)]
    assert main(command) == 0
    back = rows(out / f"moodle-{NAME}.csv")
    assert [row["Grade"] for row in back] == ["62.5", "75", "100"]
    assert back[0]["Identifier"] == "Participant 11"
    assert "4.1 · Not yet." in back[0]["Feedback comments"]
    assert set(back[0]) >= {"Last modified (grade)", "Maximum Grade"}


@needs_walls
def test_folders_of_students_match_a_plain_list_without_guessing(handed, tmp_path, capsys):
    folder = tmp_path / "drive"
    for name in ("Ana Ruíz", "Sam", "ben@x.org"):
        save(folder, f"{name}/exercises/{NAME}.ipynb", work(handed, len(name)).raw())
    save(folder, "Ana Ruíz/.ipynb_checkpoints/x.ipynb", b"x")
    roster = save(
        tmp_path,
        "list.csv",
        "Name;Email\nRUIZ, Ana;a@x.org\nSam;s@x.org\nSam;t@x.org\nBen Islas;ben@x.org\n".encode(
            "cp1252"
        ),
    )
    assert main(["grade", str(folder), "--roster", str(roster)]) == 3
    assert summary(tmp_path / "drive-marks")["not_in_roster"] == {"Sam": "several rows fit"}
    assert {row["student"] for row in rows(tmp_path / "drive-marks" / "records.csv")} == {
        "Ana Ruíz",
        "Sam",
        "ben@x.org",
    }


@needs_walls
def test_written_answers_are_gathered_and_their_marks_come_back(handed, tmp_path, capsys):
    folder = tmp_path / "class"
    for position in (1, 3, 4):
        save(folder, f"{position}_101{position}_900_{NAME}.ipynb", work(handed, position).raw())
    command = ["grade", str(folder)]
    assert main(command) == 0
    out = tmp_path / "class-marks"
    assert "2 written answers wait for a mark" in capsys.readouterr().out
    written = rows(out / "written.csv")
    assert [row["status"] for row in written] == ["to be marked", "to be marked", "no text"]
    assert [row["points"] for row in written] == ["", "", ""]
    assert written[0]["text"].startswith("'=Those")  # no formula in a spreadsheet
    before = rows(out / "canvas.csv")
    # A second run before anything is marked changes nothing.
    assert main(command) == 0
    assert rows(out / "canvas.csv") == before
    # As a spreadsheet of half of the world saves it.
    text = (out / "written.csv").read_text(encoding="utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    points = lines[0].index("points")
    lines[1][points : points + 2] = ["7,5", "Well argued."]
    with (out / "written.csv").open("w", encoding="cp1252", newline="") as file:
        csv.writer(file, delimiter=";").writerows(lines)
    assert main(command) == 0
    after = {row["ID"]: row[NAME] for row in rows(out / "canvas.csv")[1:]}
    marked, waiting, nothing = (row["id"] for row in written)
    assert float(after[marked]) == 6 + 7.5
    assert after[waiting] == ""
    assert float(after[nothing]) == 6
    page = next((out / "students").glob(f"*{marked}*")).read_text(encoding="utf-8")
    assert "7.5 of 10 points" in page
    assert "Well argued." in page
    lines[1][points] = "99"
    with (out / "written.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(lines)
    # No mark, and not lost either: it waits in a table of its own to be mended.
    assert main(command) == 3
    assert "'99' is no number of points from 0 to 10" in capsys.readouterr().out
    assert {row["ID"]: row[NAME] for row in rows(out / "canvas.csv")[1:]} == after
    (stray,) = rows(out / "unmatched-marks.csv")
    with (out / "unmatched-marks.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, stray)
        writer.writeheader()
        writer.writerow(stray | {"points": "9"})
    assert main(command) == 0
    assert {row["ID"]: row[NAME] for row in rows(out / "canvas.csv")[1:]}[marked] == "15"


@needs_walls
def test_the_report_and_the_pages_need_nothing_from_anywhere(handed, tmp_path):
    folder = tmp_path / "class"
    bad = work(handed, 0)
    bad.cells[-1]["source"] = "<script>alert(1)</script>"
    bad.insert("4.1", "raise ValueError('<script>alert(2)</script>')\nsecurity_share = 1")
    save(folder, f"<b>x_1_2_{NAME}.ipynb".replace("<b>", ""), bad.raw())
    save(folder, f"y_2_3_{NAME}.ipynb", work(handed, 3).raw())
    assert main(["grade", str(folder)]) == 0
    out = tmp_path / "class-marks"
    for path in [out / "class.html", *(out / "students").glob("*.html")]:
        text = path.read_text(encoding="utf-8")
        assert "<script" not in text
        assert "http" not in text.replace("http://www.w3.org/", "")
    report = (out / "class.html").read_text(encoding="utf-8")
    sentence = next(r["reason"] for r in records(out).values() if r["wrong_turn"])
    assert sentence.split(".")[0] in report.replace("&#x27;", "'")
    assert "Who needs help" in report
    assert '<th>4.1 · Peru in the year of the law</th><td class="num">0 of 2</td>' in report


@needs_walls
def test_several_lessons_and_none_are_told_apart(handed, tmp_path):
    folder = tmp_path / "class"
    save(folder, "ana/homework.ipynb", handed.copied().solve().raw())
    save(folder, f"ben/{NAME}.ipynb", json.dumps({"cells": []}).encode())
    other = handed.copied()
    for cell in other.cells:
        cell["source"] = "".join(cell["source"]).replace("## 4.", "## 99.").replace('"4.', '"99.')
    save(folder, "carla/99-unknown.ipynb", other.raw())
    assert main(["grade", str(folder)]) == 3
    out = tmp_path / "class-marks"
    problems = {who: why for who, _, why in summary(out)["unreadable"]}
    assert problems["carla"] == "There are no exercises for lesson 99 here."
    assert problems["ben"].startswith("No exercise of lesson 04 stands in it")
    assert records(out)["ana", "4.1"]["outcome"] == "correct"


def start(folder, out, *more):
    """The command in a process of its own, as a teacher starts it."""
    code = "import sys; from americas.cli import main; sys.exit(main())"
    return subprocess.Popen(
        [sys.executable, "-c", code, "grade", str(folder), "--out", str(out), *more],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # A shell that starts the tests in the background lets them ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def what_counts(out):
    """All that a run leaves but how long it took."""
    left = {path.name: path.read_bytes() for path in sorted((out / "students").iterdir())}
    for name in ("canvas.csv", "written.csv", "class.html"):
        left[name] = (out / name).read_bytes()
    return left | {"records": [{**row, "seconds": ""} for row in rows(out / "records.csv")]}


def stored(out):
    """How many results the database of a marks folder holds."""
    if not (out / "marks.sqlite").exists():
        return 0
    with contextlib.closing(sqlite3.connect(out / "marks.sqlite")) as database:
        try:
            return database.execute("SELECT count(*) FROM result").fetchone()[0]
        except sqlite3.OperationalError:  # not made yet
            return 0


@needs_walls
def test_a_run_that_is_killed_goes_on_and_ends_as_if_nothing_was(handed, tmp_path):
    folder = tmp_path / "class"
    for position in range(16):
        name = f"student{position}_{100 + position}_{900 + position}_{NAME}.ipynb"
        save(folder, name, work(handed, position).raw())
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    run = start(folder, killed)
    while stored(killed) < 2:
        assert run.poll() is None
        time.sleep(0.02)
    children = {int(pid) for pid in _children(run.pid)}
    run.kill()
    run.wait()
    kept = stored(killed)
    assert 2 <= kept < 16
    deadline = time.monotonic() + 10
    while any(Path(f"/proc/{pid}").exists() for pid in children):  # no sandbox outlives the run
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert start(folder, killed).wait() == 0
    assert summary(killed)["kept_from_before"] == kept
    assert start(folder, whole, "--workers", "3").wait() == 0
    assert what_counts(killed) == what_counts(whole)


def _children(pid):
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        # A thread may end while it is looked at.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            found += (task / "children").read_text(encoding="ascii").split()
    return found


@needs_walls
def test_ctrl_c_stops_at_once_and_says_what_is_kept(handed, tmp_path):
    folder = tmp_path / "class"
    stuck = "import signal\nsignal.signal(signal.SIGPROF, signal.SIG_IGN)\nwhile True: pass"
    save(folder, f"ana/{NAME}.ipynb", handed.copied().insert("4.1", stuck).raw())
    run = start(folder, tmp_path / "out")
    while not (tmp_path / "out" / "marks.sqlite").exists():
        assert run.poll() is None
        time.sleep(0.1)
    time.sleep(3)
    run.send_signal(signal.SIGINT)
    assert run.wait(30) == 130


def test_without_a_sandbox_nothing_runs_unasked(handed, tmp_path, monkeypatch, capsys):
    from americas.grade import mark

    save(tmp_path, f"class/ana/{NAME}.ipynb", handed.raw())
    mark.close()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["grade", str(tmp_path / "class")]) == 1
    told = capsys.readouterr().err
    assert "bubblewrap" in told
    assert "--unsafe" in told
    assert not (tmp_path / "class-marks").exists()


def test_unsafe_marks_as_the_sandbox_does(handed, tmp_path, monkeypatch):
    save(tmp_path, f"class/ana/{NAME}.ipynb", handed.copied().solve("4.1", "4.6").raw())
    stop = "import os; os._exit(0)"
    save(tmp_path, f"class/ben/{NAME}.ipynb", handed.copied().solve().insert("4.1", stop).raw())
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["grade", str(tmp_path / "class"), "--unsafe"]) == 0
    found = records(tmp_path / "class-marks")
    earned = {
        who: sum(float(row["points"]) for (name, _), row in found.items() if name == who)
        for who in ("ana", "ben")
    }
    assert earned == {"ana": 2, "ben": 1}


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda folder: folder / "nowhere", "There is no file or folder"),
        (lambda folder: folder, "There is no notebook"),
        (lambda folder: save(folder, "x.zip", b"no zip"), "There is no notebook"),
    ],
    ids=["nowhere", "nothing", "no zip"],
)
def test_what_can_t_be_marked_is_said_in_a_sentence(tmp_path, capsys, make, told):
    assert main(["grade", str(make(tmp_path)), "--unsafe"]) == 1
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        ("a,b\n1,2\n", "is no class list"),
        ("Identifier,Full name\n", "without the column Grade"),
        ("PK\x03\x04", "is a spreadsheet"),
    ],
    ids=["empty", "no names", "no grade", "no CSV"],
)
def test_a_class_list_that_is_none_is_refused(handed, tmp_path, capsys, text, told):
    save(tmp_path, f"class/ana/{NAME}.ipynb", handed.raw())
    roster = save(tmp_path, "list.csv", text.encode())
    command = ["grade", str(tmp_path / "class"), "--unsafe", "--roster", str(roster)]
    assert main(command) == 1
    assert told in capsys.readouterr().err


def test_keys_that_are_missing_are_said_to_be_missing(tmp_path):
    from americas.errors import CourseError

    with pytest.raises(CourseError, match="americas build 04-plan-colombia"):
        Sets(ROOT / "exercises", tmp_path).assignment("04")


@needs_walls
def test_a_dask_cluster_marks_as_this_machine_does(handed, tmp_path):
    distributed = pytest.importorskip("distributed")
    for position in range(3):
        save(
            tmp_path, f"class/s{position}_{position}1_9_{NAME}.ipynb", work(handed, position).raw()
        )
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=True, dashboard_address=None
    ) as cluster:
        command = ["grade", str(tmp_path / "class"), "--scheduler", cluster.scheduler_address]
        assert main([*command, "--out", str(tmp_path / "far")]) == 0
    assert main(["grade", str(tmp_path / "class"), "--out", str(tmp_path / "near")]) == 0
    assert what_counts(tmp_path / "far") == what_counts(tmp_path / "near")
