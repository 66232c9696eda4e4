"""Seal the ledger: number what has happened, and sign how far it goes.

Each step is one transaction, under one lock: a crash leaves the old checkpoint or the new one, and two who seal at once
do it one after the other.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.db.engine import Database, Lock, exclusively
from survey.db.slices import ROWS, sharing_time
from survey.db.upsert import insert_or_ignore
from survey.errors import Conflict
from survey.i18n import msgid
from survey.ledger import merkle, signing_key, tree
from survey.ledger.notes import Checkpoint, Signer, checkpoint
from survey.ledger.numbering import number_next
from survey.models import LedgerCheckpoint

_CHECKPOINTS = cast("sa.Table", LedgerCheckpoint.__table__)
_NO_SUCCESSOR = msgid(
    "The ledger in the database does not continue what was signed before: %(size)d entries. It was changed, or an "
    "older backup was restored. Nothing was signed. See docs/trust.en.md."
)


def seal(database: Database, key: Path, when: dt.datetime) -> Checkpoint | None:
    """Number what waits and sign how far the ledger goes; return what was signed, if that is more than before.

    Raises:
        InvalidNote: there is no key in that file.
        Conflict: the ledger does not continue what was signed before.
    """
    signer = signing_key.load(key)
    number(database)
    with database.session(writes=True) as session:
        exclusively(session, Lock.LEDGER)
        note = sign(session, signer, signing_key.signed_last(key), when)
        session.commit()
    if note is None:
        return None
    signing_key.remember(key, note)
    return checkpoint(note)


def number(database: Database, most: int = ROWS) -> None:
    """Give all that waits its number, in transactions between which others can write."""
    numbered = most
    while numbered == most:
        with sharing_time(), database.session(writes=True) as session:
            numbered = number_next(session, most)
            session.commit()


def sign(session: Session, signer: Signer, last: Checkpoint | None, when: dt.datetime) -> str | None:
    """Sign how far the ledger goes; return the note, or nothing if nothing came since.

    Raises:
        Conflict: it does not continue the newest checkpoint, or the one that is known to have been signed last.
    """
    size = tree.size(session)
    read = tree.reader(session)
    newest = tree.newest_checkpoint(session)
    for earlier in (last, None if newest is None else checkpoint(newest.note)):
        if earlier is not None and not _continues(size, read, earlier):
            raise Conflict(_NO_SUCCESSOR, size=earlier.size)
    if size == 0 or (newest is not None and newest.size == size):
        return None
    note = signer.sign(Checkpoint(signer.name, size, merkle.root(size, read)).text())
    row = {"size": size, "note": note, "verifier": str(signer.verifier), "sealed_at": when}
    session.execute(insert_or_ignore(_CHECKPOINTS), row)
    return note


def _continues(size: int, read: merkle.HashReader, earlier: Checkpoint) -> bool:
    try:
        return earlier.size <= size and merkle.root(earlier.size, read) == earlier.root
    except LookupError:
        return False
