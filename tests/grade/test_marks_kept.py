"""A teacher's hand marks: no run, no spreadsheet and no accident loses one."""

import contextlib
import csv
import http.client
import io
import json
import os
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
import threading
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

import pytest

import americas
from americas.cli import main
from americas.grade import bubblewrap
from americas.grade.batch import course_version
from americas.grade.marking_page import done
from americas.grade.standing import FIRST, Written
from americas.grade.store import Answer, HandMark, Store, hash_of
from americas.grade.students import Student

NAME = "04-plan-colombia"
pytestmark = pytest.mark.skipif(bool(bubblewrap.missing()), reason=bubblewrap.missing() or "")


def essay(handed, words):
    """A notebook with nothing in it but a written answer."""
    book = handed.copied()
    book.cells[-1]["source"] = words
    return book.raw()


def zipped(path, notebooks):
    """A zip as Moodle exports it: who (name, number) → notebook."""
    with zipfile.ZipFile(path, "w") as archive:
        for (name, number), raw in notebooks.items():
            archive.writestr(f"{name}_{number}_assignsubmission_file_/{NAME}.ipynb", raw)
    return path


def table(path):
    """The rows of a CSV file in any of its spellings, and what separates its columns."""
    text = path.read_bytes().decode("utf-8-sig")
    separator = max(",;\t", key=text.split("\n", 1)[0].count)
    return list(csv.DictReader(io.StringIO(text), delimiter=separator)), separator


def give(out, points, *, encoding="utf-8-sig", alter=lambda row: row):
    """Fill in written.csv as a teacher does in a spreadsheet: who → (points, comment)."""
    path = out / "written.csv"
    rows, separator = table(path)
    for row in rows:
        who = row["student"].lstrip("'")
        row["points"], row["comment"] = points.get(who, (row["points"], row["comment"]))
    stream = io.StringIO()
    writer = csv.DictWriter(stream, rows[0], delimiter=separator)
    writer.writeheader()
    writer.writerows(alter(row) for row in rows)
    path.write_bytes(stream.getvalue().encode(encoding, errors="replace"))


def standing(out):
    """Who → (points, comment), as written.csv has them now."""
    rows, _ = table(out / "written.csv")
    return {row["student"].lstrip("'"): (row["points"], row["comment"]) for row in rows}


def grade(place, out, *more):
    return main(["grade", str(place), "--out", str(out), "--workers", "1", *more])


ANA, BEN, EVA = ("Ana Ruiz", "11"), ("Ben Islas", "12"), ("Eva Ng", "13")
MARKED = {"Ana Ruiz": ("7.5", "Well argued."), "Ben Islas": ("4", "Who agreed?")}


@pytest.fixture
def marked(handed, tmp_path):
    """A folder of marks in which Ana and Ben have theirs, and the zip it came from."""
    place = tmp_path / "submissions.zip"
    zipped(place, {ANA: essay(handed, "Ana says no."), BEN: essay(handed, "Ben says yes.")})
    out = tmp_path / "marks"
    assert grade(place, out) == 0
    give(out, MARKED)
    assert grade(place, out) == 0
    assert standing(out) == MARKED
    return out


def test_another_zip_of_the_same_name_leaves_the_marks(handed, marked, tmp_path):
    second = tmp_path / "next" / "submissions.zip"
    second.parent.mkdir()
    zipped(second, {EVA: essay(handed, "Eva says perhaps.")})
    assert grade(second, marked) == 0
    assert standing(marked) == MARKED | {"Eva Ng": ("", "")}
    assert len(list((marked / "students").glob("*.html"))) == 3


def test_a_late_student_gets_a_mark_beside_the_others(handed, marked, tmp_path):
    late = zipped(tmp_path / "late.zip", {EVA: essay(handed, "Eva says perhaps.")})
    assert grade(late, marked) == 0
    give(marked, {"Eva Ng": ("9", "")})
    assert grade(late, marked) == 0
    assert standing(marked) == MARKED | {"Eva Ng": ("9", "")}
    books = {row["Full name"]: row["Grade"] for row in table(marked / f"moodle-{NAME}.csv")[0]}
    assert books == {"Ana Ruiz": "7.5", "Ben Islas": "4", "Eva Ng": "9"}


ALTERED = [
    ("Mac Roman", "José Peña", "mac_roman", lambda row: row),
    ("cp850", "José Peña", "cp850", lambda row: row),
    ("? for Ł", "Łukasz Żak", "cp1252", lambda row: row),
    ("04.Sep", "José Peña", "utf-8", lambda row: row | {"exercise": "04.Sep"}),
    ("4.90", "José Peña", "utf-8", lambda row: row | {"exercise": "4.90"}),
    ("an apostrophe", "'t Hooft", "utf-8", lambda row: row | {"student": row["student"][1:]}),
]


