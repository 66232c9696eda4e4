"""What auditors are handed so that they can check everything without the server: the public ledger, and what opens it.

One zip file. `checkpoint`, `key` and `tile/` are the ledger as it is served, for any program that reads one.
`answers.jsonl` holds, of each answer, its entry, the random bytes and all that its commitment is of; `periods.jsonl`,
of each closed period, the text that its digest is of; `checkpoints.jsonl`, every checkpoint with all signatures of it.
Comments are not in it, only their hashes.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.errors import Conflict
from survey.i18n import msgid
from survey.ledger import cosignatures, signatures_check, tree
from survey.ledger.entries import RESPONSES, answer_content
from survey.ledger.merkle import WIDTH
from survey.ledger.tiles import Tile, bundle, filled
from survey.models import ClosedPeriod, LedgerEvent
from survey.results import closing

ANSWERS, PERIODS, CHECKPOINTS = "answers.jsonl", "periods.jsonl", "checkpoints.jsonl"
_AT_ONCE = 2_000
_UNSEALED = msgid("Something has happened that is not sealed yet. Run `hailong seal`, then try again.")


def write(session: Session, path: Path) -> int:
    """Write the bundle, readable by its owner alone; return how many answers are opened in it.

    The session must read all of one moment.

    Raises:
        Conflict: something waits for the seal that changes what is opened, or nothing was ever sealed.
        FileExistsError: there is such a file.
    """
    newest = tree.newest_checkpoint(session)
    pending = session.scalar(sa.select(sa.func.count()).select_from(LedgerEvent))
    if newest is None or pending or tree.size(session) != newest.size:
        raise Conflict(_UNSEALED)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w+b") as raw, zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("checkpoint", cosignatures.cosigned(session, newest))
        file.writestr("key", f"{newest.verifier}\n")
        for tile in _tiles(newest.size):
            content = tree.tile_content(session, tile)
            file.writestr(f"tile/{tile.path}", bundle(content) if tile.level is None else b"".join(content))
        with file.open(PERIODS, "w", force_zip64=True) as lines:
            for about in _periods(session):
                lines.write(_line(about))
        with file.open(CHECKPOINTS, "w", force_zip64=True) as lines:
            for one in signatures_check.kept(session):
                lines.write(_line(asdict(one)))
        number = 0
        with file.open(ANSWERS, "w", force_zip64=True) as lines:
            for about in _answers(session):
                lines.write(_line(about))
                number += 1
    return number


def _tiles(size: int) -> Iterator[Tile]:
    for level in (None, *range(8)):
        number = filled(level, size)
        yield from (Tile(level, first // WIDTH, min(WIDTH, number - first)) for first in range(0, number, WIDTH))


def _answers(session: Session) -> Iterator[dict[str, object]]:
    query = sa.select(RESPONSES).where(RESPONSES.c.entry.is_not(None)).order_by(RESPONSES.c.entry)
    for row in session.execute(query, execution_options={"yield_per": _AT_ONCE}):
        answer = json.loads(answer_content(row, row.comment_marks, row.counted))
        yield {"entry": row.entry, "salt": "" if row.salt is None else row.salt.hex(), "answer": answer}


def _periods(session: Session) -> Iterator[dict[str, object]]:
    for row in session.scalars(sa.select(ClosedPeriod).order_by(ClosedPeriod.id)):
        if (record := closing.digest_on_record(session, row)) is not None:
            frozen = closing.frozen_text(session, row, closing.covered_by(record))
            yield {"period": row.code, "basis": row.basis, "frozen": frozen}


def _line(about: dict[str, object]) -> bytes:
    return json.dumps(about, ensure_ascii=False).encode() + b"\n"
