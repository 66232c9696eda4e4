"""How the published rate has moved: only from what is published, so that a trend tells no more than its periods do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from survey.periods import Period, previous
from survey.results.published import PublishedFigures
from survey.results.rows import JudgedRow
from survey.results.trends import PERIODS, TrendFigures, TrendRow, rate_change, signals_in

RowOf: TypeAlias = Callable[[PublishedFigures], JudgedRow | None]


def published_trend(shown: PublishedFigures, every: Mapping[Period, PublishedFigures], row_of: RowOf) -> TrendFigures:
    """Return the trend of a row up to a period, over the published periods right before it, oldest first.

    It ends where a period is not published, or has no such row: what lies before would stand beside the wrong one.
    """
    rows: list[TrendRow] = []
    at: Period | None = shown.period
    while at is not None and len(rows) < PERIODS:
        then = shown if at == shown.period else every.get(at)
        row = row_of(then) if then is not None else None
        if row is None:
            break
        rows.insert(0, _trend_row(at, row))
        at = previous(at)
    told = [(row.satisfied or 0, 0 if row.withheld else row.answered) for row in rows]
    change = rate_change(rows[-1], rows[-2], shown.standard.confidence) if len(rows) > 1 else None
    return TrendFigures(tuple(rows), signals_in(*zip(*told, strict=True)) if told else None, change, ())


def _trend_row(period: Period, row: JudgedRow) -> TrendRow:
    return TrendRow(
        code=period.code,
        first=period.first,
        last=period.last,
        answered=row.answered,
        withheld=row.withheld,
        satisfied=row.satisfied,
        rate=row.rate,
        lower=row.lower,
        upper=row.upper,
        ended=True,
    )
