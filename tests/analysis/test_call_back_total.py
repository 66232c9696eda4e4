from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2, hypergeom

from analysis._combined_limits import weighted_quantile
from analysis.call_back import call_back_rate, call_back_total
from analysis.nonresponse import manski_bounds
from tests.analysis import golden

SETTINGS = {
    "two alike": ([150, 150], [25, 25], [0.8, 0.8]),
    "two unlike": ([300, 60], [12, 30], [0.95, 0.5]),
    "three": ([120, 200, 40], [20, 20, 10], [0.7, 0.9, 0.85]),
    "one heavy": ([900, 30, 30], [10, 20, 20], [0.97, 0.6, 0.6]),
    "eight by five": ([80, 60, 50, 40, 30, 25, 20, 15], [5] * 8, [0.9, 0.8, 0.95, 0.7, 0.85, 0.6, 0.9, 0.99]),
    "nearly all satisfied": ([200, 150, 100], [15, 12, 8], [0.99, 0.98, 1.0]),
}


def test_two_strata_keep_their_promise_at_every_pair_of_truths():
    silent, m = np.array([24, 40]), np.array([6, 9])
    k = np.stack([x.ravel() for x in np.meshgrid(*(np.arange(calls + 1) for calls in m), indexing="ij")], axis=-1)
    result = call_back_total(silent, 0, 0, m, k)
    for truths in itertools.product(range(0, 25, 3), range(0, 41, 4)):
        chance = np.prod([hypergeom.pmf(k[:, h], silent[h], truths[h], m[h]) for h in (0, 1)], axis=0)
        truth = sum(truths) / silent.sum()
        assert chance[truth < result.lower].sum() <= 0.025 + 1e-9
        assert chance[truth > result.upper].sum() <= 0.025 + 1e-9


@pytest.mark.parametrize("name", SETTINGS)
def test_strata_keep_their_promise_in_simulated_samples(name, campaign):
    silent, m, rates = map(np.array, SETTINGS[name])
    K, samples = np.rint(silent * rates).astype(int), 20_000 if campaign else 300
    rng = np.random.default_rng(20261129)
    k = np.stack([rng.hypergeometric(K[h], silent[h] - K[h], m[h], samples) for h in range(len(m))], axis=-1)
    result = call_back_total(silent + 10, 10, 9, m, k)
    truth = (9 * len(m) + K.sum()) / (silent + 10).sum()
    held = np.mean((result.lower <= truth + 1e-12) & (truth - 1e-12 <= result.upper))
    assert held >= 0.95 - 2.6 * math.sqrt(0.95 * 0.05 / samples)


def tail(x, first, second):
    """P(first·E + second·E' > x) for standard exponentials."""
    if first == second:
        return (1 + x / first) * np.exp(-x / first)
    return (first * np.exp(-x / first) - second * np.exp(-x / second)) / (first - second)


@pytest.mark.parametrize(
    ("silent", "m", "k"),
    [((9, 14), (4, 6), (3, 5)), ((12, 7), (3, 5), (3, 1)), ((30, 8), (6, 3), (4, 3)), ((11, 11), (5, 5), (0, 4))],
)
def test_the_limits_are_those_of_every_vector_that_is_not_refuted(silent, m, k):
    spread = [N * math.sqrt((N - m_h) / N / m_h) for N, m_h in zip(silent, m, strict=True)]
    left = {"lower": [], "upper": []}
    for K in itertools.product(*(range(cases + 1) for cases in silent)):
        tails = {
            "lower": [hypergeom.sf(k[h] - 1, silent[h], K[h], m[h]) for h in (0, 1)],
            "upper": [hypergeom.cdf(k[h], silent[h], K[h], m[h]) for h in (0, 1)],
        }
        for side, p in tails.items():
            if min(p) > 0 and tail(-sum(w * math.log(p_h) for w, p_h in zip(spread, p, strict=True)), *spread) > 0.025:
                left[side].append(sum(K))
    result = call_back_total(silent, 0, 0, m, k)
    assert (round(result.lower * sum(silent)), round(result.upper * sum(silent))) == (
        min(left["lower"]),
        max(left["upper"]),
    )


