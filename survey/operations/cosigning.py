"""Ask the witnesses of the ledger to sign the newest checkpoint (c2sp.org/tlog-witness).

Nobody waits for them: no transaction is open while one is asked, sealing goes on whatever they answer, and one that
does not sign is asked again, less and less often, until it does.
"""

from __future__ import annotations

import base64
import datetime as dt
import enum
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.db.engine import Database
from survey.db.upsert import insert_or_ignore
from survey.delivery.http_request import Reply, request
from survey.delivery.queue import Outcome
from survey.errors import InvalidNote
from survey.ledger import merkle, tree
from survey.ledger.notes import COSIGNER, Verifier, opened, signature_lines
from survey.logs import log
from survey.models import LedgerCosignature, LedgerWitness, Reason

SECONDS = 10.0  # that a witness may take
AT_ONCE = 8
LEASE = dt.timedelta(seconds=45)  # who asks a witness has asked it within that time
LONGEST_REST = dt.timedelta(minutes=15)
_COSIGNATURES = cast("sa.Table", LedgerCosignature.__table__)
_SIZE = re.compile(rb"(0|[1-9][0-9]{0,18})\n")
_HEADERS = {"Content-Type": "text/plain; charset=utf-8", "User-Agent": "hailong"}


class WitnessFault(enum.StrEnum):
    """Why a witness has not signed."""

    UNREACHABLE = "unreachable"
    LATE = "late"
    STRANGER = "stranger"  # it does not know this ledger
    SIGNATURE = "signature"  # it knows another key of it
    FORKED = "forked"  # it has signed another history
    AHEAD = "ahead"  # it has signed more entries than there are
    REPLY = "reply"  # what it sent back is no signature of it


ALARMING = (WitnessFault.FORKED, WitnessFault.AHEAD)


@dataclass(frozen=True)
class CosigningQuery:
    """What a witness is asked about: the newest checkpoint, and from which size on it is shown that it continues."""

    url: str
    verifier: str
    size: int
    note: str
    old: int


def ask_all(database: Database, clock: Callable[[], dt.datetime]) -> int:
    """Ask every witness that is due about the newest checkpoint, all at once; return how many have signed it now."""
    with database.session(writes=False) as session:
        due = [witness.id for witness in _due(session, clock())]
    if not due:
        return 0
    with ThreadPoolExecutor(min(AT_ONCE, len(due))) as threads:
        return sum(threads.map(lambda number: _ask(database, number, clock), due))


def rest_after(failures: int) -> dt.timedelta:
    """Return how long a witness is left alone after so many tries in vain.

    >>> [rest_after(failures).seconds for failures in (0, 1, 2, 3, 9)]
    [45, 60, 120, 240, 900]
    """
    return min(dt.timedelta(minutes=2 ** min(failures - 1, 9)), LONGEST_REST) if failures else LEASE


def _due(session: Session, when: dt.datetime) -> list[LedgerWitness]:
    """Return the witnesses that have not signed the newest checkpoint and are not asked just now."""
    newest = tree.newest_checkpoint(session)
    if newest is None:
        return []
    signed = sa.exists().where(
        LedgerCosignature.witness_id == LedgerWitness.id, LedgerCosignature.checkpoint_size == newest.size
    )
    missing = sa.select(LedgerWitness).where(LedgerWitness.removed_at.is_(None), ~signed).order_by(LedgerWitness.id)
    return [one for one in session.scalars(missing) if _rested(one, when)]


def _rested(witness: LedgerWitness, when: dt.datetime) -> bool:
    return witness.asked_at is None or witness.asked_at + rest_after(witness.failures) <= when


def _ask(database: Database, number: int, clock: Callable[[], dt.datetime]) -> bool:
    """Ask one witness, unless somebody else has begun to; return whether it has signed."""
    if not _claimed(database, number, clock()):
        return False
    fault = WitnessFault.REPLY
    old: int | None = None
    for _ in range(2):  # once more from the size that it says it has
        asked, body = _request(database, number, old)
        if asked.old > asked.size:
            fault = WitnessFault.AHEAD
            break
        reply = request("POST", f"{asked.url}/add-checkpoint", _HEADERS, body, SECONDS, reads=True)
        if isinstance(reply, Reply) and reply.status == 409 and (size := _SIZE.fullmatch(reply.body)):
            old = int(size[1])
            continue
        outcome = _line(asked, reply) if isinstance(reply, Reply) else _unreached(reply)
        if not isinstance(outcome, WitnessFault):
            _keep(database, number, asked.size, outcome)
            return True
        fault = outcome
        break
    _note_fault(database, number, fault, clock())
    return False


def _claimed(database: Database, number: int, when: dt.datetime) -> bool:
    with database.session(writes=True) as session:
        witness = session.get(LedgerWitness, number, with_for_update=True)
        if witness is None or not _rested(witness, when):
            return False
        witness.asked_at = when
        session.commit()
        return True


def _request(database: Database, number: int, old: int | None) -> tuple[CosigningQuery, bytes]:
    """Return what a witness is asked, and the body that asks it; empty where it has signed more than there is."""
    with database.session(writes=False) as session:
        witness, newest = session.get_one(LedgerWitness, number), tree.newest_checkpoint(session)
        assert newest is not None  # noqa: S101 - checkpoints are only added, and one was there
        asked = CosigningQuery(
            witness.url, witness.verifier, newest.size, newest.note, witness.size if old is None else old
        )
        if asked.old > asked.size:
            return asked, b""
        hashes = merkle.consistency(asked.old, asked.size, tree.reader(session))
    lines = [f"old {asked.old}", *(base64.b64encode(one).decode() for one in hashes)]
    return asked, ("\n".join(lines) + "\n\n" + asked.note).encode()


def _line(asked: CosigningQuery, reply: Reply) -> str | WitnessFault:
    """Return the line by which a witness has signed, once it is checked; else what is wrong."""
    refused = {
        403: WitnessFault.SIGNATURE,
        404: WitnessFault.STRANGER,
        409: WitnessFault.REPLY,
        422: WitnessFault.FORKED,
    }
    if reply.status != 200:
        return refused.get(reply.status, WitnessFault.UNREACHABLE)
    verifier = Verifier.parse(asked.verifier, COSIGNER)
    try:
        note = asked.note + reply.body.decode()
        opened(note, [verifier])
        return signature_lines(note, verifier)[0]
    except (InvalidNote, ValueError, IndexError):
        return WitnessFault.REPLY


def _unreached(outcome: Outcome) -> WitnessFault:
    return WitnessFault.LATE if outcome.reason == Reason.TIMEOUT else WitnessFault.UNREACHABLE


def _keep(database: Database, number: int, size: int, line: str) -> None:
    with database.session(writes=True) as session:
        row = {"checkpoint_size": size, "witness_id": number, "line": line}
        session.execute(insert_or_ignore(_COSIGNATURES), row)
        witness = session.get_one(LedgerWitness, number)
        witness.size, witness.asked_at, witness.failures, witness.failed_at, witness.fault = size, None, 0, None, ""
        session.commit()


def _note_fault(database: Database, number: int, fault: WitnessFault, when: dt.datetime) -> None:
    with database.session(writes=True) as session:
        witness = session.get_one(LedgerWitness, number)
        witness.failures += 1
        witness.failed_at = witness.failed_at or when
        witness.fault = fault.value
        name = witness.name
        session.commit()
    log.warning("ledger_not_witnessed", where=name, kind=fault)
