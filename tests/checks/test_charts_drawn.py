"""Charts are compared by what they draw: one picture in any spelling passes, another doesn't."""

import altair as alt
import pandas as pd
import pytest

from americas import load
from americas.checks.compare import CheckOptions
from americas.checks.fingerprint import fingerprint
from americas.checks.key import Key, judge

aid = load("aid").query("2000 <= fiscal_year <= 2009")
peru = aid.query("recipient == 'PER'").assign(m=lambda t: t["usd_current"] / 1e6)
years = peru.groupby("fiscal_year", as_index=False)["m"].sum()
states = aid[aid["recipient"].isin(["PER", "BOL", "ECU", "COL"])].assign(m=aid["usd_current"] / 1e6)
states = states.groupby("recipient", as_index=False)["m"].sum()
two = aid[aid["recipient"].isin(["PER", "BOL"])].assign(m=aid["usd_current"] / 1e6)
two = two.groupby(["recipient", "fiscal_year"], as_index=False)["m"].sum()
dates = pd.DataFrame({"day": pd.to_datetime(["2001-02-03", "2002-03-04"]), "n": [1, 2]})
given = peru[peru["m"] > 0]
gaps = years[years["fiscal_year"] != 2004]


def told(answer, right, turns=()):
    wrong = [{"sentence": name, "answer": fingerprint(chart)} for name, chart in turns]
    key = Key(fingerprint(right), CheckOptions(), wrong, [])
    found = judge("4.1", fingerprint(answer), key)
    return "correct" if found.outcome == "correct" else found.feedback.message


def bars(data=years, x="fiscal_year:O", y=None, **more):
    y = alt.Y("m:Q", title="Millions") if y is None else y
    return alt.Chart(data, title="Aid").mark_bar().encode(x=x, y=y, **more)


def ranked(sort="-x", data=states, **scale):
    x = alt.X("m:Q", title="Millions", scale=alt.Scale(**scale) if scale else alt.Undefined)
    y = alt.Y("recipient:N", sort=sort)
    return alt.Chart(data, title="Aid").mark_bar().encode(x=x, y=y)


def lines(data=two, mark="mark_line", **more):
    encoding = {"x": "fiscal_year:Q", "y": alt.Y("m:Q", title="Millions"), "color": "recipient:N"}
    return getattr(alt.Chart(data, title="Aid"), mark)().encode(**encoding | more)


def dated(data, x="day:T"):
    return alt.Chart(data, title="Days").mark_line().encode(x=x, y="n:Q")


def scaled(**scale):
    return alt.Y("m:Q", title="Millions", scale=alt.Scale(**scale))


