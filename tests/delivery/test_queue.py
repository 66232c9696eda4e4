"""The queue: whatever waits in it ends in exactly one state, and its payload is gone with the end."""

from __future__ import annotations

import datetime as dt
import random
import threading
from collections import Counter
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from survey.delivery import messages, queue
from survey.delivery.messages import ClaimedMessage, NewMessage
from survey.delivery.queue import NewDelivery, Outcome
from survey.models import AddressKind, Delivery, MessageKind, Reason, State, Transition
from survey.web.survey import survey_of
from tests.support import factories
from tests.support.factories import SECRET
from tests.support.sending.queued import (
    DAY,
    DELIVERED,
    HOUR,
    LEASE,
    LINH,
    MINUTE,
    NOBODY_KNOWS,
    NOT_SENT,
    REFUSED,
    WHEN,
    answer,
    claim,
    delivery,
    invite,
    life,
    one_try,
)

CHANCES = {"yes": 4, "no": 4, "refused": 1, "silent": 1, "lost": 1, "crash": 1, "crash after": 1}
OUTCOMES = {"yes": DELIVERED, "no": NOT_SENT, "refused": REFUSED, "silent": NOBODY_KNOWS, "lost": NOBODY_KNOWS}


def test_delivery_erases_the_address_and_every_step_is_on_record(session: Session) -> None:
    invite(session)
    assert one_try(session, NOT_SENT, WHEN) == State.QUEUED
    assert claim(session, WHEN) is None, "it waits before the next try"
    assert one_try(session, DELIVERED, WHEN + MINUTE) == State.DELIVERED
    sent = delivery(session)
    assert (sent.payload, sent.due_at, sent.delivered_at) == (None, None, WHEN + MINUTE)
    assert life(session, sent.id) == [
        (State.SENDING, None, 1),
        (State.QUEUED, Reason.UNREACHABLE, 1),
        (State.SENDING, None, 2),
        (State.DELIVERED, None, 2),
    ]


def test_a_sender_that_dies_leaves_a_message_unknown_that_is_tried_again_under_its_key(session: Session) -> None:
    invite(session)
    first = claim(session, WHEN)
    queue.sweep(session, WHEN + LEASE - MINUTE)
    assert delivery(session).state == State.SENDING
    queue.sweep(session, WHEN + LEASE)
    lost = delivery(session)
    assert (lost.state, lost.reason) == (State.UNKNOWN, Reason.CRASH)
    again = claim(session, WHEN + LEASE + MINUTE)
    assert first is not None
    assert again is not None
    assert (again.key, again.attempt) == (first.key, 2)
    # The first sender was not dead, only slow: what it knows is worth more than not knowing.
    assert queue.settle(session, first.id, first.attempt, NOT_SENT, WHEN + 2 * LEASE) == State.SENDING
    assert queue.settle(session, first.id, first.attempt, DELIVERED, WHEN + 2 * LEASE) == State.DELIVERED
    assert queue.settle(session, again.id, again.attempt, NOBODY_KNOWS, WHEN + 2 * LEASE) == State.DELIVERED


def test_a_claim_that_ran_out_is_first_said_to_be_unknown(session: Session) -> None:
    invite(session)
    assert claim(session, WHEN) is not None
    assert claim(session, WHEN + LEASE) is None
    queue.sweep(session, WHEN + LEASE)
    assert delivery(session).state == State.UNKNOWN


@pytest.mark.parametrize("last", [NOT_SENT, REFUSED])
def test_what_may_have_arrived_never_ends_as_if_it_had_not(session: Session, last: Outcome) -> None:
    invite(session)
    assert one_try(session, NOBODY_KNOWS, WHEN) == State.UNKNOWN
    assert one_try(session, last, WHEN + MINUTE) == State.UNKNOWN
    queue.sweep(session, WHEN + 7 * DAY)
    ended = delivery(session)
    assert (ended.state, ended.payload) == (State.UNKNOWN, None)
    assert claim(session, WHEN + 7 * DAY) is None


def test_tries_that_certainly_reached_nobody_go_on_until_the_last_day(session: Session) -> None:
    invite(session, reminder_days=0)
    at, tries = WHEN, 0
    while (claimed := claim(session, at)) is not None:
        tries += 1
        assert queue.settle(session, claimed.id, claimed.attempt, NOT_SENT, at) == State.QUEUED
        at += 4 * HOUR
        queue.sweep(session, at)
    assert (tries, at) == (42, WHEN + 7 * DAY), "one try every four hours of seven days"
    ended = delivery(session)
    assert (ended.state, ended.reason, ended.payload) == (State.EXPIRED, Reason.DAYS_OVER, None)


