"""Files as each platform exports them, and a file of totals that it takes back."""

import csv
import io
import json
import zipfile

import nbformat
import pytest

from americas.cli import main
from americas.grade import bubblewrap
from americas.grade.assignment import Sets

NAME = "04-plan-colombia"
pytestmark = pytest.mark.skipif(bool(bubblewrap.missing()), reason=bubblewrap.missing() or "")


@pytest.fixture
def graded(handed, tmp_path, capsys):
    """Grade a folder of files: name → the exercises solved in it; return what came of it."""

    def run(files, roster=None, *more, encoding="utf-8", code=0):
        folder = tmp_path / "class"
        for position, (name, solved) in enumerate(files.items()):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            raw = solved
            if isinstance(solved, list):
                book = handed.copied()
                book.insert("4.8", f"# {position}")
                raw = (book.solve(*solved) if solved else book).raw()
            path.write_bytes(raw)
        command = ["grade", str(folder), "--workers", "1", *map(str, more)]
        if roster is not None:
            (tmp_path / "roster.csv").write_bytes(roster.encode(encoding))
            command += ["--roster", str(tmp_path / "roster.csv")]
        assert main(command) == code
        return tmp_path / "class-marks", capsys.readouterr().out

    return run


def table(path):
    """A CSV file as rows of cells."""
    raw = path.read_bytes()
    text = raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    separator = max(",;\t", key=text.split("\n", 1)[0].count)
    return list(csv.reader(io.StringIO(text), delimiter=separator))


ANA = {f"ruizana_101_901_{NAME}.ipynb": ["4.1", "4.2"]}


def test_canvas_keeps_what_it_has_where_there_is_no_new_mark(graded):
    out, told = graded(
        {**ANA, f"islasben_102_902_{NAME}.ipynb": ["4.1"]},
        f"Student,ID,SIS User ID,SIS Login ID,Section,{NAME} (77),05-contested-success (78)\n"
        "    Points Possible,,,,,8,10\n"
        '"Ruiz, Ana",101,,,A,88.00,7\n"Ng, Carla",103,,,A,88.00,6\n"Silent, Sam",104,,,A,EX,\n'
        '"Islas, Ben",102,,,A,,\n',
    )
    back = table(out / "canvas.csv")
    assert [row[5] for row in back] == [f"{NAME} (77)", "8", "2", "88.00", "EX", "1"]
    assert "05-contested-success (78)" not in back[0]
    assert "Handed in nothing: Ng, Carla, Silent, Sam." in told


def test_canvas_with_first_and_last_name_and_semicolons(graded):
    out, _ = graded(
        ANA,
        "\ufeffLastName;FirstName;ID;SIS User ID;SIS Login ID;Section;Essay 4 (77)\n"
        "    Points Possible;;;;;;16\nRuiz;Ana;101;;;A;\n",
        "--title", "04=Essay 4",
    )  # fmt: skip
    # Canvas's importer compares the first cell with LastName as it is.
    assert (out / "canvas.csv").read_bytes().startswith(b"LastName;FirstName;")
    assert table(out / "canvas.csv") == [
        ["LastName", "FirstName", "ID", "SIS User ID", "SIS Login ID", "Section", "Essay 4 (77)"],
        ["    Points Possible", "", "", "", "", "", "16"],
        ["Ruiz", "Ana", "101", "", "", "A", "4"],
    ]


def test_a_title_is_said_once(graded):
    roster = (
        "Student,ID,Section,Essay 4 (77)\n    Points Possible,,,8\n"
        '"Ruiz, Ana",101,A,\n'
    )  # fmt: skip
    out, told = graded(ANA, roster)
    assert "Your gradebook has no column 04-plan-colombia" in told
    graded(ANA, roster, "--title", "04=Essay 4")
    out, told = graded(ANA, roster)
    assert table(out / "canvas.csv")[2] == ["Ruiz, Ana", "101", "A", "2"]
    assert "no column" not in told


def test_a_title_is_kept_for_a_set_that_was_not_handed_in_yet(graded):
    graded(ANA, None, "--title", "5=Homework 5", "--title", "05-oral=Interview 5")
    name = "05-contested-success.ipynb"
    out, _ = graded({f"islasben_102_902_{name}": (Sets().exercises / name).read_bytes()})
    assert table(out / "totals.csv")[0][-1].startswith("Homework 5 (of")


