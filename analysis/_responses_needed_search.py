"""How many answers prove a verdict while the share stays what it is, for many cells at once."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import scipy

from analysis._exact_test import p_met, proves
from analysis.validation import Flags, Real, Whole

RUNS_AT_ONCE = 16


def least_total(k: Whole, n: Whole, share: Fraction, a: float, limit: int) -> Real:
    """Return the least total T ≥ n at which ⌊kT/n⌋ favourable of T answers prove a share above `share`; NaN if none.

    No T proves it before the real-valued test at kT/n of T does, which bisection finds, because that p-value falls in
    T. From there on, answers come in runs with the same number of unfavourable ones; the last answer of a run is its
    strongest moment, so one test per run finds the run and bisection inside it the answer.

    Shapes: k, n in one dimension with k/n above `share`, which the caller sees to.
    Source: docs/statistics.md §2.

    >>> least_total(np.array([92, 36]), np.array([100, 36]), Fraction(9, 10), 0.025, 10**9).tolist()
    [875.0, 36.0]
    """
    start = _bisect(
        lambda total: _real_p(k / n * total, total, share) <= a * (1 + 1e-9), n - 1, np.full(n.shape, limit)
    )
    against = n - k
    unfavourable = -(-against * start // n)
    final, active = np.full(n.shape, -1), np.flatnonzero(_real_p(k / n * limit, np.full(n.shape, limit), share) <= a)
    while active.size:
        runs = unfavourable[active, None] + np.arange(RUNS_AT_ONCE)
        ends = np.minimum(_end(runs, against[active, None], n[active, None], limit), limit)
        proven = _proof(ends, runs, share, a)
        first = proven.argmax(axis=1)
        hit = proven.any(axis=1)
        final[active[hit]] = runs[hit, first[hit]]
        unfavourable[active] += RUNS_AT_ONCE
        active = active[~hit & (ends[:, -1] < limit)]
    there = final >= 0
    runs = np.maximum(final, 0)
    low = np.maximum(_end(runs - 1, against, n, limit), n - 1)
    low = np.where(against == 0, np.maximum(start, n) - 1, low)
    total = _bisect(lambda size: _proof(size, runs, share, a), low, _end(runs, against, n, limit))
    return np.where(there, total, np.nan)


def _end(runs: Whole, against: Whole, n: Whole, limit: int) -> Whole:
    """The largest total that has so many unfavourable answers."""
    return np.where(against > 0, runs * n // np.maximum(against, 1), limit)


def _proof(total: Whole, unfavourable: Whole, share: Fraction, a: float) -> Flags:
    return proves(p_met(np.maximum(total - unfavourable, 0), total, share), a)


def _real_p(x: Real, n: Whole, share: Fraction) -> Real:
    return np.asarray(scipy.special.betainc(x, n - x + 1, float(share)))


def _bisect(holds: Callable[[Whole], Flags], low: Whole, high: Whole) -> Whole:
    """The least total above `low` at which a monotone condition holds; `high` where it never does before."""
    low, high = low.copy(), np.maximum(high, low + 1)
    while (high - low > 1).any():
        middle = (low + high) // 2
        enough, wide = holds(np.maximum(middle, 1)), high - low > 1
        low, high = np.where(wide & ~enough, middle, low), np.where(wide & enough, middle, high)
    return high
