"""Whose turn it is in the outbox, and how long an address may be kept."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.delivery import outbox
from survey.delivery.contact import Contact
from survey.delivery.outbox import Letter, Outcome
from survey.models import Kind, Message, Reason, State, Way
from tests.delivery.test_outbox import DAY, DELIVERED, LEASE, LINH, MINUTE, WHEN, answer, letter, life, message, one_try
from tests.support import factories
from tests.support.factories import SECRET

BY_PHONE = Contact(Way.PHONE, "+84912345678")


def queue(session: Session, days: int, when: dt.datetime = WHEN) -> int:
    token = factories.invitation(session, when=WHEN, days=days)
    return outbox.queue(session, SECRET, [Letter(token, LINH)], when, 3)


def test_an_address_is_kept_for_seven_days_however_long_the_link_is_open(session: Session) -> None:
    queue(session, days=30)
    assert message(session).erase_at == WHEN + 7 * DAY
    outbox.sweep(session, WHEN + 7 * DAY - MINUTE)
    assert message(session).sealed is not None
    outbox.sweep(session, WHEN + 7 * DAY)
    assert (message(session).sealed, message(session).state) == (None, State.EXPIRED)


def test_an_address_is_kept_no_longer_than_its_link_is_open(session: Session) -> None:
    queue(session, days=2)
    assert message(session).erase_at == WHEN + 2 * DAY


def test_nobody_is_written_to_about_a_link_that_has_closed(session: Session) -> None:
    assert queue(session, days=2, when=WHEN + 2 * DAY) == 0
    assert session.scalar(sa.select(sa.func.count(Message.id))) == 0


def test_addresses_that_nobody_erased_in_time_are_counted(session: Session) -> None:
    queue(session, days=2)
    queue(session, days=7)
    counted = [outbox.overdue(session, WHEN + after) for after in (2 * DAY - MINUTE, 2 * DAY, 7 * DAY)]
    assert counted == [0, 1, 3]  # a reminder after three days is due only where the link is open for seven
    outbox.sweep(session, WHEN + 7 * DAY)
    assert outbox.overdue(session, WHEN + 7 * DAY) == 0


def test_a_reminder_waits_for_its_own_invitation_only(session: Session) -> None:
    first = letter(session)
    assert one_try(session, DELIVERED, WHEN) == State.DELIVERED
    letter(session, BY_PHONE)  # stays queued
    due = outbox.claim(session, SECRET, WHEN + 3 * DAY, LEASE, kinds=[Kind.REMINDER])
    assert due is not None and due.token == first
    assert outbox.claim(session, SECRET, WHEN + 3 * DAY, LEASE, kinds=[Kind.REMINDER]) is None


def test_a_sender_gets_what_goes_its_way_only(session: Session) -> None:
    letter(session)
    assert outbox.claim(session, SECRET, WHEN, LEASE, ways=[Way.PHONE]) is None
    letter(session, BY_PHONE)
    taken = outbox.claim(session, SECRET, WHEN, LEASE, ways=[Way.PHONE])
    assert taken is not None and taken.address == BY_PHONE.address


def test_a_claim_that_ran_out_is_first_said_to_be_unknown(session: Session) -> None:
    letter(session)
    assert outbox.claim(session, SECRET, WHEN, LEASE) is not None
    assert outbox.claim(session, SECRET, WHEN + LEASE, LEASE) is None
    outbox.sweep(session, WHEN + LEASE)
    assert message(session).state == State.UNKNOWN


def test_a_reminder_that_is_being_sent_is_not_dropped_under_its_sender(session: Session) -> None:
    token = letter(session)
    one_try(session, DELIVERED, WHEN)
    reminder = outbox.claim(session, SECRET, WHEN + 3 * DAY, LEASE)
    assert reminder is not None
    answer(session, token, WHEN + 3 * DAY)
    outbox.sweep(session, WHEN + 3 * DAY)
    assert message(session, Kind.REMINDER).state == State.SENDING
    late = WHEN + 3 * DAY + MINUTE
    assert outbox.settle(session, reminder.id, reminder.attempt, DELIVERED, late) == State.DELIVERED


def test_what_is_exported_is_handed_over_once_and_what_cannot_be_opened_is_not(session: Session) -> None:
    token = letter(session, reminder_days=0)
    (parcel,) = outbox.export(session, SECRET, WHEN)
    assert (parcel.token, parcel.address) == (token, LINH.address)
    exported = message(session)
    assert (exported.state, exported.sealed, life(session, exported.id)) == (
        State.EXPORTED,
        None,
        [(State.EXPORTED, None, 0)],
    )
    assert list(outbox.export(session, SECRET, WHEN)) == []
    letter(session, BY_PHONE, reminder_days=0)
    assert list(outbox.export(session, SECRET + "another", WHEN)) == []
    lost = session.scalars(sa.select(Message).where(Message.way == Way.PHONE)).one()
    assert (lost.state, lost.reason, lost.sealed) == (State.FAILED, Reason.UNREADABLE, None)


def test_what_may_have_arrived_is_not_exported(session: Session) -> None:
    letter(session, reminder_days=0)
    assert one_try(session, Outcome(State.UNKNOWN, Reason.CLOSED), WHEN) == State.UNKNOWN
    assert list(outbox.export(session, SECRET, WHEN + DAY)) == []
