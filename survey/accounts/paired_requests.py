"""What takes two administrators: one asks, another one within the same agencies agrees within three days.

Whatever gives, takes, moves or opens the rights of an administrator. Where there is only one, nobody can agree: then
the command on the machine is the way (`hailong staff`).
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.accounts import oversight, roles
from survey.accounts.oversight import Overseer
from survey.audit import trail
from survey.audit.acts import Act
from survey.errors import Conflict, Forbidden, NotFound
from survey.i18n import msgid
from survey.models import PairedAct, PairedRequest, Role, Staff

KEPT = dt.timedelta(days=3)
OTHER = msgid("Another administrator has to agree: neither who asked for it nor whom it is about.")
GONE = msgid("This request has been decided already, or its time is over. Please ask again.")


def ask(
    session: Session,
    overseer: Overseer,
    act: PairedAct,
    account: Staff,
    role: Role,
    agency_id: int,
    at: dt.datetime,
) -> PairedRequest:
    """Ask for something about an account; a request of the same kind that waits is taken back.

    Raises:
        NotFound, Forbidden: what `oversight` says of the account, the role or the place.
        Conflict: nothing would change, or the province would lose its last administrator.
    """
    oversight.below(session, overseer, account.id)
    oversight.check_may_have(overseer, role, agency_id)
    if act == PairedAct.CHANGE and (account.role, account.agency_id) == (role, agency_id):
        raise Conflict(msgid("The account has this role at this unit already. Please choose another one."))
    same = (PairedRequest.staff_id == account.id, PairedRequest.act == act)
    for earlier in session.scalars(sa.select(PairedRequest).where(*same, *_waits(at))):
        _end(session, earlier, overseer.staff_id, agreed=False, at=at)
    asked = PairedRequest(
        act=act,
        staff_id=account.id,
        role=role,
        agency_id=agency_id,
        asked_by_id=overseer.staff_id,
        asked_at=at,
        expires_at=at + KEPT,
    )
    session.add(asked)
    session.flush()
    about = {"request": asked.id, "staff": account.id, "role": int(role), "agency": agency_id}
    trail.append(session, overseer.staff_id, Act.PAIRED_REQUEST_ASKED, at, kind=act.name.lower(), **about)
    return asked


def waiting(session: Session, overseer: Overseer, at: dt.datetime) -> list[tuple[PairedRequest, Staff]]:
    """Return what waits for a second administrator about accounts of the own agencies, oldest first."""
    rows = session.execute(
        sa.select(PairedRequest, Staff)
        .join(Staff, Staff.id == PairedRequest.staff_id)
        .where(*_waits(at), Staff.agency_id.in_(overseer.own))
        .order_by(PairedRequest.id)
    )
    return [(request, account) for request, account in rows]


def decide(session: Session, overseer: Overseer, number: int, agreed: bool, at: dt.datetime) -> PairedRequest:
    """Agree to a request, which is then done, or refuse it; whoever asked can only take it back.

    A new password is not made here: agreed to, a link to it may be made once by whoever agreed.

    Raises:
        NotFound: there is none, or it is not this account's business.
        Forbidden: the role may not, the account asked for it itself, or it is about this account.
        Conflict: it is decided or too old, or the province would lose its last administrator.
    """
    request = session.get(PairedRequest, number, with_for_update=True)
    if request is None:
        raise NotFound(msgid("There is no such request."))
    account = oversight.within(session, overseer, request.staff_id)
    if not overseer.role == Role.ADMINISTRATOR or account.id == overseer.staff_id:
        raise Forbidden(OTHER)
    if agreed and request.asked_by_id == overseer.staff_id:
        raise Forbidden(OTHER)
    if request.decided_at is not None or request.expires_at <= at:
        raise Conflict(GONE)
    asker = session.get_one(Staff, request.asked_by_id)
    if agreed and not (asker.enabled and roles.may_act_on(asker.role, request.role)):
        raise Conflict(GONE)  # who asked has lost the right since
    if agreed:
        _do(session, overseer, request, account, at)
    _end(session, request, overseer.staff_id, agreed=agreed, at=at)
    return request


def others(session: Session, overseer: Overseer) -> int:
    """Return how many other administrators there are who could agree to what this one asks for."""
    at_work = (Staff.enabled, Staff.role == Role.ADMINISTRATOR, Staff.id != overseer.staff_id)
    within = sa.select(sa.func.count()).where(*at_work, Staff.agency_id.in_(overseer.province))
    return session.scalar(within) or 0


def ended_before(before: dt.datetime) -> sa.ColumnElement[bool]:
    """Return which requests were over by a moment."""
    return PairedRequest.expires_at < before


def _do(session: Session, overseer: Overseer, request: PairedRequest, account: Staff, at: dt.datetime) -> None:
    if request.act == PairedAct.CHANGE:
        oversight.change(session, overseer, account, request.role, request.agency_id, at, together=True)
    elif request.act == PairedAct.SUSPEND:
        oversight.suspend(session, overseer, account, at, together=True)
    elif request.act == PairedAct.RESUME:
        oversight.resume(session, overseer, account, at, together=True)


def _waits(at: dt.datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return PairedRequest.decided_at.is_(None), PairedRequest.expires_at > at


def _end(session: Session, request: PairedRequest, by_id: int | None, agreed: bool, at: dt.datetime) -> None:
    request.decided_by_id, request.decided_at, request.agreed = by_id, at, agreed
    act = Act.PAIRED_REQUEST_AGREED if agreed else Act.PAIRED_REQUEST_REFUSED
    trail.append(session, by_id, act, at, request=request.id, staff=request.staff_id)
