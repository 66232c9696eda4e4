from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.scores import relative_importance, spearman
from tests.analysis import golden
from tests.analysis.kansas_city import rated, residents


def sheets(seed, persons=80, factors=3):
    random = np.random.default_rng(seed)
    x = random.integers(1, 6, size=(persons, factors)) + random.integers(0, 2, size=(persons, 1))
    return x, x @ np.arange(1, factors + 1) + random.normal(size=persons)


@pytest.mark.parametrize("row", golden.rows("realdata_kcmo", "key_drivers"))
def test_real_drivers_are_those_of_the_reference(row):
    inputs, expected, tol = row.inputs, dict(row.expected), row.tol
    people = rated(residents(), inputs["outcome"], *inputs["drivers"])
    x, y = people[inputs["drivers"]].to_numpy(), people[inputs["outcome"]].to_numpy()
    result = relative_importance(x, y, resamples=400)
    assert (result.n, result.enough, result.r_squared) == (
        expected["n"],
        True,
        pytest.approx(expected["r_squared"], abs=tol),
    )
    np.testing.assert_allclose(result.lmg, expected["lmg"], rtol=0, atol=tol)
    np.testing.assert_allclose(result.share, expected["lmg_share"], rtol=0, atol=tol)
    np.testing.assert_allclose(spearman(x, y), expected["spearman"], rtol=0, atol=tol)
    assert ((result.lower < result.share) & (result.share < result.upper)).all()
    assert (result.upper - result.lower < 0.25).all()


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 5))
def test_importance_adds_up_to_all_that_is_explained(seed, factors):
    x, y = sheets(seed, factors=factors)
    result = relative_importance(x, y, resamples=0)
    residual = y - np.column_stack([np.ones(len(y)), x]) @ np.linalg.lstsq(np.column_stack([np.ones(len(y)), x]), y)[0]
    assert result.lmg.sum() == pytest.approx(result.r_squared) == pytest.approx(1 - residual.var() / y.var())
    assert (result.lmg >= -1e-12).all()
    assert result.share.sum() == pytest.approx(1)


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.permutations(range(3)))
def test_neither_order_nor_scale_of_factors_matters(seed, order):
    x, y = sheets(seed)
    first = relative_importance(x, y, resamples=0).lmg
    second = relative_importance(10 * x[:, order] - 3, 2 - y, resamples=0).lmg
    np.testing.assert_allclose(second, first[list(order)], atol=1e-9)


def test_uncorrelated_factors_have_the_squares_of_their_correlations():
    x = np.array([[a, b] for a in range(5) for b in range(5)] * 3)
    y = 3 * x[:, 0] + x[:, 1]
    assert relative_importance(x, y, resamples=0).lmg == pytest.approx([0.9, 0.1])


def test_factors_that_repeat_each_other_share_what_they_explain():
    x, y = sheets(7, factors=1)
    twice = relative_importance(np.hstack([x, x]), y, resamples=50)
    assert twice.lmg == pytest.approx([twice.r_squared / 2] * 2)


def test_limits_can_be_repeated_and_cover_the_truth():
    x, y = sheets(11)
    first, again = (relative_importance(x, y, resamples=300, seed=3) for _ in range(2))
    np.testing.assert_array_equal(first.lower, again.lower)
    assert not np.array_equal(first.lower, relative_importance(x, y, resamples=300, seed=4).lower)
    assert first.enough is False
    assert np.isnan(relative_importance(x, y, resamples=0).upper).all()
    two = relative_importance(x[:, :2], y, resamples=300)
    assert two.lower == pytest.approx(1 - two.upper[::-1])
    wider = relative_importance(x, y, confidence=0.99, resamples=300, seed=3)
    assert (wider.lower <= first.lower).all()
    assert (wider.upper >= first.upper).all()


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        ([[1, 2], [2, 1], [3, 4], [4, 4]], [1, 2, 3], "one row per y"),
        ([[1, 2], [2, 1], [3, 4]], [1, 2, 3], "more rows"),
        ([[1], [2], [3], [4]], [2, 2, 2, 2], "nothing to explain"),
        ([[1], [2], [math.nan], [4]], [2, 2, 2, 1], "missing"),
        (np.ones((40, 13)), np.arange(40), "1 to 12 factors"),
    ],
)
def test_drivers_that_cannot_be_told_are_refused(x, y, message):
    with pytest.raises(ValueError, match=message):
        relative_importance(x, y)


def test_rank_correlation_of_a_constant_factor_does_not_exist():
    assert np.isnan(spearman([[1], [1], [1]], [1, 2, 3])).all()
    with pytest.raises(ValueError, match="one value per row"):
        spearman([[1], [2]], [1, 2, 3])
