"""Charts that every reader can see, and that are the same on every run."""

import itertools
import json
import os
import subprocess
import sys
from xml.etree import ElementTree

import altair as alt
import numpy as np
import pandas as pd
import pytest
import vl_convert
from colorspacious import cspace_convert

from americas import colours, load, style
from americas.course.notebooks import VEGALITE

SIGHTS = ["normal", "deuteranomaly", "protanomaly", "tritanomaly"]
# Distances in CAM02-UCS, where about 2 can just be told apart side by side. Lines that lie
# apart on a projector need far more.
APART = {"parties": 24, "categories": 18}
CONTRAST = 3
WIDEST_CHART = 700
DRAW = """
import altair as alt
from americas import load, style
style()
troops = load("troops").query("iso3 == 'COL'")
brush = alt.selection_interval(encodings=["x"])
line = alt.Chart(troops).mark_line().encode(alt.X("year"), alt.Y("troops")).add_params(brush)
mean = alt.Chart(troops.assign(share=troops["troops"] / 3)).mark_point().encode(y="share")
"""


@pytest.fixture(autouse=True)
def styled():
    style()
    yield
    alt.renderers.enable("default")
    alt.theme.enable("default")


def shown(chart):
    """What a notebook stores of a chart: its forms by type."""
    bundle = chart._repr_mimebundle_()
    return bundle[0] if isinstance(bundle, tuple) else bundle


def chart(values, **options):
    data = pd.DataFrame({"year": range(len(values)), "troops": values})
    return alt.Chart(data, **options).mark_line().encode(alt.X("year"), alt.Y("troops"))


def palette(name):
    if name == "parties":
        return list(colours.values())
    return chart([1]).to_dict()["config"]["range"]["category"]


def rgb(colour):
    return np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])


def seen(colour, sight):
    """Where a colour lies for a reader, in CAM02-UCS; a colour deficiency is taken as complete."""
    light = rgb(colour)
    if sight != "normal":
        space = {"name": "sRGB1+CVD", "cvd_type": sight, "severity": 100}
        light = np.clip(cspace_convert(light, space, "sRGB1"), 0, 1)
    return cspace_convert(light, "sRGB1", "CAM02-UCS")


def contrast_with_white(colour):
    """The ratio that the Web Content Accessibility Guidelines define, from 1 to 21."""
    light = rgb(colour)
    linear = np.where(light <= 0.04045, light / 12.92, ((light + 0.055) / 1.055) ** 2.4)
    return 1.05 / (linear @ [0.2126, 0.7152, 0.0722] + 0.05)


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("name", APART)
def test_any_two_colours_can_be_told_apart(name, sight):
    for one, other in itertools.combinations(palette(name), 2):
        distance = np.linalg.norm(seen(one, sight) - seen(other, sight))
        assert distance >= APART[name], (one, other)


@pytest.mark.parametrize("name", APART)
def test_colours_stand_out_from_white(name):
    for colour in palette(name):
        assert contrast_with_white(colour) >= CONTRAST, colour


def test_no_category_looks_like_a_party():
    for one, other in itertools.product(palette("parties"), palette("categories")):
        assert np.linalg.norm(seen(one, "normal") - seen(other, "normal")) >= 12, (one, other)


def test_the_parties_are_the_programmes_of_the_tables():
    assert set(load("countries")["programme"].dropna()) <= set(colours)
    with pytest.raises(TypeError):
        colours["Mérida"] = "red"


@pytest.mark.parametrize("mark", ["rect", "circle"])
def test_more_is_darker(mark):
    """Vega has a range for tiles and another for the rest, maps among them."""
    values = pd.DataFrame({"state": ["low", "high"], "rate": [0, 100]})
    tiles = alt.Chart(values, mark=mark).encode(x=alt.X("state", sort=None), color="rate")
    low, high = (
        path.get("fill")
        for group in drawn(tiles).findall(".//{*}g")
        if "role-mark" in group.get("class", "")
        for path in group.findall("{*}path")
    )
    numbers = [[int(part) for part in fill[4:-1].split(",")] for fill in (low, high)]
    light, dark = (contrast_with_white("#{:02X}{:02X}{:02X}".format(*rgb)) for rgb in numbers)
    assert 1.1 < light < 2
    assert dark > 6


def drawn(chart):
    svg = vl_convert.vegalite_to_svg(shown(chart)[VEGALITE], vl_version="5.8")
    return ElementTree.fromstring(svg)


