from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.indicator_766 import (
    Indicator766,
    SatisfactionGroup,
    Wording,
    indicator_766,
    portal_points,
    satisfaction_group,
    union_between,
)


def test_the_published_figures_of_a_province_are_reproduced():
    item = portal_points(144_574, 184_513)
    assert (item.percent, item.points) == (78.35, 5.22)
    assert portal_points(137, 247).percent == 55.47


def test_ninety_percent_is_where_the_points_are_full():
    assert portal_points([89, 90, 100], 100).points.tolist() == [5.93, 6.0, 6.0]


def test_no_cases_give_no_points_and_no_rate():
    item = portal_points(0, 0)
    assert (item.rate, item.percent, item.points) == (None, None, 0.0)
    many = portal_points([0, 9], [0, 10])
    assert np.isnan(many.rate[0]) and many.points.tolist() == [0.0, 6.0]


def test_two_decimals_are_rounded_half_up():
    assert portal_points(15, 100_000).percent == 0.02
    assert portal_points(1005, 10_000).percent == 10.05
    assert portal_points(3, 8_000).points == 0.0
    assert portal_points(1, 400).points == 0.02


def test_the_wordings_differ_by_the_cases_that_are_both_late_and_disliked():
    both = indicator_766(1000, 80, 60, 40)
    assert both.union.passed == 900 and both.sum.passed == 860
    assert both.wording(Wording.UNION) is both.union and both.wording(Wording.SUM) is both.sum
    assert Indicator766.LABEL == "766 indicator"


def test_the_sum_never_falls_below_zero():
    item = indicator_766(10, 9, 8, 7)
    assert (item.sum.percent, item.sum.points) == (0.0, 0.0)
    assert item.union.percent == 0.0


@given(st.integers(0, 10**9), st.data())
def test_points_stay_within_their_bounds_and_the_union_is_never_worse(handled, data):
    late = data.draw(st.integers(0, handled))
    disliked = data.draw(st.integers(0, handled))
    overlap = data.draw(st.integers(max(0, late + disliked - handled), min(late, disliked)))
    item = indicator_766(handled, late, disliked, overlap)
    assert 0 <= item.sum.points <= item.union.points <= 6
    if handled == 0:
        assert item.union.rate is None and item.union.points == 0
    else:
        assert 0 <= item.sum.rate <= item.union.rate <= 1
        assert item.union.points == pytest.approx(min(6, 6 * item.union.rate / 0.9), abs=0.005001)
        assert (item.union.points == item.sum.points) or overlap > 0


@pytest.mark.parametrize(
    "counts", [(10, 11, 0, 0), (10, 0, -1, 0), (10, 5, 5, 6), (10, 8, 8, 5), (10, 0.5, 0, 0), (float("nan"), 0, 0, 0)]
)
def test_impossible_counts_are_refused(counts):
    with pytest.raises(ValueError):
        indicator_766(*counts)


@given(st.integers(0, 400), st.integers(0, 400), st.integers(0, 400))
def test_without_the_overlap_the_union_lies_between_the_two_that_can_be(handled, late, disliked):
    late, disliked = min(late, handled), min(disliked, handled)
    least, most = union_between(handled, late, disliked)
    every = [
        indicator_766(handled, late, disliked, both).union.passed
        for both in range(min(late, disliked) + 1)
        if late + disliked - both <= handled
    ]
    assert (least.passed, most.passed) == (min(every), max(every))


def test_the_group_of_a_province_adds_up_to_the_printed_points():
    """Phú Thọ in August 2026: 5.22 of 6 for cases, 182 of 247 petitions on time, 137 of 247 satisfied."""
    items = [portal_points(144_574, 184_513), portal_points(182, 247), portal_points(137, 247)]
    assert [item.points for item in items] == [5.22, 4.91, 3.70]
    group = satisfaction_group(*items)
    assert (group.points, group.missing, group.most) == (13.83, 4.17, 18)
    assert satisfaction_group() == SatisfactionGroup(0.0, 0.0, 0)
