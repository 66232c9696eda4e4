"""The outbox: what is to be sent is queued in the transaction that issues it, and every step after that is recorded.

A message is claimed and committed before it is sent, so that a sender that dies leaves it in `sending`; when its claim
has run out it is `unknown`, and tried again under the same key. Nothing here knows how a message travels.
"""

from __future__ import annotations

import datetime as dt
import random
import secrets
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from survey.delivery.contact import Contact, seal, unseal
from survey.models import Case, Invitation, Kind, Message, Reason, Respondent, Response, State, Transition, Way
from survey.security.tokens import token_hash

KEPT = dt.timedelta(days=7)  # the longest that an address is kept
MOST_ATTEMPTS = 24
FIRST_WAIT, LONGEST_WAIT = dt.timedelta(minutes=1), dt.timedelta(hours=4)
BATCH = 500
TABLE = cast("sa.Table", Message.__table__)


@dataclass(frozen=True)
class Letter:
    """An invitation to be sent: its token and where to."""

    token: str = field(repr=False)
    contact: Contact


@dataclass(frozen=True)
class Parcel:
    """A claimed message, opened for the one who sends it."""

    id: int
    attempt: int
    kind: Kind
    way: Way
    key: str
    queued_at: dt.datetime
    expires_at: dt.datetime
    respondent: Respondent
    address: str = field(repr=False)
    token: str = field(repr=False)


@dataclass(frozen=True)
class Outcome:
    """How one try ended: delivered, refused for good, not sent (queued again), or unknown."""

    state: State
    reason: Reason | None = None
    wait: dt.timedelta | None = None  # what the other side asked for


def queue(session: Session, secret: str, letters: Iterable[Letter], when: dt.datetime, reminder_days: int) -> int:
    """Queue an invitation and its one reminder for each letter; return how many invitations were queued.

    Called in the transaction that issues the invitations. A token that was queued before, or is none of ours, is left.
    """
    sweep(session, when)
    queued = 0
    ahead = iter(letters)
    while batch := {token_hash(letter.token): letter for letter in islice(ahead, BATCH)}:
        issued = session.execute(
            sa.select(Invitation.id, Invitation.token_hash, Invitation.expires_at).where(
                Invitation.token_hash.in_(batch), Invitation.expires_at > when
            )
        ).all()
        rows = [
            row
            for invitation in issued
            for row in _rows(secret, invitation, batch[invitation.token_hash], when, reminder_days)
        ]
        if rows:
            session.execute(_insert(session), rows)
        queued += len(issued)
    return queued


def sweep(session: Session, when: dt.datetime) -> None:
    """Let the clock work: claims that ran out are unknown, addresses that were kept long enough are erased.

    Reminders are erased as soon as their invitation is answered, or its address refused.
    """
    for rows in _batches(session, sa.and_(Message.state == State.SENDING, Message.due_at <= when)):
        for row in rows:
            settle(session, row.id, row.attempts, Outcome(State.UNKNOWN, Reason.CRASH), when)
    resting = sa.and_(Message.sealed.is_not(None), Message.state.in_((State.QUEUED, State.UNKNOWN)))
    reminder = sa.and_(resting, Message.kind == Kind.REMINDER)
    first = aliased(Message)
    refused = sa.exists().where(
        first.invitation_id == Message.invitation_id, first.kind == Kind.INVITATION, first.state == State.REFUSED
    )
    for condition, state, reason in (
        (sa.and_(reminder, _answered()), State.DROPPED, Reason.ANSWERED),
        (sa.and_(reminder, refused), State.DROPPED, Reason.FIRST_REFUSED),
        (sa.and_(resting, Message.erase_at <= when), State.EXPIRED, Reason.DAYS_OVER),
    ):
        for rows in _batches(session, condition):
            _end_all(session, rows, state, reason, when)


