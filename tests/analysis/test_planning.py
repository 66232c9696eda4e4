"""Planning: how many answers, against the reference values and against a search through every n."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.planning import (
    power_to_prove,
    sample_size,
    sample_size_to_prove,
    sample_size_to_prove_among,
    yamane,
)
from analysis.verdict import Verdict, assess
from tests.analysis import golden


@pytest.mark.parametrize("row", golden.rows("planning", "power_exact"))
def test_power_equals_the_reference_values(row):
    got = power_to_prove(row.inputs["n"], row.inputs["p"], str(row.inputs["target"]), row.inputs["alpha"])
    assert got == row.near(tuple(row.expected[name] for name in ("critical_k", "size", "power")))


@pytest.mark.parametrize("row", golden.rows("planning", "sample_size_to_prove"))
def test_sample_size_to_prove_equals_the_reference_values(row):
    got = sample_size_to_prove(row.inputs["p"], str(row.inputs["target"]), row.inputs["power"], row.inputs["alpha"])
    assert got == (row.expected["n_first"], row.expected["n_safe"])


@pytest.mark.parametrize("row", golden.rows("planning", "sample_size_cochran"))
def test_sample_size_equals_the_reference_values(row):
    N = None if math.isinf(row.inputs["N"]) else row.inputs["N"]
    got = sample_size(row.inputs["margin"], row.inputs["p"], N, row.inputs["conf_level"])
    assert got == row.expected["n_ceiling"]
    assert got - 1 < row.expected["n"] <= got


@pytest.mark.parametrize("row", golden.rows("planning", "sample_size_yamane"))
def test_yamane_equals_the_reference_values(row):
    got = yamane(row.inputs["N"], row.inputs["margin"])
    assert got == row.expected["n_ceiling"]
    assert got - 1 < row.expected["n"] <= got


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(["0.90", "0.8", "1/2"]),
    st.floats(0.02, 0.95),
    st.floats(0.05, 0.97),
    st.sampled_from([0.025, 0.05]),
)
def test_sample_size_to_prove_equals_a_search_through_every_n(target, rise, power, alpha):
    share = float(Fraction(target))
    p = share + (1 - share) * rise
    got = sample_size_to_prove(p, target, power, alpha)
    n = np.arange(1, 12_000)
    enough = power_to_prove(n, p, target, alpha).power >= power
    if enough[-2000:].all():
        assert got == (n[enough][0], n[~enough][-1] + 1)
    else:
        assert got.n_safe > 10_000


@given(st.integers(0, 3000), st.floats(0.01, 0.999))
def test_power_is_the_chance_of_the_verdict_met(n, p):
    k = np.arange(n + 1)
    met = assess(k, n).verdict == Verdict.MET
    got = power_to_prove(n, p)
    assert got.critical_k == (k[met][0] if met.any() else n + 1)
    assert got.power == pytest.approx(stats.binom.pmf(k, n, p)[met].sum(), abs=1e-10)


@pytest.mark.parametrize("n", [0, 35, 36, 100])
def test_power_where_everybody_or_nobody_is_satisfied(n):
    assert power_to_prove(n, 1).power == (n >= 36)
    assert power_to_prove(n, [0, 1]).power.tolist() == [0, n >= 36]
    assert sample_size_to_prove(1) == (36, 36)
    assert sample_size_to_prove(0) == (None, None)


def test_close_to_the_target_the_answer_is_large_but_comes_at_once():
    first, safe = sample_size_to_prove(0.9005)
    assert 2_500_000 < first < safe < 3_500_000
    powers = power_to_prove([first - 1, first, safe - 1, safe], 0.9005).power
    assert (powers >= 0.8).tolist() == [False, True, False, True]


def test_where_no_number_of_answers_proves_it():
    assert sample_size_to_prove(0.9) == (None, None)
    assert sample_size_to_prove(0.85) == (None, None)
    table = sample_size_to_prove([0.85, 0.95])
    assert np.isnan(table.n_safe[0])
    assert table.n_safe[1] == 255
    assert power_to_prove(0, 0.95) == (1, 0.0, 0.0)


def test_arrays_broadcast_and_scalars_give_ints():
    assert sample_size([0.05, 0.03], population=[[1000], [50]]).tolist() == [[278, 517], [45, 48]]
    assert type(sample_size(0.05)) is int
    assert type(power_to_prove(100, 0.95).critical_k) is int
    assert sample_size(0.001, population=10) == 10


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: sample_size(0),
        lambda: sample_size(0.05, p=1.0),
        lambda: sample_size(0.05, population=0),
        lambda: sample_size(0.05, population=2.5),
        lambda: yamane(100, margin=float("nan")),
        lambda: power_to_prove(-1, 0.95),
        lambda: power_to_prove(10, 0.95, alpha=0),
        lambda: power_to_prove(10, 1.01),
        lambda: power_to_prove(10, float("nan")),
        lambda: sample_size_to_prove(-0.1),
        lambda: sample_size_to_prove(0.95, power=1.0),
    ],
)
def test_impossible_settings_are_refused(wrong):
    with pytest.raises(ValueError, match="must"):
        wrong()


def test_rounding_does_not_ask_for_one_answer_more():
    """1600/(1 + 1600·0.175²) is 32 exactly and 32.00000000000001 in binary."""
    assert yamane(1600, 0.175) == 32


def proving_among(N: int, p: float, share: Fraction, power: float, alpha: float) -> int | None:
    """The same by scipy's hypergeometric tails, for every number of answers."""
    least, truth = math.ceil(share * N), int(p * N + 0.5)
    if truth < least:
        return None
    weak = [0]
    for n in range(1, N):
        enough = np.flatnonzero(stats.hypergeom.sf(np.arange(-1, n), N, least - 1, n) <= alpha * (1 + 1e-11))
        if not enough.size or stats.hypergeom.sf(enough[0] - 1, N, truth, n) < power:
            weak.append(n)
    return weak[-1] + 1


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 400),
    st.floats(0.0, 1.0),
    st.sampled_from(["0.90", "0.8", "1/2"]),
    st.floats(0.05, 0.97),
    st.sampled_from([0.025, 0.05]),
)
def test_proving_it_among_known_cases_equals_a_search_through_every_number_of_answers(N, p, target, power, alpha):
    got = sample_size_to_prove_among(N, p, target, power, alpha)
    assert got == proving_among(N, p, Fraction(target), power, alpha)


def test_the_fewer_cases_there_are_the_fewer_must_answer():
    assert sample_size_to_prove_among([50, 200, 1000, 5000, 10**6], 0.95).tolist() == [38, 112, 206, 240, 255]
    assert sample_size_to_prove_among(200, 0.97) == 71
    assert sample_size_to_prove_among(10, 1) == 8  # 8 satisfied of 8, if only 8 of the 10 were: 1/45


def test_among_known_cases_a_missed_target_is_never_proved():
    assert sample_size_to_prove_among(200, 0.89) is None
    assert np.isnan(sample_size_to_prove_among([200, 10], 0.89)[0])
    assert sample_size_to_prove_among(200, 0.90) == 200  # just reached: only all of them show it


@pytest.mark.parametrize("wrong", [(0, 0.95), (2.5, 0.95), (10, 1.01), (10, 0.95, "0.90", 1.0)])
def test_impossible_settings_among_known_cases_are_refused(wrong):
    with pytest.raises(ValueError, match="must"):
        sample_size_to_prove_among(*wrong)
