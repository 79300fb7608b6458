"""The quiz bank: its numbers are the lessons' own, and no answer gives itself away."""

import re
import zipfile
from functools import cache
from xml.etree import ElementTree

import nbformat
import pandas as pd
import pytest

from americas import load
from americas.author.quiz import EXAM_QUESTIONS, WEEK_QUESTIONS, bank
from americas.cli import main
from americas.course.notebooks import read
from americas.course.paths import Course

COURSE = Course.of_this_package()
LESSONS = {path.name[:2]: path for path in COURSE.lessons()}
BANK = bank(COURSE)
QUESTIONS = [question for ours in BANK.values() for question in ours]
# Of two digits or more: one to nine are said in words, or number a figure.
NUMBER = re.compile(r"\d[\d,]*\d(?:\.\d+)?(?:e-\d+)?|\d\.\d+|\de-\d+")
QTI = "{http://www.imsglobal.org/xsd/ims_qtiasiv1p2}"
every_question = pytest.mark.parametrize("question", QUESTIONS, ids=lambda one: one.number)


@cache
def cells(number):
    return read(LESSONS[number]).cells


@cache
def text(number):
    """All that a lesson says and shows."""
    shown = []
    for cell in cells(number):
        shown.append(cell.source)
        for output in cell.get("outputs", []):
            shown += [output.get("text", ""), output.get("data", {}).get("text/plain", "")]
    return "\n".join(shown)


def evaluated(expression):
    return eval(expression, {"load": load, "pd": pd})


def as_written(value, written):
    """A value with as many digits as it is written with."""
    return f"{value:,.{len(written.partition('.')[2])}f}"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    out = tmp_path_factory.mktemp("quiz")
    assert main(["quiz", "--out", str(out), "--seed", "7"]) == 0
    return out


def test_each_lesson_has_about_four_questions_and_none_comes_twice():
    assert {title[:2] for title in BANK} == set(LESSONS)
    assert {len(ours) for ours in BANK.values()} == {4, 5}, "the guide says four or five a lesson"
    assert len({question.ask for question in QUESTIONS}) == len(QUESTIONS)


@every_question
def test_its_numbers_are_the_lessons_own_or_computed(question):
    told = " ".join(
        [question.ask, *(part for text, said, _ in question.answers for part in (text, said))]
    )
    told = re.sub(r"[Ll]essons? \d\d|(?:Figure|section) \d+", "", told)
    known = set(NUMBER.findall(text(question.lesson)))
    for written, expression in question.numbers.items():
        assert as_written(evaluated(expression), written) == written
        assert re.search(rf"\b{re.escape(written)}\b", told)
    answer = re.match(r"(?:At best )?[-+]?(\d[\d.]*\d|\d)", question.right)
    assert not answer or answer[1] in question.numbers
    unknown = set(NUMBER.findall(told)) - known - set(question.numbers)
    assert not unknown


@every_question
def test_its_place_is_in_the_lesson(question):
    lesson = "\n".join(c.source for c in cells(question.lesson) if c.cell_type == "markdown")
    kind, _, number = question.place.partition(" ")
    marks = {"Figure": f"**Figure {number}.**", "section": f"## {number} · "}
    assert marks.get(kind, f"## {question.place}") in lesson


def test_letter_and_place_by_length_give_no_answer_away():
    """Whoever always takes the same letter, or the longest, or the second longest, gets two fifths."""
    letters = [question.letter for question in QUESTIONS]
    by_length = [
        sorted([q.right, *dict(q.wrong)], key=len, reverse=True).index(q.right) for q in QUESTIONS
    ]
    most = max(*map(letters.count, "ABCD"), *map(by_length.count, range(4)))
    assert most <= len(QUESTIONS) * 2 / 5


@every_question
def test_its_right_answer_does_not_stand_out_by_length(question):
    right, others = len(question.right), [len(text) for text, _ in question.wrong]
    if right > len("word or sign"):  # A number is as long as it is.
        assert min(others) / 1.2 <= right <= max(others) * 1.2


def test_moodle_gets_each_question_with_one_right_answer_and_a_sentence_for_each(made):
    root = ElementTree.parse(made / "moodle.xml").getroot()
    found = root.findall("question[@type='multichoice']")
    assert len(found) == len(QUESTIONS)
    assert len(root.findall("question[@type='category']")) == len(BANK)
    for node, question in zip(found, QUESTIONS, strict=True):
        answers = node.findall("answer")
        rights = [a.findtext("text") for a in answers if a.get("fraction") == "100"]
        assert rights == [plain_html(question.right)]
        assert [a.get("fraction") for a in answers].count("0") == 3
        # The right one's is what everybody is told.
        told = {a.get("fraction") for a in answers if a.findtext("feedback/text")}
        assert told == {"0"} and node.findtext("generalfeedback/text")


