"""Exact limits of a total over strata, each with its own random sample: the tails of all of them taken together."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import scipy

from analysis._finite_population import TIE
from analysis.validation import Real, Whole


def least_satisfied(k: Whole, m: Whole, N: Whole, a: float) -> int:
    """Return the least ΣK_h that the samples do not refute: k_h of m_h drawn of N_h cases, K_h of them satisfied.

    With p_h(K) = P(X ≥ k_h | N_h, K, m_h), a vector K is refuted where −Σ w_h ln p_h(K_h) reaches the 1−a quantile of
    Σ w_h E_h, the E_h being independent standard exponentials; the result is min ΣK_h over all vectors that are not.
    The samples are independent, and each p_h is at least uniform where K is true, so that the total is missed with
    probability ≤ a. The weights N_h·√((1−m_h/N_h)/m_h) rest on the design alone: a stratum counts as much as the total
    can err by it. The minimum is found by going, from K = k, always where one more case takes most off: p_h(K) is the
    distribution of the place of the k-th satisfied case in an ordered draw, which is log-concave, so ln p_h is concave.
    One stratum alone gives the limit of the hypergeometric test.

    Shapes: one dimension, a stratum each. Edges: a stratum called in full counts exactly, one not called at all as 0.
    Source: Fisher 1932, Statistical Methods for Research Workers, 21.1; with weights: Good 1955, JRSS B 17:264;
    maximised over strata as in Ottoboni, Stark, Lindeman & McBurnett 2018, E-Vote-ID, LNCS 11143:174.

    >>> least_satisfied(np.array([45]), np.array([50]), np.array([200]), 0.025)
    160
    >>> least_satisfied(np.array([45, 18]), np.array([50, 20]), np.array([200, 100]), 0.025)
    239
    """
    sampled = (m > 0) & (m < N)
    if not sampled.any():
        return int(k.sum())
    spread = N[sampled] * np.sqrt((1 - m[sampled] / N[sampled]) / m[sampled])
    weights = spread / spread.max()
    refuted = weighted_quantile(tuple(weights.tolist()), a) - TIE
    strata = zip(weights, k[sampled], m[sampled], N[sampled], strict=True)
    evidence = [weight * _evidence(int(k_h), int(m_h), int(N_h)) for weight, k_h, m_h, N_h in strata]
    steps = np.sort(np.concatenate([-np.diff(stratum) for stratum in evidence]))[::-1]
    left = sum(float(stratum[0]) for stratum in evidence) - np.concatenate([[0.0], np.cumsum(steps)])
    return int(k.sum()) + int(np.argmax(left < refuted))


def _evidence(k: int, m: int, N: int) -> Real:
    """−ln P(X ≥ k | N, K, m) for K = k … N−m+k, where it is 0: the distribution of the place, from its small end."""
    if k == 0:
        return np.zeros(1)
    place = np.arange(k, N - m + k, dtype=np.float64)
    steps = np.log(place) - np.log(place - k + 1) + np.log(N - place - m + k) - np.log(N - place)
    logs = np.logaddexp.accumulate(np.concatenate([[0.0], np.cumsum(steps)]))
    return np.asarray(logs[-1] - logs)


@lru_cache(maxsize=256)  # every cell of one design asks for the same
def weighted_quantile(weights: tuple[float, ...], a: float) -> float:
    """Return the x with P(Σ w_h E_h > x) = a for independent standard exponentials E_h and weights up to 1.

    The sum is the time it takes to pass through rooms that are left at the rates 1/w_h. Edges: equal weights of 1 give
    half the quantile of χ² with two degrees of freedom each.
    Source: the phase-type distribution, Neuts 1981, Matrix-Geometric Solutions in Stochastic Models, 2.2.

    >>> round(weighted_quantile((1.0, 1.0), 0.025), 6), round(weighted_quantile((1.0, 0.1, 0.1), 0.025), 6)
    (5.571643, 3.8996)
    """
    rates = 1 / np.array(weights)
    rooms = np.diag(rates[:-1], 1) - np.diag(rates)
    highest = float(scipy.special.chdtri(2 * rates.size, a)) / 2 + 1

    def beyond(x: float) -> float:
        return float(scipy.linalg.expm(x * rooms)[0].sum()) - a

    return float(scipy.optimize.brentq(beyond, 0.0, highest, xtol=1e-13, rtol=1e-14))
