"""The marking page in a real browser: what a teacher does in an evening with it."""

import contextlib
import csv
import json
import re
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

from americas.cli import main
from americas.course.paths import Course

ROOT = Course.of_this_package().root
NAME = "04-plan-colombia"
CHART = {
    "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
    "description": "Bars of what was paid.",
    "data": {"values": [{"x": "a", "y": 3}, {"x": "b", "y": 5}]},
    "mark": "bar",
    "encoding": {"x": {"field": "x"}, "y": {"field": "y", "type": "quantitative"}},
}
SPY = CHART | {"description": "A spy.", "data": {"url": "https://example.org/spy.csv"}}


def essay(words, charts=()):
    book = json.loads((ROOT / "exercises" / f"{NAME}.ipynb").read_text(encoding="utf-8"))
    book["cells"][-1]["source"] = words
    for chart in charts:
        output = {"output_type": "display_data", "metadata": {}, "data": {
            "application/vnd.vegalite.v5+json": chart}}  # fmt: skip
        book["cells"].append({
            "cell_type": "code", "metadata": {}, "source": "alt.Chart(mine)", "outputs": [output],
            "execution_count": 1, "id": f"mine{len(book['cells'])}",
        })  # fmt: skip
    return json.dumps(book)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A marks folder with three texts of one question, one of them with charts."""
    place = tmp_path_factory.mktemp("class")
    texts = {
        "ana_1": essay("Ana says <b>no</b>.", [CHART, SPY]),
        "ben_2": essay("Ben says yes."),
        "eva_3": essay(
            "Eva says **perhaps**.\n\n![spy](https://example.org/spy.png)\n\n- one\n- two"
        ),
    }
    for name, text in texts.items():
        (place / f"{name}_90{name[-1]}_{NAME}.ipynb").write_text(text, encoding="utf-8")
    out = place.with_name("marks")
    assert main(["grade", str(place), "--out", str(out), "--unsafe", "--workers", "1"]) == 0
    return place, out


@contextlib.contextmanager
def serving(out, *more):
    code = "import sys; from americas.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", code, "mark", str(out), "--no-browser", *more]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield run.stdout.readline().split()[-1]
    finally:
        run.terminate()
        run.wait()


@contextlib.contextmanager
def opened(browser, address, width=1280):
    """A page, and the faults it has: requests to elsewhere, complaints of its console."""
    context = browser.new_context(viewport={"width": width, "height": 900}, reduced_motion="reduce")
    page, faults = context.new_page(), []

    def gate(route):
        if route.request.url.startswith(("http://127.0.0.1:", "data:")):
            route.continue_()
        else:
            faults.append(route.request.url)
            route.abort()

    context.route("**/*", gate)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(address)
    yield page, faults
    context.close()


def marks(out):
    with contextlib.closing(sqlite3.connect(out / "marks.sqlite")) as database:
        return database.execute(
            "SELECT who, marker, points, comment FROM mark WHERE exercise = '4.9' ORDER BY number"
        ).fetchall()


def pick(page, *points):
    """Choose a button in each row of the rubric."""
    rows = page.locator("fieldset.row")
    assert rows.count() == len(points)
    for place, value in enumerate(points):
        rows.nth(place).locator(f"input[value='{value}']").check()
    page.get_by_text("Saved at").wait_for()


def test_an_evening_of_marking(browser, folder, barriers):
    place, out = folder
    with serving(out) as address, opened(browser, address) as (page, faults):
        assert barriers(page) == []
        page.get_by_role("link", name=re.compile("4.9 ·")).first.click()
        seen = []
        for turn in range(3):
            text = page.locator("#answer").inner_text()
            seen.append(text)
            assert not re.search(r"\b(ana|ben|eva)\b \(|ana_1|_90", page.content())
            assert f"{turn} of 3 marked" in page.locator("nav").inner_text()
            if "Eva" in text:
                assert page.locator("#answer strong").inner_text() == "perhaps"
                assert page.locator("#answer li").count() == 2
                assert page.locator("#answer img").count() == 0
            if "Ana" in text:
                assert text == "Ana says <b>no</b>."
                page.wait_for_selector("figure.chart[data-drawn]")
                page.wait_for_selector("figure.chart svg.marks path")
                assert page.locator("details.code pre").count() >= 1
            assert barriers(page) == []
            pick(page, 2, 3, 1, 2, 1)
            assert page.locator("[name=points]").input_value() == "9"
            if turn == 0:
                page.locator("textarea").fill("Who agreed, and who could?")
                page.get_by_role("button", name="Keep this comment").click()
                page.wait_for_selector("ul.remarks button.use")
                assert barriers(page) == []
            elif turn == 1:
                page.get_by_role("button", name="Who agreed, and who could?", exact=True).click()
            page.locator("[name=points]").focus()
            address_now = page.url
            page.keyboard.press("Meta+Enter" if turn == 2 else "Control+Enter")
            page.wait_for_url(lambda url, before=address_now: url != before)
        assert sorted(seen) == [
            "Ana says <b>no</b>.",
            "Ben says yes.",
            "Eva says perhaps.\n\n[spy]\n\none\ntwo",
        ]
        assert page.get_by_role("heading", level=1).inner_text() == "Mark written answers"
        page.get_by_role("link", name="Names and marks").click()
        assert "ana (1)" in page.content()
        assert barriers(page) == []
        assert faults == []
    found = {who: points for who, _, points, _ in marks(out)}
    assert found == {"canvas:1": 9, "canvas:2": 9, "canvas:3": 9}
    assert sum(comment == "Who agreed, and who could?" for *_, comment in marks(out)) >= 2
    # The gradebook has them, and a text that is changed later is to be looked at again.
    (place / f"ben_2_902_{NAME}.ipynb").write_text(essay("Ben says no."), encoding="utf-8")
    assert main(["grade", str(place), "--out", str(out), "--unsafe", "--workers", "1"]) == 3
    assert ",9" in (out / "totals.csv").read_text("utf-8-sig")
    with serving(out) as address, opened(browser, address) as (page, faults):
        assert "1 changed since the mark" in page.content()
        page.get_by_role("link", name=re.compile("4.9 ·")).first.click()
        assert page.locator("#answer").inner_text() == "Ben says no."
        page.get_by_text("What was changed").click()
        assert page.locator("del").inner_text().strip() == "yes."
        assert barriers(page) == []
        pick(page, 2, 3, 2, 2, 1)
        assert faults == []
    assert marks(out)[-1][:3] == ("canvas:2", "first marker", 10)


def test_a_second_marker_is_blind_and_then_agrees(browser, folder, barriers):
    _, out = folder
    with serving(out, "--marker", "Bea") as address, opened(browser, address, 390) as (page, _):
        page.get_by_role("link", name=re.compile("4.9 ·")).first.click()
        assert "Another marker has marked this answer" in page.content()
        assert page.locator(".other").count() == 0
        pick(page, 1, 1, 1, 1, 0)
        page.reload()
        assert "first marker" in page.locator(".other").inner_text()
        flag = page.locator("p.flag").inner_text()
        assert "The markers differ by" in flag
        assert barriers(page) == []
        button = page.locator("button[data-agree]").nth(1)
        middle = float(button.inner_text())
        with page.expect_navigation():
            button.click()
        assert "Agreed:" in page.locator("p.flag").inner_text()
    assert marks(out)[-1][1:3] == ("agreed", middle)


def test_a_program_that_has_ended_is_told_in_every_browser_alike(browser, folder):
    _, out = folder
    with contextlib.ExitStack() as last:
        with serving(out, "--marker", "Dan") as address:
            page, _ = last.enter_context(opened(browser, address))
            page.get_by_role("link", name=re.compile("4.9 ·")).first.click()
            page.locator("[name=points]").wait_for()
        page.locator("[name=points]").fill("7")
        page.locator("[name=points]").press("Tab")
        page.get_by_text("Not saved. The program that keeps the marks does not answer.").wait_for()
        assert page.locator("[name=points]").input_value() == "7"


def test_what_was_typed_last_is_kept_where_an_answer_is_left_while_it_is_saved(browser, folder):
    _, out = folder
    with serving(out, "--marker", "Eve") as address, opened(browser, address) as (page, faults):
        page.get_by_role("link", name=re.compile("4.9 ·")).first.click()
        # The answer to what was sent first comes late; what is typed meanwhile can't wait for it.
        page.evaluate("""() => {
            const real = window.fetch;
            let first = true;
            window.fetch = (...asked) => {
                const answer = real(...asked);
                if (!first) return answer;
                first = false;
                return new Promise(done => setTimeout(() => done(answer), 60000));
            };
        }""")
        page.locator("[name=points]").fill("4")
        page.locator("textarea").fill("typed at the last moment")
        page.get_by_text("Saving").wait_for()
        page.get_by_role("link", name="All questions").click()
        page.get_by_role("heading", name="Mark written answers").wait_for()
        page.wait_for_timeout(500)
        assert marks(out)[-1][1:] == ("Eve", 4, "typed at the last moment")
        # A page from the browser's memory, with fields emptied, is asked for again.
        page.get_by_role("link", name=re.compile("4.9 ·")).first.click()
        page.wait_for_url("**/answer/**")
        with page.expect_navigation():
            page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
        # What is no number takes no mark back.
        page.locator("[name=points]").fill("7 points")
        page.locator("[name=points]").press("Tab")
        page.get_by_text("Not saved yet: the points are not a number.").wait_for()
        # And a comment without points isn't lost without a question.
        asked = []
        page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
        page.locator("textarea").fill("no points yet")
        page.get_by_role("link", name="All questions").click(no_wait_after=True)
        page.wait_for_timeout(500)
        assert asked == ["beforeunload"]
        assert page.locator("textarea").input_value() == "no points yet"
        assert faults == []


def test_an_oral_check_is_kept_and_counts(browser, folder, barriers):
    place, out = folder
    with serving(out) as address, opened(browser, address) as (page, faults):
        page.get_by_role("link", name="set 04").click()
        assert page.get_by_role("heading", level=1).inner_text() == "Oral check of set 04"
        assert barriers(page) == []
        card = page.locator("form.card").first
        who = card.get_attribute("data-who")
        rows = card.locator("fieldset")
        # Only one exercise was answered, and two questions ask about it: three of four points.
        assert rows.count() == 2
        rows.nth(0).locator("input[value='2']").check()
        card.get_by_text("Not saved yet: 1 question is still open.").wait_for()
        rows.nth(1).locator("input[value='1']").check()
        card.get_by_text("Saved: 4.5 of 6 points.").wait_for()
        # Whoever was asked stands below the others, to be corrected.
        page.reload()
        again = page.locator(f"form.card[data-who='{who}']")
        assert "4.5 of 6" in again.get_by_role("heading").inner_text()
        assert again.locator("input:checked").count() == 2
        assert page.locator("form.card").last.get_attribute("data-who") == who
        again.locator("fieldset").nth(1).locator("input[value='2']").check()
        again.get_by_text("Saved: 6 of 6 points.").wait_for()
        assert barriers(page) == []
        assert faults == []
    with contextlib.closing(sqlite3.connect(out / "marks.sqlite")) as database:
        kept = database.execute("SELECT who, points FROM mark WHERE exercise = 'oral'").fetchall()
    assert kept == [(who, 4.5), (who, 6)]
    main(["grade", str(place), "--out", str(out), "--unsafe", "--workers", "1"])
    for name in ("totals.csv", "canvas.csv"):
        with (out / name).open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        (title,) = (name for name in rows[0] if name.startswith(f"{NAME} oral"))
        ids = [row for row in rows if row.get("id", row.get("ID"))]
        assert {f"canvas:{row.get('id', row.get('ID'))}": row[title] for row in ids} == (
            {f"canvas:{n}": "" for n in (1, 2, 3)} | {who: "6"}
        )
    page_of = next((out / "students").glob(f"*-{who[-1]}-*.html"))
    assert "Oral check: <strong>6 of 6</strong> points." in page_of.read_text("utf-8")


def asked(address, **headers):
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers)) as reply:
            return reply.status
    except urllib.error.HTTPError as error:
        return error.code


def test_nobody_else_gets_in(folder):
    _, out = folder
    with serving(out) as address:
        bare = address.split("?")[0]
        token = address.split("=")[1]
        assert asked(bare) == 403
        assert asked(f"{bare}?token=wrong") == 403
        assert asked(bare, Cookie=f"americas-mark={token}") == 200
        assert asked(bare, Cookie=f"americas-mark={token}", Host="evil.example") == 403
        for more in ({}, {"X-Americas": "mark"}):
            request = urllib.request.Request(
                f"{bare}save", b"{}", {"Cookie": f"americas-mark={token}"} | more
            )
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(request)
            assert refused.value.code == (404 if more else 403)


def test_a_folder_without_marks_is_said(tmp_path, capsys):
    assert main(["mark", str(tmp_path)]) == 1
    assert "Run `americas grade` first" in capsys.readouterr().err
