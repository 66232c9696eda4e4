"""Cases as a portal sends them: which its key may touch, and what becomes of one that is sent twice."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.cases import intake
from survey.cases.intake import CaseResult, IncomingCase, Terms
from survey.errors import NotFound
from survey.models import Agency, Case, Delivery, Respondent
from survey.organisation import agencies
from tests.support import factories
from tests.support.factories import SECRET

NOON = dt.datetime(2026, 10, 6, 5, tzinfo=dt.UTC)
ENTRY = IncomingCase("H61.50-261001-0001", "1.001193", "H61.50", "H61.50", Respondent.CITIZEN, dt.date(2026, 10, 5))


def take(session: Session, *entries: IncomingCase, agency: str = "H61.50") -> list[CaseResult]:
    return intake.take(session, entries, Terms(SECRET, factories.agency_id(session, agency), NOON, 7, 3))


def faults(result: CaseResult) -> list[str]:
    assert (result.status == "refused") is bool(result.faults)
    assert not result.faults or result.token is None
    return [field for field, _message, _values in result.faults]


@pytest.mark.parametrize(
    ("receiving", "resolving", "refused"),
    [
        ("H61.50", "H61.50", []),
        ("H61.51", "H61.50", []),  # another office may have received what this one resolved
        ("H61.50", "H61.51", ["resolving"]),
        ("H61.50.7", "H61.50.7", []),  # nobody knows it yet: it is entered below, where the key reaches
        ("H61.51.7", "H61.51.7", ["resolving"]),
        ("H61.50.7", "H61.50", []),
        ("H61.51.7", "H61.50", ["receiving"]),
        ("VL-TV.9", "H61.50", ["receiving"]),
    ],
)
def test_a_key_takes_cases_that_its_own_agencies_resolved(
    session: Session, receiving: str, resolving: str, refused: list[str]
) -> None:
    [result] = take(session, replace(ENTRY, receiving=receiving, resolving=resolving))
    assert faults(result) == refused
    for code in {receiving, resolving} if refused else ():
        if code.endswith((".7", ".9")):
            with pytest.raises(NotFound):
                agencies.by_code(session, code)


def test_a_key_changes_no_case_of_another(session: Session) -> None:
    [first] = take(session, replace(ENTRY, receiving="H61.51", resolving="H61.51"), agency="H61.51")
    assert first.token
    [stolen] = take(session, ENTRY)
    assert faults(stolen) == ["case_code"]
    [same] = take(session, ENTRY, agency="H61")
    assert (same.status, same.token) == ("updated", None)
    served = sa.select(Agency.code).join(Case, Case.resolving_agency_id == Agency.id)
    assert session.scalars(served).all() == ["H61.50"]


def test_a_case_that_stands_twice_alike_counts_once_and_otherwise_is_refused(session: Session) -> None:
    first, again, other, unread = take(
        session,
        ENTRY,
        replace(ENTRY, contact="an@example.vn"),
        replace(ENTRY, finished=dt.date(2026, 10, 4)),
        replace(ENTRY, contact="nowhere"),
    )
    assert (first.status, faults(again), faults(other), faults(unread)) == ("recorded", [], ["case_code"], ["contact"])
    assert first.token and again.token is None
    assert session.scalar(sa.select(sa.func.count(Case.id))) == 1
    assert session.scalar(sa.select(sa.func.count(Delivery.id))) == 0


def test_a_wrong_copy_does_not_stand_in_the_way_of_the_right_one(session: Session) -> None:
    wrong, right = take(session, replace(ENTRY, procedure="1.999999"), ENTRY)
    assert (faults(wrong), right.status) == (["procedure"], "recorded")


@pytest.mark.parametrize(("day", "refused"), [("2000-01-01", False), ("1999-12-31", True), ("2026-10-07", True)])
def test_a_case_was_finished_in_times_that_can_be(session: Session, day: str, refused: bool) -> None:
    session.execute(sa.update(Agency).values(valid_from=dt.date(1990, 1, 1)))
    [result] = take(session, replace(ENTRY, finished=dt.date.fromisoformat(day)))
    assert faults(result) == (["finished"] if refused else [])
