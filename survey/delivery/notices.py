"""Notices to officials: written whole when they are queued, sealed with their address, and sent once by e-mail."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from survey.delivery import dead_addresses, queue
from survey.delivery.message_text import WrittenMessage
from survey.delivery.queue import ClaimedDelivery, NewDelivery, Outcome
from survey.models import AddressKind, MessageKind, Reason, State
from survey.security import sealing

PURPOSE, BLOCK = "notice", 1024
KEPT = dt.timedelta(days=3)  # the longest that a notice is tried


@dataclass(frozen=True)
class Notice:
    """What an official is told; `stop_link` stops what it tells of, by one click (RFC 8058)."""

    address: str = field(repr=False)
    sender: str
    subject: str
    body: str = field(repr=False)
    stop_link: str = field(repr=False)


def delivery(secret: str, notice: Notice, subject: str, when: dt.datetime) -> NewDelivery:
    """Return a notice as it is queued, once for a `subject`."""
    key = queue.new_key()
    plain = json.dumps(vars(notice)).encode()
    plain += b" " * (-len(plain) % BLOCK)
    sealed = sealing.seal(secret, PURPOSE, plain, key.encode())
    return NewDelivery(MessageKind.NOTICE, AddressKind.EMAIL, key, sealed, when, when + KEPT, subject=subject)


def opened(session: Session, secret: str, claimed: ClaimedDelivery) -> WrittenMessage | Outcome:
    """Return what a claimed notice says, or why it is not sent: another secret, or an address known to be dead."""
    plain = sealing.unseal(secret, PURPOSE, claimed.payload, claimed.key.encode())
    if plain is None:
        return Outcome(State.FAILED, Reason.UNREADABLE)
    notice = Notice(**json.loads(plain))
    if dead_addresses.is_dead(session, secret, notice.address):
        return Outcome(State.REFUSED, Reason.DEAD)
    return WrittenMessage(
        claimed.key,
        claimed.queued_at,
        notice.address,
        notice.stop_link,
        notice.sender,
        notice.subject,
        notice.body,
        {},
        {
            "List-Unsubscribe": f"<{notice.stop_link}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )


def settle(session: Session, claimed: ClaimedDelivery, outcome: Outcome, when: dt.datetime) -> State:
    """Record how a try ended."""
    return queue.settle(session, claimed.id, claimed.attempt, outcome, when)
