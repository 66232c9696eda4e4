"""Messages and webhook deliveries of before stand in one queue, and go back."""

from __future__ import annotations

import datetime as dt
from importlib import import_module
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

import migrations
from survey.db.engine import Database
from survey.delivery import messages, queue, webhooks
from survey.delivery.contact import Contact
from survey.delivery.messages import NewMessage
from survey.delivery.queue import Outcome
from survey.models import AddressKind, Delivery, MessageKind, Reason, State
from survey.periods import parse
from survey.results import closing
from survey.web.survey import survey_of
from tests.support import factories
from tests.support.factories import SECRET
from tests.support.figures import STANDARD

WHEN = dt.datetime(2026, 11, 2, 3, tzinfo=dt.UTC)
LEASE = dt.timedelta(minutes=5)
BEFORE: str = import_module("migrations.versions.0010_one_queue").down_revision


@pytest.fixture
def database(app: Flask, session: Session) -> Database:
    """One message that failed once, its reminder, one that arrived; one event that waits and one that arrived."""
    for _ in range(2):
        token = factories.invitation(session, when=WHEN)
        messages.add(session, SECRET, [NewMessage(token, Contact(AddressKind.EMAIL, "an@example.vn"))], WHEN, 3)
    agency_id, url = factories.agency_id(session, "H61"), "https://portal.example.vn/"
    webhooks.add(session, SECRET, "portal", url, webhooks.EVENTS, agency_id, WHEN - LEASE)
    closing.close(session, parse("2026-09"), WHEN, STANDARD)
    closing.close(session, parse("2026-10"), WHEN, STANDARD)
    webhooks.add_events(session, "https://khaosat.example.vn", WHEN)
    for outcome in (Outcome(State.QUEUED, Reason.BUSY), Outcome(State.DELIVERED)):
        for kind in (MessageKind.INVITATION, MessageKind.EVENT):
            claimed = queue.claim(session, WHEN, LEASE, Delivery.kind == kind)
            assert claimed is not None
            queue.settle(session, claimed.id, claimed.attempt, outcome, WHEN)
    session.commit()
    return survey_of(app).database


def rows(database: Database, query: str) -> list[tuple[Any, ...]]:
    with database.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(query))]


def test_what_waits_and_what_has_ended_moves_there_and_back(database: Database) -> None:
    everything = (
        "SELECT invitation_id, subject, queued_at, due_at, expires_at, changed_at, delivered_at, kind, address_kind, "
        "state, attempts, doubts, key, payload FROM delivery ORDER BY id"
    )
    steps = (
        "SELECT key, at, t.state, t.reason FROM transition t JOIN delivery d ON d.id = t.delivery_id {} ORDER BY t.id"
    )
    before = rows(database, everything), rows(database, steps.format("WHERE d.webhook_id IS NULL"))
    migrations.migrate(database, BEFORE)
    sent = rows(database, "SELECT kind, way, state, reason, sealed IS NULL FROM message ORDER BY id")
    assert [tuple(int(value or 0) for value in row) for row in sent] == [
        (MessageKind.INVITATION, AddressKind.EMAIL, State.QUEUED, Reason.BUSY, False),
        (MessageKind.REMINDER, AddressKind.EMAIL, State.QUEUED, 0, False),
        (MessageKind.INVITATION, AddressKind.EMAIL, State.DELIVERED, 0, True),
        (MessageKind.REMINDER, AddressKind.EMAIL, State.QUEUED, 0, False),
    ]
    events = (
        "SELECT event, subject, state, attempts, due_at IS NULL, length(body) > 100 FROM webhook_delivery ORDER BY id"
    )
    assert [tuple(row) for row in rows(database, events)] == [
        ("period.closed", "2026-09 calendar", 1, 1, False, True),
        ("period.closed", "2026-10 calendar", 3, 1, True, False),
    ]
    migrations.migrate(database)
    assert (rows(database, everything), rows(database, steps.format(""))) == before
    migrations.check(database)


def test_what_came_over_is_sent_and_new_rows_find_their_place(database: Database) -> None:
    migrations.migrate(database, BEFORE)
    migrations.migrate(database)
    later = WHEN + 2 * LEASE
    with database.session(writes=True) as session:
        event = queue.claim(session, later, LEASE, Delivery.kind == MessageKind.EVENT)
        message = queue.claim(session, later, LEASE, Delivery.kind == MessageKind.INVITATION)
        assert event is not None and message is not None
        posted, written = webhooks.opened(session, SECRET, event), messages.opened(session, SECRET, message)
        assert posted is not None and posted.name == "period.closed" and b"2026-09" in posted.body
        assert written is not None and written.address == "an@example.vn"
        webhooks.add_events(session, "https://khaosat.example.vn", later)
        assert session.scalar(sa.select(sa.func.count(Delivery.id))) == 6, "what happened before is told once"
        token = factories.invitation(session, when=WHEN)
        messages.add(session, SECRET, [NewMessage(token, Contact(AddressKind.EMAIL, "an@example.vn"))], WHEN, 3)
        assert session.scalar(sa.select(sa.func.count(Delivery.id))) == 8
        session.commit()
