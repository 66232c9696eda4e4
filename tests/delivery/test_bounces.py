"""What comes back: a report takes its message out of what was delivered, and a dead address gets no more."""

from __future__ import annotations

import dataclasses
import imaplib
import mailbox
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from survey.delivery import bounce_mailbox, bounces, dead_addresses, delivery_reports, message_reference
from survey.models import DeadAddress, Delivery, MessageKind, Reason, State
from survey.periods import now
from survey.settings import Settings, SettingsError
from survey.web.survey import survey_of
from tests.support.commands import hailong
from tests.support.factories import SECRET
from tests.support.sending.imap import ImapServer
from tests.support.sending.mail import MailServer
from tests.support.sending.queued import LINH, Rounds, invite_all
from tests.support.sending.reports import FORMS, ORDINARY, report

Look = Callable[..., list[Any]]
OTHER = "mai.tran@example.vn"


@pytest.fixture
def sent(session: Session, mail: MailServer, patient: Settings, rounds: Rounds) -> EmailMessage:
    """An invitation that the mail server has taken, as it was received."""
    invite_all(session, LINH.address)
    assert rounds(patient) == {State.DELIVERED: 1}
    return mail.received[0]


def take(session: Session, content: bytes) -> int:
    number = bounces.take(session, SECRET, content, now())
    session.commit()
    return number


@pytest.mark.parametrize("form", FORMS)
def test_a_report_turns_delivered_to_refused_and_nothing_more_goes_to_a_dead_address(
    session: Session, mail: MailServer, sent: EmailMessage, patient: Settings, rounds: Rounds, look: Look, form: str
) -> None:
    # A report without our message's headers proves its address by the one that it names.
    assert take(session, report(sent, form=form)) == 1
    assert take(session, report(sent, form=form)) == 0, "told twice, it came back once"
    row = sa.select(Delivery.state, Delivery.reason, Delivery.delivered_at).where(
        Delivery.kind == MessageKind.INVITATION
    )
    assert look(row) == [(State.REFUSED, Reason.RETURNED, None)]
    [(kept,)] = look(sa.select(DeadAddress.address_hash))
    assert b"linh" not in kept
    invite_all(session, LINH.address.upper(), OTHER, reminder_days=0)
    assert rounds(patient) == {State.REFUSED: 1, State.DELIVERED: 1}
    assert [message["To"] for message in mail.received] == [LINH.address, OTHER]
    reasons = look(sa.select(Delivery.reason).where(Delivery.reason.is_not(None)).order_by(Delivery.id))
    assert [reason for (reason,) in reasons] == [Reason.RETURNED, Reason.FIRST_REFUSED, Reason.DEAD]


def test_dead_addresses_in_a_row_hold_up_nobody(
    session: Session, sent: EmailMessage, patient: Settings, rounds: Rounds
) -> None:
    take(session, report(sent))
    invite_all(session, *[LINH.address] * 7, OTHER, reminder_days=0)
    assert rounds(patient) == {State.REFUSED: 7, State.DELIVERED: 1}


@pytest.mark.parametrize(
    ("status", "action", "turned", "dead"),
    [
        ("5.1.1", "failed", 1, 1),
        ("5.1.10", "Failed", 1, 1),
        ("5.2.1", "failed", 1, 1),
        ("5.1.1 (bad mailbox)", "failed (expanded)", 1, 1),
        ("5.2.2", "failed", 1, 0),
        ("5.7.1", "failed", 1, 0),
        ("4.4.7", "failed", 1, 0),
        ("5.1.8", "failed", 1, 0),
        ("", "failed", 1, 0),
        ("4.2.2", "delayed", 0, 0),
        ("2.0.0", "delivered", 0, 0),
        ("2.1.5", "relayed", 0, 0),
    ],
)
def test_only_a_final_failure_comes_back_and_only_no_such_address_is_dead(
    session: Session, sent: EmailMessage, look: Look, status: str, action: str, turned: int, dead: int
) -> None:
    assert take(session, report(sent, status, action)) == turned
    assert len(look(sa.select(DeadAddress.address_hash))) == dead


