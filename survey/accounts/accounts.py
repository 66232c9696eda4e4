"""Staff accounts: add, find, close, and give a new password."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.accounts import sign_in_limits
from survey.accounts.logins import is_readable, login_key
from survey.accounts.sessions import revoke_all
from survey.audit import trail
from survey.audit.acts import Act
from survey.errors import Conflict, NotFound
from survey.i18n import nfc
from survey.models import AccountReview, Role, Staff
from survey.security.passwords import VOID, check_strength, hash_password

LOGIN, NAME = 120, 200  # characters
ONE_OFF = dt.timedelta(days=7)  # for which a password is good that its holder has not chosen


def add(
    session: Session,
    login: str,
    name: str,
    role: Role,
    agency_id: int,
    password: str | None,
    at: dt.datetime,
    by_id: int | None = None,
    one_off: bool = False,
) -> Staff:
    """Add one account for an agency and everything below it; `by_id` invited the person, else the machine adds it.

    Without a password it is signed in to by a provider alone. A `one_off` password ends within a week, and is changed
    by its holder at the first sign-in.

    Raises:
        Conflict: the login is taken, too long, or holds signs that others can neither read nor type.
        InvalidPassword: the password is too short or too simple.
    """
    login, name = nfc(login), nfc(name)
    if not login_key(login):
        raise Conflict("Please give a login.")
    if not is_readable(login):
        raise Conflict(
            "A login consists of Latin letters, digits and the signs . _ - @ + '. Please choose another one."
        )
    if len(login) > LOGIN or len(login_key(login)) > LOGIN or len(name) > NAME:
        raise Conflict(
            "The login may have %(login)d characters, the name %(name)d. Shorten it.", login=LOGIN, name=NAME
        )
    if session.scalar(sa.select(Staff.id).where(Staff.login_key == login_key(login))) is not None:
        raise Conflict("The login %(login)s is taken. Please choose another one.", login=login)
    if password is not None:
        check_strength(password, login)
    account = Staff(
        login=login,
        login_key=login_key(login),
        password_hash=VOID if password is None else hash_password(password),
        name=name,
        role=role,
        agency_id=agency_id,
        enabled=True,
        password_until=at + ONE_OFF if one_off else None,
    )
    session.add(account)
    session.flush()
    # Whoever adds an account knows what it is for: the first yearly look is due in a year.
    session.add(AccountReview(staff_id=account.id, reviewed_at=at, reviewed_by_id=by_id))
    trail.append(session, by_id, Act.STAFF_ADDED, at, staff=account.id, role=int(role), agency=agency_id)
    return account


def named(session: Session, login: str) -> Staff:
    """Return the account of a login.

    Raises:
        NotFound: there is none.
    """
    account = session.scalars(sa.select(Staff).where(Staff.login_key == login_key(login))).one_or_none()
    if account is None:
        raise NotFound("There is no account %(login)s.", login=login[:120])
    return account


def disable(session: Session, login: str, at: dt.datetime) -> None:
    """Close an account and end all its sessions."""
    account = named(session, login)
    account.enabled = False
    revoke_all(session, account.id)
    trail.append(session, None, Act.STAFF_DISABLED, at, staff=account.id)


def reset_password(
    session: Session, secret: str, login: str, password: str, at: dt.datetime, one_off: bool = False
) -> None:
    """Give an account a new password, unlock it and end all its sessions; `one_off` as for `add`."""
    account = named(session, login)
    check_strength(password, account.login)
    account.password_hash, account.password_until = hash_password(password), at + ONE_OFF if one_off else None
    revoke_all(session, account.id)
    sign_in_limits.unlock(session, secret, account, at)
    trail.append(session, None, Act.STAFF_PASSWORD_RESET, at, staff=account.id)


def enabled(session: Session, roles: Collection[Role]) -> list[Staff]:
    """Return the accounts of these roles that may sign in, by login."""
    query = sa.select(Staff).where(Staff.enabled, Staff.role.in_(roles)).order_by(Staff.login_key)
    return list(session.scalars(query))


def is_empty(session: Session) -> bool:
    """Return whether nobody has an account yet."""
    return session.scalar(sa.select(Staff.id).limit(1)) is None


def called(session: Session, words: str) -> frozenset[int]:
    """Return the accounts whose name or login holds some words, however they are typed in capitals or not."""
    wanted = nfc(words).casefold()
    every = session.execute(sa.select(Staff.id, Staff.name, Staff.login))
    return frozenset(key for key, name, login in every if wanted in f"{name} {login}".casefold())


def login_keys(session: Session) -> frozenset[str]:
    """Return which logins are taken, in the form by which they are told apart."""
    return frozenset(session.scalars(sa.select(Staff.login_key)))


def names(session: Session) -> dict[int, str]:
    """Return what to call each account, by its id."""
    return {key: name or login for key, name, login in session.execute(sa.select(Staff.id, Staff.name, Staff.login))}
