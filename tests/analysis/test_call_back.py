from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import gammaln

from analysis.call_back import CallBack, call_back_rate
from analysis.nonresponse import manski_bounds, response_rates
from analysis.verdict import Verdict, assess
from tests.analysis import golden

FIGURES = ("rate", "se", "silent_rate", "silent_lower", "silent_upper", "lower", "upper")


@pytest.mark.parametrize("row", golden.rows("call_back", "call_back_rate"))
def test_the_rate_over_all_cases_is_that_of_the_reference(row):
    inputs = dict(row.inputs)
    confidence = inputs.pop("conf_level")
    result = call_back_rate(**inputs, confidence=confidence)
    for name in FIGURES:
        value = row.expected[name]
        assert getattr(result, name) == (None if value is None else row.near(value)), name
    assert [getattr(result, name) for name in inputs] == list(inputs.values())
    assert result.if_alike.rate == result.rate
    assert (result.if_alike.lower, result.if_alike.upper) == (result.lower, result.upper)


@pytest.mark.parametrize("row", golden.rows("call_back", "call_back_survey"))
def test_rate_and_standard_error_are_those_of_two_phases_in_r(row):
    result = call_back_rate(**row.inputs)
    assert (result.rate, result.se) == (row.near(row.expected["rate"]), row.near(row.expected["se"]))


def test_columns_give_what_their_cells_give():
    rows = [row.values[0].inputs for row in golden.rows("call_back", "call_back_rate")]
    rows = [inputs for inputs in rows if inputs["conf_level"] == 0.95]
    names = ["population", "answered", "satisfied", "called", "called_satisfied"]
    columns = call_back_rate(*(np.array([[inputs[name] for inputs in rows]]) for name in names))
    for place, inputs in enumerate(rows):
        one = call_back_rate(*(inputs[name] for name in names))
        for name in (*FIGURES, "verdict", "response_rate"):
            value, expected = getattr(columns, name)[0, place], getattr(one, name)
            assert value == expected or (expected is None and math.isnan(value)), (name, inputs)


# One stratum: 24 settings, each over every number K of satisfied among the silent.
SETTINGS = [(silent, m, level) for silent in (40, 120, 300, 810) for m in (5, 20, 39) for level in (0.9, 0.95)]
LARGE = [(silent, m, level) for silent in (2_000, 9_000) for m in (60, 200, 400) for level in (0.95, 0.99)]


def chances(N, K, m):
    """P(X = k) for k = 0 … m (along the last axis), from binomial coefficients."""
    k, K = np.arange(m + 1), K[:, None]
    possible = (k <= K) & (m - k <= N - K)
    inside = np.where(possible, k, np.maximum(0, m - (N - K)))

    def chosen(n, of):
        return gammaln(n + 1.0) - gammaln(of + 1.0) - gammaln(n - of + 1.0)

    return np.where(possible, np.exp(chosen(K, inside) + chosen(N - K, m - inside) - chosen(N, m)), 0.0)


def test_each_side_misses_the_truth_no_more_often_than_promised(campaign):
    assert len(SETTINGS) == 24
    for silent, m, level in SETTINGS + LARGE * campaign:
        k1, N = 17, silent + 20
        result = call_back_rate(N, 20, k1, m, np.arange(m + 1), level)
        K = np.arange(silent + 1)
        chance, truth = chances(silent, K, m), ((k1 + K) / N)[:, None]
        misses = [(chance * (truth < result.lower)).sum(axis=1), (chance * (truth > result.upper)).sum(axis=1)]
        assert max(map(np.max, misses)) <= (1 - level) / 2 + 1e-9, (silent, m, level)
        wrongly_met = (chance * (result.verdict == Verdict.MET))[10 * (k1 + K) < 9 * N].sum(axis=1)
        wrongly_not = (chance * (result.verdict == Verdict.NOT_MET))[10 * (k1 + K) >= 9 * N].sum(axis=1)
        assert max(wrongly_met.max(initial=0), wrongly_not.max(initial=0)) <= (1 - level) / 2 + 1e-9


def test_the_standard_error_is_right_on_average_over_all_samples():
    # Hansen and Hurwitz: with all cases asked first, the variance is W2(f−1)S²/N, f being the silent per call.
    for silent, m in ((40, 8), (200, 25)):
        K, N = np.arange(silent + 1), silent + 60
        result = call_back_rate(N, 60, 50, m, np.arange(m + 1))
        S2 = K * (silent - K) / silent / (silent - 1)
        chance = chances(silent, K, m)
        np.testing.assert_allclose(chance @ result.se**2, silent / N * (silent / m - 1) * S2 / N, atol=1e-12)
        np.testing.assert_allclose(chance @ result.rate, (50 + K) / N, atol=1e-12)


@st.composite
def calls(draw):
    population = draw(st.integers(1, 3000))
    answered = draw(st.integers(0, population))
    called = draw(st.integers(0, min(population - answered, 200)))
    called_satisfied = draw(st.integers(0, called))
    unreached = draw(st.integers(0, called - called_satisfied))
    return population, answered, draw(st.integers(0, answered)), called, called_satisfied, unreached


@given(calls())
def test_limits_are_possible_hold_the_estimate_and_tell_the_verdict(counts):
    N, n1, k1, m, k2, u = counts
    result = call_back_rate(N, n1, k1, m, k2, unreached=u)
    worst = manski_bounds(k1 + k2, n1 + m - u, N)
    assert worst.lower - 1e-12 <= result.lower <= result.upper <= worst.upper + 1e-12
    assert (result.rate is None) == (u > 0 or (m == 0 and n1 < N))
    if result.if_alike.rate is not None:
        assert result.lower - 1 / N <= result.if_alike.rate <= result.upper + 1 / N
    least, most = round(result.lower * N), round(result.upper * N)
    expected = Verdict.MET if 10 * least >= 9 * N else Verdict.NOT_MET if 10 * most < 9 * N else Verdict.INCONCLUSIVE
    assert result.verdict is expected


