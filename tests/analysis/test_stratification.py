from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.interval import clopper_pearson, exact_limits, score_limits, wilson
from analysis.stratification import cluster_proportion, kish, merge_strata, poststratify
from tests.analysis import golden
from tests.analysis.kansas_city import rated, residents

SETTINGS = {
    "A eight services uneven": (
        [0.97, 0.95, 0.93, 0.92, 0.90, 0.88, 0.85, 0.80],
        [120, 80, 60, 40, 30, 20, 12, 10],
        [4000, 500, 2500, 900, 1500, 300, 700, 600],
    ),
    "B small services answer most": (
        [0.98, 0.97, 0.95, 0.93, 0.85],
        [200, 180, 120, 50, 16],
        [400, 500, 600, 1500, 5000],
    ),
    "C 25 services": (np.linspace(0.8, 0.98, 25), [7] * 25, np.linspace(100, 1000, 25).astype(int)),
    "D large": (
        [0.95, 0.93, 0.92, 0.90, 0.88, 0.85],
        [1600, 1200, 900, 500, 300, 137],
        [20000, 15000, 9000, 7000, 4000, 2000],
    ),
    "E 98 percent": ([0.99, 0.98, 0.98, 0.97], [60, 50, 30, 12], [800, 500, 300, 200]),
    "F small office, 69 percent respond": ([0.95, 0.9, 0.85], [35, 22, 12], [50, 32, 18]),
    "G 94 percent of the weight on 12 answers": ([0.9, 0.95, 0.9], [12, 60, 60], [3000, 100, 100]),
}


@st.composite
def strata(draw, most=6):
    def stratum():
        n = st.integers(1, 60)
        return n.flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n), st.integers(n, 3000)))

    return np.array(draw(st.lists(stratum(), min_size=1, max_size=most))).T


@pytest.mark.parametrize("row", golden.rows("stratified", "stratified_proportion"))
def test_total_over_strata_follows_the_effective_sample_rule(row):
    inputs, expected, tol = row.inputs, dict(row.expected), row.tol
    total = poststratify(inputs["k"], inputs["n"], inputs["N"], inputs["conf_level"], inputs["fpc"])
    assert total.rate == pytest.approx(expected["estimate"], abs=tol)
    assert (total.lower, total.upper) == pytest.approx((expected["cp_neff_lower"], expected["cp_neff_upper"]), abs=tol)
    assert total.n_eff == pytest.approx(expected["neff_rule"], rel=1e-12)
    z = stats.norm.isf((1 - inputs["conf_level"]) / 2)
    score = score_limits(total.rate, total.n_eff, z)
    assert score == pytest.approx((expected["wilson_neff_lower"], expected["wilson_neff_upper"]), abs=tol)
    assert (total.k.tolist(), total.covered_share) == (np.atleast_1d(inputs["k"]).tolist(), pytest.approx(1))


@pytest.mark.parametrize("row", golden.rows("conventions", "stratified_proportion"))
def test_strata_without_answers_or_cases_follow_the_conventions(row):
    inputs, expected, tol = row.inputs, dict(row.expected), row.tol
    total = poststratify(inputs["k"], inputs["n"], inputs["N"])
    assert total.covered_share == pytest.approx(expected["covered_share"], abs=tol)
    assert total.rate == (None if expected["estimate"] is None else pytest.approx(expected["estimate"], abs=tol))
    if total.rate is None:
        assert (total.lower, total.upper, total.n_eff, total.design_effect) == (0, 1, None, None)


@pytest.mark.parametrize("row", golden.rows("realdata_kcmo", "stratified_dataset"))
def test_real_survey_is_weighted_to_its_districts(row):
    inputs, expected, tol = row.inputs, dict(row.expected), row.tol
    people = rated(residents(), inputs["item"])
    by = people.groupby(inputs["strata"])[inputs["item"]].agg([lambda x: (x >= 4).sum(), "size"])
    N = [inputs["population"][str(district)] for district in by.index]
    total = poststratify(by.iloc[:, 0], by["size"], N)
    assert total.rate == pytest.approx(expected["estimate"], abs=tol)
    assert total.lower < expected["wilson_lower"]
    assert total.upper > expected["wilson_upper"]


@pytest.mark.parametrize("row", golden.rows("between_agencies", "kish_deff"))
def test_unequal_weights_cost_answers(row):
    inputs, expected, tol = row.inputs, dict(row.expected), row.tol
    size = kish(inputs["weights"])
    assert (size.n_eff, size.design_effect) == pytest.approx((expected["n_eff"], expected["deff"]), abs=tol)


