"""The outbox: what is queued ends in exactly one state, and its address is gone with the end."""

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

from survey import questionnaires
from survey.collection import invitations, responses
from survey.collection.answers import Answers
from survey.delivery import outbox
from survey.delivery.contact import Contact
from survey.delivery.outbox import Letter, Outcome
from survey.models import Kind, Message, Reason, State, Transition, Way
from survey.security.tokens import new_token
from survey.web.survey import survey_of
from tests.support import factories
from tests.support.factories import SECRET

WHEN = dt.datetime(2026, 10, 5, 2, tzinfo=dt.UTC)
MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)
LEASE = 5 * MINUTE
LINH = Contact(Way.EMAIL, "linh.nguyen@example.vn")
DELIVERED, NOT_SENT = Outcome(State.DELIVERED), Outcome(State.QUEUED, Reason.UNREACHABLE)
NOBODY_KNOWS, REFUSED = Outcome(State.UNKNOWN, Reason.CLOSED), Outcome(State.REFUSED, Reason.ADDRESS)


def letter(session: Session, to: Contact = LINH, reminder_days: int = 3) -> str:
    token = factories.invitation(session, when=WHEN)
    assert outbox.queue(session, SECRET, [Letter(token, to)], WHEN, reminder_days) == 1
    return token


def message(session: Session, kind: Kind = Kind.INVITATION) -> Message:
    session.expire_all()
    return session.scalars(sa.select(Message).where(Message.kind == kind)).one()


def one_try(session: Session, outcome: Outcome, when: dt.datetime) -> State:
    parcel = outbox.claim(session, SECRET, when, LEASE)
    assert parcel is not None
    return outbox.settle(session, parcel.id, parcel.attempt, outcome, when)


def answer(session: Session, token: str, when: dt.datetime) -> None:
    source = invitations.find(session.connection(), token, when)
    sent = responses.SubmissionMeta(new_token(), when, "vi")
    responses.record(
        session.connection(), SECRET, source, questionnaires.asked_now(session), Answers({"overall": 2}), sent
    )


def life(session: Session, message_id: int) -> list[tuple[State, Reason | None, int]]:
    steps = sa.select(Transition).where(Transition.message_id == message_id).order_by(Transition.id)
    return [(step.state, step.reason, step.attempt) for step in session.scalars(steps)]


def test_a_claimed_message_says_where_and_what_and_is_taken_by_nobody_else(session: Session) -> None:
    token = letter(session)
    parcel = outbox.claim(session, SECRET, WHEN, LEASE)
    assert parcel is not None
    assert (parcel.address, parcel.token, parcel.kind, parcel.way) == (LINH.address, token, Kind.INVITATION, Way.EMAIL)
    assert LINH.address not in repr(parcel)
    assert token not in repr(parcel)
    assert outbox.claim(session, SECRET, WHEN + MINUTE, LEASE) is None


def test_delivery_erases_the_address_and_every_step_is_on_record(session: Session) -> None:
    letter(session)
    assert one_try(session, NOT_SENT, WHEN) == State.QUEUED
    assert outbox.claim(session, SECRET, WHEN, LEASE) is None, "it waits before the next try"
    assert one_try(session, DELIVERED, WHEN + MINUTE) == State.DELIVERED
    sent = message(session)
    assert (sent.sealed, sent.due_at, sent.delivered_at) == (None, None, WHEN + MINUTE)
    assert life(session, sent.id) == [
        (State.SENDING, None, 1),
        (State.QUEUED, Reason.UNREACHABLE, 1),
        (State.SENDING, None, 2),
        (State.DELIVERED, None, 2),
    ]
    arrived = outbox.delivered()
    assert session.execute(sa.select(arrived)).all() == [(sent.invitation_id, WHEN + MINUTE)]


def test_a_sender_that_dies_leaves_a_message_unknown_that_is_tried_again_under_its_key(session: Session) -> None:
    letter(session)
    first = outbox.claim(session, SECRET, WHEN, LEASE)
    outbox.sweep(session, WHEN + LEASE - MINUTE)
    assert message(session).state == State.SENDING
    outbox.sweep(session, WHEN + LEASE)
    lost = message(session)
    assert (lost.state, lost.reason) == (State.UNKNOWN, Reason.CRASH)
    again = outbox.claim(session, SECRET, WHEN + LEASE + MINUTE, LEASE)
    assert first is not None
    assert again is not None
    assert (again.key, again.attempt) == (first.key, 2)
    # The first sender was not dead, only slow: what it knows is worth more than not knowing.
    assert outbox.settle(session, first.id, first.attempt, NOT_SENT, WHEN + 2 * LEASE) == State.SENDING
    assert outbox.settle(session, first.id, first.attempt, DELIVERED, WHEN + 2 * LEASE) == State.DELIVERED
    assert outbox.settle(session, again.id, again.attempt, NOBODY_KNOWS, WHEN + 2 * LEASE) == State.DELIVERED


