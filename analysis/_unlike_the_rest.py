"""Which offices are unlike all others by more than honest offices differ: shares of a sign, and the fullest day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike

from analysis._shrinkage import beta_binomial_fit, beta_binomial_loss, beta_binomial_slope
from analysis.validation import Flags, Real, Whole, counts, open_share, whole

FEWEST_OFFICES = 10  # with answers, below which nobody knows how far honest offices differ
DOUBT = 1.353  # the fall of the log-likelihood at a one-sided limit of 95 %: half the 90 % quantile of chi² with 1 df
START = 30.0  # the precision from which the best one is looked for
UPPER_PART = 5  # one in so many is left out of the first fit
ROUNDS = 20
TAIL = 4.0  # by which a dispersion is stretched: days that differ for a reason have longer tails than this law
ALMOST_NONE = 1e-6  # a dispersion with which the negative binomial is a Poisson law
WIDEST = 8.0  # the logarithm of how far below its best value the precision is looked for


@dataclass(frozen=True, eq=False)
class UnlikeTheRest:
    """Per office the share of a sign, and how likely so large a one is among honest offices that differ as these do.

    `usual` is the share that the offices without a flag have in common, `precision` how many answers that weighs: the
    smaller, the more offices differ; NaN where there are too few of them.
    """

    k: Whole
    n: Whole
    share: Real
    p_value: Real
    flag: Flags
    usual: float
    precision: float
    level: float


def unlike_the_rest(k: ArrayLike, n: ArrayLike, level: float = 0.01) -> UnlikeTheRest:
    """Return which offices show a sign more often than offices do that differ among themselves as the others differ.

    p = P(X ≥ k) for X ~ BetaBinomial(n, alpha, beta), fitted by maximum likelihood to others. The precision alpha +
    beta is taken at its lower one-sided limit of 95 % (profile likelihood), so that what few offices leave in doubt
    speaks for each of them. So that several flagged offices do not hide each other, the upper fifth is left out of the
    first fit; of those that stand out against it, each in turn, the least striking first, is held against all that are
    less so: with p < `level` it gets a flag, and so do all that are more striking; else it is one of the rest.
    Of honest offices a share of `level` at most is flagged, whatever their number: there is no correction for their
    number, as there is in `against_the_rest`, which takes all of them for alike.

    Source: beta-binomial model (Skellam 1948); profile limits, Venzon & Moolgavkar 1988; the forward search for several
    outliers, Hadi & Simonoff 1993; docs/statistics.md §10.
    Shapes: one value per office, of one dimension: k sheets with the sign among n.
    Edges: offices without sheets have share and p NaN; with fewer than ten that have some, every p is NaN.

    Raises:
        ValueError: k > n, counts that are not whole numbers ≥ 0, a level outside (0, 1).

    >>> result = unlike_the_rest([7, 12, 9, 4, 15, 11, 8, 6, 13, 10, 31], [50] * 11)
    >>> result.flag.nonzero()[0].tolist(), round(result.usual, 3), f"{result.p_value[10]:.1e}"
    ([10], 0.19, '2.3e-04')
    """
    marked, sheets = counts(np.atleast_1d(k), np.atleast_1d(n))
    most = float(open_share(level, "level"))
    offices = np.flatnonzero(sheets > 0)
    share, p = (np.full(sheets.shape, np.nan) for _ in range(2))
    share[offices] = marked[offices] / sheets[offices]
    flag = np.zeros(sheets.shape, dtype=bool)
    mean = precision = float("nan")
    if offices.size >= FEWEST_OFFICES:
        lower = offices[np.argsort(share[offices], kind="stable")][: -(offices.size // UPPER_PART)]
        mean, precision = _cautious_fit(marked[lower], sheets[lower])
        p[offices] = _tail(marked[offices], sheets[offices], mean, precision)
        candidates = np.setdiff1d(offices[p[offices] < most], lower)
        for first in range(candidates.size + 1):
            striking = candidates[np.argsort(-p[candidates], kind="stable")][first:]
            rest = np.setdiff1d(offices, striking)
            mean, precision = _cautious_fit(marked[rest], sheets[rest])
            latest = _tail(marked[offices], sheets[offices], mean, precision)
            if not striking.size or latest[np.searchsorted(offices, striking[0])] < most:
                p[offices], flag[striking] = latest, True
                break
    return UnlikeTheRest(marked, sheets, share, p, flag, mean, precision, level)


def _cautious_fit(k: Whole, n: Whole) -> tuple[float, float]:
    """Return the common share, and the lower limit of the precision with which offices have it in common."""
    alpha, beta = _quick_fit(k, n)
    mean, best = alpha / (alpha + beta), float(np.log(alpha + beta))
    middle = float(np.log(alpha / beta))

    def excess(logarithm: float) -> float:
        loss, _slope = beta_binomial_loss(np.array([middle, logarithm]), k, n)
        return loss - least - DOUBT

    least = beta_binomial_loss(np.array([middle, best]), k, n)[0]
    lowest = best - WIDEST
    lower = lowest if excess(lowest) <= 0 else scipy.optimize.brentq(excess, lowest, best, xtol=1e-4)
    return mean, float(np.exp(lower))


def _quick_fit(k: Whole, n: Whole) -> tuple[float, float]:
    """Return the fit of `beta_binomial_fit`, found from the slope alone where that leads there: a tenth of the time."""
    good, bad = float(k.sum()), float((n - k).sum())
    if good and bad:
        start = [np.log(good / bad), np.log(min(START, good + bad))]
        zero = scipy.optimize.root(beta_binomial_slope, start, (k, n), tol=1e-10)
        precision = float(np.exp(np.clip(zero.x[1], -WIDEST, np.log(good + bad) + 1)))
        if zero.success and precision < good + bad:
            mean = float(scipy.special.expit(zero.x[0]))
            return precision * mean, precision * (1 - mean)
    return beta_binomial_fit(k, n)


def _tail(k: Whole, n: Whole, mean: float, precision: float) -> Real:
    """Return P(X ≥ k) of the beta-binomial for each office; scipy's own adds up one office after the other."""
    alpha, beta = precision * mean, precision * (1 - mean)
    values = np.arange(int(n.max()) + 1)
    within = (values >= k[:, np.newaxis]) & (values <= n[:, np.newaxis])
    rows, x = within.nonzero()
    m = n[rows]
    logarithm = (
        scipy.special.gammaln(m + 1)
        - scipy.special.gammaln(x + 1)
        - scipy.special.gammaln(m - x + 1)
        + scipy.special.betaln(alpha + x, beta + m - x)
        - scipy.special.betaln(alpha, beta)
    )
    return np.minimum(np.bincount(rows, np.exp(logarithm), minlength=k.size), 1.0)


