"""Plan a call-back, and seal its design: what is drawn from what, before anybody knows who will be drawn."""

from __future__ import annotations

import datetime as dt
import math
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from analysis.call_back import calls_for_margin
from survey.audit import trail
from survey.audit.acts import Act
from survey.callbacks import frame, phones
from survey.callbacks.frame import CohortCounts
from survey.db.engine import Lock, exclusively
from survey.errors import Conflict, NotFound
from survey.i18n import msgid
from survey.ledger import tree
from survey.ledger.entries import SALT_BYTES, EntryKind, canonical, commitment
from survey.ledger.events import tell
from survey.models import CallBackDesign, CallBackStage, CallBackStratum
from survey.periods import Period, local_day, parse

MOST_CALLS, MOST_TRIES, HALF = 5000, 8, 0.5
_TWICE = msgid("There is a call-back of this period already.")
_OLD = msgid("This period ended too long ago to call people about it.")
_NO_SUCH = msgid("There is no such call-back.")
_MOVED_ON = msgid("This call-back has moved on meanwhile. Please look at it again.")
_RUNNING = msgid("The period is not over yet: the design is sealed as soon as it has ended.")
_TOO_MANY = msgid("Only %(silent)s cases are silent and %(answered)s have answered: plan no more calls than that.")
_NO_CALLS = msgid("Plan at least one call.")
RECENT = dt.timedelta(days=60)


@dataclass(frozen=True)
class SamplePlan:
    """How many are called: of the silent, of those who answered, and how often somebody is tried."""

    silent_calls: int
    answered_calls: int
    tries: int


def plan(session: Session, period: Period, sample: SamplePlan, staff_id: int, when: dt.datetime) -> CallBackDesign:
    """Plan the call-back of a period: from now on the numbers of its cases are kept.

    Raises:
        Conflict: there is one already, the period ended long ago, or nobody would be called.
    """
    exclusively(session, Lock.CALLS)
    if of_period(session, period) is not None:
        raise Conflict(_TWICE)
    if period.last + RECENT < local_day(when):
        raise Conflict(_OLD)
    if sample.silent_calls + sample.answered_calls < 1:
        raise Conflict(_NO_CALLS)
    design = CallBackDesign(
        period_code=period.code,
        period_basis=str(period.basis),
        first=period.first,
        last=period.last,
        stage=CallBackStage.PLANNED,
        silent_calls=sample.silent_calls,
        answered_calls=sample.answered_calls,
        tries=sample.tries,
        planned_at=when,
        planned_by=staff_id,
    )
    session.add(design)
    session.flush()
    trail.append(session, staff_id, Act.CALL_BACK_PLANNED, when, period=period.code, basis=str(period.basis))
    return design


def drop(session: Session, number: int, staff_id: int, when: dt.datetime) -> None:
    """Drop a plan that is not sealed yet, with the numbers that were kept for it; what is sealed cannot be dropped.

    Raises:
        NotFound: there is none.
        Conflict: it is sealed.
    """
    design = held(session, number, CallBackStage.PLANNED)
    about = {"period": design.period_code, "basis": design.period_basis}
    session.delete(design)
    session.flush()
    phones.erase_needless(session)
    trail.append(session, staff_id, Act.CALL_BACK_DROPPED, when, **about)


