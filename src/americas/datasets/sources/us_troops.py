"""US service members assigned to a country, from the Pentagon's yearly reports."""

from pathlib import Path

import pandas as pd

from americas.data import load

ORIGINALS = {
    "us_troops/troopdata_kane_v0.csv": "e4bf988cdc6a9ed361f0238059cbcacff08e6c87bee447a4b841a17d9e27a45b",
}
DOWNLOAD = (
    "Kane's count of US service members abroad, carried on by Allen, Flynn and Martinez Machain "
    "(data-raw/troopdata.csv): https://github.com/meflynn/troopdata."
)


def troops(originals: Path) -> pd.DataFrame:
    """Head count of active-duty members by country and year, from 1980."""
    countries = load("countries")
    return (
        pd.read_csv(
            originals / "us_troops/troopdata_kane_v0.csv",
            usecols=["iso3c", "year", "troops"],
        )
        .rename(columns={"iso3c": "iso3"})
        .query("iso3 != 'USA' and year >= 1980")
        .loc[lambda rows: rows["iso3"].isin(countries["iso3"])]
        # Antigua stands twice, under two spellings, one of them an empty shell of zeros.
        .groupby(["iso3", "year"], as_index=False)["troops"]
        .max()
    )


TABLES = {"troops": troops}
