"""Whoever opens the link of a withdrawn case on a telephone reads in their language that there is nothing to rate."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page
from sqlalchemy.orm import Session

from survey.periods import now
from tests.support import factories


def test_the_link_of_a_withdrawn_case_is_kind_in_both_languages(
    site: str, session: Session, phone: Callable[..., Page]
) -> None:
    token = factories.invitation(session)
    factories.withdraw(session, token, now())
    session.commit()
    page = phone()
    page.goto(f"{site}/r/{token}")
    page.get_by_role("heading", name="Hồ sơ này đã được rút").wait_for()
    assert page.get_by_text("Xin cảm ơn").is_visible() and page.locator("form").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("link", name="English").click()
    page.get_by_role("heading", name="This case has been withdrawn").wait_for()
    assert page.get_by_text("nothing that you need to do").is_visible()
