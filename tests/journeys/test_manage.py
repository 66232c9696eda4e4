"""A manager's way through a real browser: edit a draft beside its preview, publish it; copy code for a portal."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from survey import questionnaires
from survey.models import Role
from tests.support import factories
from tests.support.accessibility import Axe
from tests.support.officials import PASSWORD, official

AXE = {
    "resultTypes": ["violations"],
    "iframes": False,  # the preview is the citizen's page, which has tests of its own
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}


@pytest.fixture
def editor(session: Session) -> None:
    """A manager of the province and one open QR code."""
    factories.placement(session)
    official(session, role=Role.MANAGER)


def sign_in(page: Page, site: str, path: str) -> None:
    page.goto(site + path)
    page.locator("#login").fill("hanh")
    page.locator("#password").fill(PASSWORD)
    page.locator("main button").click()
    page.wait_for_url(site + path)


def draft(page: Page, site: str) -> None:
    sign_in(page, site, "/staff/questionnaires/?lang=vi")
    page.get_by_role("button", name="Tạo bản nháp short_online 2.0").click()
    page.wait_for_load_state()  # before that folds are missing, and the script hears nothing of what is typed


@pytest.mark.parametrize("scripts", [False, True], ids=["without scripts", "with scripts"])
def test_a_manager_edits_previews_and_publishes(
    site: str, editor: None, phone: Callable[..., Page], session: Session, scripts: bool
) -> None:
    page = phone(scripts=scripts, width=1280)
    draft(page, site)
    page.locator("[id='at-items/0'] summary").click()
    page.locator("[id='at-items/1'] summary").click()
    question = page.locator('[name="items/0/vi"]')
    question.fill("Ông/Bà thấy lần này thế nào?")
    if not scripts:
        page.get_by_role("button", name="Xem trước (Tiếng Việt)").click()
    phone_page = page.frame_locator("iframe[name=preview]")
    phone_page.get_by_role("heading", name="Ông/Bà thấy lần này thế nào?").wait_for()
    page.locator('[name="items/1/en"]').fill("")
    page.locator("button[value=review]").click()
    assert page.locator(".refused a").get_attribute("href") == "#f-items/1/en"
    assert question.input_value() == "Ông/Bà thấy lần này thế nào?"
    page.locator(".refused a").click()
    page.locator('[name="items/1/en"]').fill("How easy was it?")
    page.locator("button[value='down items/1']").click()
    assert page.locator("details.added [name='items/2/en']").input_value() == "How easy was it?"
    page.locator("button[value=review]").click()
    assert "Ông/Bà thấy lần này thế nào?" in page.locator("main").inner_text()
    page.locator(".decide button").click()
    assert "Đã ban hành" in page.locator("[role=status]").inner_text()
    page.goto(f"{site}/q/TESTQR?lang=vi")
    assert page.locator("h1").inner_text() == "Ông/Bà thấy lần này thế nào?"
    assert questionnaires.asked_now(session).version == "2.1"


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_pages_are_free_of_axe_findings_and_fit(
    site: str, editor: None, phone: Callable[..., Page], language: str
) -> None:
    page = phone(width=1280)
    draft(page, site)
    edited = page.url.split("?")[0].removeprefix(site)
    for fold in page.locator("details.item > summary").all():
        fold.click()
    page.locator('[name="items/0/vi"]').fill("Ông/Bà có hài lòng không?")
    page.locator("button[value=review]").click()
    for path in (
        edited,
        f"{edited}/review",
        f"{edited}?done=add&at=items/7",
        "/staff/questionnaires/",
        "/staff/questionnaires/1",
        "/staff/embed",
        "/staff/response-quality",
    ):
        page.goto(f"{site}{path}{'&' if '?' in path else '?'}lang={language}")
        for width in (320, 360, 1280):
            page.set_viewport_size({"width": width, "height": 740})
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (path, width)
        found = Axe().run(page, options=AXE).response["violations"]
        assert not found, (path, [(one["id"], one["nodes"][0]["html"]) for one in found])
        assert page.locator("html").get_attribute("lang") == language


def test_code_for_a_portal_is_copied_and_opens_the_survey(site: str, editor: None, phone: Callable[..., Page]) -> None:
    page = phone(width=1280)
    sign_in(page, site, "/staff/embed?lang=vi")
    page.locator(".sample a").first.evaluate(
        "link => link.href = new URL(link.href).pathname + new URL(link.href).search"
    )
    page.locator(".sample a").first.click()
    assert page.url == f"{site}/q/TESTQR?lang=vi&end=done"
    assert page.locator("h1").count() == 1


def test_a_draft_is_thrown_away_only_after_a_second_word(site: str, editor: None, phone: Callable[..., Page]) -> None:
    page = phone(scripts=False)
    draft(page, site)
    edited = page.url
    page.goto(f"{site}/staff/questionnaires/")
    assert not page.locator(".asking button").is_visible()
    page.locator(".asking summary").click()
    page.locator(".asking button").click()
    assert page.locator(".asking").count() == 0
    page.goto(edited)
    assert "Không có phiếu" in page.inner_text("main")


def test_a_condition_is_chosen_at_360_pixels_by_keyboard_and_with_scripts_only_what_fits_is_offered(
    site: str, editor: None, phone: Callable[..., Page]
) -> None:
    page = phone()
    draft(page, site)
    page.wait_for_load_state()
    height = page.evaluate("document.documentElement.scrollHeight")
    assert height < 3000, "questions are folded"
    page.locator("[id='at-items/7'] summary").focus()
    page.keyboard.press("Enter")
    about, answer = (page.locator(f"[name='items/7/when_{name}']") for name in ("question", "answer"))
    assert not answer.is_visible()
    about.select_option("S7")
    assert answer.locator("optgroup:not([hidden])").count() == 1
    answer.select_option("S7 == late")
    about.select_option("S1")
    assert answer.input_value() == ""
    answer.select_option("<= 2")
    page.locator(".bars button").first.click()
    assert page.locator("[name='items/7/when_question']").input_value() == "S1"
    assert page.locator("[name='items/7/when_answer']").input_value() == "<= 2"