@given(calls())
def test_more_satisfied_calls_never_lower_a_figure_and_more_confidence_never_narrows_it(counts):
    N, n1, k1, m, k2, u = counts
    result = call_back_rate(N, n1, k1, m, k2, unreached=u)
    if u:
        reached_one = call_back_rate(N, n1, k1, m, [k2, k2 + 1], unreached=u - 1)
        assert result.lower <= reached_one.lower.min()
        assert reached_one.upper.max() <= result.upper
    if k2:
        fewer = call_back_rate(N, n1, k1, m, k2 - 1, unreached=u)
        assert fewer.lower <= result.lower
        assert fewer.upper <= result.upper
    surer = call_back_rate(N, n1, k1, m, k2, 0.99, unreached=u)
    assert surer.lower <= result.lower
    assert result.upper <= surer.upper


@given(calls(), st.sampled_from(["0.90", "2/3", "0.5"]))
def test_without_answers_it_is_the_assessment_of_a_random_sample_of_the_cases(counts, target):
    N, _, _, m, k2, _ = counts
    result, judged = call_back_rate(N, 0, 0, m, k2, target=target), assess(k2, m, target, population=N)
    assert result.verdict is judged.verdict
    assert result.rate == (None if judged.rate is None else pytest.approx(judged.rate))
    assert (result.lower, result.upper) == (pytest.approx(judged.lower), pytest.approx(judged.upper))


def test_all_silent_reached_leaves_no_interval():
    for k2 in range(13):
        result = call_back_rate(20, 8, 7, 12, k2)
        assert result.rate == result.lower == result.upper == (7 + k2) / 20
        assert result.se == 0
        assert result.verdict is (Verdict.MET if k2 >= 11 else Verdict.NOT_MET)


def test_those_not_reached_may_think_what_they_will():
    result = call_back_rate(1000, 190, 169, 60, 41, unreached=9)
    ends = call_back_rate(1000, 190, 169, 60, [41, 50])
    alike = call_back_rate(1000, 190, 169, 51, 41)
    assert (result.lower, result.upper) == (ends.lower[0], ends.upper[1])
    assert (result.silent_lower, result.silent_upper) == (ends.silent_lower[0], ends.silent_upper[1])
    assert (result.rate, result.se, result.silent_rate) == (None, None, None)
    assert [getattr(result.if_alike, name) for name in ("rate", "se", "silent_rate", "lower", "upper")] == [
        getattr(alike, name) for name in ("rate", "se", "silent_rate", "lower", "upper")
    ]
    assert result.response_rate == response_rates(51, non_contact=9).rr1 == 0.85


def test_edges():
    nobody_called = call_back_rate(100, 40, 36, 0, 0)
    assert (nobody_called.rate, nobody_called.se, nobody_called.response_rate) == (None, None, None)
    assert (nobody_called.lower, nobody_called.upper) == tuple(manski_bounds(36, 40, 100))
    nobody_silent = call_back_rate(40, 40, 36, 0, 0)
    assert (nobody_silent.rate, nobody_silent.se, nobody_silent.lower, nobody_silent.upper) == (0.9, 0, 0.9, 0.9)
    assert (nobody_silent.silent_rate, nobody_silent.silent_lower, nobody_silent.silent_upper) == (None, 0, 1)
    assert nobody_silent.verdict is Verdict.MET
    no_case = call_back_rate(0, 0, 0, 0, 0)
    assert (no_case.rate, no_case.lower, no_case.upper, no_case.verdict) == (None, 0, 1, Verdict.INCONCLUSIVE)
    nobody_reached = call_back_rate(100, 40, 36, 5, 0, unreached=5)
    assert (nobody_reached.if_alike.rate, nobody_reached.response_rate) == (None, 0)
    assert (nobody_reached.lower, nobody_reached.upper) == tuple(manski_bounds(36, 40, 100))
    many = call_back_rate(2 * 10**9, 10**9, 9 * 10**8, 400, 300)
    assert many.lower < many.rate < many.upper
    assert 0 < many.se < 0.02
    assert call_back_rate(10, 5, 5, 1, 1, target=Fraction(1, 3)).target == Fraction(1, 3)


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ((10, 11, 5, 0, 0), "answered must not exceed population"),
        ((10, 5, 6, 0, 0), "satisfied must not exceed answered"),
        ((10, 5, 5, 6, 0), "called must not exceed the silent"),
        ((10, 5, 5, 3, 4), "called_satisfied and unreached"),
        ((10, 5, 5, 3, 1.5), "called_satisfied must be whole"),
        ((-1, 0, 0, 0, 0), "population must not be negative"),
    ],
)
def test_impossible_counts_are_refused(counts, message):
    with pytest.raises(ValueError, match=message):
        call_back_rate(*counts)


def test_impossible_arguments_are_refused():
    with pytest.raises(ValueError, match="called_satisfied and unreached"):
        call_back_rate(10, 5, 5, 3, 2, unreached=2)
    with pytest.raises(ValueError, match="string or Fraction"):
        call_back_rate(10, 5, 5, 3, 2, target=0.9)
    with pytest.raises(ValueError, match="confidence"):
        call_back_rate(10, 5, 5, 3, 2, 1.0)


def test_a_result_cannot_be_changed():
    result = call_back_rate(10, 5, 5, 3, 2)
    assert isinstance(result, CallBack)
    with pytest.raises(AttributeError):
        result.rate = 1.0  # type: ignore[misc]
