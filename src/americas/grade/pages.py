"""Pages of HTML by Jinja templates; what students wrote is escaped in all of them."""

from functools import cache
from typing import TYPE_CHECKING, Any

from americas.grade.csv_files import tidy
from americas.grade.results import told

# Jinja and mistune are imported where they are used: the sandbox starts before they are needed.
if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup
    from mistune import Markdown

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


@cache
def _markdown() -> "Markdown":
    """Return a reader of Markdown whose pages ask nobody for anything: pictures and links as text."""
    import mistune

    class Plain(mistune.HTMLRenderer):
        def image(self, text: str, url: str, title: str | None = None) -> str:
            return f"[{mistune.escape(text)}]"

        def link(self, text: str, url: str, title: str | None = None) -> str:
            return f"{text} ({mistune.escape(url)})"

    return mistune.create_markdown(renderer=Plain(escape=True), plugins=["table"])


def drawn(text: str) -> "Markup":
    """Return a student's Markdown as HTML; what is HTML in it already is shown as it was typed."""
    from markupsafe import Markup

    return Markup(_markdown()(text))


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

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
