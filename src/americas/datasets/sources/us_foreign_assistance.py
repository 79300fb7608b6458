"""ForeignAssistance.gov, country summary: one sum at four stages of its way."""

from pathlib import Path

import pandas as pd

from americas.data import load

ORIGINALS = {
    "us_foreign_assistance/us_foreign_aid_country_2025-04.csv": "6245bd03fb2aa5b0c42070f08d8e0ddabb1e454b65fb1ed7d44748096c6a2beb",
}
DOWNLOAD = (
    "USAID and the State Department, country summary (us_foreign_aid_country.csv): "
    "https://foreignassistance.gov/data. Each issue revises the last years; the table was made "
    "from the issue of spring 2025."
)

_STAGES = {
    "President's Budget Requests": "requested",
    "Appropriated and Planned": "appropriated",
    "Obligations": "obligated",
    "Disbursements": "disbursed",
}


def aid_stages(originals: Path) -> pd.DataFrame:
    """Dollars of the time by country, fiscal year (1980-2024) and stage."""
    countries = load("countries")
    return (
        pd.read_csv(originals / "us_foreign_assistance/us_foreign_aid_country_2025-04.csv")
        .rename(
            columns={
                "Country Code": "iso3",
                "Fiscal Year": "fiscal_year",
                "current_amount": "usd_current",
            }
        )
        # The summer of 1976 has a year code of its own, "1976tq".
        .query("fiscal_year != '1976tq' and iso3 != 'USA'")
        .loc[lambda rows: rows["iso3"].isin(countries["iso3"])]
        .assign(
            fiscal_year=lambda rows: rows["fiscal_year"].astype(int),
            stage=lambda rows: rows["Transaction Type Name"].map(_STAGES),
        )
        .query("1980 <= fiscal_year <= 2024")[["iso3", "fiscal_year", "stage", "usd_current"]]
    )


TABLES = {"aid_stages": aid_stages}
