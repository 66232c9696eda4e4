"""When the links between answers and cases are cut, and what is counted before, so that no figure moves.

A half of a month is cut as a whole, when a closed period counts it and nobody can answer or change an answer in it any
more. First its invitations are marked as used, which ends them whatever a clock says; the cut follows in a later round,
so that no answer which is on its way meanwhile is taken for a second one of its case.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.audit import trail
from survey.audit.acts import Act
from survey.collection import reply_contacts
from survey.collection.corrected_cases import left_behind
from survey.collection.unlinking import linked, unlink
from survey.db.engine import Database, Lock, exclusively
from survey.ledger import sealing
from survey.ledger.entries import EntryKind
from survey.ledger.events import tell
from survey.ledger.numbering import number_all
from survey.logs import log
from survey.models import (
    Case,
    ClosedPeriod,
    Comment,
    FrozenCoverage,
    Invitation,
    ReplyContact,
    ReplyStage,
    Respondent,
    Response,
    UnlinkedCrossing,
)
from survey.organisation.agencies import revise
from survey.organisation.working_days import working_days
from survey.periods import half_month, local_day, now
from survey.results import closing, cut_alerts, daily_counting
from survey.results.scope import Standard

LAST_ARRIVAL = dt.timedelta(days=8)  # after its link has expired: an answer may wait on its device for a week
SETTLED = dt.timedelta(days=15)  # after the last day of a half: until then webhooks tell how its counts change
LATE = dt.timedelta(days=2)
LONGEST = dt.timedelta(days=366)  # of a period: a year
Half = tuple[dt.date, dt.date]
CrossedCell = tuple[int, int, Respondent]


def run(database: Database, days: int = Standard.days_to_answer) -> None:
    """Cut what an earlier round has marked and mark what is due now; done again and again, it catches up.

    `days` are the working days within which comments are to be answered.
    """
    rewritten = False
    while number := _cut_next(database, days):
        log.info("links_cut", number=number)
        rewritten = True
    with database.session(writes=True) as session:
        exclusively(session, Lock.LINKS)
        mark(session, now())
        session.commit()
    if rewritten:
        sealing.number(database)  # rows are written once more for it, and before nothing is left of them
    database.leave_nothing(rewritten)


def _cut_next(database: Database, days: int) -> int:
    """Cut the first half that is due and marked, in a transaction of its own; return of how many answers."""
    with database.session(writes=True) as session:
        exclusively(session, Lock.LINKS)
        half = next((half for half in due(session, now()) if not _unmarked(session, half)), None)
        number = 0 if half is None else cut(session, half, now(), days)
        session.commit()
    return number


def due(session: Session, when: dt.datetime) -> Iterator[Half]:
    """Yield the halves of months whose links are to be cut by now, in their order."""
    days = session.scalars(sa.select(Response.day).where(Response.invitation_id.is_not(None)).distinct())
    for first, last in sorted({half_month(day) for day in days}):
        open_links = sa.exists().where(linked(first, last), Response.invitation_id == Invitation.id)
        open_links = open_links.where(Invitation.expires_at > when - LAST_ARRIVAL)
        closed = any(period.closed_at <= when for period in closings(session, (first, last)))
        settled = closed and last + SETTLED < local_day(when)
        if settled and not session.scalar(sa.select(open_links)):
            yield first, last


def mark(session: Session, when: dt.datetime) -> None:
    """Mark the invitations of all that is due as used: they cannot be answered again.

    Of periods that were closed by an older program it is frozen first what only the links tell.
    """
    for period in session.scalars(sa.select(ClosedPeriod).where(~_covered())).all():
        closing.freeze_coverage(session, period)
    for first, last in list(due(session, when)):
        answered = sa.select(Response.invitation_id).where(linked(first, last))
        unused = sa.update(Invitation).where(Invitation.id.in_(answered), sa.not_(Invitation.used))
        session.execute(unused.values(used=True))


def cut(session: Session, half: Half, when: dt.datetime, days: int = Standard.days_to_answer) -> int:
    """Cut the links of one half, on record, after what they tell about cases was counted; return of how many answers.

    It must be due, and its invitations marked. Addresses that people left to be answered go first: whoever has a list
    of addresses would know the file by them. All its comments are from now on due as those of its last week, `days`
    working days after that: days of their own would tell when each was sent, and those of traded days would be wrong.
    """
    counting = closings(session, half)
    own = sa.exists().where(linked(*half), Response.id == ReplyContact.response_id)
    reply_contacts.erase(session, own, ReplyStage.ERASED, when)
    _count(session, half)
    number_all(session)  # so that each answer of the half has its first entry
    due_day = working_days(session).after_week(half[1], days)
    of_half = sa.exists().where(linked(*half), Response.id == Comment.response_id)
    session.execute(sa.update(Comment).where(of_half).values(due_day=due_day))
    cut_alerts.coarsen(session, when)
    daily_counting.forget(session, *half)  # by the day, it would tell what is traded now
    number = unlink(session, *half, [period.newest_response_id for period in counting])
    revise(session)
    first, last = (day.isoformat() for day in half)
    tell(session, EntryKind.LINKS_CUT, local_day(when), first=first, last=last, answers=number)
    trail.append(session, None, Act.LINKS_ENDED, when, first=first, last=last, number=number)
    return number


def late(session: Session, when: dt.datetime) -> int:
    """Return how many halves of months should have been cut days ago, and are not."""
    return len(list(due(session, when - LATE)))


def closings(session: Session, half: Half) -> list[ClosedPeriod]:
    """Return the closed periods that count the days of a half."""
    first, last = half
    counting = (ClosedPeriod.first <= first, ClosedPeriod.last >= last)
    return list(session.scalars(sa.select(ClosedPeriod).where(*counting).order_by(ClosedPeriod.id)))


def _unmarked(session: Session, half: Half) -> bool:
    own = sa.exists().where(linked(*half), Response.invitation_id == Invitation.id, sa.not_(Invitation.used))
    return bool(session.scalar(sa.select(own)))


def _covered() -> sa.ColumnElement[bool]:
    return sa.exists().where(FrozenCoverage.period_id == ClosedPeriod.id)


def _count(session: Session, half: Half) -> None:
    """Add to each edge of a half month how many answers of a half lie on the other side of it than their cases.

    An answer that its corrected case left behind is of none of the cases of its cell: as if that had been finished
    before any period that counts the half.
    """
    columns = (Response.agency_id, Response.procedure_id, Response.respondent)
    left = left_behind().label("left_behind")
    counted = (
        sa.select(left, Case.finished_day, *columns, sa.func.count())
        .join_from(Response, Invitation, Invitation.id == Response.invitation_id)
        .join(Case, Case.id == Invitation.case_id)
        .where(linked(*half), Response.counted, sa.or_(left_behind(), sa.not_(Case.finished_day.between(*half))))
        .group_by(left, Case.finished_day, *columns)
    )
    crossed: dict[tuple[dt.date, CrossedCell], Counter[str]] = defaultdict(Counter)
    for alone, finished, agency, procedure, respondent, answers in session.execute(counted):
        day = half[0] - LONGEST if alone else finished
        name = "later" if day < half[0] else "ahead"
        cell = cast("CrossedCell", (agency, procedure, respondent))  # an answer by invitation has each
        for edge in _edges(*sorted((half_month(day)[0], half[0]))):
            crossed[edge, cell][name] += answers
    rows = session.scalars(sa.select(UnlinkedCrossing).where(UnlinkedCrossing.half.in_({edge for edge, _ in crossed})))
    kept = {(row.half, (row.agency_id, row.procedure_id, row.respondent)): row for row in rows}
    for edge, cell in sorted(crossed):
        if (row := kept.get((edge, cell))) is None:
            named = dict(zip(("agency_id", "procedure_id", "respondent"), cell, strict=True))
            row = UnlinkedCrossing(half=edge, **named, later=0, ahead=0)
            session.add(row)
        for name, answers in crossed[edge, cell].items():
            setattr(row, name, getattr(row, name) + answers)
    session.flush()


def _edges(before: dt.date, last: dt.date) -> Iterator[dt.date]:
    """Yield the first day of each half of a month after that of `before`, up to that of `last`."""
    while before < last:
        before = half_month(before)[1] + dt.timedelta(days=1)
        yield before
