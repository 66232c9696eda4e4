"""An axis of shares that rows of a list or marks of a chart have in common."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

STEP = 0.1
BESIDE = 0.05  # so much of the axis stands on both sides of a rate and the target
WIDEST, NARROWEST = 0.5, 0.8  # where the axis may begin: low enough to tell rates apart, and never a stretched corner


@dataclass(frozen=True)
class Axis:
    """Shares from `first` to 1, drawn over the whole width; what lies lower is cut at the edge."""

    first: float

    def at(self, share: float) -> float:
        """Return where a share stands, in per cent of the width.

        >>> Axis(0.6).at(0.9)
        75.0
        >>> Axis(0.6).at(0.3)
        0.0
        """
        return round(100 * (min(max(share, self.first), 1.0) - self.first) / (1 - self.first), 2)

    def cuts(self, share: float) -> bool:
        """Return whether a share lies lower than the axis begins."""
        return share < self.first

    def ticks(self) -> list[float]:
        """Return the shares that are written at the axis, from the left.

        >>> Axis(0.7).ticks()
        [0.7, 0.8, 0.9, 1.0]
        """
        steps = round((1 - self.first) / STEP)
        return [round(1 - STEP * step, 4) for step in range(steps, -1, -1)]


def axis_for(shares: Iterable[float], widest: float = WIDEST) -> Axis:
    """Return the axis on which all of these shares stand, as far as they lie above `widest`.

    >>> axis_for([0.74, 0.93])
    Axis(first=0.7)
    >>> axis_for([0.97])
    Axis(first=0.8)
    >>> axis_for([0.02])
    Axis(first=0.5)
    >>> axis_for([0.02], widest=0)
    Axis(first=0.0)
    """
    lowest = min(shares, default=NARROWEST)
    first = math.floor(round(lowest / STEP, 9)) * STEP
    return Axis(round(min(max(first, widest), NARROWEST), 4))


def axis_beside(lower: float, target: float) -> Axis:
    """Return the axis on which a rate with this lower limit stands beside the target, however low it lies.

    >>> axis_beside(0.62, 0.9)
    Axis(first=0.5)
    """
    return axis_for([max(0.0, min(lower, target) - BESIDE)], widest=0.0)