def seal(session: Session, number: int, sample: SamplePlan, staff_id: int, when: dt.datetime) -> CallBackDesign:
    """Seal the design of a call-back and the frame as it stands now, and tell the ledger of both.

    Of each stratum the ledger tells how many cases it has, how many are called, and the digest of their names; how many
    are satisfied it holds under a commitment. Whoever answers later was silent all the same when the frame was made.

    Raises:
        NotFound: there is none.
        Conflict: it was sealed before, the period is not over, links were cut, or more calls than cases are planned.
    """
    design = held(session, number, CallBackStage.PLANNED)
    period = period_of(design)
    if not period.ended(local_day(when)):
        raise Conflict(_RUNNING)
    counted = frame.cohort_counts(session, period)
    if sample.silent_calls > counted.silent or sample.answered_calls > counted.answered:
        raise Conflict(_TOO_MANY, silent=counted.silent, answered=counted.answered)
    if sample.silent_calls + sample.answered_calls < 1:
        raise Conflict(_NO_CALLS)
    salt, nonce, least = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(SALT_BYTES), tree.size(session)
    cases, mixed = frame.strata(session, period), frame.mixed(session, period)
    silent, answered = (frame.sorted_names(salt, cases[stratum]) for stratum in CallBackStratum)
    design.salt, design.nonce, design.frame, design.least_entry = salt, nonce, silent + answered, least
    design.silent_calls, design.answered_calls, design.tries = (
        sample.silent_calls,
        sample.answered_calls,
        sample.tries,
    )
    design.population, design.answered, design.satisfied = counted.population, counted.answered, counted.satisfied
    design.about = {
        "period": design.period_code,
        "basis": design.period_basis,
        "silent": counted.silent,
        "silent_calls": sample.silent_calls,
        "silent_frame": frame.digest(silent),
        "answered": counted.answered,
        "answered_calls": sample.answered_calls,
        "answered_frame": frame.digest(answered),
        "tries": sample.tries,
        "mixed": mixed,
        "commitment": commitment(nonce, canonical({"satisfied": counted.satisfied})),
    }
    design.stage, design.sealed_at, design.sealed_by = CallBackStage.SEALED, when, staff_id
    session.flush()
    tell(session, EntryKind.CALL_BACK, local_day(when), **design.about)
    trail.append(session, staff_id, Act.CALL_BACK_SEALED, when, period=period.code, basis=str(period.basis))
    return design


def expected(session: Session, period: Period, before: Period, today: dt.date) -> tuple[CohortCounts, bool] | None:
    """Return the cases to reckon with, and whether they are the period's own; else those of the period before.

    None where the links of both were cut.
    """
    for of, own in ((period, True), (before, False)):
        if own and not period.ended(today):
            continue
        try:
            counted = frame.cohort_counts(session, of)
        except Conflict:
            continue
        if counted.population:
            return counted, own
    return None


def calls_needed(counted: CohortCounts, margin: float, reached: float) -> tuple[int, int]:
    """Return how many silent cases must be reached for limits within ± `margin`, and how many must be drawn for that.

    Reckoned for silent cases of which half are satisfied, where limits are widest. `reached` is the share of those
    called that are reached, as is reckoned with; never more than there are silent.

    >>> calls_needed(CohortCounts(1000, 190, 169), 0.1, 0.7)
    (63, 90)
    """
    calls = calls_for_margin(counted.population, counted.answered, margin, HALF)
    return calls, min(counted.silent, math.ceil(round(calls / reached, 9)))  # 63 / 0.7 is a little more than 90 here


def listed(session: Session) -> Sequence[CallBackDesign]:
    """Return all call-backs, the newest period first."""
    return session.scalars(sa.select(CallBackDesign).order_by(CallBackDesign.last.desc(), CallBackDesign.id)).all()


def of_period(session: Session, period: Period) -> CallBackDesign | None:
    """Return the call-back of a period, if there is one."""
    own = (CallBackDesign.period_code == period.code, CallBackDesign.period_basis == str(period.basis))
    return session.scalars(sa.select(CallBackDesign).where(*own)).one_or_none()


def one(session: Session, number: int) -> CallBackDesign:
    """Return a call-back by its number.

    Raises:
        NotFound: there is none.
    """
    design = session.get(CallBackDesign, number)
    if design is None:
        raise NotFound(_NO_SUCH)
    return design


def held(session: Session, number: int, *stages: CallBackStage) -> CallBackDesign:
    """Return a call-back that is in one of these stages, held until the transaction ends.

    Raises:
        NotFound: there is none.
        Conflict: it is in another stage.
    """
    exclusively(session, Lock.CALLS)
    design = one(session, number)
    session.refresh(design, with_for_update=True)
    if design.stage not in stages:
        raise Conflict(_MOVED_ON)
    return design


def period_of(design: CallBackDesign) -> Period:
    """Return the period of a call-back."""
    return parse(design.period_code, design.period_basis)