@pytest.mark.parametrize("said", ["04", "04=", "13=Homework", "x=y", "04-orally=Interview"])
def test_a_title_that_names_no_set_is_refused(tmp_path, capsys, said):
    assert main(["grade", str(tmp_path), "--title", said]) == 1
    assert f"--title {said}: write a set and its title" in capsys.readouterr().err


def test_on_a_terminal_a_title_is_asked_for_once(graded, monkeypatch):
    asked = []
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda words: asked.append(words) or "2")
    roster = (
        "Student,ID,Section,Essay 3 (76),Essay 4 (77)\n    Points Possible,,,8,16\n"
        '"Ruiz, Ana",101,A,3,\n'
    )  # fmt: skip
    for _ in range(2):
        out, _ = graded(ANA, roster)
        assert table(out / "canvas.csv")[2] == ["Ruiz, Ana", "101", "A", "4"]
    assert len(asked) == 1


def test_a_single_set_handed_in_by_mistake_adds_no_column(graded, handed):
    other = handed.copied()
    for cell in other.cells:
        source = "".join(cell["source"])
        cell["source"] = source.replace("## 4.", "## 5.").replace('"4.', '"5.')
    files = {f"s{n}_10{n}_90{n}_{NAME}.ipynb": [] for n in range(5)}
    people = "".join(f"s{n},10{n},A,\n" for n in range(6))
    out, told = graded(
        {**files, "s5_105_905_05-contested-success.ipynb": other.raw()},
        f"Student,ID,Section,{NAME} (7)\n    Points Possible,,,8\n{people}",
    )
    assert table(out / "canvas.csv")[0] == ["Student", "ID", "Section", f"{NAME} (7)"]
    assert "A single student handed in 05-contested-success" in told


def test_canvas_without_names_late_and_typed_in(graded):
    """As lib/content_zipper.rb names them."""
    out, told = graded(
        {
            f"anon_Ab1C2_901_{NAME}.ipynb": ["4.1"],
            f"LATE_anon_Xy9Zw_902_{NAME}.ipynb": ["4.1", "4.2"],
            "islasben_102_text.html": b"<p>Here is my answer",
            "ngcarla_LATE_103_link.html": b"<a href='https://example.org'>",
        },
        "Student,ID,Section\n    Points Possible,,\n"
        '"Islas, Ben",102,A\n"Ng, Carla",103,A\n"Silent, Sam",104,A\n',
        code=3,
    )
    assert "Not in your class list: anon_Xy9Zw" in told and "LATE (" not in told
    assert "Not marked: islasben (102)" in told and "Not marked: ngcarla (103)" in told
    assert "Handed in nothing: Silent, Sam." in told
    with zipfile.ZipFile(out / f"feedback-canvas-{NAME}.zip") as archive:
        assert f"LATE_anon_Xy9Zw_902_{NAME}.ipynb" in archive.namelist()


def test_canvas_gets_a_zip_back_for_a_zip(graded, handed):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(f"work/{NAME}.ipynb", handed.solve("4.1").raw())
    out, _ = graded({"islasben_102_902_work.zip": stream.getvalue(), **ANA})
    with zipfile.ZipFile(out / f"feedback-canvas-{NAME}.zip") as archive:
        inner = io.BytesIO(archive.read("islasben_102_902_work.zip"))
    with zipfile.ZipFile(inner) as archive:
        assert b"<strong>1 of 8</strong>" in archive.read("feedback-04.html")


def test_a_group_of_canvas_gets_its_mark_for_all_members(graded, tmp_path):
    roster = (
        f"Student,ID,Section,{NAME} (77)\n    Points Possible,,,8\n"
        '"Bo, Cy",2,A,\n"Ruiz, Ana",12,A,\n"Islas, Ben",13,A,\n'
    )
    files = {f"team_2_12_700_{NAME}.ipynb": ["4.1", "4.2", "4.3"]}
    out, told = graded(files, roster, code=3)
    assert "a group? Then give --groups" in told
    assert [row[3] for row in table(out / "canvas.csv")[2:]] == ["", "", ""]
    groups = tmp_path / "groups.csv"
    groups.write_text(
        "name,canvas_user_id,user_id,login_id,sections,group_name,canvas_group_id,group_id\n"
        "Ana Ruiz,12,,ana,A,Team 2,5,\nBen Islas,13,,ben,A,Team 2,5,\nCy Bo,2,,cy,A,,,\n",
        encoding="utf-8",
    )
    out, _ = graded(files, roster, "--groups", groups)
    assert [row[3] for row in table(out / "canvas.csv")[2:]] == ["", "3", "3"]


