"""World Bank, World Development Indicators: people and output."""

from pathlib import Path

import pandas as pd

from americas.data import load

ORIGINALS = {
    "gdp_wb/gdp.csv": "f0a8408195646dbb1a9d7fc4424e2d302ee5380d0ec8834793f12ca25cbd7e2c",
    "population_wb/population.csv": "7d2dd6a17f5ed7916de1f89a9c116791e64d207f2e2f6ce47c57e1ab46f0088a",
}
DOWNLOAD = (
    "World Bank, indicators SP.POP.TOTL and NY.GDP.MKTP.CD: data/population.csv of "
    "https://github.com/datasets/population, commit 425fc447a53a26c767a15a7de60c4cc2478a0595, and "
    "data/gdp.csv of https://github.com/datasets/gdp, commit "
    "822019c80142c162e4ca4eb1a63699ae36075078."
)


def population(originals: Path) -> pd.DataFrame:
    """Return people at mid-year, by country and year."""
    return _indicator(originals / "population_wb/population.csv", "population")


def gdp(originals: Path) -> pd.DataFrame:
    """Return gross domestic product in dollars of the time, by country and year."""
    return _indicator(originals / "gdp_wb/gdp.csv", "gdp_usd")


def _indicator(path: Path, column: str) -> pd.DataFrame:
    countries = load("countries")
    return (
        pd.read_csv(path)
        .rename(columns={"Country Code": "iso3", "Year": "year", "Value": column})
        .loc[lambda rows: rows["iso3"].isin(countries["iso3"])]
        .assign(**{column: lambda rows: rows[column].round().astype("Int64")})[
            ["iso3", "year", column]
        ]
    )


TABLES = {"gdp": gdp, "population": population}
