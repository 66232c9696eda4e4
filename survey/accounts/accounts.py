"""Staff accounts: passwords, lockout, revocable sessions, and what a role may do."""

from __future__ import annotations

import datetime as dt
import secrets
import unicodedata
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.audit import trail
from survey.errors import Conflict, InvalidPassword, NotFound, SignInRefused
from survey.i18n import nfc
from survey.models import Agency, Role, Staff, StaffSession
from survey.security.passwords import DUMMY, check_strength, hash_password, needs_rehash, verify
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
class Claim:
    """What is known of a login before its password is checked; an unknown one looks the same and takes as long."""

    staff_id: int | None
    password_hash: str


def login_key(login: str) -> str:
    """Return the form by which logins are told apart: NFKC and case-folded, so that look-alikes are one.

    >>> login_key(" Ｍai.Tran ") == login_key("mai.tran")
    True
    """
    folded = unicodedata.normalize("NFKC", nfc(login)).casefold()
    return unicodedata.normalize("NFKC", folded).strip()


def allows(role: Role, required: Role, reading: bool) -> bool:
    """Say whether a role may open what asks for `required`; an auditor reads everything and changes nothing.

    >>> allows(Role.MANAGER, Role.VIEWER, False), allows(Role.VIEWER, Role.MANAGER, True)
    (True, False)
    >>> allows(Role.AUDITOR, Role.ADMINISTRATOR, True), allows(Role.AUDITOR, Role.MANAGER, False)
    (True, False)
    """
    if role == Role.AUDITOR:
        return reading or required in (Role.VIEWER, Role.AUDITOR)
    return required <= role if required != Role.AUDITOR else False


def add(
    session: Session, login: str, name: str, role: Role, agency_id: int, password: str, at: dt.datetime | None = None
) -> Staff:
    """Add one account for an agency and everything below it.

    Raises:
        Conflict: the login is taken.
        InvalidPassword: the password is too short or too simple.
    """
    login, name = nfc(login), nfc(name)
    if not login_key(login):
        raise Conflict("Please give a login.")
    if session.scalar(sa.select(Staff.id).where(Staff.login_key == login_key(login))) is not None:
        raise Conflict("The login %(login)s is taken. Please choose another one.", login=login)
    check_strength(password, login)
    made = Staff(
        login=login,
        login_key=login_key(login),
        password_hash=hash_password(password),
        name=name,
        role=role,
        agency_id=agency_id,
        enabled=True,
        failures=0,
    )
    session.add(made)
    session.flush()
    trail.append(session, None, "staff.add", at or dt.datetime.now(dt.UTC), staff=made.id, role=int(role))
    return made


def named(session: Session, login: str) -> Staff:
    """Return the account of a login.

    Raises:
        NotFound: there is none.
    """
    found = session.scalars(sa.select(Staff).where(Staff.login_key == login_key(login))).one_or_none()
    if found is None:
        raise NotFound("There is no account %(login)s.", login=login[:120])
    return found


def disable(session: Session, login: str, at: dt.datetime) -> None:
    """Close an account and end all its sessions."""
    account = named(session, login)
    account.enabled = False
    revoke_all(session, account.id)
    trail.append(session, None, "staff.disable", at, staff=account.id)


def reset_password(session: Session, login: str, password: str, at: dt.datetime) -> None:
    """Give an account a new password, unlock it and end all its sessions."""
    account = named(session, login)
    check_strength(password, account.login)
    account.password_hash, account.failures, account.locked_until = hash_password(password), 0, None
    revoke_all(session, account.id)
    trail.append(session, None, "staff.password_reset", at, staff=account.id)


def claim(session: Session, login: str) -> Claim:
    """Return what a password is to be checked against; nothing tells whether the login exists."""
    found = session.execute(
        sa.select(Staff.id, Staff.password_hash).where(Staff.login_key == login_key(login), Staff.enabled)
    ).one_or_none()
    return Claim(*found) if found else Claim(None, DUMMY)


def sign_in(session: Session, claimed: Claim, password: str, right: bool, at: dt.datetime) -> str:
    """Admit somebody whose password was checked, and return the new session's id; only its hash is kept.

    Raises:
        SignInRefused: wrong login or password, or the account is locked; commit it too, for the try was counted.
    """
    account = session.get(Staff, claimed.staff_id, with_for_update=True) if claimed.staff_id else None
    if account is None or not account.enabled or (account.locked_until and account.locked_until > at):
        raise _refused()
    if not right or account.password_hash != claimed.password_hash:
        _count_failure(session, account, at)
        raise _refused()
    account.failures, account.locked_until = 0, None
    if needs_rehash(account.password_hash):
        account.password_hash = hash_password(password)
    session.execute(sa.delete(StaffSession).where(StaffSession.created_at < at - LONGEST))
    token = secrets.token_urlsafe(32)
    session.add(StaffSession(id_hash=token_hash(token), staff_id=account.id, created_at=at))
    trail.append(session, account.id, "session.start", at)
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
        trail.append(session, account.id, "session.locked", at)


def signed_in(session: Session, token: str, at: dt.datetime) -> SignedIn | None:
    """Return who holds this session id, if it is still good; one query."""
    hashed = token_hash(token)
    found = session.execute(
        sa.select(Staff)
        .join(StaffSession, StaffSession.staff_id == Staff.id)
        .where(StaffSession.id_hash == hashed, StaffSession.created_at > at - LONGEST, Staff.enabled)
    ).scalar_one_or_none()
    if found is None:
        return None
    return SignedIn(found.id, found.login, found.name, found.role, found.agency_id, hashed)


def sessions(session: Session, staff_id: int) -> list[StaffSession]:
    """Return an account's sessions, newest first."""
    found = sa.select(StaffSession).where(StaffSession.staff_id == staff_id)
    return list(session.scalars(found.order_by(StaffSession.created_at.desc())))


def revoke(session: Session, who: SignedIn, prefix: str, at: dt.datetime) -> bool:
    """End one of somebody's own sessions, named by the first letters of its hash; say whether it was there."""
    for held in sessions(session, who.staff_id):
        if held.id_hash.hex()[:16] == prefix:
            session.delete(held)
            trail.append(session, who.staff_id, "session.revoke", at)
            return True
    return False


def sign_out(session: Session, who: SignedIn, at: dt.datetime) -> None:
    """End the session in use."""
    session.execute(sa.delete(StaffSession).where(StaffSession.id_hash == who.id_hash))
    trail.append(session, who.staff_id, "session.end", at)


def end_sessions(session: Session, account: Staff, at: dt.datetime) -> int:
    """End all sessions of an account, as its administrator; return how many ended."""
    trail.append(session, None, "session.end_all", at, staff=account.id)
    return revoke_all(session, account.id)


def revoke_all(session: Session, staff_id: int, keep: bytes | None = None) -> int:
    """End every session of an account but `keep`; return how many ended."""
    doomed = sa.delete(StaffSession).where(StaffSession.staff_id == staff_id)
    if keep is not None:
        doomed = doomed.where(StaffSession.id_hash != keep)
    return int(session.execute(doomed).rowcount)  # type: ignore[attr-defined]


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
    trail.append(session, account.id, "staff.password_change", at)
    return token


def scope_of(session: Session, who: SignedIn) -> Agency:
    """Return the agency at the top of what somebody may see."""
    return session.get_one(Agency, who.agency_id)
