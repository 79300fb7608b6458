"""The pages, as a reader meets them: from a file, by key, on a phone, in the dark, without a network."""

import re
from html.parser import HTMLParser
from itertools import pairwise
from urllib.parse import unquote

import nbformat
import pytest

from americas.cli import main
from americas.course.lesson_head import head
from americas.course.notebooks import VEGALITE, read
from americas.course.paths import Course
from americas.course.sheets import SHEETS
from americas.data import load
from americas.publish import handouts

COURSE = Course.of_this_package()
LESSONS, SETS = COURSE.lessons(), COURSE.sets()
BESIDE = ["syllabus", "language-models", "tutor"]
TEXTS = ["index.html", "notebooks/claims.html", "notebooks/glossary.html", "data/README.html"]
TEXTS += [f"notebooks/{name}.html" for name in BESIDE]
TO_SHOW = {f"slides/{path.stem}.html" for path in LESSONS}
TO_PRINT = {f"handouts/{path.stem}.html" for path in LESSONS if path.name[:2] in SHEETS}
NAMES = [*TEXTS, *(f"{path.parent.name}/{path.stem}.html" for path in [*LESSONS, *SETS])]
# Of each kind one, looked at in every width and both colour schemes.
KINDS = {"index.html", f"notebooks/{LESSONS[0].stem}.html", f"exercises/{SETS[0].stem}.html"}
PHONE, LAPTOP = 360, 1280
LETTERS_ON_PHONE = 9


class Parts(HTMLParser):
    """What a page holds that can be tested without a browser."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.loaded, self.levels = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.ids += [found["id"]] if "id" in found else []
        self.links += [found["href"]] if tag == "a" and found.get("href") else []
        self.loaded += [found[name] for name in ("src", "srcset", "data") if found.get(name)]
        self.loaded += [found["href"]] if tag == "link" else []
        self.levels += [int(tag[1])] if re.fullmatch("h[1-6]", tag) else []


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of a site made from the course as it is."""
    out = tmp_path_factory.mktemp("site")
    assert main(["site", "--only", "pages", "--out", str(out)]) == 0
    return out


@pytest.fixture(scope="module")
def parts(site):
    """Each page's parts, by its name."""
    return {name: Parts((site / name).read_text(encoding="utf-8")) for name in NAMES}


@pytest.fixture
def small(tmp_path):
    """A small course of one lesson: `small(text)` makes its site; more texts by file name."""
    texts = {
        "README.md": "# A course\n\nIt is small.\n",
        "notebooks/glossary.md": "# Glossary\n\n- **word**\n",
        **{f"notebooks/{name}.md": f"# {name}\n" for name in BESIDE},
        "data/README.md": "\n\n## ".join(["# Data", "some-table", *load("indicators")["table"]]),
        "data/some.csv": "a\n1\n",
        "pyproject.toml": '[project]\nurls = { Repository = "https://github.com/a/b" }\n',
        "CITATION.cff": (COURSE.root / "CITATION.cff").read_text(encoding="utf-8"),
    }
    folder, out = tmp_path / "course", tmp_path / "out"

    def make(lesson="", **more):
        first = "# 00 · One\n\n| | |\n|---|---|\n| **Question** | Q? |\n| **Claim** | C1 |\n"
        first += "| **You will be able to** | test |\n| **Time** | 5 minutes |\n\n" + lesson
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(first)])
        for name, text in (texts | more).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
        nbformat.write(notebook, folder / "notebooks" / "00-one.ipynb")
        code = main(["site", "--only", "pages", "--out", str(out)], Course(folder))
        page = out / "notebooks" / "00-one.html"
        return code, page.read_text(encoding="utf-8") if code == 0 else ""

    make.out = out
    return make


# ---- what is on the pages


def test_there_is_a_page_for_each_lesson_set_and_text(site):
    made = {path.relative_to(site).as_posix() for path in site.rglob("*.html")}
    assert {*NAMES, "search.html"} <= made
    assert made - {*NAMES, *TO_SHOW, *TO_PRINT, "search.html", "genindex.html"} <= {
        name for name in made if name.startswith("_static/")
    }


