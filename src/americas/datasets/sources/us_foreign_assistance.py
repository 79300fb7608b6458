"""ForeignAssistance.gov, country summary: one sum at four stages of its way."""

from pathlib import Path

import pandas as pd

from americas.data import load

ORIGINALS = {
    "us_foreign_assistance_2025-12/us_foreign_aid_country_2025-12.csv": "a8bbd039dd1eadc4e49a0e3a2625e122d5835c5af6b1e2bed9f02d442a40d5e7",
}
DOWNLOAD = (
    "The State Department's country summary (us_foreign_aid_country.csv), "
    "https://foreignassistance.gov/data, in the issue of autumn 2025: "
    "https://github.com/ltadikonda2007/Personal-data-set-project, commit "
    "6aaa8012cd10c65d8ee0992ec89ebd0a3519baaf. Each issue revises the last years."
)

_STAGES = {
    "President's Budget Requests": "requested",
    "Appropriated and Planned": "appropriated",
    "Obligations": "obligated",
    "Disbursements": "disbursed",
}
# What is booked to no state, under the codes of table `aid`, whose sums it matches.
_REGIONS = {
    "CNA": "XCA",
    "CRN": "XCB",
    "CCN": "XCB",
    "LAN": "XLA",
    "LCN": "XLA",
    "NCN": "XLA",
    "SMN": "XLA",
    "WHN": "XLA",
}
_LAST = 2024  # FY2025 was still being reported.


def aid_stages(originals: Path) -> pd.DataFrame:
    """Return dollars of the time by state or region, fiscal year (from 1980) and stage."""
    (name,) = ORIGINALS
    states = load("countries").query("iso3 != 'USA'")["iso3"]
    return (
        pd.read_csv(originals / name)
        .rename(columns={"Fiscal Year": "fiscal_year", "current_amount": "usd_current"})
        # The summer of 1976 has a year code of its own, "1976tq".
        .query("fiscal_year != '1976tq'")
        .assign(
            iso3=lambda rows: rows["Country Code"].replace(_REGIONS),
            fiscal_year=lambda rows: rows["fiscal_year"].astype(int),
            stage=lambda rows: rows["Transaction Type Name"].map(_STAGES),
        )
        .query("1980 <= fiscal_year <= @_LAST")
        .loc[lambda rows: rows["iso3"].isin([*states, *_REGIONS.values()])]
        .groupby(["iso3", "fiscal_year", "stage"], as_index=False)["usd_current"]
        .sum()
    )


TABLES = {"aid_stages": aid_stages}
