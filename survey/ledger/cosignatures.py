"""What witnesses have signed stands beside the signature of the ledger's own key in every checkpoint that goes out."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.models import LedgerCheckpoint, LedgerCosignature, LedgerWitness


def cosigned(session: Session, checkpoint: LedgerCheckpoint) -> str:
    """Return a checkpoint's note with the signatures of all who have witnessed it."""
    own = LedgerCosignature.checkpoint_size == checkpoint.size
    lines = session.scalars(sa.select(LedgerCosignature.line).where(own).order_by(LedgerCosignature.witness_id))
    return checkpoint.note + "".join(f"{line}\n" for line in lines)


def first_with(session: Session, number: int, *, witnessed: bool = False) -> LedgerCheckpoint | None:
    """Return the first checkpoint that has an entry: of all, or of those that any witness has signed."""
    after = sa.select(LedgerCheckpoint).where(LedgerCheckpoint.size > number).order_by(LedgerCheckpoint.size).limit(1)
    if witnessed:
        after = after.where(sa.exists().where(LedgerCosignature.checkpoint_size == LedgerCheckpoint.size))
    return session.scalars(after).one_or_none()


def in_use(session: Session) -> list[LedgerWitness]:
    """Return the witnesses that are asked, in the order in which they were added."""
    return list(
        session.scalars(sa.select(LedgerWitness).where(LedgerWitness.removed_at.is_(None)).order_by(LedgerWitness.id))
    )
