"""How many of the silent to call, and how to divide the calls between strata."""

from __future__ import annotations

import heapq
from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from analysis import validation
from analysis._finite_planning import power_among
from analysis._finite_population import lower_count, target_count
from analysis.planning import ROUNDING
from analysis.validation import Flags, Target, Whole

AT_ONCE = 256  # numbers of calls tried together


def calls_for_margin(
    population: int, answered: int, margin: float, silent_rate: float | None = None, confidence: float = 0.95
) -> int:
    """Return the fewest calls after which the limits of the rate over all cases are at most 2·`margin` apart.

    Without `silent_rate` this holds whatever the silent answer; with a guess of it, where as many of the m called are
    satisfied as it says (the whole number next to it). Every smaller number of calls is tried: (U−L)/N > 2·margin.
    Edges: 0 where the bounds without any calls are that close; never more than the silent cases, which leave no
    interval.
    Source: the limits of `call_back_rate`; the search is this product's own.

    Raises:
        ValueError: more answered than cases, margin or confidence outside (0, 1), a guess outside [0, 1].

    >>> calls_for_margin(1000, 190, 0.1), calls_for_margin(1000, 190, 0.1, silent_rate=0.8)
    (63, 44)
    """
    a, silent = validation.tail(confidence), _silent(population, answered)
    guess = None if silent_rate is None else float(validation.shares(silent_rate, "silent_rate"))
    allowed = 2 * float(validation.open_share(margin, "margin")) * population + ROUNDING
    if silent <= allowed:
        return 0

    def close(k: Whole, m: Whole) -> Flags:
        cases = np.full(k.shape, silent)
        width = cases - lower_count(m - k, m, cases, a) - lower_count(k, m, cases, a)
        return np.asarray(width <= allowed)

    share = 0.5 if guess is None else guess
    for m in _numbers(1, silent):
        # Without a guess every outcome counts; the middle one alone rules most numbers out.
        for calls in m[close((m * share + 0.5).astype(np.int64), m)]:
            outcomes = np.arange(calls + 1)
            if guess is not None or close(outcomes, np.full(outcomes.shape, calls)).all():
                return int(calls)
    return silent


def calls_to_decide(
    population: int,
    answered: int,
    satisfied: int,
    silent_rate: float,
    target: Target = "0.90",
    power: float = 0.8,
    confidence: float = 0.95,
) -> int:
    """Return the fewest calls that decide the verdict over all cases with probability `power`, if the guess is right.

    With K the whole number next to `silent_rate`·n2 and M = ⌈p0·N⌉−k1 the satisfied silent cases that are needed, the
    verdict is met where K ≥ M, proved by P(X ≥ k2 | n2, M−1, m) ≤ a, and not met otherwise, by P(X ≤ k2 | n2, M, m) ≤
    a; the probability of that is hypergeometric. Every smaller number is tried; the power is saw-toothed, so that a
    few more calls may have a little less. Nobody unreached is reckoned with: call as many more as will not be reached.
    Edges: 0 where the verdict is certain without calls; never more than the silent cases, which decide always.
    Source: Buonaccorsi 1987, Am Stat 41:215, for the test; the search is this product's own.

    Raises:
        ValueError: impossible counts, a guess outside [0, 1], power or confidence outside (0, 1), a binary float as
            target.

    >>> calls_to_decide(1000, 190, 169, 0.7), calls_to_decide(1000, 190, 180, 0.97)
    (29, 73)
    """
    a, silent = validation.tail(confidence), _silent(population, answered)
    k1, _ = validation.counts(satisfied, answered)
    needed = int(target_count(np.asarray(population), validation.exact_target(target))) - int(k1)
    wanted = float(validation.open_share(power, "power"))
    truth = int(float(validation.shares(silent_rate, "silent_rate")) * silent + 0.5)
    if needed <= 0 or needed > silent:
        return 0
    # The proof counts the few of the other side: the dissatisfied where the rate is met, the satisfied where it is not.
    sides = (silent - needed + 1, silent - truth) if truth >= needed else (needed, truth)
    # The randomised test has nowhere less power, and none that falls: where it has too little, no number will do.
    low, high = 0, silent
    while high - low > 1:
        middle = (low + high) // 2
        weak = power_among(np.array([middle]), silent, *sides, a, randomised=True)[0] < wanted - ROUNDING
        low, high = (middle, high) if weak else (low, middle)
    for m in _numbers(high, silent):
        enough = power_among(m, silent, *sides, a) >= wanted - ROUNDING
        if enough.any():
            return int(m[np.argmax(enough)])
    return silent


def _silent(population: int, answered: int) -> int:
    n1, N = validation.population(validation.whole(answered, "answered"), population)
    return int(N - n1)


def _numbers(least: int, most: int) -> Iterator[Whole]:
    for first in range(least, most + 1, AT_ONCE):
        yield np.arange(first, min(first + AT_ONCE, most + 1))


def allocate_calls(silent: ArrayLike, rates: ArrayLike, calls: int, least: int = 5) -> Whole:
    """Return how many of `calls` go to each stratum so that the variance of the total is least: Neyman's allocation.

    m_h in proportion to n2_h·√(q_h(1−q_h)), with q_h the silent rate of the last period, in whole numbers: each further
    call goes where it takes most off Σ n2_h²q_h(1−q_h)/m_h, that is to the greatest n2_h²q_h(1−q_h)/(m_h(m_h+1)). At
    least `least` calls a stratum, or all of its silent cases if they are fewer; never more than these.
    Shapes: one dimension, a stratum each. Edges: a stratum whose rate was 0 or 1 gets the least number until the others
    are called in full; then, and where all were so, the strata are served by their size.
    Source: Neyman 1934, JRSS 97:558; in whole numbers and with bounds: Wright 2012, Am Stat 66:217; 2017,
    Stat. Probab. Lett. 129:50.

    Raises:
        ValueError: counts that are not whole, rates outside [0, 1], too few calls for the least number everywhere, or
            more calls than silent cases.

    >>> allocate_calls([500, 300, 10], [0.9, 0.5, 0.8], 60).tolist()
    [27, 28, 5]
    """
    cases, share = np.broadcast_arrays(validation.whole(silent, "silent"), validation.shares(rates, "rates"))
    if cases.ndim != 1:
        raise ValueError("silent and rates must have one value per stratum")
    chosen = np.minimum(cases, least)
    if not chosen.sum() <= calls <= cases.sum():
        raise ValueError(f"calls must lie between {chosen.sum()}, {least} a stratum, and {cases.sum()}, all the silent")
    spread = cases.astype(float) ** 2 * share * (1 - share)

    def turn(stratum: int) -> tuple[float, float, int]:
        m = int(chosen[stratum])
        by_size = float(cases[stratum]) ** 2 / (m * (m + 1)) if m else np.inf
        return -float(spread[stratum]) / (m * (m + 1)) if m else -np.inf, -by_size, stratum

    waiting = [turn(stratum) for stratum in range(cases.size) if chosen[stratum] < cases[stratum]]
    heapq.heapify(waiting)
    for _ in range(int(calls) - int(chosen.sum())):
        stratum = heapq.heappop(waiting)[2]
        chosen[stratum] += 1
        if chosen[stratum] < cases[stratum]:
            heapq.heappush(waiting, turn(stratum))
    return np.asarray(chosen)
