"""Wide tables on a telephone: every row a card with labels, nothing to push sideways, still a table to listeners."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import time_machine
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from survey.models import Role
from tests.journeys.test_staff import sign_in
from tests.results.test_response_quality import answered
from tests.support import factories
from tests.support.officials import official
from tests.support.province import TODAY, answers

PAGES = {
    "/staff/placements": "đang sử dụng",
    "/staff/invitation-coverage?period=2026-10": "Đã giải quyết: 60",
    "/staff/response-quality?period=2026-10": "Số người trả lời câu này: 12",
}
WIDTHS = "() => [...document.querySelectorAll('.scroll')].map(box => [box.scrollWidth, box.clientWidth])"
SHOWN = """() => [...document.querySelectorAll('.stacked tbody td')].map(cell =>
  getComputedStyle(cell, '::before').content.replaceAll('"', '').replace('none', '') + cell.innerText.trim())"""


@pytest.mark.parametrize("path", PAGES)
def test_no_table_is_pushed_sideways(session: Session, site: str, phone: Callable[..., Page], path: str) -> None:
    with time_machine.travel(TODAY):
        answers(session, "H61.1", 30)
        factories.placement(session, "H61.2")
        for _ in range(12):
            answered(session, "H61.50", A2="self")
        official(session, "quan.ly", "H61", Role.MANAGER)
        page = phone()
        sign_in(page, site, login="quan.ly")
        page.goto(site + path)
        boxes = page.evaluate(WIDTHS)
        assert boxes and all(inner <= outer for inner, outer in boxes)
        assert any(PAGES[path] in one for one in page.evaluate(SHOWN)), page.evaluate(SHOWN)
        assert page.get_by_role("rowheader").count() and page.get_by_role("columnheader").count()
