"""The two maps: every state has its shape, a table joins it, and the chart draws it."""

import json
import re

import altair as alt
import pytest
import vl_convert

from americas import load
from americas.data import folder
from americas.datasets.sources import natural_earth


def shapes(name):
    values = load(name).values
    (collection,) = values["objects"].values()
    return {shape["id"]: shape["properties"] for shape in collection["geometries"]}


def test_every_state_has_a_shape_under_its_number_and_code():
    drawn = shapes("americas_map")
    states = load("countries").set_index("iso_numeric")
    assert set(states.index) <= set(drawn)
    assert {number: drawn[number]["iso3"] for number in states.index} == states["iso3"].to_dict()
    assert drawn[328]["name"] == "Guyana" and drawn[124]["iso3"] == "CAN"
    assert len({shape["iso3"] for shape in drawn.values()}) == len(drawn)


def test_every_mexican_state_has_a_shape_under_its_code():
    drawn = {code: shape["state"] for code, shape in shapes("mexico_map").items()}
    for table in ("census_mexico", "homicide_mexico"):
        rows = load(table)
        assert dict(zip(rows["state_code"], rows["state"], strict=True)) == drawn


@pytest.mark.parametrize(
    ("name", "table", "key", "number"),
    [
        ("americas_map", "countries", "iso_numeric", 34),
        ("mexico_map", "census_mexico", "state_code", 32),
    ],
)
def test_a_table_joins_its_map_and_each_shape_is_drawn(name, table, key, number):
    rows = load(table).drop_duplicates(key).assign(found="yes")
    chart = (
        alt.Chart(load(name))
        .mark_geoshape()
        .encode(fill=alt.condition("datum.found == 'yes'", alt.value("#123456"), alt.value("#ddd")))
        .transform_lookup("id", from_=alt.LookupData(rows, key, ["found"]))
        .project("mercator")
    )
    svg = vl_convert.vegalite_to_svg(chart.to_dict())
    assert len(re.findall(r'd="M[^"]+" fill="#123456"', svg)) == number


def test_the_map_of_the_americas_stays_in_the_americas_and_small():
    topology = load("americas_map").values
    (width, _), (left, _) = topology["transform"]["scale"], topology["transform"]["translate"]
    used = set()
    for shape in topology["objects"]["countries"]["geometries"]:
        for part in shape["arcs"]:
            for ring in part:
                used |= {arc if arc >= 0 else ~arc for arc in ring}
    assert used == set(range(len(topology["arcs"])))
    for arc in topology["arcs"]:
        assert -172 < arc[0][0] * width + left < -26
    assert (folder() / "americas.topo.json").stat().st_size < 300_000


def test_the_map_of_the_americas_comes_out_of_its_original(originals):
    made = json.dumps(
        natural_earth.americas_map(originals), ensure_ascii=False, separators=(",", ":")
    )
    assert (folder() / "americas.topo.json").read_text(encoding="utf-8") == made + "\n"


def test_mexicos_neighbours_are_mutual_and_those_of_the_atlas():
    rows = load("mexico_neighbours")
    pairs = set(rows.itertuples(index=False, name=None))
    assert len(pairs) == len(rows) == 134
    assert pairs == {(there, here) for here, there in pairs}
    names = load("census_mexico").drop_duplicates("state_code").set_index("state_code")["state"]
    near = rows["neighbour_code"].map(names).groupby(rows["state_code"].map(names)).agg(set)
    assert set(near.index) == set(names)
    assert near["Chihuahua"] == {"Coahuila", "Durango", "Sinaloa", "Sonora"}
    assert near["Ciudad de México"] == {"México", "Morelos"}
    assert near["Baja California Sur"] == {"Baja California"}
    assert near["Quintana Roo"] == {"Campeche", "Yucatán"}