@pytest.mark.parametrize("bad", [[0, 0], [-1, 2], [math.nan, 1], [math.inf, 1], [[1, 1], [0, 0]]])
def test_weights_that_weigh_nothing_are_refused(bad):
    with pytest.raises(ValueError, match="weights"):
        kish(bad)


@pytest.mark.parametrize("row", golden.rows("between_agencies", "cluster_proportion"))
def test_clustered_answers_get_their_design_effect(row):
    inputs, expected, tol = row.inputs, dict(row.expected), row.tol
    result = cluster_proportion(inputs["k"], inputs["n"])
    got = (result.rate, result.se, result.design_effect, result.n_eff, result.icc)
    assert got == pytest.approx([expected[key] for key in ("estimate", "se", "deff", "n_eff", "icc")], abs=tol)
    assert result.lower < result.rate < result.upper


def test_clusters_at_the_edges():
    assert (cluster_proportion([0], [0]).rate, cluster_proportion([0], [0]).upper) == (None, 1.0)
    assert cluster_proportion([9], [10]).n_eff == 1
    assert cluster_proportion([5, 5, 5], [5, 5, 5]).n_eff == 3
    one_each = cluster_proportion([1, 0, 1, 1], [1, 1, 1, 1])
    assert (one_each.icc, one_each.n_eff) == (None, pytest.approx(3))
    np.testing.assert_allclose(
        cluster_proportion([[9, 18, 0], [9, 18, 30]], [[10, 20, 0], [10, 20, 30]]).rate, [0.9, 0.95]
    )


def test_thirty_six_of_thirty_six_over_strata_is_a_plain_exact_interval():
    total = poststratify([12, 12, 12], [12, 12, 12], [100, 100, 100])
    plain = clopper_pearson(36, 36)
    assert (total.rate, total.upper) == (1, 1)
    assert total.lower == pytest.approx(plain.lower, abs=1e-12)


def test_twelve_answers_with_nearly_all_weight_do_not_look_like_thousands():
    total = poststratify([12, 57, 58], [12, 60, 60], [3000, 100, 100], fpc=True)
    assert (round(total.lower, 3), total.upper) == (0.760, pytest.approx(1, abs=5e-4))
    assert total.n_eff < 14


def test_a_stratum_with_one_answer_is_welcome():
    total = poststratify([1, 9], [1, 10], [20, 80])
    assert total.rate == pytest.approx(0.92)
    assert 0 < total.lower < 0.92 < total.upper < 1


def test_census_strata_add_no_variance_and_a_full_census_leaves_no_doubt():
    assert poststratify([9, 8], [10, 10], [10, 50], fpc=True).n_eff > poststratify([9, 8], [10, 10], [10, 50]).n_eff
    everybody = poststratify([9, 40], [10, 50], [10, 50], fpc=True)
    assert everybody.lower == everybody.rate == everybody.upper == pytest.approx(49 / 60)
    assert (everybody.n_eff, everybody.design_effect) == (math.inf, 0)


@pytest.mark.parametrize(
    ("k", "n", "N"), [([6], [5], [9]), ([5], [12], [10]), ([1], [2], [-1]), ([0], [0], [0]), ([1.5], [2], [9])]
)
def test_impossible_strata_are_refused(k, n, N):
    with pytest.raises(ValueError, match=r"(k|n|N) must"):
        poststratify(k, n, N)


def test_many_agencies_in_one_call_equal_one_call_each():
    k, n, N = [[9, 4], [0, 5], [2, 0]], [[10, 5], [3, 5], [2, 0]], [[50, 60], [3, 5], [9, 4]]
    together = poststratify(k, n, N, fpc=True)
    for row in range(3):
        alone = poststratify(k[row], n[row], N[row], fpc=True)
        for field in ("rate", "lower", "upper", "n_eff", "covered_share", "design_effect"):
            one, value = getattr(alone, field), getattr(together, field)[row]
            assert math.isnan(value) if one is None else value == pytest.approx(one, abs=1e-14)


@given(strata(), st.randoms(use_true_random=False), st.booleans())
def test_the_order_of_strata_does_not_matter(table, random, fpc):
    order = random.sample(range(table.shape[1]), table.shape[1])
    first, second = poststratify(*table, fpc=fpc), poststratify(*table[:, order], fpc=fpc)
    assert (second.rate, second.lower, second.upper) == pytest.approx((first.rate, first.lower, first.upper), abs=1e-9)


