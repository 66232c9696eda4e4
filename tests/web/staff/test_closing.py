"""The page on which periods are closed: what to look at first, the closing itself, and what is closed."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.i18n import speaking
from survey.models import AuditEntry, ClosedPeriod, Role
from survey.periods import parse
from survey.reports import closing_list, frozen_beside
from survey.reports.figures_digest import grouped
from survey.results.scope import Standard
from tests.support import factories
from tests.support.officials import found, official, send, sign_in
from tests.support.pages import check_page

NOON = dt.datetime(2026, 10, 10, 5, tzinfo=dt.UTC)
READ = dt.datetime(2026, 11, 20, 5, tzinfo=dt.UTC)
OCTOBER = parse("2026-10")
STANDARD = Standard("0.90", 0.95)


@pytest.fixture
def administrator(session: Session, client: FlaskClient) -> FlaskClient:
    factories.response(session, when=NOON, comments={"S8": "Chờ lâu"})
    factories.case(session, "H61.51", finished=NOON.date())
    official(session, role=Role.ADMINISTRATOR)
    with time_machine.travel(READ, tick=False):  # who signed in then is not asked again
        sign_in(client)
    return client


@time_machine.travel(READ, tick=False)
def test_a_period_is_closed_after_its_list_was_looked_through(session: Session, administrator: FlaskClient) -> None:
    page = check_page(administrator.get("/staff/close")).words
    assert "Tháng 10 năm 2026" in page and "Tháng 11 năm 2026" not in page  # which has not ended
    assert "Đã ghi nhận hồ sơ giải quyết xong đến ngày 10/10/2026" in page  # the last working day was 30 October
    assert "mà chưa có phiếu trả lời: 1." in page
    asked = {"period": "2026-10", "basis": "calendar"}
    refused = send(administrator, "/staff/close", **asked)
    assert refused.status_code == 422 and "xác nhận" in check_page(refused).words
    assert found(session, sa.select(ClosedPeriod)) == []
    done = send(administrator, "/staff/close", confirmed="1", **asked)
    assert done.status_code == 303
    [closed] = found(session, sa.select(ClosedPeriod))
    assert (closed.code, closed.closed_at, closed.target) == ("2026-10", READ, "0.90")
    [entry] = found(session, sa.select(AuditEntry).where(AuditEntry.act == "period.closed"))
    digest = entry.about["digest"]
    assert entry.staff_id and digest.startswith("4:")
    session.rollback()
    page = check_page(administrator.get(done.location)).words
    assert "Tháng 10 năm 2026 đã được chốt số liệu" in page
    assert grouped(digest[2:]) in page and "Nguyễn Thị Hạnh" in page
    again = send(administrator, "/staff/close", confirmed="1", **asked)
    assert again.status_code == 409
    check_page(again)
    assert len(found(session, sa.select(ClosedPeriod))) == 1


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # about who may and what is refused
@time_machine.travel(READ, tick=False)
def test_what_runs_or_is_none_is_refused(session: Session, administrator: FlaskClient) -> None:
    for period, basis, status in (
        ("2026-11", "calendar", 409),
        ("2026-99", "calendar", 400),
        ("2026-10", "lunar", 400),
    ):
        refused = send(administrator, "/staff/close", confirmed="1", period=period, basis=basis)
        assert refused.status_code == status, (period, basis)
        check_page(refused)
    assert found(session, sa.select(ClosedPeriod)) == []


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # as above
@time_machine.travel(READ, tick=False)
def test_an_administrator_of_a_unit_is_shown_the_way_to_the_province(session: Session, client: FlaskClient) -> None:
    official(session, agency="H61.50", role=Role.ADMINISTRATOR)
    sign_in(client)
    page = client.get("/staff/close")
    assert page.status_code == 403 and "người quản trị của tỉnh" in check_page(page).words


def test_the_list_says_what_is_not_in_order(session: Session) -> None:
    factories.response(session, when=NOON, comments={"S8": "Chờ lâu"})
    for day in (OCTOBER.first, OCTOBER.last):
        factories.case(session, "H61.50", finished=day)
    with speaking("en"):
        fine = [check.fine for check in closing_list.checks(session, OCTOBER, STANDARD, READ)]
    assert fine == [True, True, True, True, False, True, True, True]  # the comment waits
    factories.response(session, when=NOON - dt.timedelta(days=30))
    with speaking("en"):
        before = closing_list.checks(session, OCTOBER, STANDARD, READ)[-1]
    assert not before.fine  # September has an answer now, and is open


def test_only_what_has_ended_with_answers_and_is_open_can_be_closed(session: Session) -> None:
    assert closing_list.closable(session, READ.date(), "calendar") == []
    factories.response(session, when=NOON)
    codes = {period.code for period in closing_list.closable(session, READ.date(), "calendar")}
    assert codes == {"2026-10"}  # neither quarter nor year have ended, and in September nobody had answered
    codes = {period.code for period in closing_list.closable(session, dt.date(2027, 1, 2), "calendar")}
    assert codes == {"2026-12", "2026-11", "2026-10", "2026-Q4", "2026-H2", "2026"}
    codes = {period.code for period in closing_list.closable(session, dt.date(2026, 12, 15), "administrative")}
    assert codes == {"2026-12", "2026-11", "2026-10", "2026-Q4", "2026-H2", "2026"}


def test_closed_periods_stand_by_their_days_whichever_was_closed_first(session: Session) -> None:
    for code in ("2026-09", "2026-10", "2026-08"):
        frozen_beside.close(session, parse(code), READ, STANDARD)
    with speaking("vi"):
        assert [one.period.code for one in closing_list.closings(session)] == ["2026-10", "2026-09", "2026-08"]
