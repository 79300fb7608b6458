"""Foreign Military Training reports: places on US courses for soldiers of the region."""

from pathlib import Path

import pandas as pd

from americas.datasets.sources import codes

ORIGINALS = {
    "us_military_training/fmtrpt_wh_events.csv.gz": "fff0c975cadded48e8dc10abd3a3fd6ef8299f49533d89d2d22151032968792a",
}
DOWNLOAD = (
    "State and Defense Departments, Foreign Military Training reports, FY1999-FY2020, read into "
    "rows by the Security Force Monitor: https://github.com/security-force-monitor/fmtrpt_data."
)

# Territories, which the table `countries` does not hold.
_TERRITORIES = {
    "Aruba": "ABW",
    "Cayman Islands": "CYM",
    "Netherlands Antilles": "ANT",
    "Sint Maarten": "SXM",
    "Turks and Caicos": "TCA",
}


def training(originals: Path) -> pd.DataFrame:
    """Places on courses and their cost in dollars, by recipient, fiscal year and programme."""
    return (
        pd.read_csv(
            originals / "us_military_training/fmtrpt_wh_events.csv.gz",
            usecols=["country", "fy", "programme_group", "students", "cost_usd"],
        )
        .rename(columns={"country": "name", "fy": "fiscal_year", "programme_group": "programme"})
        .assign(iso3=lambda rows: codes(rows["name"]).fillna(rows["name"].map(_TERRITORIES)))
        .groupby(["iso3", "name", "fiscal_year", "programme"], as_index=False, dropna=False)[
            ["students", "cost_usd"]
        ]
        # A programme none of whose courses has a number stays without one.
        .sum(min_count=1)
        .astype({"students": "Int64"})
        .assign(cost_usd=lambda rows: rows["cost_usd"].round().astype("Int64"))
    )


TABLES = {"training": training}
