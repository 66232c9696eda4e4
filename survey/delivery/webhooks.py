"""Webhooks: who is told what, queued once per event, claimed before it is sent, tried again until it is taken.

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
from typing import Any, cast
from urllib.parse import urlsplit

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from survey import periods
from survey.audit import trail
from survey.audit.acts import Act
from survey.delivery.outbox import LONGEST_WAIT, backoff
from survey.errors import Conflict, NotFound
from survey.i18n import nfc
from survey.models import Agency, ClosedPeriod, Progress, Response, Webhook, WebhookDelivery
from survey.organisation import agencies
from survey.periods import local_day
from survey.security.tokens import keyed

EVENTS = ("period.closed", "counts.changed")
NEAR = ("127.0.0.1", "::1", "localhost")
MOST_ATTEMPTS = 24
LOOK_BACK = 7  # days in which the sender may have stood still without losing a day
NAME, ADDRESS, NONCE = 80, 400, 12
TABLE = cast("sa.Table", WebhookDelivery.__table__)


@dataclass(frozen=True)
class Errand:
    """One claimed delivery, opened for the one who sends it."""

    id: int
    attempt: int
    url: str
    event: str
    key: str
    body: str
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
    made, nonce = f"whsec_{secrets.token_urlsafe(32)}", secrets.token_bytes(NONCE)
    sealed = nonce + _cipher(secret).encrypt(nonce, made.encode(), name.encode())
    wanted = sorted(set(events))
    session.add(Webhook(name=name, url=url, sealed=sealed, events=wanted, agency_id=agency_id, created_at=when))
    trail.append(session, None, Act.WEBHOOK_ADDED, when, name=name, host=host, agency=agency_id)
    return made


def remove(session: Session, name: str, when: dt.datetime) -> None:
    """Stop telling a webhook anything; what was sent stays on record.

    Raises:
        NotFound: there is none of that name in use.
    """
    held = session.scalar(sa.select(Webhook).where(Webhook.name == nfc(name), Webhook.removed_at.is_(None)))
    if held is None:
        raise NotFound("There is no webhook named %(name)s in use.", name=name[:NAME])
    held.removed_at = when
    over = {"state": Progress.GIVEN_UP, "due_at": None, "changed_at": when}
    session.execute(sa.update(TABLE).where(TABLE.c.webhook_id == held.id, TABLE.c.due_at.is_not(None)).values(**over))
    trail.append(session, None, Act.WEBHOOK_REMOVED, when, name=held.name)


def listed(session: Session) -> list[tuple[Webhook, dict[Progress, int]]]:
    """Return every webhook in use with the number of its deliveries by state."""
    found = session.scalars(sa.select(Webhook).where(Webhook.removed_at.is_(None)).order_by(Webhook.name)).all()
    counted = sa.select(TABLE.c.webhook_id, TABLE.c.state, sa.func.count()).group_by(TABLE.c.webhook_id, TABLE.c.state)
    states: dict[int, dict[Progress, int]] = {}
    for webhook_id, state, number in session.execute(counted):
        states.setdefault(webhook_id, {})[Progress(state)] = number
    return [(one, states.get(one.id, {})) for one in found]


def queue(session: Session, public_url: str, when: dt.datetime) -> int:
    """Queue every event that has happened since, once for each webhook that wants it; return how many are new."""
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    insert = make(TABLE).on_conflict_do_nothing(index_elements=["webhook_id", "event", "subject"])
    queued = 0
    for webhook in session.scalars(sa.select(Webhook).where(Webhook.removed_at.is_(None))).all():
        agency = session.get_one(Agency, webhook.agency_id)
        happened = [one for one in _happened(session, webhook, when) if one[0] in webhook.events]
        for event, subject, about in happened:
            key = secrets.token_urlsafe(18)
            told = {"id": key, "event": event, "agency": agency.code, **about, "counts": f"{public_url}/api/v1/counts"}
            row = {"webhook_id": webhook.id, "event": event, "subject": subject, "event_key": key,
                   "body": json.dumps(told), "queued_at": when, "due_at": when, "changed_at": when,
                   "state": Progress.QUEUED, "attempts": 0}  # fmt: skip
            queued += session.execute(insert.returning(TABLE.c.id), row).first() is not None
    return queued


def _happened(session: Session, webhook: Webhook, when: dt.datetime) -> Iterator[tuple[str, str, dict[str, Any]]]:
    closed = sa.select(ClosedPeriod).where(ClosedPeriod.closed_at >= webhook.created_at).order_by(ClosedPeriod.id)
    for period in session.scalars(closed):
        about = {"period": period.code, "basis": period.basis, "first_day": f"{period.first}",
                 "last_day": f"{period.last}"}  # fmt: skip
        yield "period.closed", f"{period.code} {period.basis}", about
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
        yield "counts.changed", f"{day}", {"day": f"{day}", "months": months}


def claim(session: Session, secret: str, when: dt.datetime, lease: dt.timedelta) -> Errand | None:
    """Take the next delivery that is due; nobody else gets it until `lease` has passed. Commit before sending."""
    waiting = sa.select(TABLE).where(TABLE.c.due_at <= when).order_by(TABLE.c.due_at).limit(1)
    while (row := session.execute(waiting.with_for_update(skip_locked=True)).first()) is not None:
        webhook = session.get_one(Webhook, row.webhook_id)
        own = _unsealed(secret, webhook)
        changed = {"state": Progress.SENDING, "attempts": row.attempts + 1, "due_at": when + lease}
        if own is None:  # SECRET_KEY has changed: the receiver could not know us
            changed = {"state": Progress.GIVEN_UP, "due_at": None}
        session.execute(sa.update(TABLE).where(TABLE.c.id == row.id).values(**changed, changed_at=when))
        if own is not None:
            return Errand(row.id, row.attempts + 1, webhook.url, row.event, row.event_key, row.body, own)
    return None


def settle(session: Session, errand: Errand, status: int | None, when: dt.datetime) -> Progress:
    """Record how a try ended: 2xx is delivered; anything else, or no answer, is tried again, later each time."""
    row = session.execute(sa.select(TABLE).where(TABLE.c.id == errand.id).with_for_update()).one()
    taken = status is not None and 200 <= status < 300
    if row.state == Progress.DELIVERED or (row.attempts != errand.attempt and not taken):
        return Progress(row.state)
    state, due_at = Progress.DELIVERED, None
    if not taken:
        over = row.attempts >= MOST_ATTEMPTS or row.due_at is None
        state = Progress.GIVEN_UP if over else Progress.QUEUED
        due_at = None if over else when + min(backoff(row.attempts), LONGEST_WAIT)
    changed = {"state": state, "status": status, "due_at": due_at, "changed_at": when}
    session.execute(sa.update(TABLE).where(TABLE.c.id == errand.id).values(**changed))
    return state


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


def _unsealed(secret: str, webhook: Webhook) -> str | None:
    try:
        return _cipher(secret).decrypt(webhook.sealed[:NONCE], webhook.sealed[NONCE:], webhook.name.encode()).decode()
    except InvalidTag:
        return None


def _cipher(secret: str) -> AESGCM:
    return AESGCM(keyed(secret, "webhook", "AES-256-GCM"))
