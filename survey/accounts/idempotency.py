"""A request that is sent twice is answered twice alike: its reply is kept for a day, sealed.

The reply holds links, whose tokens may be stored nowhere in clear. It is sealed with AES-256-GCM under a key derived
from the installation's secret and the sender's Idempotency-Key, of which only a keyed hash is stored: a copy of the
database opens no reply, not even with the secret.
"""

from __future__ import annotations

import datetime as dt
import secrets
import zlib
from dataclasses import dataclass, field
from typing import cast

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from survey.errors import Conflict
from survey.models import IdempotentRequest
from survey.security.tokens import keyed

KEPT = dt.timedelta(days=1)
NONCE = 12
TABLE = cast("sa.Table", IdempotentRequest.__table__)


@dataclass(frozen=True)
class Repeat:
    """One request as it may come again: whose, under which Idempotency-Key, with which content."""

    api_key_id: int
    idempotency_key: str = field(repr=False)
    content: bytes = field(repr=False)


def begin(session: Session, secret: str, sent: Repeat, when: dt.datetime) -> bytes | None:
    """Reserve the key for this request, or return the reply that the same request got before.

    Raises:
        Conflict: the key was used within the last day for another request.
    """
    forget(session, when)
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    content = keyed(secret, "api content", sent.content)
    row = {"api_key_id": sent.api_key_id, "key_hash": _hash(secret, sent), "request_hash": content, "at": when}
    insert = make(TABLE).on_conflict_do_nothing(index_elements=["api_key_id", "key_hash"])
    if session.execute(insert.returning(TABLE.c.id), row).first() is not None:
        return None
    known = session.execute(sa.select(TABLE.c.request_hash, TABLE.c.sealed).where(*_mine(secret, sent))).one()
    if known.request_hash != content:
        raise Conflict("This Idempotency-Key was used for another request. Use a new one for each request.")
    try:
        plain = _cipher(secret, sent).decrypt(known.sealed[:NONCE], known.sealed[NONCE:], None)
    except InvalidTag as error:
        raise Conflict("The reply to this Idempotency-Key can no longer be read. Use a new one.") from error
    return zlib.decompress(plain)


def keep(session: Session, secret: str, sent: Repeat, reply: bytes) -> None:
    """Keep the reply to a request for whoever sends it again."""
    nonce = secrets.token_bytes(NONCE)
    sealed = nonce + _cipher(secret, sent).encrypt(nonce, zlib.compress(reply, 1), None)
    session.execute(sa.update(TABLE).where(*_mine(secret, sent)).values(sealed=sealed))


def forget(session: Session, when: dt.datetime) -> None:
    """Erase every reply that was kept for a day."""
    session.execute(sa.delete(TABLE).where(TABLE.c.at <= when - KEPT))


def _mine(secret: str, sent: Repeat) -> tuple[sa.ColumnElement[bool], ...]:
    return TABLE.c.api_key_id == sent.api_key_id, TABLE.c.key_hash == _hash(secret, sent)


def _hash(secret: str, sent: Repeat) -> bytes:
    return keyed(secret, "api idempotency", sent.idempotency_key)


def _cipher(secret: str, sent: Repeat) -> AESGCM:
    return AESGCM(keyed(secret, "api reply", str(sent.api_key_id), sent.idempotency_key))
