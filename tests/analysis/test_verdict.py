"""The verdict: reference values, the agreement of test and limits, and how often it may be wrong, computed exactly."""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis._finite_population import target_count
from analysis.interval import clopper_pearson, wilson
from analysis.verdict import Verdict, assess, responses_needed
from tests.analysis import golden

TARGETS = ["0.90", "0.95", "1/3", "0.005", "0.5", "2/7"]


def target_of(row: golden.Row) -> str:
    return str(row.inputs["target"])


@pytest.mark.parametrize("row", golden.rows("target_test", "target_test"))
def test_probabilities_and_verdict_equal_the_reference_values(row):
    k, n, confidence = (row.inputs[name] for name in ("k", "n", "conf_level"))
    got = assess(k, n, target_of(row), confidence)
    assert (got.p_met, got.p_not_met) == row.near((row.expected["p_met"], row.expected["p_not_met"]))
    assert got.verdict == row.expected["verdict_exact"]
    lower, upper = wilson(k, n, confidence)
    target = float(got.target)
    by_score = "met" if lower >= target - 1e-12 else "not_met" if upper <= target + 1e-12 else "inconclusive"
    assert by_score == row.expected["verdict_wilson"]


@pytest.mark.parametrize("row", golden.rows("finite_population", "finite_population"))
def test_verdicts_among_known_cases_equal_the_reference_values(row):
    k, n, N, confidence = (row.inputs[name] for name in ("k", "n", "N", "conf_level"))
    got = assess(k, n, target_of(row), confidence, population=N)
    assert (got.p_met, got.p_not_met) == row.near((row.expected["p_met"], row.expected["p_not_met"]))
    assert (got.lower, got.upper) == row.near((row.expected["lower_exact"], row.expected["upper_exact"]))
    assert (got.verdict, got.certain) == (row.expected["verdict"], row.expected["certain"])


@pytest.mark.parametrize("row", golden.rows("target_test", "responses_needed"))
def test_responses_needed_equal_the_reference_values(row):
    got = responses_needed(row.inputs["k"], row.inputs["n"], target_of(row), row.inputs["conf_level"])
    assert {name: getattr(got, name) for name in row.expected} == row.expected


@pytest.mark.parametrize("row", golden.rows("conventions", "finite_population", "any", "proportion_ci"))
def test_edges_follow_the_conventions(row):
    settings = {"confidence": row.inputs.get("conf_level", 0.95), "population": row.inputs.get("N")}
    if "error" in row.expected:
        with pytest.raises(ValueError, match="must"):
            assess(row.inputs["k"], row.inputs["n"], **settings)
    elif "target_count" in row.expected:
        assert target_count(np.int64(row.inputs["N"]), Fraction(9, 10)) == row.expected["target_count"]
    else:
        got = dataclasses.asdict(assess(row.inputs["k"], row.inputs["n"], **settings))
        for name, value in row.expected.items():
            assert got["rate" if name == "estimate" else name] == value


def exact_verdicts(n: int, target: Fraction, a: Fraction) -> list[str]:
    """By whole numbers alone: cumulate C(n,x)·u^x·(v−u)^(n−x) and compare with a·v^n."""
    u, v = target.numerator, target.denominator
    terms = [math.comb(n, x) * u**x * (v - u) ** (n - x) for x in range(n + 1)]
    total, below, result = v**n, 0, []
    for term in terms:
        above = total - below
        below += term
        met, not_met = above * a.denominator <= a.numerator * total, below * a.denominator <= a.numerator * total
        result.append("met" if met else "not_met" if not_met else "inconclusive")
    return result


def assert_agreement(got):
    """p-value, limit and verdict say the same, and the estimate lies between the limits."""
    a, target = (1 - got.confidence) / 2, float(got.target)
    met, not_met = np.asarray(got.verdict) == Verdict.MET, np.asarray(got.verdict) == Verdict.NOT_MET
    np.testing.assert_array_equal(met, np.asarray(got.lower) >= target)
    np.testing.assert_array_equal(met, np.asarray(got.p_met) <= a + 1e-16)
    reached = np.asarray(got.upper) < target if got.population is not None else np.asarray(got.upper) <= target
    np.testing.assert_array_equal(not_met, reached)
    np.testing.assert_array_equal(not_met, np.asarray(got.p_not_met) <= a + 1e-16)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("confidence", [0.95, 0.5])
def test_test_and_limits_agree_with_whole_number_arithmetic_for_every_count_to_300(target, confidence):
    a = Fraction(str(confidence))
    for n in range(1, 301):
        got = assess(np.arange(n + 1), n, target, confidence)
        assert list(got.verdict) == exact_verdicts(n, Fraction(target), (1 - a) / 2)
        assert_agreement(got)
        lower, upper = clopper_pearson(np.arange(n + 1), n, confidence)
        assert np.abs(lower - got.lower).max() < 1e-14, "the limit may be moved by its last digit only"
        assert np.abs(upper - got.upper).max() < 1e-14