def test_qti_names_each_file_and_scores_the_right_answer(made):
    with zipfile.ZipFile(made / "qti.zip") as package:
        manifest = ElementTree.fromstring(package.read("imsmanifest.xml"))
        named = [node.get("href") for node in manifest.iter() if node.tag.endswith("}file")]
        assert sorted([*named, "imsmanifest.xml"]) == sorted(package.namelist())
        items = [
            item
            for name in named
            for item in ElementTree.fromstring(package.read(name)).iter(f"{QTI}item")
        ]
    assert len(items) == len({item.get("ident") for item in items}) == len(QUESTIONS)
    for item, question in zip(items, QUESTIONS, strict=True):
        answers = {
            label.get("ident"): label.findtext(f"{QTI}material/{QTI}mattext")
            for label in item.iter(f"{QTI}response_label")
        }
        check_rules(item)
        (scored,) = (
            rule.findtext(f"{QTI}conditionvar/{QTI}varequal")
            for rule in item.iter(f"{QTI}respcondition")
            if rule.find(f"{QTI}setvar") is not None
        )
        assert answers[scored] == plain_html(question.right)
        told = {node.get("ident") for node in item.iter(f"{QTI}itemfeedback")}
        linked = {node.get("linkrefid") for node in item.iter(f"{QTI}displayfeedback")}
        assert told == linked and len(told) == len(answers) == 4


def check_rules(item):
    """One rule for all and one for each answer.

    Moodle takes the sentence of every rule that goes on for what all are told.
    """
    everybody, *rules = item.iter(f"{QTI}respcondition")
    assert everybody.find(f"{QTI}conditionvar/{QTI}other") is not None
    assert everybody.get("continue") == "Yes" and {rule.get("continue") for rule in rules} == {"No"}
    asked = [rule.findtext(f"{QTI}conditionvar/{QTI}varequal") for rule in rules]
    assert asked == [label.get("ident") for label in item.iter(f"{QTI}response_label")]


CARTRIDGE = "{http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1}"


@pytest.fixture(scope="module")
def weeks(tmp_path_factory):
    """The files of the course to import, by name, with a hub's links."""
    out = tmp_path_factory.mktemp("weeks")
    assert main(["quiz", "--out", str(out), "--hub", "https://hub.example.edu/"]) == 0
    with zipfile.ZipFile(out / "course.imscc") as package:
        return {name: ElementTree.fromstring(package.read(name)) for name in package.namelist()}


def test_a_course_to_import_has_a_module_a_week_and_each_part_its_file(weeks):
    manifest = weeks["imsmanifest.xml"]
    root = manifest.find(f"{CARTRIDGE}organizations/{CARTRIDGE}organization/{CARTRIDGE}item")
    titles = [module.findtext(f"{CARTRIDGE}title") for module in root]
    assert len(titles) == 1 + len(LESSONS)
    assert titles[-1] == f"Week {len(LESSONS)}: {list(BANK)[-1].partition(' · ')[2]}"
    named = [item.get("identifierref") for item in root.iter() if item.get("identifierref")]
    resources = {
        node.get("identifier"): (node.get("type"), node.find(f"{CARTRIDGE}file").get("href"))
        for node in manifest.iter(f"{CARTRIDGE}resource")
    }
    assert sorted(named) == sorted(resources)
    assert {file for _, file in resources.values()} == set(weeks) - {"imsmanifest.xml"}
    for kind, file in resources.values():
        found = weeks[file]
        if kind == "imswl_xmlv1p1":
            assert found.tag == "{http://www.imsglobal.org/xsd/imsccv1p1/imswl_v1p1}webLink"
        else:
            # Moodle's importer takes four marks for the sum of every quiz.
            items = list(found.iter(f"{QTI}item"))
            assert len(items) == WEEK_QUESTIONS == 4
            for item in items:
                check_rules(item)
            entries = {node.text for node in found.iter(f"{QTI}fieldentry")}
            assert entries >= {"cc.exam.v0p1", "cc.multiple_choice.v0p1"}


