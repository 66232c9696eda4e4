"""Shares from answers that come in clusters: one device, one officer, one day, one person with many items."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis._effective_sample_size import exact_limits
from analysis.validation import Figure, Real, Whole, counts, none_for_nan


@dataclass(frozen=True)
class Cluster:
    """A share from answers that come in clusters, with its design effect and the correlation inside clusters."""

    rate: Figure
    lower: Figure
    upper: Figure
    se: Figure
    design_effect: Figure
    n_eff: Figure
    icc: Figure
    k: Whole
    n: Whole
    confidence: float


def cluster_proportion(k: ArrayLike, n: ArrayLike, confidence: float = 0.95) -> Cluster:
    """Return the share Σk/Σn of answers that come in m clusters (one device, officer, day or person with many items).

    v = m/((m−1)n²)·Σ(k_i−n_i·p̂)²; design effect = v·n/(p̂q̂); n_eff = n/max(1, design effect); icc by analysis of
    variance, (MSB−MSW)/(MSB+(n₀−1)MSW). The interval is Clopper–Pearson at (n_eff·p̂, n_eff).

    Source: Rao & Scott 1992, Biometrics 48:577; Fleiss 1981 for the ICC.
    Shapes: clusters along the last axis; the other axes are kept.
    Edges: clusters without answers are dropped; with no answers at all the rate is None and the interval [0, 1]; with
    one cluster nothing is known about the variance, so that n_eff = 1; where all clusters are unanimous alike the
    correlation cannot be told, and n_eff is the number of clusters, the safe end. One answer per cluster has no icc.

    Raises:
        ValueError: k > n, or counts that are not whole numbers ≥ 0.

    >>> k = [29, 40, 57, 63, 85, 107, 132, 187, 246, 290, 386, 476]
    >>> share = cluster_proportion(k, [30, 44, 60, 75, 90, 120, 150, 200, 260, 310, 400, 520])
    >>> round(share.rate, 6), round(share.se, 6), round(share.design_effect, 6)
    (0.92873, 0.009342, 2.978789)
    """
    satisfied, answered = counts(np.atleast_1d(k), np.atleast_1d(n))
    total = answered.sum(axis=-1)
    m = (answered > 0).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = satisfied.sum(axis=-1) / total
        residual = satisfied - answered * rate[..., None]
        variance = np.where(m > 1, m / (m - 1) / total**2 * (residual**2).sum(axis=-1), np.nan)
        design_effect = variance * total / (rate * (1 - rate))
    known_spread = np.isfinite(design_effect)
    n_eff = np.where(known_spread, total / np.fmax(design_effect, 1), np.minimum(m, total))
    lower, upper = exact_limits(rate, n_eff, confidence)
    icc = _icc(satisfied, answered, rate, total, m)
    return Cluster(
        none_for_nan(rate),
        none_for_nan(lower),
        none_for_nan(upper),
        none_for_nan(np.sqrt(variance)),
        none_for_nan(design_effect),
        none_for_nan(n_eff),
        none_for_nan(icc),
        satisfied,
        answered,
        confidence,
    )


def _icc(satisfied: Whole, answered: Whole, rate: Real, total: Whole, m: Whole) -> Real:
    with np.errstate(divide="ignore", invalid="ignore"):
        share = satisfied / np.where(answered > 0, answered, 1)
        between = (answered * (share - rate[..., None]) ** 2).sum(axis=-1) / (m - 1)
        within = (answered * share * (1 - share)).sum(axis=-1) / (total - m)
        usual_size = (total - (answered**2).sum(axis=-1) / total) / (m - 1)
        icc: Real = (between - within) / (between + (usual_size - 1) * within)
    return icc
