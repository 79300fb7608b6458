"""The tables read one by one: what was read, kept apart where sources disagree, and sourced."""

import pandas as pd
import pytest

from americas import load
from americas.data import resource

CARSI = {"BLZ", "CRI", "SLV", "GTM", "HND", "NIC", "PAN"}
SOURCED = [
    "agreements",
    "coca",
    "extraditions",
    "majors_list",
    "opinion",
    "trade_agreements",
    "trained_by_colombia",
    "trust_events",
]
each = pytest.mark.parametrize("name", [*SOURCED, "agreement_parties"])
each_sourced = pytest.mark.parametrize("name", SOURCED)
STATES = set(load("countries")["iso3"])


# Every table


@each
def test_no_key_comes_twice(name):
    assert not load(name).duplicated(resource(name)["schema"]["primaryKey"]).any()


@each_sourced
def test_every_row_names_its_page_and_how_far_to_trust_it(name):
    table = load(name)
    assert table["source"].str.len().gt(3).all()
    assert table["url"].str.fullmatch(r"https?://[^\s/]+\.[^\s/]+/?\S*").all()
    assert set(table["confidence"]) <= {"high", "medium", "low"}


@each_sourced
def test_the_words_are_our_own(name):
    table = load(name)
    assert not set(table.columns) & {"quote", "phrase", "phrase_read", "context", "excerpt"}
    words = table[table.columns.intersection(["note", "event", "title"])]
    assert not words.apply(lambda column: column.str.contains('["“”«»]')).any(axis=None)


@pytest.mark.parametrize(
    ("name", "column", "groups"),
    [
        ("agreements", "iso3_a", set()),
        ("agreements", "iso3_b", set()),
        ("agreement_parties", "iso3", set()),
        ("coca", "iso3", set()),
        ("extraditions", "from_iso3", set()),
        ("extraditions", "to_iso3", {"WLD"}),
        ("majors_list", "iso3", set()),
        ("opinion", "iso3", {"XLA"}),
        ("trained_by_colombia", "recipient", {"WLD", "XCA", "USCAP"}),
        ("trust_events", "countries", set()),
    ],
)
def test_states_are_those_of_the_course_and_groups_are_known(name, column, groups):
    codes = set(load(name)[column].dropna().str.split(";").explode())
    assert codes - STATES == groups


@pytest.mark.parametrize("name", ["agreements", "trust_events"])
def test_a_vague_date_is_the_first_day_of_its_month_or_year(name):
    table = load(name)
    assert table.query("precision != 'day'")["date"].dt.day.eq(1).all()
    assert table.query("precision == 'year'")["date"].dt.month.eq(1).all()


# Coca


@pytest.mark.parametrize(
    ("year", "united_nations", "united_states"), [(2013, 48_189, 80_500), (2020, 142_784, 245_000)]
)
def test_two_estimators_see_two_colombias(year, united_nations, united_states):
    rows = load("coca").query("iso3 == 'COL' and year == @year and newest")
    seen = rows.set_index("estimator")["hectares"].to_dict()
    assert seen == {"UNODC": united_nations, "US": united_states}


def test_one_release_of_each_estimate_is_the_newest():
    coca = load("coca")
    each_estimate = coca.groupby(["iso3", "year", "estimator"])
    assert each_estimate["newest"].sum().eq(1).all()
    latest = each_estimate["published"].transform("max")
    assert coca.loc[coca["newest"], "published"].eq(latest[coca["newest"]]).all()


def test_a_revised_estimate_keeps_its_first_release():
    rows = load("coca").query("iso3 == 'COL' and estimator == 'UNODC' and year == 2010")
    assert rows.sort_values("published")["hectares"].tolist() == [57_000, 61_812]


@pytest.mark.parametrize(
    ("iso3", "missing"), [("COL", set()), ("PER", {2006, 2010, 2011}), ("BOL", {2006})]
)
def test_coca_leaves_gaps_where_nothing_was_read(iso3, missing):
    american = load("coca").query("iso3 == @iso3 and estimator == 'US'")["year"]
    assert set(range(1990, 2022)) - set(american) == missing


def test_before_its_own_surveys_the_un_is_no_second_estimator():
    united_nations = load("coca").query("estimator == 'UNODC'")
    assert united_nations.groupby("iso3")["year"].min().to_dict() == {
        "BOL": 2003, "COL": 1999, "PER": 2000,
    }  # fmt: skip


