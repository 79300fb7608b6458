"""What is gathered from the lessons is what the lessons say."""

import base64
import re
import unicodedata

import pytest

from americas import load
from americas.author.contents import LEDGER, filled, ledger, texts
from americas.author.syllabus import works
from americas.course.notebooks import read, tags
from americas.course.paths import Course
from americas.errors import CourseError

COURSE = Course.of_this_package()
ROOT, LESSONS = COURSE.root, COURSE.lessons()


def test_the_readme_names_every_lesson_with_its_links():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
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
        filled("# Nothing here", "lessons", [])


def test_what_is_made_in_each_text_is_up_to_date():
    made = texts(COURSE)
    assert len(made) == 3
    for path, text in made.items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: run `americas contents`"


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_week_names_each_work_of_its_lessons_box(path):
    """Each point of the box names one work or more by surname and year; the weeks have them all."""
    box = "\n".join(cell.source for cell in read(path).cells).partition("## What scholars say")[2]
    points = re.findall(r"(?m)^- .+", box.partition("\n## ")[0])
    assert len(points) >= 2
    assert all(works(point) for point in points)


def test_a_work_is_named_by_its_authors_and_not_by_a_word_that_comes_before_its_year():
    """`US` begins the name of an office, and the sentence speaks of a US ban."""
    box = "- The US ban lapsed in 2004.\n- **Parties.** Trejo and Ley (2017) look on."
    assert [work.partition(" (")[0] for work in works(box)] == ["Trejo, G. and Ley, S."]
    office = "US Departments of Justice and State, Inspectors General"
    assert [work.partition(" (")[0] for work in works(f"The {office} (2017) report.")] == [office]


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