@pytest.mark.parametrize(
    ("name", "encoding", "alter"), [c[1:] for c in ALTERED], ids=[c[0] for c in ALTERED]
)
def test_a_spreadsheet_that_alters_a_row_loses_no_mark(handed, tmp_path, name, encoding, alter):
    place = zipped(tmp_path / "s.zip", {(name, "21"): essay(handed, "Yes.")})
    out = tmp_path / "marks"
    assert grade(place, out) == 0
    give(out, {name.lstrip("'"): ("6.5", "")}, encoding=encoding, alter=alter)
    assert grade(place, out) == 0
    assert [points for points, _ in standing(out).values()] == ["6.5"]


def test_a_row_that_fits_nobody_is_kept_and_said(marked, tmp_path, capsys):
    path = marked / "written.csv"
    rows, separator = table(path)
    stranger = dict.fromkeys(rows[0], "")
    stranger |= {"student": "Nobody Known", "lesson": NAME, "exercise": "4.9", "points": "3"}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0], delimiter=separator)
        writer.writeheader()
        writer.writerows([*rows, stranger])
    for _ in range(2):
        capsys.readouterr()
        assert grade(tmp_path / "submissions.zip", marked) == 3
        assert "Nobody Known" in capsys.readouterr().out
        assert standing(marked) == MARKED
        assert any("Nobody Known" in path.read_text("utf-8-sig") for path in marked.glob("*.csv"))


def test_marks_in_two_tables_are_counted_together(handed, tmp_path, capsys):
    out = tmp_path / "marks"
    place = zipped(
        tmp_path / "submissions.zip", {ANA: essay(handed, "No."), BEN: essay(handed, "Yes.")}
    )
    assert grade(place, out) == 0
    give(
        out, {"Ana Ruiz": ("7", "Good. ")},
        alter=lambda row: row | {"code": "", "student": row["student"].replace("Ana", "Una")},
    )  # fmt: skip
    assert grade(place, out) == 3
    rows, separator = table(out / "unmatched-marks.csv")
    stream = io.StringIO()
    writer = csv.DictWriter(stream, rows[0], delimiter=separator)
    writer.writeheader()
    writer.writerows(row | {"student": "Ana Ruiz"} for row in rows)
    (out / "unmatched-marks.csv").write_text(stream.getvalue(), encoding="utf-8")
    give(out, {"Ben Islas": ("4", "")})
    capsys.readouterr()
    assert grade(place, out) == 0
    assert "Marks taken from your tables: 2." in capsys.readouterr().out
    assert standing(out) == {"Ana Ruiz": ("7", "Good."), "Ben Islas": ("4", "")}


def test_a_comment_that_ends_in_a_blank_is_no_new_mark(marked, capsys):
    with Store(marked) as store, store.transaction():
        (answer,) = [one for one in store.marks() if one.who.endswith(":11")]
        mark = store.marks()[answer][0]
        store.give(answer, mark.marker, 8, "Better argued. ", mark.hash)
    place = marked.parent / "submissions.zip"
    assert grade(place, marked) == 0
    give(marked, {}, alter=lambda row: {name: f"{cell} " for name, cell in row.items()})
    capsys.readouterr()
    assert grade(place, marked) == 0
    assert "became" not in capsys.readouterr().out
    with Store(marked) as store:
        assert store.db.execute("SELECT count(*) FROM mark").fetchone() == (3,)


def test_a_marker_has_done_what_they_marked_as_it_is_now():
    """Whichever marker's mark counts, of an answer that was rewritten in between."""
    answer, old, new = Answer("name:ana", "04", "4.9"), hash_of("old words"), hash_of("new words")

    def mark(marker, text_hash):
        return HandMark(answer, marker, 5, "", text_hash, "", {})

    for ahead, behind in ((FIRST, "second"), ("second", FIRST)):
        marks = (mark(ahead, new), mark(behind, old))
        for order in (marks, marks[::-1]):
            one = Written(answer, Student("ana"), {}, "new words", order)
            assert done(one, ahead)
            assert not done(one, behind)


def test_where_commas_are_decimal_a_table_has_semicolons(tmp_path):
    made = tmp_path / "de_DE.UTF-8"
    command = ["localedef", "-i", "de_DE", "-f", "UTF-8", str(made)]
    if not shutil.which("localedef") or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("no German can be made here")
    told = "from americas.grade.csv_files import here; print(here().separator, here().decimal)"
    told += "; import locale; print(locale.localeconv()['decimal_point'])"

    def run(language):
        environment = os.environ | {"LOCPATH": str(tmp_path), "LC_ALL": language}
        found = subprocess.run(
            [sys.executable, "-c", told], env=environment, capture_output=True, text=True
        )
        return found.stdout.split()

    assert run("de_DE.UTF-8") == [";", ",", "."]
    assert run("C.UTF-8") == run("xx_XX.UTF-8") == [",", ".", "."]


