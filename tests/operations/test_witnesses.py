"""Witnesses are added and removed on the machine, on record; what is no address or key of one is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.errors import Conflict, InvalidNote, NotFound
from survey.ledger import cosignatures, signing_key
from survey.models import AuditEntry
from survey.operations import witnesses
from tests.operations.test_cosigning import SQLITE, own
from tests.support.ledgers import NOON, Ledger, ledger, sealed

__all__ = ["ledger", "sealed"]  # the fixtures


@SQLITE
def test_witnesses_are_added_and_removed_on_record_and_badly_named_ones_are_refused(
    session: Session, sealed: Ledger, tmp_path: Path
) -> None:
    key = str(own(sealed, tmp_path / "witness").public)
    for url in ("ftp://a.example", "https://", "https://me:secret@a.example", "https://a.example/?x=1", "nothing"):
        with pytest.raises(Conflict):
            witnesses.add(session, url, key, NOON)
    with pytest.raises(InvalidNote):
        witnesses.add(session, "https://a.example", str(signing_key.load(sealed.key).verifier), NOON)
    first = witnesses.add(session, "https://a.example/w/", key, NOON).id
    with pytest.raises(Conflict):
        witnesses.add(session, "https://b.example", key, NOON)
    witnesses.remove(session, "witness.example.vn", NOON)
    assert cosignatures.in_use(session) == []
    with pytest.raises(NotFound):
        witnesses.remove(session, "witness.example.vn", NOON)
    again = witnesses.add(session, "https://b.example", key, NOON)
    assert (again.id, again.url) == (first, "https://b.example"), "its signatures of before stay its own"
    own_acts = sa.select(AuditEntry.act).where(AuditEntry.act.like("witness.%")).order_by(AuditEntry.id)
    assert list(session.scalars(own_acts)) == ["witness.added", "witness.removed", "witness.added"]
