"""The end of an address that somebody left to be answered: it is erased with whatever of its message still waits."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.collection.follow_up_steps import StepAuthor, take_step
from survey.models import Delivery, FollowUp, Reason, ReplyContact, ReplyStage, State, Transition

ARRIVED = (State.DELIVERED, State.EXPORTED)


def erase(session: Session, condition: sa.ColumnElement[bool], stage: ReplyStage, when: dt.datetime) -> int:
    """Erase the addresses that meet a condition, with a step in the history of their follow-up; return how many.

    `stage` is told of those to which nothing has gone yet; of the others, how it ended. The caller holds the lock by
    which links are cut.
    """
    contacts = session.scalars(sa.select(ReplyContact).where(condition).with_for_update()).all()
    for contact in contacts:
        tell(session, contact, _end(session, contact.delivery_id, stage, when))
        session.delete(contact)
    session.flush()
    return len(contacts)


def tell(session: Session, contact: ReplyContact, stage: ReplyStage, author: StepAuthor | None = None) -> None:
    """Write what became of an address into the history of the comments that somebody has followed up."""
    touched = sa.select(FollowUp.question).where(FollowUp.response_id == contact.response_id)
    questions = [contact.question] if contact.question else session.scalars(touched).all()
    for question in questions:
        take_step(session, (contact.response_id, question), {}, author or StepAuthor(), reply=stage)


def _end(session: Session, delivery_id: int | None, stage: ReplyStage, when: dt.datetime) -> ReplyStage:
    """Let a message go no more, if it has not gone, and return how it ended: what is on its way is in doubt."""
    message = session.get(Delivery, delivery_id, with_for_update=True) if delivery_id is not None else None
    if message is None:
        return stage
    if message.payload is None:
        return ReplyStage.SENT if message.state in ARRIVED else ReplyStage.GIVEN_UP
    doubtful = message.doubts or message.state == State.SENDING
    message.state = State.UNKNOWN if doubtful else State.DROPPED
    message.reason = Reason.WITHDRAWN if stage == ReplyStage.WITHDRAWN else Reason.DAYS_OVER
    message.payload, message.due_at, message.changed_at = None, None, when
    step = {"at": when, "state": message.state, "reason": message.reason, "attempt": message.attempts}
    session.add(Transition(delivery_id=message.id, **step))
    return ReplyStage.GIVEN_UP if doubtful else stage