def test_every_link_inside_the_site_leads_somewhere(site, parts):
    lost = []
    for page, found in parts.items():
        for link in found.links:
            if re.match(r"https?:|mailto:", link) or "/lite/" in f"/{link}":
                continue
            path, _, anchor = unquote(link).partition("#")
            target = (
                ((site / page).parent / path.partition("?")[0]).resolve() if path else site / page
            )
            name = target.relative_to(site.resolve()).as_posix() if path else page
            if not target.is_file():
                lost.append(f"{page} leads to {link}, which is no file")
            elif anchor and name in parts and anchor not in parts[name].ids:
                lost.append(f"{page} leads to {link}, which is no place")
    assert lost == []


def test_no_page_loads_anything_but_files_beside_it(site, parts):
    loaded = {address for found in parts.values() for address in found.loaded}
    assert [address for address in loaded if re.match(r"(\w+:)?//", address)] == []
    style = (site / "_static" / "site.css").read_text(encoding="utf-8")
    assert not re.search(r"url\(|@import|@font-face", style)


def test_headings_are_in_order_and_every_id_is_used_once(parts):
    for page, found in parts.items():
        # Before the page's own title stands what only paper shows: the title, and the contents.
        own = found.levels[max(at for at, level in enumerate(found.levels) if level == 1) :]
        assert found.levels.count(1) <= 2, page
        assert all(after <= before + 1 for before, after in pairwise(own)), page
        twice = {name for name in found.ids if found.ids.count(name) > 1}
        assert twice <= {"pst-secondary-sidebar"}, page


def test_the_front_page_tells_of_each_lesson_what_its_table_says_and_shows_a_chart(site):
    text = (site / "index.html").read_text(encoding="utf-8")
    entries = re.split(r'<div class="lesson">', text)[1:]
    assert len(entries) == len(LESSONS)
    for path, entry in zip(LESSONS, entries, strict=True):
        lesson = read(path)
        told = head(lesson)
        words = re.sub(r"<[^>]+>", "", entry)
        assert told.title in words and told.question.replace("'", "’") in words.replace("'", "’")
        assert f"{told.minutes} minutes" in words
        assert set(re.findall(r"\bC\d\b", words.partition(" minutes")[0])) >= set(told.claims)
        assert f'href="notebooks/{path.stem}.html"' in entry
        assert (f'href="exercises/{path.stem}.html"' in entry) == any(
            path.stem == other.stem for other in SETS
        )
        picture = re.search(r'<img src="([^"]+)" alt="([^"]+)"', entry)
        assert (site / picture[1]).read_bytes().startswith(b"\x89PNG") and len(picture[2]) > 20
    assert 'id="hero"' in text


def test_a_lesson_can_be_run_downloaded_and_left_for_its_set(site):
    for path in LESSONS:
        text = (site / "notebooks" / f"{path.stem}.html").read_text(encoding="utf-8")
        assert f"urlpath=lab/tree/notebooks/{path.name}" in text
        copy = site / "files" / "notebooks" / path.name
        assert copy.read_bytes() == path.read_bytes()
        assert f'href="../files/notebooks/{path.name}"' in text
        assert f'hidden href="../lite/lab/index.html?path=notebooks/{path.name}"' in text


def test_each_lesson_leads_to_its_slides_and_handouts_and_so_does_the_front_page(site, parts):
    for name in TO_SHOW | TO_PRINT:
        text = (site / name).read_text(encoding="utf-8")
        kind, _, page = name.partition("/")
        path = COURSE.root / "notebooks" / page.replace(".html", ".ipynb")
        assert head(read(path)).title in text
        assert text == handouts.page(read(path)) if kind == "handouts" else "Reveal" in text
        assert f"../{name}" in parts[f"notebooks/{page}"].links
    beside = re.compile(r"(?:\.\./)?((?:slides|handouts)/.+)")
    pages = [f"notebooks/{path.stem}.html" for path in LESSONS]
    assert {
        found[1] for page in pages for link in parts[page].links if (found := beside.match(link))
    } == TO_SHOW | TO_PRINT
    front = {link for link in parts["index.html"].links if beside.match(link)}
    assert front == TO_SHOW | TO_PRINT


