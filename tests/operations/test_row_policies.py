"""Whose rows are whose: of a case that one agency took in and another one finished, of its messages, and of nobody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.collection import invitations
from survey.db import row_security
from survey.db.engine import Database
from survey.db.logins import Login
from survey.delivery import queue
from survey.delivery.queue import NewDelivery
from survey.models import AddressKind, CallBackCase, CallBackStratum, Delivery, Invitation, MessageKind, State
from survey.organisation.sight import ever_within
from survey.settings import Settings
from tests.support import aged_rows, callbacks, factories, logins

NOON = dt.datetime(2026, 10, 5, 5, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture
def engine_name() -> str:
    """Only PostgreSQL has policies of rows."""
    return "postgresql"


@pytest.fixture
def staff(settings: Settings) -> Iterator[Database]:
    """The database by the login of officials' pages."""
    with Database(logins.address(settings.database_url, Login.STAFF)) as database:
        yield database


def numbers(staff: Database, session: Session, agency: str) -> dict[str, int]:
    """Return how many rows of each table an account of an agency sees that asks for all."""
    with row_security.seeing_nothing():
        row_security.see(ever_within(session, factories.agency_id(session, agency)))
        with staff.session(writes=False) as reading:
            tables = ("case", "invitation", "delivery", "transition", "call_back_case")
            return {table: reading.scalar(sa.text(f'SELECT count(*) FROM "{table}"')) or 0 for table in tables}


def test_a_case_is_of_both_of_its_agencies_and_what_is_of_no_case_is_everybody_s(
    session: Session, staff: Database
) -> None:
    case = factories.case(session, "H61.50", finished=NOON.date())
    case.resolving_agency_id = factories.agency_id(session, "H61.51")
    session.flush()
    invitations.issue(session, [case.id], NOON, 7)
    invitation = session.scalars(sa.select(Invitation.id).where(Invitation.case_id == case.id)).one()
    key = queue.new_key()
    about = NewDelivery(MessageKind.INVITATION, AddressKind.EMAIL, key, b"{}", NOON, NOON + DAY, invitation)
    queue.add(session, [about], NOON)
    queue.end(session, Delivery.key == key, State.FAILED, None, NOON)
    aged_rows.add_event(session, 1, NOON)
    design = callbacks.planned(session)
    session.add(CallBackCase(call_back_id=design.id, stratum=CallBackStratum.SILENT, turn=1, position=1))
    session.commit()
    for agency in ("H61.50", "H61.51", "H61"):
        seen = numbers(staff, session, agency)
        assert (seen["case"], seen["invitation"], seen["delivery"], seen["call_back_case"]) == (1, 1, 2, 1), agency
    nobody_s = numbers(staff, session, "H61.52")
    assert (nobody_s["case"], nobody_s["invitation"], nobody_s["delivery"], nobody_s["call_back_case"]) == (0, 0, 1, 1)
    assert 0 < nobody_s["transition"] < seen["transition"], "what became of the message of no case alone"
