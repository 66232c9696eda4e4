"""Figures as they are printed: one rounding for every table, picture and file, and limits that fit their verdict.

A printed figure is a `Decimal` of per cents that already has its decimals: who writes it adds a language's signs only.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from analysis.validation import Target, exact_target

Share: TypeAlias = float | Fraction
Rounding: TypeAlias = Callable[[Fraction], int]

NOISE_DIGITS = 9


@dataclass(frozen=True)
class PrintedLimits:
    """An interval in per cents, rounded outwards; with `below_target` the upper limit is read as "below `upper`"."""

    lower: Decimal
    upper: Decimal
    below_target: bool


def half_up(value: Fraction) -> int:
    """Return the nearest whole number, and of two equally near ones the greater, as spreadsheets show it.

    >>> half_up(Fraction(1885, 2)), half_up(Fraction(1275, 2))
    (943, 638)
    """
    return math.floor(value + Fraction(1, 2))


def rounded(value: Share, decimals: int, rounding: Rounding = half_up) -> Decimal:
    """Return a number at so many decimals, free of the binary noise of a float such as 900.0000000000001.

    The noise removed is half a unit in the ninth decimal after the last one printed. A quotient of counts below 10⁸
    lies on a tie exactly or farther from it than that: its float is rounded as its fraction would be.

    >>> str(rounded(107 / 40, 2)), str(rounded(4, 2))
    ('2.68', '4.00')
    """
    units = rounding(round(Fraction(value) * 10**decimals, NOISE_DIGITS))
    return Decimal(units).scaleb(-decimals)


def printed_share(share: Share, rounding: Rounding = half_up, decimals: int = 1) -> Decimal:
    """Return a share in per cents: to the nearest tenth, a tie upwards.

    `rounding` is math.floor for what must not be promised too high and math.ceil for what must not be too low.

    >>> str(printed_share(51 / 80)), str(printed_share(377 / 400)), str(printed_share(0.9271, math.floor))
    ('63.8', '94.3', '92.7')
    """
    return rounded(100 * Fraction(share), decimals, rounding)


def printed_target(target: Target) -> Decimal:
    """Return the target in per cents with as many decimals as it needs, at least one.

    Raises:
        ValueError: as `exact_target`.

    >>> str(printed_target("0.90")), str(printed_target("0.9025"))
    ('90.0', '90.25')
    """
    share = rounded(100 * exact_target(target), NOISE_DIGITS)
    tenths = share.quantize(Decimal("0.1"))
    return tenths if tenths == share else share.normalize()


def printed_rate(rate: Share, target: Target) -> Decimal:
    """Return a rate in per cents, on the side of the target on which it lies: 8,999 of 10,000 miss 90 % and print 89.9.

    Raises:
        ValueError: as `exact_target`.

    >>> str(printed_rate(0.8999, "0.90")), str(printed_rate(0.9000, "0.90")), str(printed_rate(0.9026, "0.9025"))
    ('89.9', '90.0', '90.3')
    """
    printed, goal, reached = printed_share(rate), printed_target(target), rate >= float(exact_target(target))
    if reached == (printed >= goal):
        return printed
    return printed_share(rate, math.ceil if reached else math.floor)


def printed_limits(
    lower: Share, upper: Share, target: Target | None = None, verdict: str | None = None
) -> PrintedLimits:
    """Return both limits in per cents, rounded outwards, so that neither contradicts the verdict printed beside it.

    A lower limit that proves "met" is not printed below the target; an upper one that proves "not met" and would round
    up to the target is the target itself, with `below_target`. Without target or verdict: rounded outwards only.

    Raises:
        ValueError: as `exact_target`.

    >>> limits = printed_limits(0.819605, 0.899590, "0.90", "not_met")  # 265 of 307
    >>> str(limits.lower), str(limits.upper), limits.below_target
    ('81.9', '90.0', True)
    """
    low, high = printed_share(lower, math.floor), printed_share(upper, math.ceil)
    if target is None or verdict not in ("met", "not_met"):
        return PrintedLimits(low, high, below_target=False)
    goal = printed_target(target)
    if verdict == "met":
        return PrintedLimits(max(low, goal), high, below_target=False)
    return PrintedLimits(low, min(high, goal), below_target=high >= goal)
