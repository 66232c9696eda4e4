"""The first account of an empty installation: by a link that is printed where the server starts.

There is no default password. Whoever holds the link sets up an administrator of the province, and whose survey this is
if nobody has said so; from then on no such link opens anything, however many were printed.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.accounts import accounts
from survey.audit import trail
from survey.audit.acts import Act
from survey.db.engine import Lock, exclusively
from survey.errors import Expired
from survey.i18n import msgid
from survey.models import Role, Staff, Texts
from survey.organisation import agencies, province
from survey.security.tokens import issued_at, sign

VALID = dt.timedelta(days=1)
PURPOSE = "first account"
VOID = msgid(
    "This link has been used already, or its day is over. Whoever runs the server prints a new one: `hailong start`."
)


@dataclass(frozen=True)
class FirstAccount:
    """Who becomes the first administrator."""

    login: str
    name: str
    password: str = field(repr=False)


def is_awaited(session: Session) -> bool:
    """Return whether nobody has an account yet, so that only such a link opens anything."""
    return session.scalar(sa.select(Staff.id).limit(1)) is None


def new_token(secret: str, at: dt.datetime) -> str:
    """Return what a link carries: signed, so that nothing is kept of it.

    >>> issued_at("s" * 32, PURPOSE, new_token("s" * 32, dt.datetime(2026, 1, 1, tzinfo=dt.UTC)))
    1767225600
    """
    return sign(secret, PURPOSE, at=at.timestamp())


def check(session: Session, secret: str, token: str, at: dt.datetime) -> None:
    """Check that a link still opens the first account.

    Raises:
        Expired: it is none of ours, a day old, or there is an account: all look the same.
    """
    issued = issued_at(secret, PURPOSE, token)
    age = dt.timedelta.max if issued is None else at - dt.datetime.fromtimestamp(issued, dt.UTC)
    if age >= VALID or not is_awaited(session):
        raise Expired(VOID)


def set_up(
    session: Session, secret: str, token: str, code: str, name: Texts, first: FirstAccount, at: dt.datetime
) -> Staff:
    """Set up the first administrator, and the province by its code and names unless it is known; two never do at once.

    Raises:
        Expired: the link opens nothing any more.
        Conflict: the code, a name or the login cannot be taken.
        InvalidPassword: the password is too short or too simple.
    """
    exclusively(session, Lock.FIRST_ACCOUNT)
    check(session, secret, token, at)
    entered = not agencies.is_installed(session)
    top = province.establish(session, code, name) if entered else agencies.root(session)
    account = accounts.add(session, first.login, first.name, Role.ADMINISTRATOR, top.id, first.password, at)
    trail.append(session, account.id, Act.INSTALLATION_STARTED, at, province=top.code if entered else "")
    return account
