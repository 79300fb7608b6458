"""Lessons 06 and 07: the figures that carry them, from the tables and as the lessons show them."""

import re

import nbformat
import pytest

from americas import load
from americas.course.paths import Course

NOTEBOOKS = Course.of_this_package().root / "notebooks"
SEVEN = ["BLZ", "CRI", "GTM", "HND", "NIC", "PAN", "SLV"]
security = load("aid").query("`class` != 'economic'")


def shown(name):
    cells = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    texts = [o.get("text") or o.get("data", {}).get("text/plain", "") for o in outputs]
    return re.sub(" +", " ", "\n".join(texts))


def mexico(unit):
    return security.query("recipient == 'MEX'").groupby("fiscal_year")[unit].sum()


def test_mexicos_security_aid_grew_more_than_eightfold():
    by_year = mexico("usd_current")
    times = by_year.loc[2009:2011].mean() / by_year.loc[2000:2007].mean()
    assert times > 8
    assert f"FY2009–11 against FY2000–07: {times:.1f} times" in shown("06-merida")


def test_the_window_moves_the_ratio_from_a_fall_to_a_rise():
    real = mexico("usd_2020")
    for n in (1, 2, 3, 4):
        announced, money = (
            real.loc[cut : cut + n - 1].mean() / real.loc[cut - n : cut - 1].mean()
            for cut in (2008, 2009)
        )
        assert (announced < 1) == (n == 1)
        assert money > announced
        assert f"{n - 1} {n} {announced:.1f} {money:.1f}" in shown("06-merida")


def test_money_came_after_the_announcement_and_a_law_is_missing_from_a_series():
    real = mexico("usd_2020")
    assert real[2008] < real.loc[2000:2007].mean() < real[2009] / 5
    stage = load("aid_stages").query("iso3 == 'MEX' and stage == 'appropriated'")
    series = stage.set_index("fiscal_year")["usd_current"]
    assert round(series[2008] / 1e6, 1) == 53.9
    assert "2008 53.9" in shown("06-merida")
    assert "2008 appropriated 400.0" in shown("06-merida")


def test_mexicos_places_peak_in_2016():
    places = load("training").query("iso3 == 'MEX'").groupby("fiscal_year")["students"].sum()
    assert (places.idxmax(), places.max()) == (2016, 5495)
    assert places[2020] < places[1999]
    assert "5,495 in FY2016" in shown("06-merida")


def test_training_was_welcome_and_troops_were_not():
    polls = load("opinion").query("iso3 == 'MEX' and 2009 <= year <= 2011 and pollster == 'Pew'")
    training = polls[polls["question"].str.contains("training")]["favourable_pct"]
    troops = polls[polls["question"].str.contains("troops")]["favourable_pct"]
    assert len(training) == len(troops) == 3
    assert training.min() > 70
    assert troops.max() < 40


def test_extraditions_rose_until_2012_and_halved_and_the_lesson_says_who_counts_whom():
    rows = load("extraditions").query(
        "from_iso3 == 'MEX' and kind == 'extradition' and newest and not nationals_only"
    )
    years = rows.query("year_from == year_to and whole_years").sort_values("year_to")
    to_us = years.query("to_iso3 == 'USA' and year_to <= 2009")["people"]
    assert to_us.is_monotonic_increasing
    to_all = years.query("to_iso3 == 'WLD'").set_index("year_to")["people"]
    assert to_all[2012] == years["people"].max()
    assert to_all[2013] < to_all[2012] / 2
    terms = rows.query("to_iso3 == 'WLD' and year_to - year_from == 6")["people"]
    assert terms.tolist() == [63, 243, 613]
    text = shown("06-merida")
    assert "1994 2000 to all countries 63 10.5" in text
    assert "2006 2012 to all countries 613 102.2" in text


def test_killings_tripled_by_the_lowest_reading_of_the_range():
    rows = load("organized_violence").query("iso3 == 'MEX' and kind == 'non-state'")
    rows = rows.set_index("year")
    assert rows.loc[2007, "deaths_low"] > 3 * rows.loc[2005, "deaths_high"]
    assert rows.loc[2006, "deaths_low"] < 1.1 * rows.loc[2005, "deaths_high"]
    assert "2005 204 204 621" in shown("06-merida")


def test_the_rule_for_a_rise_puts_fights_before_money_and_courses_last():
    table = shown("06-merida").split("1.25 times")[1].split("---")[0]
    rises = dict(re.findall(r"^\d ([A-Z][^\n]*?) \d{4} (\d{4}) \d{4}$", table, re.MULTILINE))
    assert list(rises.values()) == ["2006", "2009", "2006", "2009", "2011"]


@pytest.mark.parametrize(("year", "rate"), [(2007, 34.8), (2011, 43.4), (2019, 25.5)])
def test_the_rate_of_the_seven(year, rate):
    rows = load("homicide").merge(load("population"), on=["iso3", "year"])
    rows = rows.query("iso3 in @SEVEN and year == @year")
    assert len(rows) == 7
    weighted = (rows["rate_per_100k"] * rows["population"]).sum() / rows["population"].sum()
    assert round(weighted, 1) == rate
    mean = rows["rate_per_100k"].mean()
    assert f"{year} 7 {mean:.1f} {rate}" in shown("07-carsi")


def test_the_region_holds_twice_what_its_countries_hold():
    years = security.query("2013 <= fiscal_year <= 2016")
    sums = years.groupby("recipient")["usd_2020"].sum()
    times = sums["XCA"] / sums[SEVEN].sum()
    assert times == pytest.approx(2, abs=0.1)
    assert f"region over countries: {times:.1f}" in shown("07-carsi")


@pytest.mark.parametrize(("first", "last"), [(2010, 2014), (2015, 2019), (2010, 2019)])
def test_the_money_grew_in_two_steps_and_the_lesson_shows_both(first, last):
    sums = security[security["recipient"].isin([*SEVEN, "XCA"])]
    by_year = sums.groupby("fiscal_year")["usd_2020"].sum()
    times = by_year.loc[first:last].mean() / by_year.loc[2000:2007].mean()
    table = shown("07-carsi").split("FY2008–09 FY2010–14 FY2015–19 FY2010–19")[1]
    row = re.search(r"^All ([\d. ]+)$", table, re.MULTILINE)[1].split()
    place = {(2010, 2014): 1, (2015, 2019): 2, (2010, 2019): 3}[first, last]
    assert float(row[place]) == round(times, 1)


def test_the_answer_on_money_and_murder_hangs_on_the_regional_rows():
    told = shown("07-carsi")
    assert "rank correlation NaN NaN 0.4 0.4" in told
    assert re.search(r"^rank correlation 0\.9 ?$", told, re.MULTILINE)


def test_the_list_grew_from_two_of_the_seven_to_all():
    listed = load("majors_list").query("iso3 in @SEVEN").groupby("fiscal_year")["iso3"].nunique()
    assert (listed[2008], listed[2012]) == (2, 7)


def test_nicaragua_and_panama_went_opposite_ways():
    votes = load("un_voting").query("iso3 in ['NIC', 'PAN']")
    early = votes.query("2003 <= year <= 2007").groupby("iso3")["distance"].mean()
    late = votes.query("2009 <= year <= 2013").groupby("iso3")["distance"].mean()
    assert late["NIC"] > early["NIC"] + 0.9
    assert late["PAN"] < early["PAN"] - 0.6
    assert f"{early['NIC']:.2f} {late['NIC']:.2f}" in shown("07-carsi")
