"""Totals over unequal units: post-stratified shares and merged strata; raking, clusters and Kish under one roof."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis._clusters import Cluster, cluster_proportion
from analysis._effective_sample_size import Kish, exact_limits, kish
from analysis._raking import Calibrated, Raked, TrimmedWeights, calibrate, rake
from analysis.validation import Figure, Number, Real, Whole, counts, none_for_nan, population

__all__ = [
    "Calibrated",
    "Cluster",
    "Kish",
    "Merged",
    "Poststratified",
    "Raked",
    "TrimmedWeights",
    "calibrate",
    "cluster_proportion",
    "kish",
    "merge_strata",
    "poststratify",
    "rake",
]


@dataclass(frozen=True)
class Poststratified:
    """A share over strata weighted by the cases they handled, beside the counts it came from.

    `rate` is None (NaN in an array) while a stratum with cases has no answers; `covered_share` says how much of the
    cases lies in strata that answered.
    """

    rate: Figure
    lower: Number
    upper: Number
    n_eff: Figure
    covered_share: Number
    design_effect: Figure
    k: Whole
    n: Whole
    N: Whole
    confidence: float
    fpc: bool


def _checked_strata(k: ArrayLike, n: ArrayLike, N: ArrayLike) -> tuple[Whole, Whole, Whole]:
    satisfied, answered = counts(np.atleast_1d(k), np.atleast_1d(n))
    answered, cases = population(answered, np.atleast_1d(N))
    if not (cases.sum(axis=-1) > 0).all():
        raise ValueError("N must not be 0 in all strata")
    return np.broadcast_to(satisfied, cases.shape), answered, cases


def poststratify(
    k: ArrayLike, n: ArrayLike, N: ArrayLike, confidence: float = 0.95, fpc: bool = False
) -> Poststratified:
    """Return the share ΣW_h·k_h/n_h with W_h = N_h/ΣN and an exact interval at its effective number of answers.

    g_h = (N_h−n_h)/(N_h−1) with `fpc` (0 where N_h = 1), otherwise 1; ṽ = ΣW_h² g_h p̂_h q̂_h/n_h;
    n* = 1/Σ(W_h² g_h/n_h); n_eff = min(p̂q̂/ṽ, n*), and n* where ṽ = 0. The interval is Clopper–Pearson at
    (n_eff·p̂, n_eff). The cap n* keeps the coverage where strata are unanimous or one small sample carries the weight.

    Source: Kish 1965; Korn & Graubard 1998, Survey Methodology 24:193 (the idea); the cap is this product's own.
    Shapes: strata along the last axis; the other axes are kept, so that one call makes the totals of many agencies.
    Edges: a stratum with N = 0 is dropped; one with cases and no answers leaves no total (rate None, interval [0, 1],
    see `merge_strata`); one with a single answer is welcome; with `fpc` a stratum answered in full adds no variance,
    and if all are, the interval is the rate itself. One stratum without `fpc` gives plain Clopper–Pearson.
    `design_effect` is n/n_eff.

    Raises:
        ValueError: k > n, n > N (duplicates), counts that are not whole numbers ≥ 0, or all N are 0.

    >>> total = poststratify([45, 80, 19], [50, 90, 20], [200, 500, 60], fpc=True)
    >>> round(total.rate, 6), round(total.lower, 6), round(total.upper, 6), round(total.n_eff, 4)
    (0.896637, 0.843919, 0.936261, 187.5102)
    """
    satisfied, answered, cases = _checked_strata(k, n, N)
    weight = cases / cases.sum(axis=-1, keepdims=True)
    heard = answered > 0
    covered = np.where(heard, weight, 0.0).sum(axis=-1)
    complete = (heard | (cases == 0)).all(axis=-1)
    n_safe = np.where(heard, answered, 1)
    share = satisfied / n_safe
    g = (cases - answered) / np.maximum(cases - 1, 1) if fpc else np.ones(cases.shape)
    per_answer = weight**2 * g / n_safe
    rate = _share_of_total(satisfied, answered, weight * share)
    n_eff = _effective(rate, (per_answer * share * (1 - share)).sum(axis=-1), per_answer.sum(axis=-1))
    rate, n_eff = np.where(complete, rate, np.nan), np.where(complete, n_eff, np.nan)
    lower, upper = exact_limits(rate, n_eff, confidence)
    design_effect = answered.sum(axis=-1) / n_eff
    return Poststratified(
        none_for_nan(rate),
        none_for_nan(lower),
        none_for_nan(upper),
        none_for_nan(n_eff),
        none_for_nan(covered),
        none_for_nan(design_effect),
        satisfied,
        answered,
        cases,
        confidence,
        fpc,
    )


def _share_of_total(satisfied: Whole, answered: Whole, weighted: Real) -> Real:
    # Weights add up to 1 only nearly in floating point; unanimity must still give exactly 0 or 1.
    total = weighted.sum(axis=-1)
    everybody = (satisfied == answered).all(axis=-1)
    nobody = (satisfied == 0).all(axis=-1)
    return np.where(nobody, 0.0, np.where(everybody, 1.0, np.clip(total, np.finfo(float).tiny, 1 - 2**-53)))


def _effective(rate: Real, variance: Real, unit_variance: Real) -> Real:
    with np.errstate(divide="ignore", invalid="ignore"):
        cap = 1 / unit_variance
        own = np.where(variance > 0, rate * (1 - rate) / variance, np.inf)
    return np.minimum(own, cap)


@dataclass(frozen=True)
class Merged:
    """Strata after merging; `stratum` tells for each old stratum the position of its new one."""

    k: Whole
    n: Whole
    N: Whole
    stratum: NDArray[np.int64]


def merge_strata(k: ArrayLike, n: ArrayLike, N: ArrayLike, *rules: Sequence[Any]) -> Merged:
    """Return strata in which nobody answered merged with their kin by rules fixed before the answers are seen.

    Each rule is one label per stratum, from the nearest kinship to the widest, such as the field of service and then
    the agency. Under a rule, all strata of a label that holds an empty one become one stratum; where that is still
    empty, the next rule is tried. Strata without cases (N = 0) ask for no merging.

    Source: collapsing of post-strata, Cochran 1977, Sampling Techniques, 5A.9; the order of labels is the caller's.
    Shapes: one-dimensional; the new strata come in the order of their first member.
    Edges: what no rule fills stays empty, and `poststratify` then gives no total.

    Raises:
        ValueError: as `poststratify`, or a rule whose length differs.

    >>> merged = merge_strata([9, 0, 8], [10, 0, 10], [50, 20, 30], ["land", "land", "tax"])
    >>> merged.k.tolist(), merged.n.tolist(), merged.N.tolist()
    ([9, 8], [10, 10], [70, 30])
    """
    satisfied, answered, cases = _checked_strata(k, n, N)
    if satisfied.ndim != 1 or any(len(rule) != satisfied.size for rule in rules):
        raise ValueError("k, n, N and each rule must have one value per stratum")
    stratum = np.arange(satisfied.size)
    for rule in rules:
        labels = np.unique(np.asarray(rule), return_inverse=True)[1]
        needy = np.unique(labels[_empty(stratum, answered, cases)])
        for label in needy:
            joined = np.isin(stratum, stratum[labels == label])
            stratum = np.where(joined, stratum[joined].min(), stratum)
    new = np.unique(stratum, return_inverse=True)[1]
    k_new, n_new, N_new = (_added_up(new, values) for values in (satisfied, answered, cases))
    return Merged(k_new, n_new, N_new, new)


def _added_up(stratum: NDArray[np.int64], values: Whole) -> Whole:
    total = np.zeros(stratum.max() + 1, dtype=np.int64)
    np.add.at(total, stratum, values)
    return total


def _empty(stratum: NDArray[np.int64], answered: Whole, cases: Whole) -> NDArray[np.bool_]:
    lacking = (_added_up(stratum, answered) == 0) & (_added_up(stratum, cases) > 0)
    return np.asarray(lacking[stratum])
