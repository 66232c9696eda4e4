"""The pages of the start: the first account, the list, the province, a test message, the second administrator."""

from __future__ import annotations

import dataclasses
import html
import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from survey.audit.acts import Act
from survey.models import Agency, AuditEntry, Delivery, QuestionnaireVersion, Reason, Role, Staff, State, VersionStatus
from survey.operations import first_account
from survey.periods import now
from survey.web.survey import survey_of
from tests.support.factories import SECRET
from tests.support.officials import PASSWORD, found, official, send, sign_in
from tests.support.pages import check_page

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # what is proved here is the page


def words(response: TestResponse) -> str:
    """Return a page that obeys what every page must."""
    check_page(response)
    return html.unescape(response.text)


@pytest.fixture
def administrator(session: Session, client: FlaskClient) -> FlaskClient:
    official(session, role=Role.ADMINISTRATOR)
    sign_in(client)
    return client


def test_the_first_account_is_set_up_by_the_link_alone(client: FlaskClient, session: Session) -> None:
    session.rollback()
    assert "Chưa ai có tài khoản" in words(client.get("/staff/sign-in"))
    page = f"/staff/first/{first_account.new_token(SECRET, now())}"
    assert "Khảo sát của tỉnh nào?" not in words(client.get(page)), "a command has said whose survey it is"
    typed = {"name": "Nguyễn Thị Hạnh", "login": "hanh", "new": PASSWORD, "again": PASSWORD}
    weak = send(client, page, page, **typed | {"new": "hanh1234567890", "again": "hanh1234567890"})
    assert weak.status_code == 422 and "Nguyễn Thị Hạnh" in words(weak)
    assert client.get("/staff/first/1.2").status_code == 410
    done = send(client, page, page, **typed)
    assert done.status_code == 200 and "/staff/sign-in?next=/staff/start" in words(done)
    assert [one.role for one in found(session, sa.select(Staff))] == [Role.ADMINISTRATOR]
    assert client.get(page).status_code == 410
    assert "Chưa ai có tài khoản" not in client.get("/staff/sign-in").text


def test_the_list_is_reached_from_the_overview_and_the_menu(administrator: FlaskClient) -> None:
    assert "Mở danh sách" in administrator.get("/staff/").text
    page = words(administrator.get("/staff/start"))
    assert "/staff/imports?kind=cases" in page
    assert re.search(r'option selected value="agencies"', administrator.get("/staff/imports?kind=agencies").text)
    assert re.search(r'option selected value="test"', administrator.get("/staff/placements/new?spot=test").text)


def test_a_manager_and_a_unit_are_not_led_there(app: Flask, session: Session) -> None:
    for login, agency, role in (("tinh", "H61", Role.MANAGER), ("xa", "H61.50", Role.ADMINISTRATOR)):
        official(session, login, agency, role)
        visitor = app.test_client()
        sign_in(visitor, login)
        assert "Mở danh sách" not in visitor.get("/staff/").text
        assert visitor.get("/staff/start").status_code == 403


def test_the_province_is_corrected_until_a_file_tells_of_it(administrator: FlaskClient, session: Session) -> None:
    fields = {"code": "H60", "province_vi": "Ủy ban nhân dân tỉnh An Giang", "province_en": ""}
    assert send(administrator, "/staff/start/province", **fields).status_code == 409
    session.execute(sa.update(Agency).values(placeholder=True))
    session.commit()
    wrong = send(administrator, "/staff/start/province", **fields | {"code": "tỉnh"})
    assert wrong.status_code == 409 and "An Giang" in words(wrong)
    assert send(administrator, "/staff/start/province", **fields).status_code == 303
    assert "An Giang, mã H60" in words(administrator.get("/staff/start"))
    assert found(session, sa.select(AuditEntry.act).order_by(AuditEntry.id.desc()).limit(1)) == [
        Act.PROVINCE_CORRECTED.value
    ]


def test_the_page_of_test_messages_tells_the_truth(administrator: FlaskClient, session: Session) -> None:
    assert "chưa khai báo máy chủ thư" in words(administrator.get("/staff/start/message"))
    refused = send(administrator, "/staff/start/message", address="hanh@example.vn")
    assert refused.status_code == 409 and "chưa gửi được thư" in words(refused)
    assert send(administrator, "/staff/start/message", address="ai đó").status_code == 422
    survey = survey_of(administrator.application)
    survey.settings = dataclasses.replace(survey.settings, smtp_host="127.0.0.1", mail_from="a@b.vn")
    assert send(administrator, "/staff/start/message", address="hanh@example.vn").status_code == 303
    assert "Đang chờ gửi" in words(administrator.get("/staff/start/message"))
    session.execute(sa.update(Delivery).values(state=State.REFUSED, reason=Reason.ADDRESS, payload=None, due_at=None))
    session.commit()
    page = words(administrator.get("/staff/start/message"))
    assert "không có địa chỉ" in page.lower() or "địa chỉ này không" in page.lower()


def test_the_ready_made_questionnaires_become_drafts_once(administrator: FlaskClient, session: Session) -> None:
    assert "Lấy các phiếu có sẵn" not in administrator.get("/staff/questionnaires/").text
    session.execute(sa.delete(QuestionnaireVersion))
    session.commit()
    assert "Lấy các phiếu có sẵn" in words(administrator.get("/staff/questionnaires/"))
    for _ in range(2):
        assert send(administrator, "/staff/questionnaires/ready-made").status_code == 303
    rows = found(session, sa.select(QuestionnaireVersion))
    assert {row.status for row in rows} == {VersionStatus.DRAFT} and len(rows) == len({row.code for row in rows}) >= 3
    number = next(row.id for row in rows if row.code == "short_online")
    preview = administrator.get(f"/staff/questionnaires/{number}/preview")
    assert preview.status_code == 200, "a draft is looked at before anything is asked"


def test_only_the_first_administrator_invites_the_second_alone(administrator: FlaskClient, session: Session) -> None:
    def invite(agency: str = "H61", name: str = "Lê Văn Tư") -> int:
        typed = {"name": name, "role": "administrator", "agency": agency}
        return send(administrator, "/staff/accounts/new", "/staff/accounts/new", **typed).status_code

    assert "tự mời người quản trị thứ hai" in words(administrator.get("/staff/accounts/new"))
    assert invite("H61.50") == 403, "of the province, not of a unit"
    assert invite() == 200
    assert "tự mời người quản trị thứ hai" not in administrator.get("/staff/accounts/new").text
    assert invite(name="Người thứ ba") == 422, "one waits already"
    session.execute(sa.text("UPDATE account_link SET ended_at = invited_at"))
    session.commit()
    official(session, "tu", role=Role.ADMINISTRATOR)
    session.execute(sa.update(Staff).where(Staff.login == "tu").values(enabled=False))
    session.commit()
    assert invite() == 422, "there was a second one: from then on it takes two"
