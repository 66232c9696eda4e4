"""A ledger with a key of its own, as tests seal and verify it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.db.engine import Database
from survey.ledger import sealing, signing_key
from survey.ledger.notes import Checkpoint
from survey.models import LedgerEntry
from survey.operations.verification import Verified, verify
from tests.support import factories
from tests.support.cases import answer

NOON = dt.datetime(2026, 10, 5, 5, tzinfo=dt.UTC)


@dataclass
class Ledger:
    """A store with a key of its own for its ledger."""

    store: Database
    key: Path

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Write, and commit at the end."""
        with self.store.session(writes=True) as session:
            yield session
            session.commit()

    def seal(self, when: dt.datetime = NOON) -> Checkpoint | None:
        """Seal all that waits."""
        return sealing.seal(self.store, self.key, when)

    def verify(self, since: Checkpoint | None = None) -> Verified:
        """Hold everything against the ledger."""
        with self.store.session(writes=False) as session:
            return verify(session, since=since)


def kinds_of(ledger: Ledger) -> list[str]:
    """Return what each entry is about, in their order."""
    with ledger.store.session(writes=False) as session:
        contents = session.scalars(sa.select(LedgerEntry.content).order_by(LedgerEntry.number))
        return [json.loads(content)["kind"] for content in contents]


@pytest.fixture
def ledger(store: Database, tmp_path: Path, vietnamese: None) -> Ledger:
    """A ledger with its key, in which nothing is numbered yet."""
    key = tmp_path / "ledger_key"
    signing_key.make(key, "example.vn/ledger")
    return Ledger(store, key)


@pytest.fixture
def sealed(ledger: Ledger) -> Ledger:
    """Ten answers, two of them with a comment and one that was changed, sealed."""
    with ledger.writing() as session:
        for place in range(8):
            comment = "Chờ lâu quá" if place < 2 else ""
            answer(session, factories.invitation(session), place % 5 + 1, NOON, comment)
        token = factories.invitation(session)
        for rating in (1, 5):
            answer(session, token, rating, NOON)
    ledger.seal()
    return ledger
