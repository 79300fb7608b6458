"""Tables: columns first, then rows, then values, then order."""

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from itertools import combinations

from americas.checks.compare.options import CheckOptions
from americas.checks.compare.scalars import is_number, plain, same, years
from americas.checks.compare.table_faults import (
    column_type,
    order_fault,
    rows_fault,
    values_fault,
)
from americas.checks.fingerprint_types import Cell, Column, Table
from americas.checks.messages import Feedback, feedback

Equal = Callable[[Cell, Cell, CheckOptions], bool]
Pair = tuple[Column, Column]


def table_fault(
    answer: Table, key: Table, options: CheckOptions, equal: Equal = same
) -> Feedback | None:
    """Return None where two tables agree, else why they do not.

    equal: when two cells agree, which for a named mistake is stricter.
    """
    if not answer["rows"] and key["rows"]:
        return feedback("table.empty")
    pairs, spare, absent = _paired(answer, key)
    if absent:
        return _columns_fault(spare, absent, answer, key, options)
    if answer["rows"] != key["rows"]:
        return rows_fault(pairs, answer["rows"], key["rows"])
    if spare:
        return feedback("table.many_columns", columns=_listed(spare))
    if _agree(pairs, options, equal):
        return None
    aligned = _aligned(pairs)
    if not _agree(aligned, options, equal):
        swapped = _swapped_fault(pairs, options, equal)
        return swapped or values_fault(aligned, options, equal)
    if not options.order or _only_ties_differ(pairs, options, equal):
        return None
    return order_fault()


def _paired(answer: Table, key: Table) -> tuple[list[Pair], list[Column], list[Column]]:
    """Return columns that belong together, the answer's spare ones, the key's absent ones."""
    spare, pairs = list(answer["columns"]), []
    absent = [column for column in key["columns"] if not _row_numbers(column)]

    def take(column: Column, wanted: Column) -> None:
        spare.remove(column)
        absent.remove(wanted)
        pairs.append((column, wanted))

    by_place = sorted(spare, key=lambda column: column["index"])
    for wanted in list(absent):
        for column in by_place:
            if wanted["name"] is not None and _called_alike(column, wanted) and column in spare:
                take(column, wanted)
                break
    # A dictionary, and a Series with its labels, have the labels first.
    loose = [column for column in spare if column["name"] is None or answer["single"]]
    if len(loose) == len(absent):
        both = list(zip(loose, absent, strict=True))
        if not any(_row_numbers(column, wanted) for column, wanted in both):
            for column, wanted in both:
                take(column, wanted)
    # A nameless column, or a lone Series under any name, can be only what is left over.
    lone = answer["single"] or key["single"]
    # A Series that lost its index is what was measured, and that stands last.
    for wanted in list(reversed(absent)) if answer["single"] else list(absent):
        for column in sorted(spare, key=lambda column: column["index"]):
            # What a Series measures, and what it is labelled with, may bear any name.
            labels = answer["single"] and column["index"]
            free = labels or column["name"] is None or wanted["name"] is None
            alone = lone and not column["index"] and not wanted["index"]
            fits = column_type(column) == column_type(wanted) or alone
            if (free or alone) and fits and not _row_numbers(column, wanted):
                take(column, wanted)
                break
    return pairs, [column for column in spare if not column["index"]], absent


def _called_alike(column: Column, wanted: Column) -> bool:
    """Return whether two columns bear one name, but for capitals, spaces and underscores."""
    mine, theirs = (plain(str(each["name"]).replace("_", " ")) for each in (column, wanted))
    return mine == theirs


def _row_numbers(column: Column, wanted: Column | None = None) -> bool:
    """Return whether an index without a name holds only row numbers; as years it may be an answer."""
    values = column["values"]
    if not column["index"] or column["name"] is not None:
        return False
    if not all(isinstance(value, int) and not isinstance(value, bool) for value in values):
        return False
    if wanted is None:
        return True
    theirs = wanted["values"]
    return not (years(values) and years(theirs)) and sorted(map(str, values)) != sorted(
        map(str, theirs)
    )


