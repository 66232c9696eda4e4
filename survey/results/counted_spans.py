"""Which days of a period have counts that are kept and hold, and which are to be counted from the answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.models import ChangedDay, CountedPart, CountedSpan

DAY = dt.timedelta(days=1)
EVER = (dt.date(1970, 1, 1), dt.date(9999, 12, 31))
DayRange = tuple[dt.date, dt.date]  # from the first to the last


@dataclass(frozen=True)
class CountedDays:
    """The spans whose counts hold, each by its number and first day, and what lies between and beside them."""

    spans: Sequence[tuple[int, dt.date]]
    live: Sequence[DayRange]

    @property
    def ids(self) -> list[int]:
        """Return the numbers of the spans."""
        return [number for number, _first in self.spans]

    def live_in(self, first: dt.date, last: dt.date) -> list[DayRange]:
        """Return which of some days are to be counted from the answers."""
        within = [(max(first, start), min(last, end)) for start, end in self.live]
        return [(start, end) for start, end in within if start <= end]


def nothing_counted(first: dt.date, last: dt.date) -> CountedDays:
    """Return that all of some days are to be counted from the answers."""
    return CountedDays([], [(first, last)])


def counted_days(session: Session, part: CountedPart, first: dt.date, last: dt.date) -> CountedDays:
    """Return how some days are counted: no day by two spans, none by one in which anything has changed since."""
    changed = holds_no_more(part)
    query = (
        sa.select(CountedSpan.id, CountedSpan.first, CountedSpan.last)
        .where(CountedSpan.part == part, CountedSpan.edition > 0, sa.not_(changed))
        .where(CountedSpan.first >= first, CountedSpan.last <= last)
        .order_by(CountedSpan.first, CountedSpan.last.desc())
    )
    spans, live, day = list[tuple[int, dt.date]](), list[DayRange](), first
    for number, start, end in session.execute(query):
        if start < day:  # within a span that was taken
            continue
        if start > day:
            live.append((day, start - DAY))
        spans.append((number, start))
        day = end + DAY
    if day <= last:
        live.append((day, last))
    return CountedDays(spans, live)


def holds_no_more(part: CountedPart) -> sa.ColumnElement[bool]:
    """Return the condition that something has changed in a span since it was counted."""
    within = ChangedDay.day.between(CountedSpan.first, CountedSpan.last)
    return sa.exists().where(ChangedDay.part == part, within).correlate(CountedSpan)
