"""How many answers to plan for: to estimate a share, or to prove that it reaches the target."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import scipy
from numpy.typing import ArrayLike

from analysis import validation
from analysis._binomial import HALVINGS, p_at_least
from analysis._exact_test import proves
from analysis._finite_planning import needed_among
from analysis._responses_needed import MOST_ANSWERS
from analysis.validation import Count, Figure, Number, Real, Target, Whole, plain

# 0.9·50 may come out as 45.00000000000001 and must still need 45 answers, not 46.
ROUNDING = 1e-9


class Power(NamedTuple):
    """The least `critical_k` that proves the target, its probability at the target (size) and at the planned share."""

    critical_k: Count
    size: Number
    power: Number


class SampleSize(NamedTuple):
    """The first n with enough power, and the n from which on every larger n has enough; None where there is none."""

    n_first: Figure
    n_safe: Figure


def _ceiling(n: Real) -> Any:
    return plain(np.ceil(n - ROUNDING).astype(np.int64))


def sample_size(
    margin: ArrayLike, p: ArrayLike = 0.5, population: ArrayLike | None = None, confidence: float = 0.95
) -> Any:
    """Return how many answers estimate a share to within ± `margin`: n0 = z²p(1−p)/e², n = n0/(1+(n0−1)/N), rounded up.

    An int, or an array. Shapes: margin, p, population broadcast. Edges: never more than the population.
    Source: Cochran 1977, Sampling Techniques, eq. 4.4.

    Raises:
        ValueError: margin, p or confidence outside (0, 1), or a population that is not a positive whole number.

    >>> sample_size(0.05, population=1000), sample_size(0.05)
    (278, 385)
    """
    z = float(scipy.special.ndtri(1 - validation.tail(confidence)))
    e, share = np.broadcast_arrays(validation.open_share(margin, "margin"), validation.open_share(p, "p"))
    n0 = z**2 * share * (1 - share) / e**2
    if population is None:
        return _ceiling(n0)
    N = _cases(population)
    return plain(np.minimum(_ceiling(n0 / (1 + (n0 - 1) / N)), N))


def yamane(population: ArrayLike, margin: ArrayLike = 0.05) -> Any:
    """Return n = N/(1+N·e²), rounded up: the formula of the SIPAS guidance, offered because officials know it.

    An int, or an array. With ± 5 % it cannot prove 90 % unless 95 % are satisfied. Shapes: population, margin
    broadcast.
    Source: Yamane 1967.

    Raises:
        ValueError: margin outside (0, 1), or a population that is not a positive whole number.

    >>> yamane(1000)
    286
    """
    N, e = _cases(population), validation.open_share(margin, "margin")
    return _ceiling(N / (1 + N * e**2))


def _cases(population: ArrayLike) -> Whole:
    N = validation.whole(population, "population")
    if (N == 0).any():
        raise ValueError("population must be at least 1")
    return N


def _critical(n: Whole, target: Fraction, alpha: float) -> Whole:
    """The least k whose exact test proves the target; n + 1 where no k does."""
    low, high = np.full(n.shape, -1), n + 1
    while (high - low > 1).any():
        middle = (low + high) // 2
        enough = proves(p_at_least(np.clip(middle, 0, n), n, target), alpha)
        wide = high - low > 1
        high, low = np.where(wide & enough, middle, high), np.where(wide & ~enough, middle, low)
    return high


def _beyond(k: Whole, n: Whole, share: Real) -> Real:
    reachable = k <= n
    x = np.clip(k, 1, np.maximum(n, 1))
    return np.where(reachable, scipy.special.betainc(x, np.maximum(n, 1) - x + 1.0, share), 0.0)


def power_to_prove(n: ArrayLike, p: ArrayLike, target: Target = "0.90", alpha: float = 0.025) -> Power:
    """Return the exact power to prove the target with `n` answers when the true share is `p`.

    critical_k = min{k : P(X ≥ k | n, p0) ≤ α}, size = P(X ≥ critical_k | n, p0), power = P(X ≥ critical_k | n, p).
    Shapes: n, p broadcast. Edges: where no k proves it (n < 36 at 90 %), critical_k is n + 1 and the others are 0; if
    all (p = 1) are satisfied, the power is 1 as soon as any k proves it, and 0 if nobody (p = 0) is.
    Source: the exact binomial test of Clopper & Pearson 1934; docs/statistics.md §2.

    Raises:
        ValueError: n not whole, p outside [0, 1], alpha outside (0, 1), a binary float as target.

    >>> critical_k, size, power = power_to_prove(100, 0.95)
    >>> critical_k, round(size, 12), round(power, 12)
    (96, 0.023711082663, 0.435981300686)
    """
    share, level = validation.exact_target(target), float(validation.open_share(alpha, "alpha"))
    answered, truth = np.broadcast_arrays(validation.whole(n, "n"), validation.shares(p, "p"))
    critical = _critical(answered, share, level)
    size = _beyond(critical, answered, np.asarray(float(share)))
    return Power(plain(critical), plain(size), plain(_beyond(critical, answered, truth)))


def sample_size_to_prove(p: ArrayLike, target: Target = "0.90", power: float = 0.8, alpha: float = 0.025) -> SampleSize:
    """Return how many answers prove the target with probability `power` when the true share is `p`.

    The exact power is saw-toothed in n: `n_first` is the first n that reaches it, from `n_safe` on it is never lost
    again; plan with `n_safe`. Both lie between the crossings of the power's two smooth envelopes, which take the
    critical value as a real number, and that stretch is searched completely. Shapes: any shape of p; arrays give floats
    with NaN for None. Edges: p ≤ target, or more than 10⁹ answers, gives None.
    Source: as `power_to_prove`; the search is this product's own.

    Raises:
        ValueError: p outside [0, 1], power or alpha outside (0, 1), a binary float as target.

    >>> sample_size_to_prove(0.93)
    SampleSize(n_first=697, n_safe=742)
    """
    share, level = validation.exact_target(target), float(validation.open_share(alpha, "alpha"))
    wanted = float(validation.open_share(power, "power"))
    truth = validation.shares(p, "p")
    plans = np.array([_prove(float(each), share, wanted, level) for each in truth.ravel()]).reshape(*truth.shape, 2)
    if truth.ndim:
        return SampleSize(plans[..., 0], plans[..., 1])
    return SampleSize(*(None if np.isnan(n) else int(n) for n in plans))


def sample_size_to_prove_among(
    population: ArrayLike, p: float, target: Target = "0.90", power: float = 0.8, alpha: float = 0.025
) -> Any:
    """Return how many of N cases prove the target with probability `power` when a share `p` of these N is satisfied.

    The least n from which on every number of answers up to N has the power. The test is that of the verdict where N is
    known: P(X ≥ k | Hyp(N, M0−1, n)) ≤ α with M0 = ⌈p0·N⌉; the power is P(X ≥ critical k | Hyp(N, M, n)), M the whole
    number next to p·N. Every n is tried up to a quarter and 50 more than `sample_size_to_prove` asks for, or to N.
    Holds when those who answer are a random part of the cases.
    Shapes: population is broadcast; arrays give floats with NaN for None. Edges: N answers always prove it, for then
    nothing is uncertain; None where fewer than M0 of the N would be satisfied; above 100,000 cases n_safe of
    `sample_size_to_prove`.
    Source: Buonaccorsi 1987, Am Stat 41:215, for the test; the search is this product's own.

    Raises:
        ValueError: a population that is not a positive whole number, p outside [0, 1], power or alpha outside (0, 1), a
            binary float as target.

    >>> sample_size_to_prove_among(200, 0.95), sample_size_to_prove_among(1000, 0.95)
    (112, 206)
    """
    cases, share = _cases(population), validation.exact_target(target)
    wanted, level = (float(validation.open_share(*one)) for one in ((power, "power"), (alpha, "alpha")))
    unlimited = sample_size_to_prove(p, target, power, alpha).n_safe
    most = None if unlimited is None else float(np.asarray(unlimited))
    needed = [needed_among(int(N), float(p), most, share, wanted, level) for N in cases.ravel()]
    if cases.ndim:
        return np.array([np.nan if n is None else n for n in needed], dtype=float).reshape(cases.shape)
    return needed[0]


def _prove(p: float, target: Fraction, power: float, alpha: float) -> tuple[float, float]:
    if p <= float(target):
        return np.nan, np.nan
    first = _crossing(p, float(target), power, alpha, 0.0)
    last = _crossing(p, float(target), power, alpha, 1.0)
    if last > MOST_ANSWERS:
        return np.nan, np.nan
    n = np.arange(first, last + 1)
    enough = _beyond(_critical(n, target, alpha), n, np.asarray(p)) >= power
    short = np.flatnonzero(~enough)
    safe = n[short[-1]] + 1 if short.size else first
    return float(n[np.argmax(enough)] if enough.any() else safe), float(safe)


def _crossing(p: float, target: float, power: float, alpha: float, step: float) -> int:
    """The least n whose power reaches `power` when the critical value is the real-valued one plus `step`."""
    low, high = 0, 1
    while high <= MOST_ANSWERS and _envelope(high, p, target, alpha, step) < power:
        low, high = high, high * 2
    while high - low > 1 and low <= MOST_ANSWERS:
        middle = (low + high) // 2
        low, high = (low, middle) if _envelope(middle, p, target, alpha, step) >= power else (middle, high)
    return high


def _envelope(n: int, p: float, target: float, alpha: float, step: float) -> float:
    low, high = 0.0, n + 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if scipy.special.betainc(middle, n - middle + 1, target) > alpha:
            low = middle
        else:
            high = middle
    critical = high + step
    return float(scipy.special.betainc(critical, n - critical + 1, p)) if critical < n + 1 else 0.0
