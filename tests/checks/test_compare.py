"""What a student is told: every right answer accepted, every built-in reason on a real case."""

import re

import altair as alt
import pandas as pd
import pytest

from americas import load
from americas.checks.compare import CheckOptions
from americas.checks.error_messages import explain
from americas.checks.fingerprint import fingerprint
from americas.checks.key import Key, judge

aid = load("aid")
population = load("population")
peru = aid.query("recipient == 'PER' and fiscal_year >= 2000")
total = peru["usd_current"].sum()
by_year = peru.groupby("fiscal_year", as_index=False)["usd_current"].sum()
by_class = peru.groupby(["fiscal_year", "class"], as_index=False)["usd_current"].sum()
andes = (
    aid.query("recipient in ['PER', 'BOL', 'ECU'] and fiscal_year >= 2000")
    .groupby("recipient", as_index=False)[["usd_current", "usd_2020"]]
    .sum()
)


def told(answer, right, **asked):
    key = Key(fingerprint(right), CheckOptions.of(asked), [], [])
    found = judge("4.1", fingerprint(answer), key)
    words = f"{found.feedback.message} {found.feedback.hint}"
    assert len(re.findall(r"[.?](?= |$)", words.strip())) <= 3, "more than three sentences"
    return "correct" if found.outcome == "correct" else words


@pytest.mark.parametrize(
    ("answer", "right", "asked"),
    [
        (float(total), total, {}),
        (total * (1 + 1e-8), total, {}),
        (12.3, 12.345, {"decimals": 1}),
        (12, 12.345, {"decimals": 0}),
        ("  colombia ", "Colombia", {}),
        ("2000-07-13", pd.Timestamp("2000-07-13"), {}),
        (["PER", "BOL"], ["BOL", "PER"], {}),
        (pd.Series(["PER", "BOL"]), ["BOL", "PER"], {}),
        ({"PER", "BOL"}, ["BOL", "PER"], {}),
        (by_year.set_index("fiscal_year"), by_year, {}),
        (by_year.set_index("fiscal_year")["usd_current"], by_year, {}),
        (by_year.set_index("fiscal_year")["usd_current"].rename("sum"), by_year, {}),
        (by_year[["usd_current", "fiscal_year"]], by_year, {}),
        (by_year.sample(frac=1, random_state=1), by_year, {}),
        (by_year.astype({"usd_current": "float64", "fiscal_year": "Int64"}), by_year, {}),
        (by_year.set_index("fiscal_year")["usd_current"].to_dict(), by_year, {}),
        (by_year[["usd_current"]], by_year["usd_current"], {}),
        (andes.set_index("usd_current")["recipient"], ["BOL", "ECU", "PER"], {}),
    ],
)
def test_right_in_another_spelling(answer, right, asked):
    assert told(answer, right, **asked) == "correct"


# Beside a value as small as this one every factor would pass that is tried by its ratio alone.
millions = pd.Series({"PER": 0.1, "BOL": 51.5, "ECU": 16.4}, name="millions").rename_axis("iso3")


def number(factor):
    return total * factor