def test_a_figure_worked_out_by_us_says_so_and_is_never_sure():
    derived = load("coca").query("note.str.startswith('Worked out by us', na=False)")
    assert len(derived) == 5
    assert set(derived["confidence"]) <= {"low", "medium"}


# The majors list


def test_fiscal_years_without_a_list_are_those_in_the_note():
    years = set(load("majors_list")["fiscal_year"])
    assert set(range(1990, 2027)) - years == {1992, 1994}


def test_central_america_came_onto_the_list_in_stages():
    listed = load("majors_list").query("iso3 in @CARSI")
    recent = listed[listed["fiscal_year"].gt(1999)].groupby("iso3")["fiscal_year"].min()
    assert recent.to_dict() == {
        "GTM": 2000, "PAN": 2000, "CRI": 2011, "HND": 2011, "NIC": 2011, "BLZ": 2012, "SLV": 2012,
    }  # fmt: skip
    assert set(listed.query("fiscal_year == 2026")["iso3"]) == CARSI


def test_colombia_failed_five_times_and_was_spared_three():
    failed = load("majors_list").query("iso3 == 'COL' and status == 'failed'")
    assert failed.set_index("fiscal_year")["waiver"].to_dict() == {
        1995: "yes", 1996: "no", 1997: "no", 1998: "yes", 2026: "yes",
    }  # fmt: skip
    assert failed["date"].max() == pd.Timestamp(2025, 9, 15)


def test_a_list_signed_in_autumn_counts_for_the_next_fiscal_year():
    majors = load("majors_list")
    autumn = majors["date"].dt.month.between(8, 10)
    assert majors["fiscal_year"].sub(majors["date"].dt.year)[autumn].eq(1).all()
    assert set(majors.loc[majors["status"].ne("failed"), "waiver"].dropna()) == set()


def test_who_was_spared_in_1999_and_who_was_certified():
    found = load("majors_list").query("fiscal_year in [1999, 2001]")
    assert "listed" not in set(found["status"])
    failed = found.query("status == 'failed'").groupby("fiscal_year")["iso3"].agg(set)
    assert failed.to_dict() == {1999: {"HTI", "PRY"}, 2001: {"HTI"}}
    assert found.query("status == 'failed'")["waiver"].eq("yes").all()


# Extraditions


def test_one_office_corrected_its_count_of_2008():
    rows = load("extraditions").query("from_iso3 == 'MEX' and year_from == year_to == 2008")
    assert set(rows["counted_by"]) == {"US embassy in Mexico"}
    assert rows.set_index("published")["people"].to_dict() == {2008: 85, 2009: 95}
    assert rows.query("newest")["people"].item() == 95


def test_one_figure_of_each_count_is_the_newest():
    table = load("extraditions")
    count = ["from_iso3", "to_iso3", "year_from", "year_to", "whole_years", "kind"]
    each_count = table.groupby([*count, "counted_by", "nationals_only"])
    assert each_count["newest"].sum().eq(1).all()
    latest = each_count["published"].transform("max")
    assert table.loc[table["newest"], "published"].eq(latest[table["newest"]]).all()


def test_yearly_counts_of_mexico_rise_from_2000_to_2009():
    yearly = load("extraditions").query(
        "from_iso3 == 'MEX' and to_iso3 == 'USA' and year_from == year_to and whole_years"
    )
    justice = yearly.query("counted_by == 'US Department of Justice'").set_index("year_from")
    assert justice["people"].to_dict() == {
        2000: 12, 2001: 17, 2002: 25, 2003: 31, 2004: 34, 2005: 41, 2009: 107,
    }  # fmt: skip
    embassy = yearly.query("newest and counted_by == 'US embassy in Mexico'").set_index("year_from")
    assert embassy["people"].to_dict() == {2006: 63, 2007: 83, 2008: 95}


@pytest.mark.parametrize(
    ("to", "nationals", "people"), [("WLD", False, 613), ("USA", False, 587), ("USA", True, 473)]
)
def test_a_count_says_where_to_and_whom(to, nationals, people):
    rows = load("extraditions").query(
        "from_iso3 == 'MEX' and to_iso3 == @to and nationals_only == @nationals "
        "and year_to == 2012 and year_from <= 2007"
    )
    assert rows["people"].item() == people


