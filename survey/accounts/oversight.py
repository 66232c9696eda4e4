"""What an account may do to the accounts below it: look after them once a year, suspend, resume, move and change them.

Nobody gives a right that he lacks, acts on his own account or on one above or beside him, or takes away the last
administrator of the province. Whatever changes what somebody may do ends that account's sessions at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.accounts import roles, sign_in_limits
from survey.accounts.sessions import revoke_all
from survey.audit import trail
from survey.audit.acts import Act
from survey.errors import Conflict, Forbidden, NotFound
from survey.i18n import msgid
from survey.models import AccountLink, AccountReview, AuditEntry, Role, Staff

REVIEW_DAYS = 365
NOT_YOURS = msgid("There is no such account.")
OWN = msgid("Nobody can change the rights of the own account. Please ask somebody above you.")
ABOVE = msgid("This account has a role that you may not give or change. Please ask somebody above you.")
TWO = msgid("For an administrator's account two administrators are needed. Please ask for it; another one confirms it.")
LAST = msgid(
    "This is the last administrator of the province. Please give another account that role first, so that somebody can "
    "still do everything."
)


@dataclass(frozen=True)
class Overseer:
    """Who acts on other accounts: `own` are the agencies within which it may, as of today, under each of their names.

    `province` are the names of the agency at the top, which must never be without an administrator. `staff_id` is None
    for a command on the machine, which is held by nothing but the machine.
    """

    staff_id: int | None
    role: Role
    own: frozenset[int]
    province: frozenset[int]


def within(session: Session, overseer: Overseer, staff_id: int) -> Staff:
    """Return an account within the agencies of somebody, whatever its role.

    Raises:
        NotFound: there is none, or it is not this account's business: both look the same.
    """
    account = session.get(Staff, staff_id)
    if account is None or account.agency_id not in overseer.own:
        raise NotFound(NOT_YOURS)
    return account


def may_act_on(overseer: Overseer, account: Staff) -> bool:
    """Return whether somebody may act on an account, alone or with another."""
    mine = account.id != overseer.staff_id and account.agency_id in overseer.own
    return mine and roles.may_act_on(overseer.role, account.role)


def below(session: Session, overseer: Overseer, staff_id: int) -> Staff:
    """Return an account that somebody may act on, alone or with another.

    Raises:
        NotFound: there is none, or it is not this account's business.
        Forbidden: it is the own one, or its role is beside or above the own one.
    """
    account = within(session, overseer, staff_id)
    if account.id == overseer.staff_id:
        raise Forbidden(OWN)
    if not roles.may_act_on(overseer.role, account.role):
        raise Forbidden(ABOVE)
    return account


def check_alone(overseer: Overseer, *others: Role, together: bool = False) -> None:
    """Refuse what gives, takes or moves a role that takes two, unless two have agreed or the machine does it.

    Raises:
        Forbidden: another administrator must confirm it.
    """
    if overseer.staff_id is not None and not together and roles.takes_two(overseer.role, *others):
        raise Forbidden(TWO)


def check_may_have(overseer: Overseer, role: Role, agency_id: int) -> None:
    """Refuse to give what somebody may not give: a role, or a place outside the own agencies.

    Raises:
        NotFound: the agency is not this account's business.
        Forbidden: the role is one that it may not give.
    """
    if agency_id not in overseer.own:
        raise NotFound(msgid("There is no such unit among yours. Please choose one from the list."))
    if not roles.may_act_on(overseer.role, role):
        raise Forbidden(ABOVE)


def check_not_last(session: Session, overseer: Overseer, account: Staff) -> None:
    """Refuse to take the last administrator of the province away.

    Raises:
        Conflict: nobody else is one.
    """
    top = (Staff.enabled, Staff.role == Role.ADMINISTRATOR, Staff.agency_id.in_(overseer.province))
    left = sa.select(Staff.id).where(*top, Staff.id != account.id).with_for_update()
    is_one = account.enabled and account.role == Role.ADMINISTRATOR and account.agency_id in overseer.province
    if is_one and not session.scalars(left).all():
        raise Conflict(LAST)


def may_invite_second(session: Session, overseer: Overseer, at: dt.datetime, *, held: bool = False) -> bool:
    """Return whether somebody is the only administrator whom the province ever had, and has invited no other.

    Nobody could agree then: the first one invites the second alone. From there on it takes two. `held`: until the
    transaction ends, so that two windows of one person invite one after the other.
    """
    if overseer.staff_id is None or overseer.role != Role.ADMINISTRATOR or not overseer.province <= overseer.own:
        return False
    if held:
        session.get(Staff, overseer.staff_id, with_for_update=True)
    place = Staff.agency_id.in_(overseer.province)
    other = sa.select(Staff.id).where(Staff.role == Role.ADMINISTRATOR, place, Staff.id != overseer.staff_id)
    good = (AccountLink.ended_at.is_(None), AccountLink.expires_at > at)
    waiting = sa.select(AccountLink.id).where(AccountLink.role == Role.ADMINISTRATOR, *good)
    return all(session.scalar(query.limit(1)) is None for query in (other, waiting))


def change(
    session: Session,
    overseer: Overseer,
    account: Staff,
    role: Role,
    agency_id: int,
    at: dt.datetime,
    *,
    together: bool = False,
) -> bool:
    """Give an account another role or place and end its sessions; return whether anything is new.

    `together`: two have agreed to it, here and below.
    """
    check_may_have(overseer, role, agency_id)
    check_alone(overseer, account.role, role, together=together)
    if (account.role, account.agency_id) == (role, agency_id):
        return False
    if role != Role.ADMINISTRATOR or agency_id not in overseer.province:
        check_not_last(session, overseer, account)
    about = {"role_before": int(account.role), "agency_before": account.agency_id}
    account.role, account.agency_id = role, agency_id
    _end_all(session, account.id, at)
    about |= {"role": int(role), "agency": agency_id}
    trail.append(session, overseer.staff_id, Act.STAFF_CHANGED, at, staff=account.id, **about)
    return True


def suspend(session: Session, overseer: Overseer, account: Staff, at: dt.datetime, *, together: bool = False) -> None:
    """Let nobody sign in to an account until it is resumed, and end its sessions; done twice, it is the same."""
    check_alone(overseer, account.role, together=together)
    check_not_last(session, overseer, account)
    if account.enabled:
        account.enabled = False
        _end_all(session, account.id, at)
        trail.append(session, overseer.staff_id, Act.STAFF_DISABLED, at, staff=account.id)


def resume(session: Session, overseer: Overseer, account: Staff, at: dt.datetime, *, together: bool = False) -> None:
    """Let an account that was suspended be used again; done twice, it is the same."""
    check_alone(overseer, account.role, together=together)
    if not account.enabled:
        account.enabled = True
        trail.append(session, overseer.staff_id, Act.STAFF_RESUMED, at, staff=account.id)
        _look_at(session, overseer.staff_id, account.id, at)


def unlock(session: Session, overseer: Overseer, secret: str, account: Staff, at: dt.datetime) -> None:
    """Let somebody try again who had to wait after wrong passwords."""
    sign_in_limits.unlock(session, secret, account, at, overseer.staff_id)


def review(session: Session, overseer: Overseer, staff_ids: Collection[int], at: dt.datetime) -> int:
    """Confirm that accounts are still needed and rightly set; return how many. Those that one may not act on stay."""
    ids = list(staff_ids)
    mine = [one for one in session.scalars(sa.select(Staff).where(Staff.id.in_(ids))) if may_act_on(overseer, one)]
    for account in mine:
        _look_at(session, overseer.staff_id, account.id, at)
        trail.append(session, overseer.staff_id, Act.STAFF_REVIEWED, at, staff=account.id)
    return len(mine)


def _look_at(session: Session, by_id: int | None, staff_id: int, at: dt.datetime) -> None:
    if by_id is not None:
        session.merge(AccountReview(staff_id=staff_id, reviewed_at=at, reviewed_by_id=by_id))


def _end_all(session: Session, staff_id: int, at: dt.datetime) -> None:
    """End the sessions of an account, and the links that it gave to others and nobody has used."""
    revoke_all(session, staff_id)
    given = (AccountLink.invited_by_id == staff_id, AccountLink.ended_at.is_(None))
    session.execute(sa.update(AccountLink).where(*given).values(ended_at=at, email=None))


@dataclass(frozen=True)
class Review:
    """When an account was last confirmed, by whom (None: the machine, which added it); no time: not since 0.2.0."""

    at: dt.datetime | None = None
    by_id: int | None = None

    def overdue(self, now: dt.datetime) -> bool:
        """Return whether it is a year ago or more, or never was."""
        return self.at is None or now - self.at >= dt.timedelta(days=REVIEW_DAYS)


def looks(session: Session, staff_ids: Collection[int]) -> Mapping[int, Review]:
    """Return of each account when it was last confirmed and by whom."""
    rows = session.scalars(sa.select(AccountReview).where(AccountReview.staff_id.in_(list(staff_ids))))
    done = {row.staff_id: Review(row.reviewed_at, row.reviewed_by_id) for row in rows}
    return {staff_id: done.get(staff_id, Review()) for staff_id in staff_ids}


def last_sign_ins(session: Session, staff_ids: Collection[int]) -> dict[int, dt.datetime]:
    """Return when each account signed in last, as far as the audit trail goes back."""
    signed_in = (AuditEntry.act == Act.SESSION_STARTED.value, AuditEntry.staff_id.in_(list(staff_ids)))
    last = sa.select(AuditEntry.staff_id, sa.func.max(AuditEntry.at)).where(*signed_in).group_by(AuditEntry.staff_id)
    return {staff_id: at for staff_id, at in session.execute(last) if staff_id is not None}


def accounts_within(session: Session, overseer: Overseer) -> list[Staff]:
    """Return every account of the agencies of somebody, by login; how many there are is a matter of hundreds."""
    return list(session.scalars(sa.select(Staff).where(Staff.agency_id.in_(overseer.own)).order_by(Staff.login_key)))
