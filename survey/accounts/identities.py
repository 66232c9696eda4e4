"""Which accounts are tied to somebody at a provider of single sign-on: by issuer and subject, by nothing else.

A tied account is signed in to by its provider alone, which says at each sign-in what its holder may do. It has no
password, until the machine or an administrator gives it one for the time in which the provider is away.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.accounts.sessions import revoke_all
from survey.audit import trail
from survey.audit.acts import Act
from survey.errors import NotFound
from survey.models import Identity, Role, Staff
from survey.security.passwords import VOID


def of_person(session: Session, issuer: str, subject: str) -> Identity | None:
    """Return what ties an account to somebody at a provider."""
    mine = (Identity.issuer == issuer, Identity.subject == subject)
    return session.scalars(sa.select(Identity).where(*mine).with_for_update()).one_or_none()


def of_account(session: Session, staff_id: int) -> list[Identity]:
    """Return what an account is tied to, oldest first."""
    return list(session.scalars(sa.select(Identity).where(Identity.staff_id == staff_id).order_by(Identity.id)))


def issuer_of(session: Session, identity_id: int) -> str:
    """Return at which issuer somebody is known by whom a session was begun; empty if nothing ties them any more."""
    return session.scalar(sa.select(Identity.issuer).where(Identity.id == identity_id)) or ""


def tie(session: Session, account: Staff, issuer: str, subject: str, code: str, at: dt.datetime) -> Identity:
    """Tie an account to somebody at a provider, on record."""
    identity = Identity(staff_id=account.id, issuer=issuer, subject=subject, tied_at=at, used_at=at)
    session.add(identity)
    session.flush()
    trail.append(session, account.id, Act.IDENTITY_TIED, at, provider=code)
    return identity


def use(identity: Identity, account: Staff, at: dt.datetime) -> None:
    """Note that somebody came by their provider: a password that stood in for it is void from now on."""
    identity.used_at, account.password_hash, account.password_until = at, VOID, None


def untie(session: Session, account: Staff, at: dt.datetime) -> None:
    """Let no provider sign in to an account any more, and end its sessions.

    Raises:
        NotFound: it is tied to none.
    """
    if not of_account(session, account.id):
        raise NotFound("This account is not tied to single sign-on.")
    revoke_all(session, account.id)
    session.execute(sa.delete(Identity).where(Identity.staff_id == account.id))
    trail.append(session, None, Act.IDENTITY_UNTIED, at, staff=account.id)


def local_administrator(session: Session, beside: int | None = None) -> bool:
    """Return whether an administrator, beside one account, signs in without any provider.

    Without one, nobody could get in once the providers are away, or say that nobody may.
    """
    tied = sa.exists().where(Identity.staff_id == Staff.id)
    local = sa.select(Staff.id).where(
        Staff.role == Role.ADMINISTRATOR, Staff.enabled, Staff.password_hash != VOID, ~tied
    )
    if beside is not None:
        local = local.where(Staff.id != beside)
    return session.scalar(local.limit(1)) is not None
