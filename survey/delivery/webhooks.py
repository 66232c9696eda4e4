"""Webhooks: who is told of what; each event is queued once for each webhook and sent until it is taken.

Events carry no figure and no answer: they say that there is something to read, and where; reading needs a key. Only
the daily indicators are figures, for whoever asks for them by name.
Counts move in daily batches: each webhook is told once a day, of every day whose counts are not those that it was told
of, so that a late answer is told too and nobody learns from the moment of a message who has answered.
Events are found by looking (which periods were closed, on which days answers came in), so none is lost in a crash.
"""

from __future__ import annotations

import datetime as dt
import hmac
import ipaddress
import json
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey import periods
from survey.audit import trail
from survey.audit.acts import Act
from survey.collection.placements import of_test
from survey.delivery import queue
from survey.delivery.http_request import NEAR
from survey.delivery.queue import ClaimedDelivery, NewDelivery, Outcome
from survey.errors import Conflict, NotFound
from survey.i18n import nfc
from survey.models import (
    AddressKind,
    Agency,
    ClosedPeriod,
    Delivery,
    MessageKind,
    Reason,
    Response,
    State,
    Webhook,
)
from survey.organisation import agencies
from survey.periods import local_day
from survey.security.sealing import seal, unseal

EVENTS = ("period.closed", "counts.changed")  # of which whoever names none is told
DAILY = "indicators.daily"  # carries figures, so it must be named: indicator_events
LOOK_BACK = 15  # days: an answer may have waited on a phone for a week, and the worker stood still for another
LOOK_BACK_CLOSED = 60  # days, fewer than it is remembered what was told
KEPT = dt.timedelta(days=7)  # the longest that an event is tried
NAME, ADDRESS = 80, 400
INSIDE = (".localhost", ".local", ".internal", ".lan", ".home.arpa")  # ends of names that no public network has
PURPOSE = "webhook"  # of the key under which the secrets of webhooks are sealed


@dataclass(frozen=True)
class Event:
    """Something that happened; `subject` tells it from every other event of its name."""

    name: str
    subject: str
    about: dict[str, Any]


@dataclass(frozen=True)
class ClaimedEvent:
    """A claimed event, opened for the one who sends it."""

    key: str
    url: str
    name: str
    body: bytes
    secret: str = field(repr=False)


def add(
    session: Session,
    secret: str,
    name: str,
    url: str,
    events: Iterable[str],
    agency_id: int,
    when: dt.datetime,
    staff_id: int | None = None,
) -> str:
    """Add a webhook and return the secret by which its receiver knows us; it is told only now.

    Without `staff_id` the machine adds it.

    Raises:
        Conflict: the name was used before, or the address is neither https nor on this machine, or cannot be posted to.
    """
    name, host = nfc(name), _host(url)
    if not 0 < len(name) <= NAME or session.scalar(sa.select(Webhook.id).where(Webhook.name == name)) is not None:
        raise Conflict("The name is empty, too long, or was used before. Choose another one.")
    if host is None:
        raise Conflict("The address must begin with https:// (http:// on this machine only), without a password.")
    signing = f"whsec_{secrets.token_urlsafe(32)}"
    sealed = seal(secret, PURPOSE, signing.encode(), name.encode())
    wanted = sorted(set(events))
    session.add(Webhook(name=name, url=url, sealed=sealed, events=wanted, agency_id=agency_id, created_at=when))
    trail.append(session, staff_id, Act.WEBHOOK_ADDED, when, name=name, host=host, agency=agency_id)
    return signing


def check_outside(url: str) -> None:
    """Refuse an address inside the house: through a page nobody reaches from this machine what only it can reach.

    Raises:
        Conflict: it names this machine, or a network that is not public.
    """
    host = _host(url) or ""
    try:
        inside = not ipaddress.ip_address(host).is_global
    except ValueError:
        inside = bool(host) and (host in NEAR or "." not in host or host.endswith(INSIDE))
    if inside:
        raise Conflict("An address inside your own network is set on the machine: `hailong webhook add`.")


def remove(session: Session, name: str, when: dt.datetime, staff_id: int | None = None) -> None:
    """Stop telling a webhook anything; what was sent stays on record.

    Raises:
        NotFound: there is none of that name in use.
    """
    webhook = session.scalar(sa.select(Webhook).where(Webhook.name == nfc(name), Webhook.removed_at.is_(None)))
    if webhook is None:
        raise NotFound("There is no webhook named %(name)s in use.", name=name[:NAME])
    _end(session, webhook, when, staff_id)


def name_of(session: Session, number: int) -> str:
    """Return what a webhook is called.

    Raises:
        NotFound: there is none of that number.
    """
    webhook = session.get(Webhook, number)
    if webhook is None:
        raise NotFound("There is no such webhook.")
    return webhook.name


def sweep(session: Session, when: dt.datetime) -> None:
    """Drop what waits for a webhook that was removed."""
    removed = sa.select(Webhook.id).where(Webhook.removed_at.is_not(None))
    queue.end(session, Delivery.webhook_id.in_(removed), State.DROPPED, None, when)


def listed(session: Session) -> list[tuple[Webhook, dict[State, int]]]:
    """Return every webhook in use with the number of its deliveries by state."""
    webhooks = session.scalars(sa.select(Webhook).where(Webhook.removed_at.is_(None)).order_by(Webhook.name)).all()
    counted = (
        sa.select(Delivery.webhook_id, Delivery.state, sa.func.count())
        .where(Delivery.webhook_id.is_not(None))
        .group_by(Delivery.webhook_id, Delivery.state)
    )
    states: dict[int | None, dict[State, int]] = {}
    for webhook_id, state, number in session.execute(counted):
        states.setdefault(webhook_id, {})[state] = number
    return [(webhook, states.get(webhook.id, {})) for webhook in webhooks]


