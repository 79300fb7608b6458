"""Tables: columns first, then rows, then values, then order."""

from collections import Counter
from difflib import get_close_matches
from typing import Any

from americas.checks.compare.options import CheckOptions, Feedback
from americas.checks.compare.scalars import number_reason, same, years

Column = dict[str, Any]


def table_reason(
    answer: dict[str, Any], key: dict[str, Any], asked: CheckOptions
) -> Feedback | None:
    """None where two tables agree, else why they do not."""
    pairs, spare, absent = _paired(answer, key, asked)
    if absent and (found := _columns_reason(spare, absent, answer, key, asked)):
        return found
    if answer["rows"] != key["rows"]:
        return _rows_reason(pairs, answer["rows"], key["rows"])
    if spare and not asked.extra_columns:
        names = ", ".join(f"`{column['name']}`" for column in spare)
        return Feedback(f"Your table has more columns than were asked for: {names}.")
    if _agree(pairs, asked):
        return None
    aligned = _aligned(pairs)
    if _agree(aligned, asked):
        return None if not asked.order else _order_reason(key)
    return _values_reason(aligned, asked)


def _paired(answer, key, asked) -> tuple[list[tuple[Column, Column]], list[Column], list[Column]]:
    """Columns that belong together, the answer's spare ones, the key's absent ones."""
    spare, absent, pairs = list(answer["columns"]), list(key["columns"]), []

    def take(column: Column, wanted: Column) -> None:
        spare.remove(column)
        absent.remove(wanted)
        pairs.append((column, wanted))

    for wanted in list(absent):
        for column in spare:
            if wanted["name"] is not None and _plain(column["name"]) == _plain(wanted["name"]):
                take(column, wanted)
                break
    # A nameless column, or a lone Series under any name, can be only what is left over.
    lone = answer["single"] or key["single"]
    # A Series that lost its index is what was measured, and that stands last.
    for wanted in list(reversed(absent)) if answer["single"] else list(absent):
        for column in sorted(spare, key=lambda column: column["index"]):
            free = column["name"] is None or wanted["name"] is None or not asked.column_names
            alone = lone and not column["index"] and not wanted["index"]
            if (free or alone) and _type(column) == _type(wanted):
                take(column, wanted)
                break
    spare = [column for column in spare if not column["index"]]
    return pairs, spare, absent


def _columns_reason(spare, absent, answer, key, asked) -> Feedback | None:
    if answer["single"] and not key["single"] and len(key["columns"]) > 2:
        names = ", ".join(f"`{column['name']}`" for column in key["columns"])
        return Feedback(f"Your answer is one column. The question asks for a table with {names}.")
    wanted = absent[0]
    if wanted["name"] is None:
        return Feedback("Your answer has fewer columns than were asked for.")
    for column in spare:
        if answer["rows"] == key["rows"] and _same_values(column, wanted, asked):
            return Feedback(
                f"The values of your column `{column['name']}` are right. "
                f"Name it `{wanted['name']}`."
            )
    near = get_close_matches(wanted["name"], [str(column["name"]) for column in spare], n=1)
    hint = f" Did you mean it by `{near[0]}`?" if near else ""
    if (wanted["index"] or answer["single"]) and not near:
        hint = " It may have been lost with the index: `reset_index()` without `drop` keeps it."
    return Feedback(f"The column `{wanted['name']}` is missing.{hint}")


def _rows_reason(pairs, rows: int, wanted: int) -> Feedback:
    size = f"Your answer has {rows:,} rows."
    if not rows:
        return Feedback(
            "Your table is empty: no row passed your filter. "
            "Compare the spelling in the filter with the spelling in the table."
        )
    labels = [pair for pair in pairs if _is_label(pair[1])] or pairs
    mine = list(zip(*(column["values"] for column, _ in labels), strict=True))
    asked_for = set(zip(*(column["values"] for _, column in labels), strict=True))
    # Compared label by label too: only there can a country or a year be named.
    for column, key_column in labels:
        known = set(key_column["values"])
        strange = [v for v in column["values"] if v not in known]
        if strange and rows > wanted:
            name = f"`{column['name']}`" if column["name"] else "the labels"
            if None in strange:
                return Feedback(f"{size} Some have nothing in {name}. Were they asked for?")
            return Feedback(
                f"{size} That is too many: a filter is missing or too wide.",
                f"In {name}, for example, {strange[0]} was not asked for.",
            )
    if rows > wanted:
        if len(set(mine)) < len(mine) and set(mine) == asked_for:
            return Feedback(
                f"{size} Some stand there twice. A join multiplies rows when its key is not "
                "unique; or the rows still wait to be summed up."
            )
        return Feedback(f"{size} That is too many. Which of them does the question ask for?")
    return Feedback(
        f"{size} That is too few. Does your filter leave out a first or last year, "
        "negative values, or rows where something is missing?"
    )


