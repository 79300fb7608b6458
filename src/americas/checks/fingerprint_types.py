"""The shapes of fingerprints: plain JSON, told apart by `kind`.

The same shapes are stored as keys and come out of strangers' processes, where
`americas.grade.validate` holds every part to them before anything is compared.
"""

from typing import Any, Literal, NotRequired, TypedDict

# More than any exercise asks for; beyond it a fingerprint holds only the size.
MOST_CELLS = 200_000
MOST_ITEMS = 20_000
MOST_CHARACTERS = 20_000

# A cell of a table, or a value that a mark of a chart draws. NaN and infinity are texts.
Cell = str | int | float | bool | None


class Plain(TypedDict):
    """An answer without a value: three dots, or None and the like."""

    kind: Literal["unanswered", "none"]


class Value(TypedDict):
    """One value. A number may be the text nan, inf or -inf; a date is ISO text."""

    kind: Literal["boolean", "number", "text", "date"]
    value: Cell


class Items(TypedDict):
    """A list, or a set in a fixed order; `items` are fingerprints."""

    kind: Literal["list", "set"]
    items: list["Fingerprint"]


class Mapping(TypedDict):
    """A dictionary, as pairs of the fingerprints of its key and its value."""

    kind: Literal["mapping"]
    items: list[list["Fingerprint"]]


class Column(TypedDict):
    """A column, or a level of an index. `type`: the kind of its values, other, mixed, or empty."""

    name: str | None
    index: bool
    type: str
    values: list[Cell]


class Table(TypedDict):
    """A DataFrame, or a Series (`single`). An index that says something is a column, too."""

    kind: Literal["table"]
    rows: int
    single: bool
    columns: list[Column]


class Channel(TypedDict, total=False):
    """One channel of a chart as it is drawn.

    scale: its type where it isn't Vega-Lite's own; domain: its two ends, or its labels, where
    given; colours: how many differ, where they are listed; order: the labels as they stand along
    it; title: "" where a reader sees none.
    """

    field: str
    type: str
    aggregate: str
    bin: Any
    timeUnit: str
    stack: str
    value: bool
    title: str
    scale: str
    reverse: bool
    zero: bool
    domain: list[Cell]
    order: list[Cell]
    colours: int


class Unit(TypedDict):
    """One mark of a chart with its channels and the rows it draws.

    view: units of one number are drawn on one another. source: rows, none, url or shapes.
    drawn: one dict a mark, channel → value; None where only Vega could tell, and then
    `unread` says why: transforms, expression, bin, summary or rows. transforms: those that a
    check can't follow, or the expression that Vega can't read. hidden: nobody can see the mark.
    own: the positions on which this layer has a scale of its own.
    """

    mark: str
    view: int
    channels: dict[str, Channel]
    transforms: list[Any]
    source: str
    columns: list[str]
    drawn: list[dict[str, Cell]] | None
    unread: str
    hidden: NotRequired[bool]
    own: NotRequired[list[str]]


class Chart(TypedDict):
    """A chart: its words and its units. inner: a description that stands on a part only."""

    kind: Literal["chart"]
    title: str
    description: str
    inner: bool
    units: list[Unit]


class Big(TypedDict):
    """What is too big to be compared; `what`: table, list, text or chart."""

    kind: Literal["big"]
    what: str
    size: int
    columns: list[str]


class Failure(TypedDict):
    """An answer that could not be computed or read."""

    kind: Literal["error"]
    type: str
    message: str


class Other(TypedDict):
    """Anything else, known by the name of its type."""

    kind: Literal["other"]
    type: str


Fingerprint = Plain | Value | Items | Mapping | Table | Chart | Big | Failure | Other
