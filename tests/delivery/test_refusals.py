"""A no that is about us and not about the address costs no message, and one that we misread costs a handful."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from survey.delivery.worker import Worker
from survey.models import Reason, State
from survey.periods import now
from survey.settings import Settings
from survey.web.survey import survey_of
from tests.delivery.test_worker import LINH, PHONE, stands
from tests.support.sending.mail import MailServer
from tests.support.sending.phones import PhoneGateway
from tests.support.sending.queued import HOUR, invite_all

Rounds = Callable[..., dict[State, int]]


@pytest.fixture
def rounds(app: Flask, settings: Settings) -> Rounds:
    """Send what is due `later` than now through what listens at a port, or at an address."""

    def run(port: int = 0, url: str = "", later: dt.timedelta = dt.timedelta()) -> dict[State, int]:
        chosen = dataclasses.replace(
            settings, smtp_host="127.0.0.1" if port else "", smtp_port=port, smtp_security="none",
            mail_from="khaosat@example.vn", gateway_url=url, send_seconds=5,
        )  # fmt: skip
        with app.app_context():
            return dict(Worker(survey_of(app).database, chosen, ["vi", "en"], lambda: now() + later).run())

    return run


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
    session: Session, rounds: Rounds, reply: str, state: State, reason: Reason
) -> None:
    invite_all(session, LINH)
    with MailServer() as mail:
        mail.at["rcpt"] = reply
        assert rounds(mail.port) == {state: 1}
        assert stands(session) == (state, reason)
        mail.at.clear()
        assert rounds(mail.port, later=HOUR) == ({} if state == State.REFUSED else {State.DELIVERED: 1})


def test_one_wrong_setting_at_the_mail_server_loses_nothing(session: Session, rounds: Rounds) -> None:
    invite_all(session, *[LINH] * 12)
    with MailServer() as mail:
        mail.at["rcpt"] = "554 5.7.1 Relay access denied"
        assert rounds(mail.port) == {State.QUEUED: 5}
        mail.at.clear()
        assert rounds(mail.port, later=HOUR) == {State.DELIVERED: 12}


def test_an_unbroken_row_of_refusals_stops_the_way_before_everything_is_lost(session: Session, rounds: Rounds) -> None:
    """A gateway may tell in a way of its own that our account is at fault; a refusal cannot be taken back."""
    invite_all(session, *[PHONE] * 12)
    with PhoneGateway() as phones:
        phones.otherwise = (400, {}, "no such template")
        assert rounds(url=phones.url) == {State.REFUSED: 5}
        phones.otherwise = "deliver"
        assert rounds(url=phones.url) == {State.DELIVERED: 7}


def test_refused_addresses_among_good_ones_stop_no_round(session: Session, rounds: Rounds) -> None:
    invite_all(session, *[PHONE] * 15)
    with PhoneGateway() as phones:
        phones.said = [*[(422, {}, "")] * 4, "deliver"] * 2
        assert rounds(url=phones.url) == {State.REFUSED: 8, State.DELIVERED: 7}
