"""Lesson 08: what each list holds of the fourteen pairs, and its networks counted another way."""

from itertools import combinations, product

import nbformat
import networkx as nx
import pytest

from americas import load
from americas.course.paths import Course

LESSON = Course.of_this_package().root / "notebooks" / "08-neighbours.ipynb"
SEVEN = ["BLZ", "CRI", "GTM", "HND", "NIC", "PAN", "SLV"]
FOURTEEN = {tuple(sorted(pair)) for pair in product(["COL", "MEX"], SEVEN)}
DEFENCE = ["defence", "base access"]
SOFT = ["declaration", "security group", "police", "strategy"]


def pairs(table):
    return set(zip(table["iso3_a"], table["iso3_b"], strict=True))


@pytest.fixture(scope="module")
def bilateral():
    table = load("agreements").query("kind != 'convention' and not multilateral")
    return table.assign(year=table["date"].dt.year)


@pytest.fixture(scope="module")
def shown():
    cells = nbformat.read(LESSON, as_version=4).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return "\n".join(o.get("text") or o.get("data", {}).get("text/plain", "") for o in outputs)


def test_the_data_set_has_none_of_the_fourteen_pairs():
    defence = load("defence_agreements")
    assert not FOURTEEN & pairs(defence)
    assert "MEX" not in {state for pair in pairs(defence) for state in pair}


def test_our_documents_have_twelve_and_nine_if_we_are_strict(bilateral, shown):
    found = FOURTEEN & pairs(bilateral)
    assert FOURTEEN - found == {("MEX", "NIC"), ("BLZ", "COL")}
    strict = bilateral.query("kind not in @SOFT and year >= 1980")
    assert len(FOURTEEN & pairs(strict)) == 9
    assert "the same, since 1980                9" in shown


def test_under_the_rule_of_the_data_set_our_own_list_has_none_either(bilateral):
    rows = bilateral.query("kind in @DEFENCE and 1980 <= year <= 2010")
    assert len(rows) == 3
    assert not FOURTEEN & pairs(rows)


def test_the_maps_ten_lines_of_2010_and_twelve_of_2025(bilateral):
    upto = [len(FOURTEEN & pairs(bilateral.query("year <= @year"))) for year in (2010, 2025)]
    assert upto == [10, 12]


def test_degree_and_density_as_counted_without_a_library(bilateral, shown):
    states = sorted(load("countries")["iso3"])
    lists = [pairs(bilateral.query("1980 <= year <= 2010")), pairs(load("defence_agreements"))]
    for ties in lists:
        network = nx.Graph(ties)
        network.add_nodes_from(states)
        unordered = [set(pair) for pair in ties]
        tied = sum({a, b} in unordered for a, b in combinations(states, 2))
        assert nx.density(network) == pytest.approx(tied / 561, abs=1e-12)
        assert f"Graph with 34 nodes and {tied} edges" in shown
        for state in ("COL", "MEX", "BRA"):
            assert network.degree(state) == sum(state in pair for pair in unordered)
    assert len(lists[0] & lists[1]) == 4


def test_one_programme_several_counts(shown):
    trained = load("trained_by_colombia")
    counts = trained.query("recipient == 'USCAP'").set_index("counted_by")["people"]
    assert (counts["Colombian embassy"], counts["Dialogo"]) == (15534, 4000)
    single = trained.query("counted_by == 'Colombian embassy' and period == 'one year'")
    states = single[single["recipient"].isin(load("countries")["iso3"])]
    left = counts["Colombian embassy"] - states["people"].sum()
    assert f"15,534 - {states['people'].sum():,} = {left:,}" in shown
    assert left < counts["US State Department papers"]
