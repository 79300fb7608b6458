"""A lesson's Markdown taken apart: blocks, the points of a list, sentences."""

import re
from itertools import pairwise

# No end of a sentence: an initial (`D. Islas`), `U.S.`, and the short words that take a point.
_NO_END = re.compile(r"(?:\b[A-ZÁÉÍÓÚÑ]|\b(?:St|No|vs|etc|e\.g|i\.e|pp?|Dr|Mr|Ms|al))\.$")
_GAP = re.compile(r"(?<=[.!?])([\"”’)*_]*)\s+(?=[\"“‘(*_`\[]*[A-ZÁÉÍÓÚÑ0-9]|\(?`)")
# Of a list in letters of 32 pixels on a slide of 1280 by 720.
_LETTERS_OF_A_LINE, _LINES_OF_A_LIST = 64, 12.4
_SHORT, _LETTERS_OF_A_POINT = 70, 130
_LINK = re.compile(r"\[([^\]]+)\]\([^)\s]+\)")


def blocks(source: str) -> list[str]:
    """Paragraphs, headings, lists and fenced code, in order."""
    found, fenced = [], False
    for piece in re.split(r"\n\s*\n", source.strip()):
        if fenced:
            found[-1] += f"\n\n{piece}"
        else:
            found += _heading_apart(piece)
        fenced ^= piece.count("```") % 2 == 1
    return found


def _heading_apart(piece: str) -> list[str]:
    line, _, rest = piece.partition("\n")
    return [line, rest] if line.startswith("#") and rest else [piece]


def items(block: str, *, whole: bool = False) -> list[str]:
    """The points of a list, each with its mark and cut to what a slide shows of it."""
    points = re.split(r"\n(?=- |\d+\. )", block)
    marks = [re.match(r"(- |\d+\. )(.*)", point, re.DOTALL) for point in points]
    return [mark[1] + (mark[2] if whole else _shortened(mark[2])) for mark in marks if mark]


def _shortened(text: str) -> str:
    """The first sentence, a second if both are short, and the figures that the rest points to."""
    start = first(text, 2 if len(first(text, 1)) < _SHORT else 1, _LETTERS_OF_A_POINT)
    seen = re.findall(r"Figures? \d+(?:(?:, | and | to )\d+)*", text[len(start) :])
    return start if "Figure" in start or not seen else f"{start} ({', '.join(seen)})"


def pages(points: list[str]) -> list[str]:
    """The points as lists that a slide can hold in large letters, of about equal length."""
    lines = [0.3 - (-len(plain(point)) // _LETTERS_OF_A_LINE) for point in points]
    count = 1
    while count < len(points):
        cuts = [round(i * len(points) / count) for i in range(count + 1)]
        if all(sum(lines[a:b]) <= _LINES_OF_A_LIST for a, b in pairwise(cuts)):
            break
        count += 1
    cuts = [round(i * len(points) / count) for i in range(count + 1)]
    return ["\n".join(points[a:b]) for a, b in pairwise(cuts)]


def sentences(text: str) -> list[str]:
    """The sentences of a paragraph; what stands in bold, code or brackets is never torn."""
    found: list[str] = []
    start = 0
    for gap in _GAP.finditer(text):
        piece = text[start : gap.end(1)]
        whole = all(piece.count(mark) % 2 == 0 for mark in ("**", "`"))
        if whole and piece.count("(") == piece.count(")") and not _NO_END.search(piece):
            found.append(piece.strip())
            start = gap.end()
    rest = text[start:].strip()
    return [*found, rest] if rest else found


def first(text: str, most: int, letters: int = 260) -> str:
    """The first sentences: at most so many, and after the first no more than so many letters."""
    chosen: list[str] = []
    for sentence in sentences(text)[:most]:
        if chosen and len(plain(" ".join([*chosen, sentence]))) > letters:
            break
        chosen.append(sentence)
    return " ".join(chosen)


def opening(text: str) -> str:
    """What opens a section: its first sentence, and the question it comes to or else the second."""
    start, *rest = sentences(text)
    asked = next((sentence for sentence in rest if sentence.endswith("?")), None)
    return f"{start} {asked}" if asked else first(text, 2)


def plain(text: str) -> str:
    """The words without their marks."""
    return re.sub(r"[*`]", "", _LINK.sub(r"\1", text))
