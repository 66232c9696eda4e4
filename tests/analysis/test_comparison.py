from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.comparison import benjamini_hochberg, funnel_limits, holm, overdispersion, rank_intervals, shrink
from tests.analysis import golden


@pytest.mark.parametrize("row", golden.rows("between_agencies", "funnel_limits"))
def test_funnel_limits_are_those_of_the_reference(row):
    given_, expected, tol = row.inputs, row.expected, row.tol
    limits = funnel_limits(given_["n"], str(given_["target"]))
    np.testing.assert_allclose(limits, [expected[f"exact_{p}"] for p in ("001", "025", "975", "999")], rtol=0, atol=tol)


@pytest.mark.parametrize("row", golden.rows("between_agencies", "funnel_overdispersion"))
def test_overdispersion_is_that_of_the_reference(row):
    given_, expected, tol = row.inputs, row.expected, row.tol
    spread = overdispersion(given_["k"], given_["n"], str(given_["target"]), given_["winsor"])
    np.testing.assert_allclose(spread.z, expected["z"], rtol=0, atol=tol)
    np.testing.assert_allclose(spread.z_adjusted, expected["z_additive"], rtol=0, atol=tol)
    np.testing.assert_allclose(spread.z / max(1, spread.phi**0.5), expected["z_multiplicative"], rtol=0, atol=tol)
    assert (spread.phi, spread.tau2) == pytest.approx((expected["phi"], expected["tau2"]), abs=tol)


@pytest.mark.parametrize("row", golden.rows("between_agencies", "beta_binomial_eb"))
def test_stable_rates_are_those_of_the_reference(row):
    given_, expected, tol = row.inputs, row.expected, row.tol
    stable = shrink(given_["k"], given_["n"], str(given_["target"]))
    for field, name in {
        "rate": "posterior_mean",
        "lower": "posterior_lower",
        "upper": "posterior_upper",
        "p_at_least_target": "prob_above_target",
        "mean": "mean",
        "loglik": "loglik",
    }.items():
        np.testing.assert_allclose(getattr(stable, field), expected[name], rtol=0, atol=tol)
    # The likelihood is flat in the precision: the reference stops 1e-6 of its value away from the maximum.
    for field in ("alpha", "beta", "precision"):
        np.testing.assert_allclose(getattr(stable, field), expected[field], rtol=1e-6, atol=tol)
    reference = stats.betabinom.logpmf(given_["k"], given_["n"], expected["alpha"], expected["beta"]).sum()
    assert stable.loglik >= reference - 1e-9


@pytest.mark.parametrize("row", golden.rows("multiplicity", "p_adjust_holm", "p_adjust_bh"))
def test_adjusted_p_values_are_those_of_the_reference(row):
    given_, expected, tol = row.inputs, row.expected, row.tol
    adjust = {"p_adjust_holm": holm, "p_adjust_bh": benjamini_hochberg}[row.method]
    np.testing.assert_allclose(adjust(given_["p"]), expected["adjusted"], rtol=0, atol=tol)


p_values = st.lists(st.floats(0, 1), min_size=1, max_size=40)


@settings(deadline=None)
@given(p_values, st.randoms())
def test_holm_is_stricter_than_benjamini_hochberg_and_both_than_the_p_value(p, random):
    strict, loose = holm(p), benjamini_hochberg(p)
    assert (strict >= loose - 1e-12).all() and (loose >= np.array(p) - 1e-12).all() and (strict <= 1).all()
    order = random.sample(range(len(p)), len(p))
    shuffled = [p[i] for i in order]
    np.testing.assert_array_equal(holm(shuffled), strict[order])
    np.testing.assert_array_equal(benjamini_hochberg(shuffled), loose[order])


def test_one_p_value_stays_a_number_and_none_stays_none():
    assert holm(0.03) == benjamini_hochberg(0.03) == 0.03
    assert holm([]).size == benjamini_hochberg([]).size == 0


@pytest.mark.parametrize("p", [[-0.1], [1.1], [float("nan")], ["x"]])
def test_a_p_value_outside_its_range_is_refused(p):
    with pytest.raises(ValueError, match="p must"):
        holm(p)
    with pytest.raises(ValueError, match="p must"):
        benjamini_hochberg(p)


@settings(deadline=None)
@given(st.fractions(Fraction(1, 20), Fraction(19, 20), max_denominator=200), st.integers(1, 3000))
def test_funnel_limits_widen_as_answers_become_fewer(target, n):
    wide, narrow = np.abs(funnel_limits([n, n + 1], target, fair=True) - float(target))
    assert (wide > narrow).all()
    assert (wide[[0, 3]] > wide[[1, 2]]).all()


@settings(deadline=None)
@given(st.integers(1, 400), st.data())
def test_beyond_a_fair_limit_means_an_exact_tail_below_its_probability(n, data):
    k = data.draw(st.integers(0, n))
    lower, upper = funnel_limits(n, "0.90", (0.025, 0.975), fair=True)
    if abs(k / n - lower) > 1e-9:
        assert (k / n < lower) == (stats.binom.cdf(k, n, 0.9) < 0.025)
    if abs(k / n - upper) > 1e-9:
        assert (k / n > upper) == (stats.binom.sf(k - 1, n, 0.9) < 0.025)


