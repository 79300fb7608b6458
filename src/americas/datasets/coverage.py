"""Which years each place of a table has: gaps are shown, never filled."""

from itertools import groupby
from typing import Any

import pandas as pd

from americas import data
from americas.errors import CourseError

# Columns of states, by their codes in the table `countries`.
_STATES = ("iso3", "recipient")


def coverage(entry: dict[str, Any]) -> list[str]:
    """Return lines of Markdown: a row for each set of years, with the places that have it.

    `coverage_by` in a table's entry names a column, such as the estimator, whose values are
    shown apart. A table without a column of years or of single places gets no lines.
    """
    if "schema" not in entry:
        return []
    table, fields = _typed(entry), entry["schema"]["fields"]
    times = [field["name"] for field in fields if field["type"] == "year"]
    place = _place(entry["schema"], times)
    if not place or table[place].str.contains(";").any():
        return []
    parts = [name for name in [entry.get("coverage_by")] if name]
    years = (
        table.groupby([*parts, place])[times[0]]
        .agg(lambda column: _ranges(set(column)))
        .rename("years")
        .reset_index()
    )
    rows = (
        years.groupby([*parts, "years"], as_index=False)[place]
        .agg(lambda column: _listed(list(column)))
        .sort_values([*parts, place])[[*parts, place, "years"]]
        .itertuples(index=False)
    )
    return [
        f"**Coverage**: which years each `{place}` has; what is not listed is not in the table.",
        "",
        f"| {' | '.join([*parts, place, 'years with a row'])} |",
        f"|{'---|' * (len(parts) + 2)}",
        *(f"| {' | '.join(row)} |" for row in rows),
        *_absent(place, set(table[place]), len(parts)),
        "",
    ]


def names(fields: str | list[str]) -> list[str]:
    """Return the columns of a key, which Frictionless writes as a name or a list of names."""
    return [fields] if isinstance(fields, str) else fields


def _typed(entry: dict[str, Any]) -> pd.DataFrame:
    try:
        return data.load(entry["name"])
    except (ValueError, TypeError) as error:
        raise CourseError(
            f"{entry['path']} has a value that its column can't hold, as datapackage.json "
            f"types it: {error}"
        ) from None


def _place(schema: dict[str, Any], times: list[str]) -> str:
    """Name the column that tells where: `iso3`, `recipient`, or a key's only other column."""
    if not times:
        return ""
    named = [field["name"] for field in schema["fields"] if field["name"] in _STATES]
    others = [name for name in names(schema["primaryKey"]) if name != times[0]]
    return (named or (others if len(others) == 1 else [""]))[0]


def _listed(values: list[str]) -> str:
    states = set(data.load("countries")["iso3"])
    rest = sorted(set(values) - states)
    if states <= set(values):
        return ", ".join(["all 33 states and USA", *rest])
    if states - {"USA"} <= set(values):
        return ", ".join(["all 33 states", *rest])
    return ", ".join(values)


def _absent(place: str, present: set[str], parts: int) -> list[str]:
    """Name the states without any row, except where the table is about a few states only."""
    absent = sorted(set(data.load("countries")["iso3"]) - present - {"USA"})
    if place not in _STATES or not absent or len(absent) > len(present):
        return []
    return [f"| {'| ' * parts}{', '.join(absent)} | none |"]


def _ranges(years: set[int]) -> str:
    """Write years compactly: {1999, 2000, 2001, 2005} as `1999–2001, 2005`."""
    runs = [
        [year for _, year in run]
        for _, run in groupby(enumerate(sorted(years)), key=lambda pair: pair[1] - pair[0])
    ]
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)
