"""Recovery codes: a sheet of codes, each of which stands once for the second factor that somebody has lost.

A code has 120 random bits, so that a plain hash keeps it safe (OWASP ASVS 5.0, 6.5.2) whatever becomes of other keys.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.audit import trail
from survey.audit.acts import Act
from survey.models import RecoveryCode
from survey.security import base32
from survey.security.tokens import token_hash

NUMBER, LETTERS = 8, 24
FEW = 3  # from which on somebody is told to make new ones


def make(session: Session, staff_id: int, at: dt.datetime) -> list[str]:
    """Return an account's new codes as they are printed; those before are void, and only hashes are kept."""
    session.execute(sa.delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))
    codes = [base32.random_code(LETTERS) for _ in range(NUMBER)]
    session.add_all(RecoveryCode(code_hash=token_hash(code), staff_id=staff_id) for code in codes)
    trail.append(session, staff_id, Act.RECOVERY_CODES_MADE, at)
    return [base32.grouped(code) for code in codes]


def left(session: Session, staff_id: int) -> int:
    """Return how many codes of an account have not been used."""
    query = sa.select(sa.func.count()).select_from(RecoveryCode).where(RecoveryCode.staff_id == staff_id)
    return session.scalar(query) or 0


def take(session: Session, staff_id: int, typed: str, at: dt.datetime) -> bool:
    """Return whether a code is one of the account that has not been used; it is used by this."""
    hashed = token_hash(base32.corrected(typed))
    used = (
        sa.delete(RecoveryCode)
        .where(RecoveryCode.code_hash == hashed, RecoveryCode.staff_id == staff_id)
        .returning(RecoveryCode.staff_id)
    )
    if session.scalar(used) is None:
        return False
    trail.append(session, staff_id, Act.RECOVERY_CODE_USED, at, left=left(session, staff_id))
    return True
