"""Tables: the same table in other shapes, and a true sentence for each way to be wrong."""

from collections import UserList, deque

import numpy as np
import pandas as pd
import pytest

from americas.checks.compare import CheckOptions
from americas.checks.fingerprint import fingerprint
from americas.checks.key import Key, judge

top = pd.DataFrame({"iso3": ["SLV", "JAM", "HND"], "rate": [63.8, 58.5, 40.3]})
spans = pd.DataFrame(
    {"programme": ["CARSI", "Mérida"], "first": [2006, 2007], "last": [2025, 2021]}
)
specs = pd.DataFrame(
    {"years": [2, 2, 3, 3], "group": ["all", "some"] * 2, "difference": [0.11, 0.22, 0.33, 0.44]}
)
tally = pd.crosstab(
    pd.Series(["C1", "C2", "C2"], name="claim"),
    pd.Series(["mixed", "supports", "supports"], name="verdict"),
)


def told(answer, right, **asked):
    key = Key(fingerprint(right), CheckOptions.of(asked), [], [])
    found = judge("4.1", fingerprint(answer), key)
    words = f"{found.feedback.message} {found.feedback.hint}".strip()
    return "correct" if found.outcome == "correct" else words


measured = top.set_index("iso3")["rate"]


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        (measured.rename_axis("recipient"), top),
        (measured.rename_axis("recipient").rename("x"), top),
        (top.set_index("iso3", drop=False), top),
        (top.style.format(precision=1), top),
        (top.groupby("iso3").agg({"rate": ["mean"]}).reset_index(), top),
        (
            pd.DataFrame({"verdict": ["mixed", *["supports"] * 2], "claim": ["C1", "C2", "C2"]})
            .assign(n=1)
            .groupby(["claim", "verdict"])[["n"]]
            .sum()
            .unstack(fill_value=0),
            tally,
        ),
        (
            spans.assign(first=pd.PeriodIndex(["2006", "2007"], freq="Y")),
            spans,
        ),
        (top.rename(columns={"iso3": "ISO3 ", "rate": "Rate"}), top),
        (top.rename(columns={"rate": "x y"}), top.rename(columns={"rate": "x_y"})),
        (deque([2006, 2007]), [2007, 2006]),
        (UserList([2006, 2007]), [2007, 2006]),
    ],
    ids=range(11),
)
def test_the_same_table_in_another_shape(answer, right):
    assert told(answer, right) == "correct"


@pytest.mark.parametrize(
    ("answer", "right", "expected"),
    [
        # Row numbers that a filter left are no column that the question asks for.
        (["SLV", "JAM", "HND"], top.iloc[[2, 1, 0]], "asks for a table with `iso3`, `rate`."),
        (measured.tolist(), top, "Your answer is one column. The question asks for a table with"),
        (measured.reset_index(drop=True), top, "It may have been lost with the index"),
        (top.to_dict("records"), top, "a list. The question asks for a table: pd.DataFrame(...)"),
        (
            top.astype(str).set_index("iso3")["rate"].to_dict(),
            top,
            "`rate` holds texts where numbers",
        ),
        ({"SLV": 63.8, "JAM": float("nan"), "HND": 40.3}, top, "1 of 3 rows is empty"),
        (measured.set_axis([1, 2, 5]).rename_axis("n"), top, "`iso3` holds numbers where texts"),
        ({"SLV": 1}, ["SLV"], "Your answer is a dictionary. The question asks for a list"),
        (top.set_index("iso3").T, top, "Rows and columns have changed places"),
        (top.T, top, "Rows and columns have changed places"),
        (tally.T, tally, "Rows and columns have changed places"),
        (specs.set_index("years").T.iloc[:, [0, 2]], specs, "column `years` is missing"),
        (specs.pivot(index="years", columns="group"), specs, "The values of `group` are names of"),
        (pd.DataFrame([[1, 2, 3]] * 9, columns=top["iso3"]), top, "The values of `iso3` are names"),
        ({63.8: "SLV", 58.5: "JAM", 40.3: "HND"}, top, "The labels and what belongs to them have"),
        (spans.melt("programme"), spans, "`first`, `last` are values in your column `variable`"),
        (top.assign(rate=[63.8, float("inf"), 40.3]), top, "1 of 3 values is infinite"),
        (top.assign(rate=[[63.8], [58.5], [40.3]]), top, "holds lists or other things"),
        (
            top.assign(rate=[58.5, 63.8, 40.3]),
            top,
            "2 of 3 values in `rate` stand in the wrong row",
        ),
        (spans.assign(programme=["Mérida", "CARSI"]), spans, "stand in the wrong row"),
        (specs.assign(difference=[0.11, 0.22, 0.33, 9]), specs, "at the row of 3, some."),
        (specs.assign(years=specs["years"] + 1), specs, "2 of 4 values in `years` are not among"),
        (
            specs.rename(columns={"years": "difference", "difference": "years"}),
            specs,
            "The values of `difference` stand in your column `years`",
        ),
        (specs.assign(group=["all", "all", "all", "some"]), specs, "1 of 4 values in `group`"),
        (spans.assign(last=[2025.0, 2022.5]), spans, "2022.5, for example, was not asked for"),
        (spans.assign(last=[2025.0, 2022.0]), spans, "2022, for example, was not asked for"),
    ],
    ids=range(26),
)
def test_the_sentence_is_true(answer, right, expected):
    assert expected in told(answer, right)


def test_values_rounded_to_nothing_are_rounded_too_far():
    small = top.assign(rate=[63.84, 0.13, 40.31])
    assert "to fewer digits" in told(small.round(0), small, decimals=1)
    assert "to fewer digits" not in told(small.assign(rate=0), small, decimals=1)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({408}, "a set with one item"),
        ({"days": 408}, "a dictionary with one value"),
        (np.array([408]), "a list with one item"),
        ("408 days", "a text with a number in it"),
        ("7.79 %", "a text with a number in it"),
        ("many", "Your answer is a text. The question asks for a number"),
        (b"408", "of the type bytes"),
        (np.timedelta64("NaT"), "nothing (None, or a missing value)"),
        ((day for day in [408]), "a generator, which makes its items only when"),
        ([408].count, "a function that was not called"),
        ([[[[[[[[408]]]]]]]], "Your answer is a list. The question asks for a number"),
    ],
)
def test_a_number_in_a_wrapping(answer, expected):
    assert expected in told(answer, 408)
