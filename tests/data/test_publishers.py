"""Violence and trafficking: figures of the tables held against their publishers.

Where a comment names a page, the figure stands on that page and not only in the file that the
table was made from.
"""

import pandas as pd
import pytest

from americas import load

CARSI = ["BLZ", "CRI", "SLV", "GTM", "HND", "NIC", "PAN"]


def national_rate(table, year):
    sums = load(table).query("year == @year")[["homicides", "population"]].sum()
    return sums["homicides"] / sums["population"] * 100_000


# Violence


@pytest.mark.parametrize(
    ("iso3", "year", "published"),
    [
        ("HND", 2011, 83.2),
        ("HND", 2012, 82.3),
        ("MEX", 2007, 8.2),
        ("MEX", 2010, 22.7),
        ("COL", 2002, 70.4),
        ("SLV", 2015, 107.6),
        ("ECU", 2023, 45.7),
    ],
)
def test_homicide_rates_are_those_of_unodc(value, iso3, year, published):
    assert round(value("homicide", "rate_per_100k", iso3=iso3, year=year), 1) == published


def test_homicide_keeps_its_gaps():
    years = load("homicide").groupby("iso3")["year"].agg(set)
    assert len(years) == 34
    assert (min(years["PER"]), min(years["BOL"]), min(years["HTI"])) == (2011, 2015, 2007)
    assert max(years["SLV"]) == 2022 and max(years["NIC"]) == 2021
    for iso3, missing in {
        "ECU": {2003, 2004, 2005, 2006},
        "GTM": {2015, 2016},
        "HND": {1996, 1997, 1998},
        "USA": {2003, 2004, 2005},
        "VEN": {2013, 2018},
    }.items():
        assert not missing & years[iso3], iso3
    assert years["COL"] == years["MEX"] == set(range(1990, 2024))


@pytest.mark.parametrize(
    # INEGI's own national totals, as on the pages that the rows name.
    ("year", "inegi"),
    [
        (2000, 97_483_412),
        (2005, 103_263_388),
        (2010, 112_336_538),
        (2015, 119_530_753),
        (2020, 126_014_024),
    ],
)
def test_mexicos_states_add_up_to_the_nation_that_inegi_counted(year, inegi):
    census = load("census_mexico").query("year == @year")
    people = load("homicide_mexico").query("year == @year")
    assert len(census) == len(people) == 32
    assert census["population"].sum() == people["population"].sum() == inegi


@pytest.mark.parametrize(
    ("year", "rate", "unodc"),
    [(2007, 8.3, 8.2), (2010, 23.2, 22.7), (2019, 28.3, 29.2), (2020, 28.4, 29.0)],
)
def test_mexicos_rate_is_the_known_one_and_near_unodcs(value, year, rate, unodc):
    assert round(national_rate("homicide_mexico", year), 1) == rate
    assert round(value("homicide", "rate_per_100k", iso3="MEX", year=year), 1) == unodc


def test_people_in_mexico_grow_from_year_to_year_without_a_step():
    nation = load("homicide_mexico").groupby("year")["population"].sum()
    assert nation.pct_change().dropna().between(0.007, 0.02).all()
    # Half way between the counts of 2010 and 2015 lie two years that are as far from each.
    state = load("homicide_mexico").query("state_code == '09'").set_index("year")["population"]
    assert abs((state[2012] + state[2013]) - (state[2010] + state[2015])) <= 2


def test_chihuahua_rose_tenfold_and_colima_leads_in_2017(value):
    assert value("homicide_mexico", "rate_per_100k", state="Chihuahua", year=2010) > 100
    worst = load("homicide_mexico").query("year == 2017").nlargest(1, "rate_per_100k")
    assert worst["state"].item() == "Colima"


@pytest.mark.parametrize(
    ("year", "homicides", "rate"),
    [
        (2002, 28_363, 70.7),
        (2003, 22_496, 53.8),
        (2010, 14_869, 32.7),
        (2020, 12_127, 24.1),
        (2022, 13_537, 26.2),
    ],
)
def test_colombias_departments_add_up(year, homicides, rate):
    assert load("homicide_colombia").query("year == @year")["homicides"].sum() == homicides
    assert round(national_rate("homicide_colombia", year), 1) == rate


def test_colombias_two_series_meet_in_2003_and_every_rate_follows_from_its_row():
    rows = load("homicide_colombia")
    spans = rows.groupby("series")["year"].agg(["min", "max"])
    assert spans.loc["Peláez and Moreno"].tolist() == [1990, 2002]
    assert spans.loc["National Police"].tolist() == [2003, 2024]
    assert rows["department"].nunique() == rows["department_code"].nunique() == 33
    for table in (rows, load("homicide_mexico")):
        made = table["homicides"] / table["population"] * 100_000
        assert (made - table["rate_per_100k"]).abs().max() < 0.01