one, other = (lines(two[two["recipient"] == code]) for code in ("PER", "BOL"))
plain_lines = lines().properties(title="Aid")
downwards = list(states.sort_values("m", ascending=False)["recipient"])
paid = alt.Chart(peru, title="Aid").mark_bar()
everyone = alt.Chart(aid.assign(m=aid["usd_current"] / 1e6), title="Aid").mark_bar()
summed = {"x": "fiscal_year:O", "y": alt.Y("sum(m):Q", title="Millions")}
wide = two.pivot(index="fiscal_year", columns="recipient", values="m").reset_index()
click = alt.selection_point()
clear = alt.when(click).then(alt.value(1)).otherwise(alt.value(0.2))
FOLLOWED = [
    "datum.recipient == 'PER'",
    "datum['recipient'] === \"PER\" && isValid(datum.m)",
    "indexof(['PER'], datum.recipient) >= 0 && inrange(datum.fiscal_year, [2000, 2009])",
    "!(datum.recipient != 'PER') ? true : false",
    "test(/^per$/i, datum.recipient)",
    alt.datum.recipient == "PER",
    alt.FieldOneOfPredicate("recipient", ["PER", "XXX"]),
    {"and": [{"field": "recipient", "equal": "PER"}, {"field": "fiscal_year", "gte": 2000}]},
    {"and": [{"not": {"field": "recipient", "lt": "PER"}}, "datum.recipient <= 'PER'"]},
]
TRANSFORMED = [
    *((everyone.encode(**summed).transform_filter(test), bars()) for test in FOLLOWED),
    (
        paid.transform_aggregate(t="sum(m)", groupby=["fiscal_year"]).encode(
            x="fiscal_year:O", y=alt.Y("t:Q", title="Millions")
        ),
        bars(),
    ),
    (
        paid.transform_calculate(k="datum.usd_current / pow(10, 6)").encode(
            x="fiscal_year:O", y=alt.Y("sum(k):Q", title="Millions")
        ),
        bars(),
    ),
    (
        paid.transform_joinaggregate(t="sum(m)", groupby=["fiscal_year"]).encode(
            x="fiscal_year:O", y=alt.Y("max(t):Q", title="Millions")
        ),
        bars(),
    ),
    (lines(wide).transform_fold(["PER", "BOL"], as_=["recipient", "m"]), lines()),
    (
        lines(two.rename(columns={"recipient": "code"})).transform_lookup(
            "code",
            alt.LookupData(pd.DataFrame({"c": ["PER", "BOL"], "n": ["PER", "BOL"]}), "c", ["n"]),
            as_=["recipient"],
        ),
        lines(),
    ),
    (
        dated(dates[["day"]].iloc[::-1]).transform_window(
            n="row_number()", sort=[alt.SortField("day")]
        ),
        dated(dates),
    ),
    (
        dated(dates[["day"]]).transform_window(n="count()", sort=[alt.SortField("day")]),
        dated(dates),
    ),
    (
        bars(gaps).transform_impute("m", key="fiscal_year", keyvals=[2004], value=0),
        bars(gaps),
    ),
]  # fmt: skip
UNHURT = [
    (lines(order="fiscal_year:Q"), lines()),
    (bars(years.assign(m=years["m"].map("{:.1f}".format))), bars()),
    (bars(years.assign(m=years["m"].where(years["m"] > years["m"].min(), 0.01)).round(1)),
     bars(years.assign(m=years["m"].where(years["m"] > years["m"].min(), 0.01)))),
    (bars(), bars(years.round(2))),
    (bars(opacity=clear).add_params(click), bars()),
    (lines(color=alt.condition(click, alt.Color("recipient:N"), alt.value("grey"))), lines()),
    (lines().transform_window(before="lag(m)"), lines()),
    (bars(given, y=summed["y"], color="account:N"), bars(given, y=summed["y"])),
    (bars(given, color="account:N"), bars(given, y=summed["y"])),
    (alt.Chart(pd.DataFrame({"a": [2003], "z": [2005]})).mark_rect(opacity=0.2).encode(
        x="a:Q", x2="z:Q") + lines(), lines()),
    (lines() + lines(mark="mark_point", opacity=alt.value(0)), lines()),
    (dated(dates, x=alt.X("day:T", scale=alt.Scale(domain=["2000", "2004-01-01"]))), dated(dates)),
]  # fmt: skip
SAME = [
    *TRANSFORMED,
    *UNHURT,
    (ranked(alt.EncodingSortField("m", order="descending")), ranked()),
    (ranked(alt.EncodingSortField("m", op="sum", order="descending")), ranked()),
    (ranked(alt.SortByEncoding(encoding="x", order="descending")), ranked()),
    (ranked({"encoding": "x", "order": "descending"}), ranked()),
    (ranked(downwards), ranked()),
    (ranked(None, states.sort_values("m", ascending=False)), ranked()),
    (ranked("y"), ranked("ascending")),
    (ranked("-x"), ranked("ascending")),
    (ranked(domain=[0, 9_000]), ranked()),
    (ranked(zero=True, nice=False), ranked()),
    (bars(years.round(0)), bars()),
    (bars(peru, y=alt.Y("sum(m):Q", title="Millions")), bars()),
    (bars(pd.concat([gaps, pd.DataFrame({"fiscal_year": [2004], "m": [0.0]})])), bars(gaps)),
    (bars(years.assign(m=years["m"].where(years["fiscal_year"] != 2004))), bars(gaps)),
    (bars(years.rename(columns={"m": "Millions of dollars"}), y="Millions of dollars:Q"), bars()),
    (bars(peru, y=alt.Y("count():Q", title="n")), bars(peru, y=alt.Y("count()", title="n"))),
    (bars(alt.Data(values=years.to_dict("records"))), bars()),
    (bars(color="fiscal_year:O"), bars()),
    (one + other, lines()),
    ((one.encode(color=alt.datum("PER")) + other.encode(color=alt.datum("BOL"))), lines()),
    (lines() + lines(mark="mark_point"), lines()),
    (lines() + alt.Chart(pd.DataFrame({"y": [9]})).mark_rule().encode(y="y:Q"), lines()),
    (lines() + lines().transform_filter("datum.m > 1").mark_text().encode(text="m:Q"), lines()),
    (lines(y=scaled(zero=False)), lines()),
    (lines(strokeDash="recipient:N"), lines()),
    (lines().transform_calculate(unused="1"), lines()),
    (alt.hconcat(lines()), lines()),
    (dated(dates.assign(day=dates["day"].dt.date)), dated(dates)),
    (dated(dates.assign(day=dates["day"].dt.strftime("%Y-%m-%d"))), dated(dates)),
    (dated(dates.assign(day=dates["day"].dt.tz_localize("UTC"))), dated(dates)),
    (dated(dates, x="yearmonthdate(day):T"), dated(dates)),
    (bars(two, column="recipient:N"), bars(two, facet="recipient:N")),
    (bars(two).facet("recipient:N", columns=1), bars(two, facet="recipient:N")),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "right"), SAME, ids=range(len(SAME)))
