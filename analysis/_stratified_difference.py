"""Shares and differences over strata by stratified Wilson limits: did the rate move, or only the mix of services?"""

from __future__ import annotations

import numpy as np
import scipy
from numpy.typing import ArrayLike

from analysis._binomial import Interval
from analysis._difference import Difference
from analysis._effective_sample_size import score_limits
from analysis.validation import Real, counts, none_for_nan, tail, weights


def _checked(k: ArrayLike, n: ArrayLike, strata_weights: ArrayLike) -> tuple[Real, Real, Real]:
    satisfied, answered = counts(np.atleast_1d(k), np.atleast_1d(n))
    share = weights(strata_weights)
    if ((answered == 0) & (share > 0)).any():
        raise ValueError("a stratum with weight has no answers: merge strata first")
    return satisfied / np.maximum(answered, 1), np.maximum(answered, 1).astype(float), share / share.sum()


def _limits(p: Real, n: Real, weight: Real, confidence: float) -> tuple[Real, Real]:
    spread = p * (1 - p)
    unanimous = ~(spread * weight > 0).any(axis=-1, keepdims=True)
    error = np.sqrt(np.where(unanimous, 1.0, spread) / n)
    z = (
        scipy.stats.norm.isf(tail(confidence))
        * np.sqrt((weight**2 * error**2).sum(axis=-1))
        / (weight * error).sum(axis=-1)
    )
    lower, upper = score_limits(p, n, z[..., None])
    return (weight * lower).sum(axis=-1), (weight * upper).sum(axis=-1)


def stratified_wilson(k: ArrayLike, n: ArrayLike, strata_weights: ArrayLike, confidence: float = 0.95) -> Interval:
    """Return ΣW_h·(Wilson limits of stratum h at z̃), z̃ = z√(ΣW²v)/ΣW√v, v = p̂q̂/n.

    Source: Yan & Su 2010, Stat. Biopharm. Res. 2:329. Kept for the difference below: as an interval of one total it is
    very wide with many small strata, and `poststratify` is the one to show.
    Shapes: strata along the last axis; weights are scaled to 1.
    Edges: where every stratum is unanimous z̃ is 0/0; then v = 1/n, its limit for one small spread everywhere.

    Raises:
        ValueError: impossible counts or a weighted stratum without answers.

    >>> k, n = [12, 7, 5, 9, 8, 8], [22, 18, 17, 17, 14, 12]
    >>> [round(limit, 6) for limit in stratified_wilson(k, n, [1] * 6, confidence=0.9)]
    [0.419044, 0.578973]
    """
    lower, upper = _limits(*_checked(k, n, strata_weights), confidence)
    return Interval(none_for_nan(lower), none_for_nan(upper))


def stratified_newcombe(
    k1: ArrayLike, n1: ArrayLike, k2: ArrayLike, n2: ArrayLike, strata_weights: ArrayLike, confidence: float = 0.95
) -> Difference:
    """Return ΣW(p̂1−p̂2) between two periods or offices at one common mix of strata, with limits from those of each.

    d − z√(λ1·l1(1−l1) + λ2·u2(1−u2)), d + z√(λ1·u1(1−u1) + λ2·l2(1−l2)), with l, u the stratified Wilson limits of each
    side and λ = ΣW²/n.

    Source: Yan & Su 2010, Stat. Biopharm. Res. 2:329 (the method of SAS).
    Shapes: strata along the last axis; weights, common to both sides, are scaled to 1.
    Edges: a side that is unanimous in every stratum as in `stratified_wilson`.

    Raises:
        ValueError: impossible counts or a weighted stratum without answers.

    >>> k, n = ([45, 80, 19], [60, 70, 30]), ([50, 90, 20], [62, 75, 34])
    >>> result = stratified_newcombe(k[0], n[0], k[1], n[1], [200, 500, 60])
    >>> round(result.difference, 6), round(result.lower, 6), round(result.upper, 6)
    (-0.041726, -0.10717, 0.023718)
    """
    p1, m1, weight = _checked(k1, n1, strata_weights)
    p2, m2, _ = _checked(k2, n2, strata_weights)
    (low1, up1), (low2, up2) = _limits(p1, m1, weight, confidence), _limits(p2, m2, weight, confidence)
    part1, part2 = ((weight**2 / m).sum(axis=-1) for m in (m1, m2))
    z = scipy.stats.norm.isf(tail(confidence))
    down = z * np.sqrt(part1 * low1 * (1 - low1) + part2 * up2 * (1 - up2))
    up = z * np.sqrt(part1 * up1 * (1 - up1) + part2 * low2 * (1 - low2))
    difference = (weight * (p1 - p2)).sum(axis=-1)
    return Difference(none_for_nan(difference), none_for_nan(difference - down), none_for_nan(difference + up))
