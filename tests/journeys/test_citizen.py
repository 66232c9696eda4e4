"""A citizen's way through a real browser on a small telephone, with and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from survey.models import Comment, Response
from tests.support.accessibility import Axe

Look = Callable[[sa.Select[*tuple[Any, ...]]], list[Any]]
RECEIPT = re.compile(r"/receipt/[0-9A-Z-]{19}$")
AXE = {"resultTypes": ["violations"], "rules": {"color-contrast-enhanced": {"enabled": True}}}
WIDTHS = (180, 320, 360)  # 360 px at 200 % zoom is 180; WCAG asks for 320


def rows(look: Look) -> list[Any]:
    return look(sa.select(Response.overall, Response.counted, Response.language).order_by(Response.id))


def test_answer_by_link_without_javascript(site: str, link: str, phone: Callable[..., Page], look: Look) -> None:
    page = phone(scripts=False)
    page.set_viewport_size({"width": 360, "height": 560})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(site + link)
    assert asked == [site + link], "one request is all that the page needs"
    page.get_by_role("button", name="Không hài lòng", exact=True).click()
    assert "Đã ghi nhận. Xin cảm ơn Ông/Bà." in page.inner_text("h1")
    assert rows(look) == [(2, True, "vi")], "one tap is enough"
    page.get_by_role("button", name="Đổi ý").click()
    page.get_by_role("button", name="Hài lòng", exact=True).click()
    assert page.inner_text(".mine b") == "Hài lòng"
    assert rows(look) == [(2, False, "vi"), (4, True, "vi")]
    assert not page.get_by_text("Điều gì chưa hài lòng?").is_visible(), "reasons are asked of the dissatisfied"
    page.get_by_label("Điều gì làm tốt, điều gì cần sửa?").fill("Cán bộ hướng dẫn rõ ràng 👍")
    page.get_by_role("radiogroup", name="Kết quả nhận được").get_by_role("radio", name="Rất hài lòng").check()
    page.get_by_role("button", name="Gửi thêm").click()
    assert look(sa.select(Response.overall, Response.r4).where(Response.counted)) == [(4, 5)]
    assert look(sa.select(Comment.text)) == [("Cán bộ hướng dẫn rõ ràng 👍",)]
    page.get_by_text("Mã xác nhận và việc tiếp theo").click()
    assert "Có thể đổi ý bằng chính liên kết này đến" in page.inner_text("main")
    page.get_by_role("link", name="Kiểm tra mã xác nhận").click()
    assert "đang được tính" in page.inner_text("main")
    page.goto(site + link)
    assert "Gửi lần nữa sẽ thay thế lần trước" in page.inner_text("main")


def test_answer_by_qr_with_javascript(site: str, code: str, phone: Callable[..., Page], look: Look) -> None:
    page = phone()
    page.goto(site + code)
    page.get_by_role("button", name="Hài lòng", exact=True).dblclick()
    page.wait_for_url(RECEIPT)
    assert rows(look) == [(4, True, "vi")]
    reason = page.get_by_text("Điều gì chưa hài lòng?")
    assert not reason.is_visible()
    low = page.get_by_role("radiogroup", name="Cán bộ hướng dẫn").get_by_role(
        "radio", name="Không hài lòng", exact=True
    )
    low.check()
    assert reason.is_visible(), "a factor below the middle asks for reasons too"
    low.click()
    assert not low.is_checked() and not reason.is_visible(), "a second tap leaves the row blank"
    low.check()
    page.get_by_label("Thái độ phục vụ").check()
    page.get_by_role("button", name="Gửi thêm").dblclick()
    page.get_by_role("button", name="Gửi thêm").wait_for(state="detached")
    last = sa.select(Response.overall, Response.r3, Response.other).where(Response.counted)
    assert [tuple(row) for row in look(last)] == [(4, 2, {"S7": ["attitude"]})]
    page.wait_for_url(RECEIPT)
    page.reload()
    assert "Ý kiến đã được ghi nhận" in page.inner_text("h1"), "reloading sends nothing again"
    assert len(rows(look)) == 2


def test_the_language_changes_half_way(site: str, code: str, phone: Callable[..., Page], look: Look) -> None:
    page = phone()
    page.goto(site + code)
    page.get_by_role("button", name="English").click()
    page.get_by_role("button", name="Very satisfied").wait_for()
    assert rows(look) == []
    page.get_by_role("button", name="Very satisfied").click()
    page.wait_for_url(RECEIPT)
    assert rows(look) == [(5, True, "en")]


def test_a_tap_says_that_it_is_being_sent(site: str, code: str, phone: Callable[..., Page], look: Look) -> None:
    page = phone()
    page.goto(site + code)
    # From within: whatever is asked of a page waits until the reply to its tap has come.
    said = "sessionStorage.setItem('said', document.querySelector('#unsent:not([hidden])')?.textContent ?? '')"
    page.evaluate(f"addEventListener('pagehide', () => {said})")
    page.get_by_role("button", name="Bình thường").click()
    page.wait_for_url(RECEIPT)
    assert page.evaluate("sessionStorage.getItem('said')") == "Đang gửi…"
    assert rows(look) == [(3, True, "vi")]


def test_answer_by_keyboard_alone(site: str, code: str, phone: Callable[..., Page], look: Look) -> None:
    page = phone()
    page.goto(site + code)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "switch"
    for _ in range(4):
        page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url(RECEIPT)
    assert rows(look) == [(4, True, "vi")], "Enter sends the answer, not the language"


def test_a_mistake_takes_the_reader_to_the_field(site: str, code: str, phone: Callable[..., Page]) -> None:
    page = phone(scripts=False)
    page.goto(site + code)
    page.get_by_role("button", name="Bình thường").click()
    page.locator("textarea").fill("Chậm " * 300)
    page.get_by_role("button", name="Gửi thêm").click()
    alert = page.get_by_role("alert")
    alert.wait_for()
    assert page.title().startswith("Lỗi:")
    assert alert.evaluate("e => e === document.activeElement")
    alert.get_by_role("link").click()
    assert page.locator("#S8").evaluate("e => e === document.activeElement")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_first_screen_of_a_small_phone_holds_the_question_and_all_answers(
    site: str, link: str, phone: Callable[..., Page], session: Session, language: str
) -> None:
    session.execute(sa.text("UPDATE installation SET demo = true"))
    session.commit()
    page = phone(scripts=False)
    page.set_viewport_size({"width": 360, "height": 560})
    page.goto(f"{site}{link}?lang={language}")
    boxes = [one.bounding_box() for one in page.locator("main h1, .answers button").all()]
    assert len(boxes) == 6 and all(box and box["y"] >= 0 and box["y"] + box["height"] <= 560 for box in boxes)
    answers = [box for box in boxes[1:] if box]
    assert len({(box["width"], box["height"]) for box in answers}) == 1, "all answers are equal"
    assert all(box["height"] >= 48 for box in answers)
    assert page.evaluate("document.documentElement.scrollHeight") <= 640, "nothing of the page is far below"
    page.locator(".answers button").nth(1).click()
    box = page.locator(".done").bounding_box()
    assert box is not None and box["y"] + box["height"] <= 560, "thanks, the answer, and how to change it"
    field = page.locator("textarea").bounding_box()
    assert field is not None and field["y"] + field["height"] <= 560
    assert page.evaluate("document.documentElement.scrollHeight") <= 1100


def visit_each(page: Page, site: str, link: str, language: str) -> Iterator[str]:
    """Go through every page that a citizen may see."""
    asked = f"?lang={language}"
    page.goto(site + link + asked)
    yield "form"
    page.locator("summary").click()
    yield "whole form"
    page.locator(".answers button").nth(1).click()
    page.wait_for_url(RECEIPT)
    page.locator("summary").click()
    yield "thanks"
    page.locator("textarea").fill("x" * 1001)
    page.locator("#answer .send").click()
    page.get_by_role("alert").wait_for()
    yield "error"
    page.goto(f"{site}{link}{asked}&level=4")
    yield "answered before"
    page.locator(".answers button").nth(4).click()
    page.wait_for_url(RECEIPT)
    page.goto(page.url + asked)
    yield "receipt"
    for path in ("/", "/receipt", "/receipt/1234", "/r/nonsense", f"{link}?form=full"):
        page.goto(site + path + asked.replace("?", "&" if "?" in path else "?"))
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
        for target in page.locator("label:has(input):visible, .send:visible, nav a, nav button, summary").all():
            box = target.bounding_box()
            assert box is not None
            assert box["height"] >= 44, (name, target.inner_text())
