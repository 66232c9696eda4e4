"""Deliveries for tests: queued as the product queues them, claimed and settled as the worker does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey import questionnaires
from survey.collection import invitations, responses
from survey.collection.answers import Answers
from survey.delivery import messages, queue
from survey.delivery.contact import Contact
from survey.delivery.messages import ClaimedMessage, NewMessage
from survey.delivery.queue import ClaimedDelivery, Outcome
from survey.models import AddressKind, Delivery, MessageKind, Reason, State, Transition
from survey.periods import now
from survey.security.tokens import new_token
from tests.support import factories
from tests.support.factories import SECRET

WHEN = dt.datetime(2026, 10, 5, 2, tzinfo=dt.UTC)
MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
LEASE = 5 * MINUTE
LINH = Contact(AddressKind.EMAIL, "linh.nguyen@example.vn")
BY_PHONE = Contact(AddressKind.PHONE, "+84912345678")
DELIVERED, NOT_SENT = Outcome(State.DELIVERED), Outcome(State.QUEUED, Reason.UNREACHABLE)
NOBODY_KNOWS, REFUSED = Outcome(State.UNKNOWN, Reason.CLOSED), Outcome(State.REFUSED, Reason.ADDRESS)
REMINDERS = Delivery.kind == MessageKind.REMINDER
PUBLIC = "https://khaosat.vinhlong.gov.vn"
Rounds = Callable[..., dict[State, int]]  # what the fixture of that name gives


def invite(session: Session, to: Contact = LINH, reminder_days: int = 3) -> str:
    """Queue an invitation and its reminder at WHEN; return its token."""
    token = factories.invitation(session, when=WHEN)
    assert messages.add(session, SECRET, [NewMessage(token, to)], WHEN, reminder_days) == 1
    return token


def invite_all(session: Session, *addresses: str, agency: str = "H61.50", reminder_days: int = 3) -> list[str]:
    """Queue an invitation to each address now, and commit; return their tokens."""
    tokens = [factories.invitation(session, agency) for _ in addresses]
    kinds = [AddressKind.EMAIL if "@" in address else AddressKind.PHONE for address in addresses]
    contacts = map(Contact, kinds, addresses)
    messages.add(session, SECRET, list(map(NewMessage, tokens, contacts)), now(), reminder_days)
    session.commit()
    return tokens


def delivery(session: Session, kind: MessageKind = MessageKind.INVITATION) -> Delivery:
    """Return the one delivery of a kind as it stands."""
    session.expire_all()
    return session.scalars(sa.select(Delivery).where(Delivery.kind == kind)).one()


def claim(session: Session, when: dt.datetime, *conditions: sa.ColumnElement[bool]) -> ClaimedDelivery | None:
    """Claim as the worker does."""
    return queue.claim(session, when, LEASE, messages.ready(), *conditions)


def claimed_message(session: Session, when: dt.datetime, *conditions: sa.ColumnElement[bool]) -> ClaimedMessage:
    """Claim a message that must be there, and open it."""
    claimed = claim(session, when, *conditions)
    assert claimed is not None
    message = messages.opened(session, SECRET, claimed)
    assert isinstance(message, ClaimedMessage)
    return message


def one_try(session: Session, outcome: Outcome, when: dt.datetime) -> State:
    """Claim what is due and let the try end in this way."""
    claimed = claim(session, when)
    assert claimed is not None
    return messages.settle(session, claimed, outcome, when)


def answer(session: Session, token: str, when: dt.datetime) -> None:
    """Answer an invitation."""
    source = invitations.find(session.connection(), token, when)
    meta = responses.SubmissionMeta(new_token(), when, "vi")
    responses.record(
        session.connection(), SECRET, source, questionnaires.asked_now(session), Answers({"overall": 2}), meta
    )


def life(session: Session, delivery_id: int) -> list[tuple[State, Reason | None, int]]:
    """Return every step of a delivery after it was queued."""
    steps = sa.select(Transition).where(Transition.delivery_id == delivery_id).order_by(Transition.id)
    return [(step.state, step.reason, step.attempt) for step in session.scalars(steps)]


def stands(session: Session) -> tuple[State, Reason | None]:
    """Return how the one invitation stands, and let go of the write lock, which on SQLite is everybody's."""
    invitation = delivery(session)
    status = invitation.state, invitation.reason
    session.rollback()
    return status
