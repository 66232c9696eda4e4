"""Where the system forces its colours: marks, lines and the current entry are still there, told apart and in view."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Browser, Page
from sqlalchemy.orm import Session

from tests.journeys.test_staff import sign_in
from tests.support.province import TODAY, furnish

# Every mark of a chart with what it is drawn by, and whether that is the colour of the ground.
UNSEEN = """(selector) => {
  const ground = getComputedStyle(document.body).backgroundColor;
  return [...document.querySelectorAll(selector)].filter((one) => {
    const style = getComputedStyle(one);
    const drawn = [style.fill, style.stroke].filter((paint) => paint !== 'none');
    return drawn.every((paint) => paint === ground || paint === 'rgba(0, 0, 0, 0)');
  }).map((one) => one.outerHTML.slice(0, 80));
}"""
STYLE = "(one, name) => getComputedStyle(one)[name]"


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, forced_colors="active", locale="vi-VN")
    yield context.new_page()
    context.close()


@pytest.fixture
def province(session: Session, site: str, page: Page) -> Iterator[Callable[[str], None]]:
    with time_machine.travel(TODAY):
        furnish(session)
        sign_in(page, site)
        yield lambda path: page.goto(site + path) and None


def style(page: Page, selector: str, name: str) -> Any:
    return page.locator(selector).first.evaluate(STYLE, name)


@pytest.mark.parametrize(
    ("path", "marks"),
    [
        ("/staff/?period=2026-10", ".bullet line, .strip line, .strip .point circle, .strip .point use, .counts rect"),
        ("/staff/units?period=2026-10", ".interval line, .interval .point use, .levels rect.level-5"),
        ("/staff/brief?period=2026-10", ".bullet line, .counts rect"),
    ],
)
def test_no_mark_of_a_chart_is_lost(page: Page, province: Callable[[str], None], path: str, marks: str) -> None:
    province(path)
    assert page.evaluate("matchMedia('(forced-colors: active)').matches")
    assert page.locator(marks).count() >= 3
    assert page.evaluate(UNSEEN, marks) == []
    lines = {page.locator(one).first.evaluate(STYLE, "strokeWidth") for one in (".target", ".band-line")}
    assert len(lines) == 2, "target and interval differ in width where they cannot in colour"


def test_the_current_entry_of_the_menu_is_marked(page: Page, province: Callable[[str], None]) -> None:
    province("/staff/units?period=2026-10")
    current, other = (f".sections ul > li > a{which}" for which in ("[aria-current]", ":not([aria-current])"))
    assert style(page, current, "borderBottomColor") != style(page, other, "borderBottomColor")
    chip, beside = (f".chips a{which}" for which in ("[aria-current]", ":not([aria-current])"))
    assert style(page, chip, "outlineStyle") == "solid" and style(page, beside, "outlineStyle") == "none"


def test_the_answers_of_citizens_are_framed_buttons_with_faces(page: Page, site: str, link: str) -> None:
    page.goto(site + link)
    ground = style(page, "body", "backgroundColor")
    for button in page.locator(".answers button").all():
        assert button.evaluate(STYLE, "borderTopStyle") == "solid"
        assert button.evaluate(STYLE, "borderTopColor") != ground
        assert button.locator(".face").evaluate(STYLE, "stroke") not in ("none", ground)
    page.locator(".answers button").nth(1).click()
    page.locator(".done").wait_for()
    assert style(page, ".send", "borderTopColor") != ground and style(page, ".send", "color") != style(
        page, ".send", "backgroundColor"
    )
    page.locator(".cells input").nth(3).check(force=True)
    marked = page.locator(".cells input:checked + *").first
    assert marked.evaluate(STYLE, "outlineStyle") == "solid", "what was chosen is framed"