def test_a_forged_report_closes_no_strangers_address(session: Session, sent: EmailMessage) -> None:
    """Whoever got a message knows its reference; he may give up his own, and nobody else's."""
    forged = report(sent, recipient=OTHER).replace(LINH.address.encode(), OTHER.encode())
    take(session, forged)
    assert not dead_addresses.is_dead(session, SECRET, OTHER)
    assert not dead_addresses.is_dead(session, SECRET, LINH.address)


def any_message() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "khaosat@example.vn", LINH.address
    message["Message-ID"] = f"<{message_reference.write(SECRET, 'k' * 24, LINH.address)}@example.vn>"
    return message


@given(st.sampled_from(FORMS), st.integers(0, 1500), st.integers(0, 1500), st.binary(max_size=40))
@settings_of_hypothesis(max_examples=150, deadline=None)
def test_whatever_is_handed_over_as_an_e_mail_is_read_without_a_fault(
    form: str, first: int, last: int, instead: bytes
) -> None:
    whole = report(any_message(), form=form)
    assert len(delivery_reports.read(whole)) == 1
    for failed in delivery_reports.read(whole[:first] + instead + whole[last:]):
        assert len(failed.reference[0]) == 24
    assert delivery_reports.read(instead) == []


@pytest.fixture(params=["imap", "maildir"])
def box(request: pytest.FixtureRequest, tmp_path: Path, sent: EmailMessage, patient: Settings) -> Any:
    """A mailbox with a report between two letters of people: the settings that name it, and which mails are read."""
    mails = (ORDINARY, report(sent), ORDINARY)
    if request.param == "imap":
        with ImapServer(*mails) as server:
            yield dataclasses.replace(patient, bounces=server.url, bounces_password="open sesame"), lambda: server.seen
        return
    folder = mailbox.Maildir(tmp_path / "bounces")
    keys = [folder.add(mail) for mail in mails]

    def seen() -> set[int]:
        return {number for number, key in enumerate(keys, 1) if "S" in folder[key].get_flags()}

    yield dataclasses.replace(patient, bounces=str(tmp_path / "bounces")), seen


def test_reports_are_read_from_a_mailbox_once_and_what_people_wrote_is_left_alone(app: Flask, box: Any) -> None:
    reading, seen = box
    database = survey_of(app).database
    assert bounces.collect(database, reading) == 1
    assert seen() == {2}
    assert bounces.collect(database, reading) == 0


def test_a_report_that_could_not_be_recorded_stays_unread(
    app: Flask, box: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, seen = box

    def fail(*_: object) -> int:
        raise OSError("the database is away")

    monkeypatch.setattr(bounces, "take", fail)
    with pytest.raises(OSError, match="away"):
        bounces.collect(survey_of(app).database, reading)
    assert seen() == set()


def test_a_mailbox_that_refuses_us_says_so(settings: Settings) -> None:
    with ImapServer() as server:
        box = bounce_mailbox.of(dataclasses.replace(settings, bounces=server.url, bounces_password="wrong"))
        assert box is not None
        with pytest.raises(imaplib.IMAP4.error, match="wrong password"):
            list(box.unread())


@pytest.mark.parametrize(
    "wrong",
    [
        "imap://khaosat@mail.example.vn/INBOX",
        "imaps://mail.example.vn",
        "imaps://a@b:x/",
        "bounces",
        "/nowhere",
        "pop3://a@b",
    ],
)
def test_a_mailbox_that_makes_no_sense_is_named(wrong: str) -> None:
    with pytest.raises(SettingsError, match="HAILONG_BOUNCES"):
        bounce_mailbox.of(Settings("sqlite://", SECRET, bounces=wrong))


def test_a_mail_server_hands_a_report_to_the_command(sent: EmailMessage, patient: Settings, look: Look) -> None:
    environ = {
        "DATABASE_URL": patient.database_url,
        "SECRET_KEY": SECRET,
        "HAILONG_INSTANCE": str(patient.instance),
        "HAILONG_LANGUAGE": "en",
        "PATH": "/usr/bin:/bin",
    }
    for content, told in ((report(sent), "1 message came back."), (ORDINARY, "0 messages came back.")):
        done = hailong("bounces", environ=environ, given=content)
        assert (done.returncode, done.stdout.strip()) == (0, told), done.stderr
    states = look(sa.select(Delivery.state).where(Delivery.kind == MessageKind.INVITATION))
    assert states == [(State.REFUSED,)]
