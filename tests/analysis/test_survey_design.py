from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.stratification import poststratify
from analysis.survey_design import design_based, design_intervals, weighted_share
from tests.analysis import golden
from tests.analysis.kansas_city import rated, residents
from tests.analysis.test_raking import schools
from tests.analysis.test_stratification import SETTINGS

LIMITS = ("mean", "xlogit", "beta", "wilson", "asin")


def agree(result, expected, tol, names=LIMITS):
    for name in names:
        limits = (expected[f"{name}_lower"], expected[f"{name}_upper"])
        assert getattr(result, name) == pytest.approx(limits, abs=tol), name


def varied(cases):
    return [case for case in cases if "xlogit_lower" in case.values[0].expected]


@pytest.mark.parametrize("row", varied(golden.rows("stratified", "stratified_proportion")))
def test_stratified_shares_are_those_of_the_survey_package(row):
    inputs, expected, tol = row.inputs, dict(row.expected), row.tol
    result = design_based(inputs["k"], inputs["n"], inputs["N"], inputs["conf_level"], inputs["fpc"])
    assert (result.rate, result.se, result.df) == pytest.approx(
        (expected["estimate"], expected["se"], expected["df"]), abs=tol
    )
    assert result.n_eff == pytest.approx(expected["n_eff"], rel=1e-9)
    assert result.n_eff_capped == pytest.approx(expected["kg_capped_n_eff"], rel=1e-9)
    agree(result, expected, tol)
    assert result.nchs == pytest.approx((expected["kg_capped_lower"], expected["kg_capped_upper"]), abs=tol)


@pytest.mark.parametrize("row", golden.rows("realdata_kcmo", "stratified_dataset"))
def test_real_survey_has_the_design_figures_of_the_reference(row):
    inputs, expected, tol = row.inputs, dict(row.expected), row.tol
    people = rated(residents(), inputs["item"])
    by = people.groupby(inputs["strata"])[inputs["item"]].agg([lambda x: (x >= 4).sum(), "size"])
    N = [inputs["population"][str(district)] for district in by.index]
    result = design_based(by.iloc[:, 0], by["size"], N, fpc=True)
    assert (result.se, result.df) == pytest.approx((expected["se"], expected["df"]), abs=tol)
    agree(result, expected, tol, ("xlogit", "wilson"))


@pytest.mark.parametrize("row", golden.rows("survey_datasets", "survey_dataset_proportion", "survey_dataset_domain"))
def test_schools_and_their_domains_are_those_of_the_survey_package(row):
    inputs, expected, tol = row.inputs, dict(row.expected), row.tol
    data = schools()
    domain = data[inputs["domain_column"]] == inputs["domain"] if "domain" in inputs else None
    y = data[inputs["item"]] == inputs["positive"]
    share = weighted_share(y, data["pw"].astype(float), data["stype"], data["fpc"], domain)
    assert (share.n, share.rate, share.se) == pytest.approx(
        (expected["n"], expected["estimate"], expected["se"]), abs=tol
    )
    assert share.df == expected["df"]
    result = design_intervals(share.rate, share.se, share.n, share.df)
    agree(result, expected, tol, LIMITS if expected["se"] else ("mean",))
    if expected["se"]:
        assert result.xlogit == pytest.approx((expected["logit_lower"], expected["logit_upper"]), abs=tol)


def test_unanimous_answers_leave_the_design_intervals_undefined_where_ours_is_not():
    result = design_based([12, 12, 12], [12, 12, 12], [100, 100, 100])
    assert (result.xlogit.lower, result.beta.lower, result.wilson.upper, result.n_eff) == (None, None, None, None)
    assert poststratify([12, 12, 12], [12, 12, 12], [100, 100, 100]).lower == pytest.approx(0.9026, abs=1e-4)


def test_a_stratum_with_one_answer_is_refused_with_the_way_out():
    with pytest.raises(ValueError, match="use poststratify"):
        design_based([1, 9], [1, 10], [20, 80])
    assert design_based([1, 9], [1, 10], [1, 80], fpc=True).rate == pytest.approx((1 + 72) / 81)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 11)), min_size=1, max_size=5))
def test_counts_and_single_answers_give_the_same_standard_error(pairs):
    k, n = np.array([bad_good[0] for bad_good in pairs]) + 1, np.array([sum(bad_good) for bad_good in pairs]) + 2
    N = n + 5
    result = design_based(k, n, N, fpc=True)
    stratum = np.repeat(np.arange(k.size), n)
    y = np.concatenate([np.arange(size) < good for good, size in zip(k, n, strict=True)])
    single = weighted_share(y, (N / n)[stratum], stratum, N[stratum])
    assert (single.rate, single.se) == pytest.approx((result.rate, result.se), abs=1e-12)


def test_the_design_interval_fails_where_few_answers_carry_the_weight_and_ours_holds():
    share, n, N = (np.asarray(values) for values in SETTINGS["G 94 percent of the weight on 12 answers"])
    k = np.random.default_rng(20261103).binomial(n, share, size=(4000, n.size))
    truth = (share * N).sum() / N.sum()

    def coverage(limits):
        return ((limits.lower <= truth) & (truth <= limits.upper)).mean()

    theirs = design_based(k, n, N)
    assert max(coverage(theirs.xlogit), coverage(theirs.beta)) < 0.75
    assert coverage(poststratify(k, n, N)) > 0.95
