"""A pile of paper put in by the keyboard alone, in a real browser, with scripts and without."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from survey.models import Channel, Response, Role
from tests.journeys.test_placements import look_at
from tests.journeys.test_staff import AXE, WIDTHS, sign_in
from tests.support.accessibility import Axe
from tests.support.menu import go_to
from tests.support.officials import official


@pytest.fixture
def enterer(session: Session) -> None:
    """An account that manages one commune."""
    official(session, agency="H61.50", role=Role.MANAGER)


def ratings(session: Session) -> list[tuple[Channel, int, int | None]]:
    session.expire_all()
    columns = (Response.channel, Response.overall, Response.r1)
    rows = [
        (row[0], row[1], row[2])
        for row in session.execute(sa.select(*columns).where(Response.counted).order_by(Response.id))
    ]
    session.rollback()
    return rows


def test_digits_and_enter_are_enough_for_one_sheet_after_the_other(
    site: str, session: Session, enterer: None, phone: Callable[..., Page]
) -> None:
    page = phone(width=1280)
    sign_in(page, site)
    go_to(page, "Thu thập", "Phiếu giấy, điện thoại")
    for typed in ("4", "2", "5"):
        page.locator("[name=S1]:focus").wait_for(state="attached")
        page.keyboard.press(typed)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        page.locator(".done").wait_for()
    assert [row[1] for row in ratings(session)] == [4, 2, 5]
    look_at(page, "sheets_saved")
    page.get_by_role("button", name="Rút lại phiếu này").click()
    page.get_by_text("Đã rút lại phiếu vừa nhập").wait_for()
    assert [row[1] for row in ratings(session)] == [4, 2]
    assert {row[0] for row in ratings(session)} == {Channel.PAPER}


def test_it_works_without_scripts_and_a_forgotten_answer_is_asked_for(
    site: str, session: Session, enterer: None, phone: Callable[..., Page]
) -> None:
    page = phone(scripts=False)
    sign_in(page, site)
    page.goto(f"{site}/staff/sheets?channel=telephone")
    page.get_by_role("button", name="Lưu và nhập phiếu tiếp theo").click()
    assert "chọn một mức trả lời" in page.locator("fieldset.wrong").inner_text()
    look_at(page, "sheets_fault")
    page.locator("[name=S1][value='3']").check()
    page.get_by_role("button", name="Lưu và nhập phiếu tiếp theo").click()
    assert "Đã lưu" in page.locator(".done").inner_text()
    assert [row[:2] for row in ratings(session)] == [(Channel.TELEPHONE, 3)]


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_and_the_page_is_no_wider_than_the_screen(
    site: str, enterer: None, phone: Callable[..., Page], language: str, width: int
) -> None:
    page = phone(width=width)
    sign_in(page, site, language)
    page.goto(f"{site}/staff/sheets?lang={language}")
    found = Axe().run(page, options=AXE)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    look_at(page, f"sheets_{width}_{language}")
