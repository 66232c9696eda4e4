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
from werkzeug.test import TestResponse

from survey.models import AuditEntry, Identity, Role
from survey.periods import now
from survey.settings import Settings
from survey.web.staff import single_sign_on
from tests.support.officials import found, official, send, sign_in, token_on
from tests.support.pages import check_page
from tests.support.provider import (
    FakeProvider,
    begin,
    configured,
    logout_token,
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


def prove(client: FlaskClient, fake: FakeProvider, after: str) -> TestResponse:
    """Prove again at the provider who one is, and come back."""
    held = {"csrf_token": token_on(client, "/staff/account"), "held_path": after}
    return client.get(way_back(fake, client.post("/staff/account/proof", data=held)))


def test_a_proof_is_new_and_leads_to_no_other_site(
    session: Session, client: FlaskClient, fake: FakeProvider, clock: time_machine.Traveller
) -> None:
    sign_on(client, fake)
    for place in ("https://evil.example/", "//evil.example", "/q/TESTQR", "/staff/\\evil.example"):
        assert prove(client, fake, place).location == "/staff/"
    assert prove(client, fake, "/staff/units?period=2026-10").location == "/staff/units?period=2026-10"
    clock.shift(dt.timedelta(hours=1))
    sign_on(client, fake)
    fake.claims["auth_time"] = int(now().timestamp()) - 3600
    old = prove(client, fake, "/staff/")
    assert old.status_code == 409 and "không xác minh được" in check_page(old).words


def test_an_attempt_is_of_the_session_in_which_it_was_begun(
    session: Session, client: FlaskClient, fake: FakeProvider
) -> None:
    for login in ("hanh", "lan"):
        official(session, login, role=Role.ADMINISTRATOR)
    sign_in(client, "hanh")
    page = send(client, "/staff/account/single-sign-on/tinh")
    kept = page.headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=600"} <= set(kept.split("; ")), kept
    address = way_back(fake, page)
    sign_in(client, "lan")
    assert client.get(address).status_code == 302, "somebody else has signed in here since"
    assert found(session, sa.select(Identity)) == []


def test_a_refusal_is_put_down_to_nobody_before_it_is_clear_who_it_is(
    session: Session, client: FlaskClient, fake: FakeProvider
) -> None:
    account = official(session, role=Role.ADMINISTRATOR).id
    official(session, "lan", role=Role.ADMINISTRATOR)
    sign_in(client)
    fake.answer = {"code": None}
    sign_on(client, fake)
    client.get(way_back(fake, send(client, "/staff/account/single-sign-on/tinh")))
    refused = sa.select(AuditEntry.staff_id).where(AuditEntry.act == "sign_on.refused").order_by(AuditEntry.id)
    assert found(session, refused) == [None, account]


def test_who_begins_or_ends_too_often_has_to_wait(
    app: Flask, session: Session, client: FlaskClient, fake: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(single_sign_on, "A_MINUTE", 1)
    sign_on(client, fake)
    assert begin(client).status_code == 429
    program, address = app.test_client(use_cookies=False), "/staff/sign-in/with/tinh/ended"
    ended = [program.post(address, data={"logout_token": logout_token(fake, jti=name)}) for name in ("j-1", "j-2")]
    assert [one.status_code for one in ended] == [204, 400]
