"""The page of targets: everybody on the staff reads it, an administrator of the province enters and ends them."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.models import Role, StoredTarget
from tests.support.officials import official, send, sign_in
from tests.support.pages import check_page
from tests.support.province import TODAY

ENTRY = {
    "kind": "headline",
    "share": "92,5",
    "first": "2026-12-01",
    "last": "",
    "title_vi": "Chỉ tiêu của <b>tỉnh</b>",
    "title_en": "Target of the province",
    "source_vi": "Kế hoạch 50/KH-UBND",
    "source_en": "Plan 50/KH-UBND",
}
PAGE = "/staff/targets"


@pytest.fixture
def administrator(client: FlaskClient, session: Session) -> FlaskClient:
    official(session, "chu", role=Role.ADMINISTRATOR)
    with time_machine.travel(TODAY, tick=True):
        sign_in(client, "chu")
        yield client


def test_a_target_is_entered_shown_and_taken_back(administrator: FlaskClient, session: Session) -> None:
    words = check_page(administrator.get(PAGE)).words
    assert "90%" in words and "Đặt khi cài đặt phần mềm" in words and "1565/QĐ-TTg" in words
    assert send(administrator, PAGE, PAGE, **ENTRY).status_code == 303
    page = administrator.get(f"{PAGE}?saved=added")
    words = check_page(page).words
    assert "92,5%" in words and "<b>tỉnh</b>" in words and "chưa áp dụng" in words and "Nguyễn Thị Hạnh" in words
    row = session.scalars(sa.select(StoredTarget).where(StoredTarget.headline)).one()
    assert (row.share, row.valid_from, row.entered_at is not None) == ("0.925", dt.date(2026, 12, 1), True)
    number = row.id
    session.rollback()
    assert send(administrator, f"{PAGE}/{number}", PAGE).status_code == 303
    assert "92,5%" not in administrator.get(PAGE).text


def test_a_form_with_faults_comes_back_filled_in_with_what_is_wrong(
    administrator: FlaskClient, session: Session
) -> None:
    reply = send(administrator, PAGE, PAGE, **ENTRY | {"first": "2026-11-05", "share": "9"})
    assert reply.status_code == 422
    assert reply.text.count('class="fault" id=') == 2 and "Kế hoạch 50/KH-UBND" in reply.text
    assert session.scalar(sa.select(sa.func.count()).select_from(StoredTarget)) == 1


def test_the_national_target_is_ended_with_today(administrator: FlaskClient, session: Session) -> None:
    number = session.scalar(sa.select(StoredTarget.id))
    session.rollback()
    assert send(administrator, f"{PAGE}/{number}", PAGE).status_code == 303
    assert session.scalars(sa.select(StoredTarget.valid_to)).all() == [dt.date(2026, 11, 5)]
    session.rollback()
    assert send(administrator, f"{PAGE}/{number}", PAGE).status_code == 409


@pytest.mark.parametrize(("role", "agency"), [(Role.MANAGER, "H61"), (Role.ADMINISTRATOR, "H61.50")])
def test_nobody_else_enters_one(client: FlaskClient, session: Session, role: Role, agency: str) -> None:
    official(session, "khac", agency, role)
    with time_machine.travel(TODAY, tick=True):
        sign_in(client, "khac")
        page = client.get(PAGE)
        assert "1565/QĐ-TTg" in check_page(page).words and not re.search(r'action="/staff/targets', page.text)
        assert 'name="share"' not in page.text
        assert send(client, PAGE, "/staff/account", **ENTRY).status_code == 403
        assert send(client, f"{PAGE}/1", "/staff/account").status_code == 403
    assert session.scalar(sa.select(sa.func.count()).select_from(StoredTarget)) == 1
