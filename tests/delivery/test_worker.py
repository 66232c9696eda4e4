"""Sending through real servers that misbehave: nothing is lost, and every state tells the truth."""

from __future__ import annotations

import dataclasses
import datetime as dt
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from survey.delivery.worker import Worker, carriers
from survey.models import Delivery, Kind, Reason, State
from survey.periods import now
from survey.settings import Settings, SettingsError
from survey.web.survey import survey_of
from tests.support.factories import SECRET
from tests.support.sending.certificate import authority
from tests.support.sending.mail import MailServer, free_port, until
from tests.support.sending.phones import PhoneGateway, Told
from tests.support.sending.queued import HOUR, invite_all

LINH, PHONE = "linh.nguyen@example.vn", "+84912345678"
PUBLIC = "https://khaosat.vinhlong.gov.vn"
Rounds = Callable[..., dict[State, int]]


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def phones() -> Iterator[PhoneGateway]:
    with PhoneGateway() as gateway:
        yield gateway


@pytest.fixture
def reach(settings: Settings, mail: MailServer, phones: PhoneGateway) -> Settings:
    return dataclasses.replace(
        settings, smtp_host="127.0.0.1", smtp_port=mail.port, smtp_security="none", mail_from="khaosat@example.vn",
        gateway_url=phones.url, send_seconds=0.6, public_url=PUBLIC,
    )  # fmt: skip


@pytest.fixture
def rounds(app: Flask) -> Rounds:
    """Send what is due `later` than now, by these settings."""

    def run(settings: Settings, later: dt.timedelta = dt.timedelta()) -> dict[State, int]:
        with app.app_context():
            return dict(Worker(survey_of(app).database, settings, ["vi", "en"], lambda: now() + later).run())

    return run


def stands(session: Session) -> tuple[State, Reason | None]:
    session.expire_all()
    message = session.scalars(sa.select(Delivery).where(Delivery.kind == Kind.INVITATION)).one()
    status = message.state, message.reason
    session.rollback()  # and lets go of the write lock, which on SQLite is everybody's
    return status


def test_an_e_mail_is_polite_bilingual_plain_and_tells_nothing_of_the_case(
    session: Session, mail: MailServer, reach: Settings, rounds: Rounds
) -> None:
    (token,) = invite_all(session, LINH)
    assert rounds(reach) == {State.DELIVERED: 1}
    (sent,) = mail.received
    text = sent.get_content()
    assert sent.get_content_type() == "text/plain"
    assert (sent["To"], sent["From"], sent["Auto-Submitted"]) == (LINH, "khaosat@example.vn", "auto-generated")
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
    session: Session, mail: MailServer, reach: Settings, rounds: Rounds,
    stage: str, reply: str, state: State, reason: Reason, arrived: int,
) -> None:  # fmt: skip
    invite_all(session, LINH)
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
    invite_all(session, LINH)
    assert rounds(dataclasses.replace(reach, smtp_port=free_port())) == {State.QUEUED: 1}
    assert stands(session) == (State.QUEUED, Reason.UNREACHABLE)
    assert rounds(reach, HOUR) == {State.DELIVERED: 1}


@pytest.mark.parametrize(
    ("told", "state", "reason"),
    [
        ("dead", State.UNKNOWN, Reason.TIMEOUT),
        ("dead after", State.UNKNOWN, Reason.TIMEOUT),
        ("drip", State.UNKNOWN, Reason.TIMEOUT),
        ("close", State.UNKNOWN, Reason.CLOSED),
        ("lose", State.UNKNOWN, Reason.CLOSED),
        ((500, {}, "oops"), State.UNKNOWN, Reason.SERVER),
        ((502, {}, "oops"), State.UNKNOWN, Reason.SERVER),
        ((409, {}, "under way"), State.UNKNOWN, Reason.SERVER),
        ((503, {"Retry-After": "1800"}, ""), State.QUEUED, Reason.BUSY),
        ((429, {"Retry-After": "soon"}, ""), State.QUEUED, Reason.BUSY),
        ((401, {}, ""), State.QUEUED, Reason.SETUP),
        ((402, {}, "the account is empty"), State.QUEUED, Reason.SETUP),
        ((302, {"Location": "http://127.0.0.1:1/"}, ""), State.QUEUED, Reason.SETUP),
        ((422, {}, "no such number"), State.REFUSED, Reason.ADDRESS),
    ],
)
def test_every_way_in_which_a_gateway_fails_is_told_truly_and_the_phone_rings_once(
    session: Session, phones: PhoneGateway, reach: Settings, rounds: Rounds, told: Told, state: State, reason: Reason
) -> None:
    invite_all(session, PHONE)
    phones.said = [told]
    assert rounds(reach) == {state: 1}
    assert stands(session) == (state, reason)
    if state == State.REFUSED:
        assert rounds(reach, HOUR) == {}
        return
    assert rounds(reach, HOUR) == {State.DELIVERED: 1}
    assert list(phones.delivered.values()) == [1], "the gateway honours the key, which is the same"
    first, second = phones.requests
    assert first[2] == second[2]
    assert first[1]["Idempotency-Key"] == second[1]["Idempotency-Key"] == first[2]["id"]


def test_a_gateway_that_doubles_is_not_our_fault_and_the_harness_sees_it(
    session: Session, phones: PhoneGateway, reach: Settings, rounds: Rounds
) -> None:
    invite_all(session, PHONE)
    phones.honours, phones.said = False, ["lose"]
    rounds(reach)
    rounds(reach, HOUR)
    assert list(phones.delivered.values()) == [2]


