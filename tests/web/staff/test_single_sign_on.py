"""Single sign-on by pages: to a provider and back, and every way in which that goes wrong."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey import logs
from survey.accounts import accounts
from survey.models import AuditEntry, Identity, Role, Staff, StaffSession
from survey.periods import now
from survey.security.passwords import VOID
from survey.settings import Settings
from tests.support import factories
from tests.support.officials import PASSWORD, found, official, send, sign_in, token_on
from tests.support.pages import check_page
from tests.support.provider import (
    MANAGER,
    FakeProvider,
    begin,
    configured,
    logout_token,
    sign_on,
    way_back,
)
from tests.support.second_factor import code_of, second_step, set_up_app

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


def holder(session: Session, login: str) -> tuple[str, Role, str]:
    session.rollback()
    name, role, stored = session.execute(
        sa.select(Staff.name, Staff.role, Staff.password_hash).where(Staff.login == login)
    ).one()
    session.rollback()
    return name, role, stored


def words(client: FlaskClient, path: str = "/staff/account") -> str:
    return check_page(client.get(path)).words


def test_whoever_has_rights_by_the_table_is_signed_in_and_given_an_account(
    session: Session, client: FlaskClient, fake: FakeProvider
) -> None:
    assert "Đăng nhập bằng Cổng đăng nhập tỉnh" in words(client, "/staff/sign-in")
    assert "Sign in with Provincial sign-on" in check_page(client.get("/staff/sign-in?lang=en"), "en").words
    client.get("/staff/sign-in?lang=vi")
    page = begin(client, "/staff/account")
    assert "Cổng đăng nhập tỉnh" in check_page(page).words
    assert page.headers["Set-Cookie"].startswith("hailong-single-sign-on=")
    response = client.get(way_back(fake, page))
    assert (response.status_code, response.location) == (303, "/staff/account")
    shown = words(client)
    assert "mai.tran" in shown and "Mật khẩu hiện tại" not in shown, "there is none to be changed"
    assert holder(session, "mai.tran") == ("Trần Thị Mai", Role.MANAGER, VOID)
    assert found(session, sa.select(Identity.subject).where(Identity.issuer == fake.issuer)) == ["p-1"]
    assert acts(session) == ["staff.added", "identity.tied", "session.started"]
    asked = fake.asked[-1]
    assert asked["code_challenge_method"] == "S256" and asked["redirect_uri"].endswith("/staff/sign-in/with/tinh/back")
    assert asked["scope"] == "openid profile" and asked["max_age"] == "43200" and "prompt" not in asked
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3 and len(asked["state"]) >= 43
    assert fake.headers[-1].startswith("Basic "), "the secret goes in a header, and in no address"


def test_the_second_sign_in_is_the_same_account_whatever_the_login_is_called(
    session: Session, client: FlaskClient, fake: FakeProvider
) -> None:
    sign_on(client, fake)
    fake.claims |= {"preferred_username": "other", "name": "Trần Mai"}
    sign_on(client, fake)
    assert holder(session, "mai.tran")[0] == "Trần Mai"
    fake.subject = "p-2"
    sign_on(client, fake)
    assert found(session, sa.select(Staff.login).order_by(Staff.id)) == ["mai.tran", "other"], "somebody else"


def test_nobody_gets_an_account_of_the_same_login_or_address(
    session: Session, client: FlaskClient, fake: FakeProvider
) -> None:
    official(session, "mai.tran", role=Role.ADMINISTRATOR)
    fake.claims["email"] = "mai.tran@example.vn"
    sign_on(client, fake)
    assert found(session, sa.select(Staff.login).order_by(Staff.id)) == ["mai.tran", "mai.tran@tinh"]
    assert holder(session, "mai.tran@tinh")[1] == Role.MANAGER


def test_rights_follow_the_provider_and_what_it_takes_away_ends_every_session(
    app: Flask, session: Session, client: FlaskClient, fake: FakeProvider
) -> None:
    elsewhere = app.test_client()
    sign_on(elsewhere, fake)
    fake.claims["groups"] = ["quan-tri"]
    sign_on(client, fake)
    assert found(session, sa.select(Staff.role)) == [Role.ADMINISTRATOR], "as the table says"
    assert elsewhere.get("/staff/account").status_code == 302, "rights of before hold nowhere"
    fake.claims |= {"groups": [], "realm_access": {"roles": ["xem"]}, "unit": "H61.50"}
    sign_on(elsewhere, fake)
    assert client.get("/staff/account").status_code == 302
    assert "Người xem" in words(elsewhere)
    fake.claims["unit"] = "H99"
    assert "đơn vị không có trong Hài Lòng" in check_page(sign_on(client, fake)).words
    assert elsewhere.get("/staff/account").status_code == 302
    del fake.claims["realm_access"]
    refused = sign_on(client, fake)
    assert refused.status_code == 422 and "không cấp cho Ông/Bà quyền nào" in check_page(refused).words
    assert client.get("/staff/account").status_code == 302
    assert acts(session)[-4:] == ["staff.changed", "session.started", "sign_on.refused", "sign_on.refused"]
    assert found(session, sa.select(StaffSession)) == []


def test_claims_that_the_token_does_not_hold_are_asked_for(
    session: Session, client: FlaskClient, fake: FakeProvider
) -> None:
    fake.claims, fake.userinfo = {}, dict(MANAGER)
    assert sign_on(client, fake).status_code == 303
    assert "mai.tran" in words(client)
    fake.userinfo["sub"] = "p-2"
    assert "không xác minh được" in check_page(sign_on(client, fake)).words, "of somebody else"


def test_a_provider_that_is_away_or_refuses_ends_on_our_page(
    capsys: pytest.CaptureFixture[str], session: Session, client: FlaskClient, fake: FakeProvider
) -> None:
    logs.configure("INFO")  # to where this test reads
    address = way_back(fake, begin(client))
    fake.status = 503
    for refused in (client.get(address), begin(client)):
        assert refused.status_code == 422 and "chưa trả lời" in check_page(refused).words
    fake.status = 200
    fake.answer = {"code": None, "error": "access_denied", "error_description": "mật"}
    declined = sign_on(client, fake)
    assert "chưa cho Ông/Bà đăng nhập" in check_page(declined).words and "mật" not in declined.text
    assert acts(session) == ["sign_on.refused"] * 2
    log = capsys.readouterr().err
    kinds = [json.loads(line)["kind"] for line in log.splitlines() if "sign_in_refused" in line]
    assert kinds == ["single_sign_on away", "single_sign_on declined"]
    assert not [one for one in (*fake.codes, fake.asked[0]["state"], "access_denied") if one in log]


def test_what_cannot_be_verified_signs_nobody_in(session: Session, client: FlaskClient, fake: FakeProvider) -> None:
    fake.token = {"nonce": "of another attempt"}
    refused = sign_on(client, fake)
    assert refused.status_code == 422 and "không xác minh được" in check_page(refused).words
    assert client.get("/staff/account").status_code == 302
    assert found(session, sa.select(Staff)) == [] and acts(session) == ["sign_on.refused"]


def test_each_attempt_is_of_one_browser_once_and_not_for_long(
    app: Flask, session: Session, client: FlaskClient, fake: FakeProvider, clock: time_machine.Traveller
) -> None:
    address = way_back(fake, begin(client))
    thief = app.test_client()
    assert "đã dùng rồi" in check_page(thief.get(address)).words, "who has but the address"
    begin(thief)
    assert "đã dùng rồi" in check_page(thief.get(address)).words, "or an attempt of his own"
    assert client.head(address).status_code == 200, "a look does nothing"
    cookie = client.get_cookie("hailong-single-sign-on")
    assert cookie is not None and client.get(address).status_code == 303
    client.set_cookie("hailong-single-sign-on", cookie.value)
    assert "đã dùng rồi" in check_page(client.get(address)).words
    late = way_back(fake, begin(client))
    clock.shift(dt.timedelta(minutes=10))
    assert "đã dùng rồi" in check_page(client.get(late)).words
    assert client.get("/staff/sign-in/with/la/back").status_code == 404
    assert client.post("/staff/sign-in/with/tinh").status_code == 400, "no form of ours"


def test_another_site_sends_nobody_to_sign_in(client: FlaskClient) -> None:
    form = {"csrf_token": token_on(client)}
    strange = client.post("/staff/sign-in/with/tinh", data=form, headers={"Sec-Fetch-Site": "cross-site"})
    assert strange.status_code == 403


def test_a_second_factor_of_the_provider_counts_only_in_words_of_the_table(
    session: Session, client: FlaskClient, fake: FakeProvider
) -> None:
    fake.claims["amr"] = ["pwd"]
    sign_on(client, fake)
    assert "Xin Ông/Bà thiết lập xác thực hai bước" in client.get("/staff/account").text
    for shown in ({"amr": ["pwd", "otp"]}, {"amr": [], "acr": "cao"}):
        fake.claims |= shown
        sign_on(client, fake)
        assert "Xin Ông/Bà thiết lập xác thực hai bước" not in client.get("/staff/account").text
    key, _codes = set_up_app(client)
    fake.claims |= {"amr": ["pwd"], "acr": "thấp"}
    response = sign_on(client, fake, "/staff/account")
    assert response.location.startswith("/staff/sign-in/second-step"), "ours is asked for"
    assert client.get("/staff/account").status_code == 302
    assert second_step(client, code_of(key, 1), next="/staff/account").location == "/staff/account"
    fake.claims["amr"] = ["hwk"]
    assert sign_on(client, fake).location == "/staff/"


def test_an_account_is_tied_by_its_holder_and_its_password_is_void_from_then_on(
    app: Flask, session: Session, client: FlaskClient, fake: FakeProvider
) -> None:
    official(session, role=Role.VIEWER)
    official(session, "khan", role=Role.ADMINISTRATOR)
    elsewhere = app.test_client()
    for one in (elsewhere, client):
        sign_in(one)
    page = send(client, "/staff/account/single-sign-on/tinh")
    address = way_back(fake, page)
    assert fake.asked[-1]["prompt"] == "login" and fake.asked[-1]["max_age"] == "0"
    assert elsewhere.get(address).status_code == 422, "in another browser it is nobody's"
    tied = client.get(address)
    assert "Tài khoản đã gắn" in words(client, tied.location)
    assert holder(session, "hanh")[1:] == (Role.MANAGER, VOID), "the provider says what its holder may do"
    assert elsewhere.get("/staff/account").status_code == 302
    assert sign_in(elsewhere).status_code == 422, "the password opens nothing"
    sign_on(elsewhere, fake)
    assert "hanh" in words(elsewhere)
    assert "identity.tied" in acts(session)


def test_an_account_is_not_tied_where_nobody_could_get_in_any_more_or_somebody_else_would(
    session: Session, client: FlaskClient, fake: FakeProvider
) -> None:
    official(session, role=Role.ADMINISTRATOR)
    sign_in(client)
    refused = client.get(way_back(fake, send(client, "/staff/account/single-sign-on/tinh")))
    assert refused.status_code == 409 and "quản trị viên cuối cùng" in check_page(refused).words
    fake.claims["groups"] = []
    refused = client.get(way_back(fake, send(client, "/staff/account/single-sign-on/tinh")))
    assert "không cấp cho Ông/Bà quyền nào" in check_page(refused).words
    assert "hanh" in words(client), "who is still signed in"
    assert found(session, sa.select(Identity)) == []
    fake.claims = dict(MANAGER)
    client.delete_cookie("hailong-staff")
    sign_on(client, fake)
    client.delete_cookie("hailong-staff")
    official(session, "khan", role=Role.ADMINISTRATOR)
    sign_in(client)
    refused = client.get(way_back(fake, send(client, "/staff/account/single-sign-on/tinh")))
    assert "tài khoản khác" in check_page(refused).words


def test_a_provider_ends_sessions_by_itself(
    app: Flask, session: Session, client: FlaskClient, fake: FakeProvider
) -> None:
    sign_on(client, fake)
    program, address = app.test_client(use_cookies=False), "/staff/sign-in/with/tinh/ended"
    assert program.post(address, data={"logout_token": fake.id_token("n")}).status_code == 400
    assert client.get("/staff/account").status_code == 200
    assert program.post(address, data={"logout_token": logout_token(fake, sub=None, sid="s-1")}).status_code == 204
    assert client.get("/staff/account").status_code == 302
    assert acts(session)[-1] == "sign_on.ended"


def test_a_suspended_account_stays_shut_and_a_local_one_opens_without_the_provider(
    session: Session, client: FlaskClient, fake: FakeProvider
) -> None:
    sign_on(client, fake)
    accounts.disable(session, "mai.tran", now())
    session.commit()
    assert "đang tạm khóa" in check_page(sign_on(client, fake)).words
    fake.status = 503
    official(session, "khan", role=Role.ADMINISTRATOR)
    assert sign_in(client, "khan").status_code == 303, "break-glass"
    accounts.add(session, "chua", "Chưa", Role.VIEWER, factories.agency_id(session, "H61"), None, now())
    session.commit()
    assert sign_in(client, "chua", "!").status_code == 422
    accounts.reset_password(session, "x" * 40, "chua", PASSWORD, now())
    session.commit()
    assert sign_in(client, "chua").status_code == 303
