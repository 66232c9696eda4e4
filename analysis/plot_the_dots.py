"""The NHS way of reading a series, "Making Data Count": special causes, and whether a target will be met by habit."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from analysis.control_chart import MOVING_RANGE_FACTOR, XMR_FACTOR
from analysis.validation import Flags, Real, finite

RUN = 7


class SpecialCause(StrEnum):
    """Why a point is more than chance; the first that applies, in this order."""

    ABOVE_UPPER = "above_upper"
    BELOW_LOWER = "below_lower"
    INCREASING = "increasing"
    DECREASING = "decreasing"
    TWO_IN_THREE_ABOVE = "two_in_three_above"
    TWO_IN_THREE_BELOW = "two_in_three_below"
    SEVEN_ABOVE = "seven_above"
    SEVEN_BELOW = "seven_below"
    NONE = "none"


class Assurance(StrEnum):
    """What ordinary movement means for the target: always met, never met, or sometimes."""

    CONSISTENT_PASS = "consistent_pass"  # noqa: S105 - no password: the target is passed
    CONSISTENT_FAIL = "consistent_fail"
    INCONSISTENT = "inconsistent"


@dataclass(frozen=True, eq=False)
class PlotTheDots:
    """A series of which more is better, with limits, special causes and the assurance about its target."""

    y: Real
    target: float
    center: float
    lower: float
    upper: float
    near_lower: float
    near_upper: float
    special_cause: tuple[SpecialCause, ...]
    assurance: Assurance


def plot_the_dots(y: ArrayLike, target: float, screen_outliers: bool = True) -> PlotTheDots:
    """Return the NHS "Making Data Count" reading of a series.

    center = mean of y; limits at ± 2.66 and near limits at ± 2.66 · 2/3 mean moving range, after dropping once the
    moving ranges of at least 3.267 times their mean if `screen_outliers`. Special causes: beyond a limit, seven rising
    or falling, two of three between near limit and limit, seven on one side. Assurance: consistent_pass if the lower
    limit is above the target, consistent_fail if the upper is below.
    `y`: one dimension, in order of time.
    Source: NHS England, Making Data Count.

    Raises:
        ValueError: y or target not finite, y not one dimension, or fewer than two values.

    >>> plot_the_dots([0.93, 0.935, 0.94, 0.93, 0.92, 0.935], 0.90).assurance
    <Assurance.CONSISTENT_PASS: 'consistent_pass'>
    """
    values, goal = finite(y, "y"), float(finite(target, "target"))
    if values.ndim != 1 or values.size < 2:
        raise ValueError("y must be one-dimensional, with at least two values")
    ranges = np.abs(np.diff(values))
    if screen_outliers and ranges.any():
        ranges = ranges[ranges < MOVING_RANGE_FACTOR * ranges.mean()]
    center, spread = float(values.mean()), XMR_FACTOR * float(ranges.mean())
    lower, upper = center - spread, center + spread
    near = spread * 2 / 3
    assurance = Assurance.INCONSISTENT
    if lower > goal:
        assurance = Assurance.CONSISTENT_PASS
    elif upper < goal:
        assurance = Assurance.CONSISTENT_FAIL
    causes = _special_causes(values, center, spread, near)
    return PlotTheDots(values, goal, center, lower, upper, center - near, center + near, causes, assurance)


def _special_causes(y: Real, center: float, spread: float, near: float) -> tuple[SpecialCause, ...]:
    above, below = y > center + spread, y < center - spread
    near_above, near_below = (y > center + near) & ~above, (y < center - near) & ~below
    rises = np.sign(np.diff(y, prepend=y[0]))
    conditions = {
        SpecialCause.ABOVE_UPPER: above,
        SpecialCause.BELOW_LOWER: below,
        SpecialCause.INCREASING: _in_trend(rises > 0),
        SpecialCause.DECREASING: _in_trend(rises < 0),
        SpecialCause.TWO_IN_THREE_ABOVE: near_above & _in_window(near_above, 3, 2),
        SpecialCause.TWO_IN_THREE_BELOW: near_below & _in_window(near_below, 3, 2),
        SpecialCause.SEVEN_ABOVE: _in_window(y > center, RUN, RUN),
        SpecialCause.SEVEN_BELOW: _in_window(y < center, RUN, RUN),
    }
    return tuple(
        next((cause for cause, flags in conditions.items() if flags[i]), SpecialCause.NONE) for i in range(y.size)
    )


def _in_window(flags: Flags, width: int, needed: int) -> Flags:
    """Mark every place inside a window of `width` that holds at least `needed` flags."""
    marked = np.zeros(flags.shape, dtype=np.bool_)
    for start in range(flags.size - width + 1):
        if flags[start : start + width].sum() >= needed:
            marked[start : start + width] = True
    return marked


def _in_trend(steps: Flags) -> Flags:
    """Mark the seven places of every six steps in one direction."""
    marked = np.zeros(steps.shape, dtype=np.bool_)
    for start in range(steps.size - RUN + 1):
        if steps[start + 1 : start + RUN].all():
            marked[start : start + RUN] = True
    return marked
