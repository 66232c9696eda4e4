"""Intervals: the reference values, the edges, and the properties that hold for every count."""

from __future__ import annotations

import math
import warnings
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from analysis import interval
from analysis._finite_population import p_at_least_of
from tests.analysis import golden

METHODS = {
    "clopper_pearson": interval.clopper_pearson,
    "wilson": interval.wilson,
    "jeffreys": interval.jeffreys,
    "midp": interval.mid_p,
}
every_method = pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
confidences = st.sampled_from([0.8, 0.9, 0.95, 0.99, 0.999])


@st.composite
def counts(draw, most=10**9):
    n = draw(st.one_of(st.integers(1, 300), st.integers(1, most)))
    return draw(st.integers(0, n)), n


@pytest.mark.parametrize("row", golden.rows("proportion_ci", *METHODS))
def test_limits_equal_the_reference_values(row):
    k, n, confidence, sides = (row.inputs[name] for name in ("k", "n", "conf_level", "sides"))
    got = METHODS[row.method](k, n, confidence, sides)
    assert got == row.near((row.expected["lower"], row.expected["upper"]))


@pytest.mark.parametrize("row", golden.rows("finite_population", "finite_population"))
def test_finite_limits_equal_the_reference_values(row):
    k, n, N, confidence = (row.inputs[name] for name in ("k", "n", "N", "conf_level"))
    limits = interval.hypergeometric(k, n, N, confidence)
    assert (round(limits.lower * N), round(limits.upper * N)) == (
        row.expected["lower_count"],
        row.expected["upper_count"],
    )
    assert limits == row.near((row.expected["lower_exact"], row.expected["upper_exact"]))
    score = interval.wilson(k, n, confidence, population=N)
    assert score == row.near((row.expected["lower_wilson_fpc"], row.expected["upper_wilson_fpc"]))


@pytest.mark.parametrize("row", golden.rows("difference_ci", "newcombe", "miettinen_nurminen"))
def test_differences_equal_the_reference_values(row):
    counts = (row.inputs[name] for name in ("k1", "n1", "k2", "n2"))
    got = getattr(interval, row.method)(*counts, row.inputs["conf_level"])
    assert got == row.near(tuple(row.expected[name] for name in ("difference", "lower", "upper")))


@pytest.mark.parametrize("row", golden.rows("conventions", "proportion_ci"))
@every_method
def test_edges_follow_the_conventions(row, method):
    limits = method(row.inputs["k"], row.inputs["n"], row.inputs["conf_level"])
    for side in ("lower", "upper"):
        if side in row.expected:
            assert getattr(limits, side) == row.expected[side]


@pytest.mark.parametrize("row", golden.rows("conventions", "any"))
@every_method
def test_impossible_input_is_refused(row, method):
    with pytest.raises(ValueError, match="must"):
        method(row.inputs["k"], row.inputs["n"], row.inputs.get("conf_level", 0.95))


@pytest.mark.parametrize("what", ["30", None, 30.5, 1e300, np.uint64(2**63), float("inf")])
def test_what_is_not_a_count_is_refused(what):
    with pytest.raises(ValueError, match="must"):
        interval.clopper_pearson(20, what)


@every_method
def test_no_satisfied_and_all_satisfied_have_an_exact_end(method):
    n = np.array([0, 1, 7, 10**9])
    assert (method(0, n).lower == 0.0).all()
    assert (method(n, n).upper == 1.0).all()
    assert method(0, 0) == (0.0, 1.0)


def test_extremes_equal_their_closed_forms():
    assert interval.clopper_pearson(0, 10**9).upper == pytest.approx(-math.expm1(math.log(0.025) / 10**9), rel=1e-12)
    assert interval.clopper_pearson(1, 1) == pytest.approx((0.025, 1), abs=1e-15)
    assert interval.confidence_sequence(30, 30).lower == pytest.approx((0.05 / 31) ** (1 / 30), rel=1e-12)


@every_method
def test_scalars_give_floats_and_arrays_broadcast(method):
    assert type(method(9, 10).lower) is float
    table = method(np.array([[1], [2]]), np.array([10, 20, 30]))
    assert table.lower.shape == table.upper.shape == (2, 3)
    assert table.upper[1, 2] == method(2, 30).upper


def test_a_million_cells_equal_one_at_a_time():
    rng = np.random.default_rng(4)
    n = rng.integers(0, 60, 5000)
    k = rng.binomial(n, 0.9)
    limits = interval.clopper_pearson(k, n)
    for i in range(0, 5000, 97):
        assert interval.clopper_pearson(int(k[i]), int(n[i])) == (limits.lower[i], limits.upper[i])


@every_method
@given(counts(), confidences)
def test_an_interval_never_excludes_the_estimate(method, cell, confidence):
    k, n = cell
    lower, upper = method(k, n, confidence)
    assert 0 <= lower <= k / n <= upper <= 1


@every_method
@given(counts(), confidences)
def test_limits_of_the_dissatisfied_mirror_those_of_the_satisfied(method, cell, confidence):
    k, n = cell
    limits, mirror = method(k, n, confidence), method(n - k, n, confidence)
    assert (limits.lower, limits.upper) == pytest.approx((1 - mirror.upper, 1 - mirror.lower), abs=1e-12)


@every_method
@given(st.integers(1, 10**9), st.data(), confidences)
def test_limits_rise_with_every_satisfied_answer(method, n, data, confidence):
    k = data.draw(st.integers(0, n - 1))
    fewer, more = method(k, n, confidence), method(k + 1, n, confidence)
    assert fewer.lower < more.lower
    assert fewer.upper < more.upper