@pytest.mark.parametrize(
    ("answer", "right", "asked", "expected"),
    [
        (number(1e-6), total, {}, "factor of a million"),
        (number(1e-3), total, {}, "factor of a thousand"),
        (number(100), total, {}, "share runs from 0 to 1"),
        (number(-1), total, {}, "but for the sign"),
        (number(2), total, {}, "counted twice"),
        (number(1.004), total, {}, "within one percent"),
        (number(1.7), total, {}, "larger than it should be"),
        (float("nan"), total, {}, "not a number"),
        ("12", 12, {}, "a text with a number in it"),
        (peru, total, {}, "Your answer is a table. The question asks for a number"),
        (by_year.tail(1)["usd_current"], total, {}, "table with one row"),
        (peru.groupby("class"), by_class, {}, "not yet summed up"),
        (by_year.sum, by_year, {}, "was not called"),
        (None, total, {}, "nothing (None, or a missing value)"),
        (True, False, {}, "other way round"),
        ("Peru", "Ecuador", {}, "another text"),
        (pd.Timestamp("2000-07-14"), pd.Timestamp("2000-07-13"), {}, "another date"),
        (aid, by_year, {}, "filter is missing, too wide"),
        (pd.concat([aid] * 3), by_year, {}, "far more than any exercise"),
        (by_year.rename(columns={"usd_current": "usd"}), by_year, {}, "Name it `usd_current`"),
        (by_class.rename(columns={"class": "klass"}), by_class, {}, "Name it `class`"),
        (by_class[["fiscal_year", "class"]], by_class, {}, "column `usd_current` is missing"),
        (
            peru.assign(usd_curent=1)[["fiscal_year", "usd_curent"]],
            by_year,
            {},
            "Did you mean it by `usd_curent`",
        ),
        (by_class.assign(half=1), by_class, {}, "more columns than were asked for: `half`"),
        (by_year.query("fiscal_year > 3000"), by_year, {}, "no row passed your filter"),
        (
            aid.groupby(["recipient"], as_index=False)[["usd_current", "usd_2020"]].sum(),
            andes,
            {},
            "or asks for something else. In `recipient`",
        ),
        (by_year.iloc[1:], by_year, {}, "too few"),
        (pd.concat([by_year, by_year]), by_year, {}, "stand there twice"),
        (peru[["fiscal_year", "usd_current"]], by_year, {}, "wait to be summed up"),
        (
            pd.concat([andes, andes.head(1).assign(recipient=None)]),
            andes,
            {},
            "have nothing in `recipient`",
        ),
        (by_year.assign(usd_current=by_year["usd_current"] / 1e6), by_year, {}, "a million"),
        (by_year.assign(usd_current=-by_year["usd_current"]), by_year, {}, "but for the sign"),
        (
            andes.rename(columns={"usd_current": "usd_2020", "usd_2020": "usd_current"}),
            andes,
            {},
            "changed places",
        ),
        (by_year.sort_values("usd_current"), by_year, {"order": True}, "another order"),
        (by_year.iloc[::-1], by_year, {"order": True}, "Sort them"),
        (by_year.astype({"usd_current": "str"}), by_year, {}, "holds texts where numbers are due"),
        (
            by_year.assign(usd_current=by_year["usd_current"].mask(by_year.index == 3, 7)),
            by_year,
            {},
            "1 of 21 values",
        ),
        (
            by_year.assign(usd_current=by_year["usd_current"].mask(by_year.index == 3)),
            by_year,
            {},
            "1 of 21 rows is empty",
        ),
        (
            by_year.fillna(0),
            by_year.assign(usd_current=by_year["usd_current"].mask(by_year.index == 3)),
            {},
            "a gap is not a zero",
        ),
        (by_year["usd_current"], by_class, {}, "one column. The question asks for a table"),
        (["PER"], ["PER", "BOL"], {}, "too few"),
        (by_year["usd_current"], by_year, {}, "column `fiscal_year` is missing. It may have been"),
        (
            by_year.assign(fiscal_year=by_year["fiscal_year"] + 1),
            by_year,
            {},
            "1 of 21 values in `fiscal_year` is not among those asked for",
        ),
        (
            andes.assign(recipient=["PER", "BOL", "MEX"]),
            andes,
            {},
            "MEX, for example, was not asked for",
        ),
        (millions * 1e6, millions, {"decimals": 1}, "a million"),
    ],
)
def test_the_reason_is_the_one_that_helps(answer, right, asked, expected):
    assert expected in told(answer, right, **asked)


