"""Letters of apology on their way: through the one queue, to a real mail server and gateway, and never needlessly."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.delivery import letters as on_their_way
from survey.delivery import queue
from survey.models import AddressKind, Delivery, MessageKind, Reason, State
from survey.periods import local_day, now
from survey.settings import Settings
from tests.support.apologies import BOTH, LAN, approver, desk, late_case, letters, tell
from tests.support.sending.mail import MailServer
from tests.support.sending.phones import PhoneGateway
from tests.support.sending.queued import LEASE, Rounds

LETTER = Delivery.kind == MessageKind.LETTER
DAY = dt.timedelta(days=1)
pytestmark = pytest.mark.usefixtures("vietnamese")


def days() -> dict[str, dt.date]:
    today = local_day(now())
    return {"received": today - 20 * DAY, "due": today - 8 * DAY, "finished": today - DAY}


def approve(session: Session, contact: str = LAN, **about: object) -> None:
    """Draft a letter, approve it, and commit; whoever was invited is left out of the round."""
    at = desk(session)
    tell(session, late_case(contact=contact, **days(), **about), when=now())
    for letter in letters(session):
        approver(session, at, now())(letter)
    queue.end(session, sa.not_(LETTER), State.DROPPED, Reason.NOT_ASKED, now())
    session.commit()


def state(session: Session) -> tuple[State, Reason | None]:
    session.expire_all()
    row = session.scalars(sa.select(Delivery).where(LETTER)).one()
    standing = row.state, row.reason
    assert (row.payload is None) == (row.state > State.UNKNOWN)
    session.rollback()
    return standing


def test_a_letter_goes_by_e_mail_once(session: Session, mail: MailServer, patient: Settings, rounds: Rounds) -> None:
    approve(session)
    assert rounds(patient) == {State.DELIVERED: 1} and rounds(patient) == {}
    [email] = mail.received
    assert (email["To"], email["Subject"]) == (LAN, "Thư xin lỗi về việc giải quyết hồ sơ trễ hẹn")
    assert "Ủy ban nhân dân phường Trà Vinh" in email["From"] and email["List-Unsubscribe"] is None
    assert "thành thật xin lỗi" in email.get_content() and "/r/" not in email.get_content()
    assert state(session) == (State.DELIVERED, None)


def test_a_letter_goes_to_a_phone_in_the_language_of_the_case(
    session: Session, phones: PhoneGateway, patient: Settings, rounds: Rounds
) -> None:
    approve(session, "0912345678", language="en")
    assert rounds(patient) == {State.DELIVERED: 1}
    [(_path, _headers, sent)] = phones.requests
    assert sent["to"] == "+84912345678" and "We sincerely apologise for this delay" in sent["text"]
    assert "People's Committee of Tra Vinh Ward" in sent["text"]


def test_a_worker_that_dies_between_leaves_the_letter_to_be_sent_again_under_the_same_key(
    session: Session, mail: MailServer, patient: Settings, rounds: Rounds
) -> None:
    approve(session)
    claimed = queue.claim(session, now(), LEASE, LETTER)
    assert claimed is not None
    session.commit()  # and the worker is no more
    assert rounds(patient) == {} and state(session)[0] == State.SENDING
    assert rounds(patient, 2 * LEASE) == {} and state(session) == (State.UNKNOWN, Reason.CRASH)
    assert rounds(patient, 3 * LEASE) == {State.DELIVERED: 1}
    assert claimed.key in mail.received[0]["Message-ID"] and len(mail.received) == 1


@pytest.mark.parametrize(
    ("correction", "reason"),
    [
        ({"withdrawn": local_day(now()), "withdrawal_told": True}, Reason.WITHDRAWN),
        ({"due": local_day(now())}, Reason.IN_TIME),
        ({"due": None}, Reason.IN_TIME),
    ],
)
def test_a_letter_about_a_case_that_is_corrected_after_it_was_approved_never_leaves(
    session: Session,
    mail: MailServer,
    patient: Settings,
    rounds: Rounds,
    correction: dict[str, object],
    reason: Reason,
) -> None:
    approve(session)
    tell(session, late_case(contact=None, **{**days(), **correction}), when=now())
    session.commit()
    assert queue.claim(session, now(), LEASE, on_their_way.ready(patient)) is None
    session.rollback()
    assert rounds(patient) == {} and not mail.received
    assert state(session) == (State.DROPPED, reason)


def test_a_letter_never_goes_through_a_gateway_that_takes_no_words(
    session: Session, phones: PhoneGateway, patient: Settings, rounds: Rounds
) -> None:
    approve(session, "0912345678")
    template = dataclasses.replace(patient, gateway_body='{"to": "{phone}", "url": "{link}"}')
    assert rounds(template) == {} and not phones.requests and state(session)[0] == State.QUEUED
    assert rounds(template, 8 * DAY) == {} and state(session) == (State.EXPIRED, Reason.DAYS_OVER)


def test_letters_go_where_something_carries_them(patient: Settings) -> None:
    assert on_their_way.ways(patient) == BOTH
    no_mail = dataclasses.replace(patient, smtp_host="")
    assert on_their_way.ways(no_mail) == {AddressKind.PHONE}
    assert on_their_way.ways(dataclasses.replace(no_mail, gateway_url="")) == frozenset()
