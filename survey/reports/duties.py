"""The calendar of duties: for which periods a report is owed, until when, and how far each has come."""

from __future__ import annotations

import calendar
import datetime as dt
import enum
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.audit import trail
from survey.audit.acts import Act
from survey.models import Case, ClosedPeriod, Duty, DutyDraft, DutySpan, Job, JobState, Response
from survey.organisation import agencies
from survey.periods import Basis, Period, month_of, parse, previous
from survey.reports import register

BACK_DAYS = 120  # for so long a duty that was not met stands in the calendar
DAY = dt.timedelta(days=1)


class DutyState(enum.StrEnum):
    """How far the report of one period has come."""

    UPCOMING = "upcoming"
    DRAFTED = "drafted"
    CLOSED = "closed"
    HANDED_IN = "handed_in"
    OVERDUE = "overdue"


@dataclass(frozen=True)
class DutyRow:
    """A duty for one period: until when, how far it has come, and on which day it was met.

    `drafted`: its draft has been made; `closed`: so has the closing of its period.
    """

    duty: Duty
    period: Period
    due: dt.date
    state: DutyState
    drafted: bool
    closed: bool
    met_on: dt.date | None
    draft: DutyDraft | None

    def near(self, today: dt.date) -> bool:
        """Return whether somebody is to be reminded: it is not met, and due within the days of its reminder."""
        return self.met_on is None and today >= self.due - DAY * self.duty.remind_days


def due_day(duty: Duty, period: Period) -> dt.date:
    """Return the last day on which the report of a period may be handed in; of shorter months their last day.

    >>> quarterly = Duty(due_months=0, due_day=19)
    >>> due_day(quarterly, parse("2026-Q4", "administrative"))
    datetime.date(2026, 12, 19)
    """
    place = period.last.month - 1 + duty.due_months
    year, month = period.last.year + place // 12, place % 12 + 1
    return dt.date(year, month, min(duty.due_day, calendar.monthrange(year, month)[1]))


def periods_of(duty: Duty, today: dt.date) -> Iterator[Period]:
    """Yield the periods of a duty that are running or ended lately, the newest first."""
    period = _running(duty, today)
    while period is not None and due_day(duty, period) >= today - DAY * BACK_DAYS:
        if not duty.only_month or period.last.month == duty.only_month:
            yield period
        period = None if duty.span == DutySpan.DAYS else previous(period)


def rows(session: Session, today: dt.date) -> list[DutyRow]:
    """Return the duties that are due next or lately were, in the order of their days."""
    met = register.first_days(session, agencies.root(session, dt.date.max).id)
    closed = {(row.code, row.basis) for row in session.execute(sa.select(ClosedPeriod.code, ClosedPeriod.basis))}
    drafts = {(one.duty_id, one.period_code): one for one in session.scalars(sa.select(DutyDraft))}
    first = _first_day(session)
    every = [
        _row(duty, period, today, met, closed, drafts.get((duty.id, period.code)))
        for duty in listed(session)
        if duty.enabled
        for period in periods_of(duty, today)
        if first is None or period.last >= first
    ]
    return sorted(every, key=lambda row: (row.due, row.duty.id))


def listed(session: Session) -> list[Duty]:
    """Return all duties in the order in which they were entered."""
    return list(session.scalars(sa.select(Duty).order_by(Duty.id)))


def save(session: Session, duty: Duty, staff_id: int, when: dt.datetime) -> None:
    """Keep a duty that was entered or changed, on record."""
    session.add(duty)
    session.flush()
    trail.append(session, staff_id, Act.DUTY_SAVED, when, duty=duty.id, closes=str(duty.closes).lower())


def draft_job(session: Session, duty_id: int, code: str) -> Job | None:
    """Return the job that made the draft of a duty's period; None if there is none any more."""
    draft = session.get(DutyDraft, (duty_id, code))
    return None if draft is None else session.get(Job, draft.job_id)


def note_made_drafts(session: Session) -> int:
    """Note which drafts have been made since: their jobs are erased after a day. Return how many."""
    waiting = sa.select(DutyDraft, Job.changed_at).join(Job, Job.id == DutyDraft.job_id)
    ended = session.execute(waiting.where(DutyDraft.made_at.is_(None), Job.state == JobState.DONE)).all()
    for draft, at in ended:
        draft.made_at = at
    return len(ended)


def wants_closing(row: DutyRow, today: dt.date) -> bool:
    """Return whether a period is to be closed by itself: the province switched that on, and it has ended."""
    return row.duty.closes and not row.closed and row.period.ended(today)


def wants_draft(session: Session, row: DutyRow, today: dt.date) -> bool:
    """Return whether the draft of a period is to be made by itself: once it has ended, again where that has failed."""
    if not row.duty.drafts or row.met_on is not None or not row.period.ended(today):
        return False
    if row.draft is None:
        return True
    job = session.get(Job, row.draft.job_id)
    return row.draft.made_at is None and (job is None or job.state == JobState.FAILED)


def _row(
    duty: Duty,
    period: Period,
    today: dt.date,
    met: dict[tuple[str, str], dt.date],
    closed: set[tuple[str, str]],
    draft: DutyDraft | None,
) -> DutyRow:
    due, own = due_day(duty, period), (period.code, str(period.basis))
    met_on, drafted = met.get(own), draft is not None and draft.made_at is not None
    if met_on is not None:
        state = DutyState.HANDED_IN
    elif today > due:
        state = DutyState.OVERDUE
    elif own in closed:
        state = DutyState.CLOSED
    else:
        state = DutyState.DRAFTED if drafted else DutyState.UPCOMING
    return DutyRow(duty, period, due, state, drafted, own in closed, met_on, draft)


def _running(duty: Duty, today: dt.date) -> Period | None:
    """Return the period of a duty's kind that a day lies in; of days of its own just these."""
    if duty.span == DutySpan.DAYS:
        return parse(duty.days) if duty.days else None
    if duty.span == DutySpan.YEAR and duty.ending:
        running = parse(f"{today.year}-Y{duty.ending}")
        return running if today <= running.last else parse(f"{today.year + 1}-Y{duty.ending}")
    month = month_of(today, Basis(duty.basis))
    year, number = month.code[:4], int(month.code[5:])
    codes = {
        DutySpan.MONTH: month.code,
        DutySpan.QUARTER: f"{year}-Q{(number + 2) // 3}",
        DutySpan.HALF: f"{year}-H{(number + 5) // 6}",
        DutySpan.YEAR: year,
    }
    return parse(codes[duty.span], duty.basis)


def _first_day(session: Session) -> dt.date | None:
    """Return the first day of which there are answers or cases: before it nothing is owed."""
    columns = (Response.day, Case.finished_day)
    days = [session.scalar(sa.select(column).order_by(column).limit(1)) for column in columns]
    return min((day for day in days if day is not None), default=None)
