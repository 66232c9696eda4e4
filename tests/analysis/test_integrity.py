from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import scipy
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from analysis.comparison import shrink
from analysis.integrity import against_the_rest, burst, fullest_day, straight_lining, unlike_the_rest
from tests.analysis import golden
from tests.analysis.kansas_city import rated, residents


@pytest.mark.parametrize("row", golden.rows("data_quality", "burst_poisson"))
def test_the_fullest_day_is_that_of_the_reference(row):
    inputs, expected, tol = row.inputs, dict(row.expected), row.tol
    result = burst(inputs["daily"])
    assert {name: getattr(result, name) for name in expected} == pytest.approx(expected, abs=tol)


def test_a_day_alone_cannot_stand_out():
    assert (burst([9]).p_value, burst([0, 0, 7]).p_bonferroni) == (None, None)
    assert burst([0, 0, 0]).p_value is None
    assert burst([5, 5, 5]).p_bonferroni == 1
    both = burst([[1, 9, 1], [0, 4, 0]])
    assert both.day.tolist() == [2, 2]
    assert both.p_value[0] == pytest.approx(burst([1, 9, 1]).p_value)
    assert math.isnan(both.p_value[1])
    with pytest.raises(ValueError, match="at least one day"):
        burst([])
    with pytest.raises(ValueError, match="negative"):
        burst([1, -2])


@pytest.mark.parametrize("row", golden.rows("data_quality", "straightlining"))
def test_straight_lines_are_those_of_the_reference(row):
    inputs, expected, tol = row.inputs, dict(row.expected), row.tol
    result = straight_lining(inputs["answers"])
    assert result.longest_run.tolist() == expected["longest_run"]
    np.testing.assert_allclose(result.sd, expected["irv"], rtol=0, atol=tol)


@pytest.mark.parametrize("row", golden.rows("realdata_kcmo", "straightlining_dataset"))
def test_real_sheets_have_the_straight_lines_of_the_reference(row):
    expected, tol = row.expected, row.tol
    items = [f"q3_{number:02d}" for number in range(1, 17)]
    result = straight_lining(rated(residents(), *items)[items])
    run = result.longest_run
    got = (run.size, (run == 16).sum(), (run >= 8).sum(), run.mean(), result.sd.mean())
    wanted = [expected[name] for name in ("n", "all_same", "longest_ge_8", "mean_longest", "mean_irv")]
    assert got == pytest.approx(wanted, abs=tol)


@given(hnp.arrays(np.int64, st.tuples(st.integers(1, 6), st.integers(1, 9)), elements=st.integers(1, 5)))
def test_the_longest_run_is_found_by_hand_too(table):
    result = straight_lining(table)
    assert result.longest_run.tolist() == [max(len(list(run)) for _, run in itertools.groupby(row)) for row in table]
    assert straight_lining(table[:, ::-1]).longest_run.tolist() == result.longest_run.tolist()


def test_an_office_that_enters_most_sheets_itself_is_named_and_no_other():
    result = against_the_rest([45, 3, 2, 5], [50, 60, 40, 80])
    assert result.flag.tolist() == [True, False, False, False]
    assert result.share[0] == 0.9
    assert result.rest[0] == pytest.approx(10 / 180)


def test_offices_without_sheets_are_not_named():
    assert against_the_rest([0, 5], [0, 5]).flag.tolist() == [False, False]
    assert against_the_rest([9], [9]).flag.tolist() == [False]
    with pytest.raises(ValueError, match="exceed"):
        against_the_rest([2], [1])


def test_equal_offices_are_seldom_named():
    random = np.random.default_rng(20261102)
    named = [against_the_rest(random.binomial(100, 0.3, size=20), [100] * 20).flag.any() for _ in range(1000)]
    assert np.mean(named) <= 0.05


def test_the_tail_is_that_of_scipys_beta_binomial_fitted_to_the_others():
    k, n = np.array([7, 12, 9, 4, 15, 11, 8, 6, 13, 10, 31, 3]), np.array([50] * 11 + [9])
    result = unlike_the_rest(k, n)
    alpha, beta = result.usual * result.precision, (1 - result.usual) * result.precision
    np.testing.assert_allclose(result.p_value, scipy.stats.betabinom.sf(k - 1, n, alpha, beta), rtol=1e-9)
    rest = shrink(k[~result.flag], n[~result.flag], "0.5")
    assert result.usual == pytest.approx(rest.mean, abs=1e-6)
    assert result.precision < rest.precision, "what few offices leave in doubt speaks for each of them"
    fall = rest.loglik - scipy.stats.betabinom.logpmf(k, n, alpha, beta)[~result.flag].sum()
    assert fall == pytest.approx(scipy.stats.chi2.ppf(0.9, 1) / 2, abs=2e-3)


def test_flagged_offices_do_not_hide_each_other():
    k = [7, 12, 9, 4, 15, 11, 8, 6, 13, 10, 9, 11, 12, 8, 7, 10, 38, 36]
    assert unlike_the_rest(k, [50] * 18).flag.nonzero()[0].tolist() == [16, 17]


def test_fewer_than_ten_offices_are_not_compared_and_equal_ones_are_alike():
    few = unlike_the_rest([1] * 8 + [50, 0], [50] * 9 + [0])
    assert not few.flag.any() and np.isnan(few.p_value).all()
    for k in (0, 50):
        assert not unlike_the_rest([k] * 12, [50] * 12).flag.any()
    with pytest.raises(ValueError, match="level"):
        unlike_the_rest([1], [1], level=0)


def test_offices_that_differ_honestly_are_seldom_named():
    random, named = np.random.default_rng(20261130), 0
    for _ in range(25):
        n = np.clip(random.lognormal(4.2, 0.8, 40).astype(int), 10, 800)
        share = scipy.special.expit(-1.7 + 0.5 * random.normal(size=40))  # no beta law, on purpose
        named += unlike_the_rest(random.binomial(n, share), n).flag.sum()
    assert named / 1000 <= 0.01


def test_a_day_for_which_many_were_invited_may_be_full():
    answered, invited = np.array([[3, 4, 2, 40, 3, 4], [3, 4, 2, 40, 3, 4]]), np.ones((2, 6))
    invited[1, 3] = 11
    result = fullest_day(answered, invited, level=0.001)
    assert result.flag.tolist() == [True, False] and result.day[0] == 3
    assert np.isnan(fullest_day([[0, 7, 0]], [[0, 5, 0]]).p_value).all(), "there is no other day"
    with pytest.raises(ValueError, match="same offices"):
        fullest_day([[1, 2]], [[1]])
