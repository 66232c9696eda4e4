"""Limits for daily looks: the reference values, and the promise kept over whole years."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.interval import clopper_pearson, confidence_sequence, e_value
from tests.analysis import golden


@pytest.mark.parametrize("row", golden.rows("confidence_sequence", "confidence_sequence"))
def test_limits_and_evidence_equal_the_reference_values(row):
    k, n, alpha = (row.inputs[name] for name in ("k", "n", "alpha"))
    prior = (row.inputs["prior_a"], row.inputs["prior_b"])
    got = confidence_sequence(k, n, alpha, prior=prior)
    assert got == row.near((row.expected["lower"], row.expected["upper"]))
    evidence = e_value(k, n, str(row.inputs["target"]), prior)
    assert evidence == pytest.approx(row.expected["e_value"], rel=1e-9, abs=row.tol)


@pytest.mark.parametrize("row", golden.rows("confidence_sequence", "confidence_sequence_without_replacement"))
def test_limits_without_replacement_equal_the_reference_values(row):
    k, n, N, alpha = (row.inputs[name] for name in ("k", "n", "N", "alpha"))
    limits = confidence_sequence(k, n, alpha, population=N, prior=(row.inputs["prior_a"], row.inputs["prior_b"]))
    assert (limits.lower * N, limits.upper * N) == pytest.approx(
        (row.expected["lower_count"], row.expected["upper_count"])
    )


@given(st.integers(1, 10**9), st.data())
def test_the_price_of_daily_looks_is_a_wider_interval(n, data):
    k = data.draw(st.integers(0, n))
    daily, single = confidence_sequence(k, n), clopper_pearson(k, n)
    assert daily.lower - 1e-15 <= single.lower <= k / n <= single.upper <= daily.upper + 1e-15


@given(st.integers(1, 10**5), st.data())
def test_the_limit_passes_the_target_exactly_when_the_evidence_does(n, data):
    k = data.draw(st.integers(0, n))
    lower, upper = confidence_sequence(k, n)
    refuted = e_value(k, n, "0.90") >= 20
    assert (lower > 0.9 + 1e-9 or upper < 0.9 - 1e-9) <= refuted
    assert refuted <= (lower >= 0.9 - 1e-9 or upper <= 0.9 + 1e-9)


@given(st.integers(1, 2000), st.integers(0, 2000), st.data())
def test_without_replacement_the_limits_hold_the_estimate_and_close_with_the_last_case(n, silent, data):
    k = data.draw(st.integers(0, n))
    N = n + silent
    lower, upper = confidence_sequence(k, n, population=N)
    assert k / N <= lower <= k / n + 1e-12
    assert k / n - 1e-12 <= upper <= (k + silent) / N
    assert confidence_sequence(k, n, population=n) == (k / n, k / n)


def test_nothing_known_and_bad_settings():
    assert confidence_sequence(0, 0) == confidence_sequence(0, 0, population=9) == (0.0, 1.0)
    assert confidence_sequence(0, 0, population=0) == (0.0, 1.0)
    assert e_value(0, 0, "0.90") == 1.0
    assert np.isfinite(e_value(10**9, 10**9, "0.5"))
    for bad in ({"alpha": 0.0}, {"alpha": 1.0}, {"prior": (0, 1)}):
        with pytest.raises(ValueError, match="must"):
            confidence_sequence(1, 2, **bad)


@pytest.mark.parametrize("per_day", [1, 5, 40])
def test_a_year_of_daily_looks_calls_an_office_at_the_target_wrongly_in_at_most_5_percent(per_day, pytestconfig):
    years = 20_000 if pytestconfig.getoption("--campaign", default=False) else 2_000
    rng = np.random.default_rng(20261101 + per_day)
    met, not_met, fixed = np.zeros(years, bool), np.zeros(years, bool), np.zeros(years, bool)
    n = per_day * np.arange(1, 366)
    for year in range(years):
        k = rng.binomial(per_day, 0.9, 365).cumsum()
        refuted = e_value(k, n, "0.90") >= 20
        met[year] = (refuted & (10 * k > 9 * n)).any()
        not_met[year] = (refuted & (10 * k < 9 * n)).any()
        if year < 300:
            lower, upper = clopper_pearson(k, n)
            fixed[year] = ((lower >= 0.9) | (upper <= 0.9)).any()
    allowed = 0.05 + 3 * (0.05 * 0.95 / years) ** 0.5
    assert (met | not_met).mean() <= allowed
    assert fixed[:300].mean() > 0.15, "a fixed-n interval looked at daily must show why the sequence is needed"
