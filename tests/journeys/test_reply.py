"""A person asks to be answered, and is: from the page that thanks to the mail and the history of the follow-up."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from survey.delivery.worker import Worker
from survey.models import Role, State
from survey.periods import local_day, month_of, now
from survey.settings import Settings
from survey.web.survey import survey_of
from tests.journeys.test_citizen import AXE
from tests.support.accessibility import Axe
from tests.support.officials import PASSWORD, official
from tests.support.sending.mail import MailServer

ADDRESS = "canary.lan@example.vn"
ANSWER = "Từ ngày mai nhận hồ sơ tại một quầy."


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """What stands beside few comments is not what is tried here."""
    return dataclasses.replace(settings, fewest_shown=1)


def fits(page: Page, scripts: bool) -> None:
    """Check for all that axe finds, which needs scripts, and that nothing is wider than the screen."""
    if not scripts:
        return
    run = Axe().run(page, options=AXE)
    assert not run.violations_count, run.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= page.evaluate("innerWidth")


@pytest.mark.parametrize("scripts", [False, True], ids=["without scripts", "with scripts"])
def test_whoever_asks_for_an_answer_gets_it_once_and_nobody_sees_the_address(
    app: Flask, site: str, link: str, session: Session, phone: Callable[..., Page], scripts: bool
) -> None:
    official(session, "hanh", "H61", Role.MANAGER)
    session.commit()
    person = phone(scripts=scripts)
    person.goto(site + link)
    person.get_by_role("button", name="Không hài lòng", exact=True).click()
    person.get_by_label("Điều gì làm tốt, điều gì cần sửa?").fill("Phải đi lại ba lần")
    person.get_by_role("button", name="Gửi thêm").click()
    expect(person.get_by_role("heading", name="nhận câu trả lời")).to_be_visible()
    expect(person.get_by_role("checkbox", name="Tôi đồng ý")).not_to_be_checked()
    fits(person, scripts)
    person.get_by_role("textbox", name="Thư điện tử").fill("canary.lan@")
    person.get_by_role("button", name="Lưu địa chỉ này").click()
    expect(person.get_by_role("alert")).to_be_visible()
    expect(person.get_by_role("textbox", name="Thư điện tử")).to_have_value("canary.lan@")
    fits(person, scripts)
    person.get_by_role("textbox", name="Thư điện tử").fill(ADDRESS)
    person.get_by_role("checkbox", name="Tôi đồng ý").check()
    person.get_by_role("button", name="Lưu địa chỉ này").click()
    expect(person.get_by_role("status")).to_contain_text("đã được lưu")
    fits(person, scripts)
    receipt = person.url.partition("?")[0]

    desk = phone(scripts=scripts, width=1280)
    desk.goto(f"{site}/staff/")
    desk.locator("#login").fill("hanh")
    desk.locator("#password").fill(PASSWORD)
    desk.locator("main button").click()
    desk.wait_for_url("**/staff/*")
    desk.goto(f"{site}/staff/comments?period={month_of(local_day(now())).code}&status=asks")
    desk.get_by_role("link", name="Xem và trả lời").first.click()
    desk.get_by_label("Trạng thái").select_option(label="Đã xử lý")
    desk.get_by_label("Trả lời của đơn vị").fill(ANSWER)
    desk.get_by_label("Gửi câu trả lời này").check()
    fits(desk, scripts)
    desk.get_by_role("button", name="Lưu bước này").click()
    expect(desk.locator(".steps")).to_contain_text("đã được chuyển đi")
    with MailServer() as mail:
        sending = dataclasses.replace(
            survey_of(app).settings,
            smtp_host="127.0.0.1",
            smtp_port=mail.port,
            smtp_security="none",
            mail_from="khaosat@example.vn",
            public_url=site,
        )
        for expected in ({State.DELIVERED: 1}, {}):
            assert dict(Worker(survey_of(app).database, sending, ["vi", "en"]).run()) == expected
        [message] = mail.received
    assert message["To"] == ADDRESS and ANSWER in message.get_content() and receipt in message.get_content()
    desk.reload()
    expect(desk.locator(".steps")).to_contain_text("đã được gửi")
    assert ADDRESS not in desk.content()
    person.goto(receipt)
    expect(person.locator("main")).to_contain_text(ANSWER)
    assert "địa chỉ" not in person.inner_text("main").lower()
