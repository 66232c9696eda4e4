"""Where and in which language an official is written to: an e-mail address, kept only sealed, bound to its account."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from survey.audit import trail
from survey.audit.acts import Act
from survey.models import Staff
from survey.security import sealing

PURPOSE, BLOCK = "staff address", 256


def address_of(secret: str, account: Staff) -> str:
    """Return the address of an account; empty without one, or if it was sealed under another secret."""
    plain = sealing.unseal(secret, PURPOSE, account.email or b"", str(account.id).encode())
    return plain.decode().rstrip() if plain else ""


def save(session: Session, secret: str, account: Staff, address: str, language: str, when: dt.datetime) -> None:
    """Keep an address that was read (empty: erase it) and a language, on record if they are not the same."""
    if (address, language) == (address_of(secret, account), account.language or ""):
        return
    padded = address.encode().ljust(BLOCK)
    account.email = sealing.seal(secret, PURPOSE, padded, str(account.id).encode()) if address else None
    account.language = language or None
    trail.append(session, account.id, Act.STAFF_ADDRESS_CHANGED, when)
