from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.scores import cronbach_alpha, goodman, mean_score, omega, satisfaction_index
from analysis.stratification import cluster_proportion
from tests.analysis import golden
from tests.analysis.kansas_city import rated, residents

five = st.lists(st.integers(0, 500), min_size=5, max_size=5)


@pytest.mark.parametrize("row", golden.rows("score", "mean_score"))
def test_mean_score_is_that_of_the_reference(row):
    inputs, expected, tol = row.inputs, dict(row.expected), row.tol
    score = mean_score(inputs["counts"], inputs["conf_level"], inputs.get("N"))
    expected["index"] = expected.pop("index_0_100")
    limits = [expected.pop(name) for name in ("lower", "upper")]
    if (
        expected["sd"] == 0 or limits[0] < 1
    ):  # R is certain of unanimous answers, or leaves the scale: by decision not we
        assert [score.lower, score.upper] != limits
    else:
        assert [score.lower, score.upper] == pytest.approx(limits, abs=tol)
    assert {name: getattr(score, name) for name in expected} == pytest.approx(expected, abs=tol)
    assert score.counts.tolist() == inputs["counts"]


@pytest.mark.parametrize("row", golden.rows("score", "multinomial_goodman"))
def test_simultaneous_limits_are_those_of_goodman(row):
    inputs, expected, tol = row.inputs, dict(row.expected), row.tol
    limits = goodman(inputs["counts"], inputs["conf_level"])
    np.testing.assert_allclose(limits.lower, expected["lower"], rtol=0, atol=tol)
    np.testing.assert_allclose(limits.upper, expected["upper"], rtol=0, atol=tol)


@pytest.mark.parametrize("row", golden.rows("realdata_kcmo", "item_summary"))
def test_real_items_have_the_mean_of_the_reference(row):
    inputs, expected, tol = row.inputs, dict(row.expected), row.tol
    people = rated(residents(), inputs["item"])[inputs["item"]].astype(int)
    score = mean_score(np.bincount(people, minlength=6)[1:])
    assert score.counts.tolist() == expected["counts"]
    assert (score.n, score.mean, score.sd) == pytest.approx((expected["n"], expected["mean"], expected["sd"]), abs=tol)
    assert score.top2 == pytest.approx(expected["share"], abs=tol)


@pytest.mark.parametrize("row", golden.rows("realdata_kcmo", "reliability"))
def test_real_scale_has_the_reliability_of_the_reference(row):
    inputs, expected, tol = row.inputs, dict(row.expected), row.tol
    table = rated(residents(), "q2_01", *inputs["items"])[inputs["items"]].to_numpy()
    assert len(table) == expected["n"]
    assert cronbach_alpha(table) == pytest.approx(expected["alpha_raw"], abs=tol)
    assert omega(table) == pytest.approx(expected["omega_total_ml1"], abs=tol)


def test_mean_score_at_the_edges():
    nobody, one = mean_score([0, 0, 0, 0, 0]), mean_score([0, 0, 0, 1, 0])
    assert (nobody.n, nobody.mean, nobody.index, nobody.top2, nobody.lower, nobody.upper) == (0, None, None, None, 1, 5)
    assert (one.mean, one.sd, one.se, one.lower, one.upper) == (4, None, None, 1, 5)
    census = mean_score([1, 2, 3, 4, 5], population=15)
    assert census.lower == census.mean == census.upper
    for bad in ([1, 2, 3], [1, 2, 3, 4, -5], [1, 2, 3, 4, 0.5]):
        with pytest.raises(ValueError, match="counts must"):
            mean_score(bad)
    with pytest.raises(ValueError, match="duplicates"):
        mean_score([1, 2, 3, 4, 5], population=14)


@given(st.lists(st.integers(0, 40), min_size=5, max_size=5), st.integers(0, 100), st.floats(0.5, 0.999))
def test_limits_of_the_mean_stay_within_what_is_possible(table, silent, confidence):
    n, total = sum(table), sum(rating * count for rating, count in enumerate(table, 1))
    for N, design in [(None, "random"), *((n + silent, design) for design in ("random", "census", "self-selected"))]:
        score = mean_score(table, confidence, N, design)
        possible = (1, 5) if not n or N is None else ((total + N - n) / N, (total + 5 * (N - n)) / N)
        mean = score.mean if n else 3
        assert 1 <= score.lower <= mean <= score.upper <= 5
        assert possible[0] - 1e-12 <= score.lower and score.upper <= possible[1] + 1e-12
        if n and n != N:
            assert score.lower < score.upper
    if n:
        assert mean_score(table, confidence, n).lower == mean_score(table, confidence, n).upper == mean


@pytest.mark.parametrize(
    ("counts", "lower"), [([0, 0, 0, 0, 3], 2.17), ([0, 0, 0, 0, 12], 3.94), ([0, 0, 0, 1, 11], 3.88)]
)
def test_few_answers_alike_are_not_certain(counts, lower):
    assert (round(mean_score(counts).lower, 2), mean_score(counts).upper) == (lower, 5)


