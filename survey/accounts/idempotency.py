"""A request that is sent twice is answered twice alike: its reply is kept for a day, sealed.

The reply holds links, whose tokens may be stored nowhere in clear. The key of its seal is derived from the
installation's secret and the sender's Idempotency-Key, of which only a keyed hash is stored: a copy of the database
opens no reply, not even with the secret.
"""

from __future__ import annotations

import datetime as dt
import zlib
from dataclasses import dataclass, field
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.db.upsert import insert_or_ignore
from survey.errors import Conflict
from survey.models import IdempotentRequest
from survey.security.sealing import seal, unseal
from survey.security.tokens import formerly_keyed, keyed

KEPT = dt.timedelta(days=1)
PURPOSE, UNFINISHED = "api reply", "api reply, unfinished"
TABLE = cast("sa.Table", IdempotentRequest.__table__)
_RESERVE = insert_or_ignore(TABLE, ["api_key_id", "key_hash"]).returning(TABLE.c.id)


@dataclass(frozen=True)
class Repeat:
    """One request as it may come again: whose, under which Idempotency-Key, with which content."""

    api_key_id: int
    idempotency_key: str = field(repr=False)
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class KeptReply:
    """What the same request got before: its whole reply, or how far it had come when it was last recorded."""

    reply: bytes = field(repr=False)
    whole: bool = True


def begin(session: Session, secret: str, repeat: Repeat, when: dt.datetime) -> KeptReply | None:
    """Reserve the key for this request, or return what the same request got before; whoever asks next waits until then.

    Raises:
        Conflict: the key was used within the last day for another request.
    """
    session.execute(sa.delete(TABLE).where(*_mine(secret, repeat), TABLE.c.at <= when - KEPT))
    _follow_key(session, secret, repeat)
    content = keyed(secret, "api content", repeat.content)
    row = {"api_key_id": repeat.api_key_id, "key_hash": _hash(secret, repeat), "request_hash": content, "at": when}
    if session.execute(_RESERVE, row).first() is not None:
        return None
    mine = sa.select(TABLE.c.request_hash, TABLE.c.sealed).where(*_mine(secret, repeat)).with_for_update()
    earlier = session.execute(mine).one()
    if earlier.request_hash not in (content, *formerly_keyed(secret, "api content", repeat.content)):
        raise Conflict("This Idempotency-Key was used for another request. Use a new one for each request.")
    for purpose in (PURPOSE, UNFINISHED):
        plain = unseal(secret, purpose, earlier.sealed, key_parts=_key_parts(repeat))
        if plain is not None:
            return KeptReply(zlib.decompress(plain), purpose == PURPOSE)
    raise Conflict("The reply to this Idempotency-Key can no longer be read. Use a new one.")


def _follow_key(session: Session, secret: str, repeat: Repeat) -> None:
    """Let a request that was answered under a former secret key be found by today's."""
    for former in formerly_keyed(secret, "api idempotency", repeat.idempotency_key):
        mine = (TABLE.c.api_key_id == repeat.api_key_id, TABLE.c.key_hash == former)
        session.execute(sa.update(TABLE).where(*mine).values(key_hash=_hash(secret, repeat)))


def keep(session: Session, secret: str, repeat: Repeat, reply: bytes, whole: bool = True) -> None:
    """Keep the reply to a request for when it is sent again, or how far it has come."""
    purpose = PURPOSE if whole else UNFINISHED
    sealed = seal(secret, purpose, zlib.compress(reply, 1), key_parts=_key_parts(repeat))
    session.execute(sa.update(TABLE).where(*_mine(secret, repeat)).values(sealed=sealed))


def drop(session: Session, secret: str, repeat: Repeat) -> None:
    """Keep nothing of a request: sent again, it is another one."""
    session.execute(sa.delete(TABLE).where(*_mine(secret, repeat)))


def _mine(secret: str, repeat: Repeat) -> tuple[sa.ColumnElement[bool], ...]:
    return TABLE.c.api_key_id == repeat.api_key_id, TABLE.c.key_hash == _hash(secret, repeat)


def _hash(secret: str, repeat: Repeat) -> bytes:
    return keyed(secret, "api idempotency", repeat.idempotency_key)


def _key_parts(repeat: Repeat) -> tuple[str, ...]:
    return str(repeat.api_key_id), repeat.idempotency_key
