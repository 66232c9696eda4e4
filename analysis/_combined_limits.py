"""Exact limits of a total over strata, each with its own random sample: the tails of all of them taken together."""

from __future__ import annotations

import numpy as np
from scipy import special

from analysis._finite_population import TIE
from analysis.validation import Real, Whole


def least_total(k: Whole, m: Whole, N: Whole, a: float) -> int:
    """Return the least ΣK_h that the samples do not refute: k_h of m_h drawn of N_h cases, K_h of them satisfied.

    With p_h(K) = P(X ≥ k_h | N_h, K, m_h), a vector K is refuted where −2Σ ln p_h(K_h) reaches the 1−a quantile of χ²
    with two degrees of freedom per sampled stratum; the result is min ΣK_h over all vectors that are not. The samples
    are independent and each p_h is at least uniform where K is true, so that the total is missed with probability ≤ a.
    The minimum is found by going, from K = k, always where one more case takes most off: p_h(K) = P(Y ≤ K), Y being
    the place of the k-th satisfied case in an ordered draw, has a log-concave distribution, hence ln p_h is concave.
    One stratum alone gives the limit of the hypergeometric test.

    Shapes: one dimension, a stratum each. Edges: a stratum called in full counts exactly, one not called at all as 0.
    Source: Fisher 1932, Statistical Methods for Research Workers, 21.1; maximised over the strata as in Ottoboni,
    Stark, Lindeman & McBurnett 2018, E-Vote-ID, LNCS 11143:174.

    >>> least_total(np.array([45]), np.array([50]), np.array([200]), 0.025)
    160
    >>> least_total(np.array([45, 18]), np.array([50, 20]), np.array([200, 100]), 0.025)
    239
    """
    sampled = (m > 0) & (m < N)
    if not sampled.any():
        return int(k.sum())
    refuted = float(special.chdtri(2 * np.count_nonzero(sampled), a)) / 2 - TIE
    evidence = [_evidence(*map(int, stratum)) for stratum in zip(k[sampled], m[sampled], N[sampled], strict=True)]
    steps = np.sort(np.concatenate([-np.diff(stratum) for stratum in evidence]))[::-1]
    left = sum(float(stratum[0]) for stratum in evidence) - np.concatenate([[0.0], np.cumsum(steps)])
    return int(k.sum()) + int(np.argmax(left < refuted))


def _evidence(k: int, m: int, N: int) -> Real:
    """−ln P(X ≥ k | N, K, m) for K = k … N−m+k, where it is 0: the distribution of Y, added up from its small end."""
    if k == 0:
        return np.zeros(1)
    y = np.arange(k, N - m + k, dtype=np.float64)
    steps = np.log(y) - np.log(y - k + 1) + np.log(N - y - m + k) - np.log(N - y)
    logs = np.logaddexp.accumulate(np.concatenate([[0.0], np.cumsum(steps)]))
    return np.asarray(logs[-1] - logs)
