"""Answers to people who left an address for them: each address serves for one message, and is erased then.

A message names neither comment nor answer. Until it has ended the row of the address leads to it, so that the history
of the follow-up tells how it ended; that row ends with the message, and at the latest when links are cut.
"""

from __future__ import annotations

import datetime as dt
import enum
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from survey.audit import trail
from survey.audit.acts import Act
from survey.collection import reply_contacts
from survey.collection.follow_up_steps import StepAuthor
from survey.collection.placements import of_test
from survey.comments.answered import own_sheets
from survey.comments.clock import monday
from survey.comments.follow_up import NOBODY_ASKS
from survey.comments.reading import CommentRow
from survey.db.engine import Lock, exclusively
from survey.delivery import contact, dead_addresses, queue
from survey.delivery.contact import BLOCK, Contact
from survey.delivery.queue import ClaimedDelivery, NewDelivery, Outcome
from survey.delivery.reply_consent import CONSENT_VERSION
from survey.errors import Conflict
from survey.i18n import msgid
from survey.models import (
    AddressKind,
    Channel,
    Comment,
    Delivery,
    FollowUp,
    FollowUpStatus,
    MessageKind,
    Reason,
    ReplyContact,
    ReplyStage,
    Response,
    State,
    Texts,
)
from survey.organisation import agencies
from survey.periods import local_day
from survey.results.link_cut import SETTLED
from survey.security import sealing
from survey.security.tokens import receipt_code

OFFERED = dt.timedelta(days=7)  # after the answer
KEPT = dt.timedelta(days=7)  # the longest that a message is tried
PURPOSE = "reply"
CLOSED = (FollowUpStatus.DONE, FollowUpStatus.NOT_FOR_US)
NOT_OFFERED = msgid("An address can no longer be left here. You can read the answer on the page of your receipt code.")


class Wish(enum.Enum):
    """Whether the person of a sheet may leave an address, or has left one."""

    NONE = enum.auto()
    OFFERED = enum.auto()
    LEFT = enum.auto()


@dataclass(frozen=True)
class Agreed:
    """What a person who left an address agreed to: the language of the words, and for how many days at most."""

    language: str
    days: int


@dataclass(frozen=True)
class ClaimedReply:
    """A claimed answer, opened for the one who writes and sends it."""

    key: str
    queued_at: dt.datetime
    language: str  # of the person
    province: Texts
    address: str = field(repr=False)
    code: str = field(repr=False)
    answer: str = field(repr=False)


def wish(session: Session, receipt: bytes, today: dt.date) -> Wish:
    """Return whether whoever holds a receipt may leave an address, or has left one that can be withdrawn."""
    if session.scalar(sa.select(ReplyContact.response_id).where(_left(receipt)).limit(1)):
        return Wish.LEFT
    return Wish.NONE if _part(session, receipt, today) is None else Wish.OFFERED


def leave(session: Session, secret: str, receipt: bytes, to: Contact, agreed: Agreed, when: dt.datetime) -> None:
    """Keep an address for the answer to the comments of a sheet; one that waits there already gives way.

    Raises:
        Conflict: there is nothing to answer any more, or the answer is on its way.
    """
    exclusively(session, Lock.LINKS)
    part = _part(session, receipt, local_day(when))
    stored = session.get(ReplyContact, part.id) if part else None
    if part is None or (stored is not None and stored.delivery_id is not None):
        raise Conflict(NOT_OFFERED)
    if stored is None:
        stored = ReplyContact(response_id=part.id)
        session.add(stored)
    stored.consent, stored.days, stored.language = CONSENT_VERSION, agreed.days, agreed.language
    stored.address_kind = to.kind
    stored.sealed = contact.seal(secret, bound_to(part.receipt), to.address, "")
    session.flush()


def withdraw(session: Session, receipt: bytes, when: dt.datetime) -> int:
    """Erase the address that was left with a sheet, and let no message go to it; return whether there was one."""
    exclusively(session, Lock.LINKS)
    return reply_contacts.erase(session, _left(receipt), ReplyStage.WITHDRAWN, when)


def send(session: Session, secret: str, row: CommentRow, staff_id: int, when: dt.datetime) -> None:
    """Queue the answer to a comment that is `held`, to the address left for it, which is then in the message alone.

    Raises:
        Conflict: there is none any more.
    """
    stored = session.get(ReplyContact, row.response_id)
    receipt, answer = session.execute(
        sa.select(Response.receipt, FollowUp.answer)
        .join(FollowUp, FollowUp.response_id == Response.id)
        .where(Response.id == row.response_id, FollowUp.question == row.key[1])
    ).one()
    opened = stored and stored.sealed and contact.unseal(secret, bound_to(receipt), stored.sealed)
    if stored is None or not opened:
        raise Conflict(NOBODY_ASKS)
    key = queue.new_key()
    text = json.dumps([opened[0], receipt_code(receipt), answer, stored.language]).encode()
    payload = sealing.seal(secret, PURPOSE, text + b" " * (-len(text) % BLOCK), key.encode())
    message = NewDelivery(MessageKind.REPLY, stored.address_kind, key, payload, when, when + KEPT, subject=key)
    queue.add(session, [message], when)
    stored.delivery_id = session.scalars(sa.select(Delivery.id).where(Delivery.key == key)).one()
    stored.question, stored.sealed = row.key[1], None
    session.flush()
    reply_contacts.tell(session, stored, ReplyStage.QUEUED, StepAuthor(staff_id, local_day(when)))
    trail.append(session, staff_id, Act.REPLY_QUEUED, when)


