"""Which figures may leave the house: the reliability of a share, and small cells of single persons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis._cross_table import CrossSuppression, suppress_cross_table
from analysis._effective_sample_size import exact_limits
from analysis._over_time import TimeSpan, TimeSuppression, suppress_over_time
from analysis._small_cells import HiddenTable, Suppression, hide_low_scores, suppress_hierarchy, suppress_small_cells
from analysis.validation import Count, Figure, Flag, Number, counts, none_for_nan, plain

__all__ = [
    "CrossSuppression",
    "HiddenTable",
    "Reliability",
    "Suppression",
    "TimeSpan",
    "TimeSuppression",
    "hide_low_scores",
    "reliability",
    "suppress_cross_table",
    "suppress_hierarchy",
    "suppress_over_time",
    "suppress_small_cells",
]

LEAST_ANSWERS = 30
WIDE, NARROW = 0.30, 0.05
LARGEST_RELATIVE_WIDTH = 1.30
FEW_DEGREES = 8


@dataclass(frozen=True)
class Reliability:
    """Whether a share is firm enough to publish; staff see k and n in any case."""

    n_eff: Figure
    width: Number
    relative_width: Figure
    suppress: Flag
    flag_complement: Flag
    review: Flag
    relative_width_complement: Figure
    rate: Figure
    lower: Number
    upper: Number
    k: Count
    n: Count
    design_effect: Number
    df: Number


def reliability(
    k: ArrayLike, n: ArrayLike, design_effect: ArrayLike = 1.0, df: ArrayLike = float("inf")
) -> Reliability:
    """Return the presentation standards of NCHS for the share k/n, with w the width of its 95 % interval.

    n_eff = n/design_effect, at most n, and n where p̂ is 0 or 1. `suppress` if n or n_eff < 30, or w ≥ 0.30, or
    (0 < p̂ < 1 and w > 0.05 and w/p̂ > 1.30). Among those shown, `flag_complement` (a footnote) if w > 0.05 and
    w/(1−p̂) > 1.30, and `review` (a statistician looks) if df < 8 or p̂ is 0 or 1. An interval at most 0.05 wide is firm
    for the share and, being as wide, for its complement.

    Source: Parker et al. 2017, Vital and Health Statistics 2(175); interval Clopper–Pearson at n_eff as in Korn &
    Graubard 1998.
    Shapes: all arguments broadcast. The width is a share, not percentage points.
    Edges: n = 0: rate None, width 1, suppressed; p̂ = 0 has relative_width inf, p̂ = 1 relative_width_complement inf.

    Raises:
        ValueError: impossible counts, a design effect not above 0, or df below 0.

    >>> result = reliability(45, 50)
    >>> round(result.width, 6), result.suppress, result.flag_complement, result.review
    (0.18486, False, True, False)
    """
    satisfied, answered = counts(k, n)
    effect, free = np.asarray(design_effect, dtype=np.float64), np.asarray(df, dtype=np.float64)
    if not (effect > 0).all() or not (free >= 0).all():
        raise ValueError("design_effect must be above 0 and df not negative")
    satisfied, answered, effect, free = np.broadcast_arrays(satisfied, answered, effect, free)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = satisfied / answered
        unanimous = (satisfied == 0) | (satisfied == answered)
        n_eff = np.where(unanimous, answered, np.minimum(answered / effect, answered))
        lower, upper = exact_limits(rate, n_eff, 0.95)
        width = upper - lower
        relative, relative_complement = width / rate, width / (1 - rate)
    vague = ~unanimous & (width > NARROW) & (relative > LARGEST_RELATIVE_WIDTH)
    suppress = (answered < LEAST_ANSWERS) | (n_eff < LEAST_ANSWERS) | (width >= WIDE) | vague
    flag = ~suppress & ~unanimous & (width > NARROW) & (relative_complement > LARGEST_RELATIVE_WIDTH)
    review = ~suppress & ((free < FEW_DEGREES) | unanimous)
    return Reliability(
        none_for_nan(n_eff),
        plain(width),
        none_for_nan(relative),
        plain(suppress),
        plain(flag),
        plain(review),
        none_for_nan(relative_complement),
        none_for_nan(rate),
        plain(lower),
        plain(upper),
        plain(satisfied),
        plain(answered),
        plain(effect),
        plain(free),
    )
