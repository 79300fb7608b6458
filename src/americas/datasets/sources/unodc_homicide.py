"""UNODC, intentional homicide, in the version that Our World in Data publishes."""

from pathlib import Path

import pandas as pd

from americas.data import load

ORIGINALS = {
    "homicide_unodc/homicide-rate-unodc.csv": "5715fa1a32419df2c2ede152a8c7aea966791250024aab6f49baa235bd82a249",
}
DOWNLOAD = (
    'the chart "Homicide rate" of Our World in Data (https://ourworldindata.org/grapher/'
    "homicide-rate-unodc), full data, as it was in early 2026: data/homicide-rate-unodc.csv of "
    "https://github.com/yuru108/Vis-Project1, commit 13d46d2a748c883a6ccc9abd4e9564d10ec8fe61."
)


def homicide(originals: Path) -> pd.DataFrame:
    """Return victims per 100,000 people, by country and year; years without a figure have no row."""
    states = load("countries")["iso3"]
    return (
        pd.read_csv(originals / "homicide_unodc/homicide-rate-unodc.csv")
        .rename(
            columns={
                "Code": "iso3",
                "Year": "year",
                "Homicide rate per 100,000 population": "rate_per_100k",
            }
        )
        .query("iso3 in @states and 1990 <= year <= 2023")[["iso3", "year", "rate_per_100k"]]
    )


TABLES = {"homicide": homicide}
