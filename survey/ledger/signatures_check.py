"""Check who has signed: the ledger's own key each checkpoint, and witnesses those that are kept with their lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.errors import InvalidNote
from survey.ledger import discrepancies as words
from survey.ledger.discrepancies import Discrepancy
from survey.ledger.notes import COSIGNER, Verifier, opened, signature_lines
from survey.models import LedgerCheckpoint, LedgerCosignature, LedgerWitness

_IN_ONE_READING = 1_000


@dataclass
class KeptCheckpoint:
    """A checkpoint as it is kept: its note, the ledger's key, and by each witness its name, its key and its line."""

    size: int
    note: str
    verifier: str
    cosignatures: list[tuple[str, str, str]] = field(default_factory=list)


def check_signatures(session: Session) -> Iterator[Discrepancy]:
    """Yield the kept checkpoints and lines of witnesses that nobody has signed so, and lines of witnesses that miss."""
    for checkpoint in kept(session):
        yield from forgeries(checkpoint)
    yield from _astray(session)


def kept(session: Session) -> Iterator[KeptCheckpoint]:
    """Yield every checkpoint with all that witnesses have signed of it, those of removed witnesses among it."""
    columns = (LedgerCheckpoint.size, LedgerCheckpoint.note, LedgerCheckpoint.verifier)
    query = (
        sa.select(*columns, LedgerWitness.name, LedgerWitness.verifier.label("witness"), LedgerCosignature.line)
        .outerjoin(LedgerCosignature, LedgerCosignature.checkpoint_size == LedgerCheckpoint.size)
        .outerjoin(LedgerWitness, LedgerWitness.id == LedgerCosignature.witness_id)
        .order_by(LedgerCheckpoint.size, LedgerCosignature.witness_id)
    )
    current: KeptCheckpoint | None = None
    with session.execute(query, execution_options={"yield_per": _IN_ONE_READING}) as rows:
        for row in rows:
            if current is None or current.size != row.size:
                if current is not None:
                    yield current
                current = KeptCheckpoint(row.size, row.note, row.verifier)
            if row.line is not None:
                current.cosignatures.append((row.name or "?", row.witness or "", row.line))
    if current is not None:
        yield current


def forgeries(checkpoint: KeptCheckpoint) -> Iterator[Discrepancy]:
    """Yield whose signature of a checkpoint is not genuine, or is not one line of the key that it is kept under."""
    values: dict[str, str | int] = {"size": checkpoint.size}
    if not _own(checkpoint):
        yield Discrepancy(words.UNSIGNED_CHECKPOINT, values)
    for name, key, line in checkpoint.cosignatures:
        if not _signed(checkpoint.note, key, line):
            yield Discrepancy(words.FORGED_COSIGNATURE, {**values, "witness": name})


def _own(checkpoint: KeptCheckpoint) -> bool:
    """Return whether a note is what the ledger's key has signed, and nothing beside it."""
    try:
        verifier = Verifier.parse(checkpoint.verifier)
        text = opened(checkpoint.note, [verifier])
    except InvalidNote:
        return False
    return [checkpoint.note] == [f"{text}\n{line}\n" for line in signature_lines(checkpoint.note, verifier)]


def _signed(note: str, key: str, line: str) -> bool:
    try:
        verifier = Verifier.parse(key, COSIGNER)
        opened(f"{note}{line}\n", [verifier])
    except InvalidNote:
        return False
    return signature_lines(f"{note}{line}\n", verifier) == [line]


def _astray(session: Session) -> Iterator[Discrepancy]:
    """Yield the lines that stand beside no checkpoint, and the last ones of witnesses that are not there any more."""
    sizes = sa.select(LedgerCheckpoint.size)
    lost = sa.select(LedgerCosignature.checkpoint_size, LedgerWitness.name).outerjoin(
        LedgerWitness, LedgerWitness.id == LedgerCosignature.witness_id
    )
    for row in session.execute(lost.where(LedgerCosignature.checkpoint_size.not_in(sizes))):
        yield Discrepancy(words.FORGED_COSIGNATURE, {"size": row.checkpoint_size, "witness": row.name or "?"})
    own = sa.exists().where(
        LedgerCosignature.witness_id == LedgerWitness.id, LedgerCosignature.checkpoint_size == LedgerWitness.size
    )
    for witness in session.scalars(sa.select(LedgerWitness).where(LedgerWitness.size > 0, ~own)):
        yield Discrepancy(words.MISSING_COSIGNATURE, {"size": witness.size, "witness": witness.name})


def named_signers(checkpoints: Iterable[KeptCheckpoint]) -> list[str]:
    """Return the keys of all witnesses that have signed any of these, each once, as lines of text."""
    return sorted({key for checkpoint in checkpoints for _name, key, _line in checkpoint.cosignatures if key})
