"""The audit trail as a page and as a file: who may read it, how it is filtered, and that no citizen stands in it."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest
import sqlalchemy as sa
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy.orm import Session

from survey.accounts import accounts, oversight
from survey.accounts.oversight import Overseer
from survey.audit import reading, trail
from survey.audit.acts import Act
from survey.audit.reading import TrailFilter
from survey.models import AuditEntry, Role
from survey.web.staff.audit_words import about_words
from tests.support import factories
from tests.support.officials import found, official, send, sign_in
from tests.support.pages import check_page

NOON = dt.datetime(2026, 11, 2, 5, 0, tzinfo=dt.UTC)
PATH = "/staff/audit-trail"


def test_entries_are_found_by_act_person_unit_and_day_newest_first(session: Session) -> None:
    hanh, lan = official(session, "hanh", "H61.50"), official(session, "la_n", "H61.51")
    for number, (who, act) in enumerate(
        ((hanh, Act.SESSION_STARTED), (lan, Act.SESSION_STARTED), (lan, Act.COMMENTS_EXPORTED), (None, Act.DATA_ERASED))
    ):
        trail.append(session, who.id if who else None, act, NOON + dt.timedelta(days=number), number=number)
    session.flush()
    unit = frozenset({factories.agency_id(session, "H61.51")})

    def numbers(wanted: TrailFilter, most: int = 50) -> list[int]:
        return [one.about["number"] for one in reading.entries(session, wanted, 0, most) if "number" in one.about]

    of_then = TrailFilter(since=NOON, until=NOON + dt.timedelta(days=9))
    assert numbers(of_then) == [3, 2, 1, 0] and reading.number(session, of_then) == 4
    assert numbers(TrailFilter(act=Act.SESSION_STARTED)) == [1, 0]
    assert numbers(TrailFilter(agencies=unit)) == [2, 1], "what the machine did by itself is nobody's"
    assert numbers(TrailFilter(people=accounts.called(session, "LA_N"))) == [2, 1]
    assert numbers(TrailFilter(people=accounts.called(session, "l%n"))) == [], "no letter stands for any other"
    assert accounts.called(session, "THỊ HẠNH") == {hanh.id, lan.id}
    of_a_day = TrailFilter(since=NOON + dt.timedelta(days=1), until=NOON + dt.timedelta(days=2))
    assert numbers(of_a_day) == [1]
    assert numbers(of_then, most=2) == [3, 2]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # what is proved here is the page
def test_the_page_says_what_was_done_in_words_and_hands_out_the_same_as_a_file(app: Flask, session: Session) -> None:
    boss, account = official(session, "boss", role=Role.ADMINISTRATOR), official(session, "lan", "H61.50")
    every = frozenset({account.agency_id, boss.agency_id})
    who = Overseer(boss.id, boss.role, every, frozenset({boss.agency_id}))
    oversight.change(session, who, account, Role.MANAGER, account.agency_id, NOON)
    session.commit()
    client = app.test_client()
    sign_in(client, "boss")
    page = check_page(
        client.get(PATH, query_string={"act": "staff.changed", "first": "2026-11-02", "last": "2026-11-02"})
    )
    assert "Thay đổi vai trò hoặc đơn vị của tài khoản" in page.words
    assert "vai trò trước đó: Người xem" in page.words and "vai trò: Người quản lý" in page.words
    assert "1 mục" in page.words
    wrong = check_page(client.get(PATH, query_string={"first": "9999-12-31", "last": "9999-12-31"}))
    assert "Vui lòng chọn một ngày" in wrong.words
    assert "Không có mục nào" in check_page(client.get(PATH, query_string={"person": "nobody"})).words
    table = send(client, f"{PATH}/file", PATH, format="csv", act="staff.changed")
    [head, line] = csv.reader(io.StringIO(table.data.decode("utf-8-sig")))
    assert head[4:] == ["Thao tác", "Về việc gì"]
    assert line[2] == "boss" and "Người quản lý" in line[5]
    sheet = load_workbook(io.BytesIO(send(client, f"{PATH}/file", PATH, format="xlsx").data)).active
    assert sheet is not None and sheet.max_row > 3
    exports = found(session, sa.select(AuditEntry.about).where(AuditEntry.act == "audit_trail.exported"))
    assert exports[0] == {"format": "csv", "number": 1}
    assert send(client, f"{PATH}/file", PATH, format="exe").status_code == 404


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # as above
def test_a_unit_sees_what_its_own_accounts_did_and_nobody_below_an_administrator_anything(
    app: Flask, session: Session
) -> None:
    for login, role in (
        ("a", Role.ADMINISTRATOR),
        ("kiem", Role.AUDITOR),
        ("quan", Role.MANAGER),
        ("xem", Role.VIEWER),
    ):
        official(session, login, "H61.50", role)
    official(session, "khac", "H61.51", Role.ADMINISTRATOR)
    for login in ("khac", "quan"):
        sign_in(app.test_client(), login)
    for login in ("a", "kiem"):
        client = app.test_client()
        sign_in(client, login)
        page = client.get(PATH, query_string={"act": "session.started", "unit": "H61.50"})
        assert page.status_code == 200 and check_page(page)
        assert client.get(PATH, query_string={"unit": "H61.51"}).status_code == 404
        names = send(client, f"{PATH}/file", PATH, format="csv", act="session.started").data.decode()
        assert ",quan," in names and ",khac," not in names
    for login in ("quan", "xem"):
        client = app.test_client()
        sign_in(client, login)
        assert client.get(PATH).status_code == 403
        assert send(client, f"{PATH}/file", format="csv").status_code == 403


@pytest.mark.usefixtures("vietnamese")
def test_moments_and_kinds_of_data_are_told_in_words() -> None:
    erased = about_words({"kind": "originals", "number": 4, "before": "2026-06-02T22:47:11.160907+00:00"}, {}, {})
    assert "03/06/2026" in erased and "originals" not in erased and "T22" not in erased
    restored = about_words({"file": "a.age", "made_at": "2026-11-29T20:00:00+00:00", "rows": 7}, {}, {})
    assert "30/11/2026" in restored and "made_at" not in restored and "rows" not in restored