@pytest.mark.parametrize("last", [NOT_SENT, REFUSED])
def test_what_may_have_arrived_never_ends_as_if_it_had_not(session: Session, last: Outcome) -> None:
    letter(session)
    assert one_try(session, NOBODY_KNOWS, WHEN) == State.UNKNOWN
    assert one_try(session, last, WHEN + MINUTE) == State.UNKNOWN
    outbox.sweep(session, WHEN + 7 * DAY)
    ended = message(session)
    assert (ended.state, ended.sealed) == (State.UNKNOWN, None)
    assert outbox.claim(session, SECRET, WHEN + 7 * DAY, LEASE) is None


def test_a_message_that_never_gets_through_is_given_up_after_its_last_try(session: Session) -> None:
    letter(session, reminder_days=0)
    at, tries = WHEN, 0
    while (parcel := outbox.claim(session, SECRET, at, LEASE)) is not None:
        tries += 1
        state = outbox.settle(session, parcel.id, parcel.attempt, NOT_SENT, at)
        at += dt.timedelta(hours=4)
    assert (tries, state) == (outbox.MOST_ATTEMPTS, State.FAILED)
    assert message(session).reason == Reason.UNREACHABLE
    assert message(session).sealed is None


def test_waiting_doubles_up_to_four_hours_and_is_spread() -> None:
    for attempt in range(1, 40):
        longest = min(dt.timedelta(minutes=2 ** (attempt - 1)), dt.timedelta(hours=4))
        waits = {outbox.backoff(attempt) for _ in range(50)}
        assert all(longest / 2 <= wait <= longest for wait in waits)
        assert len(waits) > 25


def test_the_other_side_may_ask_for_a_longer_wait(session: Session) -> None:
    letter(session)
    one_try(session, Outcome(State.QUEUED, Reason.BUSY, dt.timedelta(hours=1)), WHEN)
    assert outbox.claim(session, SECRET, WHEN + 59 * MINUTE, LEASE) is None
    assert outbox.claim(session, SECRET, WHEN + 60 * MINUTE, LEASE) is not None


def test_an_address_is_erased_after_seven_days_whatever_happened(session: Session) -> None:
    letter(session)
    outbox.sweep(session, WHEN + 7 * DAY - MINUTE)
    assert message(session).sealed is not None
    assert outbox.claim(session, SECRET, WHEN + 7 * DAY - MINUTE, LEASE) is None, "no try may outlast the seven days"
    outbox.sweep(session, WHEN + 7 * DAY)
    for kind in Kind:
        ended = message(session, kind)
        assert (ended.state, ended.reason, ended.sealed) == (State.EXPIRED, Reason.DAYS_OVER, None)


def test_the_next_batch_that_is_queued_erases_what_is_too_old(session: Session) -> None:
    letter(session)
    old = message(session).id
    later = factories.invitation(session, when=WHEN + 8 * DAY)
    outbox.queue(session, SECRET, [Letter(later, LINH)], WHEN + 8 * DAY, 0)
    session.expire_all()
    assert session.get_one(Message, old).sealed is None


def test_who_has_not_answered_is_reminded_once(session: Session) -> None:
    token = letter(session)
    one_try(session, DELIVERED, WHEN)
    assert outbox.claim(session, SECRET, WHEN + 3 * DAY - MINUTE, LEASE) is None
    parcel = outbox.claim(session, SECRET, WHEN + 3 * DAY, LEASE)
    assert parcel is not None
    assert (parcel.kind, parcel.token) == (Kind.REMINDER, token)
    assert parcel.key != message(session).key
    outbox.settle(session, parcel.id, parcel.attempt, DELIVERED, WHEN + 3 * DAY)
    assert outbox.claim(session, SECRET, WHEN + 6 * DAY, LEASE) is None
    assert message(session, Kind.REMINDER).sealed is None


def test_who_has_answered_is_not_reminded_and_the_address_is_erased_at_once(session: Session) -> None:
    token = letter(session)
    one_try(session, DELIVERED, WHEN)
    answer(session, token, WHEN + DAY)
    assert outbox.claim(session, SECRET, WHEN + 3 * DAY, LEASE) is None, "even before the outbox is swept"
    outbox.sweep(session, WHEN + DAY + MINUTE)
    reminder = message(session, Kind.REMINDER)
    assert (reminder.state, reminder.reason, reminder.sealed) == (State.DROPPED, Reason.ANSWERED, None)


def test_an_address_that_was_refused_is_not_reminded(session: Session) -> None:
    letter(session)
    one_try(session, REFUSED, WHEN)
    outbox.sweep(session, WHEN)
    reminder = message(session, Kind.REMINDER)
    assert (reminder.state, reminder.reason, reminder.sealed) == (State.DROPPED, Reason.FIRST_REFUSED, None)


