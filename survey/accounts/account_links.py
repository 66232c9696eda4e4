"""One-time links: by one a person sets up the account to which somebody invited him, or chooses a new password."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.accounts import accounts, mail_address, oversight, roles
from survey.accounts.accounts import NAME
from survey.accounts.oversight import Overseer
from survey.audit import trail
from survey.audit.acts import Act
from survey.errors import Conflict, Expired, NotFound
from survey.i18n import msgid, nfc
from survey.models import AccountLink, LinkPurpose, Role, Staff
from survey.security import sealing
from survey.security.tokens import TOKEN, new_token, token_hash

VALID = dt.timedelta(days=7)
MOST = 200  # that wait for one who invites: whoever has got into an account cannot fill mailboxes
PURPOSE, BLOCK = "account link", 256
VOID = msgid(
    "This link has been used already, or its time is over. Please ask the person who sent it to you for a new one."
)


def invite(
    session: Session,
    overseer: Overseer,
    secret: str,
    name: str,
    role: Role,
    agency_id: int,
    address: str,
    at: dt.datetime,
) -> tuple[AccountLink, str]:
    """Invite a person to an account; return the link and its token, which is known only now.

    `address` is where the link is sent, empty if it is handed over: then the account has none that is confirmed.

    Raises:
        NotFound: the agency is not this account's business.
        Forbidden: the role is one that it may not give, or not alone.
        Conflict: there is no name, it is too long, or too many links wait.
    """
    name = nfc(name)
    if not 0 < len(name) <= NAME:
        raise Conflict("Please give the person's name, of at most %(most)s characters.", most=NAME)
    oversight.check_may_have(overseer, role, agency_id)
    second = role == Role.ADMINISTRATOR and agency_id in overseer.province
    if not (second and oversight.may_invite_second(session, overseer, at, held=True)):
        oversight.check_alone(overseer, role)
    token = _new(session, overseer, at)
    link = AccountLink(
        purpose=LinkPurpose.ACCOUNT,
        token_hash=token_hash(token),
        name=name,
        role=role,
        agency_id=agency_id,
        email=_seal(secret, token, address) if address else None,
        invited_by_id=overseer.staff_id,
        invited_at=at,
        expires_at=at + VALID,
    )
    session.add(link)
    session.flush()
    about = {"role": int(role), "agency": agency_id, **({"sent": 1} if address else {})}
    trail.append(session, overseer.staff_id, Act.STAFF_INVITED, at, link=link.id, **about)
    return link, token


def for_password(session: Session, overseer: Overseer, account: Staff, at: dt.datetime) -> tuple[AccountLink, str]:
    """Make a link by which a person chooses a new password; earlier ones of this account are void.

    Whoever may make it has been asked before: `oversight.below`, and another administrator where that takes two.
    """
    token = _new(session, overseer, at)
    mine = (AccountLink.staff_id == account.id, AccountLink.ended_at.is_(None))
    session.execute(sa.update(AccountLink).where(*mine).values(ended_at=at, email=None))
    link = AccountLink(
        purpose=LinkPurpose.PASSWORD,
        token_hash=token_hash(token),
        name=account.name,
        role=account.role,
        agency_id=account.agency_id,
        staff_id=account.id,
        invited_by_id=overseer.staff_id,
        invited_at=at,
        expires_at=at + VALID,
    )
    session.add(link)
    session.flush()
    trail.append(session, overseer.staff_id, Act.STAFF_PASSWORD_LINK_ISSUED, at, staff=account.id, link=link.id)
    return link, token


def opened(session: Session, token: str, at: dt.datetime, lock: bool = False) -> AccountLink:
    """Return what a token opens, if it still does.

    Raises:
        Expired: it is none of ours, used, withdrawn or too old, or whoever gave it may not any more: all look the same.
    """
    if not TOKEN.fullmatch(token):
        raise Expired(VOID)
    wanted = sa.select(AccountLink).where(AccountLink.token_hash == token_hash(token), AccountLink.expires_at > at)
    link = session.scalars((wanted.with_for_update() if lock else wanted).where(AccountLink.ended_at.is_(None))).first()
    if link is None:
        raise Expired(VOID)
    giver = session.get_one(Staff, link.invited_by_id)
    if not (giver.enabled and roles.may_act_on(giver.role, link.role)):
        raise Expired(VOID)
    return link


def set_up(session: Session, secret: str, token: str, login: str, name: str, password: str, at: dt.datetime) -> Staff:
    """Set up the account to which a link invites, under the login, name and password that its holder chose.

    Raises:
        Expired: the link opens nothing any more.
        Conflict: the login is taken or unreadable.
        InvalidPassword: the password is too short or too simple.
    """
    link = _of(opened(session, token, at, lock=True), LinkPurpose.ACCOUNT)
    account = accounts.add(
        session, login, name or link.name, link.role, link.agency_id, password, at, by_id=link.invited_by_id
    )
    if address := _unseal(secret, link):
        mail_address.save(session, secret, account, address, "", at)
        mail_address.confirm(session, account, at)
    link.staff_id, link.email, link.ended_at = account.id, None, at
    return account


def choose_password(session: Session, secret: str, token: str, password: str, at: dt.datetime) -> Staff:
    """Set the new password that the holder of a link chose, and end all sessions of the account.

    Raises:
        Expired: the link opens nothing any more.
        InvalidPassword: the password is too short or too simple.
    """
    link = _of(opened(session, token, at, lock=True), LinkPurpose.PASSWORD)
    account = session.get_one(Staff, link.staff_id)
    accounts.reset_password(session, secret, account.login, password, at)
    link.ended_at = at
    return account


def waiting(session: Session, overseer: Overseer, at: dt.datetime) -> list[AccountLink]:
    """Return the links to accounts of somebody's agencies that nobody has used, newest first."""
    good = (AccountLink.ended_at.is_(None), AccountLink.expires_at > at, AccountLink.agency_id.in_(overseer.own))
    return list(session.scalars(sa.select(AccountLink).where(*good).order_by(AccountLink.id.desc())))