@given(counts(), st.integers(0, 10**6), confidences)
def test_finite_limits_hold_the_whole_counts_next_to_the_estimate_and_stay_within_what_is_known(
    cell, silent, confidence
):
    k, n = cell
    N = n + silent
    lower, upper = interval.hypergeometric(k, n, N, confidence)
    assert k / N <= lower <= -(-k * N // n) / N
    assert (k * N // n) / N <= upper <= (k + silent) / N


@given(counts(), st.integers(0, 300), confidences)
def test_finite_limits_mirror(cell, silent, confidence):
    k, n = cell
    limits = interval.hypergeometric(k, n, n + silent, confidence)
    mirror = interval.hypergeometric(n - k, n, n + silent, confidence)
    assert limits == pytest.approx((1 - mirror.upper, 1 - mirror.lower), abs=1e-12)


@pytest.mark.parametrize(("n", "N"), [(10, 12), (20, 40), (31, 97), (100, 300)])
def test_finite_limits_equal_a_search_through_every_population(n, N):
    def tail(k, M):
        return Fraction(sum(math.comb(M, x) * math.comb(N - M, n - x) for x in range(k, n + 1)), math.comb(N, n))

    lower, upper = interval.hypergeometric(np.arange(n + 1), n, N)
    for k in range(0, n + 1, max(1, n // 10)):
        plausible = [M for M in range(k, N - n + k + 1) if tail(k, M) > Fraction(1, 40)]
        assert round(lower[k] * N) == plausible[0]
        below = [M for M in range(k, N - n + k + 1) if 1 - tail(k + 1, M) > Fraction(1, 40)]
        assert round(upper[k] * N) == below[-1]


@given(st.integers(1, 300), st.integers(100_001, 10**9), st.data())
def test_a_tiny_margin_of_a_large_population_is_summed_exactly(few, N, data):
    """One exact sum of whole numbers for each of the four margins that may be the small one."""
    half, seen = data.draw(st.integers(N // 3, N // 2)), data.draw(st.integers(0, few))
    exact = Fraction(sum(math.comb(few, y) * math.comb(N - few, 200 - y) for y in range(seen, few + 1) if y <= 200))
    exact /= math.comb(N, 200)
    for n, M, k in (
        (few, 200, seen),
        (200, few, seen),
        (N - few, N - 200, N - few - 200 + seen),
        (N - 200, N - few, N - few - 200 + seen),
    ):
        got = p_at_least_of(*(np.int64(x) for x in (k, n, M, N)))
        assert got == pytest.approx(float(exact), rel=1e-9, abs=1e-300)
    assert 0 <= p_at_least_of(np.int64(few // 2), np.int64(few), np.int64(half), np.int64(N)) <= 1


def test_an_exact_tie_of_the_finite_tail_is_excluded():
    """One of 40 cases satisfied, one drawn: P = 1/40 is exactly 2.5 %, and 1/40 floats as 0.025."""
    assert interval.hypergeometric(1, 1, 40) == (2 / 40, 1.0)


@given(counts(10**6), counts(10**6), confidences)
def test_differences_turn_their_sign_when_the_groups_change_places(first, second, confidence):
    for method in (interval.newcombe, interval.miettinen_nurminen):
        there, back = method(*first, *second, confidence), method(*second, *first, confidence)
        assert there == pytest.approx((-back.difference, -back.upper, -back.lower), abs=1e-9)
        assert -1 <= there.lower <= there.difference + 1e-12
        assert there.difference - 1e-12 <= there.upper <= 1


def test_a_difference_with_an_empty_group_says_nothing():
    for method in (interval.newcombe, interval.miettinen_nurminen):
        assert method(0, 0, 9, 10) == (None, -1.0, 1.0)
        assert math.isnan(method([0, 5], [0, 5], 9, 10).difference[0])


def test_all_satisfied_in_both_groups_is_answered_where_statsmodels_stops():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(ValueError, match="NaN"):
            confint_proportions_2indep(10, 10, 10, 10, method="score", compare="diff")
    _, lower, upper = interval.miettinen_nurminen(10, 10, 10, 10)
    assert -lower == pytest.approx(upper) == pytest.approx(0.287933941282012)
    _, lower, upper = interval.newcombe(10, 10, 10, 10)
    assert -lower == pytest.approx(upper)


def test_45_of_100_among_300_is_111_to_160_where_samplingbook_is_one_too_wide_on_each_side():
    lower, upper = interval.hypergeometric(45, 100, 300)
    assert (round(lower * 300), round(upper * 300)) == (111, 160)


def test_jeffreys_keeps_its_end_at_zero_where_statsmodels_leaves_it():
    assert interval.jeffreys(0, 10).lower == 0.0 < proportion_confint(0, 10, method="jeffreys")[0]
    assert interval.jeffreys(0, 0) == (0.0, 1.0)
    assert interval.clopper_pearson(0, 0) == (0.0, 1.0)


@given(st.lists(counts(10**4), min_size=1, max_size=9), st.randoms())
def test_the_order_of_cells_changes_nothing(cells, random):
    mixed = random.sample(cells, len(cells))
    there = dict(zip(cells, np.transpose(interval.clopper_pearson(*np.transpose(cells))).tolist(), strict=True))
    again = dict(zip(mixed, np.transpose(interval.clopper_pearson(*np.transpose(mixed))).tolist(), strict=True))
    assert there == again