def _columns_fault(
    spare: list[Column], absent: list[Column], answer: Table, key: Table, options: CheckOptions
) -> Feedback:
    due = [column for column in key["columns"] if not _row_numbers(column)]
    nameless = all(column["name"] is None for column in answer["columns"])
    if answer["single"] and not key["single"] and (len(due) > 2 or nameless):
        return feedback("table.one_column", columns=_listed(due))
    wanted = absent[0]
    if wanted["name"] is None:
        return feedback("table.few_columns")
    for column in spare:
        if answer["rows"] == key["rows"] and _same_values(column, wanted, options, same):
            return feedback("table.name_it", column=column["name"], wanted=wanted["name"])
    turned = _turned_fault(answer, key, absent)
    if turned:
        return turned
    near = get_close_matches(wanted["name"], [str(column["name"]) for column in spare], n=1)
    if near:
        return feedback("table.missing_near", wanted=wanted["name"], near=near[0])
    lost = wanted["index"] or answer["single"]
    return feedback("table.missing_index" if lost else "table.missing", wanted=wanted["name"])


def _turned_fault(answer: Table, key: Table, absent: list[Column]) -> Feedback | None:
    """Return what is wrong where the names of columns stand in rows, or the labels on top."""
    due = [column for column in key["columns"] if not _row_numbers(column)]
    names = {plain(column["name"]) for column in due}
    on_top = {plain(column["name"]) for column in answer["columns"]}
    for column in due:
        label = {plain(value) for value in column["values"]}
        if not (1 < len(label) and label <= on_top):
            continue
        if len(label) == key["rows"] and answer["rows"] in (len(due) - 1, len(due)):
            return feedback("table.transposed", names=_listed(due))
        if column in absent and (column_type(column) == "text" or years(column["values"])):
            return feedback("table.wide", wanted=column["name"])
    for column in answer["columns"]:
        inside = {plain(value) for value in column["values"] if isinstance(value, str)}
        if column["index"] and names <= inside:
            return feedback("table.transposed", names=_listed(due))
        if len(absent) > 1 and {plain(wanted["name"]) for wanted in absent} <= inside:
            return feedback("table.long", names=_listed(absent), column=column["name"])
    return None


def _listed(columns: Sequence[Column]) -> str:
    return ", ".join(f"`{column['name']}`" for column in columns)


def _swapped_fault(pairs: list[Pair], options: CheckOptions, equal: Equal) -> Feedback | None:
    """Return which two columns have changed places, if nothing else is wrong with a table."""
    if len(pairs) > 5:
        return None
    for (one, wanted), (other, other_wanted) in combinations(pairs, 2):
        rest = [pair for pair in pairs if pair[0] not in (one, other)]
        if _agree(_aligned([(one, other_wanted), (other, wanted), *rest]), options, equal):
            if one["name"] is None:
                return feedback("table.swapped_labels")
            return feedback("table.swapped", wanted=other_wanted["name"], column=one["name"])
    return None


def _aligned(pairs: list[Pair]) -> list[Pair]:
    """Return both sides sorted by what they hold: right labels, other labels, measured numbers."""

    def use(pair: Pair) -> tuple[bool, bool]:
        mine, theirs = (sorted(_rank(value) for value in column["values"]) for column in pair)
        return any(isinstance(value, float) for value in pair[1]["values"]), mine != theirs

    order = sorted(pairs, key=use)

    def permutation(side: int) -> list[int]:
        columns = [[_rank(value) for value in pair[side]["values"]] for pair in order]
        return sorted(range(len(columns[0])), key=lambda i: [column[i] for column in columns])

    if not pairs:
        return pairs
    left, right = permutation(0), permutation(1)
    return [(_reordered(column, left), _reordered(wanted, right)) for column, wanted in pairs]


def _reordered(column: Column, order: list[int]) -> Column:
    values = [column["values"][i] for i in order]
    return {**column, "values": values}


def _rank(value: Cell) -> tuple[int, float | str]:
    if value is None:
        return (2, "")
    if isinstance(value, int | float):
        return (0, round(float(value), 6))
    return (1, plain(value))


def _only_ties_differ(pairs: list[Pair], options: CheckOptions, equal: Equal) -> bool:
    """Return whether rows that were to be sorted differ in order only where a measure ties."""
    for column, wanted in pairs:
        values = [value for value in wanted["values"] if is_number(value)]
        sorted_ = values in (sorted(values), sorted(values, reverse=True))
        if len(values) == len(wanted["values"]) and sorted_ and len(set(values)) > 1:
            return _same_values(column, wanted, options, equal)
    return False


def _agree(pairs: list[Pair], options: CheckOptions, equal: Equal) -> bool:
    return all(_same_values(column, wanted, options, equal) for column, wanted in pairs)


def _same_values(column: Column, wanted: Column, options: CheckOptions, equal: Equal) -> bool:
    values = zip(column["values"], wanted["values"], strict=False)
    return len(column["values"]) == len(wanted["values"]) and all(
        equal(a, k, options) for a, k in values
    )