def test_what_marks_depend_on_is_all_that_is_read(tmp_path):
    """A changed sentence or rule marks anew; the keys have a version of their own."""
    package = tmp_path / "americas"
    shutil.copytree(Path(americas.__file__).parent, package)
    version = course_version.__wrapped__  # not what it was before
    before = version(package)
    for changed in ("checks/messages.toml", "course/rubric.py", "checks/compare/kinds.py",
                    "grade/cell_code.py", "style.py"):  # fmt: skip
        with (package / changed).open("a", encoding="utf-8") as file:
            file.write("\n# changed\n")
        now = version(package)
        assert now != before, changed
        before = now
    for key in (package / "checks" / "keys").iterdir():
        key.unlink()
    assert version(package) == before


def test_a_late_essay_waits_for_its_mark(handed, tmp_path, capsys):
    place = tmp_path / "s.zip"
    zipped(place, {ANA: handed.raw()})
    out = tmp_path / "marks"
    assert grade(place, out) == 0
    zipped(place, {ANA: essay(handed, "Here it is.")})
    capsys.readouterr()
    assert grade(place, out) == 0
    assert "1 written answer" in capsys.readouterr().out
    assert standing(out)["Ana Ruiz"][0] == ""


def test_a_rewritten_essay_is_to_be_looked_at_again(handed, marked, tmp_path, capsys):
    place = tmp_path / "submissions.zip"
    zipped(place, {ANA: essay(handed, "Something else."), BEN: essay(handed, "Ben says  yes.\n")})
    assert grade(place, marked) == 3
    assert "Ana Ruiz" in capsys.readouterr().out
    # The old mark is no longer given out, and not forgotten; Ben's text is the same.
    assert standing(marked)["Ben Islas"] == MARKED["Ben Islas"]
    assert standing(marked)["Ana Ruiz"][0] == ""
    assert "7.5" in (marked / "written.csv").read_text("utf-8-sig")
    books = {row["Full name"]: row["Grade"] for row in table(marked / f"moodle-{NAME}.csv")[0]}
    assert books == {"Ben Islas": "4"}
    give(marked, {"Ana Ruiz": ("7.5", "Still well argued.")})
    assert grade(place, marked) == 0
    assert standing(marked)["Ana Ruiz"] == ("7.5", "Still well argued.")


def command(place, out):
    code = "import sys; from americas.cli import main; sys.exit(main())"
    return [sys.executable, "-c", code, "grade", str(place), "--out", str(out), "--workers", "1"]


def test_a_kill_at_any_moment_loses_nothing(handed, marked, tmp_path):
    place = tmp_path / "submissions.zip"
    zipped(
        place,
        {ANA: essay(handed, "Ana says no."), BEN: essay(handed, "Ben says yes.")}
        | {(f"S {n}", str(n)): essay(handed, f"{n}") for n in range(30, 34)},
    )
    whole = marked.with_name("whole")
    shutil.copytree(marked, whole)
    assert grade(place, whole) == 0
    for seconds in (0.3, 0.8, 1.4, 2.2):
        run = subprocess.Popen(command(place, marked), stdout=subprocess.DEVNULL)
        try:
            run.wait(seconds)
        except subprocess.TimeoutExpired:
            run.kill()
            run.wait()
        csv_ = table(marked / "written.csv")[0]  # whole at every moment
        assert {row["student"] for row in csv_} >= {"Ana Ruiz", "Ben Islas"}
    assert grade(place, marked) == 0
    assert standing(marked) == standing(whole)


def test_two_runs_at_once_keep_all_marks(handed, marked, tmp_path):
    give(marked, {"Ana Ruiz": ("8", "Better.")})
    places = [
        zipped(tmp_path / f"{n}.zip", {(f"S {n}", f"9{n}"): essay(handed, f"{n}")})
        for n in range(3)
    ]
    runs = [subprocess.Popen(command(place, marked)) for place in places]
    assert [run.wait() for run in runs] == [0, 0, 0]
    kept = standing(marked)
    assert kept["Ana Ruiz"] == ("8", "Better.")
    assert kept["Ben Islas"] == MARKED["Ben Islas"]
    assert set(kept) == {"Ana Ruiz", "Ben Islas", "S 0", "S 1", "S 2"}