def _values_reason(pairs: list[tuple[Column, Column]], asked: CheckOptions) -> Feedback:
    wrong = [pair for pair in pairs if not _same_values(*pair, asked)] or pairs[:1]
    for column, _ in wrong:
        for other, other_wanted in wrong:
            if other is not column and _same_values(column, other_wanted, asked):
                return Feedback(
                    f"The values of `{other_wanted['name']}` stand in your column "
                    f"`{column['name']}`. Have two columns changed places?"
                )
    column, wanted = wrong[0]
    if strange := _strange_reason(column, wanted):
        return strange
    name = f"`{wanted['name']}`" if wanted["name"] else "your answer"
    if {_type(column), _type(wanted)} > {_type(wanted)} and "empty" not in map(_type, wrong[0]):
        return Feedback(f"The column {name} holds {_kind(column)} where {_kind(wanted)} are due.")
    found = _gaps_reason(column, wanted, name) or number_reason(
        column["values"], wanted["values"], asked, f"values in {name}"
    )
    return found or _misses_reason(column, wanted, name, pairs, asked)


def _strange_reason(column: Column, wanted: Column) -> Feedback | None:
    """As many labels as were asked for, but others: another filter, or another end of the sort."""
    if _type(column) != _type(wanted) or (_type(wanted) != "text" and not years(wanted["values"])):
        return None
    known = {_rank(v) for v in wanted["values"]}
    strange = [v for v in column["values"] if v is not None and _rank(v) not in known]
    if not strange or len(wanted["values"]) < 2:
        return None
    name = f"`{wanted['name']}`" if wanted["name"] else "your answer"
    return Feedback(
        f"{len(strange):,} of {len(column['values']):,} values in {name} are not among those "
        "asked for. Is it the filter, the measure, or the end from which you took them?",
        f"{strange[0]}, for example, was not asked for.",
    )


def _gaps_reason(column: Column, wanted: Column, name: str) -> Feedback | None:
    values = list(zip(column["values"], wanted["values"], strict=True))
    lost = sum(a is None and k is not None for a, k in values)
    if lost:
        return Feedback(
            f"In {name}, {lost:,} of {len(values):,} rows are empty that should not be. "
            "Did a join find no partner for them, or did a gap go into a sum or a mean?"
        )
    if any(k is None and a is not None for a, k in values):
        return Feedback(
            f"In {name} you have a value where the data have none. What is missing stays missing: "
            "a gap is not a zero."
        )
    return None


def _misses_reason(column, wanted, name, pairs, asked) -> Feedback:
    values = list(zip(column["values"], wanted["values"], strict=True))
    misses = [i for i, (a, k) in enumerate(values) if not same(a, k, asked)]
    label = next((c for c, w in pairs if c is not column and _same_values(c, w, asked)), None)
    where = ""
    if label and misses:
        where = f"Look, for example, at the row of {label['values'][misses[0]]}."
    many = "All" if len(misses) == len(values) else f"{len(misses):,} of {len(values):,}"
    return Feedback(
        f"{many} values in {name} differ from what the question asks for. "
        "Which rows and which column went into them?",
        where,
    )


def _order_reason(key: dict[str, Any]) -> Feedback:
    return Feedback(
        "Every row is right, but they stand in another order than was asked for. "
        "Sort them: by which column, and which end first?"
    )


def _aligned(pairs: list[tuple[Column, Column]]) -> list[tuple[Column, Column]]:
    """Both sides sorted by what they hold, labels before measured numbers."""
    order = sorted(pairs, key=lambda pair: any(isinstance(v, float) for v in pair[1]["values"]))

    def permutation(side: int) -> list[int]:
        columns = [pair[side]["values"] for pair in order]
        return sorted(range(len(columns[0])), key=lambda i: [_rank(c[i]) for c in columns])

    if not pairs:
        return pairs
    left, right = permutation(0), permutation(1)
    return [
        (
            column | {"values": [column["values"][i] for i in left]},
            wanted | {"values": [wanted["values"][i] for i in right]},
        )
        for column, wanted in pairs
    ]


def _rank(value: Any) -> tuple:
    if value is None:
        return (2, "")
    if isinstance(value, int | float):
        return (0, round(float(value), 6))
    return (1, _plain(value))


def _agree(pairs, asked) -> bool:
    return all(_same_values(column, wanted, asked) for column, wanted in pairs)


def _same_values(column: Column, wanted: Column, asked: CheckOptions) -> bool:
    values = zip(column["values"], wanted["values"], strict=False)
    return len(column["values"]) == len(wanted["values"]) and all(
        same(a, k, asked) for a, k in values
    )


def _type(column: Column) -> str:
    """Years typed as text or dates as text are told by their values, not by their dress."""
    counts = Counter(type(v) for v in column["values"] if v is not None)
    if counts and all(t in (int, float) for t in counts):
        return "number"
    return "boolean" if set(counts) == {bool} else "text" if counts else "empty"


def _kind(column: Column) -> str:
    return {"number": "numbers", "boolean": "True and False", "text": "texts"}.get(
        _type(column), "nothing"
    )


def _is_label(column: Column) -> bool:
    """Does a column say what a row is about: a text, a date, a year?"""
    return _type(column) != "number" or all(
        value is not None and value % 1 == 0 and 1900 <= value <= 2100 for value in column["values"]
    )


def _plain(name: Any) -> str:
    return " ".join(str(name).split()).casefold()
