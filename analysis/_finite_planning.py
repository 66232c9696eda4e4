"""How many of a known number of cases must answer to prove that the share among these very cases reaches the target."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

import numpy as np
import scipy
from numpy.typing import ArrayLike

from analysis._exact_test import proves
from analysis._finite_population import target_count
from analysis.validation import Real, Whole

MOST_CASES = 100_000  # beyond, the cases may as well be without number: at most a few in a hundred are asked
AHEAD, TEETH = 1.25, 50  # every number is tried up to so many times what unlimited cases take, and so many more
AT_ONCE = 128  # numbers of answers tried together, which bounds the memory


@lru_cache(maxsize=4096)  # a province's units are asked about again at every look
def needed_among(N: int, p: float, unlimited: float | None, target: Fraction, power: float, alpha: float) -> int | None:
    """Return the least number of answers from which on every one up to N proves the target with this power.

    `unlimited` is what cases without number take, None where nothing proves it there. Edges: None where fewer than
    ⌈target·N⌉ cases would be satisfied.
    Source: the hypergeometric distribution; the test of Buonaccorsi 1987, Am Stat 41:215.

    >>> needed_among(200, 0.95, 255, Fraction(9, 10), 0.8, 0.025)
    112
    """
    least, truth = int(target_count(np.asarray(N), target)), int(p * N + 0.5)
    if truth < least:
        return None
    if N > MOST_CASES:
        return None if unlimited is None else int(unlimited)
    last = N if unlimited is None else min(N, int(AHEAD * unlimited) + TEETH)
    for end in range(last, 0, -AT_ONCE):
        n = np.arange(max(end - AT_ONCE, 0) + 1, end + 1)
        weak = np.flatnonzero(~(power_among(n, N, N - least + 1, N - truth, alpha) >= power))
        if weak.size:
            return min(int(n[weak[-1]]) + 1, N)
    return 1


def power_among(
    n: Whole, N: int, just_missing: int, dissatisfied: int, alpha: float, *, randomised: bool = False
) -> Real:
    """Return the probability that n answers of N cases prove the target, for increasing n, one dimension.

    `just_missing` dissatisfied cases among the N are the fewest that miss the target, `dissatisfied` are there. Counted
    in the few dissatisfied answers that the proof allows; n = N proves it always. `randomised` lets one more count by
    chance, so that the error is `alpha` exactly: that power is nowhere less and never falls as n grows.
    Source: as `needed_among`; Lehmann & Romano 2005, Testing Statistical Hypotheses, 3.4, for the randomised test.

    >>> power_among(np.array([50, 112]), 200, 21, 10, 0.025).round(4).tolist()
    [0.2368, 0.8949]
    """
    most = min(just_missing, -(-int(n[-1]) * just_missing // N))
    error, reached = (_at_most(n, N, K, most) for K in (just_missing, dissatisfied))
    allowed, each = proves(error, alpha).sum(axis=1) - 1, np.arange(n.size)

    def up_to(table: Real, d: Whole) -> Real:
        return np.where(d >= 0, table[each, np.clip(d, 0, most)], 0.0)

    power = up_to(reached, allowed)
    if randomised:
        left = alpha - up_to(error, allowed)
        share = np.clip(left / np.maximum(up_to(error, allowed + 1) - up_to(error, allowed), left), 0.0, 1.0)
        power = power + share * (up_to(reached, allowed + 1) - power)
    return np.where(n == N, 1.0, power)


def _at_most(n: Whole, N: int, K: int, most: int) -> Real:
    """Return P(X ≤ d) for d = 0 … `most` (along the last axis) when n of N cases are drawn and K are dissatisfied."""
    d, drawn = np.arange(most + 1.0), n[:, None].astype(float)
    possible = (d <= K) & (d <= drawn) & (drawn - d <= N - K)

    def chosen(of: ArrayLike, some: ArrayLike) -> Real:
        return np.asarray(
            scipy.special.gammaln(np.add(of, 1))
            - scipy.special.gammaln(np.add(some, 1))
            - scipy.special.gammaln(np.subtract(of, some) + 1)
        )

    with np.errstate(invalid="ignore"):
        inside = np.where(possible, d, np.maximum(0, drawn - (N - K)))
        logs = chosen(K, inside) + chosen(N - K, drawn - inside) - chosen(N, drawn)
    return np.cumsum(np.where(possible, np.exp(logs), 0.0), axis=1)
