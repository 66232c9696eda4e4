"""Exact and score limits for a share that rests on an effective, hence fractional, number of answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis import validation
from analysis._binomial import beta_limits
from analysis.validation import Real, none_for_nan, tail

# Beyond this the beta quantile loses its digits; the limits are then no further than 1e-7 from the rate.
LARGEST = 1e15


@dataclass(frozen=True)
class Kish:
    """Effective size and design effect of unequal weights, beside the weights."""

    n_eff: float
    design_effect: float
    weights: Real


def kish(weights: ArrayLike) -> Kish:
    """Return the effective number of answers under weights w: (Σw)²/Σw², and n/n_eff.

    The design effect is n·Σw²/(Σw)²: how many times larger the variance is than with equal weights.

    Source: Kish 1965, Survey Sampling; Kish 1992, J. Off. Stat. 8:183.
    Shapes: weights along the last axis; the other axes are kept.
    Edges: equal weights give n_eff = n and a design effect of 1.

    Raises:
        ValueError: a negative, infinite or missing weight, or weights all 0.

    >>> result = kish([1, 1, 1, 1, 2, 2, 4, 8])
    >>> round(result.n_eff, 6), round(result.design_effect, 6)
    (4.347826, 1.84)
    """
    w = np.atleast_1d(validation.weights(weights))
    total = w.sum(axis=-1)
    if not (total > 0).all():
        raise ValueError("weights must not all be 0")
    n_eff = total**2 / (w**2).sum(axis=-1)
    return Kish(none_for_nan(n_eff), none_for_nan(w.shape[-1] / n_eff), w)


def exact_limits(rate: ArrayLike, n_eff: ArrayLike, confidence: float = 0.95) -> tuple[Real, Real]:
    """Return Clopper–Pearson limits at the real-valued counts (n_eff·rate, n_eff).

    L = I⁻¹(a; n_eff·p̂, n_eff(1−p̂)+1), U = I⁻¹(1−a; n_eff·p̂+1, n_eff(1−p̂)), a = (1−confidence)/2.

    Source: Clopper & Pearson 1934, Biometrika 26:404; Korn & Graubard 1998, Survey Methodology 24:193.
    Shapes: `rate` and `n_eff` broadcast.
    Edges: rate 0 or 1 gives exactly 0.0 or 1.0 on that side; n_eff infinite (nothing left to chance) gives the rate
    itself; a rate of NaN or an n_eff of 0 gives [0, 1]. The limits never exclude the rate.

    Raises:
        ValueError: confidence outside (0, 1).

    >>> [round(float(limit), 6) for limit in exact_limits(0.9, 50)]
    [0.781865, 0.966725]
    """
    a = tail(confidence)
    p, n = np.broadcast_arrays(np.asarray(rate, dtype=np.float64), np.asarray(n_eff, dtype=np.float64))
    unknown, sure = np.isnan(p + n), np.isinf(n)
    share, size = np.where(unknown, 0.5, p), np.where(unknown | sure, 1.0, np.minimum(n, LARGEST))
    lower, upper = beta_limits(size * share, size, a)
    return np.where(unknown, 0.0, np.where(sure, share, lower)), np.where(unknown, 1.0, np.where(sure, share, upper))


def score_limits(rate: ArrayLike, n_eff: ArrayLike, z: ArrayLike) -> tuple[Real, Real]:
    """Return Wilson's limits (p̂ + z²/2n ∓ z√(p̂q̂/n + z²/4n²)) / (1 + z²/n) at a real-valued n.

    Source: Wilson 1927, JASA 22:209.
    Shapes: all arguments broadcast; `z` is the quantile, which may come from Student's t.
    Edges: rate 0 or 1 gives exactly 0.0 or 1.0 on that side; n_eff 0 or a rate of NaN gives NaN.

    >>> [round(float(limit), 6) for limit in score_limits(0.9, 50, 1.959963984540054)]
    [0.786398, 0.956524]
    """
    p, n, z = (np.asarray(value, dtype=np.float64) for value in (rate, n_eff, z))
    with np.errstate(divide="ignore", invalid="ignore"):
        shrink = 1 + z**2 / n
        center = (p + z**2 / (2 * n)) / shrink
        half = z / shrink * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return np.where(p == 0, 0.0, center - half), np.where(p == 1, 1.0, center + half)
