"""A citizen's way through a real browser on a small telephone, with and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from survey.models import Comment, Response

Look = Callable[[sa.Select[*tuple[Any, ...]]], list[Any]]
RECEIPT = re.compile(r"/receipt/[0-9A-Z-]{19}$")
AXE = {"resultTypes": ["violations"], "rules": {"color-contrast-enhanced": {"enabled": True}}}
WIDTHS = (180, 320, 360)  # 360 px at 200 % zoom is 180; WCAG asks for 320


def rows(look: Look) -> list[Any]:
    return look(sa.select(Response.overall, Response.counted, Response.language).order_by(Response.id))


def test_answer_by_link_without_javascript(site: str, link: str, phone: Callable[..., Page], look: Look) -> None:
    page = phone(scripts=False)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(site + link)
    assert asked == [site + link], "one request is all that the page needs"
    page.get_by_label("Hài lòng", exact=True).first.check()
    page.get_by_role("button", name="Gửi").first.click()
    assert "Mã xác nhận" in page.inner_text("main")
    assert rows(look) == [(4, True, "vi")]
    page.get_by_label("Ông/Bà muốn nói thêm điều gì?").fill("Cán bộ hướng dẫn rõ ràng 👍")
    page.get_by_label("Trả kết quả trễ hẹn").check()
    page.get_by_role("button", name="Gửi").click()
    assert [row.counted for row in rows(look)] == [False, True]
    assert look(sa.select(Comment.text)) == [("Cán bộ hướng dẫn rõ ràng 👍",)]
    page.get_by_role("link", name="Kiểm tra mã xác nhận").click()
    assert "đang được tính" in page.inner_text("main")


def test_answer_by_qr_with_javascript(site: str, code: str, phone: Callable[..., Page], look: Look) -> None:
    page = phone()
    page.goto(site + code)
    page.get_by_text("Nếu có thời gian").click()
    reason = page.get_by_text("Nếu có điều chưa hài lòng")
    assert not reason.is_visible()
    page.get_by_label("Không hài lòng", exact=True).first.check()
    assert reason.is_visible()
    page.get_by_label("Thái độ phục vụ").check()
    page.get_by_role("button", name="Gửi").first.dblclick()
    page.wait_for_url(RECEIPT)
    assert [tuple(row) for row in look(sa.select(Response.overall, Response.other))] == [(2, {"S7": ["attitude"]})]
    page.reload()
    assert "Ý kiến đã được ghi nhận" in page.inner_text("h1"), "reloading sends nothing again"
    assert len(rows(look)) == 1


def test_switch_language_half_way(site: str, link: str, phone: Callable[..., Page], look: Look) -> None:
    page = phone(scripts=False)
    page.goto(site + link)
    page.get_by_label("Rất hài lòng").first.check()
    page.get_by_text("Nếu có thời gian").click()
    page.get_by_label("Ông/Bà muốn nói thêm điều gì?").fill("Nhanh, gọn")
    page.get_by_role("button", name="English").click()
    assert page.get_by_label("Very satisfied").first.is_checked()
    assert page.get_by_label("Is there anything else").input_value() == "Nhanh, gọn"
    assert rows(look) == []
    page.get_by_role("button", name="Send").first.click()
    page.locator(".done").wait_for()
    assert "Receipt code" in page.inner_text("main") or "receipt code" in page.inner_text("main")
    assert rows(look) == [(5, True, "en")]


def test_answer_by_keyboard_alone(site: str, code: str, phone: Callable[..., Page], look: Look) -> None:
    page = phone()
    page.goto(site + code)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "switch"
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    assert page.evaluate("getComputedStyle(document.activeElement.closest('label')).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url(RECEIPT)
    assert rows(look) == [(4, True, "vi")], "Enter sends the answer, not the language"


def test_a_mistake_takes_the_reader_to_the_field(site: str, code: str, phone: Callable[..., Page]) -> None:
    page = phone(scripts=False)
    page.goto(site + code)
    page.get_by_role("button", name="Gửi").first.click()
    alert = page.get_by_role("alert")
    alert.wait_for()
    assert page.title().startswith("Lỗi:")
    assert alert.evaluate("e => e === document.activeElement")
    alert.get_by_role("link").click()
    assert page.locator("#S1").evaluate("e => e === document.activeElement")


def visit_each(page: Page, site: str, link: str, language: str) -> Iterator[str]:
    """Go through every page that a citizen may see."""
    asked = f"?lang={language}"
    page.goto(site + link + asked)
    yield "form"
    page.locator("summary").click()
    yield "whole form"
    page.locator(".send").first.click()
    page.get_by_role("alert").wait_for()
    yield "error"
    page.goto(site + link + asked)
    page.locator("input[name=S1]").nth(3).check()
    page.locator(".send").first.click()
    page.wait_for_url(RECEIPT)
    yield "thanks"
    page.goto(page.url + asked)
    yield "receipt"
    for path in ("/", "/receipt", "/receipt/1234", "/r/nonsense"):
        page.goto(site + path + asked)
        yield path


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_axe_finds_nothing(site: str, link: str, phone: Callable[..., Page], language: str, scheme: Any) -> None:
    page, axe = phone(), Axe()
    page.emulate_media(color_scheme=scheme)
    for name in visit_each(page, site, link, language):
        found = axe.run(page, options=AXE)
        assert found.violations_count == 0, f"{name}: {found.generate_report()}"


@pytest.mark.parametrize("language", ["vi", "en"])
def test_nothing_scrolls_sideways_and_every_target_is_large(
    site: str, link: str, phone: Callable[..., Page], language: str
) -> None:
    page = phone()
    for name in visit_each(page, site, link, language):
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 640})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
        page.set_viewport_size({"width": 360, "height": 740})
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, f"{name}: text at 200 %"
        page.evaluate("document.documentElement.style.fontSize = ''")
        assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 18
        for target in page.locator("fieldset label:visible, .send:visible, nav a, nav button, summary").all():
            box = target.bounding_box()
            assert box is not None
            assert box["height"] >= 48, (name, target.inner_text())
