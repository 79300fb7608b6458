"""Pages of HTML by Jinja templates; what students wrote is escaped in all of them."""

from functools import cache
from typing import Any

import mistune
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from americas.grade.csv_files import tidy
from americas.grade.results import told

# A sign as well as a colour and a word, so that none of the three has to be seen.
SIGNS = {
    "correct": ("✓", "#007F5F"),
    "not yet": ("→", "#B85400"),
    "not attempted": ("○", "#5C5C66"),
    "not reached": ("⊘", "#806300"),
    "not graded": ("!", "#B00020"),
    "to be marked": ("✎", "#0072B2"),
    "look again": ("✎", "#0072B2"),
    "marked": ("✎", "#0072B2"),
}


class _Plain(mistune.HTMLRenderer):
    """Markdown as a page that asks nobody for anything: pictures by their words, links as text."""

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """Return the picture's words."""
        return f"[{mistune.escape(text)}]"

    def link(self, text: str, url: str, title: str | None = None) -> str:
        """Return the link's words, and where it leads."""
        return f"{text} ({mistune.escape(url)})"


@cache
def _markdown() -> mistune.Markdown:
    return mistune.create_markdown(renderer=_Plain(escape=True), plugins=["table"])


def drawn(text: str) -> Markup:
    """Return a student's Markdown as HTML; what is HTML in it already is shown as it was typed."""
    return Markup(_markdown()(text))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("americas.grade"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"tidy": tidy, "told": told, "drawn": drawn}
    environment.globals["signs"] = SIGNS
    return environment


def render(template: str, **values: Any) -> str:
    """Return a page; it needs nothing from anywhere."""
    return _environment().get_template(f"{template}.html.j2").render(**values)