SPANISH = (
    "Identificador;Nombre completo;Dirección de correo;Estado;Calificación;Calificación máxima;"
    "La calificación puede ser cambiada;Última modificación (entrega);"
    "Última modificación (calificación);Comentarios de retroalimentación\n"
    "Participante 11;Ana Ruíz;a@x;Enviado;;10,00;Sí;-;-;\n"
    "Participante 12;Ben Islas;b@x;Sin entrega;7,50;10,00;Sí;-;-;bien\n"
)


COMMAS = SPANISH.replace("10,00", '"10,00"').replace("7,50", '"7,50"').replace(";", ",")


@pytest.mark.parametrize("roster", [SPANISH, COMMAS], ids=["semicolons", "commas"])
def test_moodle_in_spanish_keeps_its_headers(graded, roster):
    out, _ = graded({f"Ana Ruíz_11_assignsubmission_file_/{NAME}.ipynb": ["4.1", "4.2"]}, roster)
    back = table(out / f"moodle-{NAME}.csv")
    assert back[0] == SPANISH.split("\n")[0].split(";")
    assert back[1][4] == "2,5"
    assert "4.3 · Not attempted." in back[1][-1]
    assert len(back) == 2  # a row without a new mark stays in Moodle as it is


def test_a_number_of_canvas_is_not_one_of_moodle(graded):
    out, told = graded({f"eve_11_700_{NAME}.ipynb": ["4.1"]}, SPANISH, code=3)
    assert "Not in your class list: eve (11)" in told
    assert len(table(out / f"moodle-{NAME}.csv")) == 1


# As Moodle 5.0 writes it; people and groups are invented.
WORKSHEET = (
    '\ufeffIdentifier,"Full name","Email address",Status,Grade,"Maximum grade","Grade can be changed",'
    '"Last modified (submission)","Last modified (grade)","Feedback comments"\n'
)
SENT = '"Submitted for grading -  - "'
WHEN = '"Friday, 27 November 2026, 9:56 AM"'


def row_of(number, name, *, state=SENT, group=None, grade="", most="8.00", comment=""):
    """A line of Moodle's worksheet."""
    who = [f'"Participant {number}"', f'"{name}"', f"p{number}@example.org", state]
    comment = comment.replace('"', '""')
    return ",".join(
        [*who, *([group] if group else []), grade, most, "Yes", WHEN, "-", f'"{comment}"\n']
    )


def test_moodle_finds_names_that_its_folders_spell_otherwise(graded):
    names = {
        1: "Siobhán O'Dea", 3: "Łucja Żak", 6: "Sofía Cruz, Jr.", 8: " Emil 🌊 Hecht", 10: "José Paz",
        12: "José Paz", 14: "明 李", 15: 'Văn A/B Ngô: the ""late""', 4: "Anne_Marie D’Arc", 9: "Bob Ng",
        11: "Sam Silent",
    }  # fmt: skip
    folder = {**names, 1: "Siobhán ODea", 15: "Văn AB Ngô the late", 4: "Anne Marie D’Arc"}
    files = {
        f"{name}_{number}_assignsubmission_file/{NAME}.ipynb": ["4.1"] if number % 2 else []
        for number, name in folder.items()
        if number < 11 or number > 11
    }
    files |= {
        f"Anne Marie D’Arc_4_assignsubmission_file/{NAME}.ipynb": b'{"cells": [',
        "Bob Ng_9_assignsubmission_file/essay.pdf": b"%PDF",
    }
    del files[f"Bob Ng_9_assignsubmission_file/{NAME}.ipynb"]
    roster = WORKSHEET + "".join(row_of(number, name) for number, name in names.items())
    out, told = graded(files, roster, code=3)
    grades = {row[0]: row[4] for row in table(out / f"moodle-{NAME}.csv")[1:]}
    assert grades == {
        f"Participant {n}": "1" if n % 2 else "0" for n in (1, 3, 6, 8, 10, 12, 14, 15)
    }
    # Who handed in what can't be read did hand in.
    assert "Handed in nothing: Sam Silent." in told
    assert "Not in your class list" not in told