def test_one_picture_in_another_spelling(answer, right):
    assert told(answer, right) == "correct"


hide = alt.when(click, empty=False).then(alt.value(1)).otherwise(alt.value(0))
ranges = {"one": ["grey"], "two": ["#C00", "#c00"], "white": ["white", "#fff"]}
colour = {n: alt.Color("recipient:N", scale=alt.Scale(range=r)) for n, r in ranges.items()}
early = alt.Scale(domain=[alt.DateTime(year=2001, month=6), alt.DateTime(year=2003)])
square = alt.Chart(two, title="Aid").mark_rect().encode(
    x="fiscal_year:O", y="recipient:N", color=alt.Color("m:Q", title="Millions")
)  # fmt: skip
UNSEEN = [
    *(
        (bars(**{name: alt.value(0)}), bars(), "Nobody can see")
        for name in ("opacity", "fillOpacity")
    ),
    (bars(opacity=hide), bars(), "Nobody can see"),
    (bars(color=alt.value("white")), bars(), "Nobody can see"),
    (bars().configure_bar(opacity=0), bars(), "Nobody can see"),
    (bars().configure(background="#123").mark_bar(color="#123"), bars(), "Nobody can see"),
    (lines().mark_line(strokeWidth=0), lines(), "Nobody can see"),
    (lines().mark_line(color="#12345600", filled=True), lines(), "drawn with area marks"),
    (lines(color=colour["white"]), lines(), "Nobody can see"),
    (lines(color=colour["one"]), lines(), "have the same colour"),
    (lines(color=colour["two"]), lines(), "have the same colour"),
    ((one + other).resolve_scale(y="independent"), lines(), "scales of their own on y"),
    (
        lines() + alt.Chart(pd.DataFrame({"a": [1]})).mark_rect(color="white"),
        lines(),
        "something else",
    ),
    (square + square.encode(color="fiscal_year:Q"), square, "something else"),
    (dated(dates, x=alt.X("day:T", scale=early)), dated(dates), "cuts off"),
    (lines(order="m:Q"), lines(), "also uses order"),
    (lines(two.assign(m=two["m"] / 2_000)), lines(two.assign(m=two["m"] / 1_000)), "factor of two"),
    (bars(opacity=alt.condition("datum.m > 100", alt.value(1), alt.value(0))), bars(), "too few"),
    ((one + other).resolve_scale(color="independent"), lines(), "colours of their own"),
    (one.encode(color=alt.datum("a")) + other.encode(color=alt.datum("a")), lines(), "no legend"),
    (bars().transform_aggregate(n="sum(m)"), bars(), "`fiscal_year`, which the data that it draws"),
    (bars().transform_calculate(m="datum.m * 2"), bars(), "twice"),
    (
        bars().transform_filter("2000 <= datum.fiscal_year <= 2002 && datum.m > 1e9"),
        bars(),
        "no row",
    ),
    (bars().transform_filter("datum.m > 0 and datum.m < 9"), bars(), "can't be read"),
    (bars().transform_filter("m > 0"), bars(), "can't be read"),
]
OTHER = [
    *UNSEEN,
    (ranked("x"), ranked(), "order along y"),
    (ranked("-y"), ranked(), "order along y"),
    (ranked(domainMin=5), ranked(), "starts at zero"),
    (ranked(domain=[-50, 9_000]), ranked(), "starts at zero"),
    (ranked(type="log"), ranked(), "starts at zero"),
    (ranked(type="symlog"), ranked(), "scale of x is symlog"),
    (ranked(type="sqrt"), ranked(), "scale of x is sqrt"),
    (ranked(reverse=True), ranked(), "runs backwards"),
    (ranked(domain=[0, 10], clamp=True), ranked(), "cuts off"),
    (bars(y=scaled(domainMax=50)), bars(), "cuts off"),
    (bars(y=alt.Y("m:Q", title="m", stack="normalize")), bars(), "stacked in another way (normalize)"),
    (bars(y=alt.Y("m:Q", title="m", stack="center")), bars(), "stacked in another way (center)"),
    (bars(x=alt.X("fiscal_year:O", sort="descending")), bars(), "order along x is broken up"),
    (bars(years, y2="fiscal_year:Q"), bars(), "also uses y2"),
    (bars(two, row="recipient:N"), bars(two), "split into small charts"),
    (bars(peru, y="median(m):Q"), bars(), "data behind the chart"),
    (bars(peru, y="q1(m):Q"), bars(), "data behind the chart"),
    (bars(peru, y="product(m):Q"), bars(), "data behind the chart"),
    (bars(peru, y="valid(m):Q"), bars(), "data behind the chart"),
    (bars(peru, y="ci0(m):Q"), bars(), "can't compute"),
    (bars(peru, y="count()"), bars(), "counts rows"),
    (bars("aid.csv"), bars(), "from a file or an address"),
    (alt.Chart(title="t").mark_bar().encode(x="fiscal_year:O", y="m:Q"), bars(), "has no data"),
    (bars(y="mm:Q"), bars(), "column `mm`, which the data that it draws don't have"),
    (lines(y=scaled(domain=[0, 30])), lines(), "cuts off"),
    (lines(y=scaled(type="log")), lines(), "scale of y is log"),
    (lines(detail="fiscal_year:O"), lines(), "also uses detail"),
    (lines() + lines(aid.assign(m=1.0)), lines(), "draws something else"),
    (lines() + lines().encode(color=alt.value("grey")), lines(), "draws something else"),
    (lines() | bars(), lines(), "more than one chart"),
    (lines(color=alt.value("red")) + lines(two.head(9), color=alt.value("blue")), lines(), "layer"),
    (lines(mark="mark_bar"), lines(), "drawn with bar marks"),
    (lines().properties(title=" "), lines(), "no title"),
    (lines(y=alt.Y("m:Q", title=" ")), lines(), "doesn't say what it measures"),
    (lines(y=alt.Y("m:Q", axis=None)), lines(), "doesn't say what it measures"),
    (lines(two[two["fiscal_year"] > 2000], mark="mark_point"), lines(), "data behind the chart"),
    (dated(pd.concat([dates, pd.DataFrame({"day": [pd.NaT], "n": [3]})])), dated(dates), "nothing"),
    (dated(dates.assign(n=[2, 1])), dated(dates), "data behind the chart"),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "right", "expected"), OTHER, ids=range(len(OTHER)))
