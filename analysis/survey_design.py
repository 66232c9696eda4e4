"""Design-based figures as survey packages print them, kept to check ours and for those who must reproduce theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from analysis import validation
from analysis._effective_sample_size import exact_limits, score_limits
from analysis.interval import Interval
from analysis.validation import Count, Figure, Real, counts, none_for_nan, persons_by_items, population, tail


@dataclass(frozen=True)
class DesignBased:
    """A share, its standard error over the design, and the intervals in use elsewhere; None where undefined."""

    rate: Figure
    se: Figure
    df: Figure
    n_eff: Figure
    n_eff_capped: Figure
    mean: Interval
    xlogit: Interval
    beta: Interval
    wilson: Interval
    asin: Interval
    nchs: Interval
    n: Count
    confidence: float


def design_intervals(
    rate: ArrayLike, se: ArrayLike, n: ArrayLike, df: ArrayLike, confidence: float = 0.95
) -> DesignBased:
    """Return the survey intervals of a share from its design-based standard error, t on `df` degrees of freedom.

    n_eff = p̂q̂/se². mean: p̂ ± t·se. xlogit: the same on the logit. asin: on the arcsine root. wilson: Wilson at n_eff
    with t for z. beta: Clopper–Pearson at n_eff·(t_{n−1}/t_df)². nchs: the same with that size capped at n.

    Source: Lumley, survey 4.5 `svyciprop`; Korn & Graubard 1998, Survey Methodology 24:193; Parker et al. 2017.
    Shapes: all arguments broadcast.
    Edges: se = 0 or a rate of 0 or 1 leaves all but `mean` undefined (NaN), which is why `poststratify` exists.

    Raises:
        ValueError: confidence outside (0, 1).

    >>> result = design_intervals(0.896637426900585, 0.0223527596810155, 160, 157)
    >>> [round(limit, 6) for limit in result.xlogit]
    [0.843436, 0.933192]
    """
    p, s, size, free = (np.asarray(value, dtype=np.float64) for value in (rate, se, n, df))
    t = scipy.stats.t.isf(tail(confidence), free)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.where((s > 0) & (p > 0) & (p < 1), p * (1 - p), np.nan)
        n_eff = spread / s**2
        fair = n_eff * (scipy.stats.t.isf(tail(confidence), size - 1) / t) ** 2
        logit, angle = scipy.special.logit(p), np.arcsin(np.sqrt(p))
        xlogit = [scipy.special.expit(logit + side * t * s / spread) for side in (-1, 1)]
        asin = [np.sin(angle + side * t * s / 2 / np.sqrt(spread)) ** 2 for side in (-1, 1)]
    capped = np.minimum(fair, size)
    undefined = np.isnan(n_eff)
    beta, nchs = ([np.where(undefined, np.nan, x) for x in exact_limits(p, m, confidence)] for m in (fair, capped))
    pairs = ([p - t * s, p + t * s], xlogit, beta, score_limits(np.where(undefined, np.nan, p), n_eff, t), asin, nchs)
    mean, xlogit_, beta_, wilson, asin_, nchs_ = (
        Interval(none_for_nan(low), none_for_nan(high)) for low, high in pairs
    )
    return DesignBased(
        none_for_nan(p),
        none_for_nan(s),
        none_for_nan(free),
        none_for_nan(n_eff),
        none_for_nan(capped),
        mean,
        xlogit_,
        beta_,
        wilson,
        asin_,
        nchs_,
        none_for_nan(size),
        confidence,
    )


def design_based(k: ArrayLike, n: ArrayLike, N: ArrayLike, confidence: float = 0.95, fpc: bool = False) -> DesignBased:
    """Return the stratified share as R's survey package has it: se² = ΣW_h²(1−f_h)p̂_h q̂_h/(n_h−1), df = n − H.

    Source: Cochran 1977, 5.8; survey 4.5 `svymean` and `svyciprop`.
    Shapes: strata along the last axis.
    Edges: strata with N = 0 are dropped.

    Raises:
        ValueError: a stratum has fewer than two answers and was not answered in full (`poststratify` takes it), and as
            `poststratify`.

    >>> round(design_based([45, 80, 19], [50, 90, 20], [200, 500, 60], fpc=True).se, 9)
    0.02235276
    """
    satisfied, answered = counts(np.atleast_1d(k), np.atleast_1d(n))
    answered, cases = population(answered, np.atleast_1d(N))
    used = cases > 0
    settled = (answered == cases) & fpc & used
    if (used & ~settled & (answered < 2)).any():
        raise ValueError("a stratum has fewer than two answers, so that its variance is unknown: use poststratify")
    weight = cases / cases.sum(axis=-1, keepdims=True)
    share = satisfied / np.maximum(answered, 1)
    left = 1 - answered / np.maximum(cases, 1) if fpc else np.ones(cases.shape)
    variance = (weight**2 * left * share * (1 - share) / np.maximum(answered - 1, 1)).sum(axis=-1)
    size = answered.sum(axis=-1)
    return design_intervals(
        (weight * share).sum(axis=-1), np.sqrt(variance), size, size - used.sum(axis=-1), confidence
    )


@dataclass(frozen=True)
class WeightedShare:
    """A weighted share of single answers with its linearised standard error."""

    rate: float
    se: float
    df: int
    n: int
    weights: Real


def weighted_share(
    y: ArrayLike,
    weights: ArrayLike,
    strata: ArrayLike | None = None,
    N: ArrayLike | None = None,
    domain: ArrayLike | None = None,
    margins: Sequence[NDArray[np.int64]] = (),
    sweeps: int | None = None,
) -> WeightedShare:
    """Return Σwy/Σw with a standard error by Taylor linearisation, for a domain or after raking if asked.

    z = w(y − p̂)/Σw (0 outside the domain); after raking z is first replaced by w times the residual of its z/w on the
    margins; se² = Σ_h (1−f_h) n_h/(n_h−1) Σ(z − z̄_h)²; df = answers in the domain − strata that it meets.

    Source: Deville & Särndal 1992, JASA 87:376; Binder 1983 for domains. `sweeps` takes that many alternating sweeps
    of plain margin means in place of the weighted regression, which is what survey 4.5 does (ten).
    Shapes: y (0/1), weights, strata, N (cases in the stratum of each answer; None: no correction), domain: all n.
    Edges: a domain without answers gives ValueError; a variable that is itself a margin has se 0.

    Raises:
        ValueError: missing values, weights all 0, or an N below the answers of its stratum.

    >>> result = weighted_share([1, 1, 0, 1], [2, 2, 2, 2])
    >>> round(result.rate, 4), round(result.se, 4)
    (0.75, 0.25)
    """
    value = persons_by_items(np.asarray(y, dtype=np.float64)[:, None], "y")[:, 0]
    inside = np.ones(value.size, bool) if domain is None else np.asarray(domain, dtype=bool)
    weight = validation.weights(np.asarray(weights, dtype=np.float64) * inside)
    stratum = np.zeros(value.size, int) if strata is None else np.unique(np.asarray(strata), return_inverse=True)[1]
    rate = float(weight @ value / weight.sum())
    z = weight * (value - rate) / weight.sum()
    if margins:
        z = weight * _residual(np.divide(z, weight, out=np.zeros_like(z), where=weight > 0), weight, margins, sweeps)
    held = np.bincount(stratum)
    cases = np.full(held.size, np.inf) if N is None else _cases(stratum, held, N)
    deviation = z - (np.bincount(stratum, z) / held)[stratum]
    per_stratum = np.bincount(stratum, deviation**2) * held / np.maximum(held - 1, 1)
    n = int(inside.sum())
    se = float(np.sqrt(((1 - held / cases) * per_stratum).sum()))
    return WeightedShare(rate, se, n - np.unique(stratum[inside]).size, n, weight)


def _cases(stratum: NDArray[np.int64], held: NDArray[np.int64], N: ArrayLike) -> Real:
    cases = np.zeros(held.size)
    cases[stratum] = np.asarray(N, dtype=np.float64)
    population(held, cases)
    return cases


def _residual(y: Real, weight: Real, margins: Sequence[NDArray[np.int64]], sweeps: int | None) -> Real:
    if sweeps is None:
        design = np.hstack([np.eye(margin.max() + 1)[margin] for margin in margins])
        root = np.sqrt(weight)
        return np.asarray(y - design @ np.linalg.lstsq(design * root[:, None], y * root, rcond=None)[0])
    left = y.copy()
    for _ in range(sweeps):
        for margin in margins:
            left -= (np.bincount(margin, left) / np.maximum(np.bincount(margin), 1))[margin]
    return left
