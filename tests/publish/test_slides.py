"""Every lesson's deck: what its slides hold, and how they look on a projector of 1280 by 720."""

import re
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest

from americas.cli import main
from americas.course.lesson_head import head
from americas.course.paths import Course
from americas.errors import CourseError
from americas.publish.figures import is_chart
from americas.publish.slides import page

ROOT = Course.of_this_package().root
LESSONS = sorted((ROOT / "notebooks").glob("[0-9][0-9]-*.ipynb"))
LOOK = (Path(__file__).parent / "slides_look.js").read_text(encoding="utf-8")
MOST_BYTES = 4_000_000
PROJECTOR = {"width": 1280, "height": 720}
FEWEST_SLIDES, MOST_SLIDES = 10, 30
LETTERS = 18

every_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)


@pytest.fixture(scope="module")
def decks(tmp_path_factory):
    """The folder of all decks, made by the command."""
    folder = tmp_path_factory.mktemp("made") / "decks"
    assert main(["slides", "--out", str(folder)]) == 0
    return folder


def faults_of(number, slide):
    where = f"slide {number}"
    yield from (f"{where}: outside: {part}" for part in slide["outside"])
    yield from (f"{where}: {pair}" for pair in slide["overlaps"])
    if slide["letters"] is not None and slide["letters"] < LETTERS:
        yield f"{where} has letters of {slide['letters']}"
    if not slide["words"] and not slide["charts"]:
        yield f"{where} is empty"
    if len(slide["charts"]) > 1:
        yield f"{where} has {len(slide['charts'])} charts"
    for chart in slide["charts"]:
        if chart["drawn"] != "yes" or not chart["marks"]:
            yield f"{where}: the chart is not drawn"
            continue
        # A map may have none.
        if chart["letters"] is not None and chart["letters"] < LETTERS:
            yield f"{where}: the chart has letters of {chart['letters']:.1f}"
        if chart["filled"] < 0.9:
            yield f"{where}: the chart takes {chart['filled']:.0%} of its room"
        if not chart["described"] or not chart["table"]:
            yield f"{where}: the chart can't be heard, or read as a table"


# All slides one below the other, as in no talk, so that axe hears them at once; of a table of data
# two rows are enough: the rest, thousands of cells, are made by the same line.
ALL_AT_ONCE = """() => {
  document.querySelectorAll('svg.marks').forEach(one => one.replaceChildren());
  document.querySelectorAll('.data tr:nth-child(n+3)').forEach(row => row.remove());
  document.querySelectorAll('.slides section').forEach(slide => {
    slide.hidden = false;
    slide.removeAttribute('aria-hidden');
    slide.style.cssText += ';display: block !important; position: static; transform: none';
  });
}"""


@every_lesson
def test_a_deck_fits_the_projector(lesson, decks, visit, barriers):
    path = decks / f"{lesson.stem}.html"
    assert path.stat().st_size < MOST_BYTES
    screen, faults = visit(path, **PROJECTOR)
    slides = screen.evaluate(LOOK)
    assert [fault for at, slide in enumerate(slides, 1) for fault in faults_of(at, slide)] == []
    assert FEWEST_SLIDES <= len(slides) <= MOST_SLIDES
    cells = nbformat.read(lesson, as_version=4).cells
    shown = [cell for cell in cells if cell.metadata.get("slideshow", {}).get("slide_type")]
    charts = sum(is_chart(output) for cell in shown for output in cell.get("outputs", []))
    assert sum(len(slide["charts"]) for slide in slides) == charts >= 4
    said = "\n".join(slide["notes"] for slide in slides)
    # From the lesson's head: each part's minutes, up to the end.
    minutes = head(nbformat.read(lesson, as_version=4)).minutes
    if core := re.search(r"(\d+) of them core", cells[0].source):
        minutes = int(core[1])
    # A slide that goes on on the next has the same notes there.
    found = dict.fromkeys(re.findall(r"minute (\d+) to (\d+)", said))
    planned = [tuple(map(int, minutes)) for minutes in found]
    assert planned[0][0] == 0 and planned[-1][1] == minutes
    assert all(one[1] == other[0] for one, other in pairwise(planned))
    screen.evaluate(ALL_AT_ONCE)
    assert faults + barriers(screen) == []


@pytest.fixture
def deck(decks, visit):
    return visit(decks / f"{LESSONS[0].stem}.html", **PROJECTOR)


