"""Treaties, votes, agreements and visits: figures of the tables held against their publishers.

Where a comment names a page, the figure stands on that page and not only in the file that the
table was made from.
"""

import pandas as pd
import pytest

from americas import load

CARSI = ["BLZ", "CRI", "SLV", "GTM", "HND", "NIC", "PAN"]


# Treaties


@pytest.mark.parametrize(("years", "states"), [(5, 23), (10, 29)])
def test_states_bound_by_the_convention_against_organized_crime(years, states):
    rows = load("treaties").query("treaty == 'UNTOC' and iso3 != 'USA'")
    assert len(rows) == 33 and set(rows["opened"]) == {pd.Timestamp("2000-12-12")}
    limit = rows["opened"] + pd.DateOffset(years=years)
    assert (rows["bound"] <= limit).sum() == states


@pytest.mark.parametrize(
    ("iso3", "treaty", "bound"),
    [
        # UN press release UNIS/CP/510: Uruguay deposits the 100th instrument.
        ("URY", "UNTOC", "2005-03-04"),
        ("MEX", "UNTOC", "2003-03-04"),
        ("COL", "UNTOC", "2004-08-04"),
        ("BRA", "Trafficking Protocol", "2004-01-29"),
        ("BOL", "Vienna Convention 1988", "1990-08-20"),
        ("LCA", "UNCAC", "2011-11-18"),
        ("USA", "OAS Mutual Assistance", "2001-05-25"),
        ("COL", "OAS Mutual Assistance", "2003-01-13"),
    ],
)
def test_days_on_which_states_became_bound(value, iso3, treaty, bound):
    assert value("treaties", "bound", iso3=iso3, treaty=treaty) == pd.Timestamp(bound)


def test_states_that_are_not_bound_are_there():
    rows = load("treaties")
    assert len(rows) == 9 * 34 - 2
    cut_off = set(load("countries")["iso3"]) - set(
        rows.query("treaty == 'OAS Mutual Assistance'")["iso3"]
    )
    assert cut_off == {"URY", "VEN"}
    waiting = rows[rows["bound"].isna()]
    assert waiting.query("treaty == 'UNTOC'")["iso3"].tolist() == ["BRB"]
    assert set(waiting.query("treaty == 'UNCAC'")["iso3"]) == {
        "BLZ", "BRB", "GRD", "KNA", "SUR", "VCT"
    }  # fmt: skip
    assert rows["instrument"].isna().equals(rows["bound"].isna())


def test_treaty_dates_are_in_order():
    rows = load("treaties")
    for earlier, later in [("opened", "signed"), ("opened", "bound"), ("bound", "as_of")]:
        assert not (rows[earlier] > rows[later]).any(), (earlier, later)
    assert not (rows["signed"] > rows["bound"]).any()
    first = rows.groupby("treaty")["signed"].min() - rows.groupby("treaty")["opened"].first()
    assert first.drop("OAS Mutual Assistance").dt.days.max() < 30


# Votes


def test_colombias_ideal_point_rose_by_a_quarter():
    points = load("un_voting").query("iso3 == 'COL'").set_index("year")["ideal_point"]
    assert round(points.loc[2001:2005].mean() - points.loc[1995:1999].mean(), 2) == 0.26


def test_distance_follows_from_the_two_points():
    rows = load("un_voting")
    made = (rows["us_ideal_point"] - rows["ideal_point"]).abs()
    assert ((made - rows["distance"]).abs().dropna() < 2e-5).all()
    assert rows.groupby("year")["us_ideal_point"].nunique().max() == 1
    assert "USA" not in set(rows["iso3"])


@pytest.mark.parametrize(
    ("measure", "width"),
    [("ideal_point_all", 0.37), ("ideal_point_fp", 0.41), ("ideal_point_important", 0.8)],
)
def test_an_ideal_point_lies_inside_its_interval(measure, width):
    rows = load("un_voting").dropna(subset=measure)
    low, high = rows[f"{measure}_q5"], rows[f"{measure}_q95"]
    assert rows[measure].between(low, high).all()
    assert (high - low).median() == pytest.approx(width, abs=0.05)


def test_venezuela_stops_voting_and_agreement_ends_with_2019(value):
    rows = load("un_voting")
    assert rows.groupby("iso3")["year"].max()["VEN"] == 2021
    assert rows.dropna(subset="agreement_with_us")["year"].agg(["min", "max"]).tolist() == [
        1985, 2019
    ]  # fmt: skip
    assert rows["votes"].isna().equals(rows["agreement_with_us"].isna())
    assert value("un_voting", "votes", iso3="COL", year=2019) == 91


def test_agreement_falls_while_ideal_points_rise():
    # The agenda trap of lesson 09.
    rows = load("un_voting").query("iso3 == 'COL'").set_index("year")
    change = rows.loc[2001:2005].mean(numeric_only=True) - rows.loc[1995:1999].mean(
        numeric_only=True
    )
    assert change["ideal_point"] > 0.2 and change["agreement_with_us"] < -0.1


