from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.control_chart import Trend, anhoej_runs, laney_p_prime, signals, xmr
from analysis.plot_the_dots import Assurance, SpecialCause, plot_the_dots
from tests.analysis import golden

SPECIAL_CAUSES = {
    "Above UCL": "above_upper",
    "Below LCL": "below_lower",
    "2 in 3 Above CL": "two_in_three_above",
    "2 in 3 Below CL": "two_in_three_below",
    "7 Point Trend (Increasing)": "increasing",
    "7 Point Trend (Decreasing)": "decreasing",
    "7 Points Above CL": "seven_above",
    "7 Points Below CL": "seven_below",
    "Common Cause": "none",
}


@pytest.mark.parametrize("row", golden.rows("spc", "laney_p_prime"))
def test_the_p_prime_chart_is_that_of_the_reference(row):
    given_, expected, tol = row.inputs, row.expected, row.tol
    chart = laney_p_prime(given_["k"], given_["n"])
    assert (chart.center, chart.sigma_z) == pytest.approx((expected["center"], expected["sigma_z"]), abs=tol)
    np.testing.assert_allclose(chart.z, expected["z"], rtol=0, atol=1e-11)
    np.testing.assert_allclose(chart.lower, expected["lcl"], rtol=0, atol=tol)
    np.testing.assert_allclose(chart.upper, expected["ucl"], rtol=0, atol=tol)
    assert (np.flatnonzero(chart.outside) + 1).tolist() == expected["outside"]


@pytest.mark.parametrize("row", golden.rows("spc", "xmr"))
def test_the_chart_of_individual_values_is_that_of_the_reference(row):
    given_, expected, tol = row.inputs, row.expected, row.tol
    chart = xmr(given_["y"])
    assert chart.center == pytest.approx(expected["center"], abs=tol)
    assert chart.mean_moving_range == pytest.approx(expected["mean_moving_range"], abs=tol)
    assert chart.moving_range_upper == pytest.approx(expected["mr_upper"], abs=tol)
    np.testing.assert_allclose(chart.lower, expected["lower"], rtol=0, atol=tol)
    np.testing.assert_allclose(chart.upper, expected["upper"], rtol=0, atol=tol)


@pytest.mark.parametrize("row", golden.rows("spc", "anhoej_runs"))
def test_runs_are_those_of_the_reference(row):
    given_, expected = row.inputs, row.expected
    runs = anhoej_runs(given_["y"], given_["center"])
    assert {field: getattr(runs, field) for field in expected} == expected


@pytest.mark.parametrize("row", golden.rows("spc", "nhs_making_data_count"))
def test_special_causes_and_assurance_are_those_of_the_reference(row):
    given_, expected, tol = row.inputs, row.expected, row.tol
    dots = plot_the_dots(given_["y"], given_["target"], given_["screen_outliers"])
    for field in ("lower", "upper", "near_lower", "near_upper"):
        assert getattr(dots, field) == pytest.approx(expected[field], abs=tol)
    assert list(dots.special_cause) == [SPECIAL_CAUSES[word] for word in expected["special_cause"]]
    assert dots.assurance == expected["assurance"]


def test_screening_drops_a_wild_jump_once():
    y = [0.90, 0.91, 0.90, 0.91, 0.90, 0.91, 0.90, 0.91, 0.90, 0.60]
    screened, plain = plot_the_dots(y, 0.5), plot_the_dots(y, 0.5, screen_outliers=False)
    assert screened.upper - screened.center == pytest.approx(2.66 * 0.01)
    assert screened.special_cause[-1] is plain.special_cause[-1] is SpecialCause.BELOW_LOWER
    assert plot_the_dots([0.8, 0.81, 0.8], 0.9).assurance is Assurance.CONSISTENT_FAIL


periods = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=30)


