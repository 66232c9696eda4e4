"""E-mail through a real server that misbehaves: nothing is lost, and every state tells the truth."""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import quopri
import re
import time
from concurrent.futures import ThreadPoolExecutor
from email.header import decode_header, make_header

import pytest
from hypothesis import example, given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from survey.delivery import email, worker
from survey.delivery.email import Email
from survey.delivery.message_text import WrittenMessage
from survey.models import Reason, State
from survey.settings import Settings, SettingsError
from tests.support.factories import SECRET
from tests.support.sending.certificate import authority
from tests.support.sending.mail import MailServer, free_port, until
from tests.support.sending.queued import HOUR, LINH, PUBLIC, Rounds, invite_all, stands


def test_an_e_mail_is_polite_bilingual_plain_and_tells_nothing_of_the_case(
    session: Session, mail: MailServer, reach: Settings, rounds: Rounds
) -> None:
    (token,) = invite_all(session, LINH.address)
    assert rounds(reach) == {State.DELIVERED: 1}
    (sent,) = mail.received
    assert sent.get_content_type() == "multipart/alternative"
    plain = sent.get_body(("plain",))
    assert plain is not None
    text = plain.get_content()
    assert (sent["To"], sent["Auto-Submitted"]) == (LINH.address, "auto-generated")
    assert str(sent["From"]) == "Ủy ban nhân dân tỉnh Vĩnh Long <khaosat@example.vn>"
    assert sent["Subject"] == "Xin ý kiến về dịch vụ công / Your opinion on a public service"
    assert text.count(f"{PUBLIC}/r/{token}") == 2
    assert text.index("Kính gửi Ông/Bà,") < text.index("Dear Sir or Madam,")
    assert "Vinh Long Province" in text
    assert "khai sinh" not in text, "what it was about is nobody else's business"
    assert not {"List-Unsubscribe", "Disposition-Notification-To", "X-Mailer"} & set(sent.keys())


@pytest.mark.parametrize(
    ("stage", "reply", "state", "reason", "arrived"),
    [
        ("mail", "451 later", State.QUEUED, Reason.BUSY, 0),
        ("mail", "550 not from you", State.QUEUED, Reason.SETUP, 0),
        ("mail", "dead", State.QUEUED, Reason.TIMEOUT, 0),
        ("rcpt", "450 greylisted", State.QUEUED, Reason.BUSY, 0),
        ("rcpt", "550 nobody here", State.REFUSED, Reason.ADDRESS, 0),
        ("rcpt", "dead", State.QUEUED, Reason.TIMEOUT, 0),
        ("rcpt", "close", State.QUEUED, Reason.CLOSED, 0),
        ("data", "452 full", State.QUEUED, Reason.BUSY, 0),
        ("data", "554 not such a text", State.REFUSED, Reason.CONTENT, 0),
        ("data", "dead", State.UNKNOWN, Reason.TIMEOUT, 1),
        ("data", "close", State.UNKNOWN, Reason.CLOSED, 1),
    ],
)
def test_every_way_in_which_a_mail_server_fails_is_told_truly_and_nothing_is_lost(
    session: Session,
    mail: MailServer,
    reach: Settings,
    rounds: Rounds,
    stage: str,
    reply: str,
    state: State,
    reason: Reason,
    arrived: int,
) -> None:
    invite_all(session, LINH.address)
    mail.at[stage] = reply
    assert rounds(reach) == {state: 1}
    assert stands(session) == (state, reason)
    assert len(mail.received) == arrived
    mail.at.clear()
    if state == State.REFUSED:
        assert rounds(reach, HOUR) == {}
        return
    assert rounds(reach, HOUR) == {State.DELIVERED: 1}
    assert len({sent["Message-ID"] for sent in mail.received}) == 1
    assert len({sent.as_bytes() for sent in mail.received}) == 1, "the same at every try"


