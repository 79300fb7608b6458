"""Where everything of the course stands on the site, and whether a link leads there."""

import html
import posixpath
import re
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from americas.course.paths import Course
from americas.errors import CourseError

ROOT = Course.of_this_package().root


@dataclass(frozen=True)
class Heading:
    """One heading of a page: `text` without tags, `id` to lead there."""

    level: int
    text: str
    id: str

    @property
    def fragment(self) -> str:
        """The end of an address that leads to this heading."""
        return f"#{quote(self.id)}"


@dataclass
class Page:
    """One page of the site, made from the course's file `source`; `name` is its file's name."""

    source: str
    name: str
    title: str = ""
    body: str = ""
    figures: list[str] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    # What its author wrote, then the page and the place on it where that leads.
    links: list[tuple[str, str, str]] = field(default_factory=list)

    def add_heading(self, level: int, inner: str) -> Heading:
        """Note a heading, given as HTML.

        Its id is what links written for a notebook in JupyterLab, or for a text on GitHub, expect.
        """
        text = html.unescape(re.sub(r"<[^>]+>", "", inner)).strip()
        known = re.sub(r"[^\w\- ]", "", text.lower()) if self.source.endswith(".md") else text
        wanted = known.replace(" ", "-")
        taken = {heading.id for heading in self.headings}
        ids = (wanted, *(f"{wanted}-{number}" for number in range(2, len(taken) + 3)))
        found = Heading(level, text, next(name for name in ids if name not in taken))
        self.headings.append(found)
        return found

    def ids(self) -> set[str]:
        """All places of the page that a link can lead to."""
        return {heading.id for heading in self.headings} | set(self.figures)


class Places:
    """The site's pages by the file that each is made from."""

    def __init__(self, pages: list[Page]) -> None:
        """The places on these pages; they may still be empty."""
        self.pages = pages
        self.data: set[str] = set()
        self._by_source = {page.source: page for page in pages}
        self._by_name = {page.name: page for page in pages}

    def lead(self, page: Page, address: str) -> str:
        """Where a link on `page` leads from there; raises CourseError where that is nowhere."""
        if re.match(r"[a-z][a-z0-9+.-]*:", address):
            return address
        path, _, anchor = unquote(address).partition("#")
        target = page.source
        if path:
            target = posixpath.normpath(posixpath.join(posixpath.dirname(page.source), path))
        fragment = f"#{quote(anchor)}" if anchor else ""
        if found := self._by_source.get(target):
            page.links.append((address, found.name, anchor))
            return (found.name if found is not page else "") + fragment or found.name
        if target.startswith("..") or not (ROOT / target).exists():
            raise CourseError(
                f"{page.source} has a link to {address}, but the course has no {target}. "
                "Mend the link, or put the file there."
            )
        if target.startswith("data/"):
            self.data.add(target)
            return target + fragment
        return f"{Course(ROOT).repository}/blob/HEAD/{quote(target)}{fragment}"

    def check(self) -> None:
        """Raise CourseError for the first link to a heading or figure that no page has."""
        for page in self.pages:
            for written, name, anchor in page.links:
                target = self._by_name[name]
                if not anchor or anchor in target.ids():
                    continue
                what = "heading of that name."
                if re.fullmatch(r"figure-\d+", anchor):
                    what = "such figure stored. `americas run` stores what a lesson shows."
                raise CourseError(
                    f"{page.source} has a link to {written}, but {target.source} has no {what}"
                )
