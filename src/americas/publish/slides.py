"""The verb `slides`: one HTML file a lesson, for a projector, that needs no network.

What of a lesson goes on its slides, and how to change that, is told in `rule.py`.
"""

import html
import re
import time
from collections.abc import Iterator
from pathlib import Path
from string import Template

import mistune

from americas.course.notebooks import outputs, read
from americas.course.paths import Course
from americas.errors import CourseError
from americas.publish import figures
from americas.publish.deck import Section, Slide
from americas.publish.enlarging import enlarged
from americas.publish.places import ROOT
from americas.publish.rule import sections
from americas.publish.sentences import plain
from americas.publish.shown import MOST_LETTERS

_HERE = Path(__file__).parent
_MARK = "made-by-americas-slides.txt"
_LINK = re.compile(r"\[([^\]]+)\]\((?!https?:)[^)\s]+\)")
_CITED = re.compile(r" (\(<a [^>]*>[^<]*</a>(?:[;,] (?:<a [^>]*>)?[^<()]*(?:</a>)?)*\))")

_markdown = mistune.create_markdown(escape=True, plugins=["table"])


def make(names: list[str], out: Path) -> int:
    """Make the decks of the lessons named, else of all, in the folder `out`; return 0."""
    known = {path.stem: path for path in Course(ROOT).lessons()}
    for name in names:
        if name not in known:
            raise CourseError(
                f"There is no lesson {name}. The lessons are: {', '.join(known) or 'none yet'}."
            )
    if out.exists() and not (out / _MARK).is_file() and not _is_empty_folder(out):
        raise CourseError(
            f"{out} is there already and was not made by this command, so it is left alone. "
            "Name another folder with --out."
        )
    out.mkdir(parents=True, exist_ok=True)
    (out / _MARK).write_text("The decks here are made: change the lessons.\n", encoding="utf-8")
    for name in names or known:
        start = time.perf_counter()
        notebook = read(known[name])
        if not outputs(notebook):
            raise CourseError(
                f"{name} is stored without its outputs, so its deck would have no figures. "
                f"Run `americas run notebooks/{name}.ipynb` first."
            )
        parts = sections(notebook)
        path = out / f"{name}.html"
        path.write_text(page(parts), encoding="utf-8", newline="\n")
        count, size = sum(len(part.slides) for part in parts), path.stat().st_size / 1e6
        seconds = time.perf_counter() - start
        print(f"{path}: {count} slides, {size:.2f} MB, {seconds:.1f} s")
    return 0


def _is_empty_folder(path: Path) -> bool:
    return path.is_dir() and not any(path.iterdir())


def page(parts: list[Section]) -> str:
    """The deck as one HTML file."""
    read_here = {
        name: (_HERE / f"slides.{name}").read_text(encoding="utf-8")
        for name in ("html", "css", "js")
    }
    return Template(read_here["html"]).substitute(
        title=html.escape(parts[0].title),
        style=figures.style() + read_here["css"],
        slides="\n".join(_slides(parts)),
        script=read_here["js"],
        figures=figures.script(),
    )


def _slides(parts: list[Section]) -> Iterator[str]:
    count = sum(len(part.slides) for part in parts)
    number = past = 0
    for part in parts:
        for slide in part.slides:
            number += 1
            yield _slide(slide, part, number, count, past)
        past += part.minutes


def _slide(slide: Slide, part: Section, number: int, count: int, past: int) -> str:
    title, body, kind = slide.title, "\n".join(_parts(slide)), slide.kind
    if slide.figure is not None:
        layout, title, body = _figure(slide, number, body)
        kind += f" {layout}"
    course = '<p class="course">Crime and Cooperation</p>\n' if number == 1 else ""
    level = "h1" if number == 1 else "h2"
    time = f"minute {past} to {past + part.minutes}" if part.minutes else "no time of its own"
    notes = _text("\n\n".join(slide.notes)) or "<p>All of it stands on the slide.</p>"
    return f"""<section class="slide {kind}" id="s{number}" aria-labelledby="t{number}"
 data-minutes="{part.minutes if slide is part.slides[0] else 0}" data-until="{past + part.minutes}">
{course}<{level} id="t{number}" tabindex="-1">{_inline(title)}</{level}>
<div class="body">
{body}
</div>
<p class="where"><span>{_inline(part.title)}</span> <b>{number} / {count}</b></p>
<div class="notes" role="region" aria-label="Notes" tabindex="0">
<p class="planned">{_inline(part.name.capitalize() or part.title)}: {time}</p>
{notes}
</div>
</section>"""


def _parts(slide: Slide) -> Iterator[str]:
    read = [text for kind, text in slide.parts if kind in ("text", "prompt", "list")]
    letters = len(plain(" ".join(read)))
    size = "large" if letters < 170 else "middle" if letters < 330 else "small"
    if any(kind in ("code", "output") for kind, _ in slide.parts):
        size = "small"
    for kind, text in slide.parts:
        if kind == "output":
            yield f'<div class="output">{text}</div>'
        elif kind == "code":
            wide = " wide-code" if max(map(len, text.split("\n"))) > MOST_LETTERS else ""
            code = html.escape(text, quote=False)
            yield f'<pre class="source-code{wide}"><code>{code}</code></pre>'
        else:
            yield f'<div class="{kind} {size}">{_text(text)}</div>'


def _text(source: str) -> str:
    """Markdown as HTML; a deck stands alone, so links to other files of the course are words."""
    return _CITED.sub(r' <span class="cited">\1</span>', str(_markdown(_LINK.sub(r"\1", source))))


def _inline(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))


def _figure(slide: Slide, number: int, prompts: str) -> tuple[str, str, str]:
    """The layout of a chart's slide, its title and the HTML below that."""
    chart = enlarged(slide.figure, [text for _, text in slide.parts])
    source = "".join(f"<span>{html.escape(line)}</span>" for line in chart.source)
    drawn = figures.figure(chart.output, f"figure-{number}")
    body = f'<p class="source">{source}</p>\n{drawn}'
    if prompts:
        body += f'\n<div class="prompts">{prompts}</div>'
    return chart.layout, chart.title, body
