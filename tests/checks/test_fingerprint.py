"""Fingerprints: every kind of answer as the same JSON, in every process, never an exception."""

import datetime
import decimal
import json
import subprocess
import sys

import altair as alt
import numpy as np
import pandas as pd
import pytest

from americas import load
from americas.checks.fingerprint import fingerprint

aid = load("aid")
peru = aid.query("recipient == 'PER' and fiscal_year >= 2000")
by_year = peru.groupby("fiscal_year")["usd_current"].sum()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (..., {"kind": "unanswered"}),
        (None, {"kind": "none"}),
        (pd.NA, {"kind": "none"}),
        (True, {"kind": "boolean", "value": True}),
        (np.bool_(False), {"kind": "boolean", "value": False}),
        (3, {"kind": "number", "value": 3}),
        (np.int64(3), {"kind": "number", "value": 3}),
        (np.float32(0.5), {"kind": "number", "value": 0.5}),
        (decimal.Decimal("0.5"), {"kind": "number", "value": 0.5}),
        (float("nan"), {"kind": "number", "value": "nan"}),
        (float("-inf"), {"kind": "number", "value": "-inf"}),
        ("Mérida", {"kind": "text", "value": "Mérida"}),
        (datetime.date(2000, 7, 13), {"kind": "date", "value": "2000-07-13"}),
        (pd.Timestamp("2000-07-13"), {"kind": "date", "value": "2000-07-13"}),
        (np.datetime64("2000-07-13"), {"kind": "date", "value": "2000-07-13"}),
        (pd.Period("2000", "Y"), {"kind": "number", "value": 2000}),
        (pd.Period("2000-07", "M"), {"kind": "date", "value": "2000-07-01"}),
        (pd.Timedelta(days=3), {"kind": "number", "value": 3.0}),
    ],
)
def test_plain_values(answer, expected):
    assert fingerprint(answer) == expected


def test_an_array_an_index_and_a_tuple_are_lists():
    expected = fingerprint([2000, 2001])
    for answer in (np.array([2000, 2001]), pd.Index([2000, 2001]), (2000, 2001)):
        assert fingerprint(answer) == expected


def test_a_set_has_no_order():
    assert fingerprint({"PER", "BOL", "ECU"}) == fingerprint({"ECU", "PER", "BOL"})


def test_a_named_index_is_a_column():
    columns = fingerprint(by_year)["columns"]
    assert [column["name"] for column in columns] == ["fiscal_year", "usd_current"]
    assert columns[0]["values"] == list(range(2000, 2021))
    flat = fingerprint(by_year.reset_index())["columns"]
    assert [column["values"] for column in flat] == [column["values"] for column in columns]


def test_an_index_is_kept_where_it_may_say_something():
    """A filter leaves row numbers that nobody asks for, and a Series of a dict has its years."""
    kept, *columns = fingerprint(peru)["columns"]
    assert (kept["name"], kept["index"]) == (None, True)
    assert [column["name"] for column in columns] == list(aid.columns)
    assert len(fingerprint(peru.reset_index(drop=True))["columns"]) == len(aid.columns)


def test_several_levels_dates_categories_and_nullable_numbers():
    table = peru.groupby(["fiscal_year", "class"])["usd_current"].agg(["sum", "max"])
    names = [column["name"] for column in fingerprint(table)["columns"]]
    assert names == ["fiscal_year", "class", "sum", "max"]
    table = pd.DataFrame(
        {
            "class": pd.Categorical(["military", None]),
            "day": pd.to_datetime(["2000-07-13", None]),
            "people": pd.array([1, None], dtype="Int64"),
        }
    )
    found = {column["name"]: column for column in fingerprint(table)["columns"]}
    assert found["class"]["values"] == ["military", None]
    assert found["day"] | {"type": "date"} == found["day"]
    assert found["day"]["values"] == ["2000-07-13", None]
    assert found["people"]["values"] == [1, None]


def test_a_pivot_with_two_header_rows_has_the_names_that_tell_its_columns_apart():
    table = peru.pivot_table(index="fiscal_year", columns="class", values=["usd_current"])
    names = [column["name"] for column in fingerprint(table)["columns"]]
    assert names[:2] == ["fiscal_year", "counternarcotics"]
    twice = pd.concat({"once": table["usd_current"], "twice": table["usd_current"]}, axis=1)
    assert "once military" in [column["name"] for column in fingerprint(twice)["columns"]]


def line(**encoding):
    return alt.Chart(peru, title="Aid to Peru").mark_line().encode(**encoding)