def test_a_reminder_waits_until_the_invitation_before_it_has_ended(session: Session) -> None:
    letter(session)
    parcel = outbox.claim(session, SECRET, WHEN + 3 * DAY, LEASE)
    assert parcel is not None
    assert parcel.kind == Kind.INVITATION
    assert outbox.claim(session, SECRET, WHEN + 3 * DAY, LEASE) is None
    outbox.settle(session, parcel.id, parcel.attempt, DELIVERED, WHEN + 3 * DAY)
    assert outbox.claim(session, SECRET, WHEN + 3 * DAY, LEASE) is not None


def test_no_reminder_is_kept_where_none_is_wanted_or_it_would_come_too_late(session: Session) -> None:
    letter(session, reminder_days=0)
    letter(session, reminder_days=7)
    assert session.scalars(sa.select(Message.kind)).all() == [Kind.INVITATION] * 2


def test_a_token_that_is_not_ours_is_not_queued_and_one_of_ours_only_once(session: Session) -> None:
    token = letter(session)
    assert outbox.queue(session, SECRET, [Letter(new_token(), LINH)], WHEN, 3) == 0
    outbox.queue(session, SECRET, [Letter(token, Contact(Way.EMAIL, "other@example.vn"))], WHEN, 3)
    assert session.scalar(sa.select(sa.func.count()).select_from(Message)) == 2
    parcel = outbox.claim(session, SECRET, WHEN, LEASE)
    assert parcel is not None
    assert parcel.address == LINH.address


def test_what_was_sealed_under_another_secret_is_given_up_in_words(session: Session) -> None:
    letter(session, reminder_days=0)
    assert outbox.claim(session, SECRET + "another", WHEN, LEASE) is None
    assert (message(session).state, message(session).reason) == (State.FAILED, Reason.UNREADABLE)


def test_a_failed_transaction_queues_nothing(session: Session, look: Callable[..., list[object]]) -> None:
    letter(session)
    session.rollback()
    assert look(sa.select(Message.id)) == []


def test_many_senders_share_the_work_and_none_gets_what_another_has(app: Flask, session: Session) -> None:
    tokens = [factories.invitation(session, when=WHEN) for _ in range(40)]
    outbox.queue(session, SECRET, [Letter(token, LINH) for token in tokens], WHEN, 0)
    session.commit()
    taken: list[str] = []
    database = survey_of(app).database

    def work() -> None:
        while True:
            with database.session(writes=True) as mine:
                parcel = outbox.claim(mine, SECRET, WHEN, LEASE)
                mine.commit()
            if parcel is None:
                return
            taken.append(parcel.token)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(taken) == Counter(tokens)


def test_a_thousand_messages_under_random_faults_each_end_once_and_truly(session: Session, campaign: bool) -> None:
    """What the other side really did is kept beside, and what the outbox says is held against it."""
    chance = random.Random() if campaign else random.Random(11)
    tokens = [factories.invitation(session, when=WHEN) for _ in range(5000 if campaign else 500)]
    outbox.queue(session, SECRET, [Letter(token, LINH) for token in tokens], WHEN, 3)
    arrived: Counter[str] = Counter()
    at, keys = WHEN, dict[int, str]()
    while session.scalar(sa.select(sa.func.count()).where(Message.sealed.is_not(None))):
        outbox.sweep(session, at)
        while (parcel := outbox.claim(session, SECRET, at, LEASE)) is not None:
            assert keys.setdefault(parcel.id, parcel.key) == parcel.key
            fault = chance.choices(["yes", "no", "refused", "silent", "lost", "crash", "crash after"], [4, 4, 1, 1, 1, 1, 1])  # fmt: skip  # noqa: E501
            if fault[0] in ("yes", "lost", "crash after"):
                arrived[parcel.key] += 1
            outcome = {"yes": DELIVERED, "no": NOT_SENT, "refused": REFUSED, "silent": NOBODY_KNOWS, "lost": NOBODY_KNOWS}  # fmt: skip  # noqa: E501
            if fault[0] in outcome:
                outbox.settle(session, parcel.id, parcel.attempt, outcome[fault[0]], at)
        for token in chance.sample(tokens, 15) if at < WHEN + 7 * DAY else ():
            answer(session, token, at)
        at += dt.timedelta(hours=chance.choice((3, 9)))
    session.expire_all()
    everything = session.scalars(sa.select(Message)).all()
    assert len(everything) == 2 * len(tokens)
    states = Counter(each.state for each in everything)
    going_on = (State.QUEUED, State.SENDING, State.UNKNOWN)
    ends = Counter(session.scalars(sa.select(Transition.message_id).where(Transition.state.not_in(going_on))))
    assert set(states) <= {State.DELIVERED, State.REFUSED, State.FAILED, State.EXPIRED, State.UNKNOWN, State.DROPPED}
    assert {State.DELIVERED, State.REFUSED, State.UNKNOWN, State.DROPPED} <= set(states)
    for each in everything:
        if each.state == State.DELIVERED:
            assert arrived[each.key]
        elif each.state != State.UNKNOWN:
            assert not arrived[each.key], f"{each.state.name} says that it never arrived"
        assert ends[each.id] == (each.state != State.UNKNOWN)
