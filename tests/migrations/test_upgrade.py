"""The upgrade from 0.2.0 while people answer: what was acknowledged before, during and after it is kept, once."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa

import migrations
from survey.audit.acts import Act
from survey.db.engine import Database
from survey.models import AuditEntry, Response
from survey.operations import doctor
from survey.periods import parse
from survey.results import closing
from survey.security.tokens import receipt_code
from survey.settings import Settings
from tests.support import commands, factories, reporting
from tests.support.backups import environment
from tests.support.faults.people import Sheet, open_page, send
from tests.support.faults.restarted import forked
from tests.support.figures import STANDARD
from tests.support.tampering import without_triggers

RELEASE = "0013"  # the schema of 0.2.0
WRITERS = 3
TRIES = 5  # PostgreSQL may end either side of a deadlock: whole, and the operator is told to try again
# An answer to an open QR code as 0.2.0 wrote it.
ANSWER = sa.text(
    "INSERT INTO response (receipt, submitted_at, placement_id, agency_id, questionnaire_id, day, counted, channel, "
    "respondent, overall, language) SELECT :receipt, :at, id, agency_id, 1, :day, :counted, 2, 1, 5, 'vi' "
    "FROM placement WHERE code = 'TESTQR'"
).bindparams(
    sa.bindparam("at", type_=Response.submitted_at.type),
    sa.bindparam("day", type_=Response.day.type),
    sa.bindparam("counted", type_=sa.Boolean()),
)


@dataclass
class Writer:
    """One process of the old program: it writes answers until it is stopped, and remembers what was committed."""

    database: Database
    stop: threading.Event
    acknowledged: list[bytes] = field(default_factory=list)
    refused: int = 0

    def __call__(self) -> None:
        while not self.stop.is_set():
            receipt = secrets.token_bytes(10)
            values = {"receipt": receipt, "at": reporting.NOON, "day": reporting.NOON.date(), "counted": True}
            try:
                with self.database.connection(writes=True) as connection, connection.begin():
                    connection.execute(ANSWER, values)
            except sa.exc.DBAPIError:
                self.refused += 1  # its page comes back filled in
                self.stop.wait(0.01)
                continue
            self.acknowledged.append(receipt)


@pytest.fixture
def released(settings: Settings, store: Database) -> list[str]:
    """A province as 0.2.0 left it: answers, a closed month, links that are out; returns their tokens."""
    with store.session(writes=True) as session:
        reporting.answers(session)
        tokens = [factories.invitation(session) for _ in range(4)]
        factories.placement(session)
        closed = closing.close(session, parse("2026-10"), reporting.NOON.replace(month=11), STANDARD)
        about = {"period": closed.code, "basis": closed.basis}  # all that went on record then
        without_triggers(session, "audit_entry")
        session.execute(sa.update(AuditEntry).where(AuditEntry.act == Act.PERIOD_CLOSED.value).values(about=about))
        closed.targets = closed.beside = None
        session.commit()
    migrations.migrate(store, RELEASE)
    return tokens


def stored(database: Database) -> list[bytes]:
    with database.connection(writes=False) as connection:
        return [bytes(receipt) for receipt in connection.scalars(sa.text("SELECT receipt FROM response"))]


def wait_for(reached: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not reached():
        assert time.monotonic() < until
        threading.Event().wait(0.005)


def test_what_was_acknowledged_around_an_upgrade_from_0_2_0_is_kept_once(
    settings: Settings, store: Database, released: list[str]
) -> None:
    earlier, stop = stored(store), threading.Event()
    writers = [Writer(store, stop) for _ in range(WRITERS)]
    threads = [threading.Thread(target=writer) for writer in writers]
    for thread in threads:
        thread.start()
    try:
        wait_for(lambda: all(writer.acknowledged for writer in writers))
        for _ in range(TRIES):
            done = commands.hailong("migrate", environ=environment(settings))
            if done.returncode == 0 or "Traceback" in done.stderr:
                break
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert done.returncode == 0, done.stderr
    migrations.check(store)
    acknowledged = [receipt for writer in writers for receipt in writer.acknowledged]
    print(f"{len(acknowledged)} acknowledged, {sum(writer.refused for writer in writers)} refused")
    assert sorted(stored(store)) == sorted([*earlier, *acknowledged])
    with store.session(writes=False) as session:
        assert [finding.state for finding in doctor.closed_periods(session)] == ["ok"]
    with forked(settings) as server:  # the new program
        sheets = [Sheet(f"/r/{token}", 4) for token in released]
        for sheet in sheets:
            open_page(server.port, sheet)
            send(server.port, sheet)
    receipts = {receipt_code(receipt) for receipt in stored(store)}
    assert {receipt for sheet in sheets for receipt in sheet.receipts} <= receipts
