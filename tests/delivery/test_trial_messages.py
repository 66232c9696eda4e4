"""A test message goes the way of all others, and what became of it is told as it is."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from survey.delivery import trial_messages
from survey.delivery.worker import Worker
from survey.errors import Conflict, InvalidContact
from survey.models import AddressKind, Delivery, Reason, State
from survey.settings import Settings
from survey.web.survey import survey_of
from tests.support.officials import official
from tests.support.sending.mail import MailServer
from tests.support.sending.phones import PhoneGateway

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # the queue itself is tried on both
NOON = dt.datetime(2026, 11, 2, 5, tzinfo=dt.UTC)
PROVINCE = {"vi": "Ủy ban nhân dân tỉnh Vĩnh Long", "en": "Vinh Long Province"}


@pytest.fixture
def post(app: Flask) -> Callable[..., Any]:
    """How to queue a test message with some settings, and how to send what waits."""
    survey = survey_of(app)
    with survey.database.session(writes=True) as session:
        staff_id = official(session).id

    def queue(settings: Settings, to: str, at: dt.datetime = NOON) -> int:
        with survey.database.session(writes=True) as session:
            number = trial_messages.add(session, settings, survey.languages, PROVINCE, to, staff_id, at).id
            session.commit()
        return number

    def sent(settings: Settings, number: int, at: dt.datetime = NOON) -> Delivery:
        Worker(survey.database, settings, survey.languages, lambda: at).run()
        with survey.database.session(writes=False) as session:
            return session.get_one(Delivery, number)

    return lambda settings, to: sent(settings, queue(settings, to)) if to else queue


def with_mail(settings: Settings, server: MailServer) -> Settings:
    way = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_security": "none"}
    return dataclasses.replace(settings, mail_from="khaosat@example.vn", **way)


def test_an_e_mail_arrives_and_a_refused_address_is_told(settings: Settings, post: Callable[..., Any]) -> None:
    with MailServer() as server:
        mail = with_mail(settings, server)
        assert post(mail, " hanh@example.vn ").state == State.DELIVERED
        text = server.received[0].get_content()
        assert "Vĩnh Long" in text and "thư thử" in str(server.received[0]["Subject"])
        server.at["rcpt"] = "550 5.1.1 no such user"
        refused = post(mail, "ai@example.vn")
        assert (refused.state, refused.reason) == (State.REFUSED, Reason.ADDRESS)
        assert refused.payload is None, "the address is erased"


def test_a_telephone_gets_words_by_the_gateway(settings: Settings, post: Callable[..., Any]) -> None:
    with PhoneGateway() as gateway:
        way = dataclasses.replace(settings, gateway_url=gateway.url)
        assert post(way, "0912 345 678").state == State.DELIVERED
        assert gateway.saying("Tin nhắn thử của Hài Lòng") == 1


def test_what_cannot_be_sent_is_refused_before_it_is_queued(settings: Settings, post: Callable[..., Any]) -> None:
    queue = post(settings, "")
    for to in ("hanh@example.vn", "0912345678"):
        with pytest.raises(Conflict):
            queue(settings, to)
    mail = dataclasses.replace(settings, smtp_host="127.0.0.1", mail_from="khaosat@example.vn")
    with pytest.raises(InvalidContact):
        queue(mail, "không phải địa chỉ")
    for _ in range(trial_messages.MOST):
        queue(mail, "hanh@example.vn")
    with pytest.raises(Conflict):
        queue(mail, "hanh@example.vn")
    queue(mail, "hanh@example.vn", NOON + trial_messages.WITHIN)


def test_a_message_that_nobody_tries_to_send_is_late(settings: Settings, post: Callable[..., Any], app: Flask) -> None:
    mail = dataclasses.replace(settings, smtp_host="127.0.0.1", mail_from="khaosat@example.vn")
    post(settings, "")(mail, "hanh@example.vn")
    with survey_of(app).database.session(writes=False) as session:
        (one,) = trial_messages.latest(session)
        assert not trial_messages.has_arrived(session)
    assert one.address_kind == AddressKind.EMAIL
    assert not trial_messages.is_late(one, NOON) and trial_messages.is_late(one, NOON + trial_messages.LATE)