def test_each_claim_has_evidence_for_and_against_with_its_figures(site):
    text = (site / "notebooks" / "claims.html").read_text(encoding="utf-8")
    parts = re.split(r"<h2>(?=C\d)", text)[1:]
    sections = {part[:2]: part for part in parts}
    claims = load("claims")
    assert list(sections) == claims["claim"].to_list()
    for claim in claims.itertuples():
        section = sections[claim.claim]
        for side in ("for", "against"):
            points = section.partition(f"Evidence {side} {claim.claim}")[2].partition("<h3")[0]
            found = re.search(r'<li>.*href="[^"]+\.html#figure-\d\d-\d+"', points, re.DOTALL)
            assert found, (claim.claim, side)
    for row in load("ledger").query("claim in @sections").itertuples():
        assert f"<strong>{row.verdict}</strong>, strength {row.strength}." in sections[row.claim]


def test_an_exercise_page_gives_no_answer_away(site):
    for path in SETS:
        text = (site / "exercises" / f"{path.stem}.html").read_text(encoding="utf-8")
        assert "= ..." in re.sub("<[^>]+>", "", text).replace("…", "...")
        assert "· Correct" not in text and "Not checked yet" not in text
        assert ".ipynb</a>" not in text, path.stem


# ---- what is refused, and what is kept


def test_links_that_lead_nowhere_are_all_told_and_nothing_is_made(small, capsys):
    links = [
        "07-gone.ipynb",
        "#Nowhere",
        "glossary.md#nowhere",
        "../../../etc/passwd",
        "#figure-00-3",
    ]
    code, _ = small("\n".join(f"[x]({link})" for link in links))
    told = capsys.readouterr().err
    assert code == 1 and not small.out.exists()
    for link in links:
        named = link.rpartition("#")[2]
        assert any(
            "00-one.ipynb, cell 1:" in line and named in line for line in told.splitlines()
        ), link


def test_links_lead_to_the_pages_made_from_what_they_name(small):
    code, page = small(
        "## A `place` here\n\n[a](#A-place-here) [b](../data/README.md#some-table) "
        "[c](glossary.md) [d](../data/some.csv) [e](../pyproject.toml) [f](https://example.org/x?y=1#z)"
        " [g](../README.md)"
    )
    assert code == 0
    links = re.findall(r'href="([^"]+)"[^>]*>(?:<[^>]+>)*([a-g])<', page)
    found = {text: link for link, text in links}
    assert found["a"] == "#a-place-here" and found["b"] == "../data/README.html#some-table"
    assert found["c"] == "glossary.html" and found["g"] == "../index.html"
    assert found["e"] == "https://github.com/a/b/blob/HEAD/pyproject.toml"
    assert found["f"] == "https://example.org/x?y=1#z"
    copy = small.out / "notebooks" / found["d"]
    assert copy.read_text(encoding="utf-8") == "a\n1\n"


def test_a_lesson_that_was_never_run_has_neither_slides_nor_handouts_and_leads_to_none(small):
    """Its number is one that has a handout, the cheat sheet."""
    _, page = small()
    assert "slides/" not in page and "handouts/" not in page
    assert not list(small.out.glob("slides")) and not list(small.out.glob("handouts"))


def test_a_folder_or_file_of_somebody_else_is_left_alone(small, capsys):
    small.out.mkdir(parents=True)
    (small.out / "thesis.txt").write_text("mine", encoding="utf-8")
    assert small()[0] == 1
    assert "did not make, and stays as it is" in capsys.readouterr().err
    assert [path.name for path in small.out.iterdir()] == ["thesis.txt"]
    (small.out / "thesis.txt").unlink()
    small.out.rmdir()
    small.out.write_text("mine", encoding="utf-8")
    assert small()[0] == 1
    assert "is a file. Name a folder" in capsys.readouterr().err


def test_made_again_what_is_gone_from_the_course_is_gone_and_what_is_anothers_stays(small):
    assert small("[d](../data/some.csv)")[0] == 0
    (small.out / "lite").mkdir()
    (small.out / "lite" / "index.html").write_text("the browser edition", encoding="utf-8")
    assert list(small.out.rglob("some.csv"))
    assert small()[0] == 0
    assert not list(small.out.rglob("some.csv"))
    assert (small.out / "lite" / "index.html").is_file()


# ---- in a browser

