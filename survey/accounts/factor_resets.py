"""Two administrators give somebody back who has lost every second factor: one asks, another one agrees within a day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from survey.accounts import second_factor
from survey.audit import trail
from survey.audit.acts import Act
from survey.errors import Conflict, NotFound
from survey.models import FactorReset, Staff

LASTS = dt.timedelta(days=1)


@dataclass(frozen=True)
class AskedReset:
    """A request that waits: about which account, who asked when and why."""

    account: Staff
    asked_by: Staff
    asked_at: dt.datetime
    reason: str


def waiting(session: Session, at: dt.datetime) -> list[AskedReset]:
    """Return the requests that can be agreed to, oldest first."""
    asking = aliased(Staff)
    rows = session.execute(
        sa.select(Staff, asking, FactorReset)
        .join(FactorReset, FactorReset.staff_id == Staff.id)
        .join(asking, asking.id == FactorReset.asked_by)
        .where(FactorReset.asked_at > at - LASTS)
        .order_by(FactorReset.asked_at)
    )
    return [AskedReset(account, by, reset.asked_at, reset.reason) for account, by, reset in rows]


def ask(session: Session, account: Staff, by: int, reason: str, at: dt.datetime) -> None:
    """Ask that an account's second factors be taken away; a request that was made before gives way.

    Raises:
        Conflict: it is the asking administrator's own account, or it has no second factor.
    """
    if account.id == by:
        raise Conflict("Nobody asks for the own account. Please let two other administrators do it.")
    if not second_factor.has_factor(session, account.id):
        raise Conflict("%(login)s has no second factor.", login=account.login)
    session.execute(sa.delete(FactorReset).where(FactorReset.staff_id == account.id))
    session.add(FactorReset(staff_id=account.id, asked_by=by, asked_at=at, reason=reason))
    trail.append(session, by, Act.FACTOR_RESET_ASKED, at, staff=account.id)


def agree(session: Session, staff_id: int, by: int, at: dt.datetime) -> Staff:
    """Take an account's second factors away and end its sessions; return the account.

    Raises:
        Conflict: whoever agrees is the one who asked, or the account itself.
        NotFound: nothing was asked, or longer ago than a day.
    """
    asked = _asked(session, staff_id, at)
    if by in (asked.asked_by, staff_id):
        raise Conflict("Whoever asked, and the account itself, cannot agree. Please let another administrator do it.")
    account = session.get_one(Staff, staff_id, with_for_update=True)
    second_factor.remove_all(session, account, at)
    trail.append(session, by, Act.FACTOR_RESET_AGREED, at, staff=staff_id)
    return account


def decline(session: Session, staff_id: int, by: int, at: dt.datetime) -> None:
    """Drop a request.

    Raises:
        NotFound: nothing was asked, or longer ago than a day.
    """
    session.delete(_asked(session, staff_id, at))
    trail.append(session, by, Act.FACTOR_RESET_DECLINED, at, staff=staff_id)


def forget(session: Session, account: Staff, at: dt.datetime) -> None:
    """Take an account's second factors away from the machine itself, where there is no second administrator."""
    second_factor.remove_all(session, account, at)
    trail.append(session, None, Act.FACTOR_REMOVED, at, staff=account.id)


def _asked(session: Session, staff_id: int, at: dt.datetime) -> FactorReset:
    asked = session.get(FactorReset, staff_id, with_for_update=True)
    if asked is None or asked.asked_at <= at - LASTS:
        raise NotFound("Nobody has asked for this, or more than a day ago. Please ask again.")
    return asked