def test_the_published_upper_limit_calls_five_of_five_high_and_the_fair_one_does_not():
    assert funnel_limits(5, "0.90")[2] < 1 < funnel_limits(5, "0.90", fair=True)[2]


def test_no_answers_give_the_whole_range_and_shapes_broadcast():
    limits = funnel_limits([[0, 20], [50, 100]], "0.90")
    assert limits.shape == (2, 2, 4)
    assert limits[0, 0].tolist() == [0, 0, 1, 1]


def test_differences_between_agencies_stretch_the_funnel():
    plain, stretched = funnel_limits(200, "0.90"), funnel_limits(200, "0.90", tau2=0.0007)
    s2 = 0.09 / 200
    np.testing.assert_allclose(stretched - 0.9, (plain - 0.9) * np.sqrt((s2 + 0.0007) / s2))


def test_below_ten_agencies_no_overdispersion_is_assumed():
    k, n = [50, 99, 70, 100, 60, 98, 80, 100, 65], [100] * 9
    nine, ten = overdispersion(k, n, "0.90"), overdispersion([*k, 99], [*n, 100], "0.90")
    assert nine.tau2 == 0 and nine.phi > 2
    np.testing.assert_array_equal(nine.z, nine.z_adjusted)
    assert ten.tau2 > 0


def test_an_agency_without_answers_changes_nothing_for_the_others():
    k, n = (
        [29, 40, 57, 63, 85, 107, 132, 187, 246, 290, 386, 476],
        [30, 44, 60, 75, 90, 120, 150, 200, 260, 310, 400, 520],
    )
    spread, padded = overdispersion(k, n, "0.90"), overdispersion([0, *k], [0, *n], "0.90")
    assert np.isnan(padded.z[0]) and (padded.phi, padded.tau2) == (spread.phi, spread.tau2)
    stable, more = shrink(k, n, "0.90"), shrink([0, *k], [0, *n], "0.90")
    assert more.rate[0] == pytest.approx(stable.mean, abs=1e-9)
    np.testing.assert_allclose(more.rate[1:], stable.rate, atol=1e-9)


@settings(deadline=None)
@example([(3, 11), (7, 7), (7, 7)], random.Random(1))
@example([(0, 1), (2, 2)], random.Random(1))
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=12), st.randoms())
def test_stable_rates_lie_between_the_own_and_the_common_rate(pairs, random):
    k, n = np.array([min(p) for p in pairs]), np.array([max(p) for p in pairs])
    if not n.any():
        return
    stable = shrink(k, n, "0.90")
    own = np.divide(k, n, out=np.full(len(n), stable.mean), where=n > 0)
    assert (stable.rate >= np.minimum(own, stable.mean) - 1e-9).all()
    assert (stable.rate <= np.maximum(own, stable.mean) + 1e-9).all()
    assert ((stable.lower <= stable.rate) & (stable.rate <= stable.upper)).all()
    order = np.array(random.sample(range(len(n)), len(n)))
    np.testing.assert_allclose(shrink(k[order], n[order], "0.90").rate, stable.rate[order], atol=1e-5)


@pytest.mark.parametrize(("k", "n"), [([10, 20], [10, 20]), ([0, 0], [10, 20])])
def test_stable_rates_exist_when_all_or_none_are_satisfied(k, n):
    stable = shrink(k, n, "0.90")
    assert np.isfinite(stable.rate).all() and ((stable.lower > 0) & (stable.upper < 1)).all()
    assert ((stable.p_at_least_target > 0.99) == (k[0] > 0)).all()


def test_ranks_are_told_apart_only_where_the_answers_allow_it():
    ranks = rank_intervals([99, 980, 3, 800, 0], [100, 1000, 3, 1000, 0])
    assert ranks.best.tolist() == [1, 1, 1, 3, 1]
    assert ranks.worst.tolist() == [4, 4, 5, 5, 5]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), min_size=1, max_size=8), st.randoms())
def test_rank_intervals_hold_the_observed_rank_and_follow_permutations(pairs, random):
    k, n = np.array([min(p) for p in pairs]), np.array([max(p) for p in pairs])
    if not n.any():
        return
    ranks = rank_intervals(k, n)
    assert ((ranks.best >= 1) & (ranks.best <= ranks.worst) & (ranks.worst <= len(n))).all()
    rate = k / np.maximum(n, 1)
    for i in np.flatnonzero(n):
        assert ranks.best[i] <= 1 + (rate[n > 0] > rate[i]).sum()
    order = np.array(random.sample(range(len(n)), len(n)))
    np.testing.assert_array_equal(rank_intervals(k[order], n[order]).best, ranks.best[order])


@pytest.mark.parametrize(
    "call",
    [
        lambda: funnel_limits(-1, "0.90"),
        lambda: funnel_limits(10, 0.9),
        lambda: funnel_limits(10, "0.90", (0.0, 1.0)),
        lambda: funnel_limits(10, "0.90", tau2=-1),
        lambda: overdispersion([6], [5], "0.90"),
        lambda: overdispersion([0], [0], "0.90"),
        lambda: overdispersion([4], [5], "0.90", winsor=0.5),
        lambda: shrink([[1]], [[2]], "0.90"),
        lambda: rank_intervals([1], [2], confidence=1.0),
    ],
)
def test_nonsense_is_refused(call):
    with pytest.raises(ValueError):
        call()
