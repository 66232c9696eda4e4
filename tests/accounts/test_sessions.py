"""Sessions of staff: when they end, who can end them, and what their cookie is worth."""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.db.patience import OFFICIAL
from survey.models import Staff, StaffSession
from survey.settings import Settings
from survey.web.survey import survey_of
from tests.support.officials import PASSWORD, attempt, found, official, send, sign_in, token_on
from tests.support.pages import check_page

NOON = dt.datetime(2026, 11, 2, 5, 0, tzinfo=dt.UTC)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def test_a_session_ends_after_the_rest_time_and_after_twelve_hours(
    session: Session, client: FlaskClient, clock: time_machine.Traveller
) -> None:
    official(session)
    sign_in(client)
    for _ in range(52):
        clock.shift(dt.timedelta(minutes=13, seconds=45))
        assert client.get("/staff/account").status_code == 200
    clock.shift(dt.timedelta(minutes=13, seconds=45))
    assert client.get("/staff/account").status_code == 302, "twelve hours, however busy"
    sign_in(client)
    clock.shift(dt.timedelta(minutes=15, seconds=1))
    assert client.get("/staff/account").status_code == 302, "fifteen minutes of rest"


def test_looking_changes_nothing_in_the_database(
    app: Flask, session: Session, client: FlaskClient, clock: time_machine.Traveller
) -> None:
    official(session)
    sign_in(client)
    clock.shift(dt.timedelta(minutes=5))
    written: list[str] = []
    watch = lambda *args: written.append(args[2])  # noqa: E731
    sa.event.listen(survey_of(app).database.engine, "before_cursor_execute", watch)
    for path in ("/staff/", "/staff/account", "/staff/sign-in"):
        assert client.get(path).status_code == 200
    assert written
    assert not [line for line in written if not line.lstrip().upper().startswith(("SELECT", "WITH RECURSIVE", "BEGIN"))]


def test_an_old_cookie_is_refused_even_while_its_session_is_in_use(
    app: Flask, session: Session, client: FlaskClient, clock: time_machine.Traveller
) -> None:
    official(session)
    stolen = sign_in(client).headers["Set-Cookie"].partition(";")[0]
    for _ in range(2):
        clock.shift(dt.timedelta(minutes=10))
        assert client.get("/staff/account").status_code == 200
    thief = app.test_client(use_cookies=False)
    assert thief.get("/staff/account", headers={"Cookie": stolen}).status_code == 302
    token = stolen.partition("=")[2].partition(".")[0]
    forged = f"hailong-staff={token}.{int(NOON.timestamp()) + 1200:x}.AAAAAAAAAAAAAAAAAAAA"
    assert thief.get("/staff/account", headers={"Cookie": forged}).status_code == 302


def test_signing_out_ends_the_session_for_whoever_holds_the_cookie(
    app: Flask, session: Session, client: FlaskClient
) -> None:
    official(session)
    cookie = sign_in(client).headers["Set-Cookie"].partition(";")[0]
    left = send(client, "/staff/sign-out")
    assert left.location == "/staff/sign-in"
    assert left.headers["Clear-Site-Data"] == '"cache"', "and no answers that wait on this device to be sent"
    assert any(
        set_cookie.startswith("hailong-staff=; Expires=Thu, 01 Jan 1970")
        for set_cookie in left.headers.getlist("Set-Cookie")
    )
    assert app.test_client(use_cookies=False).get("/staff/", headers={"Cookie": cookie}).status_code == 302
    assert found(session, sa.select(StaffSession)) == []


