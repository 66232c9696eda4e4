"""The app that makes a code every 30 seconds (TOTP, RFC 6238): set up by a QR code, each code taken once."""

from __future__ import annotations

import datetime as dt
import hmac
import re

import pyotp
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.accounts import sessions
from survey.accounts.sessions import SignedIn
from survey.audit import trail
from survey.audit.acts import Act
from survey.errors import SignInRefused
from survey.models import Authenticator
from survey.security import sealing

ISSUER = "Hài Lòng"
PURPOSE, OFFER = "authenticator", "authenticator that is being set up"
SECONDS = 30  # of one step, what every app takes for granted
EARLIER_OR_LATER = (0, -1, 1)  # steps by which a telephone's clock may be wrong (RFC 6238, section 5.2)
_CODE = re.compile(r"[0-9]{6}")
_GAPS = re.compile(r"\s+")


def new_secret() -> str:
    """Return a new secret that app and installation share: 160 random bits in base 32."""
    return pyotp.random_base32()


def address(plain: str, login: str) -> str:
    """Return the otpauth: address of a secret, which an app reads off a QR code."""
    return pyotp.TOTP(plain).provisioning_uri(name=login, issuer_name=ISSUER)


def offer(secret: str, staff_id: int, plain: str) -> str:
    """Return a secret sealed for the form by which it is set up, and for this account only."""
    return sealing.seal(secret, OFFER, plain.encode(), str(staff_id).encode()).hex()


def offered(secret: str, staff_id: int, sealed: str) -> str | None:
    """Return the secret that a form offered, or None if it was not offered to this account."""
    try:
        raw = bytes.fromhex(sealed)
    except ValueError:
        return None
    plain = sealing.unseal(secret, OFFER, raw, str(staff_id).encode())
    return plain.decode() if plain else None


def add(session: Session, secret: str, who: SignedIn, plain: str, typed: str, at: dt.datetime) -> None:
    """Set up somebody's app, in the place of the one before; their other sessions end.

    Raises:
        SignInRefused: the code that was typed is not of this secret.
    """
    step = _step(plain, typed, at)
    if step is None:
        raise SignInRefused(
            "This code is not right. Please type the code that the app shows now; if it is refused again, let the "
            "telephone set its clock by itself."
        )
    sealed = sealing.seal(secret, PURPOSE, plain.encode(), str(who.staff_id).encode())
    held = session.get(Authenticator, who.staff_id, with_for_update=True)
    if held is None:
        session.add(Authenticator(staff_id=who.staff_id, secret=sealed, added_at=at, last_step=step))
    else:
        held.secret, held.added_at, held.last_step = sealed, at, step
    sessions.revoke_all(session, who.staff_id, keep=who.id_hash)
    trail.append(session, who.staff_id, Act.FACTOR_ADDED, at, kind="app")


def of_account(session: Session, staff_id: int) -> Authenticator | None:
    """Return the app of an account, if it has one."""
    return session.get(Authenticator, staff_id)


def is_code(typed: str) -> bool:
    """Return whether what was typed looks like a code of an app.

    >>> is_code("123 456"), is_code("12345"), is_code("７２３４５６")
    (True, False, False)
    """
    return _CODE.fullmatch(_GAPS.sub("", typed)) is not None


def take(session: Session, secret: str, staff_id: int, typed: str, at: dt.datetime) -> bool:
    """Return whether a code is right and newer than the last one that was taken; it is taken by this."""
    held = session.get(Authenticator, staff_id)
    plain = sealing.unseal(secret, PURPOSE, held.secret, str(staff_id).encode()) if held else None
    step = _step(plain.decode(), typed, at) if plain else None
    if step is None:
        return False
    taken = (
        sa.update(Authenticator)
        .where(Authenticator.staff_id == staff_id, Authenticator.last_step < step)
        .values(last_step=step)
        .returning(Authenticator.staff_id)
    )
    return session.scalar(taken) is not None


def remove(session: Session, staff_id: int) -> bool:
    """Take the app of an account away; return whether it had one."""
    gone = sa.delete(Authenticator).where(Authenticator.staff_id == staff_id).returning(Authenticator.staff_id)
    return session.scalar(gone) is not None


def _step(plain: str, typed: str, at: dt.datetime) -> int | None:
    """Return which step of 30 seconds a code belongs to: the one of this moment or its neighbours."""
    code, moment = _GAPS.sub("", typed), int(at.timestamp())
    if not is_code(code):
        return None
    totp = pyotp.TOTP(plain)
    steps = (moment // SECONDS + off for off in EARLIER_OR_LATER)
    return next((step for step in steps if hmac.compare_digest(totp.at(step * SECONDS), code)), None)
