"""Lessons 06 and 07: the figures that carry them, from the tables and as the lessons show them."""

from pathlib import Path

import nbformat
import pytest

from americas import load

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
SEVEN = ["BLZ", "CRI", "GTM", "HND", "NIC", "PAN", "SLV"]
security = load("aid").query("`class` != 'economic'")


def shown(name):
    cells = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return "\n".join(o.get("text") or o.get("data", {}).get("text/plain", "") for o in outputs)


def test_mexicos_security_aid_grew_more_than_eightfold():
    by_year = security.query("recipient == 'MEX'").groupby("fiscal_year")["usd_current"].sum()
    times = by_year.loc[2009:2011].mean() / by_year.loc[2000:2007].mean()
    assert times > 8
    assert f"FY2009–11 against FY2000–07: {times:.1f} times" in shown("06-merida")


def test_mexicos_places_peak_in_2016():
    places = load("training").query("iso3 == 'MEX'").groupby("fiscal_year")["students"].sum()
    assert (places.idxmax(), places.max()) == (2016, 5495)
    assert "5,495 in FY2016" in shown("06-merida")


@pytest.mark.parametrize(("year", "rate"), [(2007, 34.8), (2011, 43.4), (2019, 25.5)])
def test_the_rate_of_the_seven(year, rate):
    rows = load("homicide").merge(load("population"), on=["iso3", "year"])
    rows = rows.query("iso3 in @SEVEN and year == @year")
    assert len(rows) == 7
    weighted = (rows["rate_per_100k"] * rows["population"]).sum() / rows["population"].sum()
    assert round(weighted, 1) == rate
    assert str(rate) in shown("07-carsi")


def test_the_region_holds_twice_what_its_countries_hold():
    years = security.query("2013 <= fiscal_year <= 2016")
    sums = years.groupby("recipient")["usd_2020"].sum()
    times = sums["XCA"] / sums[SEVEN].sum()
    assert times == pytest.approx(2, abs=0.1)
    assert f"{times:.1f} times" in shown("07-carsi")
