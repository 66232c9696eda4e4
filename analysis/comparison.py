"""Comparing agencies fairly: funnel limits, overdispersion, adjusted p-values, stable estimates and rank intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
from numpy.typing import ArrayLike

from analysis._shrinkage import Shrinkage, shrink
from analysis.validation import Real, Target, Whole, agencies, exact_target, plain, shares, tail, whole

__all__ = [
    "Overdispersion",
    "RankIntervals",
    "Shrinkage",
    "benjamini_hochberg",
    "funnel_limits",
    "holm",
    "overdispersion",
    "rank_intervals",
    "shrink",
]

FUNNEL_PROBABILITIES = (0.001, 0.025, 0.975, 0.999)
FEWEST_FOR_OVERDISPERSION = 10


def funnel_limits(
    n: ArrayLike,
    target: Target,
    probabilities: tuple[float, ...] = FUNNEL_PROBABILITIES,
    tau2: float = 0.0,
    fair: bool = False,
) -> Real:
    """Return the exact, interpolated control limits of a funnel plot around `target`, shape (..., len(probabilities)).

    With F the binomial(n, target) distribution and r its quantile at p, the limit is y = (r - a)/n with
    a = (F(r) - p)/(F(r) - F(r-1)); with `tau2` > 0 the distance from the target is stretched by sqrt(1 + tau2/s²),
    s² = target(1 - target)/n.
    Limits of a tiny n may fall outside [0, 1] and are clipped for drawing. n = 0 gives 0 below the median and 1 above.
    The published formula rounds both limits downwards, so 5 of 5 lies above the upper limit of a 90 % funnel although
    59 % of such agencies get there. With `fair`, a limit above the median is that of the dissatisfied mirrored,
    1 - y(1 - target, 1 - p): a rate lies beyond a limit only if its exact tail probability is smaller than p or 1 - p.
    Source: Spiegelhalter 2005, Statistics in Medicine 24:1185.

    Raises:
        ValueError: n not whole and at least 0, target or a probability outside (0, 1), tau2 negative.

    >>> funnel_limits(50, "0.90").round(4).tolist()
    [0.7399, 0.8003, 0.9661, 0.9961]
    """
    share = exact_target(target)
    p = shares(probabilities, "probabilities")
    if ((p == 0) | (p == 1)).any() or not tau2 >= 0:
        raise ValueError("probabilities must lie between 0 and 1, and tau2 must not be negative")
    answered = whole(n, "n")[..., np.newaxis]
    trials = np.maximum(answered, 1)
    limit = _interpolated_quantile(p, trials, float(share))
    if fair:
        limit = np.where(p < 0.5, limit, 1 - _interpolated_quantile(1 - p, trials, float(1 - share)))
    center, variance = float(share), float(share * (1 - share))
    stretched = center + (limit - center) * np.sqrt(1 + tau2 * trials / variance)
    return np.asarray(np.where(answered == 0, np.where(p < 0.5, 0.0, 1.0), stretched), dtype=np.float64)


def _interpolated_quantile(p: Real, trials: Whole, share: float) -> Real:
    r = scipy.stats.binom.ppf(p, trials, share)
    at, below = scipy.stats.binom.cdf(r, trials, share), scipy.stats.binom.cdf(r - 1, trials, share)
    return np.asarray((r - (at - p) / (at - below)) / trials, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Overdispersion:
    """How much agencies differ beyond chance, with the z-scores before and after allowing for it."""

    k: Whole
    n: Whole
    target: Target
    winsor: float
    z: Real
    phi: float
    tau2: float
    z_adjusted: Real


def overdispersion(k: ArrayLike, n: ArrayLike, target: Target, winsor: float = 0.1) -> Overdispersion:
    """Return z-scores of agencies around `target`, the dispersion phi and the variance tau² between agencies.

    z = (k/n - t)/sqrt(t(1-t)/n); phi is the mean square of z winsorised at its `winsor` and 1 - `winsor` quantiles;
    if I·phi > I - 1, tau² = (I·phi - (I-1)) / (Σw - Σw²/Σw) with w = n/(t(1-t)), and
    z_adjusted = (k/n - t)/sqrt(t(1-t)/n + tau²).
    `k`, `n`: one dimension, an agency each. Agencies without answers have z NaN and do not count.
    Fewer than ten agencies with answers: tau² = 0, z_adjusted = z.
    Source: Spiegelhalter 2005, Statistics in Medicine 24:1185, section 3.3.

    Raises:
        ValueError: impossible counts, no agency with answers, target outside (0, 1), winsor outside [0, 0.5).

    >>> spread = overdispersion([29, 40, 57, 63, 85, 107, 132, 187, 246, 290, 386, 476],
    ...                         [30, 44, 60, 75, 90, 120, 150, 200, 260, 310, 400, 520], "0.90")
    >>> round(spread.phi, 4), round(spread.tau2, 6)
    (2.2308, 0.000727)
    """
    satisfied, answered = agencies(k, n)
    if not 0 <= winsor < 0.5:
        raise ValueError("winsor must be at least 0 and below 0.5")
    share = float(exact_target(target))
    some = answered > 0
    distance = np.full(answered.shape, np.nan)
    distance[some] = satisfied[some] / answered[some] - share
    variance = share * (1 - share) / np.maximum(answered, 1)
    z = distance / np.sqrt(variance)
    answering = int(some.sum())
    phi = float(np.mean(np.clip(z[some], *np.quantile(z[some], (winsor, 1 - winsor))) ** 2))
    excess = answering * phi - (answering - 1)
    tau2 = 0.0
    if answering >= FEWEST_FOR_OVERDISPERSION and excess > 0:
        w = 1 / variance[some]
        tau2 = float(excess / (w.sum() - (w**2).sum() / w.sum()))
    return Overdispersion(satisfied, answered, target, winsor, z, phi, tau2, distance / np.sqrt(variance + tau2))


def holm(p: ArrayLike) -> Any:
    """Return p-values adjusted for naming agencies in public: family-wise error at most alpha when adjusted p <= alpha.

    adjusted(i) = max over j <= i of min(1, (m - j + 1) p(j)), p sorted upwards.
    `p`: one dimension; the order is kept. Empty in, empty out.
    Source: Holm 1979, Scand. J. Statist. 6:65.

    Raises:
        ValueError: a p-value NaN or outside [0, 1].

    >>> holm([0.001, 0.012, 0.03, 0.04, 0.2]).round(4).tolist()
    [0.005, 0.048, 0.09, 0.09, 0.2]
    """
    values = np.atleast_1d(shares(p, "p"))
    order = np.argsort(values, kind="stable")
    steps = values[order] * np.arange(values.size, 0, -1)
    return _in_given_order(np.maximum.accumulate(steps), order, np.ndim(p))


def benjamini_hochberg(p: ArrayLike) -> Any:
    """Return p-values adjusted for an internal work list: false discovery rate at most alpha when adjusted p <= alpha.

    adjusted(i) = min over j >= i of min(1, m p(j) / j), p sorted upwards.
    `p`: one dimension; the order is kept. Empty in, empty out.
    Source: Benjamini & Hochberg 1995, JRSS B 57:289.

    Raises:
        ValueError: a p-value NaN or outside [0, 1].

    >>> benjamini_hochberg([0.001, 0.012, 0.03, 0.04, 0.2]).round(4).tolist()
    [0.005, 0.03, 0.05, 0.05, 0.2]
    """
    values = np.atleast_1d(shares(p, "p"))
    order = np.argsort(values, kind="stable")
    steps = values[order] * values.size / np.arange(1, values.size + 1)
    return _in_given_order(np.minimum.accumulate(steps[::-1])[::-1], order, np.ndim(p))


def _in_given_order(adjusted: Real, order: Whole, dimensions: int) -> Any:
    result = np.empty_like(adjusted)
    result[order] = np.minimum(adjusted, 1.0)
    return plain(result[0]) if dimensions == 0 else result


@dataclass(frozen=True, eq=False)
class RankIntervals:
    """The best and the worst rank that each agency may really hold; an agency without answers may hold any."""

    k: Whole
    n: Whole
    best: Whole
    worst: Whole
    confidence: float


def rank_intervals(k: ArrayLike, n: ArrayLike, confidence: float = 0.95) -> RankIntervals:
    """Return for each agency the ranks (1 = highest rate) that hold for all agencies at once with `confidence`.

    best = 1 + number of agencies shown to be better, worst = I - number shown to be worse; a pair differs if its exact
    conditional test (Fisher, two-sided as twice the smaller tail) passes Holm over all I(I-1)/2 pairs.
    `k`, `n`: one dimension, an agency each; memory grows with the square of their number.
    Source: Mogstad, Romano, Shaikh & Wilhelm 2024, Rev. Econ. Stud. 91:476, with an exact test for each pair.

    Raises:
        ValueError: impossible counts, no agency with answers, confidence outside (0, 1).

    >>> ranks = rank_intervals([190, 95, 160], [200, 100, 200])
    >>> ranks.best.tolist(), ranks.worst.tolist()
    ([1, 1, 3], [2, 2, 3])
    """
    satisfied, answered = agencies(k, n)
    alpha = 2 * tail(confidence)
    one, two = np.triu_indices(answered.size, 1)
    both, drawn, good = answered[one] + answered[two], answered[one], satisfied[one] + satisfied[two]
    lower = scipy.stats.hypergeom.cdf(satisfied[one], both, good, drawn)
    upper = scipy.stats.hypergeom.sf(satisfied[one] - 1, both, good, drawn)
    differs = holm(np.clip(2 * np.minimum(lower, upper), 0, 1)) <= alpha
    first_better, second_better = differs & (upper < lower), differs & (lower < upper)
    beaten = np.bincount(two[first_better], minlength=answered.size) + np.bincount(
        one[second_better], minlength=answered.size
    )
    beats = np.bincount(one[first_better], minlength=answered.size) + np.bincount(
        two[second_better], minlength=answered.size
    )
    return RankIntervals(satisfied, answered, 1 + beaten, answered.size - beats, confidence)
