"""Webhooks through a real receiver that misbehaves: each event arrives, signed, under one key, and tells no figure."""

from __future__ import annotations

import datetime as dt
import json
import re
import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from survey.delivery import queue, webhooks
from survey.delivery.queue import ClaimedDelivery, Outcome
from survey.delivery.webhook_sender import WebhookSender
from survey.delivery.webhooks import ClaimedEvent
from survey.errors import Conflict, NotFound
from survey.models import AuditEntry, Delivery, Reason, State, Webhook
from survey.periods import now, parse
from survey.results import closing
from survey.settings import ROOT
from survey.web.survey import survey_of
from tests.support import factories
from tests.support.factories import SECRET
from tests.support.figures import STANDARD
from tests.support.sending.hooks import START, Receiver, Tell

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)


def documented() -> Callable[[str, str, bytes, int], bool]:
    """Return the function that the documents give to receivers."""
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    [snippet] = [block for block in re.findall(r"```python\n(.*?)```", text, re.S) if "def genuine" in block]
    names: dict[str, Any] = {}
    exec(snippet, names)  # noqa: S102 - our own document
    return names["genuine"]  # type: ignore[no-any-return]


def test_a_closed_period_is_told_once_signed_as_the_documents_say(
    receiver: Receiver, secret: str, closed: dt.datetime, tell: Tell
) -> None:
    assert tell(closed + HOUR) == {State.DELIVERED: 1}
    assert tell(closed + 2 * HOUR) == {}
    [(path, headers, body)] = receiver.taken
    event = json.loads(body)
    assert (path, headers["Hailong-Event"], event["event"]) == ("/hailong", "period.closed", "period.closed")
    assert (event["period"], event["first_day"], event["last_day"]) == ("2026-10", "2026-10-01", "2026-10-31")
    assert event["id"] == headers["Idempotency-Key"]
    genuine, signed, at = documented(), headers["Hailong-Signature"], int((closed + HOUR).timestamp())
    assert genuine(secret, signed, body, at + 60)
    assert not genuine(secret, signed, body + b" ", at)
    assert not genuine(secret + "x", signed, body, at)
    assert not genuine(secret, signed, body, at + 3600), "an old message is not taken again"
    assert not genuine(secret, "nonsense", body, at)


@pytest.mark.parametrize(
    ("fault", "state", "reason"),
    [
        (500, State.QUEUED, Reason.SERVER),
        (503, State.QUEUED, Reason.BUSY),
        (404, State.QUEUED, Reason.SETUP),
        ("elsewhere", State.QUEUED, Reason.SETUP),
        ("close", State.UNKNOWN, Reason.CLOSED),
        ("dead", State.UNKNOWN, Reason.TIMEOUT),
    ],
)
def test_what_was_not_taken_is_sent_again_under_the_same_key(
    receiver: Receiver,
    closed: dt.datetime,
    tell: Tell,
    look: Callable[..., list[Any]],
    fault: int | str,
    state: State,
    reason: Reason,
) -> None:
    receiver.replies = [fault]
    assert tell(closed) == {state: 1}
    assert look(sa.select(Delivery.reason))[0][0] == reason
    assert tell(closed + dt.timedelta(seconds=5)) == {}, "not at once"
    assert tell(closed + HOUR) == {State.DELIVERED: 1}
    assert [path for path, _, _ in receiver.taken] == ["/hailong"] * 2, "a redirect is not followed"
    first, second = (headers["Idempotency-Key"] for _, headers, _ in receiver.taken)
    assert first == second
    [row] = look(sa.select(Delivery.attempts, Delivery.state, Delivery.due_at, Delivery.payload))
    assert tuple(row) == (2, State.DELIVERED, None, None)


