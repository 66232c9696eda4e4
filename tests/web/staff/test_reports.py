"""A report that is asked for on a page: on record, and explained where it cannot be written."""

from __future__ import annotations

import datetime as dt
import html

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.models import AuditEntry, Job
from tests.support import factories
from tests.support.jobs import file_of
from tests.support.officials import found, official, send, sign_in
from tests.support.pages import check_page


@pytest.fixture
def province(session: Session, client: FlaskClient) -> FlaskClient:
    factories.response(session, when=dt.datetime(2026, 10, 5, 5, tzinfo=dt.UTC))
    official(session)
    sign_in(client)
    return client


def test_every_request_for_a_report_is_on_record(session: Session, province: FlaskClient) -> None:
    asked = {"period": "2026-10", "basis": "administrative", "agency": "H61.50", "format": "csv", "lang": "en"}
    file = file_of(province, "/staff/report", **asked)
    assert file.headers["Content-Disposition"].startswith(
        'attachment; filename="hailong_H61.50_2026-10_administrative_en'
    )
    [entry] = found(session, sa.select(AuditEntry).where(AuditEntry.act == "report.requested"))
    assert entry.about == {"agency": "H61.50", "period": "2026-10", "basis": "administrative", "format": "csv"}
    assert entry.staff_id


@pytest.mark.parametrize("wrong", [{"format": "exe"}, {"lang": "xx"}, {"period": "2026-99"}, {"basis": "lunar"}])
def test_a_report_that_cannot_be_written_is_explained(province: FlaskClient, wrong: dict[str, str]) -> None:
    asked = {"period": "2026-10", "basis": "calendar", "agency": "H61.50", "format": "csv", "lang": "vi", **wrong}
    page = send(province, "/staff/report", **asked)
    assert page.status_code in (400, 404)
    check_page(page)


def test_the_edition_for_everybody_is_there_on_paper_only(session: Session, province: FlaskClient) -> None:
    asked = {"period": "2026-10", "basis": "calendar", "agency": "H61", "lang": "vi", "edition": "public"}
    file = file_of(province, "/staff/report", **asked, format="paragraph")
    assert file.headers["Content-Disposition"] == 'attachment; filename="hailong_H61_2026-10_calendar_public_vi.txt"'
    page = send(province, "/staff/report", **asked, format="json")
    assert page.status_code == 404 and "Bản công khai chỉ có dạng" in page.text


def test_the_paragraph_can_be_copied_on_the_page_of_its_file(session: Session, province: FlaskClient) -> None:
    asked = {"period": "2026-10", "basis": "calendar", "agency": "H61", "format": "paragraph", "lang": "vi"}
    file = file_of(province, "/staff/report", **asked)
    assert file.content_type == "text/plain; charset=utf-8"
    number = session.scalars(sa.select(Job.id).order_by(Job.id.desc())).first()
    page = province.get(f"/staff/jobs/{number}")
    check_page(page)
    assert "Đoạn để chép vào báo cáo khác" in page.text and "(đoạn lồng ghép, " in page.text
    assert html.escape(file.text.strip()[:60]) in page.text
