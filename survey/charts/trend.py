"""Where the marks of a trend stand: one column for each period, shares from the bottom to the top."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.control_chart import Trend
from analysis.validation import exact_target
from survey.results.earlier import EarlierRate
from survey.results.trends import TrendFigures, TrendRow

MOST = 12  # periods that are drawn: their names must stand side by side
HEIGHT, TOP, BOTTOM = 216, 24, 172  # pixels; below the plot stand the names of the periods and their answers
STEP = 0.01
LEAST_SPAN = 0.05


@dataclass(frozen=True)
class Band:
    """The limits of ordinary movement of one period: its column in per cent, its top and height in pixels."""

    left: float
    width: float
    top: float
    height: float


@dataclass(frozen=True)
class TrendPoint:
    """One period: across in per cent, down in pixels; `y` is None where there is no rate to show.

    `signal` is how it stands out, empty where it does not; `labelled`: its rate is written at it.
    """

    row: TrendRow
    x: float
    y: float | None
    upper: float
    lower: float
    signal: str
    labelled: bool
    now: bool
    below: bool


@dataclass(frozen=True)
class EarlierPoint:
    """What an earlier system counted: across in per cent, down in pixels; `named`: its period has no mark of ours."""

    row: EarlierRate
    x: float
    y: float
    named: bool


@dataclass(frozen=True)
class TrendDrawing:
    """The drawing: its points and the lines between neighbours, the band of ordinary movement, centre and target.

    `asked_anew`: the left edge of each period in which the questionnaire changed, in per cent.
    """

    points: tuple[TrendPoint, ...]
    lines: tuple[tuple[TrendPoint, TrendPoint], ...]
    bands: tuple[Band, ...]
    center: float | None
    target: float
    asked_anew: tuple[float, ...]
    earlier: tuple[EarlierPoint, ...] = ()
    height: int = HEIGHT
    bottom: int = BOTTOM


def trend_drawing(trend: TrendFigures, target: str, earlier: Sequence[EarlierRate] = ()) -> TrendDrawing | None:
    """Return the drawing of the last periods of a trend; None where fewer than two of them have a rate to show.

    Periods of earlier systems stand before ours as far as there is room, and beside them where both have counted.
    """
    rows = trend.rows[-MOST:]
    beside = [one for one in earlier if one.rate is not None]
    alone = [one for one in beside if one.last < rows[0].first][-(MOST - len(rows)) :] if len(rows) < MOST else []
    before = len(alone)
    rated = [row for row in rows if row.rate is not None]
    if len(rated) < 2:
        return None
    goal = float(exact_target(target))
    codes = [*(one.code for one in alone), *(row.code for row in rows)]
    shown = [one for one in beside if one.code in codes]
    places = _Places(rated, goal, [one.rate for one in shown if one.rate is not None])
    column = 100 / len(codes)
    marks = _marks(trend)
    lowest = min(rated, key=lambda row: row.rate or 0.0)
    points = []
    for number, row in enumerate(rows):
        now = number == len(rows) - 1
        rate = row.rate
        points.append(
            TrendPoint(
                row,
                round(column * (before + number + 0.5), 2),
                None if rate is None else places.at(rate),
                places.at(row.upper),
                places.at(row.lower),
                marks.get(row.code, ""),
                rate is not None and (now or row is lowest or row.code in marks),
                now,
                row is lowest,
            )
        )
    drawn = [one for one in points if one.y is not None]
    bands, center = _limits(trend, rows, places, before)
    changed = {one.code for one in trend.asked_anew}
    anew = tuple(round(column * (before + number), 2) for number, row in enumerate(rows) if row.code in changed)
    hollow = tuple(
        EarlierPoint(one, round(column * (codes.index(one.code) + 0.5), 2), places.at(one.rate or 0.0), one in alone)
        for one in shown
    )
    return TrendDrawing(tuple(points), tuple(itertools.pairwise(drawn)), bands, center, places.at(goal), anew, hollow)


class _Places:
    """Shares by their height in pixels: on a scale that holds the rates and the target, and cuts wide intervals."""

    def __init__(self, rated: list[TrendRow], goal: float, beside: Sequence[float] = ()) -> None:
        rates = [*(row.rate for row in rated if row.rate is not None), *beside]
        reach = sorted(max(row.upper - row.lower, 0.0) / 2 for row in rated)[len(rated) // 2]
        low = min(*rates, goal) - max(reach, 0.01)
        high = max(*rates, goal) + max(reach, 0.01)
        self.low = max(0.0, math.floor(round(low / STEP, 9)) * STEP)
        self.high = min(1.0, math.ceil(round(high / STEP, 9)) * STEP)
        if self.high - self.low < LEAST_SPAN:
            self.low = max(0.0, self.high - LEAST_SPAN)

    def at(self, share: float) -> float:
        inside = min(max(share, self.low), self.high)
        return round(BOTTOM - (BOTTOM - TOP) * (inside - self.low) / (self.high - self.low), 1)


def _marks(trend: TrendFigures) -> dict[str, str]:
    """Return the periods that stand out, and in which direction."""
    if trend.signals is None:
        return {}
    ended = [row.code for row in trend.rows if row.ended]
    pairs = zip(ended, trend.signals.points, strict=True)
    return {code: str(mark.value) for code, mark in pairs if mark is not Trend.COMMON}


def _limits(
    trend: TrendFigures, rows: tuple[TrendRow, ...], places: _Places, before: int
) -> tuple[tuple[Band, ...], float | None]:
    """Return the band of ordinary movement and its centre; nothing from fewer periods than limits need."""
    if trend.signals is None or trend.signals.chart.provisional:
        return (), None
    chart = trend.signals.chart
    ended = [row.code for row in trend.rows if row.ended]
    limits = {code: (float(low), float(high)) for code, low, high in zip(ended, chart.lower, chart.upper, strict=True)}
    column = 100 / (before + len(rows))
    width = round(column, 2)
    bands = []
    for number, row in enumerate(rows):
        if row.code in limits and row.rate is not None:
            low, high = limits[row.code]
            top = places.at(high)
            bands.append(Band(round((before + number) * column, 2), width, top, round(places.at(low) - top, 1)))
    return tuple(bands), places.at(chart.center)
