"""The sheets to print: they hold what the lesson shows, and not what it asks students to find."""

import ast
import html
import re

import pytest

from americas import load
from americas.cli import main
from americas.course.notebooks import read
from americas.course.paths import Course
from americas.course.sheets import SHEETS
from americas.publish.handouts import page

COURSE = Course.of_this_package()
LESSONS = {path.name[:2]: path for path in COURSE.lessons()}


def lesson(number):
    return read(LESSONS[number])


def shown(number):
    """All that a lesson's cells print."""
    outputs = (o for cell in lesson(number).cells for o in cell.get("outputs", []))
    return "\n".join(output.get("text", "") for output in outputs)


def items(page, tag):
    return re.findall(rf"<{tag}>(.+?)</{tag}>", page)


@pytest.fixture(scope="module")
def made():
    return {number: page(lesson(number)) for number in SHEETS}


def test_there_is_a_card_for_each_state_at_risk_and_each_border_stands_on_two(made):
    names = re.findall(r'class="card"><b>(.+?)</b>', made["02"])
    assert f"{len(set(names))} at risk" in shown("02")
    pairs = {
        (name, other)
        for name, others in re.findall(
            r'class="card"><b>(.+?)</b>[^<]*<br>\nborders on (.+?)</div>', made["02"]
        )
        for other in others.split(", ")
    }
    assert len(pairs) == 2 * len({frozenset(pair) for pair in pairs})
    newly = re.search(r"newly violent: (.+)", shown("02"))[1].split(", ")
    among = sum(name in newly and other in newly for name, other in pairs) // 2
    assert f"{among} borders between the {len(newly)} newly violent" in shown("02")


@pytest.mark.parametrize(("number", "events"), [("01", 8), ("04", 22), ("06", 8), ("07", 14)])
def test_events_are_the_lessons_own_without_our_reading(number, events, made):
    rows = re.findall(r'<td class="date">([\d-]+)</td><td>(.+?)</td><td></td>', made[number])
    assert len(rows) == events
    timeline = load("programme_timeline")
    told = set(timeline["event"].str.replace("'", "&#39;"))
    assert {event for _, event in rows} <= told
    readings = timeline.loc[timeline["event"].isin([e.replace("&#39;", "'") for _, e in rows])]
    for reading in readings["consent"].dropna():
        assert f"<td>{reading}</td>" not in made[number]


@pytest.mark.parametrize("number", ["01", "04", "06", "07"])
def test_a_date_pretends_to_no_day_and_a_task_speaks_of_no_cell(number, made):
    letters = {"day": 10, "month": 7, "year": 4}
    known = load("programme_timeline").set_index("event")["precision"].map(letters)
    rows = re.findall(r'<td class="date">([\d-]+)</td><td>(.+?)</td>', made[number])
    short = [date for date, _ in rows if len(date) < 10]
    assert all(len(date) == known[html.unescape(event)] for date, event in rows)
    assert (number == "06") == (short == [])
    (task,) = re.findall(r"<p>(<strong>(?:Decide|Read in pairs).+?)</p>", made[number])
    assert ("is known no closer" in task) == bool(short)
    assert not re.search(r"\bcell\b", task)


def test_code_on_the_cheat_sheet_is_printed_as_it_has_to_be_typed(made):
    """A column of the sheet is 58 letters wide: what is longer breaks where Python does not."""
    blocks = re.findall(r"<pre><code.*?>(.+?)</code></pre>", made["00"], re.DOTALL)
    assert len(blocks) >= 5
    for block in map(html.unescape, blocks):
        ast.parse(block)
        assert max(map(len, block.splitlines())) <= 58


def test_the_line_to_draw_is_not_drawn(made):
    (begin,) = re.findall(r"<circle cx=\"20\.0\" cy=\"([\d.]+)\"", made["09"])
    assert 58 < float(begin) < 108  # below the line of 0
    assert "polyline" not in made["09"] and "<path" not in made["09"]


def test_each_reading_has_a_sheet_of_its_own(made):
    assert items(made["11"], "h1") == ["Driver", "Pretext", "Neither"]
    figures = re.findall(r"(lesson \d\d, )?Figures? \d", made["11"])
    assert figures and all(figures), "on a wall nobody knows whose figure it is"


def test_the_ledger_has_an_empty_row_for_each_lesson(made):
    rows = re.findall(r"<tr><td>(\d\d)</td>(?:<td></td>){5}</tr>", made["01"])
    assert rows == sorted(LESSONS)


def test_sheets_are_whole_and_load_nothing(made):
    for number, text in made.items():
        assert items(text, "h1"), number
        assert not re.search(r"""(src|href)=|url\(|@import""", text)
        assert "{{" not in text and "**" not in text.replace("<code>", "")


def test_the_guide_names_the_handouts_of_each_lesson_that_has_some():
    guide = (COURSE.root / "solutions" / "README.md").read_text(encoding="utf-8")
    for number in SHEETS:
        assert f"/handouts/{LESSONS[number].stem}.html)" in guide


def test_the_command_makes_a_file_and_refuses_a_lesson_without_sheets(tmp_path, capsys):
    assert main(["handouts", "09-trust", "--out", str(tmp_path)]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["09-trust.html"]
    assert main(["handouts", "05-contested-success", "--out", str(tmp_path)]) == 1
    assert "05-contested-success has no handouts" in capsys.readouterr().err