def test_a_person_gets_at_most_two_tries_of_which_nobody_knows(session: Session) -> None:
    invite(session, reminder_days=0)
    ends = [one_try(session, outcome, WHEN + i * DAY) for i, outcome in enumerate((NOBODY_KNOWS, NOT_SENT, NOT_SENT))]
    assert ends == [State.UNKNOWN] * 3, "tries that certainly failed are not counted with those in doubt"
    assert one_try(session, NOBODY_KNOWS, WHEN + 3 * DAY) == State.UNKNOWN
    assert (delivery(session).doubts, delivery(session).payload) == (2, None)
    assert claim(session, WHEN + 4 * DAY) is None


def test_a_sender_that_dies_twice_in_mid_send_counts_as_two_in_doubt(session: Session) -> None:
    invite(session, reminder_days=0)
    for hour in (0, 1):
        assert claim(session, WHEN + hour * HOUR) is not None
        queue.sweep(session, WHEN + hour * HOUR + LEASE)
    assert (delivery(session).state, delivery(session).payload) == (State.UNKNOWN, None)


def test_waiting_doubles_up_to_four_hours_and_is_spread() -> None:
    for attempt in range(1, 40):
        longest = min(dt.timedelta(minutes=2 ** (attempt - 1)), dt.timedelta(hours=4))
        waits = {queue.backoff(attempt) for _ in range(50)}
        assert all(longest / 2 <= wait <= longest for wait in waits)
        assert len(waits) > 25


def test_the_other_side_may_ask_for_a_longer_wait(session: Session) -> None:
    invite(session)
    one_try(session, Outcome(State.QUEUED, Reason.BUSY, 23 * HOUR), WHEN)
    assert claim(session, WHEN + 23 * HOUR - MINUTE) is None
    assert claim(session, WHEN + 23 * HOUR) is not None


def test_a_delivery_needs_no_invitation_and_is_queued_once_for_its_kind_and_subject(session: Session) -> None:
    for text in (b"first", b"again"):
        key = queue.new_key()
        alert = event(key, text, WHEN, "the target was missed 2026-10")
        queue.add(session, [alert], WHEN)
    claimed = claim(session, WHEN)
    assert claimed is not None
    assert (claimed.payload, claimed.invitation_id, claimed.address_kind) == (b"first", None, AddressKind.EMAIL)
    assert claim(session, WHEN) is None
    queue.sweep(session, WHEN + LEASE)
    assert delivery(session, MessageKind.EVENT).state == State.UNKNOWN
    assert one_try(session, DELIVERED, WHEN + HOUR) == State.DELIVERED


def event(key: str, text: bytes, due_at: dt.datetime, subject: str) -> NewDelivery:
    return NewDelivery(MessageKind.EVENT, AddressKind.EMAIL, key, text, due_at, WHEN + 7 * DAY, subject=subject)


def test_what_is_postponed_waits_and_nothing_else_does(session: Session) -> None:
    queue.add(session, [event(queue.new_key(), b"", WHEN, f"{i}") for i in range(2)], WHEN)
    queue.postpone(session, WHEN + HOUR, Delivery.subject == "0")
    assert claim(session, WHEN) is not None
    assert claim(session, WHEN) is None
    assert claim(session, WHEN + HOUR) is not None


def test_what_was_delivered_and_came_back_is_refused_and_stays_so(session: Session) -> None:
    invite(session)
    claimed = claim(session, WHEN)
    assert claimed is not None
    assert messages.settle(session, claimed, DELIVERED, WHEN) == State.DELIVERED
    assert queue.refuse(session, claimed.key, Reason.RETURNED, WHEN + HOUR)
    returned = delivery(session)
    assert (returned.state, returned.reason, returned.delivered_at) == (State.REFUSED, Reason.RETURNED, None)
    assert queue.settle(session, claimed.id, claimed.attempt, DELIVERED, WHEN + 2 * HOUR) == State.REFUSED
    assert not queue.refuse(session, claimed.key, Reason.RETURNED, WHEN + 2 * HOUR)
    messages.sweep(session, WHEN + 2 * HOUR)
    assert delivery(session, MessageKind.REMINDER).reason == Reason.FIRST_REFUSED