def test_another_picture_and_what_is_told(answer, right, expected):
    assert expected in told(answer, right)


zero = alt.Chart(pd.DataFrame({"m": [0]})).mark_rule().encode(y="m:Q")


def test_layers_that_stand_apart_are_told_so():
    right = (zero + lines()).properties(title="Aid")
    assert told((lines() + zero).properties(title="Aid"), right) == "correct"
    assert "join layers with +" in told((zero | lines()).properties(title="Aid"), right)


def test_the_part_that_is_wrong_is_told_not_the_given_one():
    right = (zero + lines(mark="mark_point")).properties(title="Aid")
    told_ = told((zero + lines(mark="mark_bar")).properties(title="Aid"), right)
    assert "drawn with bar marks" in told_


def test_a_layer_that_is_wanted_may_be_written_in_another_way():
    right = (zero + lines(mark="mark_point")).properties(title="Aid")
    points = lines(mark="mark_circle")
    for line in (
        alt.Chart().mark_rule().encode(y=alt.YDatum(0, type="quantitative")),
        alt.Chart(years.assign(none=0)).mark_rule().encode(y="none:Q"),
    ):
        assert told((line + points).properties(title="Aid"), right) == "correct"
    upright = alt.Chart(pd.DataFrame({"m": [0]})).mark_rule().encode(x="m:Q")
    assert "layer of rule marks" in told((upright + points).properties(title="Aid"), right)
    own = (zero + points).resolve_scale(y="independent").properties(title="Aid")
    assert "scales of their own" in told(own, right)