@pytest.mark.parametrize(
    ("reply", "state"),
    [((200, {}, '{"error": 0}'), State.DELIVERED), ((200, {}, '{"error": -124}'), State.QUEUED),
     ((200, {}, "<html>"), State.UNKNOWN), ("break", State.UNKNOWN)],
)  # fmt: skip
def test_a_gateway_that_says_no_in_its_reply_is_believed(
    session: Session, phones: PhoneGateway, reach: Settings, rounds: Rounds, reply: Told, state: State
) -> None:
    invite_all(session, PHONE)
    phones.said = [reply]
    assert rounds(dataclasses.replace(reach, gateway_reply='{"error": 0}')) == {state: 1}


def test_the_body_is_what_the_settings_say_and_nothing_breaks_out_of_it(
    session: Session, phones: PhoneGateway, reach: Settings, rounds: Rounds
) -> None:
    (token,) = invite_all(session, PHONE)
    body = '{"to": ["{local_phone}"], "z": {"noi_dung": "{plain_text} \\"{key}\\"", "n": 1}, "e": "{english_text}"}'
    rounds(dataclasses.replace(reach, gateway_body=body, gateway_headers='{"Authorization": "Bearer x"}'))
    ((path, headers, sent),) = phones.requests
    link = f"{PUBLIC}/r/{token}"
    plain = f"Uy ban nhan dan tinh Vinh Long kinh moi danh gia dich vu cong vua su dung: {link}"
    assert (path, headers["Authorization"]) == ("/messages", "Bearer x")
    assert sent["to"] == ["0912345678"]
    assert sent["z"] == {"noi_dung": f'{plain} "{headers["Idempotency-Key"]}"', "n": 1}
    assert sent["e"] == f"Vinh Long Province kindly asks you to rate the public service you used: {link}"


def test_a_secret_key_that_has_changed_opens_no_address_and_gives_up_a_handful_at_once(
    session: Session, mail: MailServer, reach: Settings, rounds: Rounds
) -> None:
    invite_all(session, *[LINH] * 7, reminder_days=0)
    assert rounds(dataclasses.replace(reach, secret_key=SECRET + "another")) == {State.FAILED: 5}
    lost = session.execute(sa.select(Delivery.reason, Delivery.payload).where(Delivery.state == State.FAILED)).all()
    assert [tuple(row) for row in lost] == [(Reason.UNREADABLE, None)] * 5
    session.rollback()
    assert rounds(reach) == {State.DELIVERED: 2}


def test_a_way_that_keeps_failing_is_left_alone_for_the_round_and_the_other_goes_on(
    session: Session, phones: PhoneGateway, mail: MailServer, reach: Settings, rounds: Rounds
) -> None:
    invite_all(session, *[PHONE] * 12, LINH)
    phones.otherwise = (500, {}, "")
    assert rounds(reach) == {State.UNKNOWN: 5, State.DELIVERED: 1}
    assert len(mail.received) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"smtp_security": "perhaps"}, {"mail_from": "somebody"}, {"smtp_login": "me"}, {"gateway_method": "GET"},
        {"gateway_url": "http://gateway.example.vn/"}, {"gateway_body": '{"to": "{address}"}'}, {"gateway_body": "{"},
        {"gateway_headers": '{"A": "b\\nC: d"}'}, {"gateway_reply": "[]"},
    ],
    ids=str,
)  # fmt: skip
def test_settings_that_make_no_sense_are_named_before_anything_is_sent(reach: Settings, wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match="HAILONG_"):
        carriers(dataclasses.replace(reach, **wrong))


def test_starttls_and_the_account_are_used_and_never_given_up_for_a_clear_line(
    session: Session, settings: Settings, rounds: Rounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    invite_all(session, LINH)
    context, trusted = authority(settings.instance)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    there = dataclasses.replace(
        settings, public_url=PUBLIC, smtp_host="localhost", smtp_login="khaosat", smtp_password="open sesame",
        mail_from="khaosat@example.vn", send_seconds=5,
    )  # fmt: skip
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


def test_kill_9_in_mid_send_then_a_retry_reuses_the_key_and_the_phone_rings_once(
    session: Session, phones: PhoneGateway, reach: Settings, rounds: Rounds
) -> None:
    invite_all(session, PHONE)
    phones.said = ["dead after"]
    slow = dataclasses.replace(reach, send_seconds=60.0)
    sender = subprocess.Popen(
        [sys.executable, "-m", "survey", "send"], env=environment(slow), stderr=subprocess.DEVNULL
    )
    until(lambda: bool(phones.requests))
    sender.kill()
    sender.wait()
    assert stands(session) == (State.SENDING, None)
    assert rounds(reach, HOUR) == {}, "the claim has run out: now it is unknown, and waits a little"
    assert stands(session) == (State.UNKNOWN, Reason.CRASH)
    assert rounds(reach, 2 * HOUR) == {State.DELIVERED: 1}
    first, second = phones.requests
    assert first[1]["Idempotency-Key"] == second[1]["Idempotency-Key"]
    assert list(phones.delivered.values()) == [1]


def environment(settings: Settings) -> dict[str, str]:
    """Return what the commands need to know to run as another process."""
    return {
        "DATABASE_URL": settings.database_url, "SECRET_KEY": SECRET, "HAILONG_INSTANCE": str(settings.instance),
        "PUBLIC_URL": PUBLIC, "HAILONG_GATEWAY_URL": settings.gateway_url,
        "HAILONG_SMTP_HOST": settings.smtp_host, "HAILONG_SMTP_PORT": str(settings.smtp_port),
        "HAILONG_SMTP_SECURITY": "none", "HAILONG_MAIL_FROM": "khaosat@example.vn",
        "HAILONG_SEND_SECONDS": str(settings.send_seconds), "PATH": "/usr/bin:/bin",
    }  # fmt: skip