@contextlib.contextmanager
def marking(out):
    """`americas mark` on a folder: its process, and what sends a change and returns the status."""
    code = "import sys; from americas.cli import main; sys.exit(main())"
    run = subprocess.Popen(
        [sys.executable, "-c", code, "mark", str(out), "--no-browser"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    base, _, token = run.stdout.readline().split()[-1].partition("?token=")
    headers = {"Cookie": f"americas-mark={token}", "X-Americas": "mark"}

    def ask(path, content=None):
        body = None if content is None else json.dumps(content).encode()
        try:
            with urllib.request.urlopen(urllib.request.Request(base + path, body, headers)) as page:
                return page.status, page.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    try:
        yield run, ask
    finally:
        run.kill()
        run.wait()
        run.stdout.close()


def test_what_was_saved_on_the_page_stays_when_the_disk_is_full_and_the_program_killed(marked):
    with marking(marked) as (run, ask):
        code = re.search("/answer/04/4.9/([A-Z]{10})", ask("names/04/4.9")[1])[1]
        text = {"lesson": "04", "exercise": "4.9", "code": code, "points": 5}
        assert ask("save", text | {"comment": "before"})[0] == 200
        hard = resource.prlimit(run.pid, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(run.pid, resource.RLIMIT_FSIZE, (8_000, hard))
        for path, more in (("save", {"comment": "lost"}), ("remark", {"text": "lost"})):
            status, told = ask(path, text | more)
            assert (status, "disk" in told) == (507, True)
        resource.prlimit(run.pid, resource.RLIMIT_FSIZE, (hard, hard))
        threading.Timer(0.4, run.kill).start()
        saved = ["before"]
        with contextlib.suppress(OSError, http.client.HTTPException):
            while ask("save", text | {"comment": f"{len(saved)}"})[0] == 200:
                saved.append(f"{len(saved)}")
    assert len(saved) > 3
    with contextlib.closing(sqlite3.connect(marked / "marks.sqlite")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        kept = [row[0] for row in database.execute("SELECT comment FROM mark ORDER BY number")]
    # The two of the fixture, all that were told to be saved, and perhaps the one under way.
    assert kept[2 : 2 + len(saved)] == saved
    assert len(kept) <= len(saved) + 3


def small_files():
    """From here on no file of this process can grow beyond 8 kB, as on a disk that is full."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (8_000, 8_000))


def test_a_full_disk_is_said_and_nothing_is_cut(handed, marked, tmp_path):
    place = tmp_path / "submissions.zip"
    zipped(place, {ANA: essay(handed, "A long text. " * 2_000)})
    before = {path.name: path.read_bytes() for path in marked.glob("*.csv")}
    run = subprocess.run(
        [*command(place, marked), "--unsafe"],
        capture_output=True,
        text=True,
        preexec_fn=small_files,
    )
    assert run.returncode == 1
    assert "Traceback" not in run.stderr
    assert "disk" in run.stderr
    assert {path.name: path.read_bytes() for path in marked.glob("*.csv")} == before
    assert grade(place, marked) == 3
    assert standing(marked)["Ben Islas"] == MARKED["Ben Islas"]


def test_a_folder_that_can_t_be_written_is_said_before_anything_is_marked(marked, tmp_path):
    walls = ["bwrap", "--dev-bind", "/", "/", "--ro-bind", str(marked), str(marked)]
    run = subprocess.run(
        [*walls, *command(tmp_path / "submissions.zip", marked), "--unsafe"],
        capture_output=True, text=True, env=os.environ,
    )  # fmt: skip
    assert run.returncode == 1
    assert "Traceback" not in run.stderr
    assert str(marked) in run.stderr


def test_before_the_file_s_form_changes_it_is_copied(marked, monkeypatch):
    from americas.grade import database
    from americas.grade.store import Store

    monkeypatch.setattr(
        database, "FORMS", [*database.FORMS, "ALTER TABLE remark ADD COLUMN by TEXT"]
    )
    before = standing(marked)
    with Store(marked) as opened:
        assert len(opened.marks()) == 2
    copy = marked / "marks-before-form-2.sqlite"
    with contextlib.closing(sqlite3.connect(copy)) as kept:
        assert kept.execute("SELECT count(*) FROM mark").fetchone() == (2,)
        assert kept.execute("PRAGMA user_version").fetchone() == (1,)
    assert standing(marked) == before


def test_a_file_of_a_newer_program_is_left_alone(marked, tmp_path, capsys):
    with contextlib.closing(sqlite3.connect(marked / "marks.sqlite")) as database:
        database.execute("PRAGMA user_version = 99")
    before = (marked / "marks.sqlite").read_bytes()
    assert grade(tmp_path / "submissions.zip", marked) == 1
    assert "newer version" in capsys.readouterr().err
    assert (marked / "marks.sqlite").read_bytes() == before


def test_the_class_report_remembers_earlier_weeks(marked, tmp_path):
    from americas.grade.store import Store

    with Store(marked) as store, store.transaction():
        store.keep_week(NAME, "2026-01-05", {"students": 1, "right": 4, "checked": 8})
    assert grade(tmp_path / "submissions.zip", marked) == 0
    page = (marked / "class.html").read_text("utf-8")
    assert "2026-01-05: 50 % of 1 students" in page
    assert "What to say in class next time" in page
