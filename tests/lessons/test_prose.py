"""Every number in a lesson's text stands in an output above it, or carries a citation.

A number is exempt where it only names something: a year, a heading, a figure, an exercise,
a claim, a lesson, minutes. What remains must be an output's number, rounded as it is printed.
"""

import re

import nbformat
import pytest

from americas import load
from americas.course.notebooks import VEGALITE
from americas.course.paths import Course

LESSONS = sorted((Course.of_this_package().root / "notebooks").glob("*.ipynb"))
SCALES = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "m": 1e6, "bn": 1e9}
NUMBER = re.compile(
    r"(?<![\w.,])[−-]?\$?(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?"
    r"(?:[\s\u202f\u00a0]*(%|per cent|percent|thousand|million|billion|m\b|bn\b))?(?![\w])"
)
NAMES = re.compile(
    r"\b(?:[Ff]igures?|[Ee]xercises?|[Ll]essons?|[Ss]ections?|[Cc]laims?|[Ss]teps?|Python|minutes?)\s+"
    r"[\d.]+(?:(?:,| and|–| to)\s*[\d.]+)*"
    r"|\b(?:FY\s?)?(?:1[89]|20)\d\d(?:[–/-](?:(?:1[89]|20)?\d\d))?\b(?!\s*(?:%|million|billion))"
    r"|\b[\d.]+\s+minutes|\b\d{1,2} (?:January|February|March|April|May|June|July|August"
    r"|September|October|November|December)\b|\b1[89]\d0s\b|\b20\d0s\b"
)
WITHOUT_LINE = re.compile(
    r"^#.*$|^\[.*\]\(\.\./README\.md#the-lessons\)$|^\*\*Figure \d+\.\*\*|^\s*\d+\. ", re.MULTILINE
)


def numbers_in(value):
    """Every number of an output: of its text, its table, its chart's data."""
    if isinstance(value, bool):
        return
    if isinstance(value, int | float):
        yield float(value)
    elif isinstance(value, str):
        numbers = r"((?<!\w)[−-])?(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?"
        for minus, whole, part in re.findall(numbers, value):
            yield float(("-" if minus else "") + whole.replace(",", "") + part)
        yield from (float(n) for n in re.findall(r"\d+(?:\.\d+)?e[+-]\d+", value))
    elif isinstance(value, dict):
        for item in value.values():
            yield from numbers_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from numbers_in(item)


def told(cell):
    """Numbers that a cell prints, as text or in a table."""
    for output in cell.outputs:
        data = output.get("data", {})
        yield from numbers_in(output.get("text", ""))
        yield from numbers_in(data.get("text/plain", "") if VEGALITE not in data else "")
        yield from numbers_in(re.sub(r"<[^>]+>", " ", data.get("text/html", "")))


def drawn(cell):
    """Numbers that a cell draws."""
    for output in cell.outputs:
        yield from numbers_in(output.get("data", {}).get(VEGALITE, {}).get("datasets", {}))


def authors():
    surnames = set()
    for names in load("readings")["authors"].dropna():
        surnames |= set(re.findall(r"[^\W\d_]{3,}(?:[ -][^\W\d_]{3,})*", names))
    return surnames


CITED = re.compile(
    r"\]\(https?://|\((?:[^()]*\b)?(?:"
    + "|".join(map(re.escape, sorted(authors())))
    + r")\b[^()]*\d{4}|(?:"
    + "|".join(map(re.escape, sorted(authors())))
    + r")[^().]*\(\d{4}\)"
)


def claims(source):
    """The numbers that a markdown cell claims: the text of each, its value and its digits."""
    source = re.sub(r"```.*?```", " ", source, flags=re.DOTALL)
    source = re.sub(r"`[^`]*`", " ", source)
    for line in WITHOUT_LINE.sub(" ", source).split("\n"):
        if line.startswith("| **"):
            continue
        for sentence in re.split(r"(?<=[.?!])\s+(?=[A-Z*_\[])", line):
            if CITED.search(sentence):
                continue
            plain = re.sub(r"\]\([^)]*\)", "]", sentence)
            for found in NUMBER.finditer(NAMES.sub(" ", plain)):
                whole, part, unit = found.groups()
                minus = "-" if found.group(0)[0] in "−-" else ""
                value = float(minus + whole.replace(",", "") + (part or ""))
                yield found.group(0).strip(), value, len(part or ".") - 1, unit or ""


