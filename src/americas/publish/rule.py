"""What of a lesson goes on its slides: the rule, for a teacher who wants another deck.

- A heading `##` begins a section; its slide shows two sentences. The rest of the prose is notes.
- **Predict.**, **Wrong turn: …** and other paragraphs that begin in bold get a slide; the output
  that answers a prediction gets the next one. A chart gets a slide with the prompts below it
  (**Question.**, **How could this chart mislead?**). Of a point in a list, its first sentence.
- Code is shown where the text before it explains a verb in it, and it is short enough to be large.
- Parts **At home**, sources and cheat sheets are left out, but for their charts.
- A cell's slide type (in JupyterLab: property inspector, Slide Type) overrules this. Slide: the
  whole cell on a slide of its own. Fragment: the whole cell on the slide before. Notes: not shown,
  but in the notes. Skip: neither.
"""

import re
from collections.abc import Iterator

from nbformat import NotebookNode

from americas.course.lesson_head import head_table
from americas.errors import CourseError
from americas.publish.deck import VERDICT, Section, Slide, give_minutes, tell_answers
from americas.publish.figures import is_chart
from americas.publish.sentences import blocks, first, items, opening, pages, plain, sentences
from americas.publish.shown import MOST_LINES, code_fits, shown

_BOLD = re.compile(r"\*\*(?P<lead>[^*]+?)\*\*\s*(?P<rest>.*)", re.DOTALL)
_VERB = re.compile(r"`((?:\.|pd\.|alt\.|np\.|mark_|transform_)?[A-Za-z_]+\(|\.[a-z_]+|[=!~*|&+]+)")
# What leads on to the next step is no part of an answer.
_ONWARD = re.compile(r":$|^\(?`|^(Now|Next|To|Before|Then|Look|Let) ")
_LEFT_OUT = ("Sources and readings", "Cheat sheet")
_SAID_IN_FULL = ("Key points", "Discuss")
_LONGEST_QUOTE, _LONGEST_TITLE = 300, 70
MISLEAD = "How could this chart mislead?"


def sections(notebook: NotebookNode) -> list[Section]:
    """The deck of a lesson; raises CourseError where the lesson lacks its head."""
    cells = [cell for cell in notebook.cells if _type(cell) != "skip"]
    if not cells or not cells[0].source.startswith("# "):
        raise CourseError(
            "A lesson begins with a cell of its title and its table. This one does not."
        )
    writer = _Writer(cells[0].source)
    for text, codes in _steps(cells[1:]):
        writer.step(text, codes)
    parts = [part for part in writer.sections if part.slides]
    give_minutes(parts, writer.head)
    for part in parts:
        tell_answers(part.slides)
    return parts


def _type(cell: NotebookNode) -> str:
    return cell.metadata.get("slideshow", {}).get("slide_type", "") or ""


def _steps(cells: list[NotebookNode]) -> Iterator[tuple[NotebookNode | None, list[NotebookNode]]]:
    """Each text with the run of code cells that follows it."""
    text: NotebookNode | None = None
    codes: list[NotebookNode] = []
    for cell in cells:
        if cell.cell_type == "code":
            codes.append(cell)
        elif cell.cell_type == "markdown":
            if text is not None or codes:
                yield text, codes
            text, codes = cell, []
    yield text, codes


