"""Trends: which movement of a series is more than chance, by control charts and run charts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import scipy
from numpy.typing import ArrayLike

from analysis._finite_population import likely_counts
from analysis.validation import Flags, Real, Whole, counts, finite

D2 = 1.128
XMR_FACTOR = 2.66
MOVING_RANGE_FACTOR = 3.267
FEWEST_FOR_LIMITS = 12
# Of charts of a constant rate, at most so many may show a point beyond a limit, however many periods they have.
FALSE_ALARMS = 0.03


@dataclass(frozen=True, eq=False)
class ControlChart:
    """A series with its centre line and its limits of ordinary movement; NaN where a period has no answers."""

    y: Real
    n: Real | None
    center: float
    sigma_z: float
    z: Real
    lower: Real
    upper: Real

    @property
    def outside(self) -> Flags:
        """Which points lie beyond a limit."""
        return np.asarray((self.y < self.lower) | (self.y > self.upper))

    @property
    def provisional(self) -> bool:
        """Whether there are fewer than 12 points, too few for limits: draw the run chart only."""
        return int(np.isfinite(self.y).sum()) < FEWEST_FOR_LIMITS


@dataclass(frozen=True, eq=False)
class XmRChart(ControlChart):
    """A chart of individual values, with the mean moving range and the limit of single moving ranges."""

    mean_moving_range: float
    moving_range_upper: float


def laney_p_prime(k: ArrayLike, n: ArrayLike) -> ControlChart:
    """Return the p' chart of satisfied shares per period, with limits that chance alone seldom passes at any n.

    center = Σk/Σn, s = sqrt(center(1 - center)/n), z = (k/n - center)/s, sigma_z = mean|z(i) - z(i-1)|/1.128.
    Laney's limits are center ± 3 s max(1, sigma_z), cut to [0, 1]; where a normal curve promises too much (few answers,
    rates near 1) the limits lie further out, at the least and greatest count of a period whose exact tail, given
    the total of all m periods, exceeds 0.03/2m. A point beyond a limit therefore has a tail of at most that.
    `k`, `n`: one dimension, in order of time. A period with n = 0 has y and z NaN, limits [0, 1], and is skipped by the
    moving ranges. One period only: sigma_z = 1, the binomial's own. All or none satisfied: z = 0, limits at the centre.
    Source: Laney 2002, Quality Engineering 14:531; the tail is that of Fisher's exact test, by Bonferroni.

    Raises:
        ValueError: impossible counts, not one dimension, or no answers at all.

    >>> chart = laney_p_prime([191, 175, 225, 279, 255, 294, 274, 267, 267, 300, 276, 293],
    ...                       [210, 190, 250, 300, 280, 320, 305, 290, 310, 330, 300, 315])
    >>> round(chart.center, 4), round(chart.sigma_z, 4), chart.outside.any().item()
    (0.9106, 1.2579, False)
    >>> laney_p_prime([9] * 11 + [8], [10] * 12).outside.any().item()
    False
    """
    satisfied, answered = counts(k, n)
    if satisfied.ndim != 1 or not answered.any():
        raise ValueError("k and n must be one-dimensional, with answers in at least one period")
    some = answered > 0
    center = float(satisfied.sum() / answered.sum())
    trials = np.maximum(answered, 1)
    s = np.sqrt(center * (1 - center) / trials)
    y = np.where(some, satisfied / trials, np.nan)
    z = (y - center) / s if 0 < center < 1 else np.where(some, 0.0, np.nan)
    sigma_z = float(np.abs(np.diff(z[some])).mean() / D2) if some.sum() > 1 else 1.0
    least, most = likely_counts(answered, satisfied.sum(), answered.sum(), FALSE_ALARMS / 2 / some.sum())
    reach = 3 * s * max(1.0, sigma_z)
    lower = np.where(some, np.maximum(np.minimum(center - reach, least / trials), 0.0), 0.0)
    upper = np.where(some, np.minimum(np.maximum(center + reach, most / trials), 1.0), 1.0)
    return ControlChart(y, answered.astype(np.float64), center, sigma_z, z, lower, upper)


def xmr(y: ArrayLike) -> XmRChart:
    """Return the chart of individual values, for mean scores and indices.

    center = mean of y, limits center ± 2.66 · mean moving range, moving ranges up to 3.267 · their mean.
    z is in units of mean moving range / 1.128, sigma_z is 1.
    `y`: one dimension, in order of time. Constant values: z = 0, limits at the centre.
    Source: Wheeler 2000, Understanding Variation.

    Raises:
        ValueError: y not finite, not one dimension, or fewer than two values.

    >>> chart = xmr([0.95, 0.94, 0.93, 0.92, 0.91, 0.90])
    >>> round(chart.center, 4), round(float(chart.lower[0]), 4), round(chart.moving_range_upper, 5)
    (0.925, 0.8984, 0.03267)
    """
    values = finite(y, "y")
    if values.ndim != 1 or values.size < 2:
        raise ValueError("y must be one-dimensional, with at least two values")
    center, mean_range = float(values.mean()), float(np.abs(np.diff(values)).mean())
    z = (values - center) * D2 / mean_range if mean_range > 0 else np.zeros_like(values)
    lower, upper = (np.full_like(values, center + sign * XMR_FACTOR * mean_range) for sign in (-1, 1))
    return XmRChart(values, None, center, 1.0, z, lower, upper, mean_range, MOVING_RANGE_FACTOR * mean_range)


@dataclass(frozen=True, eq=False)
class Runs:
    """The longest run on one side of the centre and the number of crossings, with what chance allows.

    `run` numbers the runs from 1, for each value the run that it belongs to; 0 on the centre or without a value.
    """

    y: Real
    center: float
    n_useful: int
    longest_run: int
    longest_run_max: int
    n_crossings: int
    n_crossings_min: int
    signal: bool
    in_long_run: Flags
    run: Whole


def anhoej_runs(y: ArrayLike, center: float | None = None) -> Runs:
    """Return the Anhøj rules: a run too long, or crossings too few, for chance.

    Values on the centre do not count. Signal: longest run > round(log2 m) + 3, or crossings < the 5 % quantile of
    Binomial(m - 1, 1/2), m the useful values.
    `y`: one dimension, in order of time, NaN where a period has no answers; `center`: the median unless given.
    No useful values: no signal. `in_long_run` marks the values of runs that are too long.
    Source: Anhøj & Olesen 2014, PLoS ONE 9:e113825.

    Raises:
        ValueError: y infinite or not one dimension, center not finite, or no value at all.

    >>> runs = anhoej_runs([0.95, 0.94, 0.93, 0.92, 0.91, 0.9, 0.89, 0.88, 0.87, 0.9, 0.91, 0.93, 0.92, 0.94], 0.915)
    >>> runs.n_crossings, runs.n_crossings_min, runs.signal
    (2, 4, True)
    """
    values = np.asarray(y, dtype=np.float64)
    observed = values[~np.isnan(values)]
    if values.ndim != 1 or observed.size == 0:
        raise ValueError("y must be one-dimensional, with at least one value")
    middle = float(np.median(finite(observed, "y")) if center is None else finite(center, "center"))
    useful = np.flatnonzero(~np.isnan(values) & (values != middle))
    above = values[useful] > middle
    m = int(useful.size)
    crossings = int((above[1:] != above[:-1]).sum())
    run_of = np.cumsum(np.r_[True, above[1:] != above[:-1]])[:m] - 1
    lengths = np.bincount(run_of) if m else np.zeros(1, np.int64)
    longest_max = round(np.log2(m)) + 3 if m else 0
    crossings_min = int(scipy.stats.binom.ppf(0.05, m - 1, 0.5)) if m > 1 else 0
    too_long = np.zeros(values.shape, dtype=np.bool_)
    too_long[useful] = lengths[run_of] > longest_max if m else False
    run = np.zeros(values.shape, dtype=np.int64)
    run[useful] = run_of + 1
    signal = bool(too_long.any()) or crossings < crossings_min
    return Runs(values, middle, m, int(lengths.max()), longest_max, crossings, crossings_min, signal, too_long, run)


class Trend(StrEnum):
    """What a series, or one point of it, says: ordinary movement, or a signal of improvement or of deterioration."""

    COMMON = "common"
    IMPROVEMENT = "improvement"
    DETERIORATION = "deterioration"


@dataclass(frozen=True, eq=False)
class Signals:
    """The signals of a chart: one per point, and what they say about the present."""

    chart: ControlChart
    runs: Runs
    points: tuple[Trend, ...]
    trend: Trend


def signals(chart: ControlChart) -> Signals:
    """Return the signals of a chart of which more is better: points beyond a limit, and the Anhøj rules on the median.

    A point beyond a limit, or in a run too long for chance, is a signal in its direction; provisional charts have no
    limits. The runs signal only where the answers of one of them, taken together, also lie in the exact tail that a
    single point must lie in: rates of few answers pile up at 1, and then stand on one side of the median without any
    change. `trend` speaks of now: the last point's own signal, otherwise, if the runs signal, the side of the median on
    which the series stands.
    Source: the rules of `laney_p_prime` and `anhoej_runs`; docs/statistics.md §8.

    >>> signals(laney_p_prime([60] * 8 + [90] * 8, [100] * 16)).trend
    <Trend.IMPROVEMENT: 'improvement'>
    """
    runs = anhoej_runs(chart.y)
    unlikely = _unlikely_runs(chart, runs)
    beyond = chart.outside & (not chart.provisional)
    reference = np.where(beyond, chart.center, runs.center)
    direction = np.where(chart.y > reference, Trend.IMPROVEMENT, Trend.DETERIORATION)
    marked = beyond | (runs.in_long_run & unlikely)
    points = tuple(Trend(word) if flag else Trend.COMMON for word, flag in zip(direction, marked, strict=True))
    observed = np.flatnonzero(np.isfinite(chart.y))
    sides = observed[chart.y[observed] != runs.center]
    trend = points[observed[-1]]
    if trend is Trend.COMMON and runs.signal and unlikely.any():
        trend = Trend(direction[sides[-1]])
    return Signals(chart, runs, points, trend)


def _unlikely_runs(chart: ControlChart, runs: Runs) -> Flags:
    """Mark the values of those runs whose answers, added up, lie in the tail; of a chart without counts, all values."""
    if chart.n is None:
        return np.ones(chart.y.shape, dtype=np.bool_)
    k, n = np.rint(np.nan_to_num(chart.y) * chart.n).astype(np.int64), chart.n.astype(np.int64)
    satisfied, answered = (np.bincount(runs.run, counted).astype(np.int64) for counted in (k, n))
    least, most = likely_counts(answered, k.sum(), n.sum(), FALSE_ALARMS / 2 / (n > 0).sum())
    unlikely = (satisfied < least) | (satisfied > most)
    return np.asarray(unlikely[runs.run] & (runs.run > 0))
