"""The verdict on a share that rests on an effective number of answers: weighted sheets and post-stratified totals."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from analysis._effective_sample_size import exact_limits
from analysis._exact_test import Verdict
from analysis.validation import Real, Target, exact_target, tail


@dataclass(frozen=True)
class EffectiveAssessment:
    """Rate, limits, p-values and verdict at an effective number of answers, as arrays."""

    rate: Real
    lower: Real
    upper: Real
    verdict: NDArray[np.str_]
    p_met: Real
    p_not_met: Real
    n_eff: Real
    target: Fraction
    confidence: float


def assess_effective(
    rate: ArrayLike, n_eff: ArrayLike, target: Target = "0.90", confidence: float = 0.95
) -> EffectiveAssessment:
    """Judge a rate that weighs as much as `n_eff` equal answers, by the exact test at real-valued counts.

    p_met = I(p0; x, n_eff−x+1) and p_not_met = I(1−p0; n_eff−x, x+1) with x = n_eff·rate; met ⟺ p_met ≤ a ⟺ lower ≥ p0,
    not met ⟺ p_not_met ≤ a ⟺ upper ≤ p0, a = (1−confidence)/2.

    Source: Korn & Graubard 1998, Survey Methodology 24:193; docs/statistics.md §4.
    Shapes: rate and n_eff broadcast to one dimension. Edges: a rate of NaN or an n_eff of 0 is inconclusive with limits
    0 and 1; n_eff infinite (every case answered) is decided by the rate itself.

    Raises:
        ValueError: a target that is a binary float or outside (0, 1), or confidence outside (0, 1).

    >>> judged = assess_effective([0.95, 0.92], [500, 100])
    >>> judged.verdict.tolist(), judged.lower.round(6).tolist()
    (['met', 'inconclusive'], [0.927072, 0.848442])
    """
    goal, a = exact_target(target), tail(confidence)
    p, n = np.broadcast_arrays(np.atleast_1d(np.asarray(rate, dtype=float)), np.asarray(n_eff, dtype=float))
    answered, sure = ~np.isnan(p) & (n > 0), np.isinf(n)
    lower, upper = exact_limits(p, n, confidence)
    reached = np.where(sure, np.where(p >= float(goal), 0.0, 1.0), _tail_probability(p, n, goal))
    missed = np.where(sure, 1 - reached, _tail_probability(1 - p, n, 1 - goal))
    reached, missed = np.where(answered, reached, 1.0), np.where(answered, missed, 1.0)
    verdict = np.select(
        [reached <= a, missed <= a], [str(Verdict.MET), str(Verdict.NOT_MET)], str(Verdict.INCONCLUSIVE)
    )
    return EffectiveAssessment(p, lower, upper, verdict, reached, missed, n, goal, confidence)


def _tail_probability(p: Real, n: Real, share: Fraction) -> Real:
    """P(X >= n·p) at real-valued counts; without a favourable answer it is 1."""
    size = np.where(np.isnan(p) | ~(n > 0) | np.isinf(n), 1.0, n)
    x = np.clip(np.nan_to_num(p), 0, 1) * size
    inside = scipy.special.betainc(np.where(x > 0, x, 1.0), size - x + 1, float(share))
    return np.where(x > 0, inside, 1.0)
