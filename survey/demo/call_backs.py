"""Call-backs of the demonstration: one that is finished and one under way, carried out by the doors of everybody."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.accounts import accounts
from survey.callbacks import calls, designs, drawing, finishing, frame, phones
from survey.callbacks.calls import CallEnd, PersonToCall
from survey.callbacks.designs import SamplePlan
from survey.callbacks.outcomes import CallAnswers
from survey.delivery import contact
from survey.demo.addresses import LOGINS
from survey.ledger import sealing
from survey.ledger.notes import Signer
from survey.ledger.numbering import number_all
from survey.models import CallBackCase, CallBackStratum, CallOutcome, Case
from survey.periods import Basis, Period, local_day, month_of, previous
from survey.security.tokens import keyed

SAMPLE = SamplePlan(160, 50, 3)
ROUNDS = 3  # at which people are tried
FIRST_CALLS = 70  # of the one that is under way
WITHOUT_NUMBER = 0.04
OUTCOMES = (
    CallOutcome.COMPLETE,
    CallOutcome.NO_CONTACT,
    CallOutcome.REFUSAL,
    CallOutcome.WRONG_NUMBER,
    CallOutcome.CALL_LATER,
)
WEIGHTS = (60, 25, 6, 3, 6)
SILENT_RATINGS = (3, 6, 9, 47, 35)  # of a hundred silent people, from level 1 to 5: a little less content
HERSELF, FREELY = 0.96, 0.985
LATEST = dt.timedelta(hours=5)  # between two rounds


def carry_out(session: Session, secret: str, signer: Signer, moment: dt.datetime, month: Period) -> None:
    """Finish the call-back of a month, and begin that of the last administrative month.

    The accounts must be there. Numbers lead nowhere: no area of the country has their code.
    """
    staff_id = accounts.named(session, LOGINS["staff"][0]).id
    chance = random.Random("call-backs")
    at = moment - ROUNDS * LATEST
    finished = _begin(session, secret, signer, month, staff_id, at, chance)
    for turn in range(ROUNDS):
        _call(session, secret, staff_id, at + turn * LATEST, chance)
    finishing.finish(session, finished, staff_id, moment)
    running = previous(month_of(local_day(moment), Basis.ADMINISTRATIVE))
    _begin(session, secret, signer, running, staff_id, moment, chance)
    _call(session, secret, staff_id, moment, chance, FIRST_CALLS)


def _begin(
    session: Session,
    secret: str,
    signer: Signer,
    period: Period,
    staff_id: int,
    at: dt.datetime,
    chance: random.Random,
) -> int:
    """Plan, seal and draw, with a checkpoint of its own; return the number of the call-back."""
    design = designs.plan(session, period, SAMPLE, staff_id, at)
    counted = frame.cohort_counts(session, period)
    sample = SamplePlan(
        min(SAMPLE.silent_calls, counted.silent), min(SAMPLE.answered_calls, counted.answered), SAMPLE.tries
    )
    designs.seal(session, design.id, sample, staff_id, at)
    number_all(session)
    sealing.sign(session, signer, None, at)
    if not drawing.draw_due(session, at):
        raise LookupError("no checkpoint covers the design")
    _hand_over(session, secret, design.id, at, chance)
    return design.id


def _hand_over(session: Session, secret: str, number: int, at: dt.datetime, chance: random.Random) -> None:
    """Let the portal tell again of the cases that were drawn, now with a number for most."""
    codes = sa.select(Case.code_hash).join(CallBackCase, CallBackCase.case_id == Case.id)
    drawn = session.scalars(codes.where(CallBackCase.call_back_id == number).order_by(CallBackCase.id)).all()
    kept = {code: contact.read(_nowhere(code)) for code in drawn if chance.random() >= WITHOUT_NUMBER}
    phones.keep(session, secret, kept, {code: "en" for code in kept if chance.random() < WITHOUT_NUMBER}, at)


def _nowhere(code: bytes) -> str:
    return f"0200{int.from_bytes(keyed('demo', 'number', code)[:4], 'big') % 10_000_000:07}"


def _call(
    session: Session, secret: str, staff_id: int, at: dt.datetime, chance: random.Random, most: int = 10_000
) -> None:
    for person in _people(session, secret, staff_id, at, most):
        end = _end(person, chance)
        calls.record(session, person.id, staff_id, end, at)


def _people(session: Session, secret: str, staff_id: int, at: dt.datetime, most: int) -> Iterator[PersonToCall]:
    for _ in range(most):
        person = calls.take_next(session, secret, staff_id, at)
        if person is None:
            return
        yield person


def _end(person: PersonToCall, chance: random.Random) -> CallEnd:
    (outcome,) = chance.choices(OUTCOMES, WEIGHTS)
    key = f"demo call {person.id} {person.tries}"
    if outcome != CallOutcome.COMPLETE:
        return CallEnd(outcome, key)
    if person.stratum == CallBackStratum.SILENT:
        (rating,) = chance.choices(range(1, 6), SILENT_RATINGS)
        return CallEnd(outcome, key, CallAnswers(rating=rating))
    herself = chance.random() < HERSELF
    return CallEnd(outcome, key, CallAnswers(herself=herself, freely=chance.random() < FREELY if herself else None))
