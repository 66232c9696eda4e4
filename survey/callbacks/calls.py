"""What interviewers do: take the next person, see the number for the call alone, and record how the call ended.

Who is called next is decided here, not by whoever calls. A form that is sent twice is taken once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.audit import trail
from survey.audit.acts import Act
from survey.callbacks import persons, phones
from survey.callbacks.outcomes import MEANINGS, SPOKEN, CallAnswers
from survey.callbacks.persons import WaitingCase
from survey.db.engine import Lock, exclusively
from survey.errors import Conflict
from survey.i18n import msgid
from survey.models import (
    Agency,
    CallBackCase,
    CallBackDesign,
    CallBackNumber,
    CallBackStage,
    CallBackStratum,
    CallBackTry,
    CallOutcome,
    Case,
    Procedure,
    Respondent,
    Texts,
)
from survey.periods import LOCAL_ZONE

HELD = dt.timedelta(minutes=30)
APART = dt.timedelta(hours=4)
NOON, EVENING = 12, 17  # hours at which another part of the day begins
_NOT_YOURS = msgid("This person is no longer yours to call: too much time has passed. Please take the next one.")
_UNREADABLE = msgid("The number was sealed with another secret key and cannot be read.")
NO_RATING = msgid("Please choose what the person answered to the question.")
NO_OWN = msgid("Please choose what the person answered to both questions.")
NO_OUTCOME = msgid("Please choose how the call ended.")


@dataclass(frozen=True)
class PersonToCall:
    """Whom to call next: about which case, in which language, after how many tries; never who it is.

    `cases` of this person are still to be asked about in this one call, this one among them.
    """

    id: int
    cases: int
    stratum: CallBackStratum
    tries: int
    most_tries: int
    language: str | None
    respondent: Respondent
    agency: Texts
    procedure: Texts
    finished: dt.date


@dataclass(frozen=True)
class CallEnd:
    """How a call ended and what was answered; `key` is that of the form, which is taken once."""

    outcome: CallOutcome
    key: str
    answers: CallAnswers = field(default_factory=CallAnswers)


@dataclass(frozen=True)
class CallsLeft:
    """How many people are still to be called, how many of them can be now, and how many are done."""

    waiting: int
    now: int
    done: int


def faults(stratum: CallBackStratum, end: CallEnd) -> dict[str, str]:
    """Return what is missing in a form, by field, as msgids: a complete call has an answer to all that is asked."""
    answers = end.answers
    if end.outcome not in SPOKEN:
        return {}
    if stratum == CallBackStratum.SILENT:
        return {} if answers.rating is not None else {"rating": NO_RATING}
    nothing = answers.herself is None and answers.freely is None
    short = nothing if end.outcome == CallOutcome.PARTIAL else not answers.reached(stratum)
    return {"herself": NO_OWN} if short else {}


def left(session: Session, when: dt.datetime) -> CallsLeft:
    """Return how much there is to do in all call-backs that are under way."""
    rows = persons.waiting_cases(session)
    done = sa.select(sa.func.count()).where(
        CallBackCase.call_back_id == CallBackDesign.id, CallBackDesign.stage == CallBackStage.DRAWN
    )
    done = done.where(CallBackCase.outcome.is_not(None)).select_from(CallBackCase, CallBackDesign)
    return CallsLeft(len(rows), sum(_may_be_called(row, when) for row in rows), session.scalar(done) or 0)


def held(session: Session, staff_id: int, when: dt.datetime) -> PersonToCall | None:
    """Return the person whom an account is calling just now."""
    rows = session.scalars(_held(staff_id, when).order_by(CallBackCase.id)).all()
    return _person(session, rows[0].id, len(rows)) if rows else None


def take_next(session: Session, secret: str, staff_id: int, when: dt.datetime) -> PersonToCall | None:
    """Let an account call the next person; the same again while the call lasts. None where nobody can be called now.

    Whoever was tried least comes first, then in the order of the draw; nobody twice in the same part of a day. All
    cases of one person, which have the same number, are taken together: they are asked about in one call.
    """
    exclusively(session, Lock.CALLS)
    if (person := held(session, staff_id, when)) is not None:
        return person
    callable_now = {row.id: _may_be_called(row, when) for row in persons.waiting_cases(session)}
    alike = persons.by_number(session, secret)
    of_one = next((alike[row] for row in callable_now if all(callable_now[one] for one in alike[row])), None)
    if of_one is None:
        return None
    _hold(session, of_one, staff_id, when)
    return held(session, staff_id, when)


def number_for_call(session: Session, secret: str, row_id: int, staff_id: int, when: dt.datetime) -> str:
    """Return the telephone number to call now, on record; the account must have the person.

    Raises:
        Conflict: it has not, or no more; or the number cannot be read.
    """
    row = _own(session, row_id, staff_id, when)
    sealed = session.scalar(sa.select(CallBackNumber.sealed).where(CallBackNumber.case_id == row.case_id))
    if sealed is None or row.case_id is None:
        raise Conflict(_NOT_YOURS)
    number = phones.opened(secret, row.case_id, sealed)
    if number is None:
        raise Conflict(_UNREADABLE)
    row.held_until = when + HELD
    trail.append(session, staff_id, Act.CALL_NUMBER_SHOWN, when, call=row.id)
    return number


def record(session: Session, row_id: int, staff_id: int, end: CallEnd, when: dt.datetime) -> None:
    """Record how a call ended; what is said must be without `faults`. The same form again changes nothing.

    After a last outcome, or the last try, nobody calls again and the number is erased. Where nobody spoke it is the end
    for all cases of the person; else the others are still the account's, to be asked about in the same call.

    Raises:
        Conflict: the account has not the person, or no more.
    """
    exclusively(session, Lock.CALLS)
    if session.scalar(sa.select(CallBackCase.last_key).where(CallBackCase.id == row_id)) == end.key:
        return
    row = _own(session, row_id, staff_id, when)
    others = [one for one in session.scalars(_held(staff_id, when)) if one.id != row_id]
    if end.outcome in SPOKEN:
        _hold(session, [one.id for one in others], staff_id, when)
    for one in (row, *(() if end.outcome in SPOKEN else others)):
        _end(session, one, staff_id, end, when)
    session.flush()
    phones.erase_needless(session)


def _end(session: Session, row: CallBackCase, staff_id: int, end: CallEnd, when: dt.datetime) -> None:
    design = session.get_one(CallBackDesign, row.call_back_id)
    row.tries += 1
    session.add(
        CallBackTry(call_back_case_id=row.id, number=row.tries, at=when, staff_id=staff_id, outcome=end.outcome)
    )
    if not MEANINGS[end.outcome].again or row.tries >= design.tries:
        row.outcome = end.outcome
    if end.outcome in SPOKEN:
        answers = end.answers
        row.rating = answers.rating if row.stratum == CallBackStratum.SILENT else None
        row.herself, row.freely = (answers.herself, answers.freely) if row.rating is None else (None, None)
    row.last_try_at, row.last_key, row.held_by, row.held_until = when, end.key, None, None
    trail.append(session, staff_id, Act.CALL_RECORDED, when, call=row.id, outcome=end.outcome.name.lower())


def _held(staff_id: int, when: dt.datetime) -> sa.Select[CallBackCase]:
    own = (CallBackCase.held_by == staff_id, CallBackCase.held_until > when, CallBackCase.outcome.is_(None))
    return sa.select(CallBackCase).where(*own)


def _hold(session: Session, ids: Sequence[int], staff_id: int, when: dt.datetime) -> None:
    until = {"held_by": staff_id, "held_until": when + HELD}
    session.execute(sa.update(CallBackCase).where(CallBackCase.id.in_(ids)).values(**until))


def _own(session: Session, row_id: int, staff_id: int, when: dt.datetime) -> CallBackCase:
    row = session.get(CallBackCase, row_id, with_for_update=True, populate_existing=True)
    if row is None or row.outcome is not None or row.held_by != staff_id or (row.held_until or when) <= when:
        raise Conflict(_NOT_YOURS)
    return row


def _may_be_called(row: WaitingCase, when: dt.datetime) -> bool:
    if row.held_until is not None and row.held_until > when:
        return False
    tried = row.last_try_at
    return tried is None or (tried + APART <= when and part_of_day(tried) != part_of_day(when))


def part_of_day(at: dt.datetime) -> tuple[dt.date, int]:
    """Return the day in Viet Nam, and whether it is morning, afternoon or evening: nobody is tried twice in one.

    >>> part_of_day(dt.datetime(2026, 11, 30, 4, 59, tzinfo=dt.UTC))
    (datetime.date(2026, 11, 30), 0)
    >>> part_of_day(dt.datetime(2026, 11, 30, 10, tzinfo=dt.UTC))
    (datetime.date(2026, 11, 30), 2)
    """
    local = at.astimezone(LOCAL_ZONE)
    return local.date(), (local.hour >= NOON) + (local.hour >= EVENING)


def _person(session: Session, row_id: int, cases: int) -> PersonToCall:
    row = session.execute(
        sa.select(
            *(CallBackCase.id, CallBackCase.stratum, CallBackCase.tries, CallBackDesign.tries.label("most_tries")),
            *(CallBackNumber.language, Case.respondent, Case.finished_day),
            *(Agency.name.label("agency"), Procedure.name.label("procedure")),
        )
        .join(CallBackDesign, CallBackDesign.id == CallBackCase.call_back_id)
        .join(Case, Case.id == CallBackCase.case_id)
        .join(Agency, Agency.id == Case.resolving_agency_id)
        .join(Procedure, Procedure.id == Case.procedure_id)
        .outerjoin(CallBackNumber, CallBackNumber.case_id == Case.id)
        .where(CallBackCase.id == row_id)
    ).one()
    return PersonToCall(
        row.id,
        cases,
        row.stratum,
        row.tries,
        row.most_tries,
        row.language,
        row.respondent,
        row.agency,
        row.procedure,
        row.finished_day,
    )
