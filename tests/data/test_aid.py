"""Figures of lesson 04's tables, beside what their publishers and others printed."""

import re

import pandas as pd
import pytest

from americas import load

CARSI = {"BLZ", "CRI", "SLV", "GTM", "HND", "NIC", "PAN"}
COLOMBIA = load("aid").query("recipient == 'COL'")
PLAN_COLOMBIA = COLOMBIA.query("2000 <= fiscal_year <= 2015")


def millions(rows):
    return rows["usd_current"].sum() / 1e6


def share(rows, part):
    return millions(rows[part]) / millions(rows)


# Aid


def test_colombia_2000_is_what_both_publishers_print():
    # Greenbook and ForeignAssistance.gov: 1,168.6 million dollars.
    assert round(millions(COLOMBIA.query("fiscal_year == 2000")), 1) == 1168.6
    stages = load("aid_stages").query("iso3 == 'COL' and fiscal_year == 2000")
    assert stages.set_index("stage")["usd_current"].to_dict() == {"obligated": 1_168_630_271}


def test_the_classification_decides_the_share_of_security():
    assert round(millions(PLAN_COLOMBIA), 1) == 10704.9
    assert round(share(PLAN_COLOMBIA, PLAN_COLOMBIA["class"].eq("military")), 2) == 0.25
    assert round(share(PLAN_COLOMBIA, PLAN_COLOMBIA["class"].ne("economic")), 2) == 0.83
    # The note says so: the Pentagon's counter-drug money is counted as military.
    drugs = PLAN_COLOMBIA["account"].eq("Drug Interdiction and Counter-Drug")
    assert set(PLAN_COLOMBIA.loc[drugs, "class"]) == {"military"}
    assert round(share(PLAN_COLOMBIA, drugs), 2) == 0.18


def test_wola_counts_less_for_a_longer_time():
    # WOLA for 2000-16: 9,940 million in all, 7,060 for military and police, that is 71 %.
    wola = load("programme_funding").query("source.str.startswith('WOLA')")
    total, security = wola.sort_values("account")["usd_millions"]
    assert (total, security) == (9940, 7060)
    assert total < millions(PLAN_COLOMBIA)
    assert round(security / total, 2) == 0.71


@pytest.mark.parametrize(("year", "printed"), [(2006, 968), (2007, 125), (2013, 6), (2015, 568)])
def test_narcotics_money_comes_in_lumps(year, printed):
    rows = COLOMBIA.query("fiscal_year == @year and account == 'Narcotics Control'")
    assert round(millions(rows)) == printed


def test_promises_taken_back_stay_in_the_sums():
    aid = load("aid")
    assert aid["usd_current"].lt(0).sum() > 100
    assert not aid.duplicated(["recipient", "fiscal_year", "class", "account"]).any()


def test_each_account_has_one_class():
    classes = load("aid").groupby("account")["class"].unique().explode()
    assert classes["Narcotics Control"] == "counternarcotics"
    assert classes["Foreign Military Financing"] == "military"
    assert list(classes[classes.eq("other security")].index) == [
        "Nonproliferation, Anti-Terrorism, Demining & Related"
    ]
    assert classes.index.is_unique


@pytest.mark.parametrize(
    ("first", "last", "mexico", "isthmus"), [(2000, 2007, 4, 3), (2008, 2012, 25, 10)]
)
def test_shares_of_security_aid_before_and_after_merida(first, last, mexico, isthmus):
    aid = load("aid").query("@first <= fiscal_year <= @last and `class` != 'economic'")
    assert round(100 * share(aid, aid["recipient"].eq("MEX"))) == mexico
    assert round(100 * share(aid, aid["recipient"].isin([*CARSI, "XCA"]))) == isthmus


def test_the_appropriated_stage_lacks_the_supplemental_of_2008():
    stages = load("aid_stages").query("iso3 == 'MEX' and fiscal_year == 2008")
    appropriated = stages.set_index("stage")["usd_current"]["appropriated"]
    assert round(appropriated / 1e6) == 54
    funding = load("programme_funding").query(
        "programme == 'Mérida' and recipient == 'MEX' and basis == 'appropriated'"
    )
    first = funding.query("fiscal_year == 2008 and fiscal_year_to == 2008 and account == 'all'")
    assert list(first["usd_millions"]) == [400]
    # A later report splits the same money between two fiscal years.
    parts = funding[funding["source"].str.startswith("CRS RS22837")]
    assert parts["usd_millions"].sum() == 400