def test_equal_weights_give_fishers_quantile_and_unlike_ones_that_of_their_sum():
    # Fisher's own example, Statistical Methods for Research Workers, 21.1: 0.145, 0.263 and 0.087 together are 0.076.
    assert weighted_quantile((1.0,) * 3, 0.076) == pytest.approx(-math.log(0.145 * 0.263 * 0.087), abs=0.01)
    assert weighted_quantile((1.0,) * 20, 0.025) == pytest.approx(chi2.isf(0.025, 40) / 2)
    for first, second in ((1.0, 0.3), (0.05, 1.0), (1.0, 1e-6)):
        assert tail(weighted_quantile((first, second), 0.005), first, second) == pytest.approx(0.005)


@st.composite
def strata(draw):
    cells = []
    for _ in range(draw(st.integers(1, 4))):
        N = draw(st.integers(1, 300))
        n1 = draw(st.integers(0, N))
        m = draw(st.integers(0, min(N - n1, 40)))
        k2 = draw(st.integers(0, m))
        cells.append((N, n1, draw(st.integers(0, n1)), m, k2, draw(st.integers(0, m - k2))))
    return np.array(cells).T


@given(strata())
def test_one_stratum_is_the_plain_rate_and_a_total_stays_within_the_possible(columns):
    N, n1, k1, m, k2, u = columns
    result = call_back_total(*columns[:5], unreached=u)
    if N.size == 1:
        plain = call_back_rate(*(int(column[0]) for column in columns[:5]), unreached=int(u[0]))
        for name in ("rate", "se", "silent_rate", "lower", "upper", "verdict", "response_rate", "if_alike"):
            assert getattr(result, name) == getattr(plain, name)
    bounds = manski_bounds((k1 + k2).sum(), (n1 + m - u).sum(), N.sum())
    assert bounds.lower - 1e-12 <= result.lower <= result.upper <= bounds.upper + 1e-12
    parts = call_back_rate(*columns[:5], 1 - 0.05 / N.size, unreached=u)
    fixed = np.count_nonzero((m == 0) | (m == N - n1))
    if fixed == 0 and (N.size == 1 or min(m) > 0):
        assert (parts.lower * N).sum() / N.sum() <= result.upper


@pytest.mark.parametrize("row", golden.rows("call_back", "call_back_total"))
def test_rate_and_standard_error_are_those_of_census_and_sampled_strata_in_r(row):
    result = call_back_total(**row.inputs)
    assert (result.rate, result.se) == (row.near(row.expected["rate"]), row.near(row.expected["se"]))
    assert result.population.tolist() == row.inputs["population"]


def test_a_tail_of_just_one_in_forty_refutes_in_a_total_as_it_does_alone():
    # One call of 40 silent, satisfied: were one of the 40 satisfied, that would happen with probability 1/40.
    assert call_back_total(40, 0, 0, 1, 1).lower == call_back_rate(40, 0, 0, 1, 1).lower == 2 / 40
    assert call_back_total(40, 0, 0, 1, 0).upper == call_back_rate(40, 0, 0, 1, 0).upper == 38 / 40


def test_strata_called_in_full_are_exact_and_leave_the_others_their_promise():
    both = call_back_total([50, 200], [10, 20], [9, 18], [40, 30], [31, 24])
    one = call_back_rate(200, 20, 18, 30, 24)
    assert both.lower == pytest.approx((40 + one.lower * 200) / 250)
    assert both.upper == pytest.approx((40 + one.upper * 200) / 250)
    exact = call_back_total([50, 20], [10, 20], [9, 18], [40, 0], [31, 0])
    assert exact.lower == exact.upper == exact.rate == 58 / 70


def test_a_stratum_without_calls_leaves_no_rate_and_keeps_its_bounds():
    result = call_back_total([100, 50], [20, 10], [18, 9], [80, 0], [60, 0])
    assert (result.rate, result.se, result.silent_rate) == (None, None, None)
    assert (result.lower, result.upper) == ((78 + 9) / 150, (78 + 49) / 150)


def test_totals_of_many_agencies_come_in_one_call():
    columns = np.array([[[600, 400], [300, 90]], [[120, 70], [55, 9]], [[110, 59], [50, 8]], [[40, 20], [30, 12]]])
    satisfied = np.array([[30, 11], [22, 12]])
    both = call_back_total(*columns, satisfied, unreached=[[2, 0], [0, 0]])
    for agency in (0, 1):
        one = call_back_total(*columns[:, agency], satisfied[agency], unreached=[[2, 0], [0, 0]][agency])
        assert (both.lower[agency], both.upper[agency]) == (one.lower, one.upper)
        assert both.verdict[agency] is one.verdict
    assert math.isnan(both.rate[0])
    assert both.rate[1] == both.if_alike.rate[1]
