"""What is wrong with the rows and the values of a table whose columns are right."""

from collections import Counter
from collections.abc import Callable, Sequence

from americas.checks.compare.options import CheckOptions
from americas.checks.compare.scalars import is_number, number_fault, plain, same
from americas.checks.fingerprint_types import Cell, Column
from americas.checks.messages import Feedback, feedback, say

Pair = tuple[Column, Column]
# Of a longer table the first rows say enough.
_LOOKED_AT = 10_000
Equal = Callable[[Cell, Cell, CheckOptions], bool]


def rows_fault(pairs: list[Pair], rows: int, wanted: int) -> Feedback:
    """Return why a table has more or fewer rows than were asked for."""
    labels = [pair for pair in pairs if _is_label(pair[1])] or pairs
    labels = [(_first(column), wanted_column) for column, wanted_column in labels]
    # Compared label by label too: only there can a country or a year be named.
    for column, key_column in labels:
        known = {_label(value) for value in key_column["values"]}
        strange = [value for value in column["values"] if _label(value) not in known]
        if strange and rows > wanted:
            name = named(column["name"], "the_labels")
            if None in strange:
                return feedback("table.some_blank", rows=rows, column=name)
            value = _shown(strange[0])
            return feedback("table.too_many_strange", rows=rows, column=name, value=value)
    if rows < wanted:
        return feedback("table.too_few", rows=rows)
    if rows > _LOOKED_AT:
        return feedback("table.too_many", rows=rows)
    mine = list(zip(*(map(_label, column["values"]) for column, _ in labels), strict=True))
    theirs = set(zip(*(map(_label, column["values"]) for _, column in labels), strict=True))
    if len(set(mine)) < len(mine) and set(mine) == theirs:
        return feedback("table.too_many_twice", rows=rows)
    return feedback("table.too_many", rows=rows)


def _first(column: Column) -> Column:
    return {**column, "values": column["values"][:_LOOKED_AT]}


def values_fault(pairs: list[Pair], options: CheckOptions, equal: Equal) -> Feedback:
    """Return what is wrong with the values of tables of one size, whose rows are aligned."""

    def agree(column: Column, wanted: Column) -> bool:
        return all(map(lambda a, k: equal(a, k, options), column["values"], wanted["values"]))

    measured = any(isinstance(value, float) for _, wanted in pairs for value in wanted["values"])
    wrong = [pair for pair in pairs if not agree(*pair)] or pairs[:1]
    # A wrong label explains a wrong measure beside it.
    wrong.sort(key=lambda pair: not _is_label(pair[1], measured))
    column, wanted = wrong[0]
    name = named(wanted["name"])
    kinds = column_type(column), column_type(wanted)
    if kinds[0] != kinds[1] and "empty" not in kinds:
        got, due = (say(f"table.words.{kind}") for kind in kinds)
        return feedback("table.other_kind", column=_capital(name), got=got, wanted=due)
    subject = say("number.words.values", column=name)
    return (
        (_is_label(wanted, measured) and _strange_fault(column, wanted, name))
        or _gaps_fault(column, wanted, name)
        or number_fault(column["values"], wanted["values"], options, subject)
        or _misses_fault(column, wanted, name, pairs, options, measured)
    )


def _strange_fault(column: Column, wanted: Column, name: str) -> Feedback | None:
    """As many labels as were asked for, but others: another filter, or another end of the sort."""
    known = {_label(value) for value in wanted["values"]}
    strange = [v for v in column["values"] if v is not None and _label(v) not in known]
    if not strange or len(wanted["values"]) < 2:
        return None
    rows = len(column["values"])
    value = _shown(strange[0])
    return feedback("table.strange", count=len(strange), rows=rows, column=name, value=value)


def _gaps_fault(column: Column, wanted: Column, name: str) -> Feedback | None:
    values = list(zip(column["values"], wanted["values"], strict=True))
    lost = sum(a is None and k is not None for a, k in values)
    if lost:
        return feedback("table.gaps", column=name, count=lost, rows=len(values))
    if any(k is None and a is not None for a, k in values):
        return feedback("table.filled", column=name)
    infinite = sum(a in ("inf", "-inf") and is_number(k) for a, k in values)
    if infinite:
        return feedback("table.infinite", column=name, count=infinite, rows=len(values))
    return None


