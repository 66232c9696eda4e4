"""Limits that may be looked at every day: a confidence sequence, and the e-value against the target."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import scipy
from numpy.typing import ArrayLike

from analysis import validation
from analysis._binomial import HALVINGS, Interval
from analysis._unique_rows import by_unique_rows
from analysis.validation import Real, Target, Whole, plain


def _prior(prior: tuple[float, float]) -> tuple[float, float]:
    a, b = prior
    if not (0 < a < np.inf and 0 < b < np.inf):
        raise ValueError("the prior's two parameters must be positive numbers")
    return float(a), float(b)


def _log_marginal(k: Whole, n: Whole, prior: tuple[float, float]) -> Real:
    a, b = prior
    return np.asarray(scipy.special.betaln(a + k, b + n - k) - scipy.special.betaln(a, b))


def confidence_sequence(
    k: ArrayLike,
    n: ArrayLike,
    alpha: float = 0.05,
    population: ArrayLike | None = None,
    prior: tuple[float, float] = (1.0, 1.0),
) -> Interval:
    """Return limits that hold at all looks together with probability 1−alpha, however often one looks.

    {p : p^k (1−p)^(n−k) > α·B(a+k, b+n−k)/B(a, b)}, uniform prior by default. With N cases known and answers drawn
    without replacement: {M : C(M,k)·C(N−M,n−k)/C(N,n) > α·C(n,k)·B(a+k, b+n−k)/B(a, b)}/N. Stateless: needs only the
    counts so far. Shapes: k, n, population broadcast. Edges: n = 0 gives [0, 1]; k = n gives L = (α/(n+1))^(1/n) and
    U = 1; n = N gives [p̂, p̂].
    Source: Robbins 1970; Howard et al. 2021, Ann Stat 49:1055; Waudby-Smith & Ramdas 2020.

    Raises:
        ValueError: impossible counts, n above the population, alpha outside (0, 1), or a prior that is not positive.

    >>> [round(x, 12) for x in confidence_sequence(45, 50)]
    [0.712339534589, 0.984341445415]
    >>> confidence_sequence(45, 50, population=200)
    Interval(lower=0.74, upper=0.97)
    """
    level, (a, b) = float(validation.open_share(alpha, "alpha")), _prior(prior)
    satisfied, answered = validation.counts(k, n)
    if population is None:

        def limits(x: Whole, m: Whole) -> tuple[Real, Real]:
            return _lower_limit(x, m, level, (a, b)), 1 - _lower_limit(m - x, m, level, (b, a))

        lower, upper = by_unique_rows(limits, satisfied, answered)
        return Interval(plain(lower), plain(upper))
    answered, cases = validation.population(answered, population)

    def counts(x: Whole, m: Whole, N: Whole) -> tuple[Real, Real]:
        whole = np.maximum(N, 1)
        upper = (N - _least_count(m - x, m, N, level, (b, a))) / whole
        return _least_count(x, m, N, level, (a, b)) / whole, np.where(N == 0, 1.0, upper)

    lower, upper = by_unique_rows(counts, satisfied, answered, cases)
    return Interval(plain(lower), plain(upper))


def _lower_limit(k: Whole, n: Whole, alpha: float, prior: tuple[float, float]) -> Real:
    share = k / np.maximum(n, 1)
    bound = (
        np.log(alpha)
        + _log_marginal(k, n, prior)
        - scipy.special.xlogy(k, share)
        - scipy.special.xlog1py(n - k, -share)
    )
    low, high = np.zeros(share.shape), share
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        gap = np.where(k > 0, middle / np.where(k > 0, share, 1), 1)
        rest = np.where(k < n, (share - middle) / np.where(k < n, 1 - share, 1), 0)
        excluded = scipy.special.xlogy(k, gap) + scipy.special.xlog1py(n - k, rest) <= bound
        low, high = np.where(excluded, middle, low), np.where(excluded, high, middle)
    return np.where(k == 0, 0.0, low)


def _least_count(k: Whole, n: Whole, N: Whole, alpha: float, prior: tuple[float, float]) -> Whole:
    choose = -scipy.special.betaln(k + 1.0, n - k + 1.0) - np.log(n + 1.0)
    bound = np.log(alpha) + choose + _log_marginal(k, n, prior)
    likeliest: Whole = np.clip((N + 1) * k // np.maximum(n, 1), k, N - n + k)
    low: Whole = k - 1
    high: Whole = likeliest
    while (high - low > 1).any():
        middle = (low + high) // 2
        wide = high - low > 1
        plausible = scipy.stats.hypergeom.logpmf(k, np.maximum(N, 1), np.maximum(middle, k), n) > bound
        high, low = np.where(wide & plausible, middle, high), np.where(wide & ~plausible, middle, low)
    return np.asarray(high)


def e_value(k: ArrayLike, n: ArrayLike, target: Target, prior: tuple[float, float] = (1.0, 1.0)) -> Any:
    """Return the evidence against the share being exactly the target: B(a+k, b+n−k)/(B(a, b)·p0^k·q0^(n−k)).

    A float, or an array for arrays. At 1/α or more the target is refuted for good, whenever one looks. Shapes: k, n
    broadcast. Edges: n = 0 gives 1; inf beyond 1e308.
    Source: Waudby-Smith & Ramdas 2020; docs/statistics.md §9.

    Raises:
        ValueError: impossible counts, a binary float as target, or a prior that is not positive.

    >>> round(e_value(45, 50, "0.90"), 12)
    0.106031555793
    """
    share = validation.exact_target(target)
    satisfied, answered = validation.counts(k, n)
    return plain(np.exp(np.minimum(log_e_value(satisfied, answered, share, _prior(prior)), 709.0)))


def log_e_value(k: Whole, n: Whole, target: Fraction, prior: tuple[float, float] = (1.0, 1.0)) -> Real:
    """Return the natural logarithm of the e-value, which does not overflow.

    Source: as `e_value`.

    >>> round(float(log_e_value(np.int64(45), np.int64(50), Fraction(9, 10))), 6)
    -2.244019
    """
    return np.asarray(_log_marginal(k, n, prior) - k * np.log(float(target)) - (n - k) * np.log(float(1 - target)))