def test_no_mail_server_at_all_leaves_the_message_queued(session: Session, reach: Settings, rounds: Rounds) -> None:
    invite_all(session, LINH.address)
    assert rounds(dataclasses.replace(reach, smtp_port=free_port())) == {State.QUEUED: 1}
    assert stands(session) == (State.QUEUED, Reason.UNREACHABLE)
    assert rounds(reach, HOUR) == {State.DELIVERED: 1}


def test_starttls_and_the_account_are_used_and_never_given_up_for_a_clear_line(
    session: Session, settings: Settings, rounds: Rounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    invite_all(session, LINH.address)
    context, trusted = authority(settings.instance)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    there = dataclasses.replace(
        settings,
        public_url=PUBLIC,
        smtp_host="localhost",
        smtp_login="khaosat",
        smtp_password="open sesame",
        mail_from="khaosat@example.vn",
        send_seconds=5,
    )
    server = MailServer(tls_context=context, auth_require_tls=True, auth_required=True)
    server.controller.SMTP_kwargs["authenticator"] = server.authenticate
    with server, MailServer() as bare:
        assert rounds(dataclasses.replace(there, smtp_port=bare.port)) == {State.QUEUED: 1}
        assert stands(session) == (State.QUEUED, Reason.SETUP)
        wrong = dataclasses.replace(there, smtp_port=server.port, smtp_password="open says me")
        assert rounds(wrong, HOUR) == {State.QUEUED: 1}
        assert stands(session) == (State.QUEUED, Reason.SIGN_IN)
        monkeypatch.delenv("SSL_CERT_FILE")
        assert rounds(dataclasses.replace(there, smtp_port=server.port), 2 * HOUR) == {State.QUEUED: 1}
        assert stands(session) == (State.QUEUED, Reason.SETUP), "a certificate that nobody vouches for"
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        assert rounds(dataclasses.replace(there, smtp_port=server.port), 3 * HOUR) == {State.DELIVERED: 1}
        assert (server.logins[-1], len(server.received), len(bare.received)) == ("khaosat", 1, 0)


def test_mail_goes_in_clear_to_the_own_machine_only(reach: Settings) -> None:
    assert (reach.smtp_host, reach.smtp_security) == ("127.0.0.1", "none")
    Email(reach)
    with pytest.raises(SettingsError, match="another machine"):
        Email(dataclasses.replace(reach, smtp_host="mail.example.vn"))


@pytest.mark.parametrize(
    ("reply", "state", "reason"),
    [
        ("530 sign in first", State.QUEUED, Reason.SETUP),
        ("535 wrong password", State.QUEUED, Reason.SETUP),
        ("554 Relay access denied", State.QUEUED, Reason.SETUP),
        ("550 5.7.1 not for you", State.QUEUED, Reason.SETUP),
        ("550 5.4.5 enough for today", State.QUEUED, Reason.BUSY),
        ("550 5.1.1 nobody here", State.REFUSED, Reason.ADDRESS),
        ("554 5.1.1 nobody here", State.REFUSED, Reason.ADDRESS),
        ("550 5.1.8 not from there", State.QUEUED, Reason.SETUP),
        ("553 no such address", State.REFUSED, Reason.ADDRESS),
    ],
)
def test_a_mail_server_that_takes_nothing_from_us_has_not_refused_an_address(
    session: Session, mail: MailServer, patient: Settings, rounds: Rounds, reply: str, state: State, reason: Reason
) -> None:
    invite_all(session, LINH.address)
    mail.at["rcpt"] = reply
    assert rounds(patient) == {state: 1}
    assert stands(session) == (state, reason)
    mail.at.clear()
    assert rounds(patient, HOUR) == ({} if state == State.REFUSED else {State.DELIVERED: 1})


def test_one_wrong_setting_at_the_mail_server_loses_nothing(
    session: Session, mail: MailServer, patient: Settings, rounds: Rounds
) -> None:
    invite_all(session, *[LINH.address] * 12)
    mail.at["rcpt"] = "554 5.7.1 Relay access denied"
    assert rounds(patient) == {State.QUEUED: 5}
    mail.at.clear()
    assert rounds(patient, HOUR) == {State.DELIVERED: 12}


def test_a_mail_server_may_take_its_time_after_the_text(
    session: Session, mail: MailServer, reach: Settings, rounds: Rounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert email.LAST_WORD_SECONDS < 1
    monkeypatch.undo()
    assert email.LAST_WORD_SECONDS >= 600, "RFC 5321, 4.5.3.2.6"
    invite_all(session, LINH.address)
    mail.at["data"] = "slow"
    assert rounds(reach) == {State.DELIVERED: 1}
    assert len(mail.received) == 1


def test_a_mail_server_that_takes_nearly_all_of_its_time_gets_one_copy_however_many_senders_there_are(
    session: Session, mail: MailServer, reach: Settings, rounds: Rounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten minutes are six seconds here, and each try to send is to take a tenth of one; the server takes over four."""
    for module in (email, worker):
        monkeypatch.setattr(module, "LAST_WORD_SECONDS", 6.0)
    invite_all(session, LINH.address, reminder_days=0)
    mail.at["data"], mail.takes = "slow", 4.5
    with ThreadPoolExecutor() as pool:
        first = pool.submit(rounds, reach)
        until(lambda: bool(mail.received))
        began = time.monotonic()
        others = []
        while not first.done():
            # What a sender would do whose clock is as far ahead as the claim may still hold.
            others.append(rounds(reach, dt.timedelta(seconds=time.monotonic() - began)))
            time.sleep(0.3)
    assert first.result() == {State.DELIVERED: 1}
    assert len(others) > 3 and not any(others)
    assert rounds(reach, HOUR) == {}
    assert len(mail.received) == 1


def test_a_mail_server_that_never_says_whether_it_took_the_text_gets_two_copies_and_no_third(
    session: Session, mail: MailServer, reach: Settings, rounds: Rounds
) -> None:
    invite_all(session, LINH.address, reminder_days=0)
    mail.at["data"] = "close"
    assert [rounds(reach, i * HOUR) for i in range(4)] == [{State.UNKNOWN: 1}, {State.UNKNOWN: 1}, {}, {}]
    assert len(mail.received) == 2


PRINTED = st.text(st.characters(exclude_categories=["C", "Z"], include_characters=" "), min_size=1, max_size=300)
LONG = "Thư nhắc: xin ý kiến của Ông/Bà về dịch vụ công trực tuyến vừa sử dụng tại Ủy ban nhân dân xã Trường Long Hòa"


def decoded(line: str) -> str:
    """Read a header back by the words of RFC 2047, apart from Python's own parsers."""
    words = re.findall(r"=\?utf-8\?([bq])\?([^?]*)\?=", line, re.IGNORECASE)
    content = b"".join(
        base64.b64decode(text) if way in "bB" else quopri.decodestring(text, header=True) for way, text in words
    )
    return content.decode()


@given(PRINTED, PRINTED)
@example(LONG, LONG)
@example(LONG[:38] + "  " + LONG, "a" * 300)
@settings_of_hypothesis(max_examples=150, deadline=None)
def test_whatever_stands_in_subject_and_name_arrives_as_written_in_lines_that_servers_take(
    subject: str, name: str
) -> None:
    subject, name = subject.strip() or "x", name.strip() or "x"
    when = dt.datetime(2026, 10, 5, tzinfo=dt.UTC)
    message = WrittenMessage("k" * 24, when, LINH.address, "", name, subject, "", {})
    content = Email(Settings("sqlite://", SECRET, mail_from="khaosat@example.vn")).composed(message)
    assert content.isascii()
    head = content.decode().partition("\r\n\r\n")[0]
    lines = head.split("\r\n")
    assert max(map(len, lines)) <= 78
    headers = dict(line.split(": ", 1) for line in head.replace("\r\n ", " ").split("\r\n"))
    assert decoded(headers["Subject"]) == subject
    assert decoded(headers["From"].removesuffix(" <khaosat@example.vn>")) == name
    assert str(make_header(decode_header(headers["Subject"]))) == subject
