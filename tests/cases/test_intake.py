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
from survey.models import Agency, AuditEntry, Case, Delivery, Invitation, Level, Respondent, Withdrawal
from survey.organisation import agencies
from tests.support import factories
from tests.support.factories import SECRET

NOON = dt.datetime(2026, 10, 6, 5, tzinfo=dt.UTC)
ENTRY = IncomingCase("H61.50-261001-0001", "1.001193", "H61.50", "H61.50", Respondent.CITIZEN, dt.date(2026, 10, 5))


def take(session: Session, *entries: IncomingCase, agency: str = "H61.50") -> list[CaseResult]:
    return intake.take(session, entries, Terms(SECRET, factories.agency_id(session, agency), 1, NOON, 7, 3))


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
    first, again, other = take(
        session,
        ENTRY,
        replace(ENTRY, contact="an@example.vn"),
        replace(ENTRY, finished=dt.date(2026, 10, 4)),
    )
    assert (first.status, faults(again), faults(other)) == ("recorded", [], ["case_code"])
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


def test_an_address_that_cannot_be_used_costs_no_case_which_stays_due(session: Session) -> None:
    [result] = take(session, replace(ENTRY, contact="nowhere"))
    assert (result.status, faults(result), result.token) == ("recorded", [], None)
    assert [field for field, _message, _values in result.warnings] == ["contact"]
    [corrected] = take(session, replace(ENTRY, contact="an@example.vn"))
    assert corrected.token and corrected.message and not corrected.warnings


def test_who_received_a_case_is_judged_by_the_day_on_which_it_was_received(session: Session) -> None:
    old = Agency(
        code="H61.59", name={"vi": "Xã cũ"}, level=Level.COMMUNE, parent_id=factories.agency_id(session, "H61")
    )
    old.valid_from, old.valid_to = dt.date(2020, 1, 1), dt.date(2026, 9, 30)
    session.add(old)
    session.flush()
    over = replace(ENTRY, receiving="H61.59", received=dt.date(2026, 9, 29))
    [result] = take(session, over)
    assert faults(result) == []
    assert session.scalars(sa.select(Case.receiving_agency_id)).all() == [old.id]
    [late, ended] = take(
        session,
        replace(over, case_code="H61.50-261001-0002", received=dt.date(2026, 10, 2)),
        replace(over, case_code="H61.50-261001-0003", resolving="H61.59"),
    )
    assert (set(faults(late)), set(faults(ended))) == ({"receiving"}, {"resolving"})


RECEIVED = replace(ENTRY, received=dt.date(2026, 10, 1), withdrawal_told=True)
OCT_6 = dt.date(2026, 10, 6)


def acts(session: Session) -> list[tuple[str, dict[str, object]]]:
    """Return what is on record of withdrawals."""
    entries = session.execute(sa.select(AuditEntry.act, AuditEntry.about).order_by(AuditEntry.id))
    return [(act, about) for act, about in entries if act.startswith("case.")]


def test_a_case_is_withdrawn_and_given_back_as_it_comes_again_and_each_is_on_record(session: Session) -> None:
    sent = [RECEIVED, replace(RECEIVED, withdrawn=OCT_6), replace(RECEIVED, withdrawn=OCT_6), RECEIVED, RECEIVED]
    statuses = [take(session, entry)[0].status for entry in sent]
    assert statuses == ["recorded", "updated", "unchanged", "updated", "unchanged"]
    number = session.scalar(sa.select(Case.id))
    assert acts(session) == [
        ("case.withdrawn", {"case": number, "api_key": 1, "day": "2026-10-06"}),
        ("case.restored", {"case": number, "api_key": 1}),
    ]
    rows = session.execute(sa.select(Withdrawal.withdrawn_on, Withdrawal.recorded_at, Withdrawal.restored_at)).all()
    assert [tuple(row) for row in rows] == [(OCT_6, NOON, NOON)], "that it once was withdrawn stays"


def test_another_day_of_the_withdrawal_is_a_correction(session: Session) -> None:
    for day in (OCT_6, dt.date(2026, 10, 5)):
        [result] = take(session, replace(RECEIVED, withdrawn=day))
    assert result.status == "updated"
    held = sa.select(Withdrawal.withdrawn_on).where(Withdrawal.restored_at.is_(None))
    assert session.scalars(held).all() == [dt.date(2026, 10, 5)]
    assert [about["day"] for _act, about in acts(session)] == ["2026-10-06", "2026-10-05"]


def test_a_case_that_comes_withdrawn_is_recorded_and_invited_only_when_it_is_given_back(session: Session) -> None:
    contact = replace(RECEIVED, contact="an@example.vn")
    [result] = take(session, replace(contact, withdrawn=OCT_6))
    assert (result.status, result.token, result.message) == ("recorded", None, False)
    assert session.scalar(sa.select(sa.func.count(Invitation.id))) == 0
    [restored] = take(session, contact)
    assert (restored.status, restored.message) == ("updated", True) and restored.token


@pytest.mark.parametrize(
    ("day", "refused"),
    [
        ("2026-09-30", True),
        ("2026-10-01", False),
        ("2026-10-06", False),
        ("2026-10-07", True),
    ],
)
def test_a_case_is_withdrawn_after_it_was_received_and_not_in_the_future(
    session: Session, day: str, refused: bool
) -> None:
    [result] = take(session, replace(RECEIVED, withdrawn=dt.date.fromisoformat(day)))
    assert faults(result) == (["withdrawn"] if refused else [])


def test_a_feed_that_knows_nothing_of_withdrawals_gives_no_case_back(session: Session) -> None:
    take(session, replace(RECEIVED, withdrawn=OCT_6))
    [result] = take(session, replace(RECEIVED, withdrawal_told=False))
    assert (result.status, result.token) == ("unchanged", None)
    assert [act for act, _about in acts(session)] == ["case.withdrawn"]