@dataclass(frozen=True, eq=False)
class FullestDay:
    """Per office its least likely day, with the answers of that day and what the office's other days let expect.

    `day` counts from 0; `dispersion` is the variance of days beyond chance, as a share of the squared expectation.
    """

    day: Whole
    count: Whole
    expected: Real
    p_value: Real
    flag: Flags
    dispersion: float
    level: float


def fullest_day(answered: ArrayLike, expected: ArrayLike, level: float = 0.01) -> FullestDay:
    """Return which offices had a day too full to be chance, by what was expected of each day and by its other days.

    With the expectation of a day scaled to the office's other days, p = days × P(X ≥ count), X negative binomial with
    that mean m and the variance m + dispersion × m². The dispersion, by the method of moments, is that of all days of
    all offices without a flag, or of the office's own other days if it is larger; times four, because days that differ
    for a reason have longer tails than this law. As `burst`, where days are not alike.

    Source: negative binomial by moments (Anscombe 1950); Bonferroni over the days; docs/statistics.md §10.
    Shapes: offices × days; `expected` in any unit, such as invitations sent out times the share who answer so late.
    Edges: an office without answers on any other day has p NaN; days on which none was expected are left aside.

    Raises:
        ValueError: answers that are not whole numbers ≥ 0, shapes that differ, a level outside (0, 1).

    >>> result = fullest_day([[4, 6, 5, 3, 7, 22, 5, 4], [5, 9, 6, 4, 6, 8, 3, 5]], [[1] * 8] * 2)
    >>> result.day.tolist(), result.count.tolist(), result.expected.round(1).tolist(), result.flag.tolist()
    ([5, 1], [22, 9], [4.9, 5.3], [True, False])
    """
    table, hoped = whole(answered, "answered"), np.asarray(expected, dtype=np.float64)
    if table.ndim != 2 or table.shape != hoped.shape:
        raise ValueError("answered and expected must be tables of the same offices and days")
    most = float(open_share(level, "level"))
    offices = np.arange(table.shape[0])
    sums, hopes = table.sum(axis=1, keepdims=True), hoped.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        others = np.nan_to_num(hoped * (sums - table) / (hopes - hoped), posinf=0.0)
    days = (others > 0).sum(axis=1)
    day = _tail_by_day(table, others, np.zeros(offices.size)).argmin(axis=1)
    most_sent, most_hoped = table[offices, day][:, np.newaxis], hoped[offices, day][:, np.newaxis]
    with np.errstate(divide="ignore", invalid="ignore"):
        fair = np.nan_to_num(hoped * (sums - most_sent) / (hopes - most_hoped), posinf=0.0)
    fair[offices, day] = 0.0  # the day in question tells nothing of how far the others differ
    spread, square = np.where(fair > 0, (table - fair) ** 2 - fair, 0.0), fair**2
    own = _ratio(spread.sum(axis=1), square.sum(axis=1))
    flag, shared = np.zeros(offices.size, dtype=bool), float("nan")
    p = np.ones(offices.size)
    for _ in range(ROUNDS):
        shared = float(_ratio(spread[~flag].sum(), square[~flag].sum()))
        at_day = _tail_by_day(table, others, TAIL * np.maximum(own, shared))[offices, day]
        p = np.where(days > 1, np.minimum(at_day * days, 1.0), np.nan)
        more = flag | (p < most)
        if (more == flag).all() or more.all():
            break
        flag = more
    return FullestDay(day, table[offices, day], others[offices, day], p, p < most, shared, level)


def _ratio(beyond_chance: Real, squares: Real) -> Real:
    """Return a dispersion by moments: never negative, and 0 where nothing was expected."""
    return np.maximum(beyond_chance, 0.0) / np.where(squares > 0, squares, 1.0)


def _tail_by_day(table: Whole, mean: Real, dispersion: Real) -> Real:
    """Return P(X ≥ count) per office and day for a dispersion per office; 1 where nothing was expected."""
    some = mean > 0
    fair = np.where(some, mean, 1.0)
    size = 1 / np.maximum(dispersion, ALMOST_NONE)[:, np.newaxis]
    return np.asarray(np.where(some, scipy.stats.nbinom.sf(table - 1, size, size / (size + fair)), 1.0))
