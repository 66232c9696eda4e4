"""The one delivery queue: whatever leaves this installation waits here, and every step after that is recorded.

A delivery is claimed and committed before it is sent, so that a sender that dies leaves it in `sending`; when its claim
has run out it is `unknown`, and tried again under the same key. Tries that certainly reached nobody are repeated until
the last day of a delivery; tries of which nobody knows are counted apart, and few. Nothing here knows what a payload
says or how it travels.
"""

from __future__ import annotations

import datetime as dt
import random
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.db.upsert import insert_or_ignore
from survey.models import AddressKind, Delivery, MessageKind, Reason, State, Transition

MOST_DOUBTS = 2  # tries that may each have reached a person; a webhook knows a repeat by its key, so it has any number
FIRST_WAIT, LONGEST_WAIT = dt.timedelta(minutes=1), dt.timedelta(hours=4)
LONGEST_ASKED = dt.timedelta(days=1)  # what the other side may ask for
BATCH = 500
STUCK_DUE, STUCK_TRIES = dt.timedelta(hours=1), 7  # so many with the waits of `backoff` between them
TABLE = cast("sa.Table", Delivery.__table__)
INSERT = insert_or_ignore(TABLE)
RESTING = (State.QUEUED, State.UNKNOWN)


@dataclass(frozen=True)
class NewDelivery:
    """What is to be sent: about an invitation, or about a subject that is queued once for its kind."""

    kind: MessageKind
    address_kind: AddressKind
    key: str
    payload: bytes = field(repr=False)
    due_at: dt.datetime
    expires_at: dt.datetime  # its last day: until then it is tried
    invitation_id: int | None = None
    webhook_id: int | None = None
    subject: str | None = None


@dataclass(frozen=True)
class ClaimedDelivery:
    """A delivery that nobody else holds, for the one who sends it; its payload is as its kind put it in."""

    id: int
    attempt: int
    kind: MessageKind
    address_kind: AddressKind
    key: str
    queued_at: dt.datetime
    invitation_id: int | None
    webhook_id: int | None
    payload: bytes = field(repr=False)


@dataclass(frozen=True)
class Outcome:
    """How one try ended: delivered, not sent (queued again), unknown, or any state that ends it for good."""

    state: State
    reason: Reason | None = None
    wait: dt.timedelta | None = None  # what the other side asked for
    status: int | None = None  # what it answered, where it speaks HTTP


def new_key() -> str:
    """Return a key for a delivery: the other side sees the same one at every try."""
    return secrets.token_urlsafe(18)


def add(session: Session, deliveries: Sequence[NewDelivery], when: dt.datetime) -> None:
    """Queue deliveries in the transaction that causes them; what was queued before is left as it is."""
    if not deliveries:
        return
    waiting = {"state": State.QUEUED, "attempts": 0, "doubts": 0, "queued_at": when, "changed_at": when}
    session.execute(INSERT, [vars(delivery) | waiting for delivery in deliveries])


def renew(session: Session, delivery: NewDelivery, when: dt.datetime) -> None:
    """Queue a delivery in the place of the one of its kind about the same invitation that has ended, if any."""
    mine = (Delivery.invitation_id == delivery.invitation_id, Delivery.kind == delivery.kind)
    row = session.execute(sa.select(TABLE).where(*mine, Delivery.payload.is_(None)).with_for_update()).first()
    if row is None:
        add(session, [delivery], when)
        return
    waiting = {"state": State.QUEUED, "reason": None, "attempts": 0, "doubts": 0, "queued_at": when}
    _change(session, [row], vars(delivery) | waiting, when)


def claim(
    session: Session, when: dt.datetime, lease: dt.timedelta, *conditions: sa.ColumnElement[bool]
) -> ClaimedDelivery | None:
    """Take the delivery that has been due longest; nobody else gets it until `lease` has passed.

    Commit before sending. What would expire during the lease is left.
    """
    due = (
        sa.select(TABLE)
        .where(Delivery.state.in_(RESTING), Delivery.due_at <= when)
        .where(Delivery.expires_at > when + lease)
        .where(*conditions)
        .order_by(Delivery.due_at, Delivery.id)
        .limit(1)
    )
    row = session.execute(due.with_for_update(skip_locked=True, of=TABLE)).first()
    if row is None:
        return None
    attempt = row.attempts + 1
    _change(session, [row], {"state": State.SENDING, "attempts": attempt, "due_at": when + lease, "reason": None}, when)
    return ClaimedDelivery(
        row.id,
        attempt,
        row.kind,
        row.address_kind,
        row.key,
        row.queued_at,
        row.invitation_id,
        row.webhook_id,
        row.payload,
    )


def settle(session: Session, delivery_id: int, attempt: int, outcome: Outcome, when: dt.datetime) -> State:
    """Record how a try ended and return the state of the delivery; no try takes it back from delivered."""
    row = session.execute(sa.select(TABLE).where(Delivery.id == delivery_id).with_for_update()).one()
    if outcome.state == State.DELIVERED and row.state not in (State.DELIVERED, State.REFUSED):
        # Also from a sender that came back after its claim had run out: better to know than not.
        return _end(session, row, State.DELIVERED, None, when)
    if row.state != State.SENDING or row.attempts != attempt:
        return State(row.state)
    if outcome.state not in RESTING:
        return _end(session, row, outcome.state, outcome.reason, when)
    doubts = row.doubts + (outcome.state == State.UNKNOWN)
    if doubts >= MOST_DOUBTS and row.address_kind != AddressKind.WEBHOOK:
        return _end(session, row, State.UNKNOWN, outcome.reason, when, doubts)
    due = when + max(backoff(row.attempts), min(outcome.wait or dt.timedelta(), LONGEST_ASKED))
    if due >= row.expires_at:
        return _end(session, row, State.FAILED, Reason.DAYS_OVER, when, doubts)
    state = State.UNKNOWN if doubts else State.QUEUED
    _change(session, [row], {"state": state, "reason": outcome.reason, "doubts": doubts, "due_at": due}, when)
    return state


