"""A comment's way through a real browser: it is overdue, assigned, answered, and counted in the month's report."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from survey.models import Role
from tests.journeys.test_staff import AXE, fetch
from tests.support import factories
from tests.support.accessibility import Axe
from tests.support.officials import PASSWORD, official

COMMENTS = "/staff/comments?period=2026-10"


@pytest.fixture
def commune(session: Session) -> Iterator[None]:
    """Fifteen comments about one commune in October, read in November by a manager of the province."""
    for number in range(15):
        when = dt.datetime(2026, 10, 5 + number, 5, tzinfo=dt.UTC)
        factories.response(session, 1 + number % 5, when=when, comments={"S8": f"Phải đi lại nhiều lần, lần {number}"})
    official(session, "hanh", "H61", Role.MANAGER)
    with time_machine.travel(dt.datetime(2026, 11, 20, 5, tzinfo=dt.UTC), tick=True):
        yield


def sign_in(page: Page, site: str, path: str) -> None:
    page.goto(site + path)
    page.locator("#login").fill("hanh")
    page.locator("#password").fill(PASSWORD)
    page.locator("main button").click()
    page.wait_for_url("**/staff/*period*")
    page.goto(site + path)


def report(page: Page, app: Flask, site: str, path: Path) -> dict[str, int]:
    page.goto(f"{site}/staff/?period=2026-10")
    page.get_by_label("Định dạng").select_option("json")
    fetch(page, app, path)
    counted: dict[str, int] = json.loads(path.read_text(encoding="utf-8-sig"))["comments"]
    return counted


@pytest.mark.parametrize("scripts", [False, True], ids=["without scripts", "with scripts"])
def test_a_comment_is_assigned_answered_and_counted_in_the_months_report(
    app: Flask, site: str, commune: None, phone: Callable[..., Page], tmp_path: Path, scripts: bool
) -> None:
    page = phone(scripts=scripts, width=1280)
    sign_in(page, site, COMMENTS)
    page.get_by_role("link", name="Quá hạn").click()
    expect(page.locator("article.overdue")).to_have_count(9)
    for box in page.get_by_role("checkbox").all()[:2]:
        box.check()
    page.locator("#bulk-status").select_option(label="Đang xử lý")
    page.locator("#bulk-owner").select_option(label="Nguyễn Thị Hạnh")
    page.locator("#bulk-due").fill("2026-11-25")
    page.locator("#bulk button").click()
    expect(page.get_by_role("status")).to_contain_text("2 góp ý")
    expect(page.locator("article.overdue")).to_have_count(7)
    page.goto(f"{site}{COMMENTS}&status=in_hand")
    page.get_by_role("link", name="Xem và trả lời").first.click()
    page.get_by_label("Trạng thái").select_option(label="Đã xử lý")
    page.get_by_label("Trả lời của đơn vị").fill("Từ ngày 20/11 nhận hồ sơ tại một quầy.")
    page.get_by_role("button", name="Lưu bước này").click()
    expect(page.get_by_role("status")).to_be_visible()
    assert "nhận hồ sơ tại một quầy" in page.locator(".steps").inner_text()
    counted = report(page, app, site, tmp_path / "report.json")
    assert counted == {
        "comments": 15,
        "comments_new": 13,
        "comments_in_hand": 1,
        "comments_done": 1,
        "comments_not_for_us": 0,
        "comments_late": 7,
    }


@pytest.mark.parametrize("language", ["vi", "en"])
def test_axe_finds_nothing_and_no_page_is_wider_than_the_screen(
    site: str, commune: None, phone: Callable[..., Page], language: str
) -> None:
    page = phone(width=360)
    sign_in(page, site, f"{COMMENTS}&lang={language}")
    paths = [f"{COMMENTS}&status=late", page.locator(".onward a").first.get_attribute("href"), "/staff/working-days"]
    faults = []
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 740})
        for path in paths:
            page.goto(f"{site}{path}")
            run = Axe().run(page, options=AXE)
            faults += [run.generate_report()] if run.violations_count else []
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    assert not faults, "\n".join(faults)