def claim(
    session: Session,
    secret: str,
    when: dt.datetime,
    lease: dt.timedelta,
    ways: Collection[Way] = tuple(Way),
    kinds: Collection[Kind] = tuple(Kind),
) -> Parcel | None:
    """Take the next message that is due; nobody else gets it until `lease` has passed. Commit before sending."""
    while (row := _next(session, when, lease, ways, kinds)) is not None:
        parcel = _parcel(session, secret, row, row.attempts + 1)
        if parcel is None:
            _end(session, row, State.FAILED, Reason.UNREADABLE, when)
            continue
        changed = {"state": State.SENDING, "attempts": row.attempts + 1, "due_at": when + lease, "reason": None}
        _change(session, [row], changed, when)
        return parcel
    return None


def settle(session: Session, message_id: int, attempt: int, outcome: Outcome, when: dt.datetime) -> State:
    """Record how a try ended and return the state of the message; a message is never taken back from delivered."""
    row = session.execute(sa.select(TABLE).where(Message.id == message_id).with_for_update()).one()
    mine = row.state == State.SENDING and row.attempts == attempt
    if outcome.state == State.DELIVERED and row.state != State.DELIVERED:
        # Also from a sender that came back after its claim had run out: better to know than not.
        return _end(session, row, State.DELIVERED, None, when)
    if not mine:
        return State(row.state)
    if outcome.state == State.REFUSED:
        return _end(session, row, State.REFUSED, outcome.reason, when)
    doubtful = row.doubtful or outcome.state == State.UNKNOWN
    due = when + max(backoff(row.attempts), min(outcome.wait or dt.timedelta(), LONGEST_WAIT))
    if row.attempts >= MOST_ATTEMPTS or due >= row.erase_at:
        over = row.attempts < MOST_ATTEMPTS
        return _end(session, row, State.FAILED, Reason.DAYS_OVER if over else outcome.reason, when, doubtful)
    state = State.UNKNOWN if doubtful else State.QUEUED
    _change(session, [row], {"state": state, "reason": outcome.reason, "doubtful": doubtful, "due_at": due}, when)
    return state


def export(session: Session, secret: str, when: dt.datetime) -> Iterator[Parcel]:
    """Yield every message that is due and may still be handed over in a file, and mark it as exported, once."""
    while (row := _next(session, when, dt.timedelta(), tuple(Way), tuple(Kind), (State.QUEUED,))) is not None:
        parcel = _parcel(session, secret, row, row.attempts)
        _end(session, row, State.EXPORTED if parcel else State.FAILED, None if parcel else Reason.UNREADABLE, when)
        if parcel:
            yield parcel


def overdue(session: Session, when: dt.datetime) -> int:
    """Return how many addresses should have been erased by now and are not."""
    late = sa.and_(Message.sealed.is_not(None), Message.erase_at <= when)
    return session.scalar(sa.select(sa.func.count()).where(late)) or 0


def backoff(attempt: int) -> dt.timedelta:
    """Return how long to wait after a try: twice as long each time, up to four hours, less a random part up to half."""
    longest: dt.timedelta = min(FIRST_WAIT * 2 ** (attempt - 1), LONGEST_WAIT)
    return longest * random.uniform(0.5, 1)  # noqa: S311 - spreads the load, guards no secret


def delivered() -> sa.Subquery:
    """Return when each invitation that arrived was first delivered: columns invitation_id and delivered_at."""
    arrived = sa.func.min(Message.delivered_at).label("delivered_at")
    found = sa.select(Message.invitation_id, arrived).where(Message.delivered_at.is_not(None))
    return found.group_by(Message.invitation_id).subquery("delivered")


def _rows(
    secret: str, invitation: Any, letter: Letter, when: dt.datetime, reminder_days: int
) -> Iterator[dict[str, Any]]:
    erase_at = min(when + KEPT, invitation.expires_at)
    waits = {Kind.INVITATION: 0, Kind.REMINDER: reminder_days}
    for kind, days in waits.items():
        due_at = when + dt.timedelta(days=days)
        if due_at >= erase_at or (kind == Kind.REMINDER and not days):
            continue
        key = secrets.token_urlsafe(18)
        yield {
            "invitation_id": invitation.id,
            "kind": kind,
            "way": letter.contact.way,
            "state": State.QUEUED,
            "attempts": 0,
            "doubtful": False,
            "key": key,
            "sealed": seal(secret, key, letter.contact.address, letter.token),
            "queued_at": when,
            "changed_at": when,
            "due_at": due_at,
            "erase_at": erase_at,
        }


