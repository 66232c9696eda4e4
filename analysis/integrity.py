"""Signs that answers were not given freely: flags for a person to look at, never a reason to delete."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike

from analysis._unlike_the_rest import FullestDay, UnlikeTheRest, fullest_day, unlike_the_rest
from analysis.interval import newcombe
from analysis.validation import (
    Count,
    Figure,
    Flags,
    Number,
    Real,
    Whole,
    counts,
    none_for_nan,
    persons_by_items,
    plain,
    tail,
    whole,
)

__all__ = [
    "AgainstTheRest",
    "Burst",
    "FullestDay",
    "StraightLining",
    "UnlikeTheRest",
    "against_the_rest",
    "burst",
    "fullest_day",
    "straight_lining",
    "unlike_the_rest",
]


@dataclass(frozen=True)
class Burst:
    """The fullest day of a period against the others; `day` counts from 1."""

    day: Count
    count: Count
    expected: Number
    p_value: Figure
    p_bonferroni: Figure
    daily: Whole


def burst(daily: ArrayLike) -> Burst:
    """Return how unlikely the fullest day is: P(X ≥ its count) for X ~ Poisson(mean of the other days), and times days.

    Source: Poisson tail; Bonferroni for having looked for the largest.
    Shapes: counts of answers per day along the last axis; the first of equal days is named.
    Edges: with one day, or answers on no other day, there is nothing to compare with: p None (NaN in an array).

    Raises:
        ValueError: counts that are not whole or are negative, or no day at all.

    >>> result = burst([4, 6, 5, 3, 7, 22, 5, 4, 6, 5])
    >>> result.day, result.expected, f"{result.p_bonferroni:.3e}"
    (6, 5.0, '1.821e-07')
    """
    table = np.atleast_1d(whole(daily, "daily"))
    days = table.shape[-1]
    if not days:
        raise ValueError("daily must hold at least one day")
    day, most = table.argmax(axis=-1), table.max(axis=-1)
    expected = (table.sum(axis=-1) - most) / max(days - 1, 1)
    p = np.where(expected > 0, scipy.stats.poisson.sf(most - 1, np.where(expected > 0, expected, 1)), np.nan)
    return Burst(
        plain(day + 1), plain(most), plain(expected), none_for_nan(p), none_for_nan(np.minimum(p * days, 1)), table
    )


@dataclass(frozen=True)
class StraightLining:
    """Per person the longest run of equal ratings and the spread of the ratings."""

    longest_run: Whole
    sd: Real


def straight_lining(x: ArrayLike) -> StraightLining:
    """Return each person's longest run of equal ratings in the order asked, and the sample sd over the items.

    All fives on five items is normal among satisfied people: compare shares of offices, see `against_the_rest`.

    Source: Johnson 2005 (long string); Dunn et al. 2018 (intra-individual response variability); R careless 1.2.2.
    Shapes: persons × items, complete rows only; one value per person.
    Edges: one item has a run of 1 and no sd (NaN).

    Raises:
        ValueError: missing values or a table without items.

    >>> result = straight_lining([[5, 5, 5, 5, 5], [4, 5, 4, 4, 3]])
    >>> result.longest_run.tolist(), result.sd.round(6).tolist()
    ([5, 2], [0.0, 0.707107])
    """
    table = persons_by_items(x)
    persons, items = table.shape
    if not items:
        raise ValueError("x must hold at least one item")
    run = longest = np.ones(persons, dtype=np.int64)
    for item in range(1, items):
        run = np.where(table[:, item] == table[:, item - 1], run + 1, 1)
        longest = np.maximum(longest, run)
    sd = table.std(axis=1, ddof=1) if items > 1 else np.full(persons, np.nan)
    return StraightLining(longest, sd)


@dataclass(frozen=True)
class AgainstTheRest:
    """The share of a sign at each office, that of all other offices together, and the difference with its limits."""

    share: Real
    rest: Real
    difference: Real
    lower: Real
    upper: Real
    flag: Flags
    k: Whole
    n: Whole
    confidence: float


def against_the_rest(k: ArrayLike, n: ArrayLike, confidence: float = 0.95) -> AgainstTheRest:
    """Return which offices show a sign more often than all others together: sheets entered by staff, or straight lines.

    Newcombe's interval of the difference between the office and the rest, at 1 − (1 − confidence)/m for m offices, so
    that a list without faults names anybody with probability 1 − confidence at most, nearly; `flag` if it lies above 0.

    Source: Newcombe 1998, Stat. Med. 17:873, method 10; Bonferroni.
    Shapes: one value per office, of one dimension: k sheets with the sign among n.
    Edges: an office without sheets, or without others to compare with, has share NaN or limits −1, 1 and no flag.

    Raises:
        ValueError: k > n, or counts that are not whole numbers ≥ 0.

    >>> result = against_the_rest([40, 3, 2], [50, 60, 40])
    >>> result.flag.tolist(), result.difference.round(2).tolist()
    ([True, False, False], [0.75, -0.42, -0.34])
    """
    marked, sheets = counts(np.atleast_1d(k), np.atleast_1d(n))
    others, other_sheets = marked.sum() - marked, sheets.sum() - sheets
    level = 1 - 2 * tail(confidence) / max(sheets.size, 1)
    result = newcombe(marked, sheets, others, other_sheets, level)
    with np.errstate(divide="ignore", invalid="ignore"):
        share, rest = marked / sheets, others / other_sheets
    lower, upper = np.asarray(result.lower), np.asarray(result.upper)
    return AgainstTheRest(share, rest, share - rest, lower, upper, lower > 0, marked, sheets, confidence)
