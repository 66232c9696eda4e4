"""The page on which the province publishes closed periods: off at first, looked at before, retracted with a reason."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.models import AuditEntry, Installation, Publication, Role
from survey.results import closing, publication
from tests.callbacks.test_publishing import call_back
from tests.support.callbacks import AFTER
from tests.support.ledgers import Ledger, ledger
from tests.support.officials import found, official, send, sign_in
from tests.support.pages import check_page
from tests.support.published import CLOSED, OCTOBER, STANDARD, answers

__all__ = ["ledger"]
READ = dt.datetime(2026, 11, 20, 5, tzinfo=dt.UTC)
LIST, PERIOD = "/staff/publication", "/staff/publication/calendar/2026-10"
pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # tests/results has both databases


@pytest.fixture
def administrator(session: Session, client: FlaskClient) -> FlaskClient:
    answers(session)
    official(session, role=Role.ADMINISTRATOR)
    with time_machine.travel(READ, tick=False):  # who signed in then is not asked again
        sign_in(client)
    return client


@time_machine.travel(READ, tick=False)
def test_a_closed_period_is_published_once_it_was_looked_at_and_retracted_for_a_reason(
    session: Session, administrator: FlaskClient
) -> None:
    closing.close(session, OCTOBER, CLOSED, STANDARD)
    session.commit()
    page = check_page(administrator.get(LIST)).words
    assert "Tháng 10 năm 2026" in page and "chưa công bố gì" in page
    assert send(administrator, PERIOD, confirmed="1").status_code == 409, "it is switched off"
    assert send(administrator, LIST, publishes="1").status_code == 303
    preview = " ".join(check_page(administrator.get(PERIOD)).words.split())
    assert "2 đơn vị công bố đủ số liệu và kết luận" in preview and "3 đơn vị chỉ công bố số phiếu" in preview
    assert "106" in preview and "65,8%" in preview
    refused = send(administrator, PERIOD)
    assert refused.status_code == 422 and "đã xem nội dung" in check_page(refused).words
    assert administrator.get("/results/calendar/2026-10").status_code == 404
    assert send(administrator, PERIOD, confirmed="1").status_code == 303
    assert administrator.get("/results/calendar/2026-10").status_code == 200
    assert "Rút lại kết quả: Tháng 10 năm 2026" in check_page(administrator.get(f"{PERIOD}?saved=1")).words
    for reason, why in (("", "lý do"), ("Gọi 0912 345 678", "0912")):  # whose number everybody would read
        again = send(administrator, f"{PERIOD}/retraction", reason=reason)
        assert again.status_code == 422 and check_page(again).words
        assert reason in again.text and why
    assert send(administrator, f"{PERIOD}/retraction", reason="Nhập nhầm hồ sơ.").status_code == 303
    assert "Nhập nhầm hồ sơ." in administrator.get("/results/calendar/2026-10").text
    listed = check_page(administrator.get(LIST)).words
    assert "Nhập nhầm hồ sơ." in listed and "Nguyễn Thị Hạnh" in listed
    acts = [entry.act for entry in found(session, sa.select(AuditEntry).order_by(AuditEntry.id)) if entry.staff_id]
    own = [act for act in acts if act.startswith(("publication.", "results."))]
    assert own == ["publication.switched_on", "results.published", "results.retracted"]
    session.rollback()
    assert send(administrator, LIST).status_code == 303
    assert not found(session, sa.select(Installation))[0].publishes


@time_machine.travel(READ, tick=False)
def test_a_period_may_be_published_as_it_is_closed(session: Session, administrator: FlaskClient) -> None:
    asked = {"period": "2026-10", "basis": "calendar", "confirmed": "1", "publish": "1"}
    assert 'name="publish"' not in administrator.get("/staff/close").text
    publication.switch(session, True, None, READ)
    session.commit()
    assert 'name="publish"' in administrator.get("/staff/close").text
    assert send(administrator, "/staff/close", **asked).status_code == 303
    [row] = found(session, sa.select(Publication))
    assert (row.period_code, row.published_at) == ("2026-10", READ) and row.staff_id


@time_machine.travel(READ, tick=False)
def test_units_publish_nothing_auditors_only_look_and_an_open_period_is_not_there(
    session: Session, client: FlaskClient
) -> None:
    answers(session)
    official(session, "xa", "H61.50", Role.ADMINISTRATOR)
    official(session, "thanhtra", "H61", Role.AUDITOR)
    sign_in(client, "xa")
    assert client.get(LIST).status_code == client.get(PERIOD).status_code == 403
    sign_in(client, "thanhtra")
    page = client.get(LIST)
    assert check_page(page) and "<form" not in page.text.partition("<main")[2]
    assert client.get(PERIOD).status_code == 404


def test_a_call_back_that_ended_later_is_offered_published_with_the_month_and_read_by_everybody(
    session: Session, client: FlaskClient, ledger: Ledger
) -> None:
    call_back(ledger, close_first=True)
    month, public = "/staff/publication/calendar/2026-09", "/results/calendar/2026-09"
    assert "phúc tra" not in client.get(public).text
    with time_machine.travel(AFTER + dt.timedelta(hours=1), tick=False):
        official(session, role=Role.ADMINISTRATOR)
        sign_in(client)
        assert "Công bố cùng kết quả phúc tra" in check_page(client.get(month)).words
        assert send(client, month).status_code == 422
        assert send(client, month, confirmed="1").status_code == 303
        assert "Công bố cùng kết quả phúc tra" not in check_page(client.get(month)).words
    for language, sentence in (
        ("vi", "Tính cả hồ sơ không có phiếu, 80,0% trong toàn bộ 60 hồ sơ hài lòng"),
        ("en", "80.0% of all 60 cases are satisfied, those without an answer among them"),
    ):
        words = " ".join(check_page(client.get(f"{public}?lang={language}"), language).words.split())
        assert (
            sentence in words
            and {"vi": "Sau phúc tra: chưa đạt", "en": "After the call-back: not met"}[language] in words
        )