def test_links_of_the_course_to_import_open_the_hub_without_solutions(weeks):
    links = [node.get("href") for found in weeks.values() for node in found if node.get("href")]
    hub = [link for link in links if link.startswith("https://hub.example.edu/hub/user-redirect/")]
    assert len(hub) == 2 * len(LESSONS)
    assert all("branch=students&" in link for link in hub)
    assert not [link for link in links if "HUB" in link or "mybinder" in link]


def plain_html(text):
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"`(.+?)`", r"<code>\1</code>", escaped)


def asked(exam):
    """The questions of an exam on paper, in the bank's order."""
    text = exam.read_text(encoding="utf-8")
    return [question for question in QUESTIONS if plain_html(question.ask) in text]


def test_an_exam_has_some_of_each_lesson_and_its_answers_fit(made, tmp_path):
    exam = (made / "exam-7.html").read_text(encoding="utf-8")
    answers = (made / "exam-7-answers.html").read_text(encoding="utf-8")
    questions = asked(made / "exam-7.html")
    assert len(questions) == EXAM_QUESTIONS * len(LESSONS)
    given = re.findall(r"<strong>(\w)</strong>", answers)
    assert given == [question.letter for question in questions]
    assert not re.search(r"[.?!]\.", answers)
    assert main(["quiz", "--out", str(tmp_path), "--seed", "8"]) == 0
    assert (tmp_path / "exam-8.html").read_text(encoding="utf-8") != exam
    assert (tmp_path / "qti.zip").read_bytes() == (made / "qti.zip").read_bytes()


def test_an_exam_asks_what_every_class_was_taught(tmp_path):
    """What stands at home or is marked *if time allows* only with --optional."""
    outside = {question.number for question in QUESTIONS if question.outside}
    # Found by the headings: a section for home, one that is marked, and one of the core path.
    assert {"00-2", "04-3", "07-4"} <= outside and not {"00-1", "07-3"} & outside
    for seed in "123":
        assert main(["quiz", "--out", str(tmp_path), "--seed", seed]) == 0
        assert not outside & {one.number for one in asked(tmp_path / f"exam-{seed}.html")}
    assert main(["quiz", "--out", str(tmp_path), "--seed", "3", "--optional"]) == 0
    assert outside & {one.number for one in asked(tmp_path / "exam-3.html")}


def test_a_class_that_was_taught_some_lessons_gets_these_and_no_others(made, tmp_path, capsys):
    taught = ["00", "04", "05-contested-success"]
    assert main(["quiz", *taught, "--out", str(tmp_path), "--seed", "7"]) == 0
    exam = asked(tmp_path / "exam-7.html")
    assert exam == [one for one in asked(made / "exam-7.html") if one.lesson in {"00", "04", "05"}]
    with zipfile.ZipFile(tmp_path / "course.imscc") as package:
        manifest = ElementTree.fromstring(package.read("imsmanifest.xml"))
    titles = [node.text for node in manifest.iter(f"{CARTRIDGE}title")]
    assert [t for t in titles if t.startswith("Week")] == [
        "Week 1: Start here",
        "Week 2: Plan Colombia",
        "Week 3: Contested success",
    ]
    assert {t[5:] for t in titles if t.startswith("Quiz")} == {"00", "04", "05"}
    bank_text = (tmp_path / "quiz.txt").read_text(encoding="utf-8")
    assert "04-1" in bank_text and "03-1" not in bank_text
    assert main(["quiz", "00", "13", "--out", str(tmp_path / "none")]) == 1
    assert "There is no lesson 13" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('right = "9"', 'right = "18"', "4 different answers"),
        ('lesson = "02"', 'lesson = "12"', "'12'"),
        ('place = "Figure 4"', 'plaec = "Figure 4"', "plaec"),
        ("[[question]]", "[question]]", "can't be read"),
    ],
)
def test_a_bank_that_is_unsound_is_refused_in_a_sentence(old, new, told, tmp_path, capsys):
    (tmp_path / "solutions").mkdir()
    (tmp_path / "notebooks").mkdir()
    for number, path in LESSONS.items():
        top = nbformat.v4.new_notebook(cells=cells(number)[:1])
        nbformat.write(top, tmp_path / "notebooks" / path.name)
    (tmp_path / "pyproject.toml").touch()
    spoilt = (COURSE.root / "solutions" / "quiz.toml").read_text(encoding="utf-8").replace(old, new)
    (tmp_path / "solutions" / "quiz.toml").write_text(spoilt, encoding="utf-8")
    assert main(["quiz", "--out", str(tmp_path / "out")], Course(tmp_path)) == 1
    error = capsys.readouterr().err
    assert told in error and "quiz.toml" in error and not (tmp_path / "out").exists()
