"""Votes in the UN General Assembly: ideal points (Bailey, Strezhnev, Voeten) and roll calls."""

from pathlib import Path

import pandas as pd

from americas.data import load
from americas.datasets.sources import codes

ORIGINALS = {
    "unga_ideal_points/IdealpointsJuly2025.dta": "fea7fa9414e3643586dbdf95baa1100ceb418e56684d79d801a146cad79443ce",
    "unga_ideal_points_important/IdealpointestimatesImportant_Apr2020.csv": "31afe460fe57b397d9f2a67dc59d76c49de577c93e0bb053e34239e5a025c2ba",
    "unga_votes/un_roll_calls.rda": "ff2070ae600cfd32176c6d149637306b9b677d6b910f48bec59a15357d673b4b",
    "unga_votes/un_votes.rda": "cf814a48bc536e8f87f8e027942ac515fe6aae9d63cd71dd88ed718b14887e87",
}
DOWNLOAD = (
    "IdealpointsJuly2025.dta of https://doi.org/10.7910/DVN/LEJUQZ, or of "
    "https://github.com/lucasbuildsapps/Masterthesis, commit "
    "5298218d5b57e5b09223b124b25c03dc37ed646e; Output/IdealpointestimatesImportant_Apr2020.csv of "
    "https://github.com/evoeten/United-Nations-General-Assembly-Votes-and-Ideal-Points, commit "
    "a6dce7ec687f73a738593319a57b91333b7a3cab; the two files in the folder data of "
    "https://github.com/dgrtwo/unvotes, commit 7eb7034314ff79c49c9e0785fcd9d216fa04cf14."
)
_YES = {"yes": 1.0, "abstain": 0.5, "no": 0.0}
_FIRST = 1985


def un_voting(originals: Path) -> pd.DataFrame:
    """Return ideal points and agreement with the United States, by state and yearly session."""
    keys = ["iso3", "year"]
    return (
        _ideal_points(originals)
        .merge(_important(originals), on=keys, how="outer", validate="one_to_one")
        .merge(_agreement(originals), on=keys, how="outer", validate="one_to_one")
    )


def _ideal_points(originals: Path) -> pd.DataFrame:
    columns = {
        "iso3c": "iso3",
        "year": "year",
        "idealpointlegacy": "ideal_point",
        "idealpointall": "ideal_point_all",
        "q5all": "ideal_point_all_q5",
        "q95all": "ideal_point_all_q95",
        "idealpointfp": "ideal_point_fp",
        "q5fp": "ideal_point_fp_q5",
        "q95fp": "ideal_point_fp_q95",
    }
    states = load("countries")["iso3"]
    points = (
        pd.read_stata(originals / "unga_ideal_points/IdealpointsJuly2025.dta")
        .rename(columns=columns)[list(columns.values())]
        .astype({"year": "int64", "ideal_point": "float64"})
        .query("iso3 in @states and year >= @_FIRST")
    )
    them = points.query("iso3 == 'USA'").set_index("year")["ideal_point"]
    return (
        points.query("iso3 != 'USA'")
        .assign(
            us_ideal_point=lambda rows: rows["year"].map(them),
            distance=lambda rows: (rows["us_ideal_point"] - rows["ideal_point"]).abs(),
        )
        .astype({name: "float64" for name in columns.values() if name.startswith("ideal_point_")})
        .round(5)
    )


def _important(originals: Path) -> pd.DataFrame:
    """Return ideal points from the votes that the State Department called important, to 2018."""
    columns = {
        "iso3c": "iso3",
        "session": "session",
        "IdealPointImportant": "ideal_point_important",
        "Q5%Important": "ideal_point_important_q5",
        "Q95%Important": "ideal_point_important_q95",
    }
    states = load("countries").query("iso3 != 'USA'")["iso3"]
    path = originals / "unga_ideal_points_important/IdealpointestimatesImportant_Apr2020.csv"
    return (
        pd.read_csv(path, usecols=list(columns), encoding="latin-1")
        .rename(columns=columns)
        .assign(year=lambda rows: rows["session"] + 1945)
        .query("iso3 in @states and year >= @_FIRST")
        .drop(columns="session")
        .round(5)
    )


def _agreement(originals: Path) -> pd.DataFrame:
    """Return agreement after Lijphart: 1 for the same vote, 1/2 where one of the two abstained."""
    # Only here, since reading R's files takes a package that students don't need.
    import pyreadr

    calls = pyreadr.read_r(originals / "unga_votes/un_roll_calls.rda")["un_roll_calls"]
    votes = pyreadr.read_r(originals / "unga_votes/un_votes.rda")["un_votes"]
    cast = votes.assign(
        iso3=codes(votes["country"]), yes=votes["vote"].astype("str").map(_YES)
    ).dropna(subset="iso3")
    them = cast.query("iso3 == 'USA'").set_index("rcid")["yes"]
    return (
        cast.query("iso3 != 'USA'")
        .merge(calls[["rcid", "session"]], on="rcid")
        .assign(
            # A session opens in September and may vote on into the next year; the ideal
            # points, too, count it by the year in which it opened.
            year=lambda rows: (rows["session"] + 1945).astype("int64"),
            same=lambda rows: 1 - (rows["yes"] - rows["rcid"].map(them)).abs(),
        )
        .dropna(subset="same")
        .query("year >= @_FIRST")
        .groupby(["iso3", "year"])["same"]
        .agg(agreement_with_us="mean", votes="size")
        .round({"agreement_with_us": 4})
        .astype({"votes": "Int64"})
        .reset_index()
    )


TABLES = {"un_voting": un_voting}
