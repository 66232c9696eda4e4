"""Only this installation's own name, and only its own pages: whatever a proxy, a neighbour or a stranger sends."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask, request
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey import logs
from survey.models import AuditEntry, Response, StaffSession
from survey.settings import Settings
from tests.support.faults.people import FIELD
from tests.support.officials import found, official, sign_in, token_on
from tests.support.pages import check_page

PUBLIC = "https://khaosat.example.vn"
ONCE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # the store is not asked


@pytest.fixture
def secure(settings: Settings, started: Callable[[Settings], AbstractContextManager[Flask]]) -> Iterator[Flask]:
    with started(replace(settings, public_url=PUBLIC)) as app:
        yield app


@ONCE
@pytest.mark.parametrize("path", ["/", "/q/TESTQR", "/staff/sign-in", "/q//TESTQR", "/static/staff/staff.css", "/no"])
@pytest.mark.parametrize("host", ["tin-gia.example", "khaosat.example.vn.tin-gia.example", "khaosat.example.vn@x", "["])
def test_a_host_that_is_not_ours_gets_nothing_but_our_address(secure: Flask, path: str, host: str) -> None:
    answer = secure.test_client().get(path, headers={"Host": host})
    assert (answer.status_code, "Location" in answer.headers) == (400, False)
    assert PUBLIC in answer.text
    assert "tin-gia" not in answer.text
    assert check_page(answer)


@ONCE
@pytest.mark.parametrize("host", ["khaosat.example.vn", "KHAOSAT.example.vn:443", "127.0.0.1:8000", "[::1]:8000"])
def test_a_doubled_slash_leads_to_the_public_address_whatever_the_host(secure: Flask, host: str) -> None:
    doubled = {"PATH_INFO": "//q//TESTQR"}  # a client would take it for a host
    answer = secure.test_client().get("/", headers={"Host": host}, environ_overrides=doubled)
    assert (answer.status_code, answer.headers["Location"]) == (308, f"{PUBLIC}/q/TESTQR")


FOREIGN = [
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": PUBLIC},
    {"Origin": "https://khaosat.example.vn.tin-gia.example"},
    {"Origin": "https://x.example.vn"},
    {"Origin": "http://khaosat.example.vn"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "https://x.example.vn"},
]
OURS = [{}, {"Sec-Fetch-Site": "same-origin", "Origin": PUBLIC}, {"Origin": PUBLIC}, {"Sec-Fetch-Site": "none"}]


@pytest.mark.parametrize("headers", [*FOREIGN, {"Origin": "null"}, {"Origin": "null", "Sec-Fetch-Site": "same-site"}])
def test_an_officials_form_from_elsewhere_does_nothing_and_is_on_record(
    capsys: pytest.CaptureFixture[str], secure: Flask, session: Session, headers: dict[str, str]
) -> None:
    logs.configure("INFO")  # to where this test reads
    account = official(session)
    client = secure.test_client()
    assert sign_in(client).status_code == 303
    refused = client.post("/staff/sign-out", data={"csrf_token": token_on(client, "/staff/account")}, headers=headers)
    assert refused.status_code == 403
    assert client.get("/staff/account").status_code == 200
    [entry] = found(session, sa.select(AuditEntry).where(AuditEntry.act == "request.refused"))
    assert (entry.staff_id, entry.about["reason"], entry.about["page"]) == (account.id, "forbidden", "/staff/sign-out")
    line = json.loads(capsys.readouterr().err.splitlines()[-1])
    assert (line["event"], line["staff_id"], line["status"]) == ("request_refused", account.id, 403)


@pytest.mark.parametrize("headers", [*OURS, {"Origin": "null", "Sec-Fetch-Site": "same-origin"}])
def test_an_officials_form_of_our_own_page_is_taken(secure: Flask, session: Session, headers: dict[str, str]) -> None:
    official(session)
    client = secure.test_client()
    sign_in(client)
    done = client.post("/staff/sign-out", data={"csrf_token": token_on(client, "/staff/account")}, headers=headers)
    assert done.status_code == 303


@pytest.mark.parametrize("headers", [*FOREIGN, *OURS, {"Origin": "null"}])
def test_a_citizens_form_is_held_to_the_same_check_but_may_come_from_inside_an_app(
    secure: Flask, session: Session, code: str, headers: dict[str, str]
) -> None:
    client = secure.test_client()
    fields = dict(FIELD.findall(client.get(code).text))
    sent = client.post(code, data={**fields, "S1": "4"}, headers=headers)
    assert sent.status_code == (403 if headers in FOREIGN else 200)
    assert len(found(session, sa.select(Response.id))) == (0 if headers in FOREIGN else 1)


def test_a_token_of_another_session_is_worth_nothing_whatever_cookies_are_planted(
    secure: Flask, session: Session
) -> None:
    official(session)
    official(session, "attacker")
    victim, attacker, stranger = secure.test_client(), secure.test_client(), secure.test_client()
    sign_in(victim)
    sign_in(attacker, "attacker")
    held = len(found(session, sa.select(StaffSession)))
    token_on(stranger)
    kept = stranger.get_cookie("__Host-hailong-form")
    assert kept
    victim.set_cookie("__Host-hailong-form", kept.value)
    for thief, page in ((attacker, "/staff/account"), (stranger, "/staff/sign-in")):
        refused = victim.post("/staff/sign-out", data={"csrf_token": token_on(thief, page)})
        assert refused.status_code == 400
    assert len(found(session, sa.select(StaffSession))) == held


def test_every_cookie_insists_on_this_host_where_there_is_https(secure: Flask, session: Session) -> None:
    official(session)
    client: FlaskClient = secure.test_client()
    answers = [client.get("/staff/sign-in?lang=en"), sign_in(client)]
    cookies = [cookie for answer in answers for cookie in answer.headers.getlist("Set-Cookie")]
    assert len(cookies) >= 3
    for cookie in cookies:
        assert cookie.startswith("__Host-")
        assert {"Secure", "HttpOnly", "Path=/"} <= set(cookie.split("; "))
        assert "Domain" not in cookie


def test_the_proxy_on_this_machine_says_who_asks_and_nobody_else_is_believed(app: Flask) -> None:
    seen: list[str] = []
    app.before_request(lambda: seen.append(str(request.remote_addr)))
    for peer, told in (("127.0.0.1", "9.9.9.9, 203.0.113.7"), ("203.0.113.9", "9.9.9.9"), ("127.0.0.1", "<script>")):
        app.test_client().get("/", environ_base={"REMOTE_ADDR": peer}, headers={"X-Forwarded-For": told})
    assert seen == ["203.0.113.7", "203.0.113.9", "127.0.0.1"]