@given(st.integers(1, 10**9), st.sampled_from(TARGETS), st.sampled_from([0.8, 0.95, 0.99]), st.data())
def test_test_and_limits_agree_for_random_large_counts_near_the_boundary(n, target, confidence, data):
    share, z = Fraction(target), stats.norm.isf((1 - confidence) / 2)
    edge = data.draw(st.sampled_from([-z, z])) * math.sqrt(n * share * (1 - share)) + n * share
    k = min(n, max(0, round(edge) + data.draw(st.integers(-3, 3))))
    got = assess(k, n, target, confidence)
    assert_agreement(got)
    limits = clopper_pearson(k, n, confidence)
    assert (got.lower, got.upper) == pytest.approx(limits, abs=1e-12)


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.sampled_from(TARGETS), st.data())
def test_test_and_limits_agree_among_known_cases(n, silent, target, data):
    N = n + silent
    k = data.draw(st.integers(0, n))
    for design in ("random", "self-selected"):
        got = assess(k, n, target, population=N, design=design)
        assert_agreement(got)
        if got.certain:
            assert got.verdict != Verdict.INCONCLUSIVE
            assert (k >= Fraction(target) * N) == (got.verdict == Verdict.MET)


def test_an_exact_tie_is_met():
    """Two of two at a target of one half with 50 % confidence: P = 1/4 exactly, the limit is exactly one half."""
    got = assess(2, 2, "0.5", 0.5)
    assert (got.verdict, got.lower, got.p_met) == (Verdict.MET, 0.5, 0.25)
    assert assess(0, 2, "0.5", 0.5).verdict == Verdict.NOT_MET
    assert assess(1, 1, "1/40", population=40).verdict == assess(1, 1, "2/40", population=40).verdict == Verdict.MET
    assert assess(1, 1, "3/40", population=40).verdict == Verdict.INCONCLUSIVE


@pytest.mark.parametrize("tenths", range(1, 10))
def test_every_exact_tie_is_proven_and_all_fields_say_so(tenths):
    """The confidence is chosen such that the tail is exactly the tail probability; rounding goes either way."""
    target = Fraction(tenths, 10)
    for n in range(1, 8):
        terms = [math.comb(n, x) * target**x * (1 - target) ** (n - x) for x in range(n + 1)]
        for k in range(1, n + 1):
            tail = sum(terms[k:])
            if tail < Fraction(1, 2):
                up = assess(k, n, target, float(1 - 2 * tail))
                down = assess(n - k, n, 1 - target, float(1 - 2 * tail))
                assert (up.verdict, down.verdict) == (Verdict.MET, Verdict.NOT_MET)
                assert_agreement(up)
                assert_agreement(down)


def test_the_target_is_compared_as_a_fraction():
    assert assess(9, 10, "0.90", population=10).verdict == Verdict.MET
    assert assess(9, 10, Fraction(9, 10), population=10) == assess(9, 10, "0.90", population=10)
    assert assess(9 * 10**8, 10**9, "0.90", population=10**9).verdict == Verdict.MET
    assert assess(9 * 10**8 - 1, 10**9, "0.90", population=10**9).verdict == Verdict.NOT_MET
    with pytest.raises(ValueError, match="float"):
        assess(9, 10, 0.9)


def test_a_wrong_verdict_has_at_most_2_5_percent_for_every_n_to_2000_computed_exactly():
    worst_met = worst_not = 0.0
    for n in range(1, 2001):
        k = np.arange(n + 1)
        verdict = assess(k, n).verdict
        chance = stats.binom.pmf(k, n, 0.9)
        worst_met = max(worst_met, chance[verdict == Verdict.MET].sum())
        worst_not = max(worst_not, chance[verdict == Verdict.NOT_MET].sum())
    assert 0.024 < worst_met <= 0.025
    assert 0.024 < worst_not <= 0.025