def aid():
    table = load("aid").query("recipient == 'COL' and fiscal_year >= 1990")
    table = table.groupby(["fiscal_year", "class"], as_index=False)["usd_2020"].sum()
    return alt.Chart(table.assign(millions=table["usd_2020"] / 1e6))


def labels(chart):
    return [
        text
        for group in drawn(chart).findall(".//{*}g")
        if "role-axis-label" in group.get("class", "")
        for text in group.findall("{*}text")
        if text.get("opacity") != "0"
    ]


def test_years_stand_upright_and_no_name_is_left_out():
    rates = load("homicide").merge(load("countries"), on="iso3")
    bars = alt.Chart(rates).mark_bar().encode(y=alt.Y("mean(rate_per_100k)").axis(None))
    years = labels(bars.encode(alt.X("year:O")))
    assert not any("rotate" in year.get("transform") for year in years)
    assert 8 <= len(years) < rates["year"].nunique()
    names = labels(bars.encode(alt.X("name:N")))
    assert [name.text for name in names] == sorted(rates["name"].unique())
    chosen = labels(bars.encode(alt.X("year:O").axis(labelAngle=-90)))
    assert all("rotate(270)" in year.get("transform") for year in chosen)
    assert not labels(bars.encode(alt.X("year:O").axis(None)))


def labelled(lines):
    last = lines.transform_filter("datum.fiscal_year == 2020")
    return lines.mark_line() + last.mark_text(align="left", dx=6).encode(text="class:N")


@pytest.mark.parametrize(
    "plain",
    [
        lambda: labelled(aid().encode(x="fiscal_year:Q", y="millions:Q", detail="class:N")),
        lambda: aid().mark_bar().encode(x="fiscal_year:O", y="millions:Q"),
        lambda: aid().mark_bar().encode(x="millions:Q", y="class:N"),
    ],
    ids=["lines with their names", "thirty years as names", "bars with long names"],
)
def test_a_plain_chart_fits(plain):
    width = float(drawn(plain()).get("width"))
    assert 500 < width <= WIDEST_CHART


def test_a_chart_is_the_same_in_every_process():
    code = DRAW + (
        "import json\n"
        "both = alt.layer(line, mean, description='Troops.')\n"
        "print(json.dumps(both._repr_mimebundle_()))"
    )
    first, second = (
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            check=True,
            encoding="utf-8",
        ).stdout
        for seed in ("1", "2")
    )
    assert first == second
    data, look = json.loads(first)
    assert set(data) == set(look) | {"text/plain"} == {VEGALITE, "text/plain"}
    assert list(data[VEGALITE]["datasets"]) == ["data-1", "data-2"]
    assert not list(addresses(data[VEGALITE]))
    assert not list(addresses(look))


def addresses(value, key=""):
    """Whatever in a chart might be fetched: any address but the schema's, which is a name."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from addresses(part, key)
    elif isinstance(value, list):
        for part in value:
            yield from addresses(part, key)
    elif isinstance(value, str) and key != "$schema" and ("//" in value or "url(" in value):
        yield value


def test_a_number_that_differs_in_its_last_bit_makes_the_same_chart():
    assert 0.1 + 0.2 != 0.3
    assert shown(chart([0.1 + 0.2])) == shown(chart([0.3]))
    assert shown(chart([0.123456789])) != shown(chart([0.123456788]))
    rows = shown(chart([1168631000]))[VEGALITE]["datasets"]["data-1"]
    assert rows == [{"year": 0, "troops": 1168631000}]


def test_a_missing_value_is_none_whatever_altair_writes():
    rows = {"any": [{"year": 2000, "troops": float("nan")}]}
    drawn, _ = alt.renderers.get()({"datasets": rows})
    assert drawn[VEGALITE]["datasets"]["data-1"] == [{"year": 2000, "troops": None}]


def test_a_chart_says_in_words_what_it_shows():
    said = "Troops fell from 5 to 3."
    forms = shown(chart([5, 3], description=said))
    assert forms["text/plain"] == forms[VEGALITE]["description"] == said
    assert shown(chart([5, 3]))["text/plain"] == "A chart."


def test_colab_gets_html(monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", object())
    style()
    forms = shown(chart([5, 3]))
    assert "vegaEmbed" in forms["text/html"]
    assert VEGALITE not in forms


def test_a_chart_brings_its_own_ground():
    """JupyterLab's dark theme gives a dark one to every chart that names none."""
    assert shown(chart([5, 3]))[VEGALITE]["config"]["background"] == "white"