def test_a_period_is_whole_or_says_how_not():
    table = load("extraditions")
    assert table["year_from"].le(table["year_to"]).all()
    assert table.loc[~table["whole_years"], "note"].notna().all()


# Opinion

# What Pew printed of Mexico's good opinion of the United States, in percent.
PRINTED = {
    2002: 64, 2007: 56, 2008: 47, 2009: 69, 2010: 56, 2011: 52, 2012: 56, 2013: 66, 2014: 63,
    2015: 66, 2017: 30,
}  # fmt: skip


def mexico(question, subject="USA"):
    rows = load("opinion").query("iso3 == 'MEX' and question == @question and subject == @subject")
    return rows.set_index("year")["favourable_pct"]


@pytest.mark.parametrize(("year", "printed"), PRINTED.items())
def test_our_shares_agree_with_what_pew_printed(year, printed):
    assert mexico("favourable view")[year] == pytest.approx(printed, abs=0.85)


def test_mexicos_good_opinion_fell_from_66_to_29_percent():
    assert mexico("favourable view")[[2015, 2017]].round().tolist() == [66, 29]


def test_mexicans_wanted_training_and_money_but_not_troops():
    training = mexico("US training of Mexican police and soldiers")
    money = mexico("US money and weapons for Mexican police and army")
    troops = mexico("US troops in Mexico against traffickers")
    assert training.to_dict() == {2009: 78, 2010: 78, 2011: 74}
    assert money.to_dict() == {2009: 63, 2010: 57, 2011: 64}
    assert troops.to_dict() == {2009: 30, 2010: 26, 2011: 38}


def test_a_changed_wording_is_another_question():
    assert mexico("good opinion, wording of 2018").to_dict() == {2018: 42.9}
    assert mexico("good opinion, wording of 2023").to_dict() == {2023: 72.1}


def test_shares_are_possible_and_ours_say_of_how_many():
    table = load("opinion")
    assert table[["favourable_pct", "unfavourable_pct"]].sum(axis=1).le(100).all()
    assert table.query("basis == 'microdata'")[["unfavourable_pct", "n"]].notna().all(axis=None)


# Agreements


def pairs(kept):
    parties = load("agreement_parties").query("agreement_id in @kept")
    both = parties.merge(parties, on="agreement_id").query("iso3_x < iso3_y")
    return set(zip(both["iso3_x"], both["iso3_y"], strict=True))


def partners(state, kept):
    return {a if b == state else b for a, b in pairs(kept) if state in (a, b)}


def test_the_pair_of_an_agreement_is_its_parties():
    agreements = load("agreements")
    parties = load("agreement_parties").groupby("agreement_id")["iso3"].agg(tuple)
    assert set(parties.index) == set(agreements["agreement_id"])
    sizes = agreements["agreement_id"].map(parties).map(len)
    assert sizes.gt(2).equals(agreements["multilateral"]) and sizes.ge(2).all()
    two = agreements[~agreements["multilateral"]]
    assert list(zip(two["iso3_a"], two["iso3_b"], strict=True)) == list(
        two["agreement_id"].map(parties)
    )
    assert agreements.loc[agreements["multilateral"], ["iso3_a", "iso3_b"]].isna().all(axis=None)


def test_an_agreement_is_named_by_its_year():
    agreements = load("agreements")
    named = agreements["agreement_id"].str.extract(r"-(\d{4})-")[0].astype(int)
    assert named.eq(agreements["date"].dt.year).all()


def test_mexico_and_colombia_are_tied_to_central_america():
    two = load("agreements").query("not multilateral")["agreement_id"]
    assert partners("MEX", two) >= CARSI - {"NIC"} | {"COL", "USA"}
    assert partners("COL", two) >= CARSI - {"BLZ"} | {"MEX", "USA"}
    regional = load("agreements").query("kind != 'convention'")["agreement_id"]
    assert partners("MEX", regional) >= CARSI
    assert partners("COL", regional) >= CARSI - {"BLZ"}


def test_members_of_the_regional_agreements():
    parties = load("agreement_parties").groupby("agreement_id")["iso3"].agg(set)
    # Colombia and the United States train others: four states in 2013, two more in 2014.
    assert parties["multi-2013-a"] == {"COL", "USA", "GTM", "HND", "PAN", "SLV"}
    assert parties["multi-2014-b"] == parties["multi-2013-a"] | {"CRI", "DOM"}
    # The conference on the security strategy, and the mechanism of Tuxtla.
    assert parties["multi-2011-a"] == CARSI | {"MEX", "COL", "USA"}
    assert parties["multi-1996-a"] == CARSI | {"MEX"}


