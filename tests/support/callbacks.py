"""A province that is called back: cases with telephone numbers, some of them answered, and a ledger that is sealed."""

from __future__ import annotations

import datetime as dt
import json

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.callbacks import calls, designs, drawing
from survey.callbacks.calls import CallEnd, PersonToCall
from survey.callbacks.designs import SamplePlan
from survey.callbacks.outcomes import CallAnswers
from survey.cases import intake
from survey.cases.intake import IncomingCase, Terms
from survey.models import CallBackDesign, CallBackStratum, CallOutcome, LedgerEntry, Respondent, Role, Staff
from survey.periods import parse
from survey.security.tokens import new_token
from tests.support import factories
from tests.support.cases import answer
from tests.support.factories import SECRET
from tests.support.ledgers import Ledger
from tests.support.officials import official

BEFORE = dt.datetime(2026, 8, 25, 3, tzinfo=dt.UTC)
FINISHED = dt.datetime(2026, 9, 15, 3, tzinfo=dt.UTC)
AFTER = dt.datetime(2026, 10, 1, 3, tzinfo=dt.UTC)  # the morning after September, in Viet Nam
SEPTEMBER = parse("2026-09")
SAMPLE = SamplePlan(12, 10, 3)


def phone(number: int) -> str:
    """Return the telephone number of the person of a case, by which leaks are found."""
    return f"+849876{number:05}"


def planner(session: Session, login: str = "tinh") -> int:
    """Return the account of a manager of the province."""
    there = session.scalars(sa.select(Staff.id).where(Staff.login == login)).one_or_none()
    return there or official(session, login, "H61", Role.MANAGER).id


def finish_cases(
    session: Session,
    number: int,
    answered: int,
    satisfied: int,
    first: int = 1,
    at: dt.datetime = FINISHED,
    agency: str = "H61.50",
    later: dt.timedelta = dt.timedelta(hours=1),
) -> None:
    """Finish cases in September, each with a number to call; the first `answered` are answered so much later."""
    terms = Terms(SECRET, factories.agency_id(session, "H61"), 1, at, 30, 3, None)
    numbers = range(first, first + number)
    cases = [
        IncomingCase(
            f"H61.50-260901-{one:05}",
            "1.001193",
            agency,
            agency,
            Respondent.CITIZEN,
            at.date(),
            contact=phone(one),
            language="en" if one % 4 == 0 else None,
        )
        for one in numbers
    ]
    results = intake.take(session, cases, terms)
    assert [result.faults for result in results] == [[] for _ in cases]
    for place, result in enumerate(results[:answered]):
        assert result.token is not None
        answer(session, result.token, 5 if place < satisfied else 2, at + later)


def planned(session: Session, sample: SamplePlan = SAMPLE) -> CallBackDesign:
    """Plan the call-back of September before it begins."""
    return designs.plan(session, SEPTEMBER, sample, planner(session), BEFORE)


def sealed_design(ledger: Ledger, silent: int = 40, answered: int = 20, sample: SamplePlan = SAMPLE) -> int:
    """Plan, let cases be finished, and seal the design; return the number of the call-back."""
    with ledger.writing() as session:
        number = planned(session, sample).id
        finish_cases(session, silent + answered, answered, answered * 9 // 10)
    with ledger.writing() as session:
        designs.seal(session, number, sample, planner(session), AFTER)
    return number


def drawn_design(ledger: Ledger, silent: int = 40, answered: int = 20, sample: SamplePlan = SAMPLE) -> int:
    """Do the same, seal the ledger and draw."""
    number = sealed_design(ledger, silent, answered, sample)
    ledger.seal(AFTER)
    with ledger.writing() as session:
        assert drawing.draw_due(session, AFTER) == 1
    return number


def entry_of(session: Session, kind: str) -> dict[str, object]:
    """Return what the one entry of a kind says."""
    contents = [json.loads(content) for content in session.scalars(sa.select(LedgerEntry.content))]
    [content] = [content for content in contents if content["kind"] == kind]
    return dict(content)


def end_of(person: PersonToCall, rating: int = 4, *, herself: bool = True) -> CallEnd:
    """Return the end of a call in which all was answered."""
    if person.stratum == CallBackStratum.SILENT:
        return CallEnd(CallOutcome.COMPLETE, new_token(), CallAnswers(rating=rating))
    said = CallAnswers(herself=herself, freely=True if herself else None)
    return CallEnd(CallOutcome.COMPLETE, new_token(), said)


def call_everybody(session: Session, staff_id: int, when: dt.datetime, satisfied: int, others: int = 0) -> None:
    """Call everybody once: so many of the silent are satisfied, so many of the answered did not answer themselves."""
    silent = answered = 0
    while (person := calls.take_next(session, SECRET, staff_id, when)) is not None:
        if person.stratum == CallBackStratum.SILENT:
            silent += 1
            end = end_of(person, 5 if silent <= satisfied else 1)
        else:
            answered += 1
            end = end_of(person, herself=answered > others)
        calls.record(session, person.id, staff_id, end, when)
