"""UNODC, seizures of cocaine by country, in the version of a thesis's data folder."""

from pathlib import Path

import pandas as pd

from americas.data import load

ORIGINALS = {
    "cocaine_seizures/cocaine_data_long.csv": "b434e70536e014b175d86a18a6a69854201f1defba996c4be87d246f2776031a",
}
DOWNLOAD = (
    "the file cocaine_data_long.csv of "
    "https://github.com/raquelbaeta/r-masters-commitment-and-cocaine-seizures, commit "
    "28eeb211cbdeceda22a60ccfaeabb6c95be5150d (made from UNODC's yearly drug seizures, "
    "https://dataunodc.un.org/dp-drug-seizures)."
)
# Their sums hold coca leaf beside cocaine, and the file doesn't say which row is which.
_LEAF = ["ARG", "BOL", "COL", "PER"]


def seizures(originals: Path) -> pd.DataFrame:
    """Return kilograms of cocaine of all kinds seized, by country and year."""
    states = load("countries").query("iso3 not in @_LEAF")["iso3"]
    (name,) = ORIGINALS
    return (
        pd.read_csv(originals / name)
        .rename(columns={"code": "iso3", "seizures": "cocaine_kg"})
        .query("iso3 in @states")
        # 2,363 tonnes, where its best other year has 18: coca plants, or a slip.
        .query("not (iso3 == 'GTM' and year == 2019)")
        # One row a product (salts, base, crack ...), without its name.
        .groupby(["iso3", "year"], as_index=False)["cocaine_kg"]
        .sum()
        .round({"cocaine_kg": 3})
    )


TABLES = {"seizures": seizures}