def test_moodle_s_worksheet_is_one_set_s(graded, handed):
    other = handed.copied()
    for cell in other.cells:
        cell["source"] = "".join(cell["source"]).replace("## 4.", "## 5.").replace('"4.', '"5.')
    files = {f"s{n}_{n}_assignsubmission_file/{NAME}.ipynb": ["4.1"] for n in range(1, 6)}
    files |= {"s1_1_assignsubmission_file/05-contested-success.ipynb": other.raw()}
    out, told = graded(files, WORKSHEET + "".join(row_of(n, f"s{n}") for n in range(1, 6)))
    assert "Not in your class list" not in told
    assert [path.name for path in out.glob("moodle-*.csv")] == [f"moodle-{NAME}.csv"]


def test_groups_of_moodle_have_numbers_that_are_students_elsewhere(graded):
    header = WORKSHEET.replace("Status,Grade", "Status,Group,Grade")
    people = {4: "Ana Ruiz", 5: "Ben Islas", 26: "Carla Ng", 27: "Dan Ode", 28: "Eva Ñu"}
    groups = {
        4: '"Group_2 (south)"',
        5: '"Team A"',
        26: '"Team A"',
        27: '"Default group"',
        28: '""',
    }
    roster = header + "".join(row_of(n, who, group=groups[n]) for n, who in people.items())
    out, told = graded(
        {
            f"Team A_4_assignsubmission_file/{NAME}.ipynb": ["4.1", "4.2"],
            f"Group 2 (south)_5_assignsubmission_file/{NAME}.ipynb": ["4.1"],
            f"Default group_assignsubmission_file/{NAME}.ipynb": ["4.1", "4.2", "4.3"],
            f"Équipe Ñ_28_assignsubmission_file/{NAME}.ipynb": [],
        },
        roster,
        code=3,
    )
    back = {row[1]: row[5] for row in table(out / f"moodle-{NAME}.csv")[1:]}
    assert back == {"Ana Ruiz": "1", "Ben Islas": "2", "Carla Ng": "2", "Dan Ode": "3"}
    assert "Équipe Ñ (28) (number 28 is another name's" in told
    with zipfile.ZipFile(out / f"feedback-moodle-{NAME}.zip") as archive:
        # Moodle finds nobody for a folder without a number.
        assert [name.split("_")[1] for name in archive.namelist()] == ["5", "4", "28"]


@pytest.mark.parametrize("word", ["Participant", "Participante"])
def test_moodle_with_hidden_names(graded, word):
    english = word == "Participant"
    header = "Identifier,Status,Grade,Maximum grade,Last modified (grade),Feedback comments\n"
    if not english:
        header = (
            "Identificador,Estado,Calificación,Calificación máxima,"
            "Última modificación (calificación),Comentarios de retroalimentación\n"
        )
    rows = "".join(f"{word} {n},No submission -  - ,,8.00,-,\n" for n in range(43, 52))
    out, told = graded(
        {
            f"{word}_46_assignsubmission_file/{NAME}.ipynb": ["4.1"],
            f"{word}_48_assignsubmission_file/{NAME}.ipynb": [],
        },
        header + rows,
    )
    back = table(out / f"moodle-{NAME}.csv")[1:]
    assert [(row[0], row[2]) for row in back] == [(f"{word} 46", "1"), (f"{word} 48", "0")]
    assert f"Handed in nothing: {word} 43, {word} 44, {word} 45, {word} 47" in told


