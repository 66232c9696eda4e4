"""Calls: whose turn it is, a number that is there for the call alone, and outcomes that are taken once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.callbacks import calls, phones
from survey.callbacks.calls import CallEnd, PersonToCall
from survey.callbacks.outcomes import CallAnswers
from survey.delivery import contact
from survey.errors import Conflict
from survey.models import (
    AuditEntry,
    CallBackCase,
    CallBackNumber,
    CallBackStratum,
    CallBackTry,
    CallOutcome,
    Case,
    Role,
)
from tests.support.callbacks import AFTER, SAMPLE, drawn_design, end_of, finish_cases, phone, planned
from tests.support.factories import SECRET
from tests.support.ledgers import Ledger, ledger
from tests.support.officials import official

__all__ = ["ledger"]
HOUR = dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)
SILENT, ANSWERED = CallBackStratum.SILENT, CallBackStratum.ANSWERED
NO_CONTACT, COMPLETE, PARTIAL = CallOutcome.NO_CONTACT, CallOutcome.COMPLETE, CallOutcome.PARTIAL


def caller(session: Session, login: str) -> int:
    return official(session, login, "H61", Role.INTERVIEWER).id


def taken(session: Session, staff_id: int, when: dt.datetime) -> PersonToCall:
    person = calls.take_next(session, SECRET, staff_id, when)
    assert person is not None
    return person


def test_each_caller_has_a_person_of_the_own_until_the_call_has_ended(ledger: Ledger) -> None:
    drawn_design(ledger)
    with ledger.writing() as session:
        an, binh = caller(session, "an"), caller(session, "binh")
        first, other = taken(session, an, AFTER), taken(session, binh, AFTER)
        assert first.id != other.id and taken(session, an, AFTER + MINUTE) == first == calls.held(session, an, AFTER)
        assert (first.agency["en"], first.tries, first.most_tries) == ("People's Committee of Tra Vinh Ward", 0, 3)
        for wrong in (binh, 999):
            with pytest.raises(Conflict, match="no longer yours"):
                calls.number_for_call(session, SECRET, first.id, wrong, AFTER)
            with pytest.raises(Conflict, match="no longer yours"):
                calls.record(session, first.id, wrong, end_of(first), AFTER)
        late = AFTER + calls.HELD
        with pytest.raises(Conflict, match="no longer yours"):
            calls.number_for_call(session, SECRET, first.id, an, late)
        assert taken(session, binh, late).id == first.id, "whoever left it lying gives it up"


def test_a_number_is_shown_on_record_and_erased_when_the_call_has_ended(ledger: Ledger) -> None:
    drawn_design(ledger)
    with ledger.writing() as session:
        an = caller(session, "an")
        person = taken(session, an, AFTER)
        case_id = session.get_one(CallBackCase, person.id).case_id
        assert calls.number_for_call(session, SECRET, person.id, an, AFTER).startswith("+849876")
        calls.record(session, person.id, an, end_of(person), AFTER + MINUTE)
        assert session.get(CallBackNumber, case_id, populate_existing=True) is None
        with pytest.raises(Conflict):
            calls.number_for_call(session, SECRET, person.id, an, AFTER + MINUTE)
        rows = session.execute(sa.select(AuditEntry.act, AuditEntry.about).order_by(AuditEntry.id)).all()
        assert [tuple(row) for row in rows[-2:]] == [
            ("call.number_shown", {"call": person.id}),
            ("call.recorded", {"call": person.id, "outcome": "complete"}),
        ]


def test_a_form_that_is_sent_twice_is_taken_once(ledger: Ledger) -> None:
    drawn_design(ledger)
    with ledger.writing() as session:
        an = caller(session, "an")
        person = taken(session, an, AFTER)
        end = CallEnd(NO_CONTACT, "a key of one form only")
        for minute in range(3):
            calls.record(session, person.id, an, end, AFTER + minute * MINUTE)
        assert session.scalar(sa.select(sa.func.count()).select_from(CallBackTry)) == 1
        assert session.get_one(CallBackCase, person.id).tries == 1


def test_nobody_is_tried_twice_in_one_part_of_a_day_nor_more_often_than_planned(ledger: Ledger) -> None:
    drawn_design(ledger)
    with ledger.writing() as session:
        an = caller(session, "an")
        everybody = sum(SAMPLE.__dict__.values()) - SAMPLE.tries
        for tries, when in enumerate((AFTER, AFTER + 5 * HOUR, AFTER + 24 * HOUR)):
            for _ in range(everybody):
                person = taken(session, an, when)
                assert person.tries == tries
                calls.record(session, person.id, an, CallEnd(NO_CONTACT, f"{when} {person.id}"), when)
            assert calls.take_next(session, SECRET, an, when + HOUR) is None
        assert calls.left(session, when) == calls.CallsLeft(0, 0, everybody)
        assert set(session.scalars(sa.select(CallBackCase.outcome))) == {NO_CONTACT}
        assert session.scalar(sa.select(sa.func.count()).select_from(CallBackNumber)) == 0


@pytest.mark.parametrize(
    ("stratum", "outcome", "said", "wrong"),
    [
        (SILENT, COMPLETE, CallAnswers(), {"rating"}),
        (SILENT, PARTIAL, CallAnswers(herself=True), {"rating"}),
        (SILENT, COMPLETE, CallAnswers(rating=1), set()),
        (ANSWERED, COMPLETE, CallAnswers(rating=5), {"herself"}),
        (ANSWERED, COMPLETE, CallAnswers(herself=True), {"herself"}),
        (ANSWERED, COMPLETE, CallAnswers(herself=False), set()),
        (ANSWERED, PARTIAL, CallAnswers(herself=True), set()),
        (ANSWERED, PARTIAL, CallAnswers(), {"herself"}),
        (SILENT, NO_CONTACT, CallAnswers(), set()),
        (ANSWERED, CallOutcome.REFUSAL, CallAnswers(), set()),
    ],
)
def test_a_call_in_which_something_was_said_says_what(
    stratum: CallBackStratum, outcome: CallOutcome, said: CallAnswers, wrong: set[str]
) -> None:
    assert set(calls.faults(stratum, CallEnd(outcome, "key", said))) == wrong


def test_who_answered_is_never_asked_for_the_rating_and_who_was_silent_for_nothing_else(ledger: Ledger) -> None:
    drawn_design(ledger)
    whole = CallAnswers(rating=3, herself=True, freely=True)
    with ledger.writing() as session:
        an = caller(session, "an")
        while (person := calls.take_next(session, SECRET, an, AFTER)) is not None:
            calls.record(session, person.id, an, CallEnd(COMPLETE, f"key {person.id}", whole), AFTER)
        rows = session.execute(sa.select(CallBackCase.stratum, CallBackCase.rating, CallBackCase.herself))
        assert set(map(tuple, rows)) == {(SILENT, 3, None), (ANSWERED, None, True)}


def test_numbers_are_kept_sealed_only_as_long_as_somebody_may_be_called(ledger: Ledger) -> None:
    with ledger.writing() as session:
        finish_cases(session, 3, 0, 0, first=700)
        assert not session.scalars(sa.select(CallBackNumber.case_id)).all(), "without a plan none is kept"
        planned(session)
        finish_cases(session, 3, 0, 0, first=800)
        kept = session.scalars(sa.select(CallBackNumber)).all()
        opened = {phones.opened(SECRET, one.case_id, one.sealed) for one in kept}
        assert opened == {phone(number) for number in range(800, 803)}
        assert not [one for one in kept if b"9876" in one.sealed]
        assert phones.opened(SECRET, kept[0].case_id + 1, kept[0].sealed) is None
        assert {one.language for one in kept} == {"en", None}
        finish_cases(session, 3, 0, 0, first=700)  # the portal tells of them again, now that there is a plan
        assert session.scalar(sa.select(sa.func.count()).select_from(CallBackNumber)) == 6


def test_numbers_handed_over_after_the_draw_are_kept_of_drawn_cases_alone(ledger: Ledger) -> None:
    drawn_design(ledger)
    with ledger.writing() as session:
        session.execute(sa.delete(CallBackNumber))
        rows = session.scalars(sa.select(CallBackCase.case_id)).all()
        finish_cases(session, 60, 0, 0)
        assert set(session.scalars(sa.select(CallBackNumber.case_id))) == set(rows)
        assert contact.read(phone(1)).address == phone(1)


def one_person(session: Session, number: int) -> list[int]:
    """Let the portal tell that this many of the drawn cases have one telephone number; return their rows."""
    drawn = sa.select(CallBackCase.id, Case.code_hash).join(Case, Case.id == CallBackCase.case_id)
    rows = session.execute(drawn.order_by(CallBackCase.turn.desc(), CallBackCase.id).limit(number)).all()
    phones.keep(session, SECRET, {row.code_hash: contact.read("0987699999") for row in rows}, {}, AFTER)
    return [row.id for row in rows]


def test_somebody_with_several_cases_is_called_once_and_asked_about_each(ledger: Ledger) -> None:
    drawn_design(ledger)
    with ledger.writing() as session:
        an, binh = caller(session, "an"), caller(session, "binh")
        theirs = one_person(session, 3)
        calls_made: list[int] = []  # of the person with three cases, each by which call
        while (person := calls.take_next(session, SECRET, an, AFTER)) is not None:
            if person.id not in theirs:
                assert person.cases == 1
                calls.record(session, person.id, an, end_of(person), AFTER)
                continue
            while (other := calls.take_next(session, SECRET, binh, AFTER)) is not None:
                assert other.id not in theirs, "nobody else calls the same person meanwhile"
                calls.record(session, other.id, binh, end_of(other), AFTER)
            for left in (3, 2, 1):
                held = calls.held(session, an, AFTER)
                assert held is not None and held.cases == left and held.id in theirs
                calls_made.append(held.id)
                calls.record(session, held.id, an, end_of(held), AFTER)
        assert sorted(calls_made) == sorted(theirs)
        assert set(session.scalars(sa.select(CallBackCase.outcome))) == {COMPLETE}
        assert session.scalar(sa.select(sa.func.count()).select_from(CallBackNumber)) == 0


def test_where_nobody_speaks_it_is_one_try_for_all_cases_of_the_person(ledger: Ledger) -> None:
    drawn_design(ledger)
    with ledger.writing() as session:
        an = caller(session, "an")
        theirs = one_person(session, 2)
        for outcome, when in ((NO_CONTACT, AFTER), (CallOutcome.REFUSAL, AFTER + 5 * HOUR)):
            first = next(iter(taken_in(session, an, when, theirs)))
            end = CallEnd(outcome, f"the form of {outcome}")
            for _ in range(2):  # sent twice
                calls.record(session, first.id, an, end, when)
            rows = list(session.scalars(sa.select(CallBackCase).where(CallBackCase.id.in_(theirs))))
            assert {row.tries for row in rows} == {1 if outcome == NO_CONTACT else 2}
            assert calls.held(session, an, when) is None
        assert {row.outcome for row in rows} == {CallOutcome.REFUSAL}
        left = set(session.scalars(sa.select(CallBackNumber.case_id)))
        assert left.isdisjoint({row.case_id for row in rows}), "the number is gone for each of them"


def taken_in(session: Session, staff_id: int, when: dt.datetime, ids: list[int]) -> Iterator[PersonToCall]:
    """Yield the people with these cases, as their turn comes; of all others nobody answers."""
    while (person := calls.take_next(session, SECRET, staff_id, when)) is not None:
        if person.id in ids:
            yield person
        else:
            calls.record(session, person.id, staff_id, CallEnd(NO_CONTACT, f"{when} {person.id}"), when)
