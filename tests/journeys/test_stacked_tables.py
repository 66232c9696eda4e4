"""Wide tables on a telephone: every row a card with labels, nothing to push sideways, still a table to listeners."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
import time_machine
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from survey.models import Role
from survey.periods import parse
from survey.questionnaires import FULL
from survey.results import closing
from survey.results.scope import Standard
from tests.journeys.test_staff import sign_in
from tests.reports.test_portal_indicator import hand_in
from tests.results.test_response_quality import answered
from tests.support import factories
from tests.support.menu import go_to
from tests.support.officials import official
from tests.support.province import TODAY, answers, noon

PAGES = {
    "/staff/placements": "đang sử dụng",
    "/staff/placements/sheet": "Tình trạng: đang sử dụng",
    "/staff/invitation-coverage?period=2026-10": "Đã giải quyết: 60",
    "/staff/response-quality?period=2026-10": "Số người trả lời câu này: 12",
    "/staff/service-index?period=2026-10": "Số người: 12",
    "/staff/quotas?period=2026-10": "Hồ sơ có đánh giá: 30",
    "/staff/return-1565?period=2026-10": "Phiếu hài lòng: 30",
    "/staff/indicator-766?period=2026-10": "Được tính: 144.574",
    "/staff/reasons?period=2026-10&by=respondent": "Hài lòng: 54",
    "/staff/close": "Chỉ tiêu: 90%",
}
WIDTHS = "() => [...document.querySelectorAll('.scroll')].map(box => [box.scrollWidth, box.clientWidth])"
SHOWN = """() => [...document.querySelectorAll('.stacked tbody td')].map(cell =>
  getComputedStyle(cell, '::before').content.replaceAll('"', '').replace('none', '') + cell.innerText.trim())"""
FOLDS = "() => document.querySelectorAll('main details').forEach(fold => { fold.open = true })"


@pytest.fixture
def official_of_october(session: Session) -> Iterator[None]:
    """A closed October with something to show in every table, read in November by an administrator."""
    with time_machine.travel(TODAY):
        answers(session, "H61.1", 30)
        factories.placement(session, "H61.2")
        for _ in range(12):
            answered(session, "H61.50", A2="self")
            factories.response(session, 5, "H61.2", when=noon(6), ratings={"r1": 5, "r5": 2}, asked=FULL)
        hand_in(session)
        hand_in(session, "H61.1")
        closing.close(session, parse("2026-10"), TODAY + dt.timedelta(minutes=1), Standard("0.90", 0.95))
        official(session, "quan.ly", "H61", Role.ADMINISTRATOR)
        yield


def test_no_table_is_pushed_sideways(official_of_october: None, site: str, phone: Callable[..., Page]) -> None:
    page = phone()
    sign_in(page, site, login="quan.ly")
    for path, cell in PAGES.items():
        page.goto(site + path)
        page.evaluate(FOLDS)
        boxes = page.evaluate(WIDTHS)
        assert boxes and all(inner <= outer for inner, outer in boxes), path
        assert any(cell in one for one in page.evaluate(SHOWN)), (path, page.evaluate(SHOWN))
        assert page.get_by_role("rowheader").count() and page.get_by_role("columnheader").count(), path
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path


def test_the_pages_of_a_section_are_folded_so_that_the_title_is_in_view(
    official_of_october: None, site: str, phone: Callable[..., Page]
) -> None:
    page = phone(scripts=False)
    sign_in(page, site, login="quan.ly")
    go_to(page, "Báo cáo", "Chỉ tiêu")
    fold, title = page.locator("nav.pages summary"), page.get_by_role("heading", level=1)
    assert fold.inner_text() == "Trang: Chỉ tiêu" and title.inner_text() == "Chỉ tiêu"
    where = title.bounding_box()
    assert where is not None and where["y"] < 300
    fold.focus()
    page.keyboard.press("Enter")
    page.get_by_role("navigation", name="Các trang trong mục này").get_by_role("link", name="Lịch báo cáo").click()
    page.wait_for_url("**/staff/duties*")
