"""What is gathered from the lessons is what the lessons say."""

import base64
import re
import unicodedata
from pathlib import Path

import pytest

from americas import load
from americas.author.contents import LEDGER, ledger, with_table
from americas.course.notebooks import read, tags
from americas.course.paths import Course
from americas.errors import CourseError

COURSE = Course(Path(__file__).parents[2])
ROOT, LESSONS = COURSE.root, COURSE.lessons()


def test_the_readme_names_every_lesson_with_its_links():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert with_table(readme, COURSE) == readme
    for path in LESSONS:
        assert f"(notebooks/{path.name})" in readme
        assert f"lab/tree/notebooks/{path.name})" in readme


def test_the_readmes_picture_is_a_stored_chart_and_small():
    picture = (ROOT / ".github" / "picture.png").read_bytes()
    stored = [
        base64.b64decode(output["data"]["image/png"])
        for path in LESSONS
        for cell in read(path).cells
        if "hero" in tags(cell)
        for output in cell.outputs
        if "image/png" in output.get("data", {})
    ]
    assert stored == [picture]
    assert len(picture) < 150_000


def test_a_readme_without_the_place_is_refused():
    with pytest.raises(CourseError, match="no place for the lessons"):
        with_table("# Nothing here", COURSE)


def test_the_ledger_is_what_the_lessons_hold():
    stored = load("ledger")
    gathered = ledger(LESSONS).reset_index(drop=True)
    assert list(stored.columns) == LEDGER
    assert stored.astype(str).equals(gathered.astype(str))
    assert {path.name[:2] for path in LESSONS} == set(stored["lesson"])


def test_every_claim_in_the_ledger_is_one_of_the_course():
    assert set(load("ledger")["claim"]) - {"–"} <= set(load("claims")["claim"])


def test_the_glossary_names_each_word_once_in_order_and_where_it_is_explained():
    lines = (ROOT / "notebooks" / "glossary.md").read_text(encoding="utf-8").splitlines()
    found = [
        re.match(r"- \*\*(.+?)\*\* \(\[(\d\d)\]\((.+?)\)\): (.+\.)$", line)
        for line in lines
        if line.startswith("- ")
    ]
    assert found and all(found)
    terms = [plain(match[1]) for match in found]
    assert terms == sorted(set(terms))
    for match in found:
        assert match[3] in {path.name for path in LESSONS}
        assert match[3].startswith(match[2])


def plain(term):
    letters = unicodedata.normalize("NFD", term)
    return "".join(c for c in letters if not unicodedata.combining(c)).lower()
