"""Scores from 1 to 5: mean, index, ends of the scale, the index of a block; reliability and drivers join here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike

from analysis import validation
from analysis._clusters import Cluster, cluster_proportion
from analysis._drivers import ENOUGH_PERSONS, MOST_FACTORS, RelativeImportance, relative_importance, spearman
from analysis._scale_reliability import cronbach_alpha, omega
from analysis.interval import Interval, clopper_pearson, hypergeometric
from analysis.validation import Count, Design, Figure, Real, Whole, none_for_nan, plain, tail, whole

__all__ = [
    "ENOUGH_PERSONS",
    "MOST_FACTORS",
    "MeanScore",
    "RelativeImportance",
    "cronbach_alpha",
    "goodman",
    "mean_score",
    "omega",
    "relative_importance",
    "satisfaction_index",
    "spearman",
]

RATINGS = np.arange(1, 6)


@dataclass(frozen=True)
class MeanScore:
    """The mean of ratings 1..5 with its limits, the index 0..100 and both ends, beside the five counts."""

    n: Count
    mean: Figure
    sd: Figure
    se: Figure
    lower: Figure
    upper: Figure
    index: Figure
    top2: Figure
    bottom2: Figure
    net: Figure
    counts: Whole
    confidence: float
    population: ArrayLike | None
    design: Design


def _five(values: ArrayLike) -> Whole:
    table = whole(values, "counts")
    if table.ndim == 0 or table.shape[-1] != RATINGS.size:
        raise ValueError("counts must hold the five ratings 1..5 along the last axis")
    return table


def mean_score(
    counts: ArrayLike, confidence: float = 0.95, population: ArrayLike | None = None, design: Design = "random"
) -> MeanScore:
    """Return mean, sd, se = sd/√n, limits, index (mean−1)/4·100, shares of 4–5 and 1–2, and net.

    net = top2 − bottom2. The limits are mean ± t_{n−1}·se, but at least so far out as the answers that n of them need
    not show would pull the mean: a share 1 − a^(1/n) of all may be of a rating that nobody gave, at worst 1 or 5. Few
    answers, or unanimous ones, are therefore never certain. With `population` N and `design` "random" or "census" (all,
    or a random part, of N cases answered) se is multiplied by √(1 − n/N) and the unseen share is taken among N; in
    every design the limits stay within (Σx + N − n)/N … (Σx + 5(N − n))/N. 1 ≤ lower ≤ mean ≤ upper ≤ 5 always.

    Source: Student's t; Cochran 1977, 2.6 for the correction; Clopper & Pearson 1934 for what nobody gave.
    Shapes: counts of ratings 1..5 along the last axis, "no answer" left out; other axes are kept. The mean is in points
    of the scale, the index in 0..100, the rest shares.
    Edges: n = 0: all None and limits 1 and 5; n = 1: mean without sd, limits 1 and 5 or those of N; n = N: both limits
    are the mean.

    Raises:
        ValueError: the last axis does not hold five whole numbers ≥ 0, n exceeds N, or a design that does not exist.

    >>> score = mean_score([2, 3, 10, 45, 40])
    >>> score.mean, score.index, round(score.lower, 6), round(score.upper, 6), score.top2
    (4.18, 79.5, 4.005281, 4.354719, 0.85)
    >>> unanimous = mean_score([0, 0, 0, 0, 3])
    >>> unanimous.mean, round(unanimous.lower, 2), unanimous.upper
    (5.0, 2.17, 5.0)
    """
    table = _five(counts)
    n = table.sum(axis=-1)
    total = (table * RATINGS).sum(axis=-1)
    drawn, a = validation.drawn(design), tail(confidence)
    cases = None
    if population is not None:
        n, cases = validation.population(n, population)
    left = 1 - n / np.maximum(cases, 1) if drawn and cases is not None else np.ones(n.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total / n
        # In whole numbers until the last division, so that unanimous answers have a spread of exactly 0.
        spread = n * (table * RATINGS**2).sum(axis=-1) - total**2
        sd = np.sqrt(np.where(n > 1, spread / n / (n - 1), np.nan))
        se = sd * np.sqrt(left / n)
        half = np.where(n > 1, scipy.stats.t.isf(a, np.maximum(n - 1, 1)) * se, np.inf)
        top2, bottom2 = table[..., 3:].sum(axis=-1) / n, table[..., :2].sum(axis=-1) / n
    unseen = _unseen(n, cases if drawn else None, confidence)
    lower = np.fmax(np.fmin(mean - half, mean - unseen * (mean - 1)), 1.0)
    upper = np.fmin(np.fmax(mean + half, mean + unseen * (5 - mean)), 5.0)
    if cases is not None:
        silent, whole_ = cases - n, np.maximum(cases, 1)
        lower = np.where(n > 0, np.maximum(lower, np.minimum((total + silent) / whole_, mean)), lower)
        upper = np.where(n > 0, np.minimum(upper, np.maximum((total + 5 * silent) / whole_, mean)), upper)
    return MeanScore(
        plain(n),
        none_for_nan(mean),
        none_for_nan(sd),
        none_for_nan(se),
        plain(lower),
        plain(upper),
        none_for_nan((mean - 1) / 4 * 100),
        none_for_nan(top2),
        none_for_nan(bottom2),
        none_for_nan(top2 - bottom2),
        table,
        confidence,
        population,
        design,
    )


def _unseen(n: Whole, cases: Whole | None, confidence: float) -> Real:
    """Return the largest share of all, of one kind, that n answers may leave unseen by more than chance's tail."""
    nobody = np.zeros_like(n)
    limits = clopper_pearson(nobody, n, confidence) if cases is None else hypergeometric(nobody, n, cases, confidence)
    return np.asarray(limits.upper)


