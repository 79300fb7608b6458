"""Numbers: digits asked for are compared as digits, and a mistake is named only to who made it."""

import re

import numpy as np
import pandas as pd
import pytest

from americas.checks.compare import CheckOptions
from americas.checks.fingerprint import fingerprint
from americas.checks.key import Key, judge


def verdict(answer, right, *turns, decimals=None, **flags):
    wrong = [{"sentence": f"M{n}", "answer": fingerprint(t)} | flags for n, t in enumerate(turns)]
    key = Key(fingerprint(right), CheckOptions(decimals), wrong, [])
    return judge("4.1", fingerprint(answer), key)


@pytest.mark.parametrize(
    ("answer", "right", "decimals"),
    [
        (13.7, 13.727, 1), (13.727, 13.727, 1), (13.74, 13.727, 1),
        # An exact half is rounded by some up and by some to the even digit.
        (13.6, 13.65, 1), (13.7, 13.65, 1), (2.2, 2.25, 1), (2.3, 2.25, 1), (0.1, 0.15, 1),
        (13.65, 13.651, 1), (np.float32(20.71), 20.7124, 1), (5.0, 5, None), (-0.0, 0.0, 1),
        (408, np.timedelta64(408, "D"), None),
    ],
    ids=range(13),
)  # fmt: skip
def test_right_to_the_digit(answer, right, decimals):
    assert verdict(answer, right, decimals=decimals).outcome == "correct"


@pytest.mark.parametrize(
    ("answer", "right", "decimals"),
    [(13.625, 13.7, 1), (0.1530, 0.1578, 2), (204, 204.18, 1), (204.1, 204.18, 1), (13.6, 13.66, 1),
     (5, 6, None), (True, 1, None), (1000001, 1000000, None)],
    ids=range(8),
)  # fmt: skip
def test_a_wrong_digit_is_wrong_however_near(answer, right, decimals):
    assert verdict(answer, right, decimals=decimals).outcome == "not yet"


def test_a_mistake_is_named_unrounded_and_rounded_as_asked_and_not_near_it():
    assert verdict(70.398, 50.0, 70.398, decimals=1).wrong_turn == 1
    assert verdict(70.4, 50.0, 70.398, decimals=1).wrong_turn == 1
    assert verdict(70.40, 50.0, 70.398, decimals=1).wrong_turn == 1
    for answer in (70.41, 70.36, 70.35, 70.0, 70):
        assert verdict(answer, 50.0, 70.398, decimals=1).wrong_turn is None, answer
    assert verdict(70.4, 50.0, 70.398, decimals=1, exact=True).wrong_turn is None


def test_a_factor_is_told_of_what_was_rounded_on_the_way_and_not_of_a_near_miss():
    assert "factor of a hundred" in verdict(4690, 46.96, decimals=1).feedback.message
    assert "factor" not in verdict(4688.1234, 46.96, decimals=1).feedback.message
    assert "factor of a hundred" in verdict(4696.0001, 46.96, decimals=1).feedback.message


def test_a_mistake_that_rounds_to_the_right_answer_is_known_unrounded():
    assert verdict(0.15839, 0.15776, 0.15839, decimals=3, exact=True).wrong_turn == 1
    for answer in (0.158, 0.1578, 0.15776, 0.1581):
        told = verdict(answer, 0.15776, 0.15839, decimals=3, exact=True)
        assert told.outcome == "correct", answer


@pytest.mark.parametrize("answer", [0.013, 0.05, 0.112])
def test_a_share_that_was_not_multiplied_is_told_its_factor_and_no_mistake(answer):
    told = verdict(answer, answer * 100, 0.07, 8.0, decimals=1)
    assert told.wrong_turn is None
    assert "factor of a hundred" in told.feedback.message


def test_a_table_is_a_named_mistake_only_if_all_its_values_are():
    table = pd.DataFrame({"year": [2000, 2001], "x": [1.23, 4.56]})
    right = table.assign(x=[9.0, 8.0])
    assert verdict(table.round(1), right, table, decimals=1).wrong_turn == 1
    near = table.assign(x=[1.23, 4.6])
    assert verdict(near.assign(x=[1.2, 4.57]), right, table, decimals=1).wrong_turn is None


def test_small_whole_numbers_have_no_factors_and_ranks_no_percent():
    assert "factor" not in verdict(6, 3).feedback.message
    assert "one too many" in verdict(409, 408).feedback.message
    assert "factor of ten" in verdict(123.4, 12.34).feedback.message


def test_ties_in_an_ordered_table_may_stand_either_way():
    table = pd.DataFrame({"a": ["x", "y", "z"], "n": [3, 3, 1]})
    key = Key(fingerprint(table), CheckOptions(order=True), [], [])
    swapped = table.iloc[[1, 0, 2]]
    assert judge("4.1", fingerprint(swapped), key).outcome == "correct"
    assert judge("4.1", fingerprint(table.iloc[::-1]), key).outcome == "not yet"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ([], "Your answer is empty"),
        (["2004", "2005"], "holds texts where numbers are due"),
        (np.array([[2004], [2005]]), "list of lists"),
        (pd.array(["2004"]), "too few"),
        (pd.NA, "nothing (None, or a missing value)"),
        (pd.Series([2004]), "Your answer has 1 row."),
    ],
)
def test_lists_that_are_wrong(answer, told):
    assert told in verdict(answer, [2004, 2005]).feedback.message


def test_a_series_made_of_a_dict_is_as_good_as_the_dict():
    table = pd.DataFrame({"year": [2004, 2005, 2006], "n": [1, 2, 4]})
    counts = dict(zip(table["year"], table["n"], strict=True))
    for answer in (
        counts,
        pd.Series(counts),
        pd.Series(counts, name="n"),
        pd.Series(counts).to_frame("n"),
    ):
        assert verdict(answer, table).outcome == "correct"
    assert verdict(pd.Series([1, 2, 4]), table).outcome == "not yet"
    assert "3 rows" not in verdict(pd.Series({2005: 1, 2006: 2, 2007: 4}), table).feedback.message


@pytest.mark.parametrize(
    "make",
    [
        lambda: [[0] * 2000] * 2000,
        lambda: np.zeros((3000, 10_000)),
        lambda: pd.Series(np.zeros(1_000_000)),
        lambda: {n: list(range(100)) for n in range(1000)},
    ],
    ids=["nested", "array", "column", "dictionary"],
)
def test_what_is_too_big_is_told_so(make):
    told = verdict(make(), [1]).feedback.message
    assert "far more than any exercise asks for" in told
    assert int(re.search(r"has ([\d,]+) ", told)[1].replace(",", "")) > 20_000


@pytest.mark.parametrize("odd", [..., b"x", object()])
def test_a_list_with_something_odd_in_it_is_no_list_of_lists(odd):
    assert verdict([1, odd], [1, 2]).feedback.message.startswith(
        "An item of your list is no number"
    )
    assert verdict([1, [odd]], [1, 2]).feedback.message.startswith("Your answer is a list of lists")
