"""Signing in: a try is counted before its password is checked, and judged in a transaction of its own."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.accounts import second_factor, sessions, sign_in_limits
from survey.accounts.logins import login_key
from survey.accounts.sign_in_limits import Visitor
from survey.audit import trail
from survey.audit.acts import Act
from survey.db.engine import Database
from survey.errors import InvalidPassword, SignInRefused, TooManyTries
from survey.logs import log
from survey.models import Staff
from survey.security import passwords


@dataclass(frozen=True)
class Credentials:
    """What is stored of a login before its password is checked; an unknown one looks the same and takes as long."""

    staff_id: int | None
    password_hash: str


def credentials(session: Session, login: str) -> Credentials:
    """Return what a password is to be checked against; nothing tells whether the login exists."""
    row = session.execute(
        sa.select(Staff.id, Staff.password_hash).where(Staff.login_key == login_key(login), Staff.enabled)
    ).one_or_none()
    if row is None or row.password_hash == passwords.VOID:
        return Credentials(row.id if row else None, passwords.decoy_hash())
    return Credentials(*row)


def sign_in(database: Database, secret: str, login: str, password: str, visitor: Visitor, at: dt.datetime) -> str:
    """Admit somebody by login and password, and return the new session's id; only its hash is kept.

    The session of an account with a second factor awaits it: see `second_step`.

    Raises:
        SignInRefused: wrong login or password.
        TooManyTries: this visitor was wrong too often, or others are being admitted at this moment.
    """
    limits = sign_in_limits.limits_of(secret, login, visitor)
    try:
        with database.session(writes=False) as reading:
            sign_in_limits.check(reading, limits, at)
            stored = credentials(reading, login)
        with passwords.turn(first=visitor.browser is not None):
            with database.session(writes=True) as counting:
                last = sign_in_limits.count(counting, limits, at)
                counting.commit()
            right = passwords.verify(stored.password_hash, password)
            renewed = (
                passwords.hash_password(password) if right and passwords.needs_rehash(stored.password_hash) else ""
            )
    except TooManyTries as error:
        log.warning("sign_in_refused", kind=error.code)
        raise
    with database.session(writes=True) as session:
        account = session.get(Staff, stored.staff_id, with_for_update=True) if stored.staff_id else None
        current = account is not None and account.enabled and account.password_hash == stored.password_hash
        if account is not None and account.password_until is not None and account.password_until <= at:
            current = False  # it was made by somebody else, and never changed
        if account is None or not (right and current):
            _record_failure(session, stored.staff_id, last, at)
            session.commit()
            raise SignInRefused(
                "The login or the password is not right. After %(tries)s wrong tries one has to wait for 15 minutes; "
                "an administrator of the province can unlock the account.",
                tries=sign_in_limits.PAIR,
            )
        account.password_hash = renewed or account.password_hash
        sign_in_limits.forget(session, limits)
        has_factor = second_factor.has_factor(session, account.id)
        second_factor.ask_in_time(account, has_factor, at)
        token = sessions.begin(session, account.id, at, device=visitor.device, awaits_factor=has_factor)
        session.commit()
        return token


def _record_failure(session: Session, staff_id: int | None, last: bool, at: dt.datetime) -> None:
    """Log and record a wrong try: which account it was for if there is one, never what was typed or from where."""
    log.warning("sign_in_refused", kind="wrong", staff_id=staff_id)
    trail.append(session, staff_id, Act.SESSION_REFUSED, at)
    if last:
        trail.append(session, staff_id, Act.SESSION_LOCKED, at)


def own_password_is_right(
    database: Database, secret: str, who: sessions.SignedIn, password: str, at: dt.datetime
) -> bool:
    """Return whether somebody who is signed in gives their own password; a wrong one is on record.

    Raises:
        TooManyTries: it was wrong too often, or others are being admitted at this moment.
    """
    limits = sign_in_limits.limits_of(secret, who.login, Visitor("", who.id_hash.hex()))
    with database.session(writes=False) as reading:
        sign_in_limits.check(reading, limits, at)
        stored = credentials(reading, who.login)
    with passwords.turn(first=True):
        with database.session(writes=True) as counting:
            last = sign_in_limits.count(counting, limits, at)
            counting.commit()
        right = passwords.verify(stored.password_hash, password)
    with database.session(writes=True) as session:
        if right:
            sign_in_limits.forget(session, limits)
        else:
            _record_failure(session, who.staff_id, last, at)
        session.commit()
    return right


def change_password(
    database: Database, secret: str, who: sessions.SignedIn, current: str, new: str, at: dt.datetime
) -> str:
    """Set somebody's own new password, end their other sessions and return the id that replaces the one in use.

    Raises:
        InvalidPassword: the current one is wrong, or the new one is too short, too simple or the same.
        TooManyTries: the current one was wrong too often, or others are being admitted at this moment.
    """
    if not own_password_is_right(database, secret, who, current, at):
        raise InvalidPassword("current", "The current password is not right.")
    if current == new:
        raise InvalidPassword("new", "Please choose a password that differs from the current one.")
    passwords.check_strength(new, who.login)
    with passwords.turn(first=True):
        hashed = passwords.hash_password(new)
    with database.session(writes=True) as session:
        account = session.get_one(Staff, who.staff_id, with_for_update=True)
        account.password_hash, account.password_until = hashed, None
        device = sessions.device_of(session, who.id_hash)
        sessions.revoke_all(session, who.staff_id)
        token = sessions.begin(session, who.staff_id, at, on_record=False, device=device)
        trail.append(session, who.staff_id, Act.STAFF_PASSWORD_CHANGED, at)
        session.commit()
        return token
