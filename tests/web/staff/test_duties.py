"""The calendar of duties on its page: what is due, and how the province keeps it."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.models import AuditEntry, Duty, DutySpan, Role
from survey.operations import duty_rounds
from survey.results.scope import Standard
from survey.web.survey import survey_of
from tests.support import factories
from tests.support.jobs import do_next
from tests.support.officials import found, official, send, sign_in
from tests.support.pages import check_page

READ = dt.datetime(2026, 11, 3, 5, tzinfo=dt.UTC)
NAMED = {"name_vi": "Báo cáo năm", "name_en": "Yearly report", "basis": "calendar", "only_month": "0", "days": ""}
RULES = {"due_months": "0", "due_day": "25", "remind_days": "7", "enabled": "y", "drafts": "y"}


@time_machine.travel(READ, tick=False)
def test_an_administrator_sees_what_is_due_fetches_the_draft_and_changes_the_calendar(
    session: Session, client: FlaskClient
) -> None:
    factories.response(session, 5, when=READ - dt.timedelta(days=20))
    official(session, role=Role.ADMINISTRATOR)
    sign_in(client)
    page = " ".join(check_page(client.get("/staff/duties")).words.split())
    assert "05/11/2026 sắp đến hạn Báo cáo tháng" in page and "Báo cáo quý" in page
    database = survey_of(client.application).database
    duty_rounds.run(database, Standard("0.90", 0.95), "vi", READ)
    assert "Dự thảo đang được lập" in check_page(client.get("/staff/duties")).words
    do_next(client.application)
    duty_rounds.run(database, Standard("0.90", 0.95), "vi", READ)
    assert "đã có dự thảo" in check_page(client.get("/staff/duties")).words
    month = found(session, sa.select(Duty.id).where(Duty.span == DutySpan.MONTH, Duty.only_month == 0))[0]
    draft = client.get(f"/staff/duties/{month}/draft?period=2026-10")
    assert draft.status_code == 200 and draft.data.startswith(b"PK")
    assert client.get(f"/staff/duties/{month}/draft?period=2026-09").status_code == 404

    year = found(session, sa.select(Duty.id).where(Duty.span == DutySpan.YEAR))[0]
    path = f"/staff/duties/{year}"
    assert "1114" in client.get(path).text
    for wrong in ({"ending": "1115"}, {"due_day": "32"}, {"name_en": ""}, {"span": "DAYS", "days": "hôm nay"}):
        refused = send(client, path, path, **{**NAMED, **RULES, "span": "YEAR", "ending": "1114", **wrong})
        assert refused.status_code == 422, wrong
        check_page(refused)
    assert send(client, path, path, **NAMED, **RULES, span="YEAR", ending="10").status_code == 303
    [duty] = found(session, sa.select(Duty).where(Duty.id == year))
    assert (duty.ending, duty.due_day, duty.closes, duty.drafts) == ("10", 25, False, True)
    session.rollback()
    assert len(found(session, sa.select(AuditEntry).where(AuditEntry.act == "duty.saved"))) == 1
    assert "25/10/2026" not in check_page(client.get("/staff/duties?lang=en"), "en").words


@time_machine.travel(READ, tick=False)
def test_a_unit_has_no_calendar_of_the_province(session: Session, client: FlaskClient) -> None:
    official(session, agency="H61.50", role=Role.MANAGER)
    sign_in(client)
    refused = client.get("/staff/duties")
    assert refused.status_code == 403 and "cấp tỉnh" in check_page(refused).words
