from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.interval import newcombe, stratified_newcombe, stratified_wilson, wilson
from tests.analysis import golden

groups = st.lists(
    st.integers(2, 80).flatmap(lambda n: st.tuples(st.integers(1, n - 1), st.just(n), st.integers(1, 900))),
    min_size=2,
    max_size=6,
).map(np.array)


@pytest.mark.parametrize("row", golden.rows("stratified", "stratified_wilson"))
def test_stratified_wilson_is_that_of_the_reference(row):
    inputs, expected = row.inputs, row.expected
    limits = stratified_wilson(inputs["k"], inputs["n"], inputs["weights"], inputs["conf_level"])
    assert limits == row.near((expected["lower"], expected["upper"]))


def with_limits(cases):
    return [case for case in cases if "yansu_lower" in case.values[0].expected]


@pytest.mark.parametrize("row", with_limits(golden.rows("stratified", "stratified_proportion")))
def test_stratified_wilson_agrees_wherever_the_reference_has_it(row):
    inputs, expected = row.inputs, row.expected
    limits = stratified_wilson(inputs["k"], inputs["n"], inputs["N"], inputs["conf_level"])
    assert limits == row.near((expected["yansu_lower"], expected["yansu_upper"]))


@pytest.mark.parametrize("row", golden.rows("stratified", "stratified_newcombe"))
def test_stratified_difference_is_that_of_the_reference_seen_from_the_other_side(row):
    inputs, expected = row.inputs, row.expected
    result = stratified_newcombe(
        inputs["k2"], inputs["n2"], inputs["k1"], inputs["n1"], inputs["weights"], inputs["conf_level"]
    )
    assert result == row.near((expected["diff"], expected["lower"], expected["upper"]))


@given(groups, st.data())
def test_swapping_the_sides_mirrors_the_limits(table, data):
    k1, n1, weight = table.T
    k2 = np.array([data.draw(st.integers(1, n - 1)) for n in n1])
    there, back = stratified_newcombe(k1, n1, k2, n1, weight), stratified_newcombe(k2, n1, k1, n1, weight)
    assert (back.difference, back.lower, back.upper) == pytest.approx((-there.difference, -there.upper, -there.lower))
    assert there.lower <= there.difference <= there.upper


@given(st.integers(2, 200).flatmap(lambda n: st.tuples(st.integers(1, n - 1), st.just(n))))
def test_one_stratum_is_plain_wilson(pair):
    assert stratified_wilson(*pair, [1]) == pytest.approx(tuple(wilson(*pair)))


def test_only_the_mix_of_services_changed():
    before, after = ([90, 10], [100, 20]), ([45, 50], [50, 100])
    assert newcombe(100, 120, 95, 150).lower > 0
    same_mix = stratified_newcombe(*before, *after, [1, 1])
    assert same_mix.difference == pytest.approx(0)
    assert same_mix.lower < 0 < same_mix.upper


def test_unanimous_strata_still_have_limits():
    one_side = stratified_newcombe([5, 6], [5, 6], [1, 2], [3, 4], [1, 1])
    assert one_side.difference == pytest.approx(7 / 12)
    assert 0 < one_side.lower < one_side.difference < one_side.upper < 1
    both = stratified_newcombe([36, 12], [36, 12], [36, 12], [36, 12], [3, 1])
    assert (both.difference, both.lower) == (0, pytest.approx(-both.upper))
    assert both.upper > 0
    nearly = stratified_wilson([36 * 10**6 - 1, 12 * 10**6], [36 * 10**6, 12 * 10**6], [3, 1])
    assert nearly.upper - nearly.lower < 1e-6
    assert stratified_wilson([36], [36], [1]) == pytest.approx(tuple(wilson(36, 36)))


def test_an_empty_stratum_is_refused_unless_it_weighs_nothing():
    with pytest.raises(ValueError, match="merge strata first"):
        stratified_wilson([5, 0], [6, 0], [1, 1])
    assert stratified_wilson([5, 0], [6, 0], [1, 0]).lower == pytest.approx(wilson(5, 6).lower)
