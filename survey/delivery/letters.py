"""Letters of apology on their way: which addresses they can go to, and which of them nobody needs any more."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.collection.withdrawn_cases import withdrawn
from survey.delivery import gateway, queue
from survey.models import AddressKind, Apology, Case, Delivery, MessageKind, Reason, State
from survey.settings import Settings


def ways(settings: Settings) -> frozenset[AddressKind]:
    """Return to which kinds of address letters can go from here."""
    open_ones = {AddressKind.EMAIL: bool(settings.smtp_host), AddressKind.PHONE: gateway.carries_words(settings)}
    return frozenset(kind for kind, is_open in open_ones.items() if is_open)


def late() -> sa.ColumnElement[bool]:
    """Return the condition that a case was finished after its due day, and is not withdrawn."""
    return sa.and_(_delayed(), sa.not_(withdrawn(Case.id)))


def ready(settings: Settings) -> sa.ColumnElement[bool]:
    """Return when a delivery may go, as far as letters are concerned."""
    may_go = sa.and_(Delivery.address_kind.in_(ways(settings)), _about(late()))
    return sa.or_(Delivery.kind != MessageKind.LETTER, may_go)


def sweep(session: Session, when: dt.datetime) -> None:
    """Erase the letters about cases that were withdrawn, or turned out to be in time."""
    needless = {Reason.WITHDRAWN: withdrawn(Case.id), Reason.IN_TIME: sa.not_(_delayed())}
    for reason, condition in needless.items():
        which = sa.and_(Delivery.kind == MessageKind.LETTER, _about(condition))
        queue.end(session, which, State.DROPPED, reason, when)


def _delayed() -> sa.ColumnElement[bool]:
    return sa.func.coalesce(Case.due_day < Case.finished_day, sa.false())


def _about(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Return whether the case of a letter meets a condition."""
    return sa.exists().where(Apology.delivery_key == Delivery.key, Case.id == Apology.case_id, condition)