SHOWN = "section.present section.present"


def place(screen):
    return screen.evaluate("deck.getSlidePastCount()")


def test_keys_move_slide_by_slide_and_the_address_keeps_the_place(deck):
    screen, faults = deck
    assert place(screen) == 0
    for key in ("ArrowRight", "PageDown", "Space"):
        before = screen.evaluate("JSON.stringify(deck.getIndices())")
        screen.keyboard.press(key)
        assert screen.evaluate("JSON.stringify(deck.getIndices())") != before, key
    at = screen.evaluate("deck.getIndices().h")
    assert at > 0
    # reveal.js writes the address at most once a second.
    screen.wait_for_function("at => location.hash.startsWith(`#/${at}`)", arg=at, timeout=5000)
    screen.reload()
    screen.wait_for_function("at => window.deck?.getIndices().h === at", arg=at, timeout=5000)
    screen.keyboard.press("Home")
    assert place(screen) == 0
    assert faults == []


def test_notes_can_be_read_beside_the_slide_and_in_a_window(deck, barriers):
    screen, faults = deck
    notes = screen.locator(".speaker-notes")
    assert not notes.is_visible()
    screen.keyboard.press("n")
    screen.keyboard.press("ArrowRight")
    assert notes.is_visible()
    slide = screen.locator(SHOWN).bounding_box()
    assert slide["x"] + slide["width"] <= notes.bounding_box()["x"] + 1
    assert re.search(r"Puzzle: minute 0 to \d+", notes.inner_text())
    assert barriers(screen) == []
    with screen.expect_popup() as opened:
        screen.keyboard.press("s")
    window = opened.value
    window.get_by_text(re.compile(r"minute 0 to \d+")).wait_for(timeout=10_000)
    assert faults == []


def test_the_data_of_a_chart_can_be_read_with_the_keyboard_alone(deck, barriers):
    screen, _ = deck
    while not screen.locator(f"{SHOWN} summary:visible").count():
        screen.keyboard.press("ArrowRight")
    before = place(screen)
    while not screen.evaluate("document.activeElement.matches('.data summary')"):
        screen.keyboard.press("Tab")
    screen.keyboard.press("Enter")
    assert screen.locator(f"{SHOWN} details table").first.is_visible()
    assert barriers(screen) == []
    screen.keyboard.press("Tab")
    screen.keyboard.press("ArrowDown")
    assert place(screen) == before, "the arrow scrolls the table"


def test_a_chart_answers_the_pointer_and_its_slider(decks, visit):
    texts = {path: path.read_text(encoding="utf-8") for path in sorted(decks.glob("*.html"))}
    screen, faults = visit(next(p for p in texts if '"input": "range"' in texts[p]), **PROJECTOR)
    slider = f"{SHOWN} input[type=range]"
    while not screen.locator(slider).count():
        screen.evaluate("deck.next()")
        screen.wait_for_function("() => deck.getCurrentSlide().dataset.ready === 'yes'")
    before = place(screen)
    drawn = "deck.getCurrentSlide().querySelector('svg.marks').innerHTML"
    stored = screen.evaluate(drawn)
    screen.locator(slider).focus()
    screen.keyboard.press("ArrowLeft")
    screen.wait_for_function(f"before => {drawn} !== before", arg=stored, timeout=5000)
    assert place(screen) == before, "the arrow moves the slider"
    assert faults == []


def test_it_prints_one_slide_a_page(decks, visit):
    path = decks / f"{LESSONS[0].stem}.html"
    screen, faults = visit(path, query="?print-pdf", **PROJECTOR)
    screen.wait_for_function("() => document.documentElement.dataset.figures === 'drawn'")
    printed = screen.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type /Page\b", printed)) == screen.locator(".pdf-page").count() > 10
    assert faults == []


def test_a_lesson_that_is_not_there_and_a_folder_of_somebody_else(tmp_path, capsys):
    assert main(["slides", "99-nothing", "--out", str(tmp_path / "new")]) == 1
    told = capsys.readouterr().err
    assert "There is no lesson 99-nothing" in told
    assert LESSONS[0].stem in told
    assert not (tmp_path / "new").exists()
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / f"{LESSONS[0].stem}.html").write_text("mine", encoding="utf-8")
    for out in (theirs, theirs / f"{LESSONS[0].stem}.html"):
        assert main(["slides", LESSONS[0].stem, "--out", str(out)]) == 1
        assert "was not made by this command" in capsys.readouterr().err
    assert (theirs / f"{LESSONS[0].stem}.html").read_text(encoding="utf-8") == "mine"
    (tmp_path / "empty").mkdir()
    for _ in range(2):
        assert main(["slides", LESSONS[0].stem, "--out", str(tmp_path / "empty")]) == 0