def test_colombias_police_figures_are_those_of_the_compilers_file(originals):
    names = {"GUAJIRA": "LA GUAJIRA", "VALLE": "VALLE DEL CAUCA"}
    names |= {"SAN ANDRÉS": "SAN ANDRÉS Y PROVIDENCIA"}
    theirs = pd.read_csv(originals / "colombia_homicide" / "department_year.csv")
    theirs = theirs.assign(department=theirs["departamento"].replace(names)).set_index(
        ["department", "year"]
    )["total_homicides"]
    # Their file counts Bogotá with the department round it.
    ours = load("homicide_colombia").query("year >= 2003").replace({"Bogotá": "Cundinamarca"})
    ours = ours.assign(department=ours["department"].str.upper())
    ours = ours.groupby(["department", "year"])["homicides"].sum()
    assert set(ours.index) == set(theirs.index)
    difference = (ours - theirs)[lambda gap: gap != 0]
    assert len(difference) == 6 and difference.abs().max() == 3
    assert (ours.groupby("year").sum() == theirs.groupby("year").sum()).all()


@pytest.mark.parametrize(
    ("iso3", "year", "deaths"),
    [
        ("MEX", 2007, 1_939),
        ("MEX", 2010, 6_122),
        ("MEX", 2021, 15_063),
        ("MEX", 2024, 10_905),
        ("BRA", 2017, 3_052),
        ("ECU", 2023, 540),
    ],
)
def test_non_state_deaths_are_those_of_ucdp(value, iso3, year, deaths):
    found = value("organized_violence", "deaths", iso3=iso3, year=year, kind="non-state")
    assert found == deaths


def test_non_state_deaths_in_mexico_2008_to_2013():
    rows = load("organized_violence").query(
        "iso3 == 'MEX' and kind == 'non-state' and 2008 <= year <= 2013"
    )
    assert rows["deaths"].sum() == 30_388


def test_zero_is_not_peace(value):
    honduras = load("organized_violence").query("iso3 == 'HND' and year == 2011")
    assert len(honduras) == 3 and honduras[["deaths", "dyads"]].sum().sum() == 0
    assert value("homicide", "rate_per_100k", iso3="HND", year=2011) > 80


def test_ucdp_has_every_state_year_and_kind_and_its_estimates_are_in_order():
    rows = load("organized_violence")
    assert len(rows) == 34 * 36 * 3
    order = (rows["deaths_low"] <= rows["deaths"]) & (rows["deaths"] <= rows["deaths_high"])
    # One slip of the publisher's, told in the reading notes.
    assert rows[~order][["iso3", "year", "kind"]].to_numpy().tolist() == [
        ["COL", 2020, "one-sided"]
    ]
    assert rows.loc[rows["deaths"] > 0, "dyads"].gt(0).all()


# Trafficking


@pytest.mark.parametrize(("first", "last", "tonnes"), [(2006, 2012, 88.0), (2000, 2005, 23.9)])
def test_cocaine_seized_in_the_seven_carsi_states(first, last, tonnes):
    rows = load("seizures").query("iso3 in @CARSI and @first <= year <= @last")
    assert round(rows.groupby("year")["cocaine_kg"].sum().mean() / 1_000, 1) == tonnes


@pytest.mark.parametrize(
    ("iso3", "year", "tonnes"), [("USA", 2005, 196.3), ("PAN", 2007, 60.0), ("MEX", 2007, 48.2)]
)
def test_seizures_are_sums_over_products(value, iso3, year, tonnes):
    assert round(value("seizures", "cocaine_kg", iso3=iso3, year=year) / 1_000, 1) == tonnes


def test_seizures_leave_out_leaf():
    rows = load("seizures")
    assert not {"ARG", "BOL", "COL", "PER"} & set(rows["iso3"])
    assert rows.query("iso3 == 'GTM' and year == 2019").empty
    assert rows["cocaine_kg"].max() < 300_000


# Mexico


def test_the_states_lie_below_the_countrys_homicides_by_the_shares_in_the_note():
    states = load("homicide_mexico").groupby("year")["homicides"].sum()
    country = load("homicide_mexico_total").query("newest").set_index("year")["homicides"]
    missing = ((1 - states / country) * 100).dropna().round(1)
    assert missing.to_dict() == {2018: 6.2, 2019: 3.8, 2020: 2.7, 2021: 3.8, 2022: 6.7}


@pytest.mark.parametrize(
    ("crime", "year", "victims"),
    [("homicide", 2018, 33_742), ("kidnapping", 2019, 1_629), ("extortion", 2023, 10_946)],
)
def test_victims_of_the_country_are_those_the_secretariat_printed(crime, year, victims):
    rows = load("victims_mexico").query("crime == @crime and year == @year")
    assert len(rows) == 32
    assert rows["victims"].sum() == victims


def test_two_counts_of_homicide_move_together_but_are_not_one():
    files = load("victims_mexico").query("crime == 'homicide'")
    both = files.merge(load("homicide_mexico"), on=["state_code", "year"])
    assert both["victims"].corr(both["homicides"]) > 0.95
    assert not both["victims"].equals(both["homicides"])