def _insert(session: Session) -> Any:
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    return make(TABLE).on_conflict_do_nothing(index_elements=["invitation_id", "kind"])


def _batches(session: Session, condition: sa.ColumnElement[bool]) -> Iterator[Sequence[Any]]:
    """Yield the rows that meet a condition, locked; whoever takes them must change them so that they do not."""
    found = sa.select(TABLE).where(condition).order_by(Message.id).limit(BATCH)
    while rows := session.execute(found.with_for_update(skip_locked=True, of=TABLE)).all():
        yield rows


def _answered() -> sa.ColumnElement[bool]:
    return sa.exists().where(Response.invitation_id == Message.invitation_id, Response.counted)


def _next(
    session: Session,
    when: dt.datetime,
    lease: dt.timedelta,
    ways: Collection[Way],
    kinds: Collection[Kind],
    states: Sequence[State] = (State.QUEUED, State.UNKNOWN),
) -> Any:
    """Return the message that has been due longest; a reminder only once the invitation before it has ended."""
    first = aliased(Message)
    underway = sa.exists().where(
        first.invitation_id == Message.invitation_id, first.kind == Kind.INVITATION, first.sealed.is_not(None)
    )
    found = (
        sa.select(TABLE)
        .where(Message.state.in_(states), Message.due_at <= when, Message.erase_at > when + lease)
        .where(Message.way.in_(ways), Message.kind.in_(kinds))
        .where(sa.or_(Message.kind == Kind.INVITATION, sa.not_(sa.or_(underway, _answered()))))
        .order_by(Message.due_at)
        .limit(1)
    )
    return session.execute(found.with_for_update(skip_locked=True, of=TABLE)).first()


def _parcel(session: Session, secret: str, row: Any, attempt: int) -> Parcel | None:
    opened = unseal(secret, row.key, row.sealed)
    about = session.execute(
        sa.select(Invitation.expires_at, Case.respondent).join(Case).where(Invitation.id == row.invitation_id)
    ).one()
    if opened is None:
        return None
    return Parcel(
        row.id, attempt, row.kind, row.way, row.key, row.queued_at, about.expires_at, about.respondent, *opened
    )


def _end(
    session: Session, row: Any, state: State, reason: Reason | None, when: dt.datetime, doubtful: bool = False
) -> State:
    """End a message and erase its address; one that may have arrived ends delivered or unknown."""
    if (doubtful or row.doubtful) and state != State.DELIVERED:
        state = State.UNKNOWN
    arrived = when if state == State.DELIVERED else None
    _change(session, [row], _ENDED | {"state": state, "reason": reason, "delivered_at": arrived}, when)
    return state


def _end_all(session: Session, rows: Sequence[Any], state: State, reason: Reason, when: dt.datetime) -> None:
    for doubtful in (False, True):
        alike = [row for row in rows if row.doubtful == doubtful]
        changed = {"state": State.UNKNOWN if doubtful else state, "reason": reason}
        _change(session, alike, _ENDED | changed, when)


_ENDED: dict[str, Any] = {"sealed": None, "due_at": None}


def _change(session: Session, rows: Sequence[Any], changed: dict[str, Any], when: dt.datetime) -> None:
    if not rows:
        return
    ids = [row.id for row in rows]
    session.execute(sa.update(TABLE).where(Message.id.in_(ids)).values(**changed, changed_at=when))
    steps = [
        {
            "message_id": row.id,
            "at": when,
            "state": changed["state"],
            "reason": changed["reason"],
            "attempt": changed.get("attempts", row.attempts),
        }
        for row in rows
    ]
    session.execute(sa.insert(Transition), steps)
