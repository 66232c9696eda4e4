"""Dangerous acts ask again who it is, once ten minutes have passed, and lose nothing of what was entered."""

from __future__ import annotations

import datetime as dt
import html
import re

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.models import AuditEntry, Role
from survey.web.staff.factor_check import CONFIRMED
from tests.support.officials import PASSWORD, found, official, send, sign_in, token_on
from tests.support.pages import check_page
from tests.support.second_factor import PAGE, code_of, set_up_app

ASK_AGAIN = {
    "account_invitations.invite",
    "accounts.act_on",
    "alerts.save",
    "accounts.change",
    "accounts.decide",
    "call_backs.finish",
    "call_backs.seal",
    "closing.close",
    "publication.switch",
    "publication.publish",
    "publication.retract",
    "comment_originals.read",
    "comments.file",
    "exclusions.decide",
    "factor_resets.ask",
    "factor_resets.decide",
    "person_requests.erase",
    "person_requests.file",
    "programs.add_key",
    "programs.add_webhook",
    "questionnaires.publish",
    "second_factor.add_app",
    "second_factor.add_passkey",
    "second_factor.new_codes",
    "second_factor.remove_app",
    "second_factor.remove_passkey",
    "sign_in.end_others",
    "sign_in.revoke",
    "single_sign_on.tie",
    "stopped_accounts.unlock",
}
FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
FILE = {"period": "2026-10", "basis": "calendar", "format": "csv", "lang": "vi", "q": '<b>"&'}


def test_these_acts_ask_again(app: Flask) -> None:
    asking = {name for name, view in app.view_functions.items() if hasattr(view, "asks_again")}
    assert asking == ASK_AGAIN
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint in ASK_AGAIN]
    assert not [rule for rule in rules if "GET" in (rule.methods or ())], "a look asks nobody again"


def test_after_ten_minutes_the_password_is_asked_for_and_the_form_goes_on(
    app: Flask, session: Session, client: FlaskClient, clock: time_machine.Traveller
) -> None:
    official(session, role=Role.MANAGER)
    before = sign_in(client).headers["Set-Cookie"].partition(";")[0]
    assert send(client, "/staff/comments/file", **FILE).mimetype == "text/csv", "just signed in"
    clock.shift(CONFIRMED)
    asked = send(client, "/staff/comments/file", **FILE)
    assert asked.status_code == 401
    assert 'type="password"' in asked.text
    check_page(asked)
    fields = {name: html.unescape(value) for name, value in FIELD.findall(asked.text)}
    assert {name: fields[name] for name in FILE} == FILE, "nothing that was entered is lost"
    wrong = client.post("/staff/comments/file", data={**fields, "proof_code": "sai rồi"})
    assert wrong.status_code == 401 and "Mật khẩu không đúng" in check_page(wrong).words
    done = client.post("/staff/comments/file", data={**fields, "proof_code": PASSWORD})
    assert (done.status_code, done.mimetype) == (200, "text/csv")
    assert done.headers["Set-Cookie"].startswith("hailong-staff="), "with another id"
    thief = app.test_client(use_cookies=False)
    assert thief.get("/staff/account", headers={"Cookie": before}).status_code == 302, "the id from before is void"
    assert send(client, "/staff/comments/file", **FILE).mimetype == "text/csv", "not asked again at once"
    acts = found(session, sa.select(AuditEntry.act).order_by(AuditEntry.id))
    assert acts[-4:] == ["session.refused", "session.confirmed", "comments.exported", "comments.exported"]


def test_whoever_has_a_second_factor_is_asked_for_that(
    app: Flask, session: Session, client: FlaskClient, clock: time_machine.Traveller
) -> None:
    official(session, role=Role.MANAGER)
    sign_in(client)
    key, codes = set_up_app(client)
    clock.shift(CONFIRMED)
    page = send(client, f"{PAGE}/recovery-codes", PAGE)
    assert page.status_code == 401 and 'type="password"' not in page.text
    fields = dict(FIELD.findall(page.text))
    refused = client.post(f"{PAGE}/recovery-codes", data={**fields, "proof_code": PASSWORD})
    assert refused.status_code == 401, "the password is not enough"
    assert client.post(f"{PAGE}/recovery-codes", data={**fields, "proof_code": code_of(key)}).status_code == 200
    clock.shift(CONFIRMED)
    again = {"csrf_token": token_on(client, PAGE), "proof_code": code_of(key, -30)}
    assert client.post(f"{PAGE}/recovery-codes", data=again).status_code == 401, "an old code"
    assert len(codes) == 8


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # time and a cookie
def test_what_is_confirmed_does_not_make_a_session_last_longer(
    session: Session, client: FlaskClient, clock: time_machine.Traveller
) -> None:
    official(session)
    sign_in(client)
    for _ in range(52):
        clock.shift(dt.timedelta(minutes=13, seconds=45))
        send(client, "/staff/account/sessions", proof_code=PASSWORD)
    assert client.get("/staff/account").status_code == 200
    clock.shift(dt.timedelta(minutes=13, seconds=45))
    assert client.get("/staff/account").status_code == 302, "twelve hours, however often it was proved"


def test_everywhere_else_is_signed_out_at_once(app: Flask, session: Session, client: FlaskClient) -> None:
    official(session)
    elsewhere = [app.test_client() for _ in range(2)]
    for one in elsewhere:
        sign_in(one, **{"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/150.0"})
    sign_in(client)
    assert "Firefox · Windows" in check_page(client.get("/staff/account")).words
    ended = send(client, "/staff/account/sessions")
    assert "đã đăng xuất ở mọi nơi khác" in check_page(client.get(ended.location)).words
    assert {one.get("/staff/account").status_code for one in elsewhere} == {302}
    assert client.get("/staff/account").status_code == 200