@given(strata(), st.booleans(), st.floats(0.01, 0.999))
def test_the_interval_never_excludes_the_rate(table, fpc, confidence):
    total = poststratify(*table, confidence=confidence, fpc=fpc)
    assert 0 <= total.lower <= total.rate <= total.upper <= 1


@pytest.mark.parametrize(
    ("rate", "n_eff"), [(0.3, 1e16), (1 - 1e-15, 1e9), (1e-300, 5.0), (0.9, math.inf), (0.5, 0.0), (0.123, 3e18)]
)
def test_limits_stay_around_the_rate_at_any_size(rate, n_eff):
    lower, upper = exact_limits(rate, n_eff)
    assert 0 <= lower <= rate <= upper <= 1
    if not n_eff:
        assert (lower, upper) == (0, 1)


@given(strata(), st.booleans())
def test_counting_the_dissatisfied_mirrors_the_interval(table, fpc):
    k, n, N = table
    total, mirror = poststratify(k, n, N, fpc=fpc), poststratify(n - k, n, N, fpc=fpc)
    assert (mirror.lower, mirror.upper) == pytest.approx((1 - total.upper, 1 - total.lower), abs=1e-9)


@given(st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_one_stratum_is_the_plain_exact_interval(pair):
    total = poststratify(*pair, 10**9)
    assert (total.lower, total.upper) == pytest.approx(tuple(clopper_pearson(*pair)), abs=1e-9)
    assert score_limits(total.rate, total.n_eff, 1.959963984540054) == pytest.approx(tuple(wilson(*pair)), abs=1e-9)


@given(strata())
@settings(max_examples=50)
def test_doubling_all_cases_changes_nothing_without_the_correction(table):
    k, n, N = table
    once, twice = poststratify(k, n, N), poststratify(k, n, 2 * N)
    assert (twice.rate, twice.lower, twice.upper) == pytest.approx((once.rate, once.lower, once.upper), abs=1e-12)


def test_an_empty_stratum_joins_its_field_and_then_its_agency():
    k, n, N = [9, 0, 8, 0], [10, 0, 10, 0], [50, 20, 30, 40]
    field, agency = ["land", "land", "tax", "civil"], ["P1"] * 4
    by_field = merge_strata(k, n, N, field)
    assert (by_field.n.tolist(), by_field.N.tolist(), by_field.stratum.tolist()) == (
        [10, 10, 0],
        [70, 30, 40],
        [0, 0, 1, 2],
    )
    assert poststratify(by_field.k, by_field.n, by_field.N).rate is None
    assert merge_strata([9, 8], [10, 10], [50, 20], ["land", "land"]).k.tolist() == [9, 8]
    by_both = merge_strata(k, n, N, field, agency)
    assert (by_both.k.tolist(), by_both.n.tolist(), by_both.N.tolist()) == ([17], [20], [140])
    assert poststratify(by_both.k, by_both.n, by_both.N).rate == pytest.approx(0.85)
    with pytest.raises(ValueError, match="one value per stratum"):
        merge_strata(k, n, N, ["land"])


@given(strata(), st.data())
def test_merging_loses_neither_answers_nor_cases(table, data):
    k, n, N = table
    k, n = np.where(k % 3 == 0, 0, k), np.where(k % 3 == 0, 0, n)
    merged = merge_strata(k, n, N, data.draw(st.lists(st.sampled_from("xy"), min_size=k.size, max_size=k.size)))
    assert (merged.k.sum(), merged.n.sum(), merged.N.sum()) == (k.sum(), n.sum(), N.sum())


@pytest.mark.parametrize("name", SETTINGS)
def test_the_interval_keeps_its_promise(name, request):
    share, n, N = (np.asarray(values) for values in SETTINGS[name])
    samples = 20_000 if request.config.getoption("--campaign", default=False) else 4_000
    random = np.random.default_rng(20261101)
    if fpc := name.startswith("F"):
        good = np.round(share * N).astype(int)
        k, truth = random.hypergeometric(good, N - good, n, size=(samples, n.size)), good.sum() / N.sum()
    else:
        k, truth = random.binomial(n, share, size=(samples, n.size)), (share * N).sum() / N.sum()
    total = poststratify(k, n, N, fpc=fpc)
    assert ((total.lower <= truth) & (truth <= total.upper)).mean() >= 0.95
    assert (total.lower > truth).mean() <= 0.025
