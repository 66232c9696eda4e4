"""The revocable sessions of browsers: who holds one, for how long, and how it ends."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.audit import trail
from survey.audit.acts import Act
from survey.models import Authenticator, Passkey, Role, Staff, StaffSession
from survey.security.tokens import token_hash

LONGEST = dt.timedelta(hours=12)
FOR_FACTOR = dt.timedelta(minutes=10)  # between the right password and the second factor
# What a session keeps under another id.
KEPT = ("staff_id", "created_at", "device", "identity_id", "provider_session", "factor_at_provider")


@dataclass(frozen=True)
class SignedIn:
    """Who is signed in: one account, in one browser, for one agency's subtree."""

    staff_id: int
    login: str
    name: str
    role: Role
    agency_id: int
    id_hash: bytes
    confirmed_at: dt.datetime | None = None  # when somebody last proved who they are; None: in another time's session
    has_factor: bool = False
    factor_due_at: dt.datetime | None = None
    identity_id: int | None = None  # by whom at a provider of single sign-on they signed in
    factor_at_provider: bool = False  # which has asked for a second factor
    password_is_one_off: bool = False  # nothing else is done before its holder has changed it

    @property
    def proves_at_provider(self) -> bool:
        """Return whether they prove again at their provider who they are: there is no factor of ours, no password."""
        return self.identity_id is not None and not self.has_factor


@dataclass(frozen=True)
class AtProvider:
    """What a session that a provider of single sign-on begins keeps of it.

    `proved_at` is when somebody last proved there who they are; `session_hash` names the provider's own session.
    """

    identity_id: int
    code: str
    proved_at: dt.datetime | None
    second_factor: bool = False
    session_hash: bytes | None = None


def begin(
    session: Session,
    staff_id: int,
    at: dt.datetime,
    on_record: bool = True,
    device: str = "",
    awaits_factor: bool = False,
    by: AtProvider | None = None,
) -> str:
    """Begin a session of an account and return its id; only its hash is kept. `by`: a provider has said who it is.

    One that awaits the second factor opens nothing, is good for some minutes and is not on record yet.
    """
    token = secrets.token_urlsafe(32)
    begun = StaffSession(
        id_hash=token_hash(token),
        staff_id=staff_id,
        created_at=at,
        confirmed_at=None if awaits_factor else by.proved_at if by else at,
        awaits_factor=awaits_factor,
        device=device,
    )
    if by is not None:
        begun.identity_id, begun.provider_session = by.identity_id, by.session_hash
        begun.factor_at_provider = by.second_factor
    session.add(begun)
    if on_record and not awaits_factor:
        trail.append(session, staff_id, Act.SESSION_STARTED, at, **({"provider": by.code} if by else {}))
    return token


def signed_in(session: Session, token: str, at: dt.datetime) -> SignedIn | None:
    """Return who holds this session id, if it is still good; one query."""
    return _holder(session, token, at - LONGEST, awaits_factor=False)


def awaiting(session: Session, token: str, at: dt.datetime) -> SignedIn | None:
    """Return who has given the right password under this session id and has yet to show the second factor."""
    return _holder(session, token, at - FOR_FACTOR, awaits_factor=True)


def _holder(session: Session, token: str, since: dt.datetime, awaits_factor: bool) -> SignedIn | None:
    hashed = token_hash(token)
    row = session.execute(
        sa.select(
            Staff,
            StaffSession.confirmed_at,
            with_factor(),
            StaffSession.identity_id,
            StaffSession.factor_at_provider,
        )
        .join(StaffSession, StaffSession.staff_id == Staff.id)
        .where(
            StaffSession.id_hash == hashed,
            StaffSession.created_at > since,
            StaffSession.awaits_factor == awaits_factor,
            Staff.enabled,
        )
    ).one_or_none()
    if row is None:
        return None
    one, confirmed_at, has_factor, identity_id, at_provider = row
    account = (one.id, one.login, one.name, one.role, one.agency_id)
    return SignedIn(
        *account,
        hashed,
        confirmed_at,
        bool(has_factor),
        one.factor_due_at,
        identity_id,
        at_provider,
        password_is_one_off=one.password_until is not None and identity_id is None,
    )


def with_factor() -> sa.ColumnElement[bool]:
    """Return whether the account of a row has a second factor: an app that makes codes, or a passkey."""
    return sa.or_(
        sa.exists().where(Authenticator.staff_id == Staff.id), sa.exists().where(Passkey.staff_id == Staff.id)
    )


def renew(session: Session, who: SignedIn, at: dt.datetime) -> str | None:
    """Give a session another id, for somebody has proved anew who they are; None if it has ended meanwhile.

    When it began stays: it does not last longer.
    """
    held = session.get(StaffSession, who.id_hash, with_for_update=True)
    if held is None:
        return None
    token = secrets.token_urlsafe(32)
    kept = {name: getattr(held, name) for name in KEPT}
    session.delete(held)
    session.flush()
    session.add(StaffSession(id_hash=token_hash(token), confirmed_at=at, **kept))
    return token


def sessions(session: Session, staff_id: int) -> list[StaffSession]:
    """Return an account's sessions, newest first."""
    query = sa.select(StaffSession).where(StaffSession.staff_id == staff_id, ~StaffSession.awaits_factor)
    return list(session.scalars(query.order_by(StaffSession.created_at.desc())))


def device_of(session: Session, id_hash: bytes) -> str:
    """Return in which browser a session was begun, in a few words; empty where that is not known."""
    return session.scalar(sa.select(StaffSession.device).where(StaffSession.id_hash == id_hash)) or ""


def revoke(session: Session, who: SignedIn, prefix: str, at: dt.datetime) -> bool:
    """End one of somebody's own sessions, named by the first letters of its hash; say whether it was there."""
    for held in sessions(session, who.staff_id):
        if held.id_hash.hex()[:16] == prefix:
            session.delete(held)
            trail.append(session, who.staff_id, Act.SESSION_REVOKED, at)
            return True
    return False


def end_others(session: Session, who: SignedIn, at: dt.datetime) -> int:
    """End all sessions of somebody but the one in use; return how many ended."""
    trail.append(session, who.staff_id, Act.SESSION_OTHERS_ENDED, at)
    return revoke_all(session, who.staff_id, keep=who.id_hash)


def end_before(session: Session, token: str, at: dt.datetime) -> None:
    """End the session whose id a browser held until somebody signed in anew in it; it may have ended already."""
    gone = sa.delete(StaffSession).where(StaffSession.id_hash == token_hash(token))
    row = session.execute(gone.returning(StaffSession.staff_id, StaffSession.awaits_factor)).one_or_none()
    if row is not None and not row.awaits_factor:
        trail.append(session, row.staff_id, Act.SESSION_ENDED, at)


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
