"""What is kept ends at its time: of every kind what is older goes, in slices on record, and nothing that is younger."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from survey.audit.acts import Act
from survey.db.erasing import allow_erasing
from survey.delivery import messages, queue, webhooks
from survey.delivery.contact import Contact
from survey.delivery.messages import NewMessage
from survey.models import (
    AddressKind,
    AuditEntry,
    Base,
    ClosedPeriod,
    DeadAddress,
    Delivery,
    Invitation,
    State,
    Transition,
)
from survey.operations import doctor, retention
from survey.operations.retention_kinds import KINDS, RetentionKind
from survey.operations.undated_kinds import UNDATED
from survey.periods import parse
from survey.results import closing
from survey.results.invitation_coverage import invitation_coverage
from survey.results.scope import scope_for
from survey.settings import Settings
from survey.web.survey import survey_of
from tests.support import commands, factories
from tests.support.aged_rows import DAY, ROWS, YOUNG, add_event
from tests.support.factories import SECRET
from tests.support.figures import STANDARD
from tests.support.officials import found

WHEN = dt.datetime(2028, 6, 1, 5, tzinfo=dt.UTC)
MINUTES = dt.timedelta(minutes=2)
AN = Contact(AddressKind.EMAIL, "an@example.vn")
BY_CODE = {kind.code: kind for kind in KINDS}


def run(app: Flask, when: dt.datetime = WHEN) -> dict[str, int]:
    return retention.run(survey_of(app).database, survey_of(app).settings, lambda: when)


def left(session: Session, kind: RetentionKind) -> list[Any]:
    """Return what there is of a kind of data, whatever its age, but for the record of erasures."""
    if kind.model is AuditEntry:
        query = sa.select(AuditEntry.id).where(AuditEntry.act != Act.DATA_ERASED.value)
        numbers = session.scalars(query).all()
        session.rollback()
        return sorted(numbers)
    there = kind.table.c[kind.emptied[0]].is_not(None) if kind.emptied else sa.true()
    rows = session.execute(sa.select(*kind.table.primary_key.columns).where(there)).all()
    session.rollback()
    return sorted(map(tuple, rows))


def erasures(session: Session) -> list[dict[str, Any]]:
    """Return what is on record of each erasure, in their order."""
    query = sa.select(AuditEntry.about).where(AuditEntry.act == Act.DATA_ERASED.value).order_by(AuditEntry.id)
    return found(session, query)


@pytest.mark.parametrize("code", BY_CODE)
def test_what_is_older_than_it_may_be_goes_and_what_is_younger_stays(
    app: Flask, session: Session, settings: Settings, code: str
) -> None:
    kind = BY_CODE[code]
    limit = kind.limit(settings, WHEN)
    run(app)  # of what the province was set up with
    ROWS[code](session, YOUNG, limit + MINUTES / 2)
    session.commit()
    young, before = left(session, kind), len(erasures(session))
    ROWS[code](session, 2, limit - MINUTES)
    session.commit()
    both = left(session, kind)
    with survey_of(app).database.session(writes=False) as reading:
        numbers = {one.code: number for one, _limit, number in retention.due(reading, settings, WHEN)}
    assert numbers[code] == 1 and left(session, kind) == both, "a look says how many, and erases nothing"
    assert run(app)[code] == 1
    assert left(session, kind) == young
    own = [entry for entry in erasures(session)[before:] if entry["kind"] == code]
    assert own == ([{"kind": code, "number": 1, "before": limit.isoformat()}] if kind.on_record else [])
    assert run(app)[code] == 0


def test_much_is_erased_in_slices_each_of_them_on_record(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "SLICE", 2)
    for number in range(5):
        ROWS["dead_addresses"](session, number, WHEN - 400 * DAY)
    session.commit()
    assert run(app)["dead_addresses"] == 5
    own = [entry["number"] for entry in erasures(session) if entry["kind"] == "dead_addresses"]
    assert own == [2, 2, 1]


def test_a_closing_stays_on_record_and_its_figures_are_still_checked_against_it(app: Flask, session: Session) -> None:
    at = dt.datetime(2025, 10, 10, 5, tzinfo=dt.UTC)
    factories.response(session, 5, when=at)
    period = parse("2025-10")
    closing.close(session, period, at + 30 * DAY, STANDARD)
    session.commit()
    run(app)
    [row] = found(session, sa.select(ClosedPeriod))
    assert closing.digest_on_record(session, row) == closing.digest(session, row)


def test_a_message_stays_until_its_year_is_closed_and_then_who_was_asked_is_still_told(
    app: Flask, session: Session
) -> None:
    at = dt.datetime(2025, 10, 10, 5, tzinfo=dt.UTC)
    token = factories.invitation(session, when=at)
    messages.add(session, SECRET, [NewMessage(token, AN)], at, 0)
    taken = {"state": State.DELIVERED, "payload": None, "due_at": None, "delivered_at": at}
    session.execute(sa.update(Delivery).values(taken))
    closing.close(session, parse("2025-10"), at + 40 * DAY, STANDARD)
    session.commit()
    assert run(app)["deliveries"] == 0, "its year may still be asked for"
    closing.close(session, parse("2025"), at + 100 * DAY, STANDARD)

    def told(code: str) -> str:
        scope = scope_for(session, parse(code), factories.agency_id(session, "H61"))
        return repr(invitation_coverage(session, scope, WHEN))

    before = [told("2025-10"), told("2025")]
    assert "delivered=1" in before[0]
    session.commit()
    assert run(app)["deliveries"] == 1
    session.expire_all()
    assert [told("2025-10"), told("2025")] == before
    assert session.scalars(sa.select(Invitation)).one()


def test_what_waits_to_be_sent_is_not_erased(app: Flask, session: Session) -> None:
    add_event(session, 1, WHEN - 800 * DAY)
    session.execute(sa.update(Delivery).values(state=State.QUEUED, payload=b"{}", due_at=WHEN))
    session.commit()
    run(app)
    assert len(found(session, sa.select(Transition))) == len(found(session, sa.select(Delivery))) == 1


def test_a_closing_that_was_told_and_forgotten_is_not_told_again(app: Flask, session: Session) -> None:
    at = WHEN - 800 * DAY
    factories.response(session, 5, when=at)
    province = factories.agency_id(session, "H61")
    webhooks.add(session, SECRET, "cong", "https://a.example/", webhooks.EVENTS, province, at)
    closing.close(session, parse(f"{at:%Y-%m}"), at + 30 * DAY, STANDARD)
    session.flush()
    webhooks.add_events(session, "https://x.example", at + 31 * DAY)
    about = Delivery.subject.contains("period.closed")
    queue.end(session, about, State.FAILED, None, at + 31 * DAY)
    session.commit()
    assert run(app)["deliveries"] == 1
    webhooks.add_events(session, "https://x.example", WHEN)
    assert session.scalars(sa.select(Delivery).where(about)).all() == []


def test_every_table_is_named_once_where_it_is_said_how_long_it_is_kept() -> None:
    named = [table for one in UNDATED for table in one.tables]
    ended = {kind.table.name for kind in KINDS if not kind.emptied}  # of the others only a column ends by itself
    assert sorted([*named, *ended]) == sorted(Base.metadata.tables), "say in undated_kinds.py how long it is kept"


def test_the_command_tells_before_it_erases(session: Session, settings: Settings, database_url: str) -> None:
    ROWS["dead_addresses"](session, 1, WHEN - 4000 * DAY)
    session.commit()
    more = {"DATABASE_URL": database_url, "SECRET_KEY": settings.secret_key, "HAILONG_LANGUAGE": "en"}
    environ = commands.environment(**more, HAILONG_INSTANCE=str(settings.instance))
    dry = commands.hailong("retention", "--dry-run", environ=environ)
    assert dry.returncode == 0, dry.stderr
    lines = dry.stdout.splitlines()
    assert [line[-3:] for line in lines if line.startswith("E-mail addresses that a server")] == [": 1"]
    assert len(lines) == len(KINDS) + 1
    assert len(found(session, sa.select(DeadAddress))) == 1
    done = commands.hailong("retention", environ=environ)
    assert done.stdout.splitlines()[-1] == "Erased: 1."
    assert found(session, sa.select(DeadAddress)) == []


def test_doctor_warns_of_what_should_have_gone_days_ago(session: Session, settings: Settings) -> None:
    allow_erasing(session)
    session.execute(sa.delete(AuditEntry))  # of years ago, as seen from then
    limit = BY_CODE["dead_addresses"].limit(settings, WHEN)
    ROWS["dead_addresses"](session, 1, limit - DAY)
    assert doctor.old(retention.late(session, settings, WHEN)).state == "ok", "the worker has some days"
    ROWS["dead_addresses"](session, 2, limit - 3 * DAY)
    finding = doctor.old(retention.late(session, settings, WHEN))
    assert (finding.state, finding.values) == ("warning", {"count": 1})
