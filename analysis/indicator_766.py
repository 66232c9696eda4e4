"""The national portal's indicator of Decision 766/QĐ-TTg, scored like a satisfaction rate and yet another thing.

It counts every case that was not late and drew no dislike or petition, the silent ones included. It is never merged
with the satisfaction rate of answers, and has its own label.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from analysis.validation import Count, Figure, Number, Whole, counts, plain, whole

MOST_POINTS = 6
FULL_POINTS_FROM = Fraction(9, 10)


class Wording(StrEnum):
    """The two published wordings: a case late and disliked counts once, or is subtracted twice."""

    UNION = "union"
    SUM = "sum"


@dataclass(frozen=True, eq=False)
class PortalPoints:
    """A share of the portal with its points, from the counts it was made from; percent and points to two decimals."""

    LABEL: ClassVar[str] = "766 indicator"

    passed: Count
    handled: Count
    rate: Figure
    percent: Figure
    points: Number


@dataclass(frozen=True, eq=False)
class Indicator766:
    """The indicator on receiving and resolving cases in both wordings, beside the counts it was made from."""

    LABEL: ClassVar[str] = "766 indicator"

    handled: Count
    late: Count
    disliked: Count
    late_and_disliked: Count
    union: PortalPoints
    sum: PortalPoints

    def wording(self, wording: Wording) -> PortalPoints:
        """Return the figures of one wording."""
        return self.union if wording is Wording.UNION else self.sum


def portal_points(passed: ArrayLike, handled: ArrayLike) -> PortalPoints:
    """Return rate = passed/handled and points = min(6, 6 · rate/0.9) of one item of the portal's satisfaction group.

    Percent and points are rounded half up to two decimals from the exact fraction.
    Serves all three items: cases, petitions on time, petitions' satisfaction. Broadcasts.
    handled = 0: 0 points, rate and percent None (NaN in arrays).
    Source: Decision 766/QĐ-TTg of 23 June 2022; the portal's note "Làm tròn: đề xuất 2 chữ số thập phân".

    Raises:
        ValueError: counts not whole, negative, or passed exceeds handled.

    >>> item = portal_points(144574, 184513)
    >>> item.percent, item.points
    (78.35, 5.22)
    """
    good, total = counts(passed, handled)
    some, divisor = total > 0, np.maximum(total, 1)
    percent = np.where(some, _half_up(10_000 * good, divisor) / 100, np.nan)
    cents, bar = 100 * MOST_POINTS * FULL_POINTS_FROM.denominator, FULL_POINTS_FROM.numerator * divisor
    points = np.minimum(_half_up(cents * good, bar) / 100, float(MOST_POINTS))
    rate = np.where(some, good / divisor, np.nan)
    return PortalPoints(plain(good), plain(total), _or_none(rate), _or_none(percent), plain(points))


def _half_up(numerator: Whole, denominator: Whole) -> Whole:
    return (2 * numerator + denominator) // (2 * denominator)


def _or_none(values: Any) -> Any:
    value = plain(values)
    return None if isinstance(value, float) and np.isnan(value) else value


def indicator_766(
    handled: ArrayLike, late: ArrayLike, disliked: ArrayLike, late_and_disliked: ArrayLike
) -> Indicator766:
    """Return the portal's "satisfaction in receiving and resolving cases" in both of its wordings.

    union: (handled - cases late or disliked)/handled, a case counted once; sum: 100 % - (late/handled +
    disliked/handled), which subtracts a case twice that is both, and stops at 0. "Disliked" are cases with a dislike
    rating, a petition or a complaint. The wordings agree when no case is both.
    Broadcasts; handled = 0 gives 0 points and no rate.
    Source: Decision 766/QĐ-TTg of 23 June 2022 and the portal's formula notes.

    Raises:
        ValueError: counts not whole or negative, late or disliked exceed handled, or an overlap that cannot be.

    >>> both = indicator_766(handled=1000, late=80, disliked=60, late_and_disliked=40)
    >>> both.union.percent, both.union.points, both.sum.percent, both.sum.points
    (90.0, 6.0, 86.0, 5.73)
    """
    total, overdue, unhappy, overlap = np.broadcast_arrays(
        whole(handled, "handled"),
        whole(late, "late"),
        whole(disliked, "disliked"),
        whole(late_and_disliked, "late_and_disliked"),
    )
    if (overlap > np.minimum(overdue, unhappy)).any():
        raise ValueError("late_and_disliked must not exceed late or disliked")
    either = overdue + unhappy - overlap
    if (either > total).any():
        raise ValueError("cases late or disliked must not exceed handled")
    union = portal_points(total - either, total)
    added = portal_points(np.maximum(total - overdue - unhappy, 0), total)
    return Indicator766(plain(total), plain(overdue), plain(unhappy), plain(overlap), union, added)


@dataclass(frozen=True)
class SatisfactionGroup:
    """The points of the three items together, and what is missing to the most that they can give; two decimals."""

    LABEL: ClassVar[str] = "766 indicator"

    points: float
    missing: float
    most: int


def union_between(handled: int, late: int, disliked: int) -> tuple[PortalPoints, PortalPoints]:
    """Return the least and the most that the wording "union" can give where nobody knows how many cases are both.

    Least: as few cases both late and disliked as can be, max(0, late + disliked - handled); most: min(late, disliked).
    Edges: as `indicator_766`; where no case is late, or none disliked, both are the same.
    Source: as `indicator_766`.

    Raises:
        ValueError: counts not whole or negative, late or disliked exceed handled.

    >>> least, most = union_between(handled=1000, late=80, disliked=60)
    >>> least.percent, least.points, most.percent, most.points
    (86.0, 5.73, 92.0, 6.0)
    """
    overlaps = max(0, late + disliked - handled), min(late, disliked)
    least, most = (indicator_766(handled, late, disliked, overlap).union for overlap in overlaps)
    return least, most


def satisfaction_group(*items: PortalPoints) -> SatisfactionGroup:
    """Return the points of some items of the group added up, and what is missing to 6 for each.

    Added in hundredths, as the portal prints the points of each item.
    Edges: no item gives 0 of 0.
    Source: Decision 766/QĐ-TTg of 23 June 2022, "Mức độ hài lòng" with three items of 6 points.

    >>> group = satisfaction_group(portal_points(144574, 184513), portal_points(182, 247), portal_points(137, 247))
    >>> group.points, group.missing, group.most
    (13.83, 4.17, 18)
    """
    cents = sum(round(100 * float(item.points)) for item in items)
    most = MOST_POINTS * len(items)
    return SatisfactionGroup(cents / 100, (100 * most - cents) / 100, most)