def _misses_fault(
    column: Column,
    wanted: Column,
    name: str,
    pairs: list[Pair],
    options: CheckOptions,
    measured: bool,
) -> Feedback:
    values = list(zip(column["values"], wanted["values"], strict=True))
    misses = [i for i, (a, k) in enumerate(values) if not same(a, k, options)]
    # Rows can be told one by one only where the labels beside them agree.
    others = [(c, w) for c, w in pairs if c is not column and _is_label(w, measured)]
    labels = [c["values"] for c, w in others if c["values"] == w["values"]]
    labels = [label for label in labels if len(set(label)) == len(label)][:1] or labels
    hint = ""
    if labels and misses:
        row = ", ".join(_shown(label[misses[0]]) for label in labels)
        hint = say("table.look_at", label=row)
    if len(pairs) > 1 and misses and _all_there(column, wanted, options):
        told = say("table.shuffled", column=name, count=len(misses), rows=len(values))
        return Feedback(told, hint)
    if len(pairs) > 1 and (not labels or _is_label(wanted, measured)):
        left = Counter(map(_label, column["values"])) - Counter(map(_label, wanted["values"]))
        misses, hint = misses[: max(1, left.total())], ""
    if len(misses) == len(values):
        return Feedback(say("table.all_differ", column=name), hint)
    told = say("table.some_differ", count=len(misses), rows=len(values), column=name)
    return Feedback(told, hint)


def _all_there(column: Column, wanted: Column, options: CheckOptions) -> bool:
    """Return whether a column holds just the values that are due, in whatever rows."""
    mine, theirs = column["values"], wanted["values"]
    numbers = [sorted(filter(is_number, values)) for values in (mine, theirs)]
    if [len(values) for values in numbers] != [len(mine), len(theirs)]:
        return Counter(map(_label, mine)) == Counter(map(_label, theirs))
    return all(map(lambda a, k: same(a, k, options), *numbers))


def order_fault() -> Feedback:
    """Return what is told where only the order of the rows is wrong."""
    return feedback("table.order")


def column_type(column: Column) -> str:
    """Return the kind of a column: number, boolean, date, text or empty.

    Dates as text, and the reverse, are told apart by their values alone, so both are dates.
    """
    if column["type"] in ("number", "boolean", "date", "text", "other", "empty"):
        return column["type"]
    counts = Counter(type(v) for v in column["values"] if v is not None)
    if counts and all(t in (int, float) for t in counts):
        return "number"
    if set(counts) == {bool}:
        return "boolean"
    return "empty" if not counts else "date" if column["type"] == "date" else "text"


def named(name: str | None, other: str = "the_answer") -> str:
    """Return how a sentence speaks of a column, or of an answer that has only one."""
    return f"`{name}`" if name else say(f"table.words.{other}")


def _capital(name: str) -> str:
    return (
        say("table.words.the_column", name=name.strip("`")).capitalize()
        if "`" in name
        else (name[0].upper() + name[1:])
    )


def _is_label(column: Column, measured: bool = False) -> bool:
    """Return whether a column says what a row is about: a text, a date, a year.

    measured: another column holds fractions, so that whole numbers are labels, too.
    """
    values = column["values"]
    if column_type(column) != "number" or _year_like(values):
        return True
    return measured and all(isinstance(value, int) for value in values)


def _shown(value: Cell) -> str:
    """Return a value as a sentence names it: 2004.0 as 2004, and no digits that say nothing."""
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _year_like(values: Sequence[Cell]) -> bool:
    return all(is_number(value) and value % 1 == 0 and 1900 <= value <= 2100 for value in values)


def _label(value: Cell) -> Cell:
    """Return a label as readers tell it from others: 2000 and 2000.0 are one, and so are Peru and peru."""
    if is_number(value):
        return round(float(value), 6)
    return plain(value) if isinstance(value, str) else value