@pytest.mark.parametrize("n", [2, 5, 20, 100])
@pytest.mark.parametrize("shares", [[0.02, 0, 0.03, 0.15, 0.8], [0.05, 0, 0, 0, 0.95], [0.02, 0, 0, 0, 0.98]])
def test_limits_of_the_mean_hold_it_where_those_of_t_alone_do_not(n, shares):
    samples = mean_score(np.random.default_rng(5).multinomial(n, shares, size=2000))
    mean = float(np.dot(shares, np.arange(1, 6)))
    assert ((samples.lower <= mean) & (mean <= samples.upper)).mean() >= 0.95


@given(five)
def test_mean_score_is_the_mean_of_the_single_ratings(table):
    ratings = np.repeat(np.arange(1, 6), table)
    score = mean_score(table)
    if ratings.size > 1:
        assert (score.mean, score.sd) == pytest.approx((ratings.mean(), ratings.std(ddof=1)), abs=1e-9)
        assert score.net == pytest.approx((ratings >= 4).mean() - (ratings <= 2).mean())
        assert score.lower <= score.mean <= score.upper


@given(st.lists(five, min_size=1, max_size=4), st.floats(0.5, 0.99))
def test_many_rows_at_once_equal_one_by_one(table, confidence):
    together, limits = mean_score(table, confidence), goodman(table, confidence)
    for row, one in enumerate(table):
        alone = mean_score(one, confidence)
        assert together.lower[row] == pytest.approx(alone.lower)
        assert math.isnan(together.mean[row]) if alone.mean is None else together.mean[row] == alone.mean
        np.testing.assert_array_equal(limits.lower[row], goodman(one, confidence).lower)


@given(five, st.floats(0.5, 0.999))
def test_simultaneous_limits_hold_the_shares_and_mirror_each_other(table, confidence):
    low, high = goodman(table, confidence)
    if sum(table):
        share = np.array(table) / sum(table)
        assert ((low <= share) & (share <= high)).all()
    else:
        assert (low.tolist(), high.tolist()) == ([0] * 5, [1] * 5)
    np.testing.assert_allclose(goodman(table[::-1], confidence).lower, low[::-1])


def test_the_index_of_a_block_counts_respondents_not_ratings():
    k, n = [5, 5, 4, 0, 5, 3, 0], [5, 5, 5, 5, 5, 3, 0]
    index = satisfaction_index(k, n)
    assert index.rate == pytest.approx(22 / 28)
    assert index.n_eff < 7 < sum(n)
    by_rating = cluster_proportion(np.ones(22, int).tolist() + [0] * 6, [1] * 28)
    assert index.upper - index.lower > 1.5 * (by_rating.upper - by_rating.lower)
    assert satisfaction_index([5, 5, 5], [5, 5, 5]).n_eff == 3
    with pytest.raises(ValueError, match="k must not exceed n"):
        satisfaction_index([6], [5])


@given(st.integers(0, 2**32 - 1), st.tuples(*[st.floats(0.4, 0.9)] * 3))
def test_omega_of_three_items_has_its_closed_form(seed, loadings):
    random = np.random.default_rng(seed)
    factor = random.normal(size=(400, 1))
    x = factor * loadings + random.normal(size=(400, 3)) * np.sqrt(1 - np.square(loadings))
    r = np.corrcoef(x, rowvar=False)
    squares = np.array([r[0, 1] * r[0, 2] / r[1, 2], r[0, 1] * r[1, 2] / r[0, 2], r[0, 2] * r[1, 2] / r[0, 1]])
    if (squares < 0.99).all() and (r > 0).all():
        common = np.sqrt(squares).sum() ** 2
        assert omega(x) == pytest.approx(common / (common + (1 - squares).sum()), abs=1e-4)


@given(st.integers(0, 2**32 - 1), st.integers(2, 6))
def test_alpha_of_standardised_items_follows_from_their_mean_correlation(seed, items):
    random = np.random.default_rng(seed)
    x = random.normal(size=(60, items)) + random.normal(size=(60, 1))
    x = (x - x.mean(axis=0)) / x.std(axis=0, ddof=1)
    mean_r = (np.corrcoef(x, rowvar=False).sum() - items) / (items * (items - 1))
    assert cronbach_alpha(x) == pytest.approx(items * mean_r / (1 + (items - 1) * mean_r), abs=1e-9)


@pytest.mark.parametrize(
    ("function", "table", "message"),
    [
        (cronbach_alpha, [[1, 2]], "at least two"),
        (cronbach_alpha, [[1, 2], [2, 1]], "same total"),
        (cronbach_alpha, [[1, math.nan], [2, 3]], "missing"),
        (omega, [[1, 2], [2, 3], [4, 4]], "three items"),
        (omega, [[1, 2, 3], [2, 3, 3], [4, 4, 3], [1, 1, 3]], "same rating"),
        (omega, [[1, 1, 3], [2, 2, 1], [4, 4, 2], [1, 1, 5]], "repeat"),
        (omega, [1, 2, 3], "persons × items"),
    ],
)
def test_scales_that_tell_nothing_are_refused(function, table, message):
    with pytest.raises(ValueError, match=message):
        function(table)
