"""Which factors go together with overall satisfaction: shares of explained variance, never causes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import factorial
from typing import Any

import numpy as np
import scipy
from numpy.typing import ArrayLike

from analysis.validation import Real, persons_by_items, tail

ENOUGH_PERSONS = 200
MOST_FACTORS = 12
BATCH = 200


@dataclass(frozen=True)
class RelativeImportance:
    """How much of R² goes with each factor: `lmg` adds up to R², `share` to 1, with bootstrap limits of the share.

    `enough` tells whether the 200 complete sheets are there that make the picture worth showing.
    """

    lmg: Real
    share: Real
    r_squared: float
    lower: Real
    upper: Real
    n: int
    enough: bool
    confidence: float
    resamples: int
    seed: int


def relative_importance(
    x: ArrayLike, y: ArrayLike, confidence: float = 0.95, resamples: int = 1000, seed: int = 0
) -> RelativeImportance:
    """Return each factor's gain in R² averaged over all orders of entering the regression (LMG, Shapley).

    lmg_j = Σ over subsets S without j of |S|!(K−|S|−1)!/K!·(R²(S∪j) − R²(S)); limits are percentiles of the shares over
    `resamples` draws of persons with replacement.

    Source: Lindeman, Merenda & Gold 1980; Grömping 2006, J. Stat. Software 17(1), relaimpo. Not a statement of cause.
    Shapes: x persons × factors (1 to 12), y one overall rating per person; complete rows only.
    Edges: factors that repeat each other share what they explain; `resamples=0` gives no limits (NaN).

    Raises:
        ValueError: missing values, lengths that differ, too few persons, a y that does not vary.

    >>> x = [[1, 2], [2, 1], [3, 3], [4, 5], [5, 4], [2, 2], [4, 4], [1, 1]]
    >>> result = relative_importance(x, [1, 2, 3, 5, 4, 2, 4, 1], resamples=0)
    >>> round(result.r_squared, 4), result.share.round(4).tolist()
    (0.9355, [0.5, 0.5])
    """
    factors, outcome = persons_by_items(x), persons_by_items(np.asarray(y, dtype=np.float64).reshape(-1, 1), "y")
    n, size = factors.shape
    if len(outcome) != n or not 1 <= size <= MOST_FACTORS or n <= size + 1:
        raise ValueError(f"x needs 1 to {MOST_FACTORS} factors, one row per y, and more rows than factors + 1")
    if not outcome.std() > 0:
        raise ValueError("y is the same for everybody, so that there is nothing to explain")
    joint = np.hstack([factors, outcome])
    lmg, r_squared = _lmg(np.ones((1, n)), joint - joint.mean(axis=0))
    lower, upper = _bootstrap(joint - joint.mean(axis=0), tail(confidence), resamples, seed)
    return RelativeImportance(
        lmg[0], _shares(lmg)[0], float(r_squared[0]), lower, upper, n, n >= ENOUGH_PERSONS, confidence, resamples, seed
    )


def spearman(x: ArrayLike, y: ArrayLike) -> Real:
    """Return the rank correlation of each factor with the overall rating: the simple look before `relative_importance`.

    Source: Spearman 1904; ties get mean ranks.
    Shapes: x persons × factors, y one value per person.
    Edges: a factor that does not vary has NaN.

    Raises:
        ValueError: missing values or lengths that differ.

    >>> spearman([[1, 5], [2, 4], [3, 3]], [1, 2, 3]).tolist()
    [1.0, -1.0]
    """
    factors, outcome = persons_by_items(x), persons_by_items(np.asarray(y, dtype=np.float64).reshape(-1, 1), "y")
    if len(outcome) != len(factors):
        raise ValueError("y must have one value per row of x")
    ranks = scipy.stats.rankdata(np.hstack([factors, outcome]), axis=0)
    ranks -= ranks.mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(
            (ranks[:, -1] @ ranks[:, :-1]) / np.sqrt((ranks[:, -1] ** 2).sum() * (ranks[:, :-1] ** 2).sum(0))
        )


def _shares(lmg: Real) -> Real:
    total = lmg.sum(axis=-1, keepdims=True)
    return np.asarray(np.divide(lmg, total, out=np.full(lmg.shape, np.nan), where=total > 0))


def _bootstrap(joint: Real, a: float, resamples: int, seed: int) -> tuple[Real, Real]:
    n, size = joint.shape[0], joint.shape[1] - 1
    random = np.random.default_rng(seed)
    batches = [min(BATCH, resamples - start) for start in range(0, resamples, BATCH)]
    drawn = [_shares(_lmg(random.multinomial(n, np.full(n, 1 / n), rows).astype(float), joint)[0]) for rows in batches]
    if not drawn:
        return np.full(size, np.nan), np.full(size, np.nan)
    limits = np.nanquantile(np.concatenate(drawn), [a, 1 - a], axis=0)
    return limits[0], limits[1]


def _lmg(weights: Real, joint: Real) -> tuple[Real, Real]:
    size = joint.shape[1] - 1
    covariance = _covariances(weights, joint)
    explained: dict[tuple[int, ...], Any] = {(): np.zeros(len(weights))}
    for number in range(1, size + 1):
        for subset in combinations(range(size), number):
            explained[subset] = _r_squared(covariance, list(subset))
    lmg = np.zeros((len(weights), size))
    for subset, r2 in explained.items():
        for factor in set(range(size)) - set(subset):
            weight = factorial(len(subset)) * factorial(size - len(subset) - 1) / factorial(size)
            lmg[:, factor] += weight * (explained[tuple(sorted((*subset, factor)))] - r2)
    return lmg, explained[tuple(range(size))]


def _covariances(weights: Real, joint: Real) -> Real:
    n, columns = joint.shape
    products = weights @ (joint[:, :, None] * joint[:, None, :]).reshape(n, -1)
    total = weights.sum(axis=1)[:, None]
    mean = weights @ joint / total
    return np.asarray((products / total).reshape(-1, columns, columns) - mean[:, :, None] * mean[:, None, :])


def _r_squared(covariance: Real, subset: list[int]) -> Real:
    inside, with_y = covariance[:, subset][:, :, subset], covariance[:, subset, -1]
    variance = covariance[:, -1, -1]
    explained = np.einsum("bi,bij,bj->b", with_y, np.linalg.pinv(inside, hermitian=True, rcond=1e-12), with_y)
    return np.asarray(np.divide(explained, variance, out=np.zeros_like(variance), where=variance > 1e-12))
