"""Uppsala Conflict Data Program: deaths in organized violence, by country and year."""

from pathlib import Path

import pandas as pd

from americas.datasets.sources import codes

ORIGINALS = {
    "ucdp_organized_violence/organizedviolencecy_v25_1.csv": "38d8f78630528d8f8da1a7bffeb027bb99ecc9690a74b46607e18f75900c5fc0",
}
DOWNLOAD = (
    "UCDP Country-Year Dataset on Organized Violence within Country Borders, version 25.1: "
    "https://ucdp.uu.se/downloads/, or UCDP_Dashboard/Dataset/organizedviolencecy_v25_1.csv of "
    "https://github.com/Mixzpai/UCDP_Dashboard, commit 9dc98589d575dcb3978c4b04180526a9c5e778af."
)
_KINDS = {"sb": "state-based", "ns": "non-state", "os": "one-sided"}
_FIGURES = {
    "total_deaths_best": "deaths",
    "total_deaths_low": "deaths_low",
    "total_deaths_high": "deaths_high",
    "dyad_count": "dyads",
}


def organized_violence(originals: Path) -> pd.DataFrame:
    """Return deaths (best, lowest, highest estimate) and pairs of foes, by country, year and kind."""
    (name,) = ORIGINALS
    wide = pd.read_csv(originals / name, low_memory=False).assign(
        iso3=lambda rows: codes(rows["country_cy"])
    )
    return pd.concat([_kind(wide, short, kind) for short, kind in _KINDS.items()])


def _kind(wide: pd.DataFrame, short: str, kind: str) -> pd.DataFrame:
    columns = {f"{short}_{figure}_cy": column for figure, column in _FIGURES.items()}
    return (
        wide.dropna(subset="iso3")
        .rename(columns=columns | {"year_cy": "year"})
        .assign(kind=kind)[["iso3", "year", "kind", *columns.values()]]
    )


TABLES = {"organized_violence": organized_violence}