HEAD = """# 77 · A test

| | |
|---|---|
| **Question** | Is it so? |
| **Claim** | C1: it is so. |
| **Time** | 55 minutes in class, 50 of them core: puzzle 20 · more 5 · rest 20 · verdict 10 |"""
CELLS = [
    (HEAD, "slide"),
    ("## 1 · One\n\nFirst, [inside](#x), [outside](https://a.b).", "slide"),
    ("code: 6 * 7", "fragment"),
    ("Forty-two.", "notes"),
    ("Not tagged.", ""),
    ("Another.", "subslide"),
    ("## 2 · Two (if time allows)\n\nMore.", "slide"),
    ("## 3 · Three\n\nAnd more.", "slide"),
    ("## At home: four\n\nStay there.", "slide"),
    ("## Evidence\n\n### For\n\n- a\n\n### Against\n\n- b", "slide"),
]


def deck_of(cells, tags=()):
    """The deck of a lesson of our own, without its scripts and styles: cells and slide types."""
    new, code = nbformat.v4.new_markdown_cell, nbformat.v4.new_code_cell
    notebook = nbformat.v4.new_notebook()
    for source, kind in cells:
        is_code = source.startswith("code: ")
        cell = (code if is_code else new)(source.removeprefix("code: "))
        if kind:
            cell.metadata["slideshow"] = {"slide_type": kind}
        if is_code:
            cell.metadata["tags"] = list(tags)
            cell.outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "42"})]
        notebook.cells.append(cell)
    text = page(notebook, "77-test")
    return re.sub(r"<(script|style)\b.*?</\1>", "", text, flags=re.DOTALL)


def test_slide_types_make_the_deck():
    text = deck_of(CELLS)
    assert "<title>77 · A test</title>" in text
    slides = re.split(r"<section\b[^>]*>\s*(?=<div)", text)[1:]
    words = [re.sub(r"<aside.*?</aside>|<[^>]+>", " ", slide, flags=re.DOTALL) for slide in slides]
    assert [" ".join(one.split()).split()[0] for one in words] == [
        "77", "1", "Another.", "2", "3", "Evidence", "Against"
    ]  # fmt: skip
    assert "Is it so?" in words[0] and "C1" not in words[0] and "C1: it is so." in slides[0]
    assert "6 * 7" in words[1] and "42" in words[1]
    assert "Forty-two." in slides[1] and "Forty-two." not in words[1]
    assert "inside" in words[1] and 'href="#x"' not in text and 'href="https://a.b"' in text
    assert "Not tagged." not in text and "Stay there." not in text
    assert 'data-optional="True"' in text and "5 minutes, if time allows" in slides[3]
    assert re.findall(r"minute \d+ to \d+", text) == [
        "minute 0 to 20", "minute 20 to 40", "minute 40 to 50"
    ]  # fmt: skip


def test_code_is_hidden_where_a_tag_says_so():
    assert "6 * 7" not in deck_of(CELLS, tags=["hide-input"])


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ([*CELLS, ("code: 6 * 7", "notes")], "a cell of code can't be notes"),
        ([(HEAD, "subslide"), *CELLS[1:]], "the first cell of its deck has to have the type slide"),
        ([CELLS[0], CELLS[1]], "gives minutes to 4 parts, but the lesson has 1"),
    ],
)
def test_what_can_make_no_deck_is_told(cells, told):
    with pytest.raises(CourseError, match=told):
        deck_of(cells)


def test_a_lesson_stored_without_its_outputs_makes_no_deck(tmp_path, capsys):
    (tmp_path / "notebooks").mkdir()
    bare = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(HEAD)])
    nbformat.write(bare, tmp_path / "notebooks" / "77-bare.ipynb")
    (tmp_path / "pyproject.toml").touch()
    assert main(["slides", "--out", str(tmp_path / "decks")], Course(tmp_path)) == 1
    assert "Run `americas run notebooks/77-bare.ipynb` first." in capsys.readouterr().err
