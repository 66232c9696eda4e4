"""What is there after a fault, as another process reads it: answers, a sound file, and a ledger that agrees."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from survey.db.engine import Database
from survey.i18n import speaking
from survey.ledger import sealing, signing_key
from survey.ledger.notes import Checkpoint
from survey.models import Response
from survey.operations.verification import verify
from survey.periods import now
from survey.security.tokens import receipt_code
from survey.settings import Settings
from tests.support.faults.restarted import PROGRAM

ORIGIN = "127.0.0.1/ledger"


def key_of(settings: Settings) -> Path:
    """Return the key of an installation's ledger, made at the first time."""
    path = signing_key.file_of(settings)
    if not path.exists():
        signing_key.make(path, ORIGIN)
    return path


def receipts(database: Database) -> list[str]:
    """Return the receipts of all stored responses; a file of SQLite must be sound."""
    with database.session(writes=False) as session:
        stored = [receipt_code(receipt) for receipt in session.scalars(sa.select(Response.receipt))]
        if database.engine.dialect.name == "sqlite":
            assert session.execute(sa.text("PRAGMA integrity_check")).scalar() == "ok"
    return stored


def stored(settings: Settings) -> list[str]:
    """Return the receipts of all stored responses of an installation."""
    with Database(settings.database_url) as database:
        return receipts(database)


def agreed(settings: Settings, since: Checkpoint | None = None) -> tuple[list[str], Checkpoint | None]:
    """Seal what waits, hold everything against the ledger and an earlier checkpoint, as `hailong verify` does.

    Returns the receipts of all stored responses and the newest checkpoint; whatever does not agree fails.
    """
    with Database(settings.database_url) as database, speaking("en"):
        sealing.seal(database, key_of(settings), now())
        with database.session(writes=False) as session:
            result = verify(session, since=since)
        assert [str(one) for one in result.discrepancies] == [] and result.waiting == 0
        return receipts(database), result.checkpoint


def seal_on(url: str, key: Path) -> None:
    """Seal again and again, as `hailong seal --every` does, but without a rest."""
    with Database(url) as database:
        while True:
            try:
                sealing.seal(database, key, now())
            except sa.exc.OperationalError:  # the database is down: the service is started again
                database.dispose()
            threading.Event().wait(0.02)


@contextmanager
def sealed_until_killed(settings: Settings) -> Iterator[None]:
    """Seal beside those who answer, for the time of a block; at its end the process is killed wherever it is."""
    process = PROGRAM.Process(target=seal_on, args=(settings.database_url, key_of(settings)))
    process.start()
    try:
        yield
    finally:
        process.kill()
        process.join()
        process.close()
