"""Servers that misbehave, the settings by which they are reached, and one round of the worker."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from survey.delivery import email
from survey.delivery.worker import Worker
from survey.models import State
from survey.periods import now
from survey.settings import Settings
from survey.web.survey import survey_of
from tests.support.sending.mail import MailServer
from tests.support.sending.phones import PhoneGateway
from tests.support.sending.queued import PUBLIC


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def phones() -> Iterator[PhoneGateway]:
    with PhoneGateway() as gateway:
        yield gateway


@pytest.fixture
def reach(settings: Settings, mail: MailServer, phones: PhoneGateway, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(email, "LAST_WORD_SECONDS", 0.6)
    return dataclasses.replace(
        settings,
        smtp_host="127.0.0.1",
        smtp_port=mail.port,
        smtp_security="none",
        mail_from="khaosat@example.vn",
        gateway_url=phones.url,
        send_seconds=0.6,
        public_url=PUBLIC,
    )


@pytest.fixture
def patient(reach: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Wait long enough for servers that are not slow on purpose."""
    monkeypatch.setattr(email, "LAST_WORD_SECONDS", 20.0)
    return dataclasses.replace(reach, send_seconds=5.0)


@pytest.fixture
def rounds(app: Flask) -> Callable[..., dict[State, int]]:
    """Send what is due `later` than now, by these settings."""

    def run(settings: Settings, later: dt.timedelta = dt.timedelta()) -> dict[State, int]:
        with app.app_context():
            return dict(Worker(survey_of(app).database, settings, ["vi", "en"], lambda: now() + later).run())

    return run
