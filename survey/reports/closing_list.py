"""Which periods have ended and are not closed, what to look at before one is, and which are closed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.audit.acts import Act
from survey.comments.clock import clock
from survey.comments.reading import CommentsInScope
from survey.delivery.queue import RESTING
from survey.i18n import date, gettext, msgid, number
from survey.models import (
    AuditEntry,
    Case,
    Channel,
    ClosedPeriod,
    Delivery,
    FrozenCell,
    FrozenCohort,
    Invitation,
    MessageKind,
    QuestionnaireVersion,
    Response,
    Staff,
    VersionStatus,
)
from survey.organisation import agencies
from survey.organisation.working_days import working_days
from survey.periods import LOCAL_ZONE, Period, local_day, month_of, parse, previous
from survey.reports.figures_digest import grouped
from survey.results.exclusions import waiting
from survey.results.scope import Standard, closed_period, scope_for
from survey.results.verdict_text import target_text

DAY = dt.timedelta(days=1)
KINDS = (("", 6), ("Q", 3), ("H", 2), ("9M", 1), ("year", 1))  # of which how many of the newest are offered

_CASES = msgid("Finished cases are recorded up to %(day)s.")
_NO_CASES = msgid("No finished case is recorded yet.")
_SILENT = msgid("Units that finished cases in the period and have no answer to them: %(number)s.")
_ALL_ANSWERED = msgid("Every unit that finished cases has answers.")
_STUCK = msgid("Invitations about cases of the period that have waited for more than a day: %(number)s.")
_NONE_STUCK = msgid("No invitation of the period is stuck.")
_EXCLUSIONS = msgid("Proposals to leave answers of the period out that wait for a second account: %(number)s.")
_NO_EXCLUSIONS = msgid("No proposal to leave answers out is waiting.")
_COMMENTS = msgid("Comments of the period that are not dealt with yet, which its report will say: %(number)s.")
_NO_COMMENTS = msgid("All comments of the period are dealt with.")
_TARGET = msgid("The period will be judged by the target of %(target)s, for good.")
_CHANGED = msgid("The questionnaire was changed in the period: %(versions)s.")
_UNCHANGED = msgid("The questionnaire was not changed in the period.")
_BEFORE = msgid("The period before is not closed yet: close it first, so that the two are told together.")
_BEFORE_CLOSED = msgid("The period before is closed, or has no answers.")


@dataclass(frozen=True)
class ClosingCheck:
    """One line of the check list: what is so, in words, whether it needs a look, and the page that shows it."""

    words: str
    fine: bool
    endpoint: str = ""


@dataclass(frozen=True)
class Closing:
    """A closed period: when and by whom, what was frozen, and the digest on record in groups (empty without one)."""

    period: Period
    closed_at: dt.datetime
    by: str
    target: str
    invited_answers: int
    other_answers: int
    finished: int
    beside: bool
    digest: str


def closable(session: Session, today: dt.date, basis: str) -> list[Period]:
    """Return the periods of a basis that have ended, have answers or cases and are not closed: the newest first."""
    first = min(_first_days(session), default=None)
    if first is None:
        return []
    closed = set(session.scalars(sa.select(ClosedPeriod.code).where(ClosedPeriod.basis == basis)))
    ended = [period for newest, count in _newest(today, basis) for period in _back(newest, count, today)]
    return [period for period in ended if period.last >= first and period.code not in closed]


def checks(session: Session, period: Period, standard: Standard, at: dt.datetime) -> list[ClosingCheck]:
    """Return what to look at before a period is closed, of the whole province."""
    return [
        _cases(session, period),
        _silent(session, period),
        _stuck(session, period, at),
        _numbered(_EXCLUSIONS, _NO_EXCLUSIONS, _waiting(session, period), "response_quality.show"),
        _numbered(_COMMENTS, _NO_COMMENTS, _open_comments(session, period, standard, at), "comments.show"),
        ClosingCheck(gettext(_TARGET, target=target_text(standard.target)), True),
        _questionnaire(session, period),
        _before(session, period),
    ]


def closings(session: Session) -> list[Closing]:
    """Return the closed periods, the latest first, whenever each was closed."""
    entries = sa.select(AuditEntry.about, Staff.name, Staff.login).outerjoin(Staff, Staff.id == AuditEntry.staff_id)
    records = session.execute(entries.where(AuditEntry.act == Act.PERIOD_CLOSED.value)).all()
    by = {(about["period"], about["basis"]): (about, name or login or "") for about, name, login in records}
    judged = sa.func.sum(FrozenCell.answered).filter(FrozenCell.channel == Channel.INVITATION)
    others = sa.func.sum(FrozenCell.answered).filter(FrozenCell.channel != Channel.INVITATION)
    cells = sa.select(FrozenCell.period_id, judged, others).where(FrozenCell.question == "")
    answered = {
        key: (mine or 0, rest or 0) for key, mine, rest in session.execute(cells.group_by(FrozenCell.period_id))
    }
    cohort = sa.select(FrozenCohort.period_id, sa.func.sum(FrozenCohort.finished)).group_by(FrozenCohort.period_id)
    finished = {key: count for key, count in session.execute(cohort)}  # noqa: C416 - rows are no pairs to dict()
    kept = sa.select(ClosedPeriod.id).where(ClosedPeriod.beside.is_not(None))
    whole = set(session.scalars(kept))
    rows = session.scalars(sa.select(ClosedPeriod).order_by(ClosedPeriod.last.desc(), ClosedPeriod.first.desc()))
    return [
        Closing(
            parse(row.code, row.basis),
            row.closed_at,
            by.get((row.code, row.basis), ({}, ""))[1],
            row.target,
            *answered.get(row.id, (0, 0)),
            finished.get(row.id, 0),
            row.id in whole,
            grouped(by.get((row.code, row.basis), ({}, ""))[0].get("digest", "").rpartition(":")[2]),
        )
        for row in rows
    ]


def _first_days(session: Session) -> Iterator[dt.date]:
    for column in (Response.day, Case.finished_day):
        if (day := session.scalar(sa.select(column).order_by(column).limit(1))) is not None:
            yield day


def _newest(today: dt.date, basis: str) -> Iterator[tuple[Period, int]]:
    month = month_of(today, basis)
    year, place = month.code[:4], int(month.code[5:])
    codes = {
        "": month.code,
        "Q": f"{year}-Q{(place + 2) // 3}",
        "H": f"{year}-H{(place + 5) // 6}",
        "9M": f"{year}-9M",
        "year": year,
    }
    for kind, count in KINDS:
        yield parse(codes[kind], basis), count


def _back(period: Period, count: int, today: dt.date) -> Iterator[Period]:
    """Yield the newest periods of a kind that have ended."""
    if not period.ended(today):
        period = previous(period)
    for _ in range(count):
        yield period
        period = previous(period)


def _numbered(some: str, none: str, count: int, endpoint: str) -> ClosingCheck:
    words = gettext(some, number=number(count)) if count else gettext(none)
    return ClosingCheck(words, not count, endpoint if count else "")


def _cases(session: Session, period: Period) -> ClosingCheck:
    """Cases are to be there up to the last day on which offices worked."""
    newest = session.scalar(sa.select(Case.finished_day).order_by(Case.finished_day.desc()).limit(1))
    if newest is None:
        return ClosingCheck(gettext(_NO_CASES), False, "imports.show")
    calendar, last = working_days(session), period.last
    while not calendar.works(last):
        last -= DAY
    return ClosingCheck(gettext(_CASES, day=date(newest)), newest >= last, "imports.show" if newest < last else "")


def _silent(session: Session, period: Period) -> ClosingCheck:
    finished = sa.select(Case.resolving_agency_id).where(Case.finished_day.between(period.first, period.last))
    answered = sa.select(Response.agency_id).where(
        Response.day.between(period.first, period.last), Response.channel == Channel.INVITATION, Response.counted
    )
    with_cases, with_answers = (set(session.scalars(query.distinct())) for query in (finished, answered))
    scope = scope_for(session, period, agencies.root(session, period.last).id)
    units = scope.unit_of
    silent = {units[one] for one in with_cases if one in units} - {units[one] for one in with_answers if one in units}
    return _numbered(_SILENT, _ALL_ANSWERED, len(silent), "units.show")


def _stuck(session: Session, period: Period, at: dt.datetime) -> ClosingCheck:
    waits = (
        sa.select(sa.func.count())
        .select_from(Delivery)
        .join(Invitation, Invitation.id == Delivery.invitation_id)
        .join(Case, Case.id == Invitation.case_id)
        .where(Delivery.kind == MessageKind.INVITATION, Delivery.state.in_(RESTING), Delivery.queued_at <= at - DAY)
        .where(Case.finished_day.between(period.first, period.last))
    )
    return _numbered(_STUCK, _NONE_STUCK, session.scalar(waits) or 0, "deliveries.show")


def _waiting(session: Session, period: Period) -> int:
    return sum(period.first <= day <= period.last for _proposal, day in waiting(session))


def _open_comments(session: Session, period: Period, standard: Standard, at: dt.datetime) -> int:
    scope = scope_for(session, period, agencies.root(session, period.last).id)
    written = CommentsInScope(session, scope, False, clock(session, standard, local_day(at)), standard.fewest)
    return sum(numbers["new"] + numbers["in_hand"] for numbers in written.tally_by_agency().values())


def _questionnaire(session: Session, period: Period) -> ClosingCheck:
    row = QuestionnaireVersion
    begin, end = (dt.datetime.combine(day, dt.time(), LOCAL_ZONE) for day in (period.first, period.last + DAY))
    query = sa.select(row.code, row.version).where(
        row.status != VersionStatus.DRAFT, row.published_at >= begin, row.published_at < end
    )
    versions = [f"{code} {version}" for code, version in session.execute(query.order_by(row.published_at, row.id))]
    if versions:
        return ClosingCheck(gettext(_CHANGED, versions=", ".join(versions)), False)
    return ClosingCheck(gettext(_UNCHANGED), True)


def _before(session: Session, period: Period) -> ClosingCheck:
    before = previous(period)
    there = sa.select(sa.exists().where(Response.day.between(before.first, before.last), Response.counted))
    is_open = closed_period(session, before) is None and bool(session.scalar(there))
    return ClosingCheck(gettext(_BEFORE if is_open else _BEFORE_CLOSED), not is_open)
