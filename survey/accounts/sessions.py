"""Signing in, and the revocable sessions of browsers: who holds one, for how long, and how it ends."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.accounts.logins import login_key
from survey.audit import trail
from survey.audit.acts import Act
from survey.errors import InvalidPassword, SignInRefused
from survey.models import Role, Staff, StaffSession
from survey.security.passwords import check_strength, decoy_hash, hash_password, needs_rehash, verify
from survey.security.tokens import token_hash

TRIES = 5
LOCKED = dt.timedelta(minutes=15)
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


@dataclass(frozen=True)
class Credentials:
    """What is known of a login before its password is checked; an unknown one looks the same and takes as long."""

    staff_id: int | None
    password_hash: str


def credentials(session: Session, login: str) -> Credentials:
    """Return what a password is to be checked against; nothing tells whether the login exists."""
    row = session.execute(
        sa.select(Staff.id, Staff.password_hash).where(Staff.login_key == login_key(login), Staff.enabled)
    ).one_or_none()
    return Credentials(*row) if row else Credentials(None, decoy_hash())


def sign_in(session: Session, credentials: Credentials, password: str, right: bool, at: dt.datetime) -> str:
    """Admit somebody whose password was checked, and return the new session's id; only its hash is kept.

    Raises:
        SignInRefused: wrong login or password, or the account is locked; commit it too, for the try was counted.
    """
    account = session.get(Staff, credentials.staff_id, with_for_update=True) if credentials.staff_id else None
    if account is None or not account.enabled or (account.locked_until and account.locked_until > at):
        raise _refused()
    if not right or account.password_hash != credentials.password_hash:
        _count_failure(session, account, at)
        raise _refused()
    account.failures, account.locked_until = 0, None
    if needs_rehash(account.password_hash):
        account.password_hash = hash_password(password)
    session.execute(sa.delete(StaffSession).where(StaffSession.created_at < at - LONGEST))
    token = secrets.token_urlsafe(32)
    session.add(StaffSession(id_hash=token_hash(token), staff_id=account.id, created_at=at))
    trail.append(session, account.id, Act.SESSION_STARTED, at)
    return token


def _refused() -> SignInRefused:
    return SignInRefused(
        "The login or the password is not right. After 5 wrong tries in a row an account is locked for 15 minutes; "
        "then please wait, or ask the person who set up your account."
    )


def _count_failure(session: Session, account: Staff, at: dt.datetime) -> None:
    if account.locked_until is not None:
        account.failures, account.locked_until = 0, None
    account.failures += 1
    if account.failures >= TRIES:
        account.locked_until = at + LOCKED
        trail.append(session, account.id, Act.SESSION_LOCKED, at)


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


def change_password(session: Session, who: SignedIn, current: str, new: str, at: dt.datetime) -> str:
    """Set somebody's own new password, end their other sessions and return the id that replaces the one in use.

    Raises:
        InvalidPassword: the current one is wrong (commit it too: the try was counted), or the new one is too
            short, too simple or the same.
    """
    account = session.get_one(Staff, who.staff_id, with_for_update=True)
    locked = account.locked_until is not None and account.locked_until > at
    if locked or not verify(account.password_hash, current):
        if not locked:
            _count_failure(session, account, at)
        raise InvalidPassword("current", "The current password is not right.")
    if current == new:
        raise InvalidPassword("new", "Please choose a password that differs from the current one.")
    check_strength(new, account.login)
    account.password_hash = hash_password(new)
    revoke_all(session, account.id)
    token = secrets.token_urlsafe(32)
    session.add(StaffSession(id_hash=token_hash(token), staff_id=account.id, created_at=at))
    trail.append(session, account.id, Act.STAFF_PASSWORD_CHANGED, at)
    return token
