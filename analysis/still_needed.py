"""How many more answers a verdict needs, so that an official knows before the month ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from analysis import validation
from analysis.exact_test import p_met, p_not_met, proves
from analysis.share_holds import least_total
from analysis.validation import Flags, Real, Target, Whole

MOST_ANSWERS = 10**9
BLOCKS = 64

# Tells, for arrays of counts, whether so many favourable of so many answers prove the verdict asked for.
Proof: TypeAlias = Callable[[Whole, Whole, Whole | None], Flags]


@dataclass(frozen=True)
class ResponsesNeeded:
    """Further answers until the verdict is conclusive; None (NaN inside an array) where no number of them suffices."""

    if_all_satisfied: Any
    if_all_dissatisfied: Any
    if_rate_holds: Any
    k: Any
    n: Any
    target: Fraction
    confidence: float
    population: Any


def responses_needed(
    k: ArrayLike,
    n: ArrayLike,
    target: Target = "0.90",
    confidence: float = 0.95,
    population: ArrayLike | None = None,
) -> ResponsesNeeded:
    """Return the least number m of further answers after which the exact test concludes.

    `if_all_satisfied`: verdict(k+m, n+m) = met. `if_all_dissatisfied`: verdict(k, n+m) = not met. `if_rate_holds`: the
    share stays k/n, whole answers rounded to the side that is harder to prove: ⌊k(n+m)/n⌋ satisfied for met, the
    dissatisfied likewise for not met. 0 where it is proven already; None if no m ≤ N−n suffices (N unknown: none within
    10⁹ answers in total), if nothing was answered, or if k/n equals the target of an endless process.

    Shapes: k, n, population broadcast; scalars give ints or None, arrays give floats with NaN for None. Exact: every
    smaller m is excluded by a bound, not by sampling. Source: STATISTICS.md §2.

    Raises:
        ValueError: impossible counts, n above the population, a binary float as target, bad confidence.

    >>> needed = responses_needed(92, 100)
    >>> needed.if_all_satisfied, needed.if_all_dissatisfied, needed.if_rate_holds
    (54, 11, 775)
    """
    share, a = validation.exact_target(target), validation.tail(confidence)
    satisfied, answered = validation.counts(k, n)
    cases = None
    if population is not None:
        answered, cases = validation.population(answered, population)
        satisfied, answered, cases = np.broadcast_arrays(satisfied, answered, cases)
    x, m = satisfied.ravel(), answered.ravel()
    N = None if cases is None else cases.ravel()
    limit = np.full(x.shape, MOST_ANSWERS) if N is None else N

    def met(favourable: Whole, total: Whole, every: Whole | None) -> Flags:
        return proves(p_met(favourable, total, share, every), a) & (total > 0)

    def not_met(favourable: Whole, total: Whole, every: Whole | None) -> Flags:
        return proves(p_not_met(total - favourable, total, share, every), a) & (total > 0)

    holds = _if_share_holds_forever(x, m, share, a) if N is None else np.full(x.shape, np.nan)
    for i in range(x.size if N is not None else 0):
        above = int(x[i]) * share.denominator - int(m[i]) * share.numerator
        proof, favourable = (met, x[i]) if above >= 0 else (not_met, m[i] - x[i])
        if m[i] > 0:
            holds[i] = _if_share_holds(proof, int(favourable), int(m[i]), int(limit[i]), None if N is None else N[i])
    shape = satisfied.shape
    return ResponsesNeeded(
        if_all_satisfied=_number(_if_all_favourable(met, x, m, limit, N), shape),
        if_all_dissatisfied=_number(_if_all_favourable(not_met, m - x, m, limit, N), shape),
        if_rate_holds=_number(holds, shape),
        k=validation.plain(satisfied),
        n=validation.plain(answered),
        target=share,
        confidence=confidence,
        population=None if cases is None else validation.plain(cases),
    )


def _number(values: Real, shape: tuple[int, ...]) -> Any:
    if shape:
        return values.reshape(shape)
    return None if np.isnan(values[0]) else int(values[0])


def _if_all_favourable(proof: Proof, favourable: Whole, total: Whole, limit: Whole, N: Whole | None) -> Real:
    """Bisect: one more favourable answer never weakens the proof."""
    low, high = np.full(total.shape, -1), np.maximum(limit - total, 0)
    reachable = proof(favourable + high, total + high, N)
    while (high - low > 1).any():
        middle = (low + high) // 2
        wide = high - low > 1
        enough = wide & proof(favourable + np.where(wide, middle, 0), total + np.where(wide, middle, 0), N)
        high, low = np.where(enough, middle, high), np.where(wide & ~enough, middle, low)
    return np.where(reachable, high, np.nan)


def _if_share_holds_forever(k: Whole, n: Whole, share: Fraction, a: float) -> Real:
    above = k.astype(object) * share.denominator - n.astype(object) * share.numerator
    holds = np.full(k.shape, np.nan)
    for side, favourable, goal in (above > 0, k, share), (above < 0, n - k, 1 - share):
        some = np.flatnonzero(side)
        holds[some] = least_total(favourable[some], n[some], goal, a, MOST_ANSWERS) - n[some]
    return holds


def _if_share_holds(proof: Proof, favourable: int, total: int, limit: int, N: Whole | None) -> float:
    """Search in blocks of totals, refining only those that the best conceivable order of answers cannot exclude.

    Within a block that starts at (f, t) and ends with f + j favourable ones, nothing proves more than (f + j, t + j).
    """
    last = max(limit, total)
    size = -(-(last - total + 1) // BLOCKS)
    starts = np.arange(total, last + 1, size, dtype=np.int64)
    while True:
        at_start = favourable * starts // total
        rise = favourable * np.minimum(starts + size - 1, last) // total - at_start
        conceivable = proof(at_start + rise, starts + rise, N)
        starts, at_start = starts[conceivable], at_start[conceivable]
        proven = np.flatnonzero(proof(at_start, starts, N))
        starts = starts[: proven[0] + 1] if proven.size else starts
        if not starts.size:
            return float("nan")
        if size == 1:
            return float(starts[0] - total)
        # The last step of a quarter may overlap the next block: unique keeps the order and drops the repetition.
        finer = -(-size // 4)
        starts = np.unique(starts[:, None] + np.arange(0, size, finer))
        starts, size = starts[starts <= last], finer
