"""The daily indicators on their way to webhooks that asked for them by name: once a day, signed like every event.

The only event that carries figures: those that whoever set the webhook may read of its agency anyhow.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.delivery import queue
from survey.delivery.queue import NewDelivery
from survey.delivery.webhooks import DAILY, KEPT
from survey.models import AddressKind, Agency, Delivery, MessageKind, Webhook
from survey.periods import local_day
from survey.results.daily_indicators import DailyIndicator, daily_indicators
from survey.results.scope import Standard


def due(session: Session, standard: Standard, public_url: str, when: dt.datetime) -> Iterator[NewDelivery]:
    """Yield what is to be queued today, for each webhook that wants it and was not given it; nothing is changed."""
    today = local_day(when)
    for webhook in session.scalars(sa.select(Webhook).where(Webhook.removed_at.is_(None))).all():
        subject = f"{webhook.id} {DAILY} {today}"
        given = sa.exists().where(Delivery.kind == MessageKind.EVENT, Delivery.subject == subject)
        if DAILY not in webhook.events or session.scalar(sa.select(given)):
            continue
        agency = session.get_one(Agency, webhook.agency_id)
        key, counted = queue.new_key(), daily_indicators(session, agency.id, standard, today)
        body = {"id": key, "event": DAILY, **document(agency.code, today, counted)}
        payload = json.dumps(body | {"counts": f"{public_url}/api/v1/counts"}).encode()
        place = (MessageKind.EVENT, AddressKind.WEBHOOK, key, payload)
        yield NewDelivery(*place, due_at=when, expires_at=when + KEPT, webhook_id=webhook.id, subject=subject)


def document(agency: str, today: dt.date, indicators: list[DailyIndicator]) -> dict[str, object]:
    """Return the indicators of an agency as programs read them, in a webhook's body and in a file."""
    rows = [{**vars(one), "first_day": f"{one.first_day}", "last_day": f"{one.last_day}"} for one in indicators]
    return {"agency": agency, "as_of": f"{today}", "indicators": rows}
