"""An official's day in a real browser: an alert by mail, the comment, its answer, what all are told, the report."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from survey.alerts import rounds as alert_rounds
from survey.models import FollowUp, Response, Role, State
from survey.security.tokens import receipt_code
from survey.settings import Settings
from survey.web.survey import survey_of
from tests.alerts.test_rounds import HOUR, POST, SECRET_WORDS, TUESDAY, overdue, reachable, text
from tests.delivery.conftest import mail, patient, phones, reach, rounds
from tests.journeys.test_follow_up import report
from tests.journeys.test_improvements import MEASURE, VOICE
from tests.journeys.test_staff import sign_in
from tests.support.figures import STANDARD
from tests.support.officials import PASSWORD, official
from tests.support.sending.mail import MailServer
from tests.support.sending.queued import PUBLIC, Rounds

__all__ = ["mail", "patient", "phones", "reach", "rounds"]  # fixtures
ANSWER = "Từ ngày 01/12 có thêm một quầy nhận hồ sơ vào buổi sáng."


@pytest.mark.parametrize("scripts", [False, True], ids=["without scripts", "with scripts"])
def test_an_alert_leads_to_the_comment_that_is_assigned_answered_told_to_everybody_and_counted(
    app: Flask,
    site: str,
    session: Session,
    phone: Callable[..., Page],
    rounds: Rounds,
    mail: MailServer,
    patient: Settings,
    tmp_path: Path,
    scripts: bool,
) -> None:
    reachable(session)
    official(session, "tinh", "H61", Role.MANAGER)
    overdue(session, 12)
    for at in (TUESDAY - 9 * HOUR, TUESDAY):
        alert_rounds.run(survey_of(app).database, STANDARD, POST, at)
    with time_machine.travel(TUESDAY, tick=True):
        assert rounds(patient) == {State.DELIVERED: 1}
        link = re.search(re.escape(PUBLIC) + r"(/staff/comments\S+)", text(mail.received[0]))
        assert link, "the mail leads to the page"
        page = phone(scripts=scripts)
        page.goto(site + link[1])
        page.locator("#login").fill("hanh")
        page.locator("#password").fill(PASSWORD)
        page.locator("main button").click()
        expect(page.locator("article.overdue")).to_have_count(12)
        assert SECRET_WORDS in page.locator("article.overdue").first.inner_text()
        before = report(page, app, site, tmp_path / "before.json")
        assert (before["comments_late"], before["comments_done"]) == (12, 0)

        page.goto(site + link[1])
        page.get_by_role("link", name="Xem và trả lời").first.click()
        page.get_by_label("Trạng thái").select_option(label="Đang xử lý")
        page.get_by_label("Người phụ trách").select_option(label="Nguyễn Thị Hạnh")
        page.get_by_role("button", name="Lưu bước này").click()
        expect(page.get_by_role("status")).to_be_visible()
        page.get_by_label("Trạng thái").select_option(label="Đã xử lý")
        page.get_by_label("Trả lời của đơn vị").fill(ANSWER)
        page.get_by_role("button", name="Lưu bước này").click()
        expect(page.get_by_role("status")).to_be_visible()

        receipt = session.scalars(sa.select(Response.receipt).join(FollowUp, FollowUp.response_id == Response.id)).one()
        session.rollback()  # and lets go of the database
        citizen = phone(scripts=scripts)
        citizen.goto(f"{site}/receipt/{receipt_code(receipt)}")
        assert ANSWER in citizen.inner_text("main")

        page.goto(f"{site}/staff/improvements/new")
        page.get_by_label("Điều Ông/Bà nói").fill(VOICE)
        page.get_by_label("Điều chúng tôi đã làm").fill(MEASURE)
        page.get_by_label("Thực hiện từ ngày").fill("2026-11-30")
        page.get_by_role("button", name="Gửi phê duyệt").click()
        province = phone(scripts=scripts)
        sign_in(province, site, login="tinh")
        province.goto(f"{site}/staff/improvements?status=waiting")
        province.get_by_role("link", name="Mục 1").click()
        province.get_by_role("button", name="Duyệt và đăng").click()
        citizen.goto(f"{site}/improvements?lang=vi")
        assert VOICE in citizen.inner_text("main")

        after = report(page, app, site, tmp_path / "after.json")
        assert (after["comments_late"], after["comments_done"]) == (11, 1)