def test_agreement_is_lijpharts_index(value, originals):
    pyreadr = pytest.importorskip("pyreadr")
    calls = pyreadr.read_r(originals / "unga_votes" / "un_roll_calls.rda")["un_roll_calls"]
    votes = pyreadr.read_r(originals / "unga_votes" / "un_votes.rda")["un_votes"]
    session = calls.loc[calls["session"] == 56, "rcid"]
    cast = votes[votes["rcid"].isin(session)].pivot(
        index="rcid", columns="country_code", values="vote"
    )
    both = cast[["MX", "US"]].dropna()
    alike = (both["MX"] == both["US"]).sum()
    halves = ((both == "abstain").sum(axis=1) == 1).sum()
    assert value("un_voting", "votes", iso3="MEX", year=2001) == len(both)
    found = value("un_voting", "agreement_with_us", iso3="MEX", year=2001)
    assert found == round((alike + halves / 2) / len(both), 4)


# Diplomacy


def test_defence_agreements_within_the_americas():
    rows = load("defence_agreements")
    with_us = rows["iso3_b"].eq("USA") | rows["iso3_a"].eq("USA")
    assert (len(rows), with_us.sum()) == (61, 13)
    assert (rows["iso3_a"] < rows["iso3_b"]).all()
    assert rows["signed"].dt.year.between(1980, 2010).all()
    assert rows["precision"].eq("year").sum() == 3


def test_no_defence_agreement_ties_mexico_or_colombia_to_central_america():
    rows = load("defence_agreements")
    ends = rows[["iso3_a", "iso3_b"]]
    assert not ends.isin(["MEX"]).any(axis=None)
    assert not (ends.isin(["COL"]).any(axis=1) & ends.isin(CARSI).any(axis=1)).any()
    # Kinne's number for the agreement of 2009 that Colombia's court stopped.
    stopped = rows.query("agreement == 'DCADv1.0-0008'")
    assert stopped[["iso3_a", "iso3_b"]].to_numpy().tolist() == [["COL", "USA"]]
    assert stopped["signed"].item() == pd.Timestamp("2009-10-30")
    # Its country number says Bolivia twice.
    odd = rows.query("agreement == 'DCADv1.0-0297'")
    assert odd[["iso3_a", "iso3_b"]].to_numpy().tolist() == [["BOL", "VEN"]]


def test_visits_by_kind():
    rows = load("visits")
    assert rows["kind"].value_counts().to_dict() == {
        "leader to US": 464,
        "Secretary": 258,
        "President": 79,
    }
    assert rows["date"].min().year == 1977 and (rows["date"] <= rows["until"]).all()
    assert rows["place"].isna().equals(rows["kind"] == "leader to US")


@pytest.mark.parametrize(
    ("date", "iso3", "person", "summit"),
    [
        ("1990-02-15", "COL", "George H.W. Bush", True),  # the drug summit of Cartagena
        ("2000-08-30", "COL", "William J. Clinton", False),
        ("2007-03-12", "MEX", "George W. Bush", False),
        ("2012-04-13", "COL", "Barack Obama", True),  # the Summit of the Americas
        ("2012-06-17", "MEX", "Barack Obama", True),  # the G-20
        ("2016-03-20", "CUB", "Barack Obama", False),
    ],
)
def test_presidents_journeys(date, iso3, person, summit):
    rows = load("visits").query("kind == 'President' and iso3 == @iso3")
    rows = rows[rows["date"] == date]
    assert rows[["person", "summit"]].to_numpy().tolist() == [[person, summit]]


def test_a_talk_between_two_is_no_summit_and_a_tour_of_the_embassy_no_ceremony():
    rows = load("visits")
    # The embassy in Havana, and two journeys to meet Mexico's president alone.
    for day, iso3 in [("2015-08-14", "CUB"), ("1981-01-05", "MEX"), ("1999-02-14", "MEX")]:
        found = rows[(rows["date"] == day) & (rows["iso3"] == iso3)]
        assert not found["summit"].any(), day
    assert rows["summit"].sum() == 228 and rows["un_assembly"].sum() == 35


def test_ambassadors_who_were_expelled():
    rows = load("ambassadors")
    assert rows["iso3"].nunique() == 25 and "BRB" not in set(rows["iso3"])
    expelled = rows.query("ending == 'expelled'").set_index("iso3")
    assert expelled["ended"].dt.strftime("%Y-%m-%d").to_dict() == {
        "BOL": "2008-09-14",
        "ECU": "2011-04-06",
        "NIC": "1988-07-11",
    }
    assert not (rows["ended"] < rows["started"]).any()
    assert rows.query("precision == 'month'")["started"].dt.year.min() >= 1977