def goodman(counts: ArrayLike, confidence: float = 0.95) -> Interval:
    """Return limits for the shares of all five ratings that hold together.

    (A + 2c ∓ √(A(A + 4c(n−c)/n))) / (2(n + A)), A the upper α/5 point of χ² with one degree of freedom.

    Source: Goodman 1965, Technometrics 7:247.
    Shapes: counts of ratings 1..5 along the last axis; the limits have the same shape.
    Edges: n = 0 gives [0, 1]; a rating nobody gave has lower limit 0, one that all gave upper limit 1.

    Raises:
        ValueError: the last axis does not hold five whole numbers ≥ 0; confidence outside (0, 1).

    >>> low, high = goodman([2, 3, 10, 45, 40])
    >>> low.round(4).tolist()
    [0.0039, 0.0076, 0.046, 0.329, 0.2839]
    """
    table = _five(counts)
    n = np.broadcast_to(table.sum(axis=-1, keepdims=True), table.shape)
    A = scipy.stats.chi2.isf(2 * tail(confidence) / RATINGS.size, 1)
    root = np.sqrt(A * (A + 4 * table * (n - table) / np.maximum(n, 1)))
    lower, upper = ((A + 2 * table + side * root) / (2 * (n + A)) for side in (-1, 1))
    return Interval(np.where(table == 0, 0.0, lower), np.where(table == n, 1.0, upper))


def satisfaction_index(satisfied: ArrayLike, valid: ArrayLike, confidence: float = 0.95) -> Cluster:
    """Return the share of ratings 4–5 among all valid ratings of a block, with an interval by respondent.

    Each respondent is a cluster of items, so the interval is that of `cluster_proportion`: five items from one person
    are not five persons.

    Source: SIPAS-type index; Rao & Scott 1992, Biometrics 48:577.
    Shapes: one value per respondent, along the last axis: items rated 4–5, and items rated at all.
    Edges: respondents without a valid rating count for nothing; otherwise as `cluster_proportion`.

    Raises:
        ValueError: satisfied > valid, or counts that are not whole numbers ≥ 0.

    >>> index = satisfaction_index([5, 4, 5, 0], [5, 5, 5, 4])
    >>> round(index.rate, 4), round(index.n_eff, 2)
    (0.7368, 4.29)
    """
    k, n = validation.counts(satisfied, valid)
    return cluster_proportion(k, n, confidence)