LOOK = """() => ({
  sideways: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  figures: [...document.querySelectorAll('figure.chart')].map(figure => ({
    drawn: figure.dataset.drawn,
    marks: figure.querySelectorAll('svg .role-mark:not(.mark-group) > *').length,
    label: figure.querySelector('svg.marks')?.getAttribute('aria-label'),
    rows: figure.querySelectorAll('details.data tbody tr').length,
    width: figure.querySelector('.drawing').clientWidth,
    letters: Math.min(99, ...[...figure.querySelectorAll('svg.marks text')].map(
      text => text.getBoundingClientRect().height && parseFloat(getComputedStyle(text).fontSize)
        * text.ownerSVGElement.getBoundingClientRect().width
        / text.ownerSVGElement.viewBox.baseVal.width).filter(size => size)),
    cut: figure.querySelector('.drawing').scrollWidth
      > figure.querySelector('.drawing').clientWidth + 1,
    told: figure.querySelector('.more') !== null,
  })),
})"""

# axe measures the contrast of every word of every line, which takes most of its time: of blocks
# that are made alike two will do. Of a chart it needs the picture with its name, not its marks.
ONE_OF_EACH = """() => {
  document.querySelectorAll('svg.marks').forEach(one => one.replaceChildren());
  document.querySelectorAll('details').forEach(one => { one.open = true });
  const kind = part => `${part.tagName}.${part.className}`;
  const seen = {};
  document.querySelectorAll('article :is(p, li, pre, tr, details:not(.drawing *), section section)').forEach(block => {
    if (!block.isConnected) return;
    const above = [];
    for (let part = block; part.tagName !== 'ARTICLE'; part = part.parentElement) above.push(kind(part));
    const inside = new Set([...block.querySelectorAll('*')].map(kind));
    const name = [...above, ...[...inside].sort()].join(' ');
    seen[name] = (seen[name] ?? 0) + 1;
    if (seen[name] > 2) block.remove();
  });
  const words = new Set();
  document.querySelectorAll('.highlight span').forEach(word => {
    if (words.has(word.className)) word.replaceWith(word.textContent);
    words.add(word.className);
  });
}"""


