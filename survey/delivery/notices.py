"""Notices to officials and letters to people: written whole when queued, sealed with their address, and sent once."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from survey.delivery import dead_addresses, queue
from survey.delivery.message_text import WrittenMessage
from survey.delivery.queue import ClaimedDelivery, NewDelivery, Outcome
from survey.models import AddressKind, MessageKind, Reason, State
from survey.security import sealing

PURPOSE, BLOCK = "notice", 1024
KEPT = dt.timedelta(days=3)  # the longest that a notice to an official is tried


@dataclass(frozen=True)
class Notice:
    """What is told; `stop_link` stops what it tells of, by one click (RFC 8058); `short` is for phones, by language."""

    address: str = field(repr=False)
    sender: str
    subject: str
    body: str = field(repr=False)
    stop_link: str = field(default="", repr=False)
    short: Mapping[str, str] = field(default_factory=dict, repr=False)


def delivery(
    secret: str,
    notice: Notice,
    subject: str,
    when: dt.datetime,
    *,
    kind: MessageKind = MessageKind.NOTICE,
    address_kind: AddressKind = AddressKind.EMAIL,
    kept: dt.timedelta = KEPT,
) -> NewDelivery:
    """Return a notice as it is queued, once for its kind and a `subject`, and tried for as long as `kept`."""
    key = queue.new_key()
    plain = json.dumps(vars(notice)).encode()
    plain += b" " * (-len(plain) % BLOCK)
    sealed = sealing.seal(secret, PURPOSE, plain, key.encode())
    return NewDelivery(kind, address_kind, key, sealed, when, when + kept, subject=subject)


def opened(session: Session, secret: str, claimed: ClaimedDelivery) -> WrittenMessage | Outcome:
    """Return what a claimed notice says, or why it is not sent: another secret, or an address known to be dead."""
    plain = sealing.unseal(secret, PURPOSE, claimed.payload, claimed.key.encode())
    if plain is None:
        return Outcome(State.FAILED, Reason.UNREADABLE)
    notice = Notice(**json.loads(plain))
    if claimed.address_kind == AddressKind.EMAIL and dead_addresses.is_dead(session, secret, notice.address):
        return Outcome(State.REFUSED, Reason.DEAD)
    return WrittenMessage(
        claimed.key,
        claimed.queued_at,
        notice.address,
        notice.stop_link,
        notice.sender,
        notice.subject,
        notice.body,
        dict(notice.short),
        _stopping(notice.stop_link),
    )


def _stopping(link: str) -> dict[str, str]:
    if not link:
        return {}
    return {"List-Unsubscribe": f"<{link}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def settle(session: Session, claimed: ClaimedDelivery, outcome: Outcome, when: dt.datetime) -> State:
    """Record how a try ended."""
    return queue.settle(session, claimed.id, claimed.attempt, outcome, when)