def refuse(session: Session, key: str, reason: Reason, when: dt.datetime) -> bool:
    """Record that a delivery came back after it was taken over; return whether there was one to turn.

    The one way out of delivered: whoever took it says later that it reached nobody.
    """
    turned = (State.QUEUED, State.SENDING, State.UNKNOWN, State.DELIVERED)
    which = sa.select(TABLE).where(Delivery.key == key, Delivery.state.in_(turned))
    row = session.execute(which.with_for_update()).first()
    if row is not None:
        _change(session, [row], _ENDED | {"state": State.REFUSED, "reason": reason, "delivered_at": None}, when)
    return row is not None


def postpone(session: Session, until: dt.datetime, *conditions: sa.ColumnElement[bool]) -> None:
    """Let nothing that waits and meets the conditions go before then."""
    waiting = (Delivery.state.in_(RESTING), Delivery.due_at < until, *conditions)
    session.execute(sa.update(TABLE).where(*waiting).values(due_at=until))


def sweep(session: Session, when: dt.datetime) -> None:
    """Let the clock work: claims that ran out are unknown, payloads that were kept long enough are erased."""
    for rows in _batches(session, sa.and_(Delivery.state == State.SENDING, Delivery.due_at <= when)):
        for row in rows:
            settle(session, row.id, row.attempts, Outcome(State.UNKNOWN, Reason.CRASH), when)
    end(session, Delivery.expires_at <= when, State.EXPIRED, Reason.DAYS_OVER, when)


def end(
    session: Session, condition: sa.ColumnElement[bool], state: State, reason: Reason | None, when: dt.datetime
) -> None:
    """End every delivery that meets a condition and that nobody is sending just now."""
    resting = sa.and_(Delivery.payload.is_not(None), Delivery.state.in_(RESTING), condition)
    for rows in _batches(session, resting):
        for doubtful in (False, True):
            alike = [row for row in rows if bool(row.doubts) == doubtful]
            _change(session, alike, _ENDED | {"state": _truly(state, doubtful), "reason": reason}, when)


def overdue(session: Session, when: dt.datetime) -> int:
    """Return how many payloads should have been erased by now and are not."""
    late = sa.and_(Delivery.payload.is_not(None), Delivery.expires_at <= when)
    return session.scalar(sa.select(sa.func.count()).where(late)) or 0


def stuck(session: Session, when: dt.datetime) -> int:
    """Return how many deliveries wait though they should have gone.

    Nobody has looked at them for an hour after they were due, or they have been tried in vain for about an hour.
    """
    unseen = Delivery.due_at <= when - STUCK_DUE
    in_vain = sa.and_(Delivery.payload.is_not(None), Delivery.attempts >= STUCK_TRIES)
    return session.scalar(sa.select(sa.func.count()).where(sa.or_(unseen, in_vain))) or 0


def backoff(attempt: int) -> dt.timedelta:
    """Return how long to wait after a try: twice as long each time, up to four hours, less a random part up to half."""
    longest: dt.timedelta = min(FIRST_WAIT * 2 ** min(attempt - 1, 10), LONGEST_WAIT)
    return longest * random.uniform(0.5, 1)  # noqa: S311 - spreads the load, guards no secret


_ENDED: dict[str, Any] = {"payload": None, "due_at": None}


def _truly(state: State, doubtful: bool) -> State:
    """Return the end that can be claimed: what may have arrived ends delivered or unknown."""
    return State.UNKNOWN if doubtful and state != State.DELIVERED else state


def _end(
    session: Session, row: Any, state: State, reason: Reason | None, when: dt.datetime, doubts: int | None = None
) -> State:
    doubts = row.doubts if doubts is None else doubts
    state = _truly(state, bool(doubts))
    arrived = when if state == State.DELIVERED else None
    ended = _ENDED | {"state": state, "reason": reason, "doubts": doubts, "delivered_at": arrived}
    _change(session, [row], ended, when)
    return state


def _batches(session: Session, condition: sa.ColumnElement[bool]) -> Iterator[Sequence[Any]]:
    """Yield the rows that meet a condition, locked; whoever takes them must change them so that they do not."""
    rows = sa.select(TABLE).where(condition).order_by(Delivery.id).limit(BATCH)
    while batch := session.execute(rows.with_for_update(skip_locked=True, of=TABLE)).all():
        yield batch


def _change(session: Session, rows: Sequence[Any], values: dict[str, Any], when: dt.datetime) -> None:
    if not rows:
        return
    ids = [row.id for row in rows]
    session.execute(sa.update(TABLE).where(Delivery.id.in_(ids)).values(**values, changed_at=when))
    steps = [
        {
            "delivery_id": row.id,
            "at": when,
            "state": values["state"],
            "reason": values["reason"],
            "attempt": values.get("attempts", row.attempts),
        }
        for row in rows
    ]
    session.execute(sa.insert(Transition), steps)