def add_events(session: Session, public_url: str, when: dt.datetime) -> None:
    """Queue every event that has happened since, once for each webhook that wants it."""
    for webhook in session.scalars(sa.select(Webhook).where(Webhook.removed_at.is_(None))).all():
        agency, today = session.get_one(Agency, webhook.agency_id), local_day(when)
        wanted = [event for event in _events(session, webhook, when) if event.name in webhook.events]
        queue.add(session, [_delivery(webhook, agency.code, event, public_url, when) for event in wanted], when)
        if webhook.told_on != today:
            webhook.told_on = today


def opened(session: Session, secret: str, claimed: ClaimedDelivery) -> ClaimedEvent | Outcome:
    """Return what a claimed event holds, or why it is not sent.

    Under a changed SECRET_KEY its receiver could not know us.
    """
    webhook = session.get_one(Webhook, claimed.webhook_id)
    signing = unseal(secret, PURPOSE, webhook.sealed, webhook.name.encode())
    if signing is None:
        return Outcome(State.FAILED, Reason.UNREADABLE)
    event = json.loads(claimed.payload)["event"]
    return ClaimedEvent(claimed.key, webhook.url, event, claimed.payload, signing.decode())


def settle(session: Session, claimed: ClaimedDelivery, outcome: Outcome, when: dt.datetime) -> State:
    """Record how a try ended; a receiver that says that it is gone for good is told nothing more."""
    state = queue.settle(session, claimed.id, claimed.attempt, outcome, when)
    webhook = session.get_one(Webhook, claimed.webhook_id)
    if outcome.reason == Reason.GONE and webhook.removed_at is None:
        _end(session, webhook, when, reason="410")
    return state


def _end(session: Session, webhook: Webhook, when: dt.datetime, staff_id: int | None = None, **why: str) -> None:
    webhook.removed_at = when
    session.flush()
    sweep(session, when)
    trail.append(session, staff_id, Act.WEBHOOK_REMOVED, when, name=webhook.name, **why)


def _delivery(webhook: Webhook, agency: str, event: Event, public_url: str, when: dt.datetime) -> NewDelivery:
    key = queue.new_key()
    body = {"id": key, "event": event.name, "agency": agency, **event.about, "counts": f"{public_url}/api/v1/counts"}
    return NewDelivery(
        MessageKind.EVENT,
        AddressKind.WEBHOOK,
        key,
        json.dumps(body).encode(),
        due_at=when,
        expires_at=when + KEPT,
        webhook_id=webhook.id,
        subject=f"{webhook.id} {event.name} {event.subject}",
    )


def _events(session: Session, webhook: Webhook, when: dt.datetime) -> Iterator[Event]:
    since = max(webhook.created_at, when - dt.timedelta(days=LOOK_BACK_CLOSED))
    closed = sa.select(ClosedPeriod).where(ClosedPeriod.closed_at >= since).order_by(ClosedPeriod.id)
    for period in session.scalars(closed):
        about = {"first_day": f"{period.first}", "last_day": f"{period.last}"}
        about = {"period": period.code, "basis": period.basis, **about}
        yield Event("period.closed", f"{period.code} {period.basis}", about)
    if webhook.told_on != local_day(when):
        yield from _changed_days(session, webhook, local_day(when))


def _changed_days(session: Session, webhook: Webhook, today: dt.date) -> Iterator[Event]:
    """Yield the days before today that brought answers, each named by its counts: told before, it is not told again."""
    first = max(local_day(webhook.created_at), today - dt.timedelta(days=LOOK_BACK))
    subtree = list(agencies.tree(session, today).subtree(webhook.agency_id))
    counted = sa.func.sum(sa.case((Response.counted, 1), else_=0)).label("counted")
    days = (
        sa.select(Response.day, sa.func.count().label("stored"), counted)
        .where(Response.agency_id.in_(subtree), Response.day >= first, Response.day < today)
        .where(sa.not_(of_test(Response.placement_id)))
        .group_by(Response.day)
        .order_by(Response.day)
    )
    for row in session.execute(days):
        months = {basis.value: periods.month_of(row.day, basis).code for basis in periods.Basis}
        about = {"day": f"{row.day}", "months": months}
        yield Event("counts.changed", f"{row.day} {row.stored} {row.counted}", about)


def signature(secret: str, body: bytes, at: int) -> str:
    """Return what the header Hailong-Signature says of a body sent at this second: "t=…,v1=…"."""
    return f"t={at},v1={hmac.new(secret.encode(), f'{at}.'.encode() + body, 'sha256').hexdigest()}"


def _host(url: str) -> str | None:
    """Return the host of an address that we may and can post to, nothing for any other."""
    try:
        address = urlsplit(url)
        host, port = address.hostname or "", address.port  # asking for a port beyond 65535 is a ValueError
        host.encode("idna")  # so is an empty label,
        url.encode("ascii")  # and a letter that a request line cannot hold
    except ValueError:
        return None
    near = address.scheme == "http" and host in NEAR
    plain = url.isprintable() and " " not in url  # a page can send what a command line cannot
    right = plain and (address.scheme == "https" or near) and not address.username and not address.fragment
    return host if right and host and port != 0 and len(url) <= ADDRESS else None