def test_a_receiver_that_is_gone_is_given_up_after_a_week(
    app: Flask, session: Session, tell: Tell, look: Callable[..., list[Any]]
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        gone = f"http://127.0.0.1:{probe.getsockname()[1]}/"
    webhooks.add(session, SECRET, "gone", gone, ["period.closed"], factories.agency_id(session, "H61"), START)
    closing.close(session, parse("2026-10"), START + 4 * DAY, STANDARD)
    session.commit()
    ended = [tell(START + (4 + day) * DAY) for day in range(8)]
    assert ended == [{State.QUEUED: 1}] * 7 + [{}]
    assert look(sa.select(Delivery.attempts, Delivery.state, Delivery.payload)) == [(7, State.EXPIRED, None)]


@pytest.mark.parametrize("bad", ["https://[::1/x", "https://localhost:99999/x", "https://a..vn/x", "/báo-cáo", "/a b"])
def test_an_address_that_nobody_can_post_to_holds_up_no_other(
    session: Session, receiver: Receiver, closed: dt.datetime, tell: Tell, bad: str
) -> None:
    """`add` refuses most of them, but one may stand in the database since before it did."""
    url = bad if bad.startswith("https") else receiver.url.removesuffix("/hailong") + bad
    good, agency_id = "https://example.vn/", factories.agency_id(session, "H61")
    webhooks.add(session, SECRET, "bad", good, ["period.closed"], agency_id, START)
    session.execute(sa.update(Webhook).where(Webhook.name == "bad").values(url=url))
    session.commit()
    assert tell(closed) == {State.QUEUED: 1, State.DELIVERED: 1}
    reason = session.scalars(sa.select(Delivery.reason).where(Delivery.state == State.QUEUED)).one()
    session.rollback()
    assert reason == Reason.SETUP
    assert tell(closed + HOUR) == {State.QUEUED: 1}, "nothing has gone out, so nothing is in doubt"
    assert [path for path, _, _ in receiver.taken] == ["/hailong"]


def claimed(session: Session, when: dt.datetime) -> ClaimedDelivery:
    """Let time pass, and claim for an hour the one event that must be due a minute later."""
    queue.sweep(session, when)
    event = queue.claim(session, when + MINUTE, HOUR)
    assert event is not None
    return event


def test_a_sender_that_died_is_followed_by_another_under_the_same_key(
    app: Flask, receiver: Receiver, closed: dt.datetime, tell: Tell
) -> None:
    with survey_of(app).database.session(writes=True) as dying:
        webhooks.add_events(dying, "http://survey", closed)
        event = webhooks.opened(dying, SECRET, claimed(dying, closed))
        dying.commit()
    assert isinstance(event, ClaimedEvent)
    WebhookSender(1.0, lambda: closed).send(event)  # and the machine stopped before that was written down
    assert tell(closed + HOUR) == {}, "the claim still holds"
    assert tell(closed + 2 * HOUR) == {}, "now it is unknown, and waits a little"
    assert tell(closed + 3 * HOUR) == {State.DELIVERED: 1}
    assert len(receiver.taken) == 2
    assert len({headers["Idempotency-Key"] for _, headers, _ in receiver.taken}) == 1


def test_a_sender_that_comes_back_late_can_only_say_that_it_was_taken(session: Session, closed: dt.datetime) -> None:
    webhooks.add_events(session, "http://survey", closed)
    late, other = claimed(session, closed), claimed(session, closed + 2 * HOUR)
    assert (late.key, late.attempt, other.attempt) == (other.key, 1, 2)
    when, taken = closed + 3 * HOUR, Outcome(State.DELIVERED)
    refused, lost = Outcome(State.QUEUED, Reason.SERVER), Outcome(State.UNKNOWN, Reason.CLOSED)
    assert queue.settle(session, late.id, late.attempt, refused, when) == State.SENDING, "the other one is at work"
    assert queue.settle(session, late.id, late.attempt, taken, when) == State.DELIVERED
    assert queue.settle(session, other.id, other.attempt, lost, when) == State.DELIVERED, "never taken back"


def test_a_receiver_that_is_dead_is_left_alone_and_holds_up_no_other(
    session: Session, receiver: Receiver, secret: str, tell: Tell
) -> None:
    """Seven events wait for each of two: five tries tell enough of one, the other gets all."""
    with Receiver() as dead:
        dead.replies = [500] * 7
        agency_id = factories.agency_id(session, "H61")
        webhooks.add(session, SECRET, "dead", dead.url, ["counts.changed"], agency_id, START)
        for day in range(7):
            factories.response(session, 5, when=START + day * DAY)
        session.commit()
        assert tell(START + 7 * DAY) == {State.QUEUED: 5, State.DELIVERED: 7}
        assert (len(dead.taken), len(receiver.taken)) == (5, 7)
    days = [json.loads(body)["day"] for _, _, body in receiver.taken]
    assert days == sorted(days), "in the order in which they were queued"


def test_two_senders_at_once_send_each_event_once(
    app: Flask, receiver: Receiver, closed: dt.datetime, tell: Tell
) -> None:
    threads = [threading.Thread(target=tell, args=(closed,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(receiver.taken) == 1


def test_counts_move_in_whole_days_and_a_message_tells_no_figure(
    receiver: Receiver, session: Session, secret: str, tell: Tell
) -> None:
    for rating in (5, 1):
        factories.response(session, rating, when=START)
    session.commit()
    assert tell(START + HOUR) == {}, "the day is not over"
    assert tell(START + DAY) == {State.DELIVERED: 1}
    event = json.loads(receiver.taken[0][2])
    assert set(event) == {"id", "event", "agency", "day", "months", "counts"}
    assert (event["event"], event["agency"], event["day"]) == ("counts.changed", "H61", "2026-10-30")
    assert event["months"] == {"calendar": "2026-10", "administrative": "2026-11"}
    assert tell(START + 2 * DAY) == {}


def test_a_webhook_is_told_of_its_own_subtree_only(receiver: Receiver, session: Session, tell: Tell) -> None:
    webhooks.add(session, SECRET, "ward", receiver.url, webhooks.EVENTS, factories.agency_id(session, "H61.51"), START)
    factories.response(session, 5, "H61.50", when=START)
    session.commit()
    assert tell(START + DAY) == {}
    factories.response(session, 5, "H61.51", when=START)
    session.commit()
    assert tell(START + 2 * DAY) == {State.DELIVERED: 1}


UNFIT = (
    "http://example.vn/ ftp://example.vn https:// https://a:b@example.vn/ http://127.0.0.1.example.vn/ "
    "file:///etc/passwd https://example.vn/#x https://[::1/x https://example.vn:84430/x https://example.vn:x/ "
    f"https://example..vn/x https://{'a' * 64}.vn/ https://example.vn/báo-cáo https://example.vn/{'a' * 382}"
).split()


@pytest.mark.parametrize("url", UNFIT)
def test_an_address_that_is_neither_https_nor_near_or_cannot_be_posted_to_is_refused(
    session: Session, url: str
) -> None:
    with pytest.raises(Conflict, match="The address"):
        webhooks.add(session, SECRET, "x", url, webhooks.EVENTS, factories.agency_id(session), now())


def test_one_that_was_removed_is_told_nothing_more(
    receiver: Receiver, session: Session, closed: dt.datetime, tell: Tell
) -> None:
    receiver.replies = [500]
    tell(closed)
    webhooks.remove(session, "portal", closed)
    session.commit()
    [(state, payload)] = session.execute(sa.select(Delivery.state, Delivery.payload)).all()
    session.rollback()
    assert (state, payload) == (State.DROPPED, None)
    assert tell(closed + DAY) == {}
    with pytest.raises(NotFound):
        webhooks.remove(session, "portal", closed)
    assert webhooks.listed(session) == []
    record = sa.select(AuditEntry.act).where(AuditEntry.act.not_like("questionnaire.%")).order_by(AuditEntry.id)
    acts = session.scalars(record.order_by(AuditEntry.id)).all()
    assert acts == ["webhook.added", "period.closed", "webhook.removed"]


def test_a_secret_is_kept_sealed_and_another_key_cannot_open_it(
    receiver: Receiver, session: Session, secret: str, closed: dt.datetime, tell: Tell
) -> None:
    assert secret.encode() not in session.scalars(sa.select(Webhook.sealed)).one()
    session.rollback()
    assert tell(closed, secret="another secret of an installation") == {State.FAILED: 1}
    assert receiver.taken == []
    assert session.scalars(sa.select(Delivery.state)).one() == State.FAILED
