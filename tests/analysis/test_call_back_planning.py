from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom

from analysis.call_back import allocate_calls, call_back_rate, calls_for_margin, calls_to_decide
from analysis.verdict import Verdict


def widths(population, answered, calls):
    result = call_back_rate(population, answered, 0, calls, np.arange(calls + 1))
    return np.rint((result.upper - result.lower) * population)


@pytest.mark.parametrize(("population", "answered"), [(30, 10), (71, 20), (200, 155)])
def test_no_fewer_calls_bring_the_limits_as_close(population, answered):
    apart = [widths(population, answered, calls) for calls in range(population - answered + 1)]
    for margin in (0.05, 0.1, 0.25):
        allowed = 2 * margin * population + 1e-9
        always = [width.max() <= allowed for width in apart]
        assert calls_for_margin(population, answered, margin) == always.index(True)
        for guess in (0.0, 0.62, 0.9, 1.0):
            guessed = [width[int(calls * guess + 0.5)] <= allowed for calls, width in enumerate(apart)]
            assert calls_for_margin(population, answered, margin, guess) == guessed.index(True)


@settings(max_examples=15)
@given(st.data())
def test_no_fewer_calls_decide_as_surely(data):
    silent = data.draw(st.integers(1, 60))
    answered = data.draw(st.integers(0, 60))
    satisfied = data.draw(st.integers(9 * answered // 10, answered))
    guess = data.draw(st.sampled_from([0.0, 0.5, 0.8, 0.9, 0.93, 1.0]))
    truth, N = int(guess * silent + 0.5), silent + answered
    right = Verdict.MET if 10 * (satisfied + truth) >= 9 * N else Verdict.NOT_MET
    for calls in range(silent + 1):
        k = np.arange(calls + 1)
        verdict = call_back_rate(N, answered, satisfied, calls, k).verdict
        if hypergeom.pmf(k, silent, truth, calls)[verdict == right].sum() >= 0.8 - 1e-12:
            break
    assert calls_to_decide(N, answered, satisfied, guess) == calls


def test_nothing_need_be_called_where_nothing_is_open():
    assert calls_for_margin(100, 95, 0.03) == 0
    assert calls_for_margin(100, 100, 0.01) == 0
    assert calls_to_decide(100, 95, 92, 0.5) == 0
    assert calls_to_decide(100, 60, 40, 0.5) == 0
    assert calls_to_decide(100, 100, 80, 0.5) == 0


def test_a_province_is_planned_as_well_as_an_office():
    assert calls_for_margin(200_000, 40_000, 0.03) < calls_for_margin(200_000, 40_000, 0.02) < 2_500
    assert calls_to_decide(200_000, 40_000, 37_000, 0.8) < 120


def test_impossible_plans_are_refused():
    with pytest.raises(ValueError, match="duplicates"):
        calls_for_margin(10, 11, 0.1)
    with pytest.raises(ValueError, match="margin must lie between"):
        calls_for_margin(10, 5, 0)
    with pytest.raises(ValueError, match="silent_rate must lie"):
        calls_for_margin(10, 5, 0.1, 1.5)
    with pytest.raises(ValueError, match="k must not exceed n"):
        calls_to_decide(10, 5, 6, 0.5)
    with pytest.raises(ValueError, match="power must lie between"):
        calls_to_decide(10, 5, 5, 0.5, power=1)


def variance(silent, rates, chosen):
    silent, rates = np.array(silent, float), np.array(rates)
    return (silent * (silent - chosen) * rates * (1 - rates) / chosen).sum()


@pytest.mark.parametrize(
    ("silent", "rates", "calls"),
    [([40, 25, 8], [0.9, 0.5, 0.8], 24), ([30, 30, 30], [0.6, 0.7, 0.95], 40), ([20, 6, 12], [0.5, 0.5, 0.5], 35)],
)
def test_no_other_division_of_the_calls_has_a_smaller_variance(silent, rates, calls):
    chosen = allocate_calls(silent, rates, calls)
    least = np.minimum(silent, 5)
    others = [
        some
        for some in itertools.product(*(range(low, high + 1) for low, high in zip(least, silent, strict=True)))
        if sum(some) == calls
    ]
    assert tuple(chosen) in others
    assert variance(silent, rates, chosen) == pytest.approx(min(variance(silent, rates, np.array(o)) for o in others))


def test_calls_are_divided_as_neyman_says_between_large_strata():
    silent, rates = np.array([5000, 3000, 800]), np.array([0.9, 0.6, 0.5])
    spread = silent * np.sqrt(rates * (1 - rates))
    np.testing.assert_allclose(allocate_calls(silent, rates, 400), 400 * spread / spread.sum(), atol=1)


def test_a_stratum_of_one_mind_gets_the_least_number_and_a_small_one_is_called_in_full():
    assert allocate_calls([100, 100, 3], [1.0, 0.8, 0.5], 48).tolist() == [5, 40, 3]
    assert allocate_calls([100, 20, 3], [1.0, 0.8, 0.5], 48).tolist() == [25, 20, 3]
    assert allocate_calls([200, 100], [1.0, 0.0], 60).tolist() == [40, 20]
    assert allocate_calls([200, 0], [0.8, 0.8], 10, least=0).tolist() == [10, 0]


@pytest.mark.parametrize("calls", [9, 31])
def test_calls_that_cannot_be_divided_are_refused(calls):
    with pytest.raises(ValueError, match="between 10, 5 a stratum, and 30"):
        allocate_calls([20, 10], [0.8, 0.8], calls)
