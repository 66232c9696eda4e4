"""The revocable sessions of browsers: who holds one, for how long, and how it ends."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.audit import trail
from survey.audit.acts import Act
from survey.models import Role, Staff, StaffSession
from survey.security.tokens import token_hash

LONGEST = dt.timedelta(hours=12)


@dataclass(frozen=True)
class SignedIn:
    """Who is signed in: one account, in one browser, for one agency's subtree."""

    staff_id: int
    login: str
    name: str
    role: Role
    agency_id: int
    id_hash: bytes


def begin(session: Session, staff_id: int, at: dt.datetime, on_record: bool = True) -> str:
    """Begin a session of an account and return its id; only its hash is kept."""
    token = secrets.token_urlsafe(32)
    session.add(StaffSession(id_hash=token_hash(token), staff_id=staff_id, created_at=at))
    if on_record:
        trail.append(session, staff_id, Act.SESSION_STARTED, at)
    return token


def signed_in(session: Session, token: str, at: dt.datetime) -> SignedIn | None:
    """Return who holds this session id, if it is still good; one query."""
    hashed = token_hash(token)
    account = session.execute(
        sa.select(Staff)
        .join(StaffSession, StaffSession.staff_id == Staff.id)
        .where(StaffSession.id_hash == hashed, StaffSession.created_at > at - LONGEST, Staff.enabled)
    ).scalar_one_or_none()
    if account is None:
        return None
    return SignedIn(account.id, account.login, account.name, account.role, account.agency_id, hashed)


def sessions(session: Session, staff_id: int) -> list[StaffSession]:
    """Return an account's sessions, newest first."""
    query = sa.select(StaffSession).where(StaffSession.staff_id == staff_id)
    return list(session.scalars(query.order_by(StaffSession.created_at.desc())))


def revoke(session: Session, who: SignedIn, prefix: str, at: dt.datetime) -> bool:
    """End one of somebody's own sessions, named by the first letters of its hash; say whether it was there."""
    for held in sessions(session, who.staff_id):
        if held.id_hash.hex()[:16] == prefix:
            session.delete(held)
            trail.append(session, who.staff_id, Act.SESSION_REVOKED, at)
            return True
    return False


def sign_out(session: Session, who: SignedIn, at: dt.datetime) -> None:
    """End the session in use."""
    session.execute(sa.delete(StaffSession).where(StaffSession.id_hash == who.id_hash))
    trail.append(session, who.staff_id, Act.SESSION_ENDED, at)


def end_sessions(session: Session, account: Staff, at: dt.datetime) -> int:
    """End all sessions of an account, as its administrator; return how many ended."""
    trail.append(session, None, Act.SESSION_ALL_ENDED, at, staff=account.id)
    return revoke_all(session, account.id)


def revoke_all(session: Session, staff_id: int, keep: bytes | None = None) -> int:
    """End every session of an account but `keep`; return how many ended."""
    doomed = sa.delete(StaffSession).where(StaffSession.staff_id == staff_id)
    if keep is not None:
        doomed = doomed.where(StaffSession.id_hash != keep)
    return len(session.scalars(doomed.returning(StaffSession.id_hash)).all())
