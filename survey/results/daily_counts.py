"""Counts of days that are over, as they were kept: what open periods read instead of counting the answers anew.

What is kept is what `live_counts` gave of these days. A day in which anything has changed since is not read
(`counted_spans`), so that a count is the same with and without them; `daily_counting` makes them and compares them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.models import Channel, CountedPart, CountedSpan, DailyCell, DailyChoice
from survey.results.counted_spans import CountedDays, counted_days, nothing_counted
from survey.results.daily_cuts import UNCUT, cut_of, kept_key
from survey.results.live_counts import LEVELS
from survey.results.scope import Scope

_ANSWERED = sum((getattr(DailyCell, level) for level in LEVELS[1:]), start=DailyCell.level_1)
_SATISFIED = DailyCell.level_4 + DailyCell.level_5
_SUMS = [sa.func.sum(one) for one in (_ANSWERED, _SATISFIED, *(getattr(DailyCell, name) for name in LEVELS))]


def days_of(session: Session, scope: Scope, by: Sequence[str], *, cut: bool = True) -> CountedDays:
    """Return how the days of a scope are counted by these keys: from what is kept, as far as it holds, else live.

    `cut`: also counts that are cut by something are kept of what is counted.

    A closed period is told from its answers as they stood; and whoever must not see answers come one by one is shown
    only some of them.
    """
    first, last = scope.period.first, scope.period.last
    kept = cut_of(by) is not None if cut else cut_of(by) == UNCUT
    if scope.closing is not None or scope.reader.guarded or not kept:
        return nothing_counted(first, last)
    return counted_days(session, CountedPart.ANSWERS, first, last)


def cell_rows(
    session: Session, spans: Sequence[int], asked: Sequence[str], questions: Sequence[str], agencies: Collection[int]
) -> list[tuple[object, ...]]:
    """Return what is kept of spans as rows of the keys asked for and the counts, as `live_counts` has them."""
    if not spans:
        return []
    keys = [kept_key(DailyCell, name) for name in asked]
    query = (
        sa.select(*keys, *_SUMS, sa.func.sum(DailyCell.no_opinion))
        .where(DailyCell.span_id.in_(spans), DailyCell.cut == cut_of(asked))
        .where(DailyCell.question.in_(questions or [""]), DailyCell.agency_id.in_(agencies))
        .group_by(*keys)
    )
    return [tuple(row) for row in session.execute(query)]


def judged_spans(session: Session, spans: Sequence[int], agencies: Collection[int]) -> list[tuple[dt.date, int, int]]:
    """Return the first day of each span and how many answers by invitation it has, and of them satisfied ones."""
    if not spans:
        return []
    query = (
        sa.select(CountedSpan.first, *_SUMS[:2])
        .join(CountedSpan, CountedSpan.id == DailyCell.span_id)
        .where(DailyCell.span_id.in_(spans), DailyCell.cut == UNCUT, DailyCell.question == "")
        .where(DailyCell.agency_id.in_(agencies), DailyCell.channel == Channel.INVITATION)
        .group_by(CountedSpan.first)
    )
    return [(first, int(answered), int(satisfied)) for first, answered, satisfied in session.execute(query)]


def choice_rows(
    session: Session, spans: Sequence[int], channel: Channel, agencies: Collection[int]
) -> list[tuple[str, int]]:
    """Return the distinct sets of what was chosen beside the ratings, as they are stored, and how many chose each."""
    if not spans:
        return []
    query = sa.select(DailyChoice.other, sa.func.sum(DailyChoice.people)).where(DailyChoice.span_id.in_(spans))
    query = query.where(DailyChoice.channel == channel, DailyChoice.agency_id.in_(agencies))
    return [(other, int(people)) for other, people in session.execute(query.group_by(DailyChoice.other))]
