"""What a receiver of webhooks may ask for, and answers that come after their day was told."""

from __future__ import annotations

import datetime as dt
import email.utils
import json

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.delivery import webhooks
from survey.models import AuditEntry, Delivery, Reason, State
from tests.support import factories
from tests.support.sending.hooks import START, Receiver, Tell
from tests.support.sending.queued import DAY, HOUR, MINUTE


def test_a_late_answer_for_a_day_that_was_told_is_told_with_the_next_day(
    receiver: Receiver, session: Session, secret: str, tell: Tell
) -> None:
    factories.response(session, 5, when=START)
    session.commit()
    assert tell(START + DAY) == {State.DELIVERED: 1}
    factories.response(session, 1, when=START)  # it had waited on a phone without a network
    session.commit()
    assert tell(START + DAY + HOUR) == {}, "a message at once would tell when somebody answered"
    assert tell(START + 2 * DAY) == {State.DELIVERED: 1}
    assert tell(START + 3 * DAY) == {}
    first, second = (json.loads(body) for _, _, body in receiver.taken)
    assert first["day"] == second["day"] == "2026-10-30"
    assert first["id"] != second["id"]


@pytest.mark.parametrize("status", [429, 500, 503, 404])
def test_a_receiver_that_asks_to_wait_is_left_alone_with_every_event_by_seconds_or_by_date(
    receiver: Receiver, session: Session, secret: str, closed: dt.datetime, tell: Tell, status: int
) -> None:
    factories.response(session, 5, when=closed - DAY)
    session.commit()
    date = email.utils.format_datetime(closed + 20 * HOUR, usegmt=True)
    receiver.replies = [(status, {"Retry-After": date}), (status, {"Retry-After": "36000"})]
    assert tell(closed) == {State.QUEUED: 1}, "the other event is not tried at all"
    assert tell(closed + 19 * HOUR) == {}
    assert tell(closed + 20 * HOUR + MINUTE) == {State.QUEUED: 1}
    assert tell(closed + 30 * HOUR) == {}
    assert tell(closed + 31 * HOUR) == {State.DELIVERED: 2}


def test_a_receiver_that_is_gone_for_good_is_told_nothing_more(
    receiver: Receiver, session: Session, closed: dt.datetime, tell: Tell
) -> None:
    factories.response(session, 5, when=closed - DAY)
    session.commit()
    receiver.replies = [410]
    assert tell(closed) == {State.REFUSED: 1}
    assert tell(closed + DAY) == {}
    states = session.execute(sa.select(Delivery.state, Delivery.reason).order_by(Delivery.id)).all()
    assert sorted(states, key=str) == sorted([(State.REFUSED, Reason.GONE), (State.DROPPED, None)], key=str)
    assert webhooks.listed(session) == []
    removed = session.scalars(sa.select(AuditEntry).where(AuditEntry.act == "webhook.removed")).one()
    assert removed.about == {"name": "portal", "reason": "410"}
