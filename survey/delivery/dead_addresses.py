"""E-mail addresses that a mail server called dead: kept as a keyed hash only, and not written to again."""

from __future__ import annotations

import datetime as dt
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.db.upsert import insert_or_ignore
from survey.models import DeadAddress
from survey.security.tokens import keyed, keys

_ADD = insert_or_ignore(cast("sa.Table", DeadAddress.__table__), ["address_hash"])


def add(session: Session, secret: str, address: str, when: dt.datetime) -> None:
    """Remember that there is no such address."""
    session.execute(_ADD, {"address_hash": _hash(secret, address), "at": when})


def is_dead(session: Session, secret: str, address: str) -> bool:
    """Return whether it is remembered that an address was called dead."""
    return any(session.get(DeadAddress, _hash(key, address)) is not None for key in keys(secret))


def _hash(secret: str, address: str) -> bytes:
    return keyed(secret, "dead address", address.strip().lower())[:16]
