"""Servers that misbehave, the settings by which they are reached, and one round of the worker."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from survey.delivery import email, webhooks
from survey.delivery.worker import Worker
from survey.models import State
from survey.periods import now, parse
from survey.results import closing
from survey.settings import Settings
from survey.web.survey import survey_of
from tests.support import factories
from tests.support.factories import SECRET
from tests.support.figures import STANDARD
from tests.support.sending.hooks import START, Receiver
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


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        yield server


@pytest.fixture
def tell(app: Flask, settings: Settings) -> Callable[..., dict[State, int]]:
    """Tell what is due at a time."""

    def run(when: dt.datetime, secret: str = SECRET) -> dict[State, int]:
        own = dataclasses.replace(settings, send_seconds=0.5, secret_key=secret)
        return dict(Worker(survey_of(app).database, own, ["vi"], clock=lambda: when).run())

    return run


@pytest.fixture
def secret(session: Session, receiver: Receiver) -> str:
    """A webhook of the province that wants everything; its secret."""
    province = factories.agency_id(session, "H61")
    signing = webhooks.add(session, SECRET, "portal", receiver.url, webhooks.EVENTS, province, START)
    session.commit()
    return signing


@pytest.fixture
def closed(session: Session, secret: str) -> dt.datetime:
    """The moment at which October was closed."""
    when = dt.datetime(2026, 11, 2, 3, tzinfo=dt.UTC)
    closing.close(session, parse("2026-10"), when, STANDARD)
    session.commit()
    return when
