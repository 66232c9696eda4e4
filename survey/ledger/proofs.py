"""The proof of one entry as a file that anybody can check without us (c2sp.org/tlog-proof)."""

from __future__ import annotations

import base64
import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.ledger import cosignatures, merkle, tree
from survey.models import LedgerCheckpoint, LedgerEntry, Response
from survey.periods import local_day

_FORMAT = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True)
class Sealed:
    """Which entry of the ledger tells of an answer, and the first checkpoint that has it, witnessed if one is."""

    number: int
    checkpoint: LedgerCheckpoint

    @property
    def day(self) -> dt.date:
        """Return the day on which it was signed: its minute would tell when the answer came."""
        return local_day(self.checkpoint.sealed_at)


def sealed(session: Session, receipt: bytes) -> Sealed | None:
    """Return how the answer with a receipt is sealed; nothing if it is not yet."""
    number = session.scalar(sa.select(Response.entry).where(Response.receipt == receipt))
    if number is None:
        return None
    witnessed = cosignatures.first_with(session, number, witnessed=True)
    checkpoint = witnessed or cosignatures.first_with(session, number)
    return None if checkpoint is None else Sealed(number, checkpoint)


def proof_file(session: Session, of: Sealed) -> str:
    """Return the file that proves that the entry is in the checkpoint; the entry itself is its extra data.

    Raises:
        LookupError: hashes of the ledger are missing.
    """
    content = session.scalars(sa.select(LedgerEntry.content).where(LedgerEntry.number == of.number)).one()
    hashes = merkle.inclusion(of.number, of.checkpoint.size, tree.reader(session))
    lines = [_FORMAT, f"extra {_encoded(content)}", f"index {of.number}", *map(_encoded, hashes)]
    return "\n".join(lines) + "\n\n" + cosignatures.cosigned(session, of.checkpoint)


def _encoded(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
