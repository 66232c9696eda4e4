"""A late case in a real browser: its letter is drafted, read, approved, sent by a real mail server, and followed."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from survey.delivery.worker import Worker
from survey.models import MessageKind, Role, State
from survey.periods import local_day, now
from survey.settings import Settings
from survey.web.survey import survey_of
from tests.journeys.test_placements import look_at
from tests.journeys.test_staff import AXE, sign_in
from tests.support.accessibility import Axe
from tests.support.apologies import LAN, late_case, tell
from tests.support.menu import go_to
from tests.support.officials import official
from tests.support.sending.mail import MailServer

DAY = dt.timedelta(days=1)
OWN_WORDS = "Nguyên nhân là hệ thống mạng gặp sự cố hai ngày, nay đã khắc phục."


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def settings(settings: Settings, mail: MailServer) -> Settings:
    """Letters are switched on, and a mail server takes them."""
    server = {"smtp_host": "127.0.0.1", "smtp_port": mail.port, "smtp_security": "none"}
    return dataclasses.replace(settings, apologies="on", mail_from="khaosat@example.vn", **server)


@pytest.mark.parametrize(("width", "scripts"), [(360, True), (1280, True), (360, False)])
def test_a_letter_is_drafted_approved_sent_and_followed(
    app: Flask, site: str, session: Session, mail: MailServer, phone: Callable[..., Page], width: int, scripts: bool
) -> None:
    today = local_day(now())
    days = {"received": today - 20 * DAY, "due": today - 9 * DAY, "finished": today - DAY}
    tell(session, late_case(1, **days), late_case(2, contact=None, **days), when=now())
    official(session, "xa", "H61.50", Role.MANAGER)
    page, axe = phone(width=width, scripts=scripts), Axe()

    def check(name: str) -> None:
        look_at(page, f"apologies_{name}_{width}_{scripts}")
        if scripts:
            report = axe.run(page, options=AXE)
            assert report.violations_count == 0, f"{name}: {report.generate_report()}"
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name

    sign_in(page, site, login="xa")
    go_to(page, "Góp ý", "Thư xin lỗi")
    check("list")
    page.get_by_role("link", name="Thủ tục đăng ký khai sinh").click()
    page.get_by_label("Lời riêng của đơn vị").fill(OWN_WORDS)
    page.get_by_role("button", name="Lưu lời này").click()
    expect(page.locator(".letter")).to_contain_text(OWN_WORDS)
    check("one")
    page.get_by_role("link", name="Tất cả thư").click()
    page.get_by_label("Chọn thư số").check()
    page.get_by_role("button", name="Duyệt các thư đã chọn").click()
    expect(page.get_by_role("status")).to_contain_text("Đã duyệt 1 thư")
    survey = survey_of(app)
    with app.app_context():
        ended = Worker(survey.database, survey.settings, survey.languages).run([MessageKind.LETTER])
    assert dict(ended) == {State.DELIVERED: 1}
    [email] = mail.received
    assert email["To"] == LAN and OWN_WORDS in email.get_content()
    page.goto(f"{site}/staff/apologies?show=sent")
    expect(page.locator("article .status")).to_have_text("Đã gửi đến")
    page.goto(f"{site}/staff/apologies?show=paper")
    page.get_by_role("link", name="Thủ tục đăng ký khai sinh").click()
    page.get_by_role("link", name="In thư").click()
    check("paper")
    page.emulate_media(media="print")
    for screen_only in ("nav.sections", "h1"):
        expect(page.locator(screen_only)).to_be_hidden()
    expect(page.locator(".letter")).to_be_visible()
    look_at(page, f"apologies_printed_{width}")
    page.emulate_media(media="screen")
    page.get_by_role("link", name="Quay lại thư").click()
    page.get_by_role("button", name="Đã trao bản giấy").click()
    expect(page.locator(".comment .status")).to_have_text("Đã trao bản giấy")
    check("handed_over")