@pytest.mark.parametrize(("region", "within"), [("XCA", 0.06), ("XCB", 0.06), ("XLA", 0.25)])
def test_regional_money_agrees_with_the_table_of_classes(region, within):
    years = "2012 <= fiscal_year <= 2020"
    classes = load("aid").query(f"recipient == @region and {years}")
    stages = load("aid_stages").query(f"iso3 == @region and stage == 'obligated' and {years}")
    assert stages["usd_current"].sum() == pytest.approx(classes["usd_current"].sum(), rel=within)


def test_after_2020_central_americas_money_moves_to_the_hemispheres_row():
    money = load("aid_stages").query("stage == 'obligated' and iso3 in ['XCA', 'XLA']")
    money = money.pivot(index="fiscal_year", columns="iso3", values="usd_current") / 1e6
    assert round(money["XCA"].loc[2020]) == 242
    assert money["XCA"].loc[2021:].max() < 120
    assert money["XLA"].loc[2021:].min() > 2 * money["XLA"].loc[2020]


def test_stages_begin_and_end_as_the_note_says():
    years = load("aid_stages").groupby("stage")["fiscal_year"].agg(["min", "max"])
    assert years.to_dict("index") == {
        "appropriated": {"min": 2006, "max": 2023},
        "disbursed": {"min": 2001, "max": 2024},
        "obligated": {"min": 1980, "max": 2024},
        "requested": {"min": 2008, "max": 2024},
    }


# Programmes


def test_carsi_accounts_add_up_to_the_printed_totals():
    plan = load("programme_funding").query("source.str.contains('spending plan for CARSI')")
    totals = plan.query("account == 'all'").set_index("fiscal_year")["usd_millions"]
    parts = plan.query("account != 'all'").groupby("fiscal_year")["usd_millions"].sum()
    assert totals.to_dict() == {2008: 60, 2009: 105, 2010: 95, 2011: 101.508, 2012: 135}
    pd.testing.assert_series_equal(parts, totals)


def test_gao_table_by_country_adds_up_to_its_regional_row():
    table = load("programme_funding").query("account == 'ESF (State Department part)'")
    countries = table.query("recipient != 'XCA'")
    assert set(countries["recipient"]) == CARSI
    # GAO-13-295R prints 0; 5,002; 11; 2,227 thousand dollars, rounded to the thousand.
    region = table.query("recipient == 'XCA'").set_index("fiscal_year")["usd_millions"]
    assert list(region) == [0, 5.002, 0.011, 2.227]
    sums = countries.groupby("fiscal_year")["usd_millions"].sum()
    assert (sums - region).abs().max() < 0.0015


def test_a_third_party_paraphrase_is_marked():
    funding = load("programme_funding")
    assert set(funding[funding["url"].str.contains("gendergeek")]["confidence"]) == {"low"}
    copies = funding["url"].str.contains("yumpu|abcdocz|wikileaks")
    assert "high" not in set(funding.loc[copies, "confidence"])


def test_partial_dates_stand_on_the_first_day():
    for name in ("programme_timeline", "troop_caps"):
        table = load(name)
        assert (table.query("precision != 'day'")["date"].dt.day == 1).all()
        assert (table.query("precision == 'year'")["date"].dt.month == 1).all()


def test_timeline_has_the_turning_points():
    timeline = load("programme_timeline")
    days = timeline.query("precision == 'day'").set_index("date")["event"].groupby(level=0).sum()
    assert "1.3 billion" in days["2000-07-13"] and "500 military and 300" in days["2000-07-13"]
    assert "rules out US troops" in days["2007-10-22"]
    law = days["2008-06-30"]
    assert all(sum_ in law for sum_ in ("465 million", "400 for Mexico", "60 for Central"))
    assert "2.5 each for Haiti and the Dominican Republic" in law
    assert "6 to 3" in days["2010-08-17"]
    assert {"agreement", "breakdown"} <= set(timeline["kind"])


def test_own_words_quote_nobody():
    for name, column in [("programme_timeline", "event"), ("readings", "finding")]:
        text = load(name)[column]
        # An apostrophe stands within or after a word; a mark before one opens a quotation.
        assert not text.str.contains(r"[\"“”«»]|(?:^|[\s(])['‘]\w").any()
    columns = {
        column
        for name in ("programme_funding", "programme_timeline", "readings")
        for column in load(name).columns
    }
    assert not [column for column in columns if re.search("quote|phrase|context", column)]


