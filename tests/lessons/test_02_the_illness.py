"""Lesson 02: what its shuffles found is what counting every possible deal finds."""

import re
from collections import Counter
from functools import cache
from itertools import product
from math import comb, sqrt

import nbformat
import numpy as np
import pytest

from americas import load
from americas.course.paths import Course

LESSON = Course.of_this_package().root / "notebooks" / "02-the-illness.ipynb"
DEALS = 5000


@cache
def cells_of_lesson():
    return nbformat.read(LESSON, as_version=4).cells


def shown(cell):
    """What one cell shows last, in each form."""
    return next(c for c in cells_of_lesson() if c.id == cell).outputs[-1].data


@cache
def printed():
    """All that the lesson's code cells print or show as text."""
    outputs = [out for c in cells_of_lesson() if c.cell_type == "code" for out in c.outputs]
    return "\n".join(
        out.get("text", "") + out.get("data", {}).get("text/plain", "") for out in outputs
    )


@cache
def rates():
    return load("homicide_mexico").pivot(index="state_code", columns="year", values="rate_per_100k")


@cache
def near():
    rows = load("mexico_neighbours")
    return rows.groupby("state_code")["neighbour_code"].agg(set).to_dict()


def cards(before, after, line):
    """The states at risk and those newly violent, as two lists of codes."""
    rate = rates()
    at_risk = rate.index[rate[before] < line].tolist()
    return at_risk, [code for code in at_risk if rate.loc[code, after] >= line]


def borders(group):
    return sum(len(near()[code] & set(group)) for code in group) // 2


def every_deal(at_risk, hand):
    """How many of all possible hands of this size have 0, 1, 2, ... borders: exact.

    States are taken one after the other, drawn or not. Only the drawn states that still have a
    neighbour to come matter for what follows, so hands that agree in these are counted together.
    """
    order, left = [at_risk[0]], set(at_risk[1:])
    while left:
        order.append(max(sorted(left), key=lambda code: len(near()[code] & set(order))))
        left.discard(order[-1])
    ways = Counter({(frozenset(), 0, 0): 1})  # open drawn states, drawn so far, borders so far
    for place, code in enumerate(order):
        to_come = set(order[place + 1 :])
        after = Counter()
        for (drawn, size, found), number in ways.items():
            for now, more, touching in ((drawn, 0, 0), (drawn | {code}, 1, near()[code] & drawn)):
                still_open = frozenset(state for state in now if near()[state] & to_come)
                key = (still_open, size + more, found + (len(touching) if more else 0))
                if size + more <= hand:
                    after[key] += number
        ways = after
    total = Counter()
    for (_, size, found), number in ways.items():
        if size == hand:
            total[found] += number
    return total


def share(deals, least):
    return sum(number for found, number in deals.items() if found >= least) / deals.total()


def test_the_exact_count_counts_every_hand_once():
    at_risk, newly = cards(2007, 2010, 20)
    deals = every_deal(at_risk, len(newly))
    assert deals.total() == comb(31, 9)
    inside = sum(len(near()[code] & set(at_risk)) for code in at_risk) // 2
    mean = sum(found * number for found, number in deals.items()) / deals.total()
    assert mean == pytest.approx(inside * comb(29, 7) / comb(31, 9))


def test_nine_states_and_nine_borders():
    at_risk, newly = cards(2007, 2010, 20)
    assert (len(at_risk), len(newly), borders(newly)) == (31, 9, 9)
    assert "9 borders between the 9 newly violent states" in printed()


def test_the_lessons_share_is_that_of_all_possible_deals():
    at_risk, newly = cards(2007, 2010, 20)
    true = share(every_deal(at_risk, len(newly)), borders(newly))
    said = float(re.search(r"Nine or more in ([\d.]+)% of the deals", printed())[1]) / 100
    # Four standard errors of a share among so many deals, and the last digit printed.
    assert said == pytest.approx(true, abs=4 * sqrt(true * (1 - true) / DEALS) + 0.0005)
    assert 0.03 < true < 0.06  # "four or five in a hundred"


@pytest.mark.parametrize(("before", "after"), [(2007, 2010), (2007, 2012), (2014, 2017)])
@pytest.mark.parametrize("line", [10, 15, 20, 25, 30])
def test_each_line_of_the_table_is_that_of_all_possible_deals(before, after, line):
    at_risk, newly = cards(before, after, line)
    true = share(every_deal(at_risk, len(newly)), borders(newly))
    # pandas folds a wide table: the last column stands apart, under the same row numbers.
    row = re.search(rf"^(\d+) +{before} +{after} +{line} +(\d+) +(\d+) ", printed(), re.MULTILINE)
    assert (int(row[2]), int(row[3])) == (len(newly), borders(newly))
    folded = printed().split("deals with as many, %")[1]
    said = float(re.search(rf"^{row[1]} +([\d.]+)", folded, re.MULTILINE)[1]) / 100
    assert said == pytest.approx(true, abs=4 * sqrt(true * (1 - true) / 1000) + 0.0005)
    rare = {(2010, 20), (2010, 25), (2012, 15), (2012, 20), (2012, 25)}
    assert (true < 0.06) == ((after, line) in rare)


