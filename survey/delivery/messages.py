"""Messages to people: an invitation and its one reminder, queued together, and what becomes of them.

An address is only in the queue, only sealed, and only for days. A reminder goes only to who was asked, and as many days
after the invitation really left as it was to be due after it was queued.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from survey.collection import invitations
from survey.collection.withdrawn_cases import withdrawn
from survey.db.slices import rows_in
from survey.delivery import dead_addresses, queue
from survey.delivery.contact import Contact, seal, unseal
from survey.delivery.queue import ClaimedDelivery, NewDelivery, Outcome
from survey.models import (
    AddressKind,
    Case,
    Delivery,
    Invitation,
    MessageKind,
    Reason,
    Respondent,
    Response,
    State,
    Texts,
    Transition,
)
from survey.organisation import agencies
from survey.security.tokens import token_hash

KEPT = dt.timedelta(days=7)  # the longest that an address is kept
KINDS = (MessageKind.INVITATION, MessageKind.REMINDER)
UNREACHED = (Reason.ADDRESS, Reason.RETURNED, Reason.DEAD)  # why what was refused has certainly reached nobody
MOST_REFUSALS = 3
ASKED = (State.DELIVERED, State.EXPORTED)  # who was asked: the others may never have seen the invitation


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


def correct(session: Session, secret: str, contacts: Mapping[bytes, Contact], when: dt.datetime) -> set[bytes]:
    """Let what still waits go to a corrected address, by the hashed codes of cases; return those that it changed.

    What was tried at the old address counts no more, and the message gets a new key, so that no gateway takes it for
    the one to the old address. What is being sent just now, or has ended, is left.
    """
    waiting = (
        sa.select(Case.code_hash, *queue.TABLE.c)
        .join_from(Case, Invitation, Invitation.case_id == Case.id)
        .join(Delivery, Delivery.invitation_id == Invitation.id)
        .where(Delivery.state.in_(queue.RESTING), Delivery.kind.in_(KINDS))
        .with_for_update(of=queue.TABLE)
    )
    corrected = set[bytes]()
    for row in rows_in(session, waiting, Case.code_hash, list(contacts)):
        contact, plain = contacts[row.code_hash], unseal(secret, row.key, row.payload)
        if plain is None or (contact.kind, contact.address) == (row.address_kind, plain[0]):
            continue
        key = queue.new_key()
        due_at = when if row.kind == MessageKind.INVITATION else row.due_at
        new = {"key": key, "payload": seal(secret, key, contact.address, plain[1]), "address_kind": contact.kind}
        fresh = {"state": State.QUEUED, "reason": None, "attempts": 0, "doubts": 0, "due_at": due_at}
        session.execute(sa.update(Delivery).where(Delivery.id == row.id).values(**new, **fresh, changed_at=when))
        corrected.add(row.code_hash)
    return corrected


def invite_again(
    session: Session, secret: str, contacts: Mapping[bytes, Contact], when: dt.datetime, reminder_days: int
) -> dict[bytes, str]:
    """Send invitations that reached nobody to the contacts told now, under new links; return these by hashed codes.

    Their addresses were refused, or the messages came back. No address that is known to be dead is written to, and what
    was refused `MOST_REFUSALS` times is left: a feed may tell the same full mailbox every night.
    """
    usable = {code: contact for code, contact in contacts.items() if not _dead(session, secret, contact)}
    refused = (
        sa.select(Case.code_hash, Invitation.id, Invitation.expires_at)
        .join_from(Case, Invitation, Invitation.case_id == Case.id)
        .join(Delivery, Delivery.invitation_id == Invitation.id)
        .where(Delivery.kind == MessageKind.INVITATION, Delivery.state == State.REFUSED)
        .where(Delivery.reason.in_(UNREACHED), Invitation.expires_at > when, sa.not_(Invitation.used))
        .where(sa.not_(withdrawn(Case.id)), sa.not_(_answered()), _refusals() < MOST_REFUSALS)
    )
    rows = list(rows_in(session, refused, Case.code_hash, usable))
    tokens = invitations.renew(session, [row.id for row in rows])
    for row in rows:
        reminder = sa.and_(Delivery.invitation_id == row.id, Delivery.kind == MessageKind.REMINDER)
        queue.end(session, reminder, State.DROPPED, Reason.NOT_ASKED, when)
        message = NewMessage(tokens[row.id], usable[row.code_hash])
        for delivery in _deliveries(secret, row, message, when, reminder_days):
            queue.renew(session, delivery, when)
    return {row.code_hash: tokens[row.id] for row in rows}


def _dead(session: Session, secret: str, contact: Contact) -> bool:
    return contact.kind == AddressKind.EMAIL and dead_addresses.is_dead(session, secret, contact.address)


def _refusals() -> sa.ScalarSelect[int]:
    steps = (Transition.delivery_id == Delivery.id, Transition.state == State.REFUSED)
    return sa.select(sa.func.count()).where(*steps).scalar_subquery()


def sweep(session: Session, when: dt.datetime) -> None:
    """Erase what nobody needs any more, and let the clock work.

    Messages about a withdrawn case, and reminders of an invitation that is answered or ended without having asked.
    """
    queue.end(session, _withdrawn(), State.DROPPED, Reason.WITHDRAWN, when)
    reminder = Delivery.kind == MessageKind.REMINDER
    queue.end(session, sa.and_(reminder, _answered()), State.DROPPED, Reason.ANSWERED, when)
    refused, ended = _first(lambda first: first.state == State.REFUSED), _first(lambda first: first.payload.is_(None))
    queue.end(session, sa.and_(reminder, refused), State.DROPPED, Reason.FIRST_REFUSED, when)
    unasked = sa.and_(ended, sa.not_(_first(lambda first: first.state.in_(ASKED))))
    queue.end(session, sa.and_(reminder, unasked), State.DROPPED, Reason.NOT_ASKED, when)
    queue.sweep(session, when)


def ready() -> sa.ColumnElement[bool]:
    """Return when a delivery may go: a reminder once the invitation before it has arrived, never after the answer.

    None goes about a withdrawn case.
    """
    asked = _first(lambda first: first.state.in_(ASKED))
    reminds = sa.and_(asked, sa.not_(_answered()))
    return sa.and_(sa.or_(Delivery.kind != MessageKind.REMINDER, reminds), sa.not_(_withdrawn()))


def opened(session: Session, secret: str, claimed: ClaimedDelivery) -> ClaimedMessage | Outcome:
    """Return what a claimed message holds, or why it is not to be sent.

    It was sealed under another secret, or its address is known to be dead.
    """
    plain = unseal(secret, claimed.key, claimed.payload)
    if plain is None:
        return Outcome(State.FAILED, Reason.UNREADABLE)
    if _dead(session, secret, Contact(claimed.address_kind, plain[0])):
        return Outcome(State.REFUSED, Reason.DEAD)
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


def settle(session: Session, claimed: ClaimedDelivery, outcome: Outcome, when: dt.datetime) -> State:
    """Record how a try ended; an invitation that has arrived sets the day of its reminder."""
    before = session.scalar(sa.select(Delivery.state).where(Delivery.id == claimed.id).with_for_update())
    state = queue.settle(session, claimed.id, claimed.attempt, outcome, when)
    if claimed.kind == MessageKind.INVITATION and state in ASKED and before not in ASKED:
        _set_reminder(session, claimed.invitation_id, when)
    return state


def _set_reminder(session: Session, invitation_id: int | None, when: dt.datetime) -> None:
    """Let the reminder wait from now on for as long as it was to wait when it was queued."""
    mine = (
        Delivery.invitation_id == invitation_id,
        Delivery.kind == MessageKind.REMINDER,
        Delivery.state.in_(queue.RESTING),
    )
    reminder = session.execute(sa.select(queue.TABLE).where(*mine).with_for_update()).first()
    if reminder is None:
        return
    due_at = when + (reminder.due_at - reminder.queued_at)
    if due_at >= reminder.expires_at:
        queue.end(session, Delivery.id == reminder.id, State.EXPIRED, Reason.DAYS_OVER, when)
    else:
        session.execute(sa.update(Delivery).where(Delivery.id == reminder.id).values(due_at=due_at, changed_at=when))


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


def _first(condition: Callable[[type[Delivery]], sa.ColumnElement[bool]]) -> sa.ColumnElement[bool]:
    """Return whether the invitation before a reminder meets a condition."""
    first = aliased(Delivery)
    before = (first.invitation_id == Delivery.invitation_id, first.kind == MessageKind.INVITATION)
    return sa.exists().where(*before, condition(first))


def _withdrawn() -> sa.ColumnElement[bool]:
    about = (Invitation.id == Delivery.invitation_id, withdrawn(Invitation.case_id))
    return sa.exists().where(*about)


def _answered() -> sa.ColumnElement[bool]:
    return sa.exists().where(Response.invitation_id == Delivery.invitation_id, Response.counted)
