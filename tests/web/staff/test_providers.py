"""Proving again at the provider who one is, and leaving it: what pages know of the provider of a session."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.models import AuditEntry
from survey.periods import now
from survey.settings import Settings
from tests.support.officials import found, send, token_on
from tests.support.pages import check_page
from tests.support.provider import (
    FakeProvider,
    configured,
    sign_on,
    there,
    way_back,
)
from tests.support.second_factor import PAGE, code_of, offered

FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


@pytest.fixture
def engine_name() -> str:
    """One database is enough: what is stored is looked at on both in tests/single_sign_on."""
    return "sqlite"


@pytest.fixture
def app(
    settings: Settings, started: Callable[[Settings], AbstractContextManager[Flask]], fake: FakeProvider
) -> Iterator[Flask]:
    with started(configured(settings, fake.issuer)) as app:
        yield app


def acts(session: Session) -> list[str]:
    every = found(session, sa.select(AuditEntry.act).order_by(AuditEntry.id))
    return [one for one in every if one.partition(".")[0] in ("staff", "session", "identity", "sign_on")]


def test_before_a_dangerous_act_the_provider_is_asked_and_the_form_goes_on(
    app: Flask, session: Session, client: FlaskClient, fake: FakeProvider, clock: time_machine.Traveller
) -> None:
    fake.claims["amr"] = ["otp"]
    sign_on(client, fake)
    before = client.get_cookie("hailong-staff")
    clock.shift(dt.timedelta(minutes=11))
    form = {"period": "2026-10", "basis": "calendar", "format": "csv", "lang": "vi", "q": '<b>"& ế'}
    asked = send(client, "/staff/comments/file", **form)
    assert asked.status_code == 401 and 'type="password"' not in asked.text
    assert "Tiếp tục tại Cổng đăng nhập tỉnh" in check_page(asked).words
    held = {"csrf_token": token_on(client, "/staff/account"), "held_path": "/staff/comments/file", **form}
    onward = client.post("/staff/account/proof", data=held)
    fake.subject = "p-2"
    other = client.get(way_back(fake, onward))
    assert other.status_code == 409 and "người khác" in check_page(other).words
    fake.subject = "p-1"
    onward = client.post("/staff/account/proof", data=held)
    proved = client.get(way_back(fake, onward))
    outline = check_page(proved)
    assert "Đúng là Ông/Bà" in outline.words and 'action="/staff/comments/file"' in proved.text
    fields = {name: html.unescape(value) for name, value in FIELD.findall(proved.text)}
    assert {name: fields.get(name) for name in form} == form, "nothing that was entered is lost"
    done = client.post("/staff/comments/file", data=fields)
    assert (done.status_code, done.mimetype) == (200, "text/csv")
    after = client.get_cookie("hailong-staff")
    assert before and after and before.value.partition(".")[0] != after.value.partition(".")[0]
    assert "session.confirmed" in acts(session)


def test_whoever_proved_it_long_ago_at_the_provider_is_asked_before_a_dangerous_act_at_once(
    session: Session, client: FlaskClient, fake: FakeProvider
) -> None:
    fake.claims |= {"amr": ["otp"], "auth_time": int(now().timestamp()) - 3600}
    assert sign_on(client, fake).status_code == 303
    assert send(client, "/staff/account/sessions").status_code == 401


def test_whoever_signs_out_is_led_to_sign_out_at_the_provider_too(
    session: Session, client: FlaskClient, fake: FakeProvider
) -> None:
    sign_on(client, fake)
    page = send(client, "/staff/sign-out")
    assert there(page).startswith(f"{fake.issuer}/end?client_id=hai-long&post_logout_redirect_uri=http")
    assert "đã đăng xuất khỏi Hài Lòng" in check_page(page).words
    assert client.get("/staff/account").status_code == 302
    fake.description = {"end_session_endpoint": None}
    sign_on(client, fake)
    assert send(client, "/staff/sign-out").location == "/staff/sign-in"


def test_whoever_owes_a_second_factor_can_still_prove_it_there_and_set_one_up(
    session: Session, client: FlaskClient, fake: FakeProvider, clock: time_machine.Traveller
) -> None:
    sign_on(client, fake)
    clock.shift(dt.timedelta(days=8))
    sign_on(client, fake)
    assert client.get("/staff/units").location == PAGE
    clock.shift(dt.timedelta(minutes=11))
    key, token, sealed = offered(client)
    form = {"offered": sealed, "code": code_of(key)}
    assert client.post(f"{PAGE}/app", data={"csrf_token": token, **form}).status_code == 401
    held = {"csrf_token": token, "held_path": f"{PAGE}/app", **form}
    proved = client.get(way_back(fake, client.post("/staff/account/proof", data=held)))
    fields = {name: html.unescape(value) for name, value in FIELD.findall(proved.text)}
    assert client.post(f"{PAGE}/app", data=fields).status_code == 200
    assert client.get("/staff/units").status_code == 200
