"""E-mail through a real server that misbehaves: nothing is lost, and every state tells the truth."""

from __future__ import annotations

import dataclasses

import pytest
from sqlalchemy.orm import Session

from survey.models import Reason, State
from survey.settings import Settings
from tests.support.sending.certificate import authority
from tests.support.sending.mail import MailServer, free_port
from tests.support.sending.queued import HOUR, LINH, PUBLIC, Rounds, invite_all, stands


def test_an_e_mail_is_polite_bilingual_plain_and_tells_nothing_of_the_case(
    session: Session, mail: MailServer, reach: Settings, rounds: Rounds
) -> None:
    (token,) = invite_all(session, LINH.address)
    assert rounds(reach) == {State.DELIVERED: 1}
    (sent,) = mail.received
    text = sent.get_content()
    assert sent.get_content_type() == "text/plain"
    assert (sent["To"], sent["From"], sent["Auto-Submitted"]) == (LINH.address, "khaosat@example.vn", "auto-generated")
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


@pytest.mark.parametrize(
    ("reply", "state", "reason"),
    [
        ("530 sign in first", State.QUEUED, Reason.SETUP),
        ("535 wrong password", State.QUEUED, Reason.SETUP),
        ("554 Relay access denied", State.QUEUED, Reason.SETUP),
        ("550 5.7.1 not for you", State.QUEUED, Reason.SETUP),
        ("550 5.4.5 enough for today", State.QUEUED, Reason.BUSY),
        ("550 5.1.1 nobody here", State.REFUSED, Reason.ADDRESS),
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
