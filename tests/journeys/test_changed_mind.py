"""Whoever changes an answer, its language or their mind, with a network or without: what they meant last is kept."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from survey.models import Comment, Placement, Response
from tests.journeys.test_offline import Look, choose, desk, kept, ready, rows
from tests.support.browser import until

__all__ = ["desk"]
EVERY = sa.select(Response.overall, Response.counted).order_by(Response.id)


def test_the_language_changes_on_the_page_that_thanks_and_nothing_is_lost(
    site: str, code: str, phone: Callable[..., Page], look: Look
) -> None:
    page = phone()
    page.goto(site + code)
    choose(page, "Không hài lòng")
    page.get_by_text("Đã ghi nhận").wait_for()
    asked = page.locator("#answer .question").evaluate_all("all => all.filter(one => !one.hidden).length")
    page.locator("textarea").fill("Chờ lâu quá")
    page.get_by_role("button", name="English").click()
    page.get_by_role("heading", name="Would you like to tell us more?").wait_for()
    assert page.locator("textarea").input_value() == "Chờ lâu quá"
    assert page.locator("#answer .question").evaluate_all("all => all.filter(one => !one.hidden).length") == asked
    page.get_by_role("button", name="Send").last.click()
    page.get_by_role("heading", name="Recorded").wait_for()
    assert look(EVERY) == [(2, False), (2, True)]
    assert look(sa.select(Comment.text)) == [("Chờ lâu quá",)]


def test_an_answer_is_changed_without_a_network_and_again_with_one(
    site: str, code: str, phone: Callable[..., Page], look: Look
) -> None:
    page = phone(offline=True)
    page.goto(site + code)
    ready(page)
    page.context.set_offline(True)
    choose(page, "Không hài lòng")
    page.get_by_text("được giữ trên máy này").wait_for()
    choose(page, "Rất hài lòng")
    kept(page, 1)
    until(page, "queue.all().then(all => all[0].fields.some(f => f[0] === 'S1' && f[1] === '5'))")
    page.context.set_offline(False)
    page.get_by_text("đã được gửi. Mã xác nhận").wait_for()
    kept(page, 0)
    assert rows(look) == [(5, 2)]
    choose(page, "Bình thường")
    page.wait_for_url("**/receipt/*")
    assert look(EVERY) == [(5, False), (3, True)]


def test_nothing_chosen_is_not_kept(site: str, code: str, phone: Callable[..., Page], look: Look) -> None:
    page = phone(offline=True)
    page.goto(site + code)
    ready(page)
    page.context.set_offline(True)
    page.evaluate("document.getElementById('answer').requestSubmit()")
    page.get_by_text("Hiện không có mạng").first.wait_for()
    kept(page, 0)
    page.context.set_offline(False)
    page.goto(site + code)
    assert not page.locator("#unsent").is_visible()
    assert rows(look) == []


def test_what_is_added_without_a_network_is_said_to_be_kept(
    site: str, link: str, phone: Callable[..., Page], look: Look
) -> None:
    page = phone(offline=True)
    page.goto(site + link)
    ready(page)
    choose(page, "Không hài lòng")
    page.get_by_text("Đã ghi nhận").wait_for()
    until(page, "typeof queue !== 'undefined'")
    page.context.set_offline(True)
    page.locator("textarea").fill("Chờ lâu quá")
    page.locator("#answer button.send").click()
    page.get_by_text("được giữ trên máy này").wait_for()
    told, button = (page.locator(where).bounding_box() for where in ("#unsent", "#answer button.send"))
    assert told and button and 0 <= told["y"] < told["y"] + told["height"] <= button["y"], "in view, above the button"
    assert page.evaluate("document.activeElement.id") == "unsent"
    page.context.set_offline(False)
    page.get_by_text("đã được gửi. Mã xác nhận").wait_for()
    assert look(EVERY) == [(2, False), (2, True)]
    assert look(sa.select(Comment.text)) == [("Chờ lâu quá",)]


def test_two_visits_by_one_kept_page_are_two_answers(
    site: str, code: str, phone: Callable[..., Page], look: Look
) -> None:
    page = phone(offline=True)
    page.goto(site + code)
    ready(page)
    choose(page, "Không hài lòng")
    page.wait_for_url("**/receipt/*")
    until(page, "localStorage.getItem('used') !== null")
    page.goto("about:blank")
    page.context.set_offline(True)
    page.goto(site + code)  # another day, as the phone kept it
    choose(page, "Rất hài lòng")
    page.get_by_text("được giữ trên máy này").wait_for()
    page.context.set_offline(False)
    page.get_by_text("đã được gửi. Mã xác nhận").wait_for()
    assert look(EVERY) == [(2, True), (5, True)]


def test_a_kiosk_that_was_switched_off_keeps_its_answers_until_it_is_on_again(
    site: str, desk: str, phone: Callable[..., Page], look: Look, session: Session
) -> None:
    page = phone(width=1280, offline=True)
    page.goto(site + desk)
    ready(page)
    page.context.set_offline(True)
    choose(page, "Hài lòng")
    page.locator("#thanks h2").wait_for()
    page.wait_for_timeout(7_000)  # until it cannot be taken back any more
    for enabled, waiting in ((False, 1), (True, 0)):
        session.execute(sa.update(Placement).values(enabled=enabled))
        session.commit()
        page.context.set_offline(False)
        page.evaluate("queue.flush()")
        kept(page, waiting)
    assert rows(look) == [(4, 3)]


def test_a_kiosk_changes_its_language_without_a_network(site: str, desk: str, phone: Callable[..., Page]) -> None:
    page = phone(width=1280, offline=True)
    page.goto(site + desk)
    ready(page)
    page.context.set_offline(True)
    page.get_by_role("link", name="English").click()
    page.get_by_role("button", name="Rất hài lòng").wait_for()  # as it was kept: better than a page without a question
    assert page.evaluate("typeof queue") == "object"
