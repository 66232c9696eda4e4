"""Messages to people: an invitation and its one reminder, queued together, and what becomes of them.

An address is only in the queue, only sealed, and only for days.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from survey.delivery import queue
from survey.delivery.contact import Contact, seal, unseal
from survey.delivery.queue import ClaimedDelivery, NewDelivery, Outcome
from survey.models import Case, Delivery, Invitation, MessageKind, Reason, Respondent, Response, State, Texts
from survey.organisation import agencies
from survey.security.tokens import token_hash

KEPT = dt.timedelta(days=7)  # the longest that an address is kept
KINDS = (MessageKind.INVITATION, MessageKind.REMINDER)


@dataclass(frozen=True)
class NewMessage:
    """An invitation to be sent: its token and where to."""

    token: str = field(repr=False)
    contact: Contact


@dataclass(frozen=True)
class ClaimedMessage:
    """A claimed message, opened for the one who writes and sends it."""

    kind: MessageKind
    key: str
    queued_at: dt.datetime
    expires_at: dt.datetime
    respondent: Respondent
    province: Texts
    address: str = field(repr=False)
    token: str = field(repr=False)


def add(session: Session, secret: str, messages: Iterable[NewMessage], when: dt.datetime, reminder_days: int) -> int:
    """Queue an invitation and its one reminder for each message; return how many invitations were queued.

    Called in the transaction that issues the invitations. A token that was queued before, or is none of ours, is left.
    """
    sweep(session, when)
    queued = 0
    ahead = iter(messages)
    while batch := {token_hash(message.token): message for message in islice(ahead, queue.BATCH)}:
        issued = session.execute(
            sa.select(Invitation.id, Invitation.token_hash, Invitation.expires_at).where(
                Invitation.token_hash.in_(batch), Invitation.expires_at > when
            )
        ).all()
        deliveries = [
            delivery
            for invitation in issued
            for delivery in _deliveries(secret, invitation, batch[invitation.token_hash], when, reminder_days)
        ]
        queue.add(session, deliveries, when)
        queued += len(issued)
    return queued


def sweep(session: Session, when: dt.datetime) -> None:
    """Erase reminders as soon as their invitation is answered or its address refused, and let the clock work."""
    reminder = Delivery.kind == MessageKind.REMINDER
    queue.end(session, sa.and_(reminder, _answered()), State.DROPPED, Reason.ANSWERED, when)
    first = aliased(Delivery)
    refused = sa.exists().where(
        first.invitation_id == Delivery.invitation_id,
        first.kind == MessageKind.INVITATION,
        first.state == State.REFUSED,
    )
    queue.end(session, sa.and_(reminder, refused), State.DROPPED, Reason.FIRST_REFUSED, when)
    queue.sweep(session, when)


def ready() -> sa.ColumnElement[bool]:
    """Return when a delivery may go: a reminder once the invitation before it has ended, and never after the answer."""
    first = aliased(Delivery)
    underway = sa.exists().where(
        first.invitation_id == Delivery.invitation_id, first.kind == MessageKind.INVITATION, first.payload.is_not(None)
    )
    return sa.or_(Delivery.kind != MessageKind.REMINDER, sa.not_(sa.or_(underway, _answered())))


def opened(session: Session, secret: str, claimed: ClaimedDelivery) -> ClaimedMessage | None:
    """Return what a claimed message holds, or nothing if it was sealed under another secret."""
    plain = unseal(secret, claimed.key, claimed.payload)
    if plain is None:
        return None
    invitation = session.execute(
        sa.select(Invitation.expires_at, Case.respondent).join(Case).where(Invitation.id == claimed.invitation_id)
    ).one()
    return ClaimedMessage(
        claimed.kind,
        claimed.key,
        claimed.queued_at,
        invitation.expires_at,
        invitation.respondent,
        agencies.root(session).name,
        *plain,
    )


def export(session: Session, secret: str, when: dt.datetime) -> Iterator[ClaimedMessage]:
    """Yield every message that is due and may still be handed over in a file, and mark it as exported, once."""
    unsent = (Delivery.kind.in_(KINDS), Delivery.state == State.QUEUED, ready())
    while (claimed := queue.claim(session, when, dt.timedelta(), *unsent)) is not None:
        message = opened(session, secret, claimed)
        unreadable = Outcome(State.FAILED, Reason.UNREADABLE)
        queue.settle(session, claimed.id, claimed.attempt, Outcome(State.EXPORTED) if message else unreadable, when)
        if message:
            yield message


def _deliveries(
    secret: str, invitation: Any, message: NewMessage, when: dt.datetime, reminder_days: int
) -> Iterator[NewDelivery]:
    expires_at = min(when + KEPT, invitation.expires_at)
    waits = {MessageKind.INVITATION: 0, MessageKind.REMINDER: reminder_days}
    for kind, days in waits.items():
        due_at = when + dt.timedelta(days=days)
        if due_at >= expires_at or (kind == MessageKind.REMINDER and not days):
            continue
        key = queue.new_key()
        payload = seal(secret, key, message.contact.address, message.token)
        yield NewDelivery(kind, message.contact.kind, key, payload, due_at, expires_at, invitation.id)


def _answered() -> sa.ColumnElement[bool]:
    return sa.exists().where(Response.invitation_id == Delivery.invitation_id, Response.counted)