def test_violent_neighbours_the_year_before():
    """7 of 50 with a violent neighbour and 7 of 75 without, counted state by state."""
    rate, counted = rates(), Counter()
    for year in range(2008, 2013):
        violent = set(rate.index[rate[year - 1] >= 20])
        for code in set(rate.index) - violent:
            with_one = bool(near()[code] & violent)
            counted[with_one, bool(rate.loc[code, year] >= 20)] += 1
    assert (counted[True, True], counted[True, True] + counted[True, False]) == (7, 50)
    assert (counted[False, True], counted[False, True] + counted[False, False]) == (7, 75)
    assert re.search(r" 20 +none violent +75 +7 ", printed())
    assert re.search(r" 20 +violent neighbour +50 +7 ", printed())


def test_among_states_that_started_alike_the_exposed_are_ahead_at_15_only():
    """The table under Figure 5, counted state by state: struck and at risk, without and with."""
    rate, struck, size = rates(), Counter(), Counter()
    for line, year in product([10, 15, 20, 25, 30], range(2008, 2013)):
        violent = set(rate.index[rate[year - 1] >= line])
        for code in set(rate.index) - violent:
            before = rate.loc[code, year - 1]
            start = next(low for low in (25, 20, 15, 10, 0) if before >= low)
            key = (line, start, bool(near()[code] & violent))
            size[key] += 1
            struck[key] += int(rate.loc[code, year] >= line)
    assert (struck[15, 10, True], size[15, 10, True]) == (9, 18)
    assert (struck[15, 10, False], size[15, 10, False]) == (2, 7)
    # pandas folds a wide table; the page has it whole.
    numbers = re.findall(r"<td>(\d+)</td>", shown("c-02alike")["text/html"])
    rows = [[int(n) for n in numbers[at : at + 4]] for at in range(0, len(numbers), 4)]
    kinds = sorted({(line, start) for line, start, _ in size})
    assert rows == [
        [count[line, start, exposed] for count in (struck, size) for exposed in (False, True)]
        for line, start in kinds
    ]
    ahead = {
        line
        for line, start in kinds
        if struck[line, start, True] / size[line, start, True]
        > struck[line, start, False] / size[line, start, False]
    }
    assert ahead == {15}


def test_the_orders_to_soldiers_are_compared_with_the_states_that_had_none():
    """Under 20 in 2007: four of seven and none of 24 leapt in 2008, six and three by 2010."""
    rate = load("homicide_mexico").pivot(index="state", columns="year", values="rate_per_100k")
    source = next(c.source for c in cells_of_lesson() if c.id == "c-c5527a85")
    eight = re.findall(r'"(.+?)"', source.partition("]")[0])
    at_risk = rate[rate[2007] < 20]
    ordered = at_risk.index.isin(eight)
    assert (len(eight), ordered.sum(), (~ordered).sum()) == (8, 7, 24)
    leapt = {year: at_risk[year] >= 20 for year in (2008, 2010)}
    assert [(leapt[y][ordered].sum(), leapt[y][~ordered].sum()) for y in leapt] == [(4, 0), (6, 3)]
    assert comb(7, 4) / comb(31, 4) == pytest.approx(7 / 31 * 6 / 30 * 5 / 29 * 4 / 28)
    assert round(comb(7, 4) / comb(31, 4), 3) == 0.001
    assert re.search(r"Of these 24, at 20 or more +0\.0 +0\.0 +0\.0 +0\.0 +1\.0 +3\.0", printed())


def test_one_state_was_violent_in_2007_and_its_five_neighbours_alone_were_exposed():
    rate = rates()
    violent = rate.index[rate[2007] >= 20]
    assert [len(near()[code]) for code in violent] == [5]


def test_honduras_2011_is_a_zero_and_no_peace():
    deaths = load("organized_violence").query("iso3 == 'HND' and year == 2011")
    rate = load("homicide").query("iso3 == 'HND' and year == 2011")["rate_per_100k"].item()
    assert deaths["deaths_high"].sum() == 0
    assert round(rate, 1) == 83.2


def test_the_rate_of_the_whole_is_the_mean_weighted_with_people():
    rows = load("homicide_mexico").query("year == 2017")
    whole = rows["homicides"].sum() / rows["population"].sum() * 100_000
    assert f"All killed ÷ all people:    {whole:.1f}" in printed()
    assert np.average(rows["rate_per_100k"], weights=rows["population"]) == pytest.approx(
        whole, abs=0.01
    )