@settings(deadline=None)
@given(periods)
def test_p_prime_limits_enclose_the_centre_and_stay_shares(pairs):
    k, n = [min(p) for p in pairs], [max(p) for p in pairs]
    if not any(n):
        return
    chart = laney_p_prime(k, n)
    assert ((chart.lower >= 0) & (chart.lower <= chart.center + 1e-12)).all()
    assert ((chart.center - 1e-12 <= chart.upper) & (chart.upper <= 1)).all()
    assert chart.sigma_z >= 0
    assert not chart.outside[np.array(n) == 0].any()
    assert len(signals(chart).points) == len(pairs)


@settings(deadline=None)
@given(periods)
def test_counting_the_dissatisfied_mirrors_the_chart(pairs):
    k, n = np.array([min(p) for p in pairs]), np.array([max(p) for p in pairs])
    if not n.any():
        return
    chart, mirror = laney_p_prime(k, n), laney_p_prime(n - k, n)
    np.testing.assert_allclose(chart.sigma_z, mirror.sigma_z, atol=1e-9)
    some = n > 0
    np.testing.assert_allclose(chart.lower[some], 1 - mirror.upper[some], atol=1e-9)


@settings(deadline=None)
@given(st.lists(st.integers(0, 20), min_size=1, max_size=40))
def test_runs_do_not_change_when_time_or_the_scale_turns_round(values):
    y = np.array(values, dtype=float)
    runs = anhoej_runs(y, 10.0)
    for other in (anhoej_runs(y[::-1], 10.0), anhoej_runs(20 - y, 10.0)):
        assert (other.n_useful, other.longest_run, other.n_crossings, other.signal) == (
            runs.n_useful,
            runs.longest_run,
            runs.n_crossings,
            runs.signal,
        )


def false_alarms(n, p: float, charts: int) -> int:
    """How many of so many charts of a constant rate show any signal."""
    chance = np.random.default_rng(20261128)
    readings = [signals(laney_p_prime(chance.binomial(n, p), n)) for _ in range(charts)]
    return sum(set(reading.points) | {reading.trend} != {Trend.COMMON} for reading in readings)


@pytest.mark.parametrize("p", [0.90, 0.95, 0.98])
@pytest.mark.parametrize("n", [1, 5, 10, 30, 100])
def test_a_constant_rate_seldom_shows_a_signal(n, p, campaign):
    charts = 10_000 if campaign else 100
    assert false_alarms([n] * 12, p, charts) <= 0.05 * charts


@pytest.mark.parametrize("n", [[1, 2, 3, 5, 8, 12, 20, 30, 50, 80, 100, 150], [30] * 24, [1000] * 24])
def test_nor_does_it_when_answers_grow_or_the_series_is_long(n, campaign):
    charts = 10_000 if campaign else 100
    assert false_alarms(n, 0.95, charts) <= 0.05 * charts


def test_one_answer_fewer_in_a_small_unit_is_no_deterioration():
    assert signals(laney_p_prime([9] * 11 + [8], [10] * 12)).trend is Trend.COMMON
    assert signals(laney_p_prime([9] * 11 + [2], [10] * 12)).trend is Trend.DETERIORATION


@settings(deadline=None)
@given(periods)
def test_a_point_is_beyond_only_if_its_exact_tail_says_so(pairs):
    k, n = np.array([min(p) for p in pairs]), np.array([max(p) for p in pairs])
    if not n.any():
        return
    chart, a = laney_p_prime(k, n), 0.03 / 2 / (n > 0).sum()
    exact = stats.hypergeom(n.sum(), k.sum(), n)
    tail = np.minimum(exact.cdf(k), exact.sf(k - 1))
    s = np.sqrt(chart.center * (1 - chart.center) / np.maximum(n, 1))
    assert (tail[chart.outside] <= a * (1 + 1e-9)).all()
    assert (np.abs(chart.y - chart.center)[chart.outside] > 3 * s[chart.outside] * (1 - 1e-9)).all()