def test_a_person_has_a_number_for_each_assignment_of_moodle(graded, handed, tmp_path):
    """The list is Moodle's own export of grades."""
    roster = (
        '"First name","Last name","ID number","Email address","Assignment: Set 04 (Real)",'
        '"Last downloaded from this course"\n'
        "Ana,Ruíz,A1,ana@example.org,-,1795773479\nBen,Islas,A2,ben@example.org,-,1795773479\n"
        "José,Paz,A3,jose1@example.org,-,1795773479\nJosé,Paz,A4,jose2@example.org,-,1795773479\n"
    )
    graded(
        {
            f"Ana Ruíz_13_assignsubmission_file/{NAME}.ipynb": ["4.1"],
            f"Ben Islas_1_assignsubmission_file/{NAME}.ipynb": ["4.1", "4.2"],
        },
        roster,
    )
    other = handed.copied().solve("4.1", "4.2", "4.3")
    for cell in other.cells:
        cell["source"] = "".join(cell["source"]).replace("## 4.", "## 5.").replace('"4.', '"5.')
    five = "assignsubmission_file/05-contested-success.ipynb"
    for path in (tmp_path / "class").glob("*/*"):
        path.unlink()
    out, told = graded(
        {
            f"Ana Ruíz_45_{five}": other.raw(),
            f"José Paz_33_{five}": other.raw() + b" ",
            f"José Paz_37_{five}": other.raw() + b"  ",
        },
        roster,
        code=3,
    )
    totals = table(out / "totals.csv")
    assert totals[0][-2:] == [f"{NAME} (of 8)", "05-contested-success (of 8)"]
    assert [bool(cell) for cell in totals[1][-2:]] == [True, True]  # Ana's both numbers
    assert totals[2][-2:] == ["2", ""]
    assert told.count("several rows fit") == 2
    assert "José" not in told.partition("Handed in nothing")[2]
    merge = [row[:3] for row in table(out / "mail-merge.csv")[1:] if row[0].startswith("Ana")]
    assert {tuple(row[:2]) for row in merge} == {("Ana Ruíz", "ana@example.org")}
    assert len(merge) == 2


def test_a_comment_in_moodle_keeps_a_teacher_s_words_and_breaks_no_table(graded):
    from americas.grade.store import Answer, Store

    files = {f"Ana Ruíz_13_assignsubmission_file/{NAME}.ipynb": ["4.1"]}
    roster = WORKSHEET + row_of(
        13, "Ana Ruíz", comment='See me <b> "today".4.2 · Not attempted. The'
    )
    out, _ = graded(files, roster)
    with Store(out) as store, store.transaction():
        comment = 'so \\"short\\" is <it>, see C:\\'
        store.give(Answer("moodle:13", "04", "4.9"), "first marker", 5, comment, "")
    out, _ = graded(files, roster)
    told = table(out / f"moodle-{NAME}.csv")[1][-1]
    assert told.startswith("See me &lt;b&gt; &quot;today&quot;.<br> 4.2 · Not attempted.")
    assert told.count("4.2 · ") == 1
    # PHP takes a backslash before a quotation mark for the end of neither.
    assert not set(told) & {'"', "\\"}


def test_blackboard_takes_its_gradebook_back(graded):
    name = f"HW 4_aruiz_attempt_2024-03-01-10-20-30_{NAME}.ipynb"
    later = f"HW 4_aruiz_attempt_2024-03-02-10-20-30_{NAME}.ipynb"
    text = "HW 4_aruiz_attempt_2024-03-02-10-20-30.txt"
    out, _ = graded(
        {name: ["4.1"], later: ["4.1", "4.2"], text: b"Name: Ana Ruiz (aruiz)"},
        '"Last Name"\t"First Name"\t"Username"\t"Student ID"\t"Availability"\t'
        f'"{NAME} [Total Pts: 16 Score] |123"\n"Ruiz"\t"Ana"\t"aruiz"\t"7"\t"Yes"\t""\n'
        '"Ng"\t"Carla"\t"cng"\t"8"\t"Yes"\t"9"\n',
        encoding="utf-16",
    )
    back = table(out / "blackboard.csv")
    assert [row[2] for row in back] == ["Username", "aruiz", "cng"]
    assert [row[5] for row in back] == [f"{NAME} [Total Pts: 16 Score] |123", "4", "9"]


def test_brightspace_takes_its_gradebook_back(graded):
    start = "12345-67890 - Ana Ruíz - Mar 1, 2024 1020 AM"
    out, _ = graded(
        {f"{start}/{NAME}.ipynb": ["4.1"], "index.html": b"<html>"},
        f"OrgDefinedId,Username,Last Name,First Name,{NAME} Points Grade <Numeric MaxPoints:16>,"
        "End-of-Line Indicator\n#7,#aruiz,Ruíz,Ana,,#\n",
    )
    assert table(out / "brightspace.csv")[1] == ["#7", "#aruiz", "Ruíz", "Ana", "2", "#"]


def test_classroom_s_copies_are_told_apart(graded):
    files = {
        f"Ana Ruiz - {NAME}.ipynb": ["4.1"],
        f"Copy of {NAME}.ipynb": ["4.2"],
        f"Copy of {NAME} (1).ipynb": ["4.3"],
    }
    out, told = graded(files, "Name,Email\nAna Ruiz,ana@x\nBen Islas,ben@x\n", code=3)
    assert table(out / "totals.csv")[1:] == [["Ana Ruiz", "ana@x", "1"], ["Ben Islas", "ben@x", ""]]
    assert {row[0] for row in table(out / "unmatched-students.csv")[1:]} == {
        f"Copy of {NAME}",
        f"Copy of {NAME} (1)",
    }
    assert "Not in your class list: Copy of" in told


