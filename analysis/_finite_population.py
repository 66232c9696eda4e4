"""Limits and tests for the share among a known number of cases, when those who answered are a random part of them."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import scipy
from numpy.typing import ArrayLike

from analysis import validation
from analysis._binomial import Interval
from analysis._unique_rows import by_unique_rows
from analysis.validation import Real, Whole, plain

# Tail probabilities of whole-number urns can equal 1/40 exactly; rounding must not tip such a tie.
TIE = 1e-11
# scipy's tail takes up to seconds where N is large and one margin of the table tiny; there the terms are added up here.
FEW, MANY, ROWS = 256, 100_000, 4096


def target_count(N: Whole, target: Fraction) -> Whole:
    """Return ⌈target·N⌉, the least number of satisfied cases that reaches the target, in whole numbers.

    >>> int(target_count(np.int64(55), Fraction(9, 10))), int(target_count(np.int64(50), Fraction(9, 10)))
    (50, 45)
    """
    exact = np.vectorize(lambda cases: -(-target.numerator * int(cases) // target.denominator), otypes=[np.int64])
    return np.asarray(exact(N)) if np.size(N) else np.zeros(np.shape(N), dtype=np.int64)


def p_at_least_of(k: Whole, n: Whole, M: Whole, N: Whole) -> Real:
    """Return P(X >= k) when n of N cases are drawn and M of the N are satisfied.

    Shapes: broadcast. Edges: M < k gives 0; k ≤ n − (N − M), when the dissatisfied are too few, gives 1.
    Source: the hypergeometric distribution; Buonaccorsi 1987, Am Stat 41:215.

    >>> float(p_at_least_of(np.int64(36), np.int64(36), np.int64(89), np.int64(100))).__round__(12)
    0.005250277537
    """
    k, n, M, N = np.broadcast_arrays(k, n, M, N)
    certain = k <= np.maximum(0, n + M - N)
    impossible = k > np.minimum(n, M)
    tail = np.where(certain, 1.0, 0.0)
    few = np.minimum(np.minimum(n, N - n), np.minimum(M, N - M)) <= FEW
    summed = ~certain & ~impossible & few & (N > MANY)
    usual = ~certain & ~impossible & ~summed
    tail[summed] = _few_terms(k[summed], n[summed], M[summed], N[summed])
    tail[usual] = np.clip(scipy.stats.hypergeom.sf(k[usual] - 1, N[usual], M[usual], n[usual]), 0.0, 1.0)
    return tail


def _few_terms(k: Whole, n: Whole, M: Whole, N: Whole) -> Real:
    """The tail from the smallest margin s of the 2×2 table: P(Y ≥ t) for s drawn of N with K marked, term by term."""
    margins = np.stack([n, M, N - n, N - M])
    marked = np.stack([M, n, N - M, N - n])
    least = np.stack([k, k, N - n - M + k, N - M - n + k])
    tail = np.empty(k.shape)
    for rows in np.array_split(np.arange(k.size), k.size // ROWS + 1):
        smallest = margins[:, rows].argmin(axis=0)
        s, K, t = (table[smallest, rows][:, None].astype(np.float64) for table in (margins, marked, least))
        y = np.arange(FEW + 1.0)
        steps = np.maximum(s - y, 0) * np.maximum(K - y, 0) / ((y + 1) * np.maximum(N[rows, None] - s - K + y + 1, 1))
        with np.errstate(divide="ignore"):
            logs = np.cumsum(np.log(steps[:, :-1]), axis=1)
        logs = np.concatenate([np.zeros((len(rows), 1)), logs], axis=1)
        terms = np.exp(logs - logs.max(axis=1, keepdims=True))
        tail[rows] = (terms * (y >= t)).sum(axis=1) / terms.sum(axis=1)
    return tail


def p_at_most_of(k: Whole, n: Whole, M: Whole, N: Whole) -> Real:
    """Return P(X <= k) when n of N cases are drawn and M of the N are satisfied: the tail counted in dissatisfied ones.

    Source: as `p_at_least_of`.

    >>> float(p_at_most_of(np.int64(45), np.int64(50), np.int64(180), np.int64(200))).__round__(12)
    0.593236576364
    """
    return p_at_least_of(n - k, n, N - M, N)


def lower_count(k: Whole, n: Whole, N: Whole, a: float) -> Whole:
    """Return min{M : P(X ≥ k | N, M, n) > a} by bisection in whole numbers, for columns of one shape.

    Source: Konijn 1973; Buonaccorsi 1987, Am Stat 41:215.

    >>> lower_count(np.array([45]), np.array([50]), np.array([200]), 0.025).tolist()
    [160]
    """
    low, high = k - 1, N - n + k
    while (high - low > 1).any():
        middle = (low + high) // 2
        plausible = p_at_least_of(k, n, middle, N) > a * (1 + TIE)
        wide = high - low > 1
        high = np.where(wide & plausible, middle, high)
        low = np.where(wide & ~plausible, middle, low)
    return high


def likely_counts(n: Whole, M: int, N: int, a: float) -> tuple[Whole, Whole]:
    """Return the least and the greatest count with a tail above `a` when n of N answers are drawn and M are satisfied.

    min{k : P(X ≤ k) > a} and max{k : P(X ≥ k) > a} for X hypergeometric, in columns of n. Terms more than 20 standard
    deviations away are left out: together they are below 1e-15.
    Source: Fisher's exact test; the terms by ln Γ.

    >>> [limit.tolist() for limit in likely_counts(np.array([10, 100]), 1068, 1200, 0.00125)]
    [[5, 79], [10, 97]]
    """
    limits = [_likely(int(size), int(M), int(N), a) for size in n]
    return np.array([low for low, _ in limits], np.int64), np.array([high for _, high in limits], np.int64)


def _likely(n: int, M: int, N: int, a: float) -> tuple[int, int]:
    mean, sd = n * M / N, np.sqrt(n * M / N * (N - M) / N)
    first, last = max(0, n + M - N, int(mean - 20 * sd) - 20), min(n, M, int(mean + 20 * sd) + 20)
    k = np.arange(first, last + 1)
    logs = np.sum([scipy.special.gammaln(part + 1.0) for part in (k, M - k, n - k, N - M - n + k)], axis=0)
    terms = np.exp(logs.min() - logs)
    terms /= terms.sum()
    below, above = np.cumsum(terms), np.cumsum(terms[::-1])
    return int(k[np.argmax(below > a)]), int(k[::-1][np.argmax(above > a)])


def hypergeometric(k: ArrayLike, n: ArrayLike, N: ArrayLike, confidence: float = 0.95) -> Interval:
    """Return the exact limits, as shares of N, of the share satisfied among N cases of which n answered.

    L = min{M : P(X ≥ k | N, M, n) > a}/N, U = max{M : P(X ≤ k | N, M, n) > a}/N. Shapes: k, n, N broadcast.
    Edges: n = N gives [p̂, p̂]; n = 0 gives [0, 1]; as both are whole counts, p̂ may lie less than a case outside: 1 of
    99 among 100 gives [1 %, 1 %]. Holds when those who answered are a random part of the cases.
    Source: Konijn 1973; Buonaccorsi 1987, Am Stat 41:215.

    Raises:
        ValueError: impossible counts, n above N (duplicates), or confidence outside (0, 1).

    >>> hypergeometric(45, 50, 200)
    Interval(lower=0.8, upper=0.955)
    """
    a = validation.tail(confidence)
    satisfied, answered = validation.counts(k, n)
    answered, cases = validation.population(answered, N)
    satisfied, answered, cases = np.broadcast_arrays(satisfied, answered, cases)

    def limits(x: Whole, m: Whole, all_cases: Whole) -> tuple[Real, Real]:
        whole = np.maximum(all_cases, 1)
        lower = lower_count(x, m, all_cases, a) / whole
        upper = (all_cases - lower_count(m - x, m, all_cases, a)) / whole
        return lower, np.where(all_cases == 0, 1.0, upper)

    lower, upper = by_unique_rows(limits, satisfied, answered, cases)
    return Interval(plain(lower), plain(upper))