class _Writer:
    """Writes slides from a lesson, read from top to bottom."""

    def __init__(self, source: str) -> None:
        self.head = head_table(source)
        title = source.split("\n")[0].removeprefix("# ")
        opening = Slide("opening", title, [("text", self.head["Question"])])
        claim = self.head["Claim"]
        opening.parts.append(("small", claim[0].upper() + claim[1:]))
        opening.notes += [f"**{key}**: {self.head[key]}" for key in ("You will be able to", "Time")]
        self.sections = [Section(title, slides=[opening])]
        self.left_out = self.at_home = self.asked = False
        self.answer: Slide | None = None  # the slide that waits for the sentence after an output
        self.figure: Slide | None = None  # the one that the text after a chart speaks of

    @property
    def slide(self) -> Slide:
        return next(part.slides[-1] for part in reversed(self.sections) if part.slides)

    def add(self, slide: Slide) -> Slide:
        self.sections[-1].slides.append(slide)
        self.answer = None
        return slide

    def step(self, text: NotebookNode | None, codes: list[NotebookNode]) -> None:
        if text is not None:
            self.text(text)
        by_rule = []
        for cell in codes:
            if _type(cell) in ("slide", "subslide", "fragment"):
                self.whole(cell)
            elif _type(cell) != "notes":
                by_rule.append(cell)
        if not self.left_out:
            self.shows_next(codes)
            self.code(by_rule, text.source if text is not None else "")

    def whole(self, cell: NotebookNode) -> None:
        """A cell that its metadata puts on a slide as it is."""
        parts, figure, title = [], None, ""
        if cell.cell_type == "code":
            figure = next((output for output in cell.outputs if is_chart(output)), None)
            title = "Figure" if figure is not None else "In code"
            if figure is None:
                parts = [("code", cell.source), *(("output", text) for text in shown(cell, 99))]
        else:
            title, _, rest = cell.source.lstrip("# ").partition("\n")
            if cell.source.startswith("## "):
                self.sections.append(Section(title))
            parts = [("text", rest or title)]
            title = title if rest else ""
        if _type(cell) == "fragment" and figure is None:
            self.slide.parts += parts
        else:
            self.add(Slide("whole", plain(title), parts, figure))

    def text(self, cell: NotebookNode) -> None:
        kind = _type(cell)
        if kind == "notes":
            self.slide.notes.append(cell.source)
        elif kind:
            self.whole(cell)
        else:
            for block in blocks(cell.source):
                self.block(block)
            self.answer = self.figure = None

    def block(self, block: str) -> None:
        if block.startswith("## "):
            self.heading(block.removeprefix("## "))
            return
        if self.left_out:
            return
        if "**Predict" in block[1:] and len(self.sections) > 1:
            before, _, after = block.partition("**Predict")
            self.block(before.strip())
            self.block("**Predict" + after)
            return
        bold = _BOLD.match(block)
        if bold and not (bold["lead"].endswith((".", "?", "!")) or bold["lead"] == "Predict"):
            bold = None
        if len(self.sections) == 1:
            self.slide.notes.append(block)
        elif block.startswith("### "):
            self.subheading(block.removeprefix("### "))
        elif bold and re.match(r"Figure \d", bold["lead"]):
            self.slide.notes.append(block)
        elif bold and bold["lead"].startswith("At home"):
            self.at_home = True
            self.slide.notes.append(block)
        elif self.at_home and not (bold and self.figure is not None):
            self.slide.notes.append(block)
        elif bold:
            self.prompt(bold["lead"], bold["rest"], block)
        elif re.match(r"- |\d+\. ", block):
            self.points(block)
        else:
            self.prose(block)

    def heading(self, title: str) -> None:
        self.left_out = title in _LEFT_OUT
        self.at_home = self.asked = False
        if not self.left_out:
            self.sections.append(Section(title))
            self.add(Slide("section", title))

    def subheading(self, title: str) -> None:
        title = f"{VERDICT} {title.lower()}" if title in ("For", "Against") else title
        slide = self.slide
        if slide.kind == "section" and not slide.parts:
            self.sections[-1].slides.pop()
        self.add(Slide("section", title))

    def prompt(self, lead: str, rest: str, block: str) -> None:
        slide = self.slide
        if self.figure is not None and lead == MISLEAD:
            self.figure.parts.append(("prompt", f"**{MISLEAD}**"))
            self.figure.notes.append(block)
        elif self.figure is not None and lead == "Question.":
            self.figure.parts.append(("prompt", block))
        elif lead.startswith("Predict"):
            rest = rest if lead == "Predict." else block.replace("**", "", 2)
            if slide.kind == "section" and not slide.parts:
                slide.parts.append(("prompt", block))
                slide.kind = "predict"
            else:
                self.add(Slide("predict", "Predict", [("text", rest)]))
            self.asked = True
        elif lead == "Question.":
            self.add(Slide("question", "Question", [("text", rest)]))
        else:
            kind = "wrong" if lead.startswith("Wrong turn") else "text"
            said = " ".join(s for s in sentences(rest) if not _VERB.search(s)) or rest
            self.add(Slide(kind, lead.rstrip("."), [("text", first(said, 2))], notes=[block]))
            self.asked = lead.endswith("?")

    def prose(self, block: str) -> None:
        answer, slide = self.answer, self.slide
        if answer is not None:
            said = [s for s in sentences(block)[:3] if not (_VERB.search(s) or _ONWARD.search(s))]
            if said:
                answer.parts.insert(0, ("text", first(" ".join(said), 2, 150)))
            if answer is not slide and said:
                slide = self.add(answer)
            self.answer = None
        elif block.startswith(">") and len(block) < _LONGEST_QUOTE:
            slide.parts.append(("quote", block))
        elif block.startswith((">", "|", "```")):
            pass
        elif slide.kind == "section" and not slide.parts:
            told = [s for s in sentences(block) if not _VERB.search(s)]
            slide.parts.append(("text", opening(" ".join(told) or block)))
        slide.notes.append(block)

    def points(self, block: str) -> None:
        slide = self.slide
        if slide.kind != "section" or slide.parts:
            title = sentences(slide.notes[-1])[-1] if slide.notes else slide.title
            long = len(plain(title)) > _LONGEST_TITLE
            slide = self.add(Slide("section", self.sections[-1].title if long else plain(title)))
            slide.title = slide.title.rstrip(":")
        slide.kind = "list"
        slide.notes.append(block)
        whole = self.sections[-1].title in _SAID_IN_FULL
        first_part, *more = pages(items(block, whole=whole))
        slide.parts = [("list", first_part)]
        for part in more:
            self.add(Slide("list", f"{slide.title}, continued", [("list", part)]))

    def code(self, cells: list[NotebookNode], text: str) -> None:
        charts = [output for cell in cells for output in cell.outputs if is_chart(output)]
        for output in charts:
            self.figure = self.add(Slide("figure", "", figure=output))
        if charts or self.at_home:
            self.asked = False
            return
        for cell in cells:
            if cell.source.startswith("ledger = "):
                outputs = [("output", table) for table in shown(cell, wrap=True)]
                self.add(Slide("ledger", "Our example", outputs))
                continue
            answered = self.verb(cell, text) and bool(cell.outputs)
            if self.asked and not answered and cell.outputs:
                self.answer = Slide("answer", "Answer", [("output", o) for o in shown(cell)[:1]])
                if self.answer.parts:
                    self.sections[-1].slides.append(self.answer)
                    answered = True
            self.asked &= not answered
        self.asked = False

    def shows_next(self, cells: list[NotebookNode]) -> None:
        """A prediction about the next cell can only be made by who sees it."""
        said = " ".join(text for _, text in self.slide.parts)
        if self.asked and cells and "next cell" in said and code_fits(cells[0].source):
            self.slide.parts.append(("code", cells[0].source))

    def verb(self, cell: NotebookNode, text: str) -> bool:
        """Show a cell whose verbs the text before explains; whether its output is shown, too."""
        verbs = [verb for verb in dict.fromkeys(_VERB.findall(text)) if verb in cell.source]
        if not verbs or not code_fits(cell.source):
            return False
        names = " · ".join(f"`{verb.rstrip('(')}`" for verb in verbs[:4])
        said = [s for s in sentences(text) if any(f"`{verb}" in s for verb in verbs)]
        room = MOST_LINES - cell.source.count("\n")
        outputs = [("output", output) for output in shown(cell, room)[:1]]
        parts = [("text", first(" ".join(said), 2)), ("code", cell.source), *outputs]
        self.add(Slide("code", names, parts))
        return bool(outputs)
