"""US Overseas Loans and Grants ("Greenbook"): what the United States promised, year by year."""

from pathlib import Path

import pandas as pd

from americas.datasets.sources import codes

ORIGINALS = {
    "us_greenbook/us_foreignaid_greenbook.xlsx": "3dba11a5eda8210b8ea3ac587f2c4175eb1b25cb5d22516c1da319d3b72976fd",
}
DOWNLOAD = (
    "USAID Data Services, U.S. Overseas Loans and Grants, fiscal years 1946-2020, prepared "
    "9 August 2022: data/us_foreignaid_greenbook.xlsx of "
    "https://github.com/andrewheiss/foreignassistance, commit "
    "153a89954c523a92be433f64c70d0ef9496e2a7d, a backup of https://foreignassistance.gov/reports "
    "made in February 2025."
)

# A spelling of its own, and the rows that name no country.
_RECIPIENTS = {
    "Bahamas, The": "BHS",
    "Central America (not specified)": "XCA",
    "Caribbean (not specified)": "XCB",
    "Latin America & Caribbean (not specified)": "XLA",
}

# The State Department's drug money and its arms-control money are filed under Economic.
_CLASSES = {
    "Narcotics Control": "counternarcotics",
    "Nonproliferation, Anti-Terrorism, Demining & Related": "other security",
}


def aid(originals: Path) -> pd.DataFrame:
    """Return obligations from fiscal year 1980, by recipient, class and publication row, in dollars."""
    return (
        # Six lines of title stand above the header.
        pd.read_excel(originals / "us_greenbook/us_foreignaid_greenbook.xlsx", header=6)
        .rename(
            columns={
                "Publication Row": "account",
                "Obligations (Historical Dollars)": "usd_current",
                "Obligations (Constant Dollars)": "usd_2020",
            }
        )
        .query("Region == 'Latin America and Caribbean' and `Fiscal Year` >= 1980")
        .assign(
            recipient=lambda rows: rows["Country"].map(_RECIPIENTS).fillna(codes(rows["Country"])),
            fiscal_year=lambda rows: rows["Fiscal Year"].astype(int),
            **{"class": _class},
        )
        .groupby(["recipient", "fiscal_year", "class", "account"], as_index=False, dropna=False)[
            ["usd_current", "usd_2020"]
        ]
        .sum()
    )


def _class(rows: pd.DataFrame) -> pd.Series:
    civil = rows["account"].map(_CLASSES).fillna("economic")
    return civil.mask(rows["Assistance Category"].eq("Military"), "military")


TABLES = {"aid": aid}