def test_a_link_on_another_site_may_lead_here(session: Session, client: FlaskClient) -> None:
    official(session)
    sign_in(client)
    assert client.get("/staff/account", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_a_page_is_looked_at_while_somebody_writes(session: Session, client: FlaskClient) -> None:
    official(session)
    sign_in(client)
    session.execute(sa.update(Staff).values(enabled=True))  # on SQLite this holds the write lock, which is everybody's
    began = time.monotonic()
    assert client.get("/staff/account").status_code == 200
    assert time.monotonic() - began < OFFICIAL.lock, "it did not wait for the lock"
    session.rollback()


def test_every_sign_in_gets_a_new_session_whatever_cookie_came_with_it(session: Session, client: FlaskClient) -> None:
    official(session)
    client.set_cookie("hailong-staff", "fixed.by.somebody")
    first = sign_in(client).headers["Set-Cookie"]
    assert first.startswith("hailong-staff=")
    assert sign_in(client).headers["Set-Cookie"].partition(".")[0] != first.partition(".")[0]
    assert "fixed" not in first


def test_signing_in_anew_in_the_same_browser_ends_the_session_before(
    app: Flask, session: Session, client: FlaskClient
) -> None:
    official(session)
    official(session, "other")
    cookie = sign_in(client).headers["Set-Cookie"].partition(";")[0]
    assert sign_in(client, password="sai mật khẩu rồi nhé").status_code == 422
    thief = app.test_client(use_cookies=False)
    assert thief.get("/staff/account", headers={"Cookie": cookie}).status_code == 200, "who did not get in ends nothing"
    sign_in(client, "other")
    assert thief.get("/staff/account", headers={"Cookie": cookie}).status_code == 302
    assert len(found(session, sa.select(StaffSession))) == 1


def test_a_person_sees_and_ends_their_own_sessions_only(app: Flask, session: Session, client: FlaskClient) -> None:
    official(session)
    official(session, "other")
    elsewhere, stranger = app.test_client(), app.test_client()
    sign_in(elsewhere)
    sign_in(stranger, "other")
    sign_in(client)
    page = check_page(client.get("/staff/account"))
    assert page.words.count("Kết thúc phiên này") == 1
    rows = {row.staff_id: row.id_hash.hex()[:16] for row in found(session, sa.select(StaffSession))}
    [other] = found(session, sa.select(Staff.id).where(Staff.login_key == "other"))
    send(client, f"/staff/account/sessions/{rows[other]}")
    assert stranger.get("/staff/account").status_code == 200, "not mine to end"
    mine = client.get("/staff/account").text.split("/staff/account/sessions/")[1][:16]
    send(client, f"/staff/account/sessions/{mine}")
    assert elsewhere.get("/staff/account").status_code == 302
    assert client.get("/staff/account").status_code == 200


def test_a_new_password_ends_the_other_sessions_and_renews_this_one(
    app: Flask, session: Session, client: FlaskClient
) -> None:
    official(session)
    elsewhere = app.test_client()
    sign_in(elsewhere)
    old = sign_in(client).headers["Set-Cookie"].partition(";")[0]
    done = send(client, "/staff/account/password", current=PASSWORD, new="câu mới cũng dài và dễ")
    assert done.status_code == 303
    assert "Mật khẩu mới đã có hiệu lực" in client.get(done.location).text
    assert elsewhere.get("/staff/account").status_code == 302
    assert app.test_client(use_cookies=False).get("/staff/", headers={"Cookie": old}).status_code == 302
    assert attempt(app, "câu mới cũng dài và dễ", NOON)


def test_the_cookie_insists_on_https_where_there_is_https(
    settings: Settings, started: Callable[[Settings], AbstractContextManager[Flask]], session: Session
) -> None:
    official(session)
    with started(replace(settings, public_url="https://hailong.example")) as secure:
        cookies = sign_in(secure.test_client(), Referer="https://localhost/").headers.getlist("Set-Cookie")
    mine = next(cookie for cookie in cookies if cookie.startswith("__Host-hailong-staff="))
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(mine.split("; "))
    assert "Domain" not in mine


@pytest.mark.parametrize("lacking", ["token", "site"])
def test_a_request_from_another_site_does_nothing(session: Session, client: FlaskClient, lacking: str) -> None:
    official(session)
    sign_in(client)
    token = token_on(client, "/staff/account") if lacking == "site" else "wrong"
    headers = {"Sec-Fetch-Site": "cross-site"} if lacking == "site" else {}
    refused = client.post("/staff/sign-out", data={"csrf_token": token}, headers=headers)
    assert refused.status_code in (400, 403)
    check_page(refused)
    assert client.get("/staff/account").status_code == 200


def test_an_address_that_there_is_not_leads_back_to_where_one_was(client: FlaskClient, session: Session) -> None:
    official(session)
    for signed_in, way in ((False, "/staff/sign-in"), (True, "/staff/")):
        if signed_in:
            sign_in(client)
        page = client.get("/staff/no-such-page")
        assert page.status_code == 404
        assert re.findall(r'<main.*?<a href="([^"]+)"', page.text, re.S) == [way]
        assert ("Đăng xuất" in page.text) == signed_in
        assert (
            "Xin Ông/Bà kiểm tra lại địa chỉ." in check_page(page).words and "<h1>Không có trang này</h1>" in page.text
        )
