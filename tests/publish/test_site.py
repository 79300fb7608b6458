"""The reading pages, as a reader meets them: from a file, by key, on a phone, without a network."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest

from americas.cli import main
from americas.data import load

ROOT = Path(__file__).parents[2]
LESSONS = sorted((ROOT / "notebooks").glob("[0-9][0-9]-*.ipynb"))
SETS = sorted((ROOT / "exercises").glob("[0-9][0-9]-*.ipynb"))
TEXTS = ["index.html", "claims.html", "glossary.html", "codebook.html"]
NAMES = [
    *TEXTS,
    *(f"{path.stem}.html" for path in LESSONS),
    *(f"{path.stem}-exercises.html" for path in SETS),
]
VEGALITE = "application/vnd.vegalite.v5+json"
LETTERS = 4.5  # the contrast that WCAG 2.2 AA asks of small letters
PHONE, LAPTOP = 360, 1280


class Parts(HTMLParser):
    """What a page holds that can be tested without a browser."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.loaded, self.levels = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.ids += [found["id"]] if "id" in found else []
        self.links += [found["href"]] if tag == "a" else []
        self.loaded += [found[name] for name in ("src", "srcset", "data") if found.get(name)]
        self.loaded += [found["href"]] if tag == "link" else []
        self.levels += [int(tag[1])] if re.fullmatch("h[1-6]", tag) else []


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of a site made from the course as it is."""
    out = tmp_path_factory.mktemp("site")
    assert main(["site", "--out", str(out)]) == 0
    return out


@pytest.fixture(scope="module")
def parts(site):
    """Each page's parts, by its name."""
    return {
        path.name: Parts(path.read_text(encoding="utf-8")) for path in sorted(site.glob("*.html"))
    }


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A small course of one lesson: `course(text)` makes its site; more texts by file name."""
    texts = {
        "README.md": "# A course\n\nIt is small.\n",
        "notebooks/glossary.md": "# Glossary\n\n- **word**\n",
        "data/README.md": "\n\n## ".join(["# Data", "Some table", *load("indicators")["table"]]),
        "data/some.csv": "a\n1\n",
        "pyproject.toml": '[project.urls]\nRepository = "https://github.com/a/b"\n',
        "CITATION.cff": (ROOT / "CITATION.cff").read_text(encoding="utf-8"),
    }
    folder, out = tmp_path / "course", tmp_path / "out"
    for module in ("places", "site"):
        monkeypatch.setattr(f"americas.publish.{module}.ROOT", folder)

    def make(lesson="", **more):
        head = "# 00 · One\n\n| | |\n|---|---|\n| **Question** | Q? |\n| **Claim** | C1 |\n"
        cells = [nbformat.v4.new_markdown_cell(head + "| **Time** | 5 minutes |\n\n" + lesson)]
        for name, text in (texts | more).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
        nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "notebooks/00-one.ipynb")
        code = main(["site", "--out", str(out)])
        page = out / "00-one.html"
        return code, page.read_text(encoding="utf-8") if code == 0 else ""

    make.out = out
    return make


# ---- what is on the pages


def test_there_is_a_page_for_each_lesson_set_and_text(site, parts):
    assert sorted(parts) == sorted(NAMES)


def test_every_link_inside_the_site_leads_somewhere(site, parts):
    lost = []
    for page, found in parts.items():
        for link in found.links:
            if re.match(r"https?:|mailto:", link):
                continue
            name, _, anchor = unquote(link).partition("#")
            if not (site / (name or page)).is_file():
                lost.append(f"{page} leads to {link}, which is no file")
            elif anchor and anchor not in [*parts[name or page].ids]:
                lost.append(f"{page} leads to {link}, which is no place")
    assert lost == []


def test_no_page_loads_anything_but_the_files_beside_it(site, parts):
    loaded = {address for found in parts.values() for address in found.loaded}
    assert loaded == {"data:,", "reading.css", "reading.js", "headings.js", "vega.js"}
    style = (site / "reading.css").read_text(encoding="utf-8")
    assert not re.search(r"url\(|@import|@font-face", style)


def test_headings_are_in_order_and_every_id_is_used_once(parts):
    for page, found in parts.items():
        assert found.levels[0] == 1 and found.levels.count(1) == 1, page
        steps = zip(found.levels, found.levels[1:], strict=False)
        assert all(after <= before + 1 for before, after in steps), page
        assert len(found.ids) == len(set(found.ids)), page


def test_the_contents_tell_of_each_lesson_what_its_table_says(site):
    text = (site / "index.html").read_text(encoding="utf-8")
    for path in LESSONS:
        head = nbformat.read(path, as_version=4).cells[0].source
        found = dict(re.findall(r"^\| \*\*(.+?)\*\* \| (.+) \|$", head, re.MULTILINE))
        entry = text.partition(f'href="{path.stem}.html"')[2].partition("</li>")[0]
        assert found["Question"] in entry
        assert f"{found['Time'].split()[0]} minutes" in entry
        assert set(re.findall(r">(C\d)<", entry)) == set(re.findall(r"C\d", found["Claim"]))
        assert f"urlpath=lab/tree/notebooks/{path.name}" in entry
        assert (f'href="{path.stem}-exercises.html"' in entry) == (
            ROOT / "exercises" / path.name
        ).exists()


def test_each_claim_has_evidence_for_and_against_with_its_figures(site):
    text = (site / "claims.html").read_text(encoding="utf-8")
    sections = {part[:2]: part for part in re.split(r'<h2 id="[^"]+">', text)[1:]}
    claims = load("claims")
    assert list(sections) == claims["claim"].to_list()
    for claim in claims.itertuples():
        section = sections[claim.claim]
        assert claim.words.rstrip(".").replace("'", "&#x27;")[3:20] in section
        for side in ("for", "against"):
            points = section.partition(f"Evidence {side} {claim.claim}</h3>")[2].partition("<h3")[0]
            assert re.search(r'<li>.*href="[^"]+\.html#figure-\d+"', points, re.DOTALL), claim.claim
    for row in load("ledger").query("claim in @sections").itertuples():
        assert f"<strong>{row.verdict}</strong>, strength {row.strength}." in sections[row.claim]


def test_an_exercise_page_gives_no_answer_away(site):
    for path in SETS:
        text = (site / f"{path.stem}-exercises.html").read_text(encoding="utf-8")
        assert "= ..." in re.sub("<[^>]+>", "", text)
        assert "· Correct" not in text and "Not checked yet" not in text


def test_every_heading_of_a_lesson_can_be_searched_for(site):
    script = (site / "headings.js").read_text(encoding="utf-8")
    entries = json.loads(script.removeprefix("window.headings = ").rstrip(";\n"))
    for path in LESSONS:
        cells = nbformat.read(path, as_version=4).cells
        prose = [cell.source for cell in cells if cell.cell_type == "markdown"]
        wanted = re.findall(r"^#+ (.+)$", "\n\n".join(prose), re.MULTILINE)
        found = [text for _, text, address in entries if address.startswith(f"{path.stem}.html")]
        assert found == [heading.replace("`", "").replace("*", "") for heading in wanted]


def test_the_colours_of_the_theme_have_contrast_enough(site):
    style = (site / "reading.css").read_text(encoding="utf-8")
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", style))
    grounds = [colours.pop(name) for name in ("paper", "wash", "mark")]
    del colours["line"]  # draws rules between rows, which say nothing
    assert len(colours) >= 8
    faint = {
        (name, ground): contrast(colour, ground)
        for name, colour in colours.items()
        for ground in grounds
        if contrast(colour, ground) < LETTERS
    }
    assert faint == {}


def contrast(one, other):
    lighter, darker = sorted(map(luminance, (one, other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


# ---- what is refused, and what is kept


@pytest.mark.parametrize(
    ("link", "told"),
    [
        ("[x](07-gone.ipynb)", "has a link to 07-gone.ipynb, but the course has no notebooks/07-"),
        ("[x](#Nowhere)", "has a link to #Nowhere, but notebooks/00-one.ipynb has no heading"),
        ("[x](#figure-3)", "but notebooks/00-one.ipynb has no such figure stored"),
        ("[x](glossary.md#nowhere)", "notebooks/glossary.md has no heading of that name"),
        ("[x](../../../etc/passwd)", "but the course has no"),
    ],
)
def test_a_link_that_leads_nowhere_is_refused(link, told, course, capsys):
    code, _ = course(link)
    assert code == 1 and told in capsys.readouterr().err
    assert not course.out.exists()


def test_links_lead_to_the_pages_made_from_what_they_name(course):
    code, page = course(
        "## A `place` here\n\n[a](#A-place-here) [b](../data/README.md#some-table) "
        "[c](glossary.md) [d](../data/some.csv) [e](../pyproject.toml) [f](https://example.org/x?y=1#z)"
    )
    assert code == 0
    links = re.findall(r'<a href="([^"]+)">[a-f]</a>', page)
    assert links == [
        "#A-place-here",
        "codebook.html#some-table",
        "glossary.html",
        "data/some.csv",
        "https://github.com/a/b/blob/HEAD/pyproject.toml",
        "https://example.org/x?y=1#z",
    ]
    assert (course.out / "data" / "some.csv").read_text(encoding="utf-8") == "a\n1\n"


def test_a_folder_of_somebody_else_is_left_alone(course, capsys):
    course.out.mkdir()
    (course.out / "thesis.txt").write_text("mine", encoding="utf-8")
    assert course()[0] == 1
    assert "did not make, and stays as it is" in capsys.readouterr().err
    assert [path.name for path in course.out.iterdir()] == ["thesis.txt"]


def test_made_again_what_is_gone_from_the_course_is_gone_from_the_site(course):
    assert course("[d](../data/some.csv)")[0] == 0
    (course.out / "notes.txt").write_text("mine", encoding="utf-8")
    assert course()[0] == 0
    names = {path.name for path in course.out.rglob("*") if path.is_file()}
    assert "some.csv" not in names and {"notes.txt", "00-one.html"} <= names


def test_a_file_named_as_folder_and_a_page_without_title_are_told(course, capsys):
    assert course(**{"notebooks/glossary.md": "no title"})[0] == 1
    assert "notebooks/glossary.md has 0 titles" in capsys.readouterr().err
    course.out.write_text("mine", encoding="utf-8")
    assert course()[0] == 1
    assert "is a file. Name a folder" in capsys.readouterr().err


# ---- in a browser

LOOK = """() => ({
  sideways: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  figures: [...document.querySelectorAll('figure.chart')].map(figure => ({
    drawn: figure.dataset.drawn,
    marks: figure.querySelectorAll('svg .role-mark:not(.mark-group) > *').length,
    label: figure.querySelector('svg.marks')?.getAttribute('aria-label'),
    rows: figure.querySelectorAll('details.data tbody tr').length,
    width: figure.querySelector('.drawing').clientWidth,
    cut: figure.querySelector('.drawing').scrollWidth
      > figure.querySelector('.drawing').clientWidth + 1,
    told: figure.querySelector('.more') !== null,
  })),
})"""

# axe measures the contrast of every word of every line: of lines that look alike a few will do.
ONE_OF_EACH = """() => {
  document.querySelectorAll('tbody').forEach(
    body => [...body.rows].slice(3).forEach(row => row.remove()));
  const seen = new Set();
  document.querySelectorAll('.highlight span').forEach(word => {
    if (seen.has(word.className)) word.replaceWith(word.textContent);
    seen.add(word.className);
  });
}"""


def stored_charts(name):
    paths = [path for path in LESSONS if f"{path.stem}.html" == name]
    cells = nbformat.read(paths[0], as_version=4).cells if paths else []
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return [output.data[VEGALITE] for output in outputs if VEGALITE in output.get("data", {})]


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_whole_on_a_phone_and_bars_nobody(name, site, visit, barriers):
    page, faults = visit(site / name, width=PHONE)
    found = page.evaluate(LOOK)
    assert found["sideways"] == 0
    charts = stored_charts(name)
    assert [figure["label"] for figure in found["figures"]] == [c["description"] for c in charts]
    for figure in found["figures"]:
        assert figure["drawn"] == "yes" and figure["marks"] and figure["rows"], figure["label"]
        assert figure["told"] == figure["cut"], figure["label"]
    page.evaluate("() => document.querySelectorAll('details').forEach(one => { one.open = true })")
    assert page.evaluate(LOOK)["sideways"] == 0
    page.evaluate(ONE_OF_EACH)
    assert barriers(page) == []
    page.set_viewport_size({"width": LAPTOP, "height": 900})
    wide = page.evaluate(LOOK)
    assert wide["sideways"] == 0
    assert not any(figure["cut"] or figure["told"] for figure in wide["figures"])
    assert faults == []


def test_a_lesson_bars_nobody_on_a_laptop(site, visit, barriers):
    page, faults = visit(site / f"{LESSONS[0].stem}.html", width=LAPTOP)
    assert barriers(page) == []
    assert faults == []


STOP = """() => {
  const on = document.activeElement;
  const summary = on.tagName === 'SUMMARY' ? on.parentElement.className : '';
  const text = (on.textContent || on.id).trim().slice(0, 40);
  return [on.tagName, summary, on.className, text].join(' ');
}"""


def test_keys_alone_reach_search_folding_data_and_the_menus_of_figures(site, visit):
    page, faults = visit(site / f"{LESSONS[0].stem}.html", width=LAPTOP)
    page.evaluate("() => document.querySelector('details.data').open = true")
    stops = []
    while len(stops) < 600:
        page.keyboard.press("Tab")
        stops.append(page.evaluate(STOP))
        if stops[-1].startswith("BODY"):
            break
    assert stops[0].endswith("Skip to the text")
    for wanted in (
        "INPUT   search",
        "BUTTON   Show all code",
        "SUMMARY code",
        "SUMMARY data",
        "DIV  wide",
    ):
        assert any(stop.startswith(wanted) for stop in stops), wanted
    menus = [stop for stop in stops if stop.startswith("SUMMARY vega") or stop == "SUMMARY   "]
    assert len(menus) == len(stored_charts(f"{LESSONS[0].stem}.html")), stops
    assert faults == []


def test_keys_alone_fold_code_open_data_and_menus(site, visit):
    page, faults = visit(site / f"{LESSONS[0].stem}.html", width=LAPTOP)
    code = page.locator("details.code").first
    page.get_by_role("button", name="Hide all code").press("Enter")
    assert page.locator("details.code[open]").count() == 0
    code.locator("summary").press("Enter")
    assert code.locator("pre").is_visible()
    page.get_by_role("button", name="Show all code").press("Space")
    assert page.locator("details.code:not([open])").count() == 0
    figure = page.locator("figure.chart").first
    figure.locator("details.data > summary").press("Enter")
    assert figure.locator("table").is_visible()
    figure.locator(".vega-embed summary").press("Enter")
    page.keyboard.press("Tab")
    assert "Save as SVG" in page.evaluate(STOP)
    assert faults == []


def test_search_finds_a_heading_without_its_accents_and_goes_there(site, visit):
    page, faults = visit(site / "index.html", width=LAPTOP)
    page.get_by_label("Search headings").fill("merida precedent")
    page.keyboard.press("Tab")
    assert "Mérida" in page.evaluate(STOP)
    page.keyboard.press("Enter")
    page.wait_for_url("**/06-merida.html*")
    page.get_by_label("Search headings").fill("xyzzy")
    assert page.get_by_role("status").inner_text() == "No headings"
    page.keyboard.press("Escape")
    assert not page.get_by_role("status").is_visible()
    assert faults == []


def test_on_a_phone_what_a_mistake_is_told_in_plain_words_is_read_whole(site, visit):
    page, _ = visit(site / "00-start-here.html", width=PHONE)
    told = page.locator("pre", has_text="In plain words: ")
    assert told.count() == 3
    for one in told.all():
        assert one.evaluate("pre => pre.scrollWidth <= pre.clientWidth + 1"), one.inner_text()


def test_on_a_phone_the_name_of_a_row_leaves_room_for_what_it_names(site, visit):
    page, _ = visit(site / "10-what-came-first.html", width=PHONE)
    name = page.get_by_role("rowheader", name="without El Salvador and Venezuela")
    value = name.locator("xpath=following-sibling::td[1]").bounding_box()
    assert value["x"] + value["width"] < PHONE


def test_years_stand_on_one_line_in_the_list_of_tables(site, visit):
    page, _ = visit(site / "codebook.html", width=LAPTOP)
    years = page.get_by_role("cell", name="1980–2020", exact=True).first
    lines = """cell => {
      const text = document.createRange();
      text.selectNodeContents(cell);
      return new Set([...text.getClientRects()].map(line => line.top)).size;
    }"""
    assert years.evaluate(lines) == 1


def test_a_set_is_called_by_its_number_and_not_by_its_file(site):
    for path in LESSONS:
        text = (site / f"{path.stem}.html").read_text(encoding="utf-8")
        assert f">exercise set {path.stem[:2]}</a>" in text, path.stem
        assert ".ipynb</a>" not in text, path.stem


def test_on_paper_there_is_the_text_with_its_figures_and_nothing_to_click(site, visit):
    # The width of a sheet of A4 within its margins.
    page, faults = visit(site / f"{LESSONS[0].stem}.html", width=718)
    page.emulate_media(media="print")
    for gone in ("header.course", ".on-this-page", ".work", ".beside", "details.data"):
        assert not page.locator(gone).first.is_visible(), gone
    found = page.evaluate(LOOK)
    assert found["sideways"] == 0
    assert all(figure["width"] for figure in found["figures"])
    broken = "one => getComputedStyle(one).breakInside"
    assert page.locator("figure.chart").first.evaluate(broken) == "avoid"
    # A table of a few rows isn't torn; one of a page may be.
    assert page.locator(".output.wide").first.evaluate(broken) == "avoid"
    assert page.pdf(format="A4").startswith(b"%PDF")
    assert faults == []