def is_shown(value, digits, unit, above):
    """Is this an output's number, rounded to the digits it is given with?

    A number with a minus is one below zero; one without may be a fall, said in words.
    """
    scale = SCALES.get(unit, 1.0)
    factors = {1.0, scale, 0.01} if unit in ("%", "per cent", "percent") else {1.0, scale}
    slack = 0.5000001 * 10.0**-digits
    if not digits and value >= 100 and value % 10 == 0:
        # A round number in a sentence is rounded to its zeros.
        slack = 0.5000001 * 10 ** (len(str(int(value))) - len(str(int(value)).rstrip("0")))
    if value >= 0:
        above = {abs(number) for number in above}
    return any(abs(number / factor - value) <= slack for number in above for factor in factors)


def audited(notebook):
    """Each markdown cell with the numbers that prove what it says.

    What was printed counts from there on. What a chart drew, which is thousands of numbers, counts
    in its own section; and in the last ones, which look back at all figures.
    """
    printed: set[float] = set()
    section: set[float] = set()
    figures: set[float] = set()
    looks_back = False
    for cell in notebook.cells:
        if cell.cell_type == "code":
            printed |= set(told(cell))
            section |= set(drawn(cell))
            figures |= set(drawn(cell))
        elif cell.cell_type == "markdown":
            if re.search("^## ", cell.source, re.MULTILINE):
                section = set()
            looks_back = looks_back or "## Evidence" in cell.source
            yield cell, printed | (figures if looks_back else section)


def unproved(notebook):
    """Numbers in the text that nothing above them shows, with the line they stand in."""
    return [
        f"{text!r} in: {cell.source[:80]!r}"
        for cell, above in audited(notebook)
        for text, *claim in claims(cell.source)
        if not is_shown(*claim, above)
    ]


@pytest.fixture(params=LESSONS, ids=lambda path: path.stem)
def notebook(request):
    return nbformat.read(request.param, as_version=4)


def test_every_number_is_shown_above_or_cited(notebook):
    assert unproved(notebook) == []


def test_a_changed_number_is_caught():
    """Change, one at a time, every telling number; the audit has to notice most.

    Not all: 400 changed to 417 may be what another row of a table above shows.
    """
    caught = changed = 0
    for path in LESSONS:
        for cell, above in audited(nbformat.read(path, as_version=4)):
            for _, value, digits, unit in claims(cell.source):
                if abs(value) >= 100 or digits:
                    changed += 1
                    step = 10.0**-digits * (17 if abs(value) >= 100 else 7)
                    other = round(value + (step if value >= 0 else -step), digits)
                    caught += not is_shown(other, digits, unit, above)
    assert changed >= 20
    assert caught / changed >= 0.75, f"{caught} of {changed}"


def test_the_audit_reads_numbers_as_people_write_them():
    text = (
        "In FY2000 it was 1,168.6 million dollars, 25 % of the 3.5 billion in 2000–15 (Figure 3)."
    )
    found = [(value, digits, unit) for _, value, digits, unit in claims(text)]
    assert found == [(1168.6, 1, "million"), (25.0, 0, "%"), (3.5, 1, "billion")]
    assert is_shown(1168.6, 1, "million", {1_168_631_000.0})
    assert not is_shown(1186.6, 1, "million", {1_168_631_000.0})
    assert is_shown(25, 0, "%", {0.2496})
    assert not is_shown(26, 0, "%", {0.2496})


def test_a_citation_excuses_only_its_own_sentence():
    cited = "The cap was 800 ([law](https://example.org)). The count was 563."
    assert [value for _, value, *_ in claims(cited)] == [563.0]


def test_outputs_of_every_kind_are_read():
    cell = nbformat.v4.new_code_cell()
    cell.outputs = [
        nbformat.v4.new_output("stream", name="stdout", text="12,345.5\n"),
        nbformat.v4.new_output("execute_result", {"text/plain": "a", "text/html": "<td>77</td>"}),
        nbformat.v4.new_output(
            "execute_result", {VEGALITE: {"datasets": {"data-1": [{"x": 1.5}]}}, "text/plain": "9"}
        ),
    ]
    assert set(told(cell)) == {12345.5, 77.0}
    assert set(drawn(cell)) == {1.5}
