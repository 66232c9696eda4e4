"""Call-back: a random sample of those who stayed silent is asked by telephone, so that all cases can be judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis import validation
from analysis._answered_by_others import AnsweredByOthers, answered_by_others
from analysis._call_back_planning import allocate_calls, calls_for_margin, calls_to_decide
from analysis._combined_limits import least_satisfied
from analysis._draw import draw, seed_of
from analysis._exact_test import Verdict
from analysis._finite_population import lower_count, target_count
from analysis.validation import Count, Figure, Number, Real, Target, Whole, none_for_nan, plain

__all__ = [
    "AnsweredByOthers",
    "CallBack",
    "IfAlike",
    "allocate_calls",
    "answered_by_others",
    "call_back_rate",
    "call_back_total",
    "calls_for_margin",
    "calls_to_decide",
    "draw",
    "seed_of",
]

_VERDICTS = np.array([Verdict.INCONCLUSIVE, Verdict.MET, Verdict.NOT_MET], dtype=object)
# Satisfied of called of silent, strata along the last axis -> the least total of satisfied among the silent.
Least: TypeAlias = Callable[[Whole, Whole, Whole], Whole]


@dataclass(frozen=True)
class IfAlike:
    """What the figures would be if those who could not be reached thought as those who were: an assumption.

    Print it under that name, beside the limits that need none. Without anybody unreached it is the same as those.
    """

    rate: Figure
    se: Figure
    silent_rate: Figure
    lower: Number
    upper: Number


@dataclass(frozen=True)
class CallBack:
    """The rate over all cases, answered or silent, with exact limits, beside the counts it came from.

    `rate`, `se` and `silent_rate` are None (NaN in an array) where somebody called was not reached: then only limits
    are known without an assumption, and `if_alike` has the figures with it. `response_rate` is AAPOR's RR1 of the
    calls: a list of cases holds nobody who is not eligible. All are shares but the counts in the last six fields.
    """

    rate: Figure
    se: Figure
    silent_rate: Figure
    silent_lower: Number
    silent_upper: Number
    lower: Number
    upper: Number
    verdict: Verdict | NDArray[np.object_]
    if_alike: IfAlike
    response_rate: Figure
    target: Fraction
    confidence: float
    population: Count
    answered: Count
    satisfied: Count
    called: Count
    called_satisfied: Count
    unreached: Count


def call_back_rate(
    population: ArrayLike,
    answered: ArrayLike,
    satisfied: ArrayLike,
    called: ArrayLike,
    called_satisfied: ArrayLike,
    confidence: float = 0.95,
    *,
    unreached: ArrayLike = 0,
    target: Target = "0.90",
) -> CallBack:
    """Return the rate over all N cases: n1 answered, k1 of them satisfied; m of the n2 = N−n1 silent were called.

    Those who answered are a census of their stratum, so that only the silent are uncertain. With u of the m unreached
    and k2 of the others satisfied, L = min{K : P(X ≥ k2 | n2, K, m) > a} and U = max{K : P(X ≤ k2+u | n2, K, m) > a},
    hypergeometric, bound the satisfied among the silent whatever the unreached think; the limits are (k1+L)/N and
    (k1+U)/N. They miss the truth with probability ≤ a on each side at every N, n1 and K, a = (1−confidence)/2. Met ⟺
    k1+L ≥ ⌈p0·N⌉; not met ⟺ k1+U < ⌈p0·N⌉: a verdict beside the one on those who answered, never in its place.

    With u = 0 the rate is (k1 + n2·k2/m)/N, and its standard error (n2/N)·√((1−m/n2)·q(1−q)/(m−1)), q = k2/m. With
    u > 0 these stand in `if_alike`, from the m−u reached as if they were the sample.
    Shapes: all counts broadcast; scalars give Python scalars.
    Edges: m = n2 reached in full leaves no interval; m = 0 gives the bounds of Manski and no rate; n2 = 0 gives k1/N;
    m = 1 has no standard error; N = 0 has no rate, limits [0, 1] and is inconclusive. Holds when those called are a
    random part of the silent (see `draw`) and all m are counted, reached or not.
    Source: Hansen & Hurwitz 1946, JASA 41:517; Cochran 1977, Sampling Techniques, 13.6; the limits: Buonaccorsi 1987,
    Am Stat 41:215; docs/statistics.md §15.

    Raises:
        ValueError: counts that are not whole numbers ≥ 0, more satisfied than answered, more called than silent, more
            satisfied and unreached than called, a binary float as target, bad confidence.

    >>> result = call_back_rate(1000, 190, 169, 60, 41)
    >>> round(result.rate, 4), round(result.se, 4), result.lower, result.upper, result.verdict.value
    (0.7225, 0.0472, 0.619, 0.811, 'not_met')
    >>> result = call_back_rate(1000, 190, 169, 60, 41, unreached=9)
    >>> result.rate, result.lower, result.upper, round(result.if_alike.rate, 4)
    (None, 0.619, 0.909, 0.8202)
    """
    columns = _checked(population, answered, satisfied, called, called_satisfied, unreached)
    a = validation.tail(confidence)

    def least(k: Whole, m: Whole, silent: Whole) -> Whole:
        return np.asarray(lower_count(k, m, silent, a)[..., 0])

    return _figures(columns, [column[..., None] for column in columns], least, confidence, target)


def call_back_total(
    population: ArrayLike,
    answered: ArrayLike,
    satisfied: ArrayLike,
    called: ArrayLike,
    called_satisfied: ArrayLike,
    confidence: float = 0.95,
    *,
    unreached: ArrayLike = 0,
    target: Target = "0.90",
) -> CallBack:
    """Return the rate over the cases of several strata, in each of which a sample of the silent was called.

    The estimates add up, and so do their variances. The limits are exact: those of the total that the samples together
    do not refute (`least_satisfied`), so that a side misses the truth with probability ≤ a for every number of strata,
    however unequal. One stratum gives what `call_back_rate` gives.

    How often 95 % limits held, and their mean width in percentage points, in 20,000 samples each (silent cases, calls
    and satisfied by stratum), beside the effective sample size, which is not exact and was therefore not chosen:

        150, 150; 25, 25; 80 %, 80 %                 98.9  25.0      96.8  21.4
        300, 60; 12, 30; 95 %, 50 %                  99.7  31.7      99.8  34.2
        900, 30, 30; 10, 20, 20; 97 %, 60 %, 60 %    99.7  33.6      99.7  34.7
        200, 200; 40, 5; 100 %, 63.5 %               99.4  38.9      83.9  41.5

    Shapes: strata along the last axis, the other axes are kept.
    Edges: a stratum with silent cases of which nobody was reached leaves no rate, and its bounds enter the limits;
    a stratum called in full is exact. Holds when each sample is drawn by itself.
    Source: as `call_back_rate` and `least_satisfied`; docs/statistics.md §15.

    Raises:
        ValueError: as `call_back_rate`.

    >>> result = call_back_total([600, 400], [120, 70], [110, 59], [40, 20], [30, 11])
    >>> round(result.rate, 4), round(result.se, 4), result.lower, result.upper, result.verdict.value
    (0.7105, 0.0485, 0.59, 0.817, 'not_met')
    """
    columns = [np.atleast_1d(c) for c in _checked(population, answered, satisfied, called, called_satisfied, unreached)]
    a = validation.tail(confidence)

    def least(k: Whole, m: Whole, silent: Whole) -> Whole:
        cells = [least_satisfied(k[cell], m[cell], silent[cell], a) for cell in np.ndindex(k.shape[:-1])]
        return np.array(cells, dtype=np.int64).reshape(k.shape[:-1])

    return _figures(columns, columns, least, confidence, target)


def _checked(
    population: ArrayLike,
    answered: ArrayLike,
    satisfied: ArrayLike,
    called: ArrayLike,
    called_satisfied: ArrayLike,
    unreached: ArrayLike,
) -> list[Whole]:
    """The counts as whole numbers of one shape, in this order."""
    numbers = {
        "population": population,
        "answered": answered,
        "satisfied": satisfied,
        "called": called,
        "called_satisfied": called_satisfied,
        "unreached": unreached,
    }
    columns = list(np.broadcast_arrays(*(validation.whole(values, name) for name, values in numbers.items())))
    N, n1, k1, m, k2, u = columns
    if (n1 > N).any():
        raise ValueError("answered must not exceed population: are there duplicates?")
    if (k1 > n1).any():
        raise ValueError("satisfied must not exceed answered")
    if (m > N - n1).any():
        raise ValueError("called must not exceed the silent cases, population less answered")
    if (k2 + u > m).any():
        raise ValueError("called_satisfied and unreached together must not exceed called")
    return columns


def _figures(inputs: list[Whole], strata: list[Whole], least: Least, confidence: float, target: Target) -> CallBack:
    N_h, n1_h, k1_h, m, k2, u = strata
    silent_h, share = N_h - n1_h, validation.exact_target(target)
    N, k1, silent = N_h.sum(axis=-1), k1_h.sum(axis=-1), silent_h.sum(axis=-1)

    def limits(least_k: Whole, most_k: Whole, sample: Whole) -> tuple[Whole, Whole]:
        return least(least_k, sample, silent_h), silent - least(sample - most_k, sample, silent_h)

    def of_all(count: Whole, otherwise: float) -> Real:
        return np.where(N > 0, (k1 + count) / np.maximum(N, 1), otherwise)

    def of_silent(count: Whole, otherwise: float) -> Real:
        return np.where(silent > 0, count / np.maximum(silent, 1), otherwise)

    low, high = limits(k2, k2 + u, m)
    alike_low, alike_high = limits(k2, k2, m - u) if u.any() else (low, high)
    rate, se, silent_rate = _estimates(N, k1, silent_h, m - u, k2)
    all_reached, needed, calls = u.sum(axis=-1) == 0, target_count(N, share), m.sum(axis=-1)
    code = np.where(N == 0, 0, np.where(k1 + low >= needed, 1, np.where(k1 + high < needed, 2, 0)))
    alike = IfAlike(
        rate=none_for_nan(rate),
        se=none_for_nan(se),
        silent_rate=none_for_nan(silent_rate),
        lower=plain(of_all(alike_low, 0.0)),
        upper=plain(of_all(alike_high, 1.0)),
    )
    population, answered, satisfied, called, called_satisfied, unreached = (plain(column) for column in inputs)
    return CallBack(
        rate=none_for_nan(np.where(all_reached, rate, np.nan)),
        se=none_for_nan(np.where(all_reached, se, np.nan)),
        silent_rate=none_for_nan(np.where(all_reached, silent_rate, np.nan)),
        silent_lower=plain(of_silent(low, 0.0)),
        silent_upper=plain(of_silent(high, 1.0)),
        lower=plain(of_all(low, 0.0)),
        upper=plain(of_all(high, 1.0)),
        verdict=plain(np.asarray(_VERDICTS[code], dtype=object)),
        if_alike=alike,
        response_rate=none_for_nan(np.where(calls > 0, (m - u).sum(axis=-1) / np.maximum(calls, 1), np.nan)),
        target=share,
        confidence=confidence,
        population=population,
        answered=answered,
        satisfied=satisfied,
        called=called,
        called_satisfied=called_satisfied,
        unreached=unreached,
    )


def _estimates(N: Whole, k1: Whole, silent: Whole, reached: Whole, k2: Whole) -> tuple[Real, Real, Real]:
    """The rate, its standard error and the rate of the silent, NaN where a stratum with silent cases has nobody."""
    with np.errstate(divide="ignore", invalid="ignore"):
        q = np.where(silent == 0, 0.0, k2 / reached)
        # A stratum called in full adds nothing; of one call in many nobody can tell how much the next would differ.
        left = silent.astype(np.float64) * (silent - reached)
        variance = np.where(reached == silent, 0.0, left * q * (1 - q) / (reached - 1))
        satisfied = (silent * q).sum(axis=-1)
        return (k1 + satisfied) / N, np.sqrt(variance.sum(axis=-1)) / N, satisfied / silent.sum(axis=-1)
