"""Rounds of the worker: a line that fails holds up no other, and what we misread costs a handful of messages."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.delivery.worker import carriers
from survey.models import Delivery, Reason, State
from survey.settings import Settings, SettingsError
from tests.support.factories import SECRET
from tests.support.sending.mail import MailServer, until
from tests.support.sending.phones import PhoneGateway
from tests.support.sending.queued import BY_PHONE, HOUR, LINH, PUBLIC, Rounds, invite_all, stands


def test_a_secret_key_that_has_changed_opens_no_address_and_gives_up_a_handful_at_once(
    session: Session, mail: MailServer, reach: Settings, rounds: Rounds
) -> None:
    invite_all(session, *[LINH.address] * 7, reminder_days=0)
    assert rounds(dataclasses.replace(reach, secret_key=SECRET + "another")) == {State.FAILED: 5}
    lost = session.execute(sa.select(Delivery.reason, Delivery.payload).where(Delivery.state == State.FAILED)).all()
    assert [tuple(row) for row in lost] == [(Reason.UNREADABLE, None)] * 5
    session.rollback()
    assert rounds(reach) == {State.DELIVERED: 2}


def test_a_line_that_keeps_failing_is_left_alone_for_the_round_and_the_other_goes_on(
    session: Session, phones: PhoneGateway, mail: MailServer, reach: Settings, rounds: Rounds
) -> None:
    invite_all(session, *[BY_PHONE.address] * 12, LINH.address)
    phones.otherwise = (500, {}, "")
    assert rounds(reach) == {State.UNKNOWN: 5, State.DELIVERED: 1}
    assert len(mail.received) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"mail_from": "somebody"},
        {"smtp_login": "me"},
        {"gateway_url": "http://gateway.example.vn/"},
        {"gateway_body": '{"to": "{address}"}'},
        {"gateway_body": "{"},
        {"gateway_headers": '{"A": "b\\nC: d"}'},
        {"gateway_reply": "[]"},
        {"gateway_success": "good"},
        {"gateway_success": "2x"},
    ],
    ids=str,
)
def test_settings_that_make_no_sense_are_named_before_anything_is_sent(reach: Settings, wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match="HAILONG_"):
        carriers(dataclasses.replace(reach, **wrong))


def test_an_unbroken_row_of_refusals_stops_the_line_before_everything_is_lost(
    session: Session, phones: PhoneGateway, patient: Settings, rounds: Rounds
) -> None:
    """A gateway may tell in a way of its own that our account is at fault; a refusal cannot be taken back."""
    invite_all(session, *[BY_PHONE.address] * 12)
    phones.otherwise = (400, {}, "no such template")
    assert rounds(patient) == {State.REFUSED: 5}
    phones.otherwise = "deliver"
    assert rounds(patient) == {State.DELIVERED: 7}


def test_refused_addresses_among_good_ones_stop_no_round(
    session: Session, phones: PhoneGateway, patient: Settings, rounds: Rounds
) -> None:
    invite_all(session, *[BY_PHONE.address] * 15)
    phones.replies = [*[(422, {}, "")] * 4, "deliver"] * 2
    assert rounds(patient) == {State.REFUSED: 8, State.DELIVERED: 7}


def test_kill_9_in_mid_send_then_a_retry_reuses_the_key_and_the_phone_rings_once(
    session: Session, phones: PhoneGateway, reach: Settings, rounds: Rounds
) -> None:
    invite_all(session, BY_PHONE.address)
    phones.replies = ["dead after"]
    slow = dataclasses.replace(reach, send_seconds=60.0)
    command = [sys.executable, "-m", "survey", "send"]
    with subprocess.Popen(command, env=environment(slow), stderr=subprocess.DEVNULL) as sender:
        try:
            until(lambda: bool(phones.requests))
        finally:
            sender.kill()
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
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": SECRET,
        "HAILONG_INSTANCE": str(settings.instance),
        "PUBLIC_URL": PUBLIC,
        "HAILONG_GATEWAY_URL": settings.gateway_url,
        "HAILONG_SMTP_HOST": settings.smtp_host,
        "HAILONG_SMTP_PORT": str(settings.smtp_port),
        "HAILONG_SMTP_SECURITY": "none",
        "HAILONG_MAIL_FROM": "khaosat@example.vn",
        "HAILONG_SEND_SECONDS": str(settings.send_seconds),
        "PATH": "/usr/bin:/bin",
    }
