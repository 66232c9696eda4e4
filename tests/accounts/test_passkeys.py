"""Passkeys: whoever holds one is let in, and nobody with anything that is like one."""

from __future__ import annotations

import datetime as dt
import html
import json
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from survey.accounts import passkeys
from survey.models import AuditEntry, Passkey, Role, Staff
from survey.settings import Settings
from tests.support.officials import found, official, send, sign_in
from tests.support.pages import check_page
from tests.support.passkey import PRESENT, Device
from tests.support.second_factor import PAGE, PRINTED

NOON = dt.datetime(2026, 11, 2, 5, 0, tzinfo=dt.UTC)
OPTIONS = re.compile(r'data-options="([^"]+)"')
HOME = "/staff/sign-in"
NONSENSE = ["", "x", "{}", "[]", "null", '{"response": 1}', '{"response": {"clientDataJSON": "!!"}}', "[" * 9999, "\0"]
NONSENSE.append("1" * 30_000)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def here(settings: Settings, started: Callable[[Settings], AbstractContextManager[Flask]]) -> Iterator[Flask]:
    """The application under a name that passkeys can belong to."""
    with started(replace(settings, public_url="http://localhost")) as app:
        yield app


def options(client: FlaskClient, page: str) -> dict[str, Any]:
    asked = OPTIONS.search(client.get(page).text)
    assert asked
    return dict(json.loads(html.unescape(asked.group(1))))


def add(client: FlaskClient, device: Device) -> TestResponse:
    return send(client, f"{PAGE}/passkeys", PAGE, name="Máy", new_passkey=device.create(options(client, PAGE)))


def show(client: FlaskClient, sent: str) -> TestResponse:
    return send(client, f"{HOME}/passkey", HOME, proof_passkey=sent)


def is_in(client: FlaskClient) -> bool:
    return client.get("/staff/account").status_code == 200


@pytest.fixture
def device(here: Flask, session: Session) -> Device:
    """The device of hanh, whose passkey is known."""
    official(session)
    client, own = here.test_client(), Device()
    sign_in(client)
    page = add(client, own)
    assert page.status_code == 200 and len(PRINTED.findall(page.text)) == 8
    return own


def test_a_passkey_is_password_and_second_factor_in_one(here: Flask, session: Session, device: Device) -> None:
    client = here.test_client()
    asked = options(client, HOME)
    assert (asked["rpId"], asked["userVerification"], asked["allowCredentials"]) == ("localhost", "required", [])
    assert show(client, device.get(asked)).location == "/staff/"
    assert is_in(client)
    other = here.test_client()
    assert sign_in(other).location.startswith(f"{HOME}/second-step")
    step = f"{HOME}/second-step"
    assert len(options(other, step)["allowCredentials"]) == 1
    done = send(other, step, step, proof_passkey=device.get(options(other, step)))
    assert done.status_code == 303 and is_in(other)
    [kept] = found(session, sa.select(Passkey))
    assert (kept.uses, kept.used_at, kept.name) == (2, NOON, "Máy")


@pytest.mark.parametrize(
    "change",
    [
        {"origin": "http://localhost.evil.example"},
        {"name": "evil.example"},
        {"flags": PRESENT},
        {"flags": 0x04},
        {"id": b"unknown" * 4},
        {"uses": -1},
        {"key": Device().key},
    ],
    ids=["origin", "site", "not verified", "not present", "unknown", "copied device", "other key"],
)
def test_what_is_like_a_passkey_opens_nothing(
    here: Flask, session: Session, device: Device, change: dict[str, Any]
) -> None:
    if "uses" in change:
        client = here.test_client()
        assert show(client, device.get(options(client, HOME))).location == "/staff/"
    thief = here.test_client()
    refused = show(thief, replace(device, **change).get(options(thief, HOME)))
    assert refused.location.startswith(f"{HOME}?")
    assert "Không xác minh được" in check_page(thief.get(refused.location)).words
    assert not is_in(thief)
    assert "factor.refused" in found(session, sa.select(AuditEntry.act))


def test_what_was_signed_once_is_good_for_one_browser_one_try_and_some_minutes(
    here: Flask, session: Session, device: Device, clock: time_machine.Traveller
) -> None:
    client, thief = here.test_client(), here.test_client()
    signed = device.get(options(client, HOME))
    thief.get(HOME)
    assert not show(thief, signed).location.endswith("/staff/"), "of another browser"
    assert show(client, signed).location == "/staff/"
    send(client, "/staff/sign-out")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(passkeys, "holder", lambda opened, *_: opened.scalars(sa.select(Staff)).first())
        assert not show(client, signed).location.endswith("/staff/"), "whatever the device counts"
    late = device.get(options(client, HOME))
    clock.shift(passkeys.LASTS)
    assert not show(client, late).location.endswith("/staff/")
    assert not is_in(client) and not is_in(thief)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # nothing of it comes to the store
@pytest.mark.parametrize(
    "sent",
    [
        "",
        "x",
        "{}",
        "[]",
        "null",
        '{"response": 1}',
        '{"response": {"clientDataJSON": "!!"}}',
        "[" * 9999,
        "\0",
        "1" * 30_000,
    ],
)
def test_nonsense_is_refused_with_a_page(here: Flask, session: Session, sent: str) -> None:
    official(session)
    client = here.test_client()
    assert show(client, sent).location.startswith(f"{HOME}?")
    sign_in(client)
    refused = send(client, f"{PAGE}/passkeys", PAGE, name="Máy", new_passkey=sent)
    assert refused.status_code == 422
    check_page(refused)


def test_a_passkey_of_a_closed_account_and_one_of_somebody_else_confirm_nothing(
    here: Flask, session: Session, device: Device, clock: time_machine.Traveller
) -> None:
    official(session, "other", role=Role.MANAGER)
    other = here.test_client()
    sign_in(other, "other")
    assert add(other, theirs := Device()).status_code == 200
    assert add(other, device).status_code == 422, "one passkey is of one account"
    clock.shift(dt.timedelta(minutes=11))
    asked = send(other, f"{PAGE}/recovery-codes", PAGE)
    question = json.loads(html.unescape(OPTIONS.findall(asked.text)[0]))
    refused = send(other, f"{PAGE}/recovery-codes", PAGE, proof_passkey=device.get(question))
    assert refused.status_code == 401, "the passkey of another account"
    question = json.loads(html.unescape(OPTIONS.findall(refused.text)[0]))
    assert send(other, f"{PAGE}/recovery-codes", PAGE, proof_passkey=theirs.get(question)).status_code == 200
    session.execute(sa.update(Staff).where(Staff.login_key == "hanh").values(enabled=False))
    session.commit()
    client = here.test_client()
    assert show(client, device.get(options(client, HOME))).location.startswith(f"{HOME}?")


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # as above
def test_where_browsers_know_no_passkeys_the_pages_say_so(client: FlaskClient, session: Session) -> None:
    official(session)
    assert "data-options" not in client.get(HOME).text
    sign_in(client)
    assert "tên miền và https" in check_page(client.get(PAGE)).words
    assert send(client, f"{PAGE}/passkeys", PAGE, new_passkey="{}").status_code == 409