def test_defence_agreements_miss_what_this_table_was_made_for():
    defence = load("defence_agreements")
    outer, inner = {"MEX", "COL"}, CARSI
    tied = (defence["iso3_a"].isin(outer) & defence["iso3_b"].isin(inner)) | (
        defence["iso3_b"].isin(outer) & defence["iso3_a"].isin(inner)
    )
    assert not tied.any()


def test_some_ties_are_older_than_the_programmes():
    assert load("agreements")["date"].dt.year.lt(1996).sum() == 35
    old = load("agreements").query("date < '1996' and not multilateral")["agreement_id"]
    assert partners("USA", old) >= CARSI - {"BLZ"}
    assert partners("COL", old) >= {"NIC", "PAN", "SLV"}


def test_dates_often_misremembered():
    dates = load("agreements").set_index("agreement_id")["date"]
    assert dates["col-usa-2009-a"] == pd.Timestamp(2009, 10, 30)
    tuxtla = load("agreements").query("title.str.contains('Tuxtla')")["date"]
    assert pd.Timestamp(1991, 1, 11) in set(tuxtla)
    assert (tuxtla.dt.year.eq(1996) & tuxtla.dt.month.eq(2)).any()


# Training by Colombia


def test_contradictory_counts_of_training_are_both_kept():
    plan = load("trained_by_colombia").query("recipient == 'USCAP' and year_from == 2013")
    assert plan.set_index("counted_by")["people"].to_dict() == {
        "Colombian embassy": 15_534,
        "Dialogo": 4_000,
    }


def test_recipients_of_training_stay_below_the_total():
    police = load("trained_by_colombia").query("counted_by == 'Colombian police'")
    period = police.query("year_from == 2009 and year_to == 2013").set_index("recipient")["people"]
    assert period["WLD"] == 21_949 and period["MEX"] == 10_310
    assert period.drop("WLD").sum() == 20_171 < period["WLD"]


def test_the_period_says_what_the_years_mean():
    table = load("trained_by_colombia")
    unknown = table["period"].eq("start unknown")
    assert table["year_from"].isna().equals(unknown) and unknown.sum() == 6
    known = table[~unknown]
    single = known["year_from"].eq(known["year_to"]).astype(bool)
    assert single.equals(known["period"].eq("one year"))
    assert known["year_from"].le(known["year_to"]).all()


# Trust


@pytest.mark.parametrize(
    ("day", "words", "direction"),
    [
        ("2005-08-07", "Venezuela", "against"),
        ("2008-11-01", "Bolivia", "against"),
        ("2009-09-18", "Manta", "against"),
        ("2012-09-18", "trust", "for"),
        ("2013-04-29", "single window", "against"),
        ("2019-01-07", "CICIG", "against"),
        ("2020-01-19", "MACCIH", "against"),
        ("2020-10-15", "Cienfuegos", "against"),
        ("2020-12-15", "foreign agents", "against"),
        ("2025-09-15", "Colombia", "against"),
        ("2025-11-16", "foreign bases", "against"),
    ],
)
def test_the_events_against_the_argument_are_there(day, words, direction):
    events = load("trust_events")
    # Not query("date == ..."): pandas 3.1 finds no row when a query compares a date with text.
    found = events["date"].eq(pd.Timestamp(day)) & events["event"].str.contains(words)
    assert list(events.loc[found, "direction"]) == [direction]


def test_an_event_bears_one_of_the_programmes_and_one_direction():
    events = load("trust_events")
    assert set(events["programme"]) == {"Plan Colombia", "Mérida", "CARSI", "none"}
    assert events["direction"].value_counts().to_dict() == {"against": 33, "for": 14, "mixed": 4}
    assert events["countries"].map(lambda codes: sorted(codes.split(";")) == codes.split(";")).all()


def test_events_agree_with_the_other_tables():
    events, majors = load("trust_events"), load("majors_list")
    found = events.query("kind == 'decertification'")
    failed = majors.query("status == 'failed'")
    for day, countries in zip(found["date"], found["countries"], strict=True):
        there = failed.loc[failed["date"].eq(day), "iso3"]
        assert set(countries.split(";")) - {"USA"} <= set(there)
