"""US service members assigned to a country, from the Pentagon's yearly reports."""

from pathlib import Path

import pandas as pd

from americas.data import load

ORIGINALS = {
    "us_troops/troopdata_kane_v0.csv": "e4bf988cdc6a9ed361f0238059cbcacff08e6c87bee447a4b841a17d9e27a45b",
}
DOWNLOAD = (
    "Kane's count of US service members abroad, carried on by Allen, Flynn and Martinez Machain: "
    "data-raw/troopdata.csv of https://github.com/meflynn/troopdata, commit "
    "3946bcf89a6d72de8abace812dc557f1f249f5f7."
)


def troops(originals: Path) -> pd.DataFrame:
    """Return head count of active-duty members by country and year, from 1980."""
    states = load("countries").query("iso3 != 'USA'")["iso3"]
    counts = pd.read_csv(
        originals / "us_troops/troopdata_kane_v0.csv",
        usecols=["ccode", "iso3c", "year", "troops"],
    )
    # The years from 2022 have no iso3; the number of the state tells it, as in earlier years.
    known = counts.dropna(subset="iso3c").groupby("ccode")["iso3c"].first()
    return (
        counts.assign(iso3=counts["iso3c"].fillna(counts["ccode"].map(known)))
        .query("year >= 1980")
        .loc[lambda rows: rows["iso3"].isin(states)]
        # Antigua stands twice, under two spellings, one of them an empty shell of zeros.
        .groupby(["iso3", "year"], as_index=False)["troops"]
        .max()
    )


TABLES = {"troops": troops}