def test_a_mistake_that_was_not_made_is_not_told():
    """What the mistake leaves out, the answer has; only its words are missing, or all its rows."""
    points = lines(mark="mark_point")
    turns = [("The line at zero is missing.", points)]
    bare = zero + points.properties(title="")
    right = (zero + points).properties(title="Aid")
    assert "no title" in told(bare, right, turns)
    assert told(points, right, turns) == "The line at zero is missing."
    plain = ranked()
    coloured = plain.encode(color=alt.Color("group:N")).properties(
        data=states.assign(group=["a", "b"] * 2)
    )
    turns = [("No colour tells the groups apart.", plain)]
    assert "no title" in told(coloured.properties(title=""), coloured, turns)
    assert told(plain, coloured, turns) == "No colour tells the groups apart."
    turns = [("These are counts.", lines(two.assign(m=None)))]
    assert "no row passed" in told(lines(two.head(0)), lines(), turns)
    turns = [("One line runs through both.", lines(color=alt.Undefined))]
    red = one.encode(color=alt.value("red")) + other.encode(color=alt.value("red"))
    assert "Each layer draws a series" in told(red, lines(), turns)


def test_a_description_on_a_part_is_told_so():
    right = (zero + lines()).properties(title="Aid", description="Two lines.")
    inner = (zero + lines().properties(description="Two lines.")).properties(title="Aid")
    assert "on an inner part" in told(inner, right)


def test_a_named_mistake_of_a_chart_is_named_only_to_its_picture():
    """The author's mistake is the alphabet; a chart sorted in another spelling hasn't made it."""
    turns = [("It stands by the alphabet.", ranked("ascending"))]
    assert told(ranked("ascending"), ranked(), turns) == "It stands by the alphabet."
    untitled = ranked("ascending").properties(title="")
    assert told(untitled, ranked(), turns) == "It stands by the alphabet."
    assert told(ranked(downwards), ranked(), turns) == "correct"
    assert "order along y" in told(ranked("x"), ranked(), turns)
    assert "starts at zero" in told(ranked(domainMin=5), ranked(), turns)
