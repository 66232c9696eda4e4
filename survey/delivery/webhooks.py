"""Webhooks: who is told of what; each event is queued once for each webhook and sent until it is taken.

Events carry no figure and no answer: they say that there is something to read, and where; reading needs a key.
Counts move in the daily batches of whole days, so that nobody learns from the moment of a message who has answered.
Events are found by looking (which periods were closed, on which days answers came in), so none is lost in a crash.
"""

from __future__ import annotations

import datetime as dt
import hmac
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
from survey.delivery import queue
from survey.delivery.http_request import NEAR
from survey.delivery.queue import ClaimedDelivery, NewDelivery
from survey.errors import Conflict, NotFound
from survey.i18n import nfc
from survey.models import AddressKind, Agency, ClosedPeriod, Delivery, MessageKind, Response, State, Webhook
from survey.organisation import agencies
from survey.periods import local_day
from survey.security.sealing import seal, unseal

EVENTS = ("period.closed", "counts.changed")
LOOK_BACK = 7  # days in which the worker may have stood still without losing a day
NAME, ADDRESS = 80, 400
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
    session: Session, secret: str, name: str, url: str, events: Iterable[str], agency_id: int, when: dt.datetime
) -> str:
    """Add a webhook and return the secret by which its receiver knows us; it is told only now.

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
    trail.append(session, None, Act.WEBHOOK_ADDED, when, name=name, host=host, agency=agency_id)
    return signing


def remove(session: Session, name: str, when: dt.datetime) -> None:
    """Stop telling a webhook anything; what was sent stays on record.

    Raises:
        NotFound: there is none of that name in use.
    """
    webhook = session.scalar(sa.select(Webhook).where(Webhook.name == nfc(name), Webhook.removed_at.is_(None)))
    if webhook is None:
        raise NotFound("There is no webhook named %(name)s in use.", name=name[:NAME])
    webhook.removed_at = when
    session.flush()
    sweep(session, when)
    trail.append(session, None, Act.WEBHOOK_REMOVED, when, name=webhook.name)


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
        agency = session.get_one(Agency, webhook.agency_id)
        wanted = [event for event in _events(session, webhook, when) if event.name in webhook.events]
        queue.add(session, [_delivery(webhook, agency.code, event, public_url, when) for event in wanted], when)


def opened(session: Session, secret: str, claimed: ClaimedDelivery) -> ClaimedEvent | None:
    """Return what a claimed event holds, or nothing if SECRET_KEY has changed: its receiver could not know us."""
    webhook = session.get_one(Webhook, claimed.webhook_id)
    signing = unseal(secret, PURPOSE, webhook.sealed, webhook.name.encode())
    if signing is None:
        return None
    event = json.loads(claimed.payload)["event"]
    return ClaimedEvent(claimed.key, webhook.url, event, claimed.payload, signing.decode())


def _delivery(webhook: Webhook, agency: str, event: Event, public_url: str, when: dt.datetime) -> NewDelivery:
    key = queue.new_key()
    body = {"id": key, "event": event.name, "agency": agency, **event.about, "counts": f"{public_url}/api/v1/counts"}
    return NewDelivery(
        MessageKind.EVENT,
        AddressKind.WEBHOOK,
        key,
        json.dumps(body).encode(),
        due_at=when,
        webhook_id=webhook.id,
        subject=f"{webhook.id} {event.name} {event.subject}",
    )


def _events(session: Session, webhook: Webhook, when: dt.datetime) -> Iterator[Event]:
    closed = sa.select(ClosedPeriod).where(ClosedPeriod.closed_at >= webhook.created_at).order_by(ClosedPeriod.id)
    for period in session.scalars(closed):
        about = {"first_day": f"{period.first}", "last_day": f"{period.last}"}
        about = {"period": period.code, "basis": period.basis, **about}
        yield Event("period.closed", f"{period.code} {period.basis}", about)
    today = local_day(when)
    first = max(local_day(webhook.created_at), today - dt.timedelta(days=LOOK_BACK))
    subtree = list(agencies.tree(session, today).subtree(webhook.agency_id))
    days = (
        sa.select(Response.day)
        .where(Response.counted, Response.agency_id.in_(subtree), Response.day >= first, Response.day < today)
        .distinct()
        .order_by(Response.day)
    )
    for day in session.scalars(days):
        months = {basis.value: periods.month_of(day, basis).code for basis in periods.Basis}
        yield Event("counts.changed", f"{day}", {"day": f"{day}", "months": months})


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
    right = (address.scheme == "https" or near) and not address.username and not address.fragment
    return host if right and host and port != 0 and len(url) <= ADDRESS else None