def stored_charts(name):
    folder, _, page = name.partition("/")
    if folder != "notebooks" or not page[:2].isdecimal():
        return []
    outputs = (
        o
        for cell in read(COURSE.root / folder / f"{page[:-5]}.ipynb").cells
        for o in cell.get("outputs", [])
    )
    return [
        output.data[VEGALITE]["description"]
        for output in outputs
        if VEGALITE in output.get("data", {})
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_whole_on_a_phone_and_bars_nobody(name, site, visit, barriers):
    page, faults = visit(site / name, width=PHONE)
    found = page.evaluate(LOOK)
    assert found["sideways"] == 0
    figures = [figure for figure in found["figures"] if name != "index.html"]
    assert [figure["label"] for figure in figures] == stored_charts(name)
    for figure in found["figures"]:
        assert figure["drawn"] == "yes" and figure["marks"] and figure["rows"], figure["label"]
        assert figure["told"] == figure["cut"], figure["label"]
        assert figure["letters"] >= LETTERS_ON_PHONE, figure["label"]
    # A few charts have words that would lie on each other, and scroll.
    assert sum(figure["cut"] for figure in found["figures"]) <= 3
    page.set_viewport_size({"width": LAPTOP, "height": 900})
    wide = page.evaluate(LOOK)
    assert wide["sideways"] == 0
    assert not any(figure["cut"] for figure in wide["figures"])
    page.evaluate(ONE_OF_EACH)
    # Every look on a page of each kind, and on every page one of two looks, which take turns.
    looks = [(PHONE, "light"), (LAPTOP, "dark")]
    if name in KINDS:
        looks += [(PHONE, "dark"), (LAPTOP, "light")]
    elif name not in TEXTS:
        looks = [looks[NAMES.index(name) % 2]]
    for width, theme in looks:
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        page.wait_for_timeout(
            450
        )  # what scrolls is found a moment after the page has its new width
        assert page.evaluate(LOOK)["sideways"] == 0
        assert barriers(page) == [], (width, theme)
    assert faults == []


@pytest.mark.parametrize("name", sorted(TO_PRINT))
def test_a_sheet_to_print_can_be_looked_at_on_a_phone(name, site, visit, barriers):
    page, faults = visit(site / name, width=PHONE)
    assert page.evaluate(
        "() => [document.documentElement, ...document.querySelectorAll('section')]"
        ".every(part => part.scrollWidth <= part.clientWidth)"
    )
    assert barriers(page) == [] and faults == []


STOP = """() => {
  const on = document.activeElement;
  const summary = on.tagName === 'SUMMARY' ? on.parentElement.className : '';
  return [on.tagName, summary, (on.textContent || on.id).trim().slice(0, 40)].join(' ');
}"""


def test_keys_alone_reach_search_code_data_and_the_menus_of_figures(site, visit):
    page, faults = visit(site / "notebooks" / f"{LESSONS[0].stem}.html", width=LAPTOP)
    stops = []
    while len(stops) < 400:
        page.keyboard.press("Tab")
        stops.append(page.evaluate(STOP))
        if stops[-1].startswith("BODY"):
            break
    assert "Skip to main content" in stops[0]
    for wanted in (
        "BUTTON  Search",
        "A  Open in Binder",
        "SUMMARY data",
        "SUMMARY admonition hide",
    ):
        assert any(stop.startswith(wanted) for stop in stops), (wanted, stops)
    figure = page.locator("figure.chart").first
    figure.locator("details.data > summary").press("Enter")
    assert figure.locator("details.data table").is_visible()
    figure.locator(".vega-embed summary").press("Enter")
    page.keyboard.press("Tab")
    assert "Save as SVG" in page.evaluate(STOP)
    assert faults == []


def test_search_finds_words_of_the_text_and_goes_there(site, visit):
    page, faults = visit(site / "index.html", width=LAPTOP)
    page.keyboard.press("Control+k")
    page.keyboard.type("Kaplan")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=Kaplan")
    found = page.locator("#search-results li a")
    found.first.wait_for(timeout=20_000)
    assert any("03-a-new-phase.html" in one.get_attribute("href") for one in found.all())
    found.first.click()
    page.wait_for_url(re.compile(r"/(notebooks|exercises|data)/[^/]+\.html"))
    assert faults == []


def test_tables_keep_their_heads_and_a_codebook_is_a_table(site, visit):
    page, _ = visit(site / "notebooks" / "04-plan-colombia.html", width=LAPTOP)
    heads = page.locator("table.dataframe thead")
    assert heads.count() > 5 and all(one.is_visible() for one in heads.all())
    silent = [one for one in page.locator("thead").all() if not one.text_content().strip()]
    assert silent and not any(one.is_visible() for one in silent)
    assert page.locator(".cell_output").get_by_role("columnheader", name="what it is").count()


def test_the_dark_scheme_is_followed_and_charts_keep_their_paper(site, visit):
    page, faults = visit(site / "notebooks" / f"{LESSONS[0].stem}.html", width=LAPTOP)
    page.emulate_media(color_scheme="dark")
    page.reload()
    page.wait_for_function("() => document.documentElement.dataset.figures === 'drawn'")
    ground = "part => getComputedStyle(part).backgroundColor"
    assert page.locator("html").get_attribute("data-theme") == "dark"
    dark = [int(part) for part in re.findall(r"\d+", page.locator("body").evaluate(ground))][:3]
    assert max(dark) < 60
    assert page.locator("figure.chart .drawing").first.evaluate(ground) == "rgb(255, 255, 255)"
    assert faults == []


def test_on_a_phone_what_a_mistake_is_told_in_plain_words_is_read_whole(site, visit):
    page, _ = visit(site / "notebooks" / "00-start-here.html", width=PHONE)
    told = page.locator(".cell_output p", has_text="In plain words: ")
    assert told.count() == 3
    for one in told.all():
        assert one.evaluate("box => box.scrollWidth <= box.clientWidth + 1"), one.inner_text()


def test_on_paper_there_is_the_text_with_its_figures_and_nothing_to_click(site, visit):
    # The width of a sheet of A4 within its margins.
    page, faults = visit(site / "notebooks" / f"{LESSONS[0].stem}.html", width=718)
    page.emulate_media(media="print")
    for gone in (
        ".bd-sidebar-primary",
        ".bd-header-article",
        ".ways",
        "details.data",
        "details.hide",
        ".prev-next-area",
    ):
        assert not page.locator(gone).first.is_visible(), gone
    found = page.evaluate(LOOK)
    assert found["sideways"] == 0
    assert all(figure["width"] for figure in found["figures"])
    assert (
        page.locator("figure.chart").first.evaluate("one => getComputedStyle(one).breakInside")
        == "avoid"
    )
    assert page.pdf(format="A4").startswith(b"%PDF")
    assert faults == []