def opened(session: Session, secret: str, claimed: ClaimedDelivery) -> ClaimedReply | Outcome:
    """Return what a claimed answer holds, or why it is not to be sent."""
    plain = sealing.unseal(secret, PURPOSE, claimed.payload, claimed.key.encode())
    if plain is None:
        return Outcome(State.FAILED, Reason.UNREADABLE)
    address, code, answer, language = json.loads(plain)
    if claimed.address_kind == AddressKind.EMAIL and dead_addresses.is_dead(session, secret, address):
        return Outcome(State.REFUSED, Reason.DEAD)
    province = agencies.root(session).name
    return ClaimedReply(claimed.key, claimed.queued_at, language, province, address, code, answer)


def settle(session: Session, claimed: ClaimedDelivery, outcome: Outcome, when: dt.datetime) -> State:
    """Record how a try ended; the next `sweep` writes it into the history."""
    return queue.settle(session, claimed.id, claimed.attempt, outcome, when)


def sweep(session: Session, when: dt.datetime) -> None:
    """Erase the addresses whose message has ended, whose time is over, or whose comment nobody reads any more.

    Raises:
        Unavailable: links are being cut just now.
    """
    ended = sa.exists().where(Delivery.id == ReplyContact.delivery_id, Delivery.payload.is_(None))
    over = sa.or_(ended, *_old(session, local_day(when)), sa.not_(_read()))
    if session.scalar(sa.select(ReplyContact.response_id).where(over).limit(1)):
        exclusively(session, Lock.LINKS)
        reply_contacts.erase(session, over, ReplyStage.ERASED, when)


def _old(session: Session, today: dt.date) -> Iterator[sa.ColumnElement[bool]]:
    """Yield the conditions that an address is older than its person agreed to, whatever the setting is by now."""
    for days in session.scalars(sa.select(ReplyContact.days).distinct()):
        last = monday(today - dt.timedelta(days=days)) + dt.timedelta(days=6)
        sheet = sa.exists().where(Response.id == ReplyContact.response_id, Response.day <= last)
        yield sa.and_(ReplyContact.days == days, sheet)


def kept_until(session: Session, row: CommentRow) -> dt.date | None:
    """Return until when the address left with a comment is there for certain, unless its person withdraws it.

    It is reckoned from the week of the comment, of which the reader may not know the day; None: there is none.
    """
    days = session.scalar(sa.select(ReplyContact.days).where(ReplyContact.response_id == row.response_id))
    if days is None:
        return None
    own = dt.timedelta(days=days - 1)
    return monday(row.sent.first) + (min(own, SETTLED) if row.channel == Channel.INVITATION else own)


def bound_to(receipt: bytes) -> str:
    """Return what the sealed address that was left with a sheet is bound to."""
    return f"{PURPOSE} {receipt.hex()}"


def _left(receipt: bytes) -> sa.ColumnElement[bool]:
    return ReplyContact.response_id.in_(sa.select(own_sheets(receipt).c.id))


def _part(session: Session, receipt: bytes, today: dt.date) -> Any:
    """Return the sheet with the newest open comment of a receipt that counts, while an address may be left for it."""
    mine = sa.or_(Response.channel != Channel.INVITATION, Response.invitation_id.is_not(None))
    counts = sa.exists().where(Response.receipt == receipt, Response.counted, Response.day >= today - OFFERED, mine)
    counts = counts.where(sa.not_(of_test(Response.placement_id)))
    closed = sa.exists().where(FollowUp.response_id == Comment.response_id, FollowUp.question == Comment.question)
    closed = closed.where(FollowUp.status.in_(CLOSED))
    part = aliased(Response)
    parts = sa.select(part.id, part.receipt).join(Comment, Comment.response_id == part.id)
    parts = parts.where(part.id.in_(sa.select(own_sheets(receipt).c.id)), counts, sa.not_(closed))
    return session.execute(parts.order_by(part.id.desc()).limit(1)).first()


def _read() -> sa.ColumnElement[bool]:
    """Return the condition that the comments of an address are read: their sheet counts, or what adds to it does."""
    sheet = sa.select(ReplyContact.response_id.label("part"), ReplyContact.response_id.label("sheet"))
    chain = sheet.cte("kept_chain", recursive=True)
    adding = sa.select(chain.c.part, Response.id).join(Response, Response.supersedes_id == chain.c.sheet)
    chain = chain.union_all(adding.where(Response.amends))
    counted = sa.select(chain.c.part).join(Response, Response.id == chain.c.sheet).where(Response.counted)
    return ReplyContact.response_id.in_(counted)
