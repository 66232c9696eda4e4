"""Differences between two shares, of two groups or two periods."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy
from numpy.typing import ArrayLike

from analysis import validation
from analysis._binomial import HALVINGS, wilson
from analysis.validation import Figure, Number, Real, Whole, plain


class Difference(NamedTuple):
    """The first share minus the second, with its limits; None (NaN inside an array) where a group has no answers."""

    difference: Figure
    lower: Number
    upper: Number


def _groups(k1: ArrayLike, n1: ArrayLike, k2: ArrayLike, n2: ArrayLike) -> tuple[Whole, Whole, Whole, Whole]:
    first, second = validation.counts(k1, n1), validation.counts(k2, n2)
    x1, m1, x2, m2 = np.broadcast_arrays(*first, *second)
    return x1, m1, x2, m2


def _difference(d: Real, lower: Real, upper: Real, empty: validation.Flags) -> Difference:
    lower, upper = np.where(empty, -1.0, lower), np.where(empty, 1.0, upper)
    missing = empty.ndim == 0 and bool(empty)
    return Difference(None if missing else plain(np.where(empty, np.nan, d)), plain(lower), plain(upper))


def newcombe(k1: ArrayLike, n1: ArrayLike, k2: ArrayLike, n2: ArrayLike, confidence: float = 0.95) -> Difference:
    """Return p̂1 − p̂2 with the square-and-add limits d − √((p̂1−l1)²+(u2−p̂2)²), d + √((u1−p̂1)²+(p̂2−l2)²).

    l, u are Wilson's limits of each share. Shapes: all four counts broadcast. Edges: n = 0 in a group gives [−1, 1];
    two groups of one size at 100 % give limits symmetric about 0.
    Source: Newcombe 1998, Stat Med 17:873, method 10.

    Raises:
        ValueError: impossible counts, or confidence outside (0, 1).

    >>> [round(x, 12) for x in newcombe(45, 50, 40, 50)]
    [0.1, -0.043431785912, 0.242097157814]
    """
    x1, m1, x2, m2 = _groups(k1, n1, k2, n2)
    p1, p2 = x1 / np.maximum(m1, 1), x2 / np.maximum(m2, 1)
    l1, u1 = wilson(x1, m1, confidence)
    l2, u2 = wilson(x2, m2, confidence)
    d = p1 - p2
    return _difference(d, d - np.hypot(p1 - l1, u2 - p2), d + np.hypot(u1 - p1, p2 - l2), (m1 == 0) | (m2 == 0))


def miettinen_nurminen(
    k1: ArrayLike, n1: ArrayLike, k2: ArrayLike, n2: ArrayLike, confidence: float = 0.95
) -> Difference:
    """Return p̂1 − p̂2 with the limits of the score test whose variance is estimated under each difference δ.

    Roots of (d − δ)² = z²·N/(N−1)·(p̃1q̃1/n1 + p̃2q̃2/n2), N = n1+n2, p̃ the maximum likelihood shares with p̃1 − p̃2 = δ.
    Better than Newcombe's near 0 and 1 with n < 20. Shapes: all four counts broadcast. Edges: n = 0 in a group gives
    [−1, 1]; 10/10 against 10/10 is answered.
    Source: Miettinen & Nurminen 1985, Stat Med 4:213.

    Raises:
        ValueError: impossible counts, or confidence outside (0, 1).

    >>> [round(x, 9) for x in miettinen_nurminen(45, 50, 40, 50)]
    [0.1, -0.043455322, 0.246834394]
    """
    z = float(scipy.special.ndtri(1 - validation.tail(confidence)))
    x1, m1, x2, m2 = _groups(k1, n1, k2, n2)
    empty = (m1 == 0) | (m2 == 0)
    first = np.where(empty, 0.0, x1), np.where(empty, 1.0, m1)
    second = np.where(empty, 0.0, x2), np.where(empty, 1.0, m2)
    d = first[0] / first[1] - second[0] / second[1]
    return _difference(d, _outermost(*first, *second, z), -_outermost(*second, *first, z), empty)


def _outermost(x1: Real, m1: Real, x2: Real, m2: Real, z: float) -> Real:
    d = x1 / m1 - x2 / m2
    refused, accepted = np.full(d.shape, -1.0), d
    total = m1 + m2
    for _ in range(HALVINGS):
        delta = (refused + accepted) / 2
        p2 = _share_given(delta, x1, m1, x2, m2)
        p1 = np.clip(p2 + delta, 0, 1)
        spread = z * np.sqrt(total / (total - 1) * (p1 * (1 - p1) / m1 + p2 * (1 - p2) / m2))
        outside = d - delta > spread
        refused, accepted = np.where(outside, delta, refused), np.where(outside, accepted, delta)
    return np.where(d == -1, -1.0, accepted)


def _share_given(delta: Real, x1: Real, m1: Real, x2: Real, m2: Real) -> Real:
    """The second share of greatest likelihood when the first exceeds it by `delta`: the middle root of a cubic."""
    total, satisfied = m1 + m2, x1 + x2
    b = ((m1 + 2 * m2) * delta - total - satisfied) / total
    c = ((m2 * delta - total - 2 * x2) * delta + satisfied) / total
    e = x2 * delta * (1 - delta) / total
    q = (b / 3) ** 3 - b * c / 6 + e / 2
    r = np.copysign(np.sqrt(np.maximum((b / 3) ** 2 - c / 3, 0.0)), q)
    turn = np.where(r == 0, 0.0, q / np.where(r == 0, 1.0, r) ** 3)
    root = 2 * r * np.cos((np.pi + np.arccos(np.clip(turn, -1, 1))) / 3) - b / 3
    return np.asarray(np.clip(root, np.maximum(0, -delta), np.minimum(1, 1 - delta)))