def withdraw(session: Session, overseer: Overseer, number: int, at: dt.datetime) -> None:
    """Make a link void; one that is over already stays so.

    Raises:
        NotFound: there is none, or it is not this account's business.
        Forbidden: it gives a role that this account may not give.
    """
    link = session.get(AccountLink, number, with_for_update=True)
    if link is None or link.agency_id not in overseer.own:
        raise NotFound(msgid("There is no such link."))
    oversight.check_may_have(overseer, link.role, link.agency_id)
    if link.ended_at is None:
        link.ended_at, link.email = at, None
        trail.append(session, overseer.staff_id, Act.STAFF_INVITATION_WITHDRAWN, at, link=link.id)


def over_before(before: dt.datetime) -> sa.ColumnElement[bool]:
    """Return which links were over by a moment."""
    return AccountLink.expires_at < before


def _new(session: Session, overseer: Overseer, at: dt.datetime) -> str:
    """Return a new token, unless too many of this account wait.

    Raises:
        Conflict: they do.
    """
    mine = (
        AccountLink.invited_by_id == overseer.staff_id,
        AccountLink.ended_at.is_(None),
        AccountLink.expires_at > at,
    )
    if (session.scalar(sa.select(sa.func.count()).select_from(AccountLink).where(*mine)) or 0) >= MOST:
        raise Conflict("Too many links of yours wait to be used. Please withdraw some of them first.")
    return new_token()


def _of(link: AccountLink, purpose: LinkPurpose) -> AccountLink:
    if link.purpose != purpose:
        raise Expired(VOID)
    return link


def _seal(secret: str, token: str, address: str) -> bytes:
    return sealing.seal(secret, PURPOSE, address.encode().ljust(BLOCK), token_hash(token))


def _unseal(secret: str, link: AccountLink) -> str:
    plain = sealing.unseal(secret, PURPOSE, link.email, link.token_hash) if link.email else None
    return plain.decode().rstrip() if plain else ""