def test_among_known_cases_a_wrong_verdict_has_at_most_2_5_percent():
    for N in (40, 100, 317):
        needed = -(-9 * N // 10)
        for n in range(1, N + 1, 7):
            k = np.arange(n + 1)
            verdict = assess(k, n, population=N).verdict
            just_below = stats.hypergeom.pmf(k, N, needed - 1, n)
            just_reached = stats.hypergeom.pmf(k, N, needed, n)
            assert just_below[verdict == Verdict.MET].sum() <= 0.025 * (1 + 1e-9)
            assert just_reached[verdict == Verdict.NOT_MET].sum() <= 0.025 * (1 + 1e-9)


def test_self_selected_answers_get_no_correction_but_keep_what_is_certain():
    few = assess(95, 100, population=1000, design="self-selected")
    assert (few.lower, few.upper) == pytest.approx((assess(95, 100).lower, assess(95, 100).upper))
    sure = assess(900, 905, population=1000, design="self-selected")
    assert (sure.verdict, sure.certain, sure.p_met, sure.lower >= 0.9) == (Verdict.MET, True, 0.0, True)
    lost = assess(800, 950, population=1000, design="self-selected")
    assert (lost.verdict, lost.certain) == (Verdict.NOT_MET, True)
    assert lost.upper == 850 / 1000 < assess(800, 950).upper
    most = assess(45, 50, population=52, design="self-selected")
    assert (most.lower, most.upper, most.verdict) == (45 / 52, 47 / 52, Verdict.INCONCLUSIVE)
    whole = assess(45, 50, population=50, design="self-selected")
    assert (whole.lower, whole.upper, whole.verdict) == (0.9, 0.9, Verdict.MET)
    with pytest.raises(ValueError, match="design"):
        assess(1, 2, population=3, design="guess")


def test_scalars_give_plain_values_and_arrays_keep_their_shape():
    one = assess(475, 500)
    assert [type(x) for x in (one.k, one.rate, one.lower, one.p_met, one.certain)] == [int, float, float, float, bool]
    assert isinstance(one.verdict, Verdict)
    table = assess([[0, 36], [20, 475]], [[0, 36], [40, 500]])
    assert table.verdict.tolist() == [[Verdict.INCONCLUSIVE, Verdict.MET], [Verdict.NOT_MET, Verdict.MET]]
    assert math.isnan(table.rate[0, 0])
    assert table.rate[1, 0] == 0.5
    nothing = assess(0, 0)
    assert (nothing.rate, nothing.lower, nothing.upper, nothing.verdict) == (None, 0.0, 1.0, "inconclusive")
    nothing = assess(0, 0, population=0)
    assert (nothing.verdict, nothing.rate, nothing.lower, nothing.upper) == (Verdict.INCONCLUSIVE, None, 0.0, 1.0)
    assert (assess(1, 1).rate, assess(0, 1).rate) == (1.0, 0.0)
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.rate = 1.0


def test_36_of_36_is_met_and_35_of_35_is_not_yet():
    """Where all seven methods of R's svyciprop fail on 36 of 36."""
    assert assess(36, 36).verdict == Verdict.MET
    assert assess(36, 36).lower == pytest.approx(0.025 ** (1 / 36))
    assert assess(35, 35).verdict == Verdict.INCONCLUSIVE


@given(
    st.integers(0, 60),
    st.data(),
    st.sampled_from(["0.90", "0.8", "1/3"]),
    st.one_of(st.none(), st.integers(0, 400)),
    st.sampled_from(["random", "self-selected"]),
)
def test_responses_needed_equal_a_search_through_every_number(n, data, target, silent, design):
    k = data.draw(st.integers(0, n))
    N = None if silent is None else n + silent
    m = np.arange((4000 if N is None else silent) + 1)
    share = Fraction(target)

    def first(satisfied, verdict):
        total = n + m
        fine = satisfied <= total
        got = assess(satisfied[fine], total[fine], target, population=N, design=design).verdict
        hits = m[fine][got == verdict]
        return int(hits[0]) if hits.size else None

    got = responses_needed(k, n, target, population=N, design=design)
    assert got.if_all_satisfied == first(k + m, Verdict.MET)
    assert got.if_all_dissatisfied == first(np.full(m.shape, k), Verdict.NOT_MET)
    if n == 0 or (k == share * n and N is None):
        assert got.if_rate_holds is None
    else:
        side = Verdict.MET if k >= share * n else Verdict.NOT_MET
        steady = k * (n + m) // n if side == Verdict.MET else n + m - (n - k) * (n + m) // n
        wanted = first(steady, side)
        assert got.if_rate_holds == wanted or (wanted is None and N is None and got.if_rate_holds > 4000)


def test_responses_needed_answers_at_once_for_a_billion_and_broadcasts():
    assert responses_needed(9001, 10_000).if_rate_holds == 34_566_006
    assert responses_needed(900_000_001, 10**9).if_rate_holds is None
    table = responses_needed([92, 0, 36], [100, 0, 36])
    assert table.if_all_satisfied.tolist() == [54, 36, 0]
    assert np.isnan(table.if_rate_holds[1])
    n, N = np.arange(100, 130), np.arange(400, 430)
    table = responses_needed(n - 5, n, population=N)
    one_by_one = [responses_needed(n - 5, n, population=N) for n, N in zip(n.tolist(), N.tolist(), strict=True)]
    assert table.if_rate_holds.tolist() == [one.if_rate_holds for one in one_by_one]
    closed = responses_needed(80, 100, population=105)
    assert (closed.if_all_satisfied, closed.if_all_dissatisfied) == (None, 0)


@pytest.mark.parametrize(
    ("share", "needed"),
    [("1", 36), ("0.99", 54), ("0.97", 85), ("0.95", 167), ("0.93", 446), ("0.89", 3819), ("0.85", 200), ("0.70", 20)],
)
def test_the_table_of_answers_needed_at_an_observed_share(share, needed):
    """From that n on the verdict is and stays conclusive, the whole count on the side that is harder to prove."""
    n, percent = np.arange(max(1, needed - 1), 6000), round(100 * float(share))
    k = n * percent // 100 if percent > 90 else -(-n * percent // 100)
    conclusive = assess(k, n).verdict != Verdict.INCONCLUSIVE
    assert conclusive[n >= needed].all()
    assert not conclusive[n == needed - 1].any()