def test_the_oldest_goes_first(session: Session) -> None:
    for i in range(3):
        queue.add(session, [event(queue.new_key(), f"{i}".encode(), WHEN - i * MINUTE, f"{i}")], WHEN)
    claims = [claim(session, WHEN) for _ in range(3)]
    assert [claimed.payload for claimed in claims if claimed] == [b"2", b"1", b"0"]


def test_a_failed_transaction_queues_nothing(session: Session, look: Callable[..., list[object]]) -> None:
    invite(session)
    session.rollback()
    assert look(sa.select(Delivery.id)) == []


def test_many_senders_share_the_work_and_none_gets_what_another_has(app: Flask, session: Session) -> None:
    tokens = [factories.invitation(session, when=WHEN) for _ in range(40)]
    messages.add(session, SECRET, [NewMessage(token, LINH) for token in tokens], WHEN, 0)
    session.commit()
    taken: list[str] = []
    database = survey_of(app).database

    def work() -> None:
        while True:
            with database.session(writes=True) as mine:
                claimed = claim(mine, WHEN)
                message = claimed and messages.opened(mine, SECRET, claimed)
                mine.commit()
            if not isinstance(message, ClaimedMessage):
                return
            taken.append(message.token)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(taken) == Counter(tokens)


def test_hundreds_of_messages_under_random_faults_each_end_once_and_truly(session: Session, campaign: bool) -> None:
    """What the other side really did is kept beside, and what the queue says is held against it."""
    chance = random.Random() if campaign else random.Random(11)
    tokens = [factories.invitation(session, when=WHEN) for _ in range(5000 if campaign else 150)]
    messages.add(session, SECRET, [NewMessage(token, LINH) for token in tokens], WHEN, 3)
    arrived: Counter[str] = Counter()
    at, keys, doubtful = WHEN, dict[int, str](), Counter[int]()
    while session.scalar(sa.select(sa.func.count()).where(Delivery.payload.is_not(None))):
        messages.sweep(session, at)
        while (claimed := claim(session, at)) is not None:
            assert keys.setdefault(claimed.id, claimed.key) == claimed.key
            [fault] = chance.choices(list(CHANCES), list(CHANCES.values()))
            if fault in ("yes", "lost", "crash after"):
                arrived[claimed.key] += 1
            if fault in OUTCOMES:
                messages.settle(session, claimed, OUTCOMES[fault], at)
                doubtful[claimed.id] += OUTCOMES[fault].state == State.UNKNOWN
            else:
                doubtful[claimed.id] += 1
        for token in chance.sample(tokens, 15) if at < WHEN + 7 * DAY else ():
            answer(session, token, at)
        at += dt.timedelta(hours=chance.choice((3, 9)))
    session.expire_all()
    everything = session.scalars(sa.select(Delivery)).all()
    assert len(everything) == 2 * len(tokens)
    states = Counter(each.state for each in everything)
    going_on = (State.QUEUED, State.SENDING, State.UNKNOWN)
    ends = Counter(session.scalars(sa.select(Transition.delivery_id).where(Transition.state.not_in(going_on))))
    assert set(states) <= {State.DELIVERED, State.REFUSED, State.FAILED, State.EXPIRED, State.UNKNOWN, State.DROPPED}
    assert {State.DELIVERED, State.REFUSED, State.UNKNOWN, State.DROPPED} <= set(states)
    for each in everything:
        if each.state == State.DELIVERED:
            assert arrived[each.key]
        elif each.state != State.UNKNOWN:
            assert not arrived[each.key], f"{each.state.name} says that it never arrived"
        assert ends[each.id] == (each.state != State.UNKNOWN)
        assert doubtful[each.id] <= 2
        assert arrived[each.key] <= 2, "nobody gets a third copy"


def test_what_should_have_gone_is_counted_whether_nobody_looks_or_it_is_tried_in_vain(session: Session) -> None:
    invite(session, reminder_days=0)
    assert queue.stuck(session, WHEN + MINUTE) == 0 and queue.stuck(session, WHEN + 2 * HOUR) == 1
    waiting, moment = delivery(session), WHEN
    for tries in range(1, queue.STUCK_TRIES + 1):
        assert one_try(session, NOT_SENT, moment) == State.QUEUED
        waiting = delivery(session)
        assert waiting.due_at is not None
        assert queue.stuck(session, moment) == (tries == queue.STUCK_TRIES), tries
        moment = waiting.due_at