def same_chart(one, other):
    left, right = fingerprint(one), fingerprint(other)
    assert left["kind"] == "chart", left
    return left["units"] == right["units"]


def test_spellings_of_a_chart_agree():
    short = line(x="fiscal_year:O", y="sum(usd_current):Q")
    assert same_chart(
        short,
        alt.Chart(peru)
        .mark_line()
        .encode(alt.X("fiscal_year").type("ordinal"), alt.Y("usd_current").aggregate("sum")),
    )
    assert not same_chart(short, line(x="fiscal_year:Q", y="sum(usd_current):Q"))


@pytest.mark.parametrize(
    ("chart", "marks"),
    [
        (lambda c: c + c.mark_point(), ["line", "point"]),
        (lambda c: c | c.mark_bar(), ["line", "bar"]),
        (lambda c: (c & c.mark_bar()) | c, ["line", "bar", "line"]),
        (lambda c: c.facet("class:N"), ["line"]),
        (lambda c: c.encode(facet="class:N"), ["line"]),
        (lambda c: (c + c.mark_point()).facet(row="class:N"), ["line", "point"]),
        (
            lambda c: c.encode(y=alt.Y(alt.repeat("row"), type="quantitative")).repeat(
                row=["usd_current", "usd_2020"]
            ),
            ["line", "line"],
        ),
    ],
)
def test_composed_charts_come_apart(chart, marks):
    found = fingerprint(chart(line(x="fiscal_year:O", y="sum(usd_current):Q")))
    assert [unit["mark"] for unit in found["units"]] == marks
    assert all(unit["drawn"] for unit in found["units"])


def test_repeated_fields_and_facets_are_channels():
    chart = line(x="fiscal_year:O", y=alt.Y(alt.repeat("layer"), type="quantitative"))
    found = fingerprint(chart.repeat(layer=["usd_current", "usd_2020"]))
    fields = [unit["channels"]["y"]["field"] for unit in found["units"]]
    assert fields == ["usd_current", "usd_2020"]
    faceted = fingerprint(line(x="fiscal_year:O", y="usd_current").facet("class:N"))
    assert faceted["units"][0]["channels"]["facet"]["field"] == "class"


def test_summing_in_the_chart_or_before_draws_the_same():
    in_chart = fingerprint(line(x="fiscal_year:O", y="sum(usd_current):Q"))["units"][0]["drawn"]
    before = alt.Chart(by_year.reset_index()).mark_line().encode(x="fiscal_year:O", y="usd_current")
    assert fingerprint(before)["units"][0]["drawn"] == in_chart


def test_too_big_is_told_by_its_size_and_quickly_left():
    big = pd.DataFrame({"x": np.zeros(10_000_000)})
    assert fingerprint(big) == {
        "kind": "big",
        "what": "table",
        "size": 10_000_000,
        "columns": ["x"],
    }
    assert fingerprint("a" * 10**6)["kind"] == "big"
    assert fingerprint(list(range(10**6)))["kind"] == "big"
    nested = []
    for _ in range(50):
        nested = [nested]
    assert json.dumps(fingerprint(nested)).count('"list"') == 7  # no deeper, and then a type
    assert (
        fingerprint(alt.Chart(pd.DataFrame({"x": range(9_000)})).mark_point())["type"]
        == "MaxRowsError"
    )


class Hostile:
    def __getattribute__(self, name):
        raise RuntimeError("look away")

    def __eq__(self, other):
        raise RuntimeError

    def __repr__(self):
        raise RuntimeError


class Liar(pd.DataFrame):
    @property
    def shape(self):
        raise RuntimeError("no shape")


@pytest.mark.parametrize(
    "make",
    [
        Hostile,
        lambda: Liar({"a": [1]}),
        lambda: 10**400,
        lambda: print,
        lambda: peru.groupby("class"),
    ],
    ids=["hostile", "liar", "huge", "function", "groups"],
)
def test_a_hostile_answer_does_not_raise_and_is_json(make):
    assert json.loads(json.dumps(fingerprint(make()), allow_nan=False))["kind"]


def test_the_same_in_another_process():
    code = (
        "import json; from americas import load;"
        "from americas.checks.fingerprint import fingerprint;"
        "a = load('aid').query(\"recipient == 'PER' and fiscal_year >= 2000\");"
        "print(json.dumps(fingerprint(set(a['class']))),"
        "json.dumps(fingerprint(a.groupby('fiscal_year')['usd_current'].sum())))"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env=None,
            encoding="utf-8",
        ).stdout
        for _ in range(2)
    }
    assert len(runs) == 1
    assert json.dumps(fingerprint(by_year)) in runs.pop()
