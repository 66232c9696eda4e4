"""Where and in which language an official is written to: an e-mail address, kept only sealed, bound to its account."""

from __future__ import annotations

import datetime as dt
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.audit import trail
from survey.audit.acts import Act
from survey.models import Staff
from survey.security import sealing

PURPOSE, BLOCK = "staff address", 256
TABLE = cast("sa.Table", Staff.__table__)


def address_of(secret: str, account: Staff) -> str:
    """Return the address of an account; empty without one, or if it was sealed under another secret."""
    plain = sealing.unseal(secret, PURPOSE, account.email or b"", str(account.id).encode())
    return plain.decode().rstrip() if plain else ""


def confirmed_address(secret: str, account: Staff) -> str:
    """Return the address of an account that its holder has confirmed: the only one that anything is sent to."""
    return address_of(secret, account) if account.email_confirmed else ""


def save(session: Session, secret: str, account: Staff, address: str, language: str, when: dt.datetime) -> None:
    """Keep an address that was read (empty: erase it) and a language, on record if they are not the same.

    Another address is to be confirmed. One that still is, is sealed anew: links that were sent before are void.
    """
    before = (address_of(secret, account), account.language or "")
    if address != before[0] or not account.email_confirmed:
        padded = address.encode().ljust(BLOCK)
        account.email = sealing.seal(secret, PURPOSE, padded, str(account.id).encode()) if address else None
        account.email_confirmed = False
    account.language = language or None
    if (address, language) != before:
        trail.append(session, account.id, Act.STAFF_ADDRESS_CHANGED, when)


def confirm(session: Session, account: Staff, when: dt.datetime) -> None:
    """Keep that the holder of an account has opened the link that was sent to its address, on record once."""
    if not account.email_confirmed:
        account.email_confirmed = True
        trail.append(session, account.id, Act.STAFF_ADDRESS_CONFIRMED, when)