def test_two_whom_one_row_fits_are_both_told(graded):
    files = {
        f"ana.ruiz/{NAME}.ipynb": ["4.1"],
        f"Ana Ruiz/{NAME}.ipynb": [],
        f"Ben/{NAME}.ipynb": [],
    }
    out, _ = graded(files, "Name,Email\nAna Ruiz,ana.ruiz@x\n", code=3)
    assert {row[0] for row in table(out / "unmatched-students.csv")[1:]} == {
        "ana.ruiz", "Ana Ruiz", "Ben",
    }  # fmt: skip


def test_a_worksheet_of_ragged_rows_is_read(graded):
    worksheet = "Identifier,Full name,Nota\nParticipant 11,Eva Ng,-,10,,\nParticipant 12,Al,-\n"
    files = {f"Eva Ng_11_assignsubmission_file_/{NAME}.ipynb": ["4.1"]}
    graded(files, worksheet, code=1)


def test_a_plain_list_in_spanish_gets_its_totals(graded):
    out, _ = graded(
        {f"ana.ruiz/{NAME}.ipynb": ["4.1"], f"Ben Islas/{NAME}.ipynb": []},
        "Apellidos;Nombre;Correo\nRuíz;Ana;ana.ruiz@x\nIslas;Ben;ben@x\n",
        encoding="cp1252",
    )
    assert table(out / "totals.csv") == [
        ["Apellidos", "Nombre", "Correo", f"{NAME} (of 8)"],
        ["Ruíz", "Ana", "ana.ruiz@x", "1"],
        ["Islas", "Ben", "ben@x", "0"],
    ]


@pytest.mark.parametrize("roster", [None, "Name,Email\n=1+1,+x@y.org\n"])
def test_no_cell_of_a_table_is_a_formula(graded, roster):
    """By a name, by an id that a student chose, by a folder, by what a class list has."""
    attempt = "attempt_2024-03-01-10-20-30"
    out, _ = graded(
        {
            f"=cmd|x/{NAME}.ipynb": [],
            f"-2+3/{NAME}.ipynb": [],
            f"=1+1/{NAME}.ipynb": ["4.1"],
            f"HW_=1+1_{attempt}_{NAME}.ipynb": [],
            f"HW_-b_{attempt}_{NAME}.ipynb": [],
            f"@c/d_{attempt}.txt": b"",
            "=e/homework.ipynb": b"{}",
        },
        roster,
        code=3,
    )
    paths = list(out.glob("*.csv"))
    assert len(paths) == (5 if roster else 4)
    for path in paths:
        cells = [cell for row in table(path) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))], path
    assert "'=1+1" in {row[0] for row in table(out / "totals.csv")}


