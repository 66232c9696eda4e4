"""E-mail addresses that a mail server called dead: kept as a keyed hash only, and not written to again."""

from __future__ import annotations

import datetime as dt
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.db.upsert import insert_or_ignore
from survey.models import DeadAddress
from survey.security.tokens import keyed

KEPT = dt.timedelta(days=180)  # then one more message may tell whether somebody has it again
_ADD = insert_or_ignore(cast("sa.Table", DeadAddress.__table__), ["address_hash"])


def add(session: Session, secret: str, address: str, when: dt.datetime) -> None:
    """Remember that there is no such address."""
    session.execute(_ADD, {"address_hash": _hash(secret, address), "at": when})


def is_dead(session: Session, secret: str, address: str) -> bool:
    """Return whether an address was called dead within the last half year."""
    return session.get(DeadAddress, _hash(secret, address)) is not None


def forget(session: Session, when: dt.datetime) -> None:
    """Forget what was remembered for half a year."""
    session.execute(sa.delete(DeadAddress).where(DeadAddress.at <= when - KEPT))


def _hash(secret: str, address: str) -> bytes:
    return keyed(secret, "dead address", address.strip().lower())[:16]
