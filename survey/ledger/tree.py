"""The tree of the ledger as the database holds it: hashes of entries, and roots above each full 256 of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from survey.ledger.merkle import WIDTH, HashReader, full_root
from survey.ledger.tiles import Tile, filled
from survey.models import LedgerCheckpoint, LedgerEntry, LedgerSubtree

ENTRIES = cast("sa.Table", LedgerEntry.__table__)
SUBTREES = cast("sa.Table", LedgerSubtree.__table__)


def size(session: Session) -> int:
    """Return how many entries have a number, signed or not."""
    newest = session.scalar(sa.select(sa.func.max(LedgerEntry.number)))
    return 0 if newest is None else newest + 1


def newest_checkpoint(session: Session) -> LedgerCheckpoint | None:
    """Return what was signed last."""
    return session.scalars(sa.select(LedgerCheckpoint).order_by(LedgerCheckpoint.size.desc()).limit(1)).first()


def reader(session: Session) -> HashReader:
    """Return how hashes of the tree are read.

    It raises LookupError where one is missing.
    """

    def read(level: int, first: int, number: int) -> Sequence[bytes]:
        hashes = [row[0] for row in session.execute(_hashes(level, first, number))]
        if len(hashes) != number:
            raise LookupError(f"the ledger has lost hashes {first} to {first + number - 1} of level {level}")
        return hashes

    return read


def tile_content(session: Session, tile: Tile) -> list[bytes]:
    """Return the hashes or the entries of a tile, as far as there are any."""
    if tile.level is not None:
        return [row[0] for row in session.execute(_hashes(tile.level, tile.first, tile.width))]
    return list(session.scalars(_within(LedgerEntry.content, LedgerEntry.number, tile.first, tile.width)))


def subtrees_between(session: Session, before: int, after: int) -> Iterator[dict[str, object]]:
    """Yield the rows of the roots that become whole as the tree grows, each level once the one below is written."""
    for level in range(1, 8):
        first, end = filled(level, before), filled(level, after)
        if first == end:
            return
        read = reader(session)
        yield from (
            {"level": level, "number": number, "root": full_root(read(level - 1, number * WIDTH, WIDTH))}
            for number in range(first, end)
        )


def _hashes(level: int, first: int, number: int) -> sa.Select[bytes]:
    if level == 0:
        return _within(LedgerEntry.leaf, LedgerEntry.number, first, number)
    return _within(LedgerSubtree.root, LedgerSubtree.number, first, number).where(LedgerSubtree.level == level)


def _within(
    column: InstrumentedAttribute[bytes], by: InstrumentedAttribute[int], first: int, number: int
) -> sa.Select[bytes]:
    return sa.select(column).where(by >= first, by < first + number).order_by(by)