# People


def test_training_places_and_recipients():
    training = load("training")
    assert training["students"].sum() == 247_023
    assert training["iso3"].nunique() == 37
    # The reports print 5,817 places for FY2006 and 11,443 for FY2007.
    assert training.query("fiscal_year == 2006")["students"].sum() == 5_817
    assert training.query("fiscal_year == 2007")["students"].sum() == 11_443
    strange = training[~training["iso3"].isin(load("countries")["iso3"])]
    assert set(strange["iso3"]) == {"ABW", "ANT", "CYM", "SXM", "TCA"}
    assert "CUB" not in set(training["iso3"])


def test_caps_rise_as_the_law_did():
    caps = load("troop_caps")
    assert list(caps["military_cap"]) == [500, 400, 800]
    assert list(caps["contractor_cap"]) == [300, 400, 600]
    assert list(caps["date"].dt.year) == [2000, 2002, 2004]


def test_personnel_reported_for_a_day_lie_within_the_reported_range():
    reported = load("troops_reported")
    ranges = reported.query("kind == 'range'").set_index("from")
    printed = ranges[["military_min", "military_max", "contractors_min", "contractors_max"]]
    assert printed.loc["2002-01-01"].tolist() == [91, 563, 114, 454]
    assert printed.loc["2010-01-01"].tolist() == [137, 227, 104, 257]
    days = reported.query("kind == 'day' and `from` >= '2002-01-01'")
    assert len(days) == 3
    assert days["military_max"].between(91, 563).all()
    assert days["contractors_max"].between(114, 454).all()
    assert days["military_min"].equals(days["military_max"])


def test_assigned_staff_are_far_fewer_than_those_reported():
    colombia = load("troops").query("iso3 == 'COL'").set_index("year")["troops"]
    assert (colombia.loc[2002:2009].min(), colombia.loc[2002:2009].max()) == (39, 123)
    # The compilers' newer series has 202 here, since it adds up two reports.
    assert colombia[2008] == 83
    assert colombia[2000] == 224
    # The source leaves these years without a code of the state.
    assert colombia.loc[2022:].to_dict() == {2022: 66, 2023: 64}


# Countries and readings


def test_countries_are_33_states_and_the_united_states():
    countries = load("countries").set_index("iso3")
    assert len(countries) == 34
    assert set(countries.query("programme == 'CARSI'").index) == CARSI
    assert set(countries.query("subregion == 'Central America'").index) == CARSI
    assert list(countries.query("programme in ('Plan Colombia', 'Mérida')").index) == ["COL", "MEX"]
    assert countries.loc["USA", "programme"] == "none"


def test_alba_has_the_members_of_its_meetings():
    countries = load("countries").set_index("iso3")
    joined, left = countries["alba_from"], countries["alba_to"].fillna(9999)

    def members(year):
        return set(countries.index[joined.le(year).fillna(False) & left.gt(year)])

    # Granma, 15 October 2009, lists nine; a map of February 2015 lists eleven.
    assert members(2009) == {"ATG", "BOL", "CUB", "DMA", "ECU", "HND", "NIC", "VCT", "VEN"}
    assert members(2015) == members(2009) - {"HND"} | {"GRD", "KNA", "LCA"}
    assert countries.loc[["HND", "ECU", "BOL"], "alba_to_url"].str.startswith("http").all()
    assert countries.loc[joined.notna(), "alba_url"].str.startswith("http").all()


def test_readings_name_where_they_were_read_and_take_both_sides():
    readings = load("readings").set_index("key")
    paper = readings.loc["IslasLiminanaND"]
    assert "abstract only" in paper["finding"] and pd.isna(paper["year"])
    assert readings.drop("IslasLiminanaND")["read_at"].str.startswith("http").all()
    assert readings["doi"].dropna().str.match(r"10\.\d{4,}/\S+$").all()
    assert {"supports", "contradicts", "mixed", "context"} == set(readings["stance"])
    for lesson in ("04-plan-colombia", "05-contested-success", "06-merida", "07-carsi"):
        stances = set(readings.query("lesson == @lesson")["stance"])
        assert stances & {"supports", "mixed"} and "contradicts" in stances, lesson
