"""Pages of the other figures that a province owes: in both languages, with their files read back by another program."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.models import AuditEntry, Channel, PortalCount, Quota, Role
from survey.questionnaires import FULL, IN_PERSON
from tests.support import factories
from tests.support.officials import found, official, send, sign_in
from tests.support.pages import check_page
from tests.support.province import noon

PAGES = {
    "indicator-766": "/staff/indicator-766?period=2026-10",
    "service-index": "/staff/service-index?period=2026-10",
    "return-1565": "/staff/return-1565",
    "quotas": "/staff/quotas?period=2026-10",
}
ASKED = {"period": "2026-10", "basis": "calendar", "agency": "H61"}


@pytest.fixture
def owed(session: Session, own_province: FlaskClient) -> FlaskClient:
    """A province with what the portal counted, and answers to the long sheet and at a counter."""
    days = {"first": dt.date(2026, 10, 1), "last": dt.date(2026, 10, 31)}
    for agency, handled, late in (("H61", 1000, 80), ("H61.1", 400, 40)):
        counted: dict[str, Any] = {"handled": handled, "late": late, "disliked": 60, "late_and_disliked": 40}
        counted |= {"petitions": 247, "petitions_on_time": 182, "petitions_satisfied": 137, "source": "Cổng quốc gia"}
        key = factories.agency_id(session, agency)
        session.add(PortalCount(agency_id=key, recorded_at=noon(2, 11), **days, **counted))
    for _ in range(12):
        factories.response(session, 5, "H61.1", when=noon(6), ratings={"r1": 5, "r5": 2}, asked=FULL)
        factories.response(
            session, 5, "H61.2", when=noon(6), channel=Channel.OPEN, ratings={"r1": 4, "r2": 1}, asked=IN_PERSON
        )
    session.commit()
    return own_province


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("page", [*PAGES.values(), "/staff/sample-size"])
def test_each_page_keeps_the_rules_of_pages_in_both_languages(owed: FlaskClient, page: str, lang: str) -> None:
    for address in (page, f"{page}{'&' if '?' in page else '?'}agency=H61.50&period=2027-01"):
        shown = owed.get(f"{address}{'&' if '?' in address else '?'}lang={lang}")
        assert shown.status_code == 200
        check_page(shown, lang)


def test_the_portal_s_figures_stand_under_their_own_name(owed: FlaskClient) -> None:
    """900 of 1000 cases in one wording, 860 in the other: 90 % and 6 points, 86 % and 5.73."""
    page = owed.get(PAGES["indicator-766"] + "&lang=vi").get_data(as_text=True)
    assert "Cổng chấm 14,34/18 điểm; còn thiếu 3,66 điểm so với tối đa" in page
    assert "86,00%" in page and "5,73" in page and "Nguồn: Cổng quốc gia" in page
    assert "95,00%" not in page.split("Theo đơn vị")[0]
    english = owed.get(PAGES["indicator-766"] + "&lang=en").get_data(as_text=True)
    assert "The portal gives 14.34/18 points" in english or "14.34 of 18" in english


def test_the_index_of_groups_and_the_return_show_what_was_answered(owed: FlaskClient) -> None:
    page = owed.get(PAGES["service-index"] + "&lang=vi").get_data(as_text=True)
    assert "Chỉ số của từng nhóm" in page and "100,0%" in page and "0,0%" in page
    owing = owed.get("/staff/return-1565?period=2026-10&lang=vi").get_data(as_text=True)
    assert "Theo chỉ tiêu quốc gia 95%" in owing and "Quyết định số 1565/QĐ-TTg ngày 18/7/2025" in owing
    assert "Chưa đạt" in owing  # 71 of 92 prove both that 90 % and that 95 % are missed
    before = owed.get("/staff/return-1565?period=2025-10&lang=vi").get_data(as_text=True)
    assert "Theo chỉ tiêu quốc gia" not in before


def test_the_sample_sizes_are_worked_out_step_by_step(owed: FlaskClient) -> None:
    page = owed.get("/staff/sample-size?cases=1000&supposed=0.95&rate=50&lang=vi").get_data(as_text=True)
    assert "1 + N × e² = 3,5. n = N ÷ (1 + N × e²) = 285,71, làm tròn lên: 286 phiếu." in page
    for number in ("<b>286 phiếu</b>", "<b>278 phiếu</b>", "<b>206 phiếu</b>", "572 người", "412 người", "255 phiếu"):
        assert number in page, number
    odd = owed.get("/staff/sample-size?cases=-1&supposed=2&rate=999&lang=vi").get_data(as_text=True)
    assert "5.000 hồ sơ" in odd and "<b>371 phiếu</b>" in odd


@pytest.mark.parametrize("table", PAGES)
def test_each_table_is_a_file_that_others_can_read_and_is_on_record(
    session: Session, owed: FlaskClient, table: str
) -> None:
    sent = send(owed, "/staff/other-figures/file", table=table, format="csv", **ASKED)
    assert sent.headers["Content-Disposition"] == f'attachment; filename="hailong_H61_2026-10_calendar_{table}.csv"'
    head, *rows = list(csv.reader(io.StringIO(sent.get_data().decode("utf-8-sig"))))
    assert rows and all(len(row) == len(head) for row in rows)
    assert head[-4:] == ["Kỳ", "Từ ngày", "Đến hết ngày", "Cách tính"]
    assert rows[0][-4:-1] == ["2026-10 (calendar)", "2026-10-01", "2026-10-31"]
    book = openpyxl.load_workbook(
        io.BytesIO(send(owed, "/staff/other-figures/file", table=table, format="xlsx", **ASKED).get_data())
    )
    cells = list(book.active.iter_rows(values_only=True))
    assert list(cells[0]) == head
    assert len(cells) == len(rows) + 1
    kept = found(session, sa.select(AuditEntry.about).where(AuditEntry.act == "figures.exported"))
    assert [about["format"] for about in kept] == ["csv", "xlsx"]
    assert kept[0]["table"] == table


def test_there_is_no_other_table(owed: FlaskClient) -> None:
    assert send(owed, "/staff/other-figures/file", table="staff", format="csv", **ASKED).status_code == 404
    assert send(owed, "/staff/other-figures/file", table="quotas", format="exe", **ASKED).status_code == 404


def test_the_province_s_managers_fix_quotas_and_nobody_else(session: Session, owed: FlaskClient) -> None:
    november = {"period": "2026-11", "basis": "calendar", "agency": "H61", "rule": "official", "supposed": "0.95"}
    official(session, "quanly", role=Role.MANAGER)
    official(session, "donvi", "H61.1", Role.MANAGER)
    sign_in(owed, "donvi")
    assert send(owed, "/staff/quotas", **november).status_code in (403, 404)
    sign_in(owed, "quanly")
    page = owed.get("/staff/quotas?period=2026-11&rule=official&lang=vi").get_data(as_text=True)
    assert "Giao số phiếu này cho kỳ" in page
    fixed = send(owed, "/staff/quotas", **november)
    assert fixed.status_code == 303
    page = owed.get(fixed.headers["Location"] + "&lang=vi").get_data(as_text=True)
    assert "Số phiếu này được giao lúc" in page and "Giao số phiếu này cho kỳ" not in page
    quotas = found(session, sa.select(Quota.answers).where(Quota.cases == 92))
    # In October H61.1 had 92 finished cases: 92/(1 + 92·0.0025) = 74.8.
    assert quotas == [75]
    assert send(owed, "/staff/quotas", **november).status_code == 409
