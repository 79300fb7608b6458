"""Figures by their numbers in the prose: links to the charts themselves."""

import re
from collections.abc import Set

# "Figure 4", "Figures 1, 2 and 4"; not the figure's own caption, which is bold.
_FIGURES = re.compile(r"(?<!\*\*)\bFigures? \d+(?:(?:, | and |–)\d+\b)*")
# Code and links, in which nothing is made a link.
_CLOSED = re.compile(r"(```.*?```|`[^`\n]*`|!?\[[^\]]*\]\([^)]*\))", re.DOTALL)


def figure_label(lesson: str, figure: str) -> str:
    """Return the name by which any page leads to a figure: of lesson `04`, figure `3`."""
    return f"figure-{lesson}-{figure}"


def with_figures(text: str, lesson: str, known: Set[str] | None) -> str:
    """Return Markdown with each "Figure 4" made a link to that figure of a lesson.

    known: the numbers of the figures that the lesson has; None for all.
    """

    def link(found: re.Match[str]) -> str:
        def one(number: re.Match[str]) -> str:
            if known is not None and number[2] not in known:
                return number[0]
            return f"[{number[0]}](#{figure_label(lesson, number[2])})"

        return re.sub(r"(Figures? )?(\d+)", one, found[0])

    # Every second part is closed.
    parts = _CLOSED.split(text)
    return "".join(part if i % 2 else _FIGURES.sub(link, part) for i, part in enumerate(parts))
