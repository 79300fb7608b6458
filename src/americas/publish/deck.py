"""A deck: sections with their minutes, and slides with their notes."""

import re
from dataclasses import dataclass, field

from nbformat import NotebookNode

from americas.errors import CourseError
from americas.publish.sentences import first

VERDICT = "Evidence"


@dataclass
class Slide:
    """One slide: parts are (kind, markdown), of kind text, prompt, quote, list, code or output."""

    kind: str
    title: str
    parts: list[tuple[str, str]] = field(default_factory=list)
    figure: NotebookNode | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def answers(self) -> bool:
        """Whether a prediction before it can be held against it."""
        outputs = any(kind == "output" for kind, _ in self.parts)
        return self.kind in ("answer", "figure") or (self.kind == "code" and outputs)


@dataclass
class Section:
    """Slides that share a heading, with the minutes that the lesson's head gives them."""

    title: str
    name: str = ""
    minutes: int = 0
    slides: list[Slide] = field(default_factory=list)


def tell_answers(slides: list[Slide]) -> None:
    """A prediction's notes hold its answer, which stands on one of the next slides."""
    for number, slide in enumerate(slides):
        if slide.kind == "predict":
            answers = (later for later in slides[number + 1 :] if later.answers and later.notes)
            if found := next(answers, None):
                slide.notes.append(f"**The answer**, soon to come: {first(found.notes[0], 2)}")


def give_minutes(parts: list[Section], rows: dict[str, str]) -> None:
    """Minutes go to the numbered sections in order, the last to the verdict."""
    named = re.findall(r"(?:^|[:·])\s*([^:·]+?) (\d+)(?= ·|$)", rows.get("Time", ""))
    verdict = next((part for part in parts if part.title == VERDICT), parts[-1])
    numbered = [part for part in parts[1:] if re.match(r"\d+ · ", part.title)]
    if not named or len(named) - 1 > len(numbered):
        raise CourseError(
            f"The row Time gives minutes to {len(named)} parts, but the lesson has "
            f"{len(numbered)} numbered sections and a verdict: {rows.get('Time', 'no such row')}"
        )
    # A section without a part of its own, always one of the last, is there if time allows.
    timed = [*zip(numbered, named[:-1], strict=False), (verdict, named[-1])]
    for part, (name, minutes) in timed:
        part.name, part.minutes = name, int(minutes)