def test_a_text_like_a_formula_comes_back_as_it_is(graded):
    """From the table to fill in, where it is made harmless; and to a platform, which knows its own."""
    from americas.grade.store import Store

    files = {f"HW_=1+1_attempt_2024-03-01-10-20-30_{NAME}.ipynb": ["4.1"]}
    roster = (
        f"Last Name,First Name,Username,Availability,{NAME} [Total Pts: 8 Score] |7,+ [x]\n"
        "-,=2,=1+1,Yes,,-\n"
    )
    out, _ = graded(files, roster)
    assert table(out / "blackboard.csv")[1][:4] == ["-", "=2", "=1+1", "Yes"]
    header, *rows = table(out / "written.csv")
    kept = {name: place for place, name in enumerate(header)}
    for row in rows:
        row[kept["code"]], row[kept["points"]], row[kept["comment"]] = "", "1", "'-"
    with (out / "written.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    _, told = graded(files, roster)
    assert f"Marks taken from your tables: {len(rows)}." in told
    with Store(out) as store:
        assert {mark.comment for marks in store.marks().values() for mark in marks} == {"-"}


def test_a_student_in_no_file_but_a_pdf_is_not_silent(graded):
    out, told = graded(
        {**ANA, "islasben_102_902_homework.pdf": b"%PDF"},
        f"Student,ID,Section,{NAME} (7)\n    Points Possible,,,8\n"
        '"Ruiz, Ana",101,A,\n"Islas, Ben",102,A,\n',
        code=3,
    )
    assert "Not marked: islasben (102)" in told
    assert "Handed in nothing" not in told
    assert json.loads((out / "summary.json").read_text("utf-8"))["handed_in_nothing"] == []


def test_feedback_goes_back_in_the_platform_s_own_names(graded):
    out, _ = graded(
        {
            **ANA,
            f"islasben_LATE_102_902_{NAME}.ipynb": ["4.1"],
            f"Eva Ng_11_assignsubmission_file_/{NAME}.ipynb": ["4.1"],
        }
    )
    with zipfile.ZipFile(out / f"feedback-canvas-{NAME}.zip") as archive:
        names = archive.namelist()
        page = archive.read(f"ruizana_101_901_{NAME}.ipynb").decode()
    assert names == [f"islasben_LATE_102_902_{NAME}.ipynb", f"ruizana_101_901_{NAME}.ipynb"]
    # Canvas shows it under the name of the student's own file: it has to be what this name says.
    (cell,) = nbformat.reads(page, as_version=4).cells
    assert "<strong>2 of 8</strong>" in cell.source
    assert "islasben" not in page
    with zipfile.ZipFile(out / f"feedback-moodle-{NAME}.zip") as archive:
        assert archive.namelist() == ["Eva Ng_11_assignsubmission_file_/feedback-04.html"]


def test_feedback_goes_back_however_long_the_way_to_a_file_is(graded):
    folder = "Course and assignment, section and term, and whatever else one writes " * 2
    out, _ = graded(
        {
            f"{folder}/fernandezana_101_901_{NAME}.ipynb": ["4.1"],
            f"{folder}/Ana María Fernández_1234_assignsubmission_file_/{NAME}.ipynb": ["4.1"],
        }
    )
    with zipfile.ZipFile(out / f"feedback-canvas-{NAME}.zip") as archive:
        assert archive.namelist() == [f"fernandezana_101_901_{NAME}.ipynb"]
    with zipfile.ZipFile(out / f"feedback-moodle-{NAME}.zip") as archive:
        name = "Ana María Fernández_1234_assignsubmission_file_/feedback-04.html"
        assert archive.namelist() == [name]


def test_a_mail_merge_knows_whom_to_write(graded):
    out, _ = graded(
        {f"ana.ruiz/{NAME}.ipynb": ["4.1"]},
        "Name,Email\nAna Ruíz,ana.ruiz@x.org\n",
        "--title",
        "04=Essay 4",
    )
    assert table(out / "mail-merge.csv")[1][:5] == [
        "Ana Ruíz",
        "ana.ruiz@x.org",
        "Essay 4",
        "1",
        "8",
    ]
    assert (out / table(out / "mail-merge.csv")[1][5]).is_file()


def test_the_points_of_an_oral_check_go_to_an_assignment_of_their_own(graded):
    from americas.grade.standing import ORAL
    from americas.grade.store import Answer, Store

    files = {f"ruizana_101_901_{NAME}.ipynb": [], f"islasben_102_902_{NAME}.ipynb": ["4.1"]}
    roster = (
        f"Student,ID,SIS Login ID,Section,{NAME} (7),Interview 4 (8)\n"
        "    Points Possible,,,,8,12\n"
        '"Ruiz, Ana",101,ana,A,,\n"Islas, Ben",102,ben,A,,11\n'
    )
    out, told = graded(files, roster)
    assert f"{NAME} oral" not in told
    with Store(out) as store, store.transaction():
        store.give(Answer("canvas:101", "04", ORAL), "first marker", 5, "", "")
    _, told = graded(files, roster)
    assert f"no column {NAME} oral: a new one is added" in told
    assert '--title 04-oral="Its title"' in told
    graded(files, roster, "--title", "4-oral=Interview 4")
    book = table(out / "canvas.csv")
    assert book[0][-2:] == [f"{NAME} (7)", "Interview 4 (8)"]
    # Five points of six are ten of the teacher's twelve; who was not asked keeps what was there.
    assert [row[-2:] for row in book[1:]] == [["8", "12"], ["0", "10"], ["1", "11"]]
    totals = table(out / "totals.csv")
    assert [row[-1] for row in totals] == ["Interview 4 (of 6)", "5", ""]
