"""The exact test of a share against the target, which decides the verdict and the answers still needed."""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction

import numpy as np

from analysis._binomial import p_at_least, p_at_most
from analysis._finite_population import TIE, p_at_least_of, p_at_most_of, target_count
from analysis.validation import Flags, Real, Whole


class Verdict(StrEnum):
    """What the answers allow to be said about the target."""

    MET = "met"
    NOT_MET = "not_met"
    INCONCLUSIVE = "inconclusive"


def p_met(k: Whole, n: Whole, target: Fraction, N: Whole | None = None) -> Real:
    """Return the probability of at least `k` satisfied answers if the share were only just below the target.

    P(X ≥ k | n, p0); with N known, P(X ≥ k | Hyp(N, M0−1, n)) with M0 = ⌈p0·N⌉. Small values prove "met".
    Source: Clopper & Pearson 1934, Biometrika 26:404; docs/statistics.md §2.

    >>> round(float(p_met(np.int64(45), np.int64(50), Fraction(9, 10))), 12)
    0.616123007724
    """
    if N is None:
        return p_at_least(k, n, target)
    return p_at_least_of(k, n, target_count(N, target) - 1, N)


def p_not_met(k: Whole, n: Whole, target: Fraction, N: Whole | None = None) -> Real:
    """Return the probability of at most `k` satisfied answers if the share were exactly the target.

    P(X ≤ k | n, p0); with N known, P(X ≤ k | Hyp(N, M0, n)). Small values prove "not met".
    Source: as `p_met`.

    >>> round(float(p_not_met(np.int64(45), np.int64(50), Fraction(9, 10))), 12)
    0.568801593171
    """
    if N is None:
        return p_at_most(k, n, target)
    return p_at_most_of(k, n, target_count(N, target), N)


def proves(p: Real, a: float) -> Flags:
    """Tell whether the probability is at most `a`, an exact tie (1/40 against 0.025) counting as at most.

    >>> bool(proves(np.float64(1 / 40), 0.025)), bool(proves(np.float64(0.0251), 0.025))
    (True, False)
    """
    return np.asarray(p <= a * (1 + TIE))