def bars(data=by_year, mark="bar", title="Aid to Peru", x="fiscal_year:O", y=None, **more):
    y = y or alt.Y("usd_current:Q", title="US dollars")
    return getattr(alt.Chart(data, title=title), f"mark_{mark}")().encode(x=x, y=y, **more)


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        (bars(x=alt.X("fiscal_year").type("ordinal")), {}),
        (bars(x="fiscal_year:N"), {}),
        (bars(peru, y=alt.Y("sum(usd_current):Q", title="US dollars")), {}),
        (bars(peru, y=alt.Y("usd_current", aggregate="sum", axis=alt.Axis(title="Dollars"))), {}),
        (bars(tooltip=["usd_current"]), {}),
        (bars().mark_bar(color="black", tooltip=True), {}),
        (bars().properties(width=200, height=100).interactive(), {}),
        (bars() + bars().mark_text().encode(text="usd_current"), {}),
        (bars(by_year.rename(columns={"usd_current": "usd"}), y=alt.Y("usd:Q", title="$")), {}),
        (bars(by_year.astype({"fiscal_year": "str"}), x="fiscal_year:N"), {}),
    ],
)
def test_the_same_chart_in_another_spelling(answer, asked):
    assert told(answer, bars(), **asked) == "correct"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (bars(mark="line"), "drawn with line marks"),
        (alt.Chart(by_year).mark_bar().encode(x="fiscal_year:O"), "Nothing is drawn as y"),
        (
            alt.Chart(by_year).mark_bar().encode(y="fiscal_year:O", x="usd_current:Q"),
            "axes have changed places",
        ),
        (
            alt.Chart(by_year).mark_bar().encode(x="fiscal_year:O", color="usd_current:Q"),
            "is shown as color",
        ),
        (
            alt.Chart(by_year.rename(columns={"usd_current": "usd"}))
            .mark_bar()
            .encode(y="fiscal_year:O", x="usd:Q"),
            "axes have changed places",
        ),
        (bars(x="fiscal_year:Q"), "treated as a quantity (Q)"),
        (bars(y="count()"), "counts rows"),
        (bars(y=alt.Y("usd_current:Q", scale=alt.Scale(zero=False))), "starts at zero"),
        (bars(y=alt.Y("usd_current:Q", scale=alt.Scale(type="log"))), "starts at zero"),
        (bars(by_year.assign(m=by_year["usd_current"] / 1e6), y="m:Q"), "shows `m`. Which column"),
        (
            bars(by_year[["fiscal_year"]].assign(m=by_year["usd_current"] / 1e6), y="m:Q"),
            "off by a factor of a million",
        ),
        (bars().transform_filter("datum.fiscal_year > 2010"), "That is too few"),
        (bars().transform_filter("datum.Fiscal_year > 1900"), "no row passed your filter"),
        (bars().transform_filter("datum.fiscal_year = 2010"), "can't be read, so nothing is drawn"),
        (bars().transform_sample(5), "this check can't follow"),
        (bars(peru, y="mean(usd_current):Q"), "data behind the chart"),
        (bars(by_year.iloc[1:]), "your answer has 20 rows"),
        (bars(peru.query("account == 'Other'"), y="sum(usd_current)"), "data behind the chart"),
        (
            bars(andes.assign(fiscal_year=1, usd_current=andes["usd_2020"]), y="usd_2020:Q"),
            "On y the chart shows `usd_2020`",
        ),
        (bars(y="usd_current:Q", title="Aid").encode(y=alt.Y("usd_current:Q")), "which unit"),
        (bars(title=""), "no title"),
        (bars().encode(x=alt.X("fiscal_year:O", sort="-y")), "order along x is broken up"),
        (by_year, "The question asks for a chart"),
        (alt.Chart(aid).mark_bar(), "more than 5,000 rows"),
    ],
)
def test_the_reason_for_a_chart(answer, expected):
    assert expected in told(answer, bars())


@pytest.mark.parametrize(
    ("answer", "right", "expected"),
    [
        (bars(peru, y="sum(usd_current)"), bars(peru, y="mean(usd_current)"), "the sum of each"),
        (bars(), bars(x=alt.X("fiscal_year:O", sort="-y")), "order along x"),
        (
            bars(y=alt.Y("usd_current:Q", scale=alt.Scale(zero=False))),
            bars(y=alt.Y("usd_current:Q", scale=alt.Scale(zero=True))),
            "starts at zero",
        ),
        (
            bars(y=alt.Y("usd_current:Q", title="$", scale=alt.Scale(domain=[1e8, 3e8]))),
            bars(),
            "starts at zero",
        ),
        (
            bars(),
            bars(y=alt.Y("usd_current:Q", title="$", scale=alt.Scale(type="log"))),
            "scale of y",
        ),
        (bars(), bars().properties(description="Bars."), "description for readers"),
        (bars(by_year), bars(by_class, x="fiscal_year:O", color="class:N"), "as color"),
        (bars(), bars(color=alt.value("black")), "correct"),
    ],
)
def test_the_reason_for_a_chart_that_asks_for_more(answer, right, expected):
    assert expected in told(answer, right)


def test_a_column_that_bears_a_word_of_pythons_own():
    with pytest.raises(SyntaxError) as raised:
        aid.query("class == 'military'")
    assert "between backticks" in explain("SyntaxError", str(raised.value))
    assert "bracket" in explain("SyntaxError", "incomplete input")


def test_the_authors_sentence_comes_first():
    wrong = {"sentence": "That is military aid only.", "answer": fingerprint(total / 1000)}
    key = Key(fingerprint(total), CheckOptions(), [wrong], [])
    found = judge("4.1", fingerprint(total / 1000), key)
    assert (found.line(), found.wrong_turn) == ("4.1 · Not yet. That is military aid only.", 1)


def test_a_chart_with_a_channel_more_has_not_taken_the_wrong_turn_without_it():
    wrong = {"sentence": "A colour is missing.", "answer": fingerprint(bars(by_class))}
    right = fingerprint(bars(by_class, color="class:N"))
    key = Key(right, CheckOptions(), [wrong], [])
    assert judge("4.1", fingerprint(bars(by_class)), key).wrong_turn == 1
    untitled = judge("4.1", fingerprint(bars(by_class, color="class:N", title="")), key)
    assert untitled.wrong_turn is None
    assert "no title" in untitled.line()


def test_a_key_comes_back_as_it_was():
    key = Key(fingerprint(by_class), CheckOptions(decimals=1, order=True), [], ["4.1"])
    assert Key.decoded(key.encoded()) == key
    assert "usd_current" not in key.encoded()
