"""Invitations and reminders: whose turn it is, who gets none, and how long an address may be kept."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.delivery import csv_export, messages, queue
from survey.delivery.contact import Contact
from survey.delivery.messages import ClaimedMessage, NewMessage
from survey.delivery.queue import Outcome
from survey.models import AddressKind, Case, Delivery, Invitation, MessageKind, Reason, State
from survey.security.tokens import new_token
from tests.support import factories
from tests.support.factories import SECRET
from tests.support.sending.queued import (
    BY_PHONE,
    DAY,
    DELIVERED,
    HOUR,
    LINH,
    MINUTE,
    NOBODY_KNOWS,
    NOT_SENT,
    REFUSED,
    REMINDERS,
    WHEN,
    answer,
    claim,
    claimed_message,
    delivery,
    invite,
    life,
    one_try,
)

PHONES = Delivery.address_kind == AddressKind.PHONE


def test_a_claimed_message_says_where_and_what_and_is_taken_by_nobody_else(session: Session) -> None:
    token = invite(session)
    message = claimed_message(session, WHEN)
    assert (message.address, message.token, message.kind) == (LINH.address, token, MessageKind.INVITATION)
    assert message.province["en"] == "Vinh Long Province"
    assert LINH.address not in repr(message)
    assert token not in repr(message)
    assert claim(session, WHEN + MINUTE) is None


def test_an_address_is_erased_after_seven_days_whatever_happened(session: Session) -> None:
    invite(session)
    messages.sweep(session, WHEN + 7 * DAY - MINUTE)
    assert delivery(session).payload is not None
    assert claim(session, WHEN + 7 * DAY - MINUTE) is None, "no try may outlast the seven days"
    messages.sweep(session, WHEN + 7 * DAY)
    for kind in messages.KINDS:
        ended = delivery(session, kind)
        assert (ended.state, ended.reason, ended.payload) == (State.EXPIRED, Reason.DAYS_OVER, None)


def test_the_next_batch_that_is_queued_erases_what_is_too_old(session: Session) -> None:
    invite(session)
    old = delivery(session).id
    later = factories.invitation(session, when=WHEN + 8 * DAY)
    messages.add(session, SECRET, [NewMessage(later, LINH)], WHEN + 8 * DAY, 0)
    session.expire_all()
    assert session.get_one(Delivery, old).payload is None


def test_who_has_not_answered_is_reminded_once(session: Session) -> None:
    token = invite(session)
    one_try(session, DELIVERED, WHEN)
    assert claim(session, WHEN + 3 * DAY - MINUTE) is None
    claimed = claim(session, WHEN + 3 * DAY)
    assert claimed is not None
    reminder = messages.opened(session, SECRET, claimed)
    assert isinstance(reminder, ClaimedMessage) and (reminder.kind, reminder.token) == (MessageKind.REMINDER, token)
    assert reminder.key != delivery(session).key
    queue.settle(session, claimed.id, claimed.attempt, DELIVERED, WHEN + 3 * DAY)
    assert claim(session, WHEN + 6 * DAY) is None
    assert delivery(session, MessageKind.REMINDER).payload is None


def test_who_has_answered_is_not_reminded_and_the_address_is_erased_at_once(session: Session) -> None:
    token = invite(session)
    one_try(session, DELIVERED, WHEN)
    answer(session, token, WHEN + DAY)
    assert claim(session, WHEN + 3 * DAY) is None, "even before the queue is swept"
    messages.sweep(session, WHEN + DAY + MINUTE)
    reminder = delivery(session, MessageKind.REMINDER)
    assert (reminder.state, reminder.reason, reminder.payload) == (State.DROPPED, Reason.ANSWERED, None)


def test_an_address_that_was_refused_is_not_reminded(session: Session) -> None:
    invite(session)
    one_try(session, REFUSED, WHEN)
    messages.sweep(session, WHEN)
    reminder = delivery(session, MessageKind.REMINDER)
    assert (reminder.state, reminder.reason, reminder.payload) == (State.DROPPED, Reason.FIRST_REFUSED, None)


def test_after_days_of_a_stopped_sender_the_reminder_leaves_days_after_the_invitation(session: Session) -> None:
    invite(session)
    late = WHEN + 3 * DAY + 5 * MINUTE
    assert one_try(session, DELIVERED, late) == State.DELIVERED
    assert claim(session, late) is None, "not in the same second"
    assert claim(session, late + 3 * DAY - MINUTE) is None
    reminder = claim(session, late + 3 * DAY)
    assert reminder is not None and reminder.kind == MessageKind.REMINDER


def test_after_a_weekend_of_a_dead_mail_server_invitation_and_reminder_still_go_out(session: Session) -> None:
    invite(session)
    at = WHEN
    while at < WHEN + 3 * DAY:
        if (claimed := claim(session, at)) is not None:
            assert claimed.kind == MessageKind.INVITATION
            assert messages.settle(session, claimed, NOT_SENT, at) == State.QUEUED
        at += dt.timedelta(minutes=15)
        messages.sweep(session, at)
    back = WHEN + 3 * DAY + 4 * HOUR
    assert one_try(session, DELIVERED, back) == State.DELIVERED
    assert claim(session, back + 3 * DAY, REMINDERS) is not None


def test_a_reminder_that_would_come_after_the_answer_window_is_dropped_with_its_address(session: Session) -> None:
    invite(session)
    assert one_try(session, DELIVERED, WHEN + 5 * DAY) == State.DELIVERED
    reminder = delivery(session, MessageKind.REMINDER)
    assert (reminder.state, reminder.reason, reminder.payload) == (State.EXPIRED, Reason.DAYS_OVER, None)


@pytest.mark.parametrize("outcome", [NOBODY_KNOWS, Outcome(State.FAILED, Reason.UNREADABLE)], ids=["doubt", "failed"])
def test_who_has_not_certainly_been_asked_is_not_reminded(session: Session, outcome: Outcome) -> None:
    invite(session)
    one_try(session, outcome, WHEN)
    if outcome == NOBODY_KNOWS:
        one_try(session, outcome, WHEN + HOUR)
    assert delivery(session).payload is None
    assert claim(session, WHEN + 4 * DAY) is None, "even before the queue is swept"
    messages.sweep(session, WHEN + 4 * DAY)
    reminder = delivery(session, MessageKind.REMINDER)
    assert (reminder.state, reminder.reason, reminder.payload) == (State.DROPPED, Reason.NOT_ASKED, None)


def test_who_was_invited_by_a_file_is_reminded_days_after_it_was_written(session: Session) -> None:
    invite(session)
    assert len(list(csv_export.handed_over(session, SECRET, WHEN + DAY))) == 1
    assert claim(session, WHEN + 4 * DAY - MINUTE) is None
    assert claim(session, WHEN + 4 * DAY, REMINDERS) is not None


def code_of(session: Session) -> bytes:
    return session.scalars(sa.select(Case.code_hash).join(Invitation).join(Delivery)).first() or b""


def test_a_corrected_address_gets_what_still_waits_under_a_new_key(session: Session) -> None:
    token = invite(session)
    assert one_try(session, NOBODY_KNOWS, WHEN) == State.UNKNOWN
    old, code = delivery(session).key, code_of(session)
    assert messages.correct(session, SECRET, {code: LINH}, WHEN) == set(), "the same address changes nothing"
    assert messages.correct(session, SECRET, {code: BY_PHONE, b"another": LINH}, WHEN) == {code}
    message = claimed_message(session, WHEN, PHONES)
    assert (message.address, message.token) == (BY_PHONE.address, token)
    assert message.key != old, "a gateway would take it for the message to the old address"
    assert delivery(session).doubts == 0
    assert messages.correct(session, SECRET, {code: LINH}, WHEN) == {code}, "the reminder, but not what is being sent"
    assert delivery(session).address_kind == AddressKind.PHONE
    assert delivery(session, MessageKind.REMINDER).address_kind == AddressKind.EMAIL


def test_a_corrected_address_comes_too_late_for_what_was_sent(session: Session) -> None:
    invite(session, reminder_days=0)
    assert one_try(session, DELIVERED, WHEN) == State.DELIVERED
    assert messages.correct(session, SECRET, {code_of(session): BY_PHONE}, WHEN) == set()


def test_no_reminder_is_kept_where_none_is_wanted_or_it_would_come_too_late(session: Session) -> None:
    invite(session, reminder_days=0)
    invite(session, reminder_days=7)
    assert session.scalars(sa.select(Delivery.kind)).all() == [MessageKind.INVITATION] * 2


def test_a_token_that_is_not_ours_is_not_queued_and_one_of_ours_only_once(session: Session) -> None:
    token = invite(session)
    assert messages.add(session, SECRET, [NewMessage(new_token(), LINH)], WHEN, 3) == 0
    messages.add(session, SECRET, [NewMessage(token, Contact(AddressKind.EMAIL, "other@example.vn"))], WHEN, 3)
    assert session.scalar(sa.select(sa.func.count()).select_from(Delivery)) == 2
    assert claimed_message(session, WHEN).address == LINH.address


def test_what_was_sealed_under_another_secret_is_not_opened(session: Session) -> None:
    invite(session, reminder_days=0)
    claimed = claim(session, WHEN)
    assert claimed is not None
    assert messages.opened(session, SECRET + "another", claimed) == Outcome(State.FAILED, Reason.UNREADABLE)


def invite_for(session: Session, days: int, when: dt.datetime = WHEN) -> int:
    token = factories.invitation(session, when=WHEN, days=days)
    return messages.add(session, SECRET, [NewMessage(token, LINH)], when, 3)


def test_an_address_is_kept_for_seven_days_however_long_the_link_is_open(session: Session) -> None:
    invite_for(session, days=30)
    assert delivery(session).expires_at == WHEN + 7 * DAY
    messages.sweep(session, WHEN + 7 * DAY - MINUTE)
    assert delivery(session).payload is not None
    messages.sweep(session, WHEN + 7 * DAY)
    assert (delivery(session).payload, delivery(session).state) == (None, State.EXPIRED)


def test_an_address_is_kept_no_longer_than_its_link_is_open(session: Session) -> None:
    invite_for(session, days=2)
    assert delivery(session).expires_at == WHEN + 2 * DAY


def test_nobody_is_written_to_about_a_link_that_has_closed(session: Session) -> None:
    assert invite_for(session, days=2, when=WHEN + 2 * DAY) == 0
    assert session.scalar(sa.select(sa.func.count(Delivery.id))) == 0


def test_addresses_that_nobody_erased_in_time_are_counted(session: Session) -> None:
    invite_for(session, days=2)
    invite_for(session, days=7)
    counted = [queue.overdue(session, WHEN + after) for after in (2 * DAY - MINUTE, 2 * DAY, 7 * DAY)]
    assert counted == [0, 1, 3]  # a reminder after three days is due only where the link is open for seven
    queue.sweep(session, WHEN + 7 * DAY)
    assert queue.overdue(session, WHEN + 7 * DAY) == 0


def test_a_reminder_waits_for_its_own_invitation_only(session: Session) -> None:
    first = invite(session)
    assert one_try(session, DELIVERED, WHEN) == State.DELIVERED
    invite(session, BY_PHONE)  # stays queued
    assert claimed_message(session, WHEN + 3 * DAY, REMINDERS).token == first
    assert claim(session, WHEN + 3 * DAY, REMINDERS) is None


def test_a_sender_gets_what_goes_its_way_only(session: Session) -> None:
    invite(session)
    assert claim(session, WHEN, PHONES) is None
    invite(session, BY_PHONE)
    assert claimed_message(session, WHEN, PHONES).address == BY_PHONE.address


def test_a_reminder_that_is_being_sent_is_not_dropped_under_its_sender(session: Session) -> None:
    token = invite(session)
    one_try(session, DELIVERED, WHEN)
    reminder = claim(session, WHEN + 3 * DAY)
    assert reminder is not None
    answer(session, token, WHEN + 3 * DAY)
    messages.sweep(session, WHEN + 3 * DAY)
    assert delivery(session, MessageKind.REMINDER).state == State.SENDING
    late = WHEN + 3 * DAY + MINUTE
    assert queue.settle(session, reminder.id, reminder.attempt, DELIVERED, late) == State.DELIVERED


def test_what_is_exported_is_handed_over_once_and_what_cannot_be_opened_is_not(session: Session) -> None:
    token = invite(session, reminder_days=0)
    (message,) = csv_export.handed_over(session, SECRET, WHEN)
    assert (message.token, message.address) == (token, LINH.address)
    exported = delivery(session)
    assert (exported.state, exported.payload) == (State.EXPORTED, None)
    assert life(session, exported.id) == [(State.SENDING, None, 1), (State.EXPORTED, None, 1)]
    assert list(csv_export.handed_over(session, SECRET, WHEN)) == []
    invite(session, BY_PHONE, reminder_days=0)
    assert list(csv_export.handed_over(session, SECRET + "another", WHEN)) == []
    lost = session.scalars(sa.select(Delivery).where(PHONES)).one()
    assert (lost.state, lost.reason, lost.payload) == (State.FAILED, Reason.UNREADABLE, None)


def test_what_may_have_arrived_is_not_exported(session: Session) -> None:
    invite(session, reminder_days=0)
    assert one_try(session, NOBODY_KNOWS, WHEN) == State.UNKNOWN
    assert list(csv_export.handed_over(session, SECRET, WHEN + DAY)) == []
