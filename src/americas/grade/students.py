"""Students: who handed in, and how their names are shown and compared."""

import re
import unicodedata
from dataclasses import dataclass

# Control signs, and those that turn the direction of writing: in a terminal they give orders, on
# a page they make one name look like another.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_MOST_LETTERS = 120


@dataclass(frozen=True)
class Student:
    """Who handed in: `id` is the platform's number where its export names one, else ""."""

    name: str
    id: str = ""
    platform: str = ""

    @property
    def label(self) -> str:
        """Return how the student is called in lists, files and pages."""
        return f"{self.name} ({self.id})" if self.id else self.name

    @property
    def key(self) -> str:
        """Return what is the student's own through all runs, also when the name is changed."""
        if self.id:
            return f"{self.platform}:{self.id}"
        return f"name:{unicodedata.normalize('NFC', self.name).casefold()}"


def writable(text: str) -> str:
    """Return a text without half letters, which no file and no database takes."""
    return text.encode("utf-8", errors="replace").decode("utf-8")


def seen(text: str, most: int = _MOST_LETTERS) -> str:
    """Return a stranger's text as one line that gives no orders to a terminal or a page."""
    text = " ".join(_UNSEEN.sub(" ", unicodedata.normalize("NFC", writable(text))).split())
    return text if len(text) <= most else f"{text[: most - 1]}…"


def folded(name: str) -> str:
    """Return a name without what platforms change in it: case, accents, spaces and signs."""
    plain = unicodedata.normalize("NFKD", name)
    return "".join(letter for letter in plain.casefold() if letter.isalnum())


def skeleton(name: str) -> str:
    """Return the letters of a name that a wrong encoding leaves as they are: a to z, and digits."""
    return re.sub("[^a-z0-9]", "", unicodedata.normalize("NFKD", name).casefold())
