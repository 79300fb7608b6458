"""Homicides in Mexico by state: INEGI's death certificates, counted by Gargiulo and others."""

from pathlib import Path

import pandas as pd

from americas.data import load

ORIGINALS = {
    "mexico_state_homicide/mexico-state-month-homicide-rates-2000-2022.csv": "12f5dc13222118ffe0df535bf46ffdfbe645b5683740a2b70636e57c786961c3",
}
DOWNLOAD = (
    "Gargiulo, Aburto and Floridi, homicides by state and month, https://osf.io/u8dc3, or "
    "https://github.com/thegargiulian/mexico-homicide-rates, commit "
    "6869d42f7e4e0d7ad790bc46bd3b4704ce8b31dc."
)
_YEARS = range(2000, 2023)


def homicide_mexico(originals: Path) -> pd.DataFrame:
    """Return homicides, people and victims per 100,000 people, by state and year."""
    # The file's own population jumps at each census, so its rates are not used.
    (name,) = ORIGINALS
    counts = (
        pd.read_csv(originals / name, sep="|", dtype={"cve_ent": str})
        .rename(columns={"cve_ent": "state_code"})
        .groupby(["state_code", "year"], as_index=False)["homicides"]
        .sum()
    )
    return counts.merge(_population(), on=["state_code", "year"], validate="one_to_one").assign(
        rate_per_100k=lambda rows: (rows["homicides"] / rows["population"] * 100_000).round(2),
        population=lambda rows: rows["population"].round().astype("int64"),
    )


def _population() -> pd.DataFrame:
    """Return people by state and year: a straight line from census to census, and on from the last."""
    census = load("census_mexico").pivot(
        index="year", columns=["state_code", "state"], values="population"
    )
    last, before = census.index[-1], census.index[-2]
    yearly = (census.loc[last] - census.loc[before]) / (last - before)
    people = census.astype("float64").reindex(_YEARS)
    for year in range(last + 1, _YEARS.stop):
        people.loc[year] = census.loc[last] + yearly * (year - last)
    return people.interpolate().unstack().rename("population").reset_index()


TABLES = {"homicide_mexico": homicide_mexico}
