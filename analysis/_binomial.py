"""Limits for one share when answers are a sample of all that might come: Clopper–Pearson, Wilson, Jeffreys, mid-p."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import numpy as np
import scipy
from numpy.typing import ArrayLike

from analysis import validation
from analysis._unique_rows import by_unique_rows
from analysis.validation import Number, Real, Whole, plain

HALVINGS = 60


class Interval(NamedTuple):
    """Two limits as shares: Python floats for scalar counts, arrays for arrays of counts, None without an estimate."""

    lower: Number
    upper: Number


def p_at_least(k: Whole, n: Whole, share: Fraction) -> Real:
    """Return P(X >= k) for X ~ Binomial(n, share), through the incomplete beta function.

    Shapes: broadcast. Edges: k = 0 gives 1; n to 1e9.
    Source: Clopper & Pearson 1934.

    >>> round(float(p_at_least(np.int64(45), np.int64(50), Fraction(9, 10))), 12)
    0.616123007724
    """
    inside = scipy.special.betainc(np.maximum(k, 1), n - np.maximum(k, 1) + 1, float(share))
    return np.where(k == 0, 1.0, inside)


def p_at_most(k: Whole, n: Whole, share: Fraction) -> Real:
    """Return P(X <= k) for X ~ Binomial(n, share): the same tail counted in dissatisfied answers.

    Source: as `p_at_least`.

    >>> round(float(p_at_most(np.int64(45), np.int64(50), Fraction(9, 10))), 12)
    0.568801593171
    """
    return p_at_least(n - k, n, 1 - share)


def beta_limits(k: Real, n: Real, a: float) -> tuple[Real, Real]:
    """Return the Clopper–Pearson limits for real-valued counts, each with probability `a` beyond it.

    L = I⁻¹(a; k, n−k+1), U = I⁻¹(1−a; k+1, n−k). Edges: k = 0 gives exactly 0 and 1−a^(1/n); k = n gives a^(1/n) and
    exactly 1; n = 0 gives 0 and 1. Used by `poststratify` at an effective sample size.
    Source: Korn & Graubard 1998.

    >>> [round(float(x), 12) for x in beta_limits(np.float64(45), np.float64(50), 0.025)]
    [0.781864633566, 0.966724906411]
    """
    k, n = np.broadcast_arrays(np.asarray(k, dtype=np.float64), np.asarray(n, dtype=np.float64))
    log_root = np.log(a) / np.where(n > 0, n, 1)
    inner = (k > 0) & (k < n)
    x, m = np.where(inner, k, 1.0), np.where(inner, n, 2.0)
    lower = np.where(inner, scipy.special.betaincinv(x, m - x + 1, a), np.where(k > 0, np.exp(log_root), 0.0))
    upper = np.where(inner, scipy.special.betainccinv(x + 1, m - x, a), np.where(k < n, -np.expm1(log_root), 1.0))
    return lower, upper


def clopper_pearson(k: ArrayLike, n: ArrayLike, confidence: float = 0.95, sides: int = 2) -> Interval:
    """Return the exact limits of a share, the dual of the exact binomial test.

    L = I⁻¹(a; k, n−k+1), U = I⁻¹(1−a; k+1, n−k) with a = (1−confidence)/sides. Shapes: k, n broadcast.
    Edges: n = 0 gives [0, 1]; k = 0 has lower limit exactly 0, k = n upper limit exactly 1; n to 1e9.
    Source: Clopper & Pearson 1934, Biometrika 26:404.

    Raises:
        ValueError: impossible counts, or confidence outside (0, 1).

    >>> lower, upper = clopper_pearson(45, 50)
    >>> round(lower, 12), round(upper, 12)
    (0.781864633566, 0.966724906411)
    """
    a = validation.tail(confidence, sides)
    satisfied, answered = validation.counts(k, n)
    lower, upper = by_unique_rows(lambda x, m: beta_limits(x, m, a), satisfied, answered)
    return Interval(plain(lower), plain(upper))


def wilson(
    k: ArrayLike, n: ArrayLike, confidence: float = 0.95, sides: int = 2, population: ArrayLike | None = None
) -> Interval:
    """Return the score limits of a share: (p̂ + z²/2n ∓ z√(p̂q̂/n + z²/4n²)) / (1 + z²/n).

    Shapes: k, n and population broadcast. With the number of cases N, n becomes n(N−1)/(N−n), which inverts the score
    test with finite population correction; n = N gives [p̂, p̂]. Edges as in `clopper_pearson`. For descriptive tables
    and planning, not for the verdict.
    Source: Wilson 1927, JASA 22:209; Newcombe 1998, Stat Med 17:857.

    Raises:
        ValueError: impossible counts, n above the population, or confidence outside (0, 1).

    >>> lower, upper = wilson(45, 50)
    >>> round(lower, 12), round(upper, 12)
    (0.786397685625, 0.956524235068)
    """
    z2 = float(scipy.special.ndtri(1 - validation.tail(confidence, sides))) ** 2
    satisfied, answered = validation.counts(k, n)
    size = answered.astype(np.float64)
    if population is not None:
        answered, cases = validation.population(answered, population)
        size = np.where(cases > answered, answered * (cases - 1.0) / np.maximum(cases - answered, 1), np.inf)
    share = satisfied / np.maximum(answered, 1)
    shrink = z2 / np.maximum(size, 1.0)
    middle = share + shrink / 2
    half = np.sqrt(shrink * (share * (1 - share) + shrink / 4))
    lower = np.where(satisfied == 0, 0.0, (middle - half) / (1 + shrink))
    upper = np.where(satisfied == answered, 1.0, (middle + half) / (1 + shrink))
    return Interval(plain(lower), plain(upper))


def jeffreys(k: ArrayLike, n: ArrayLike, confidence: float = 0.95, sides: int = 2) -> Interval:
    """Return the equal-tailed limits I⁻¹(a; k+½, n−k+½), I⁻¹(1−a; ·), with L(0) = 0 and U(n) = 1.

    Shapes: k, n broadcast. Edges: n = 0 gives [0, 1].
    Source: Brown, Cai & DasGupta 2001, Stat Sci 16:101.

    Raises:
        ValueError: impossible counts, or confidence outside (0, 1).

    >>> lower, upper = jeffreys(45, 50)
    >>> round(lower, 12), round(upper, 12)
    (0.794645171977, 0.960805635606)
    """
    a = validation.tail(confidence, sides)
    satisfied, answered = validation.counts(k, n)

    def limits(x: Whole, m: Whole) -> tuple[Real, Real]:
        lower = np.where(x == 0, 0.0, scipy.special.betaincinv(x + 0.5, m - x + 0.5, a))
        return lower, np.where(x == m, 1.0, scipy.special.betainccinv(x + 0.5, m - x + 0.5, a))

    lower, upper = by_unique_rows(limits, satisfied, answered)
    return Interval(plain(lower), plain(upper))


def mid_p(k: ArrayLike, n: ArrayLike, confidence: float = 0.95, sides: int = 2) -> Interval:
    """Return the limits where P(X > k) + ½P(X = k) equals the tail probability, and their mirror image.

    Nominal error on average, but up to 4.7 % in place of 2.5 % at the worst n. Shapes: k, n broadcast. Edges: n = 0
    gives [0, 1]; k = 0 gives 0 and 1−(2a)^(1/n).
    Source: Lancaster 1961; Berry & Armitage 1995, Statistician 44:417.

    Raises:
        ValueError: impossible counts, or confidence outside (0, 1).

    >>> lower, upper = mid_p(45, 50)
    >>> round(lower, 9), round(upper, 9)
    (0.792208729, 0.96242757)
    """
    a = validation.tail(confidence, sides)
    satisfied, answered = validation.counts(k, n)
    lower, mirrored = by_unique_rows(
        lambda x, m: (_mid_p_lower(x, m, a), _mid_p_lower(m - x, m, a)), satisfied, answered
    )
    return Interval(plain(lower), plain(1 - mirrored))


def _mid_p_lower(k: Whole, n: Whole, a: float) -> Real:
    inner = (k > 0) & (k < n)
    x, m = np.where(inner, k, 1), np.where(inner, n, 2)
    low, high = scipy.special.betaincinv(x, m - x + 1.0, a), scipy.special.betaincinv(x + 1.0, m - x, a)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        below = scipy.special.betainc(x, m - x + 1.0, middle) + scipy.special.betainc(x + 1.0, m - x, middle) < 2 * a
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    all_satisfied = np.minimum(1.0, np.exp(np.log(2 * a) / np.maximum(n, 1)))
    return np.where(inner, low, np.where(k > 0, all_satisfied, 0.0))
