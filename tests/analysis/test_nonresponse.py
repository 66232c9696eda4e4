from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from analysis.nonresponse import breakeven_share, manski_bounds, r_indicator, response_rates
from tests.analysis import golden


@st.composite
def cases(draw):
    N = draw(st.integers(1, 10**9))
    n = draw(st.integers(0, N))
    return draw(st.integers(0, n)), n, N


@pytest.mark.parametrize("row", golden.rows("nonresponse", "aapor_response_rates"))
def test_response_rates_are_those_of_aapor(row):
    inputs, expected, tol = row.inputs, dict(row.expected), row.tol
    rates = response_rates(**inputs)
    assert {name: getattr(rates, name) for name in expected} == pytest.approx(expected, abs=tol)
    assert rates.complete == inputs["complete"]


def test_a_list_of_dossiers_has_one_response_rate():
    rates = response_rates([180, 0], non_contact=[1820, 0])
    assert rates.rr1[0] == rates.rr3[0] == rates.rr5[0] == 0.09
    assert math.isnan(rates.rr1[1])
    assert response_rates(0).rr1 is None


@pytest.mark.parametrize("bad", [{"complete": -1}, {"complete": 1, "refusal": 0.5}, {"complete": 1, "e": 1.2}])
def test_impossible_dispositions_are_refused(bad):
    with pytest.raises(ValueError, match="must"):
        response_rates(**bad)


@pytest.mark.parametrize("row", golden.rows("nonresponse", "manski_bounds"))
def test_bounds_and_breakeven_are_those_of_the_reference(row):
    inputs, expected, tol = row.inputs, dict(row.expected), row.tol
    counts = inputs["k"], inputs["n"], inputs["N"]
    bounds = manski_bounds(*counts)
    assert tuple(bounds) == pytest.approx((expected["lower"], expected["upper"]), abs=tol)
    assert bounds.upper - bounds.lower == pytest.approx(expected["width"], abs=tol)
    share = breakeven_share(*counts, target=str(inputs["target"]))
    wanted = expected["breakeven_nonrespondent_share"]
    assert share is None if math.isnan(wanted) else share == pytest.approx(wanted, abs=tol)


@given(cases())
def test_bounds_hold_whatever_the_silent_think(counts):
    k, n, N = counts
    bounds = manski_bounds(k, n, N)
    for satisfied in {0, (N - n) // 2, N - n}:
        assert bounds.lower - 1e-12 <= (k + satisfied) / N <= bounds.upper + 1e-12


@given(cases(), st.sampled_from(["0.90", "0.8", "2/3", "0.955"]))
def test_breakeven_share_is_where_the_target_is_just_met(counts, target):
    k, n, N = counts
    assume(n < N)
    share = breakeven_share(k, n, N, target)
    goal = Fraction(target)
    assert share == pytest.approx(float((goal * N - k) / (N - n)), abs=1e-9, rel=1e-12)
    assert (share <= 0) == (k >= goal * N)
    assert (share <= 1) == (k + N - n >= goal * N)


def test_no_cases_and_no_silence():
    assert tuple(manski_bounds(0, 0, 0)) == (0, 1)
    shares = breakeven_share([9, 10], [10, 10], [10, 20])
    assert math.isnan(shares[0])
    assert shares[1] == pytest.approx(0.8)
    assert breakeven_share(10**9, 10**9, 2 * 10**9) == 0.8
    with pytest.raises(ValueError, match="duplicates"):
        manski_bounds(5, 12, 10)
    with pytest.raises(ValueError, match="string or Fraction"):
        breakeven_share(1, 2, 3, 0.9)


@pytest.mark.parametrize("row", golden.rows("nonresponse", "r_indicator"))
def test_representativeness_is_that_of_the_reference(row):
    inputs, expected, tol = row.inputs, dict(row.expected), row.tol
    result = r_indicator(inputs["n"], inputs["N"])
    partial = expected.pop("partial_unconditional")
    assert {name: getattr(result, name) for name in expected} == pytest.approx(expected, abs=tol)
    np.testing.assert_allclose(result.partial_unconditional, partial, rtol=0, atol=tol)


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(0, 200)), min_size=1, max_size=8))
def test_no_share_is_biased_by_more_than_the_bound(pairs):
    n, silent = np.array(pairs).T
    N = n + silent
    result = r_indicator(n, N)
    worst = max(abs((y * n).sum() / n.sum() - (y * N).sum() / N.sum()) for y in _all_or_none(n, N))
    finite = math.sqrt(N.sum() / max(N.sum() - 1, 1))
    assert worst <= result.max_bias * finite + 1e-9


def _all_or_none(n, N):
    rate = n / N
    return [(rate >= cut).astype(float) for cut in rate]


def test_representativeness_at_the_edges():
    nobody = r_indicator([0, 0], [10, 20])
    assert (nobody.response_rate, nobody.S, nobody.cv, nobody.max_bias) == (0, 0, None, None)
    assert r_indicator([5, 0], [10, 0]).R == 1
    assert r_indicator([1, 0], [1, 99]).max_bias <= 1
    with pytest.raises(ValueError, match="N must not be 0"):
        r_indicator([0], [0])
