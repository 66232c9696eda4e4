"""The ledger as it is stored: entries, the hashes above them, signed checkpoints; each is added and never changed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from survey.db.types import LocalDay, UTCDateTime
from survey.models.base import Base, RowNumber, key

LEDGER_HASH = 32  # bytes of a SHA-256


class LedgerEvent(Base):
    """Something that the ledger is to tell and that has no number in it yet; gone as soon as it has one.

    An answer that was given waits in its own row, where `Response.entry` is empty. `about` is what the entry says.
    """

    __tablename__ = "ledger_event"

    id: Mapped[key]
    kind: Mapped[str] = mapped_column(sa.String(32))
    day: Mapped[dt.date] = mapped_column(LocalDay)
    response_id: Mapped[int | None] = mapped_column(sa.ForeignKey("response.id"), index=True)
    about: Mapped[dict[str, Any]] = mapped_column(sa.JSON)


class LedgerEntry(Base):
    """One entry: its number from 0 on, its bytes as anybody can read them, and their hash in the tree."""

    __tablename__ = "ledger_entry"

    number: Mapped[int] = mapped_column(RowNumber, primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(sa.LargeBinary)
    leaf: Mapped[bytes] = mapped_column(sa.LargeBinary(LEDGER_HASH))


class LedgerSubtree(Base):
    """The root above a full tile of the level below: number `number` of those of its level, from 1 on."""

    __tablename__ = "ledger_subtree"

    level: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True)
    number: Mapped[int] = mapped_column(RowNumber, primary_key=True, autoincrement=False)
    root: Mapped[bytes] = mapped_column(sa.LargeBinary(LEDGER_HASH))


class LedgerCheckpoint(Base):
    """The size of the ledger at a moment with its root, signed: `note` is what is served, `verifier` the public key."""

    __tablename__ = "ledger_checkpoint"

    size: Mapped[int] = mapped_column(RowNumber, primary_key=True, autoincrement=False)
    note: Mapped[str] = mapped_column(sa.Text)
    verifier: Mapped[str] = mapped_column(sa.Text)
    sealed_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)


class LedgerWitness(Base):
    """Who is asked to sign each checkpoint: `url` before `/add-checkpoint`, `verifier` its public key.

    `size` is how far it has signed as far as we know. While `fault` is not empty, it has not signed since `failed_at`,
    and `failures` tries have failed. Who asks it says so first in `asked_at`, so that it is asked by one at a time.
    """

    __tablename__ = "ledger_witness"

    id: Mapped[key]
    name: Mapped[str] = mapped_column(sa.String(200))
    url: Mapped[str] = mapped_column(sa.String(400))
    verifier: Mapped[str] = mapped_column(sa.String(400), unique=True)
    size: Mapped[int] = mapped_column(RowNumber, default=0)
    asked_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    failures: Mapped[int] = mapped_column(sa.Integer, default=0)
    failed_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    fault: Mapped[str] = mapped_column(sa.String(16), default="")
    added_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    removed_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)


class LedgerCosignature(Base):
    """The line by which a witness has signed a checkpoint, as it is served; checked before it was stored."""

    __tablename__ = "ledger_cosignature"

    checkpoint_size: Mapped[int] = mapped_column(
        RowNumber, sa.ForeignKey("ledger_checkpoint.size"), primary_key=True, autoincrement=False
    )
    witness_id: Mapped[int] = mapped_column(
        RowNumber, sa.ForeignKey("ledger_witness.id"), primary_key=True, autoincrement=False
    )
    line: Mapped[str] = mapped_column(sa.Text)