def test_many_answers_do_not_make_everything_a_signal():
    k = [9010, 8940, 9075, 8930, 9060, 8950, 9040, 8920, 9055, 8965, 9080, 8975]
    chart = laney_p_prime(k, [10_000] * 12)
    assert chart.sigma_z > 2 and not chart.outside.any()


def test_a_month_without_answers_is_a_gap_and_no_signal():
    chart = laney_p_prime([90, 0, 91], [100, 0, 100])
    assert np.isnan([chart.y[1], chart.z[1]]).all() and (chart.lower[1], chart.upper[1]) == (0, 1)
    assert signals(chart).points[1] is Trend.COMMON


@pytest.mark.parametrize("k", [0, 100])
def test_all_or_none_satisfied_draws_a_flat_chart(k):
    chart = laney_p_prime([k] * 12, [100] * 12)
    assert chart.z.tolist() == [0] * 12 and (chart.lower == chart.upper).all()
    assert signals(chart).trend is Trend.COMMON


def test_one_month_alone_has_the_limits_of_the_binomial():
    chart = laney_p_prime([90], [100])
    assert chart.sigma_z == 1 and chart.provisional
    assert chart.lower[0] == pytest.approx(0.9 - 3 * 0.03)


def test_below_twelve_points_limits_are_provisional_and_give_no_signal():
    k = [90, 91, 90, 91, 90, 91, 90, 91, 90, 91, 10]
    chart = laney_p_prime(k, [100] * 11)
    assert chart.provisional and signals(chart).trend is Trend.COMMON
    longer = laney_p_prime([90, 91, 90, 91, 90, 91, *k], [100] * 17)
    assert not longer.provisional and signals(longer).trend is Trend.DETERIORATION
    assert signals(longer).points[-1] is Trend.DETERIORATION


def test_a_shift_is_seen_by_its_runs_and_named_by_its_side():
    rising = laney_p_prime([85, 86, 85, 86, 85, 86, 85, 86, 93, 94, 93, 94, 93, 94, 93, 94], [100] * 16)
    assert signals(rising).trend is Trend.IMPROVEMENT
    assert set(signals(rising).points[8:]) == {Trend.IMPROVEMENT}
    falling = laney_p_prime([93, 94, 93, 94, 93, 94, 93, 94, 85, 86, 85, 86, 85, 86, 85, 86], [100] * 16)
    assert signals(falling).trend is Trend.DETERIORATION


def test_a_bad_month_long_past_is_marked_but_does_not_speak_of_now():
    y = [90, 91, 60, 91, 90, 92, 90, 91, 90, 91, 90, 92, 90, 91, 90, 91, 89, 92]
    reading = signals(laney_p_prime(y, [100] * 18))
    assert reading.points[2] is Trend.DETERIORATION and reading.trend is Trend.COMMON


@pytest.mark.parametrize(
    "call",
    [
        lambda: laney_p_prime([6], [5]),
        lambda: laney_p_prime([0, 0], [0, 0]),
        lambda: laney_p_prime([[1]], [[2]]),
        lambda: xmr([0.9]),
        lambda: xmr([0.9, float("nan")]),
        lambda: anhoej_runs([]),
        lambda: anhoej_runs([0.9, float("inf")]),
        lambda: plot_the_dots([0.9], 0.9),
        lambda: plot_the_dots([0.9, 0.8], float("nan")),
    ],
)
def test_nonsense_is_refused(call):
    with pytest.raises(ValueError):
        call()


def test_a_series_calmer_than_chance_does_not_narrow_its_limits() -> None:
    chart = laney_p_prime([900, 900], [1000, 1000])
    assert chart.sigma_z == 0
    reach = 3 * (0.9 * 0.1 / 1000) ** 0.5
    assert chart.lower == pytest.approx([0.9 - reach] * 2)
    assert chart.upper == pytest.approx([0.9 + reach] * 2)
