"""How many more answers a verdict needs, so that an official knows before the month ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Generic, TypeAlias, TypeVar, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis import validation
from analysis._exact_test import p_met, p_not_met, proves
from analysis._finite_population import target_count
from analysis._responses_needed_search import least_total
from analysis.validation import Design, Flags, Real, Target, Whole

MOST_ANSWERS = 10**9
BLOCKS = 16

# Tells whether so many favourable of so many answers prove the verdict; the third array says for which cells.
Proof: TypeAlias = Callable[[Whole, Whole, Whole], Flags]


Needed = TypeVar("Needed")
Counts = TypeVar("Counts")


@dataclass(frozen=True)
class ResponsesNeeded(Generic[Needed, Counts]):
    """Further answers until the verdict is conclusive; None (NaN inside an array) where no number of them suffices."""

    if_all_satisfied: Needed
    if_all_dissatisfied: Needed
    if_rate_holds: Needed
    k: Counts
    n: Counts
    target: Fraction
    confidence: float
    population: Counts | None


@overload
def responses_needed(
    k: int,
    n: int,
    target: Target = "0.90",
    confidence: float = 0.95,
    population: int | None = None,
    design: Design = "random",
) -> ResponsesNeeded[int | None, int]: ...


@overload
def responses_needed(
    k: NDArray[Any],
    n: NDArray[Any],
    target: Target = "0.90",
    confidence: float = 0.95,
    population: NDArray[Any] | None = None,
    design: Design = "random",
) -> ResponsesNeeded[Real, Whole]: ...


@overload
def responses_needed(
    k: ArrayLike,
    n: ArrayLike,
    target: Target = "0.90",
    confidence: float = 0.95,
    population: ArrayLike | None = None,
    design: Design = "random",
) -> ResponsesNeeded[Any, Any]: ...


def responses_needed(
    k: ArrayLike,
    n: ArrayLike,
    target: Target = "0.90",
    confidence: float = 0.95,
    population: ArrayLike | None = None,
    design: Design = "random",
) -> ResponsesNeeded[Any, Any]:
    """Return the least number m of further answers after which the exact test concludes.

    `if_all_satisfied`: verdict(k+m, n+m) = met. `if_all_dissatisfied`: verdict(k, n+m) = not met. `if_rate_holds`: the
    share stays k/n, whole answers rounded to the side that is harder to prove: ⌊k(n+m)/n⌋ satisfied for met, the
    dissatisfied likewise for not met. 0 where it is proven already; None if no m ≤ N−n suffices (N unknown: none within
    10⁹ answers in total), if nothing was answered, or if k/n equals the target of an endless process.

    `population` and `design` as in `assess`: "self-selected" keeps the binomial test, and what is certain counts.

    Shapes: k, n, population broadcast; scalars give ints or None, arrays give floats with NaN for None. Exact: every
    smaller m is excluded by a bound, not by sampling.
    Source: docs/statistics.md §2.

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
    met, not_met = _proofs(share, a, N, design)
    if N is None:
        holds = _if_share_holds_forever(x, m, share, a)
    else:
        above = np.array(
            [int(f) * share.denominator >= int(t) * share.numerator for f, t in zip(x, m, strict=True)], bool
        )
        rising = np.flatnonzero(above & (m > 0)), np.flatnonzero(~above & (m > 0))
        holds = np.full(x.shape, np.nan)
        for proof, favourable, cells in (met, x, rising[0]), (not_met, m - x, rising[1]):
            holds[cells] = _if_share_holds(proof, favourable[cells], m[cells], limit[cells], cells)
    shape = satisfied.shape
    return ResponsesNeeded(
        if_all_satisfied=_number(_if_all_favourable(met, x, m, limit), shape),
        if_all_dissatisfied=_number(_if_all_favourable(not_met, m - x, m, limit), shape),
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


def _proofs(share: Fraction, a: float, N: Whole | None, design: Design) -> tuple[Proof, Proof]:
    drawn = validation.drawn(design) and N is not None
    needed = None if N is None else target_count(N, share)

    def met(favourable: Whole, total: Whole, cell: Whole) -> Flags:
        proven = proves(p_met(favourable, total, share, N[cell] if drawn and N is not None else None), a)
        certain = np.False_ if needed is None else favourable >= needed[cell]
        return (proven | certain) & (total > 0)

    def not_met(favourable: Whole, total: Whole, cell: Whole) -> Flags:
        satisfied = total - favourable
        proven = proves(p_not_met(satisfied, total, share, N[cell] if drawn and N is not None else None), a)
        certain = np.False_ if N is None or needed is None else favourable > N[cell] - needed[cell]
        return (proven | certain) & (total > 0)

    return met, not_met


def _if_all_favourable(proof: Proof, favourable: Whole, total: Whole, limit: Whole) -> Real:
    """Bisect: one more favourable answer never weakens the proof."""
    cells = np.arange(total.size)
    low, high = np.full(total.shape, -1), np.maximum(limit - total, 0)
    reachable = proof(favourable + high, total + high, cells)
    while (high - low > 1).any():
        middle = (low + high) // 2
        wide = high - low > 1
        more = np.where(wide, middle, 0)
        enough = wide & proof(favourable + more, total + more, cells)
        high, low = np.where(enough, middle, high), np.where(wide & ~enough, middle, low)
    return np.where(reachable, high, np.nan)


def _if_share_holds_forever(k: Whole, n: Whole, share: Fraction, a: float) -> Real:
    above = k.astype(object) * share.denominator - n.astype(object) * share.numerator
    holds = np.full(k.shape, np.nan)
    for side, favourable, goal in (above > 0, k, share), (above < 0, n - k, 1 - share):
        some = np.flatnonzero(side)
        holds[some] = least_total(favourable[some], n[some], goal, a, MOST_ANSWERS) - n[some]
    return holds


def _if_share_holds(proof: Proof, favourable: Whole, total: Whole, limit: Whole, cells: Whole) -> Real:
    """Search in blocks of totals, refining only those that the best conceivable order of answers cannot exclude.

    Within a block that starts at (f, t) and ends with f + j favourable ones, nothing proves more than (f + j, t + j).
    """
    answer = np.full(total.shape, np.nan)
    size = -(-(limit - total + 1) // BLOCKS)
    place = np.repeat(np.arange(total.size), BLOCKS)
    start = total[place] + np.tile(np.arange(BLOCKS), total.size) * size[place]
    while place.size:
        inside = start <= limit[place]
        place, start = place[inside], start[inside]
        at_start = favourable[place] * start // total[place]
        end = np.minimum(start + size[place] - 1, limit[place])
        rise = favourable[place] * end // total[place] - at_start
        open_ = proof(at_start + rise, start + rise, cells[place])
        place, start, at_start = place[open_], start[open_], at_start[open_]
        proven = proof(at_start, start, cells[place])
        earliest = np.full(total.shape, np.iinfo(np.int64).max)
        np.minimum.at(earliest, place[proven], start[proven])
        done = (size == 1) & (earliest <= limit)
        answer[done] = (earliest - total)[done]
        kept = (start <= earliest[place]) & (size[place] > 1)
        finer = -(-size // 4)
        offset = np.arange(4) * finer[place[kept], None]
        fits = offset < size[place[kept], None]
        place, start = np.repeat(place[kept], 4)[fits.ravel()], (start[kept, None] + offset)[fits]
        size = finer
    return answer
