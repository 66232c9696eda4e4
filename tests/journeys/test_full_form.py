"""Both questionnaires answered in full in a real browser: with and without JavaScript, in Vietnamese and in English."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page

from survey.models import Comment, Response
from tests.support.accessibility import Axe
from tests.web.citizen.test_paged_form import EVERYTHING, PARTS

Look = Callable[[sa.Select[*tuple[Any, ...]]], list[Any]]
AXE = {"resultTypes": ["violations"], "rules": {"color-contrast-enhanced": {"enabled": True}}}
CONTINUE = {"vi": "Tiếp tục", "en": "Continue"}
SEND = {"vi": "Gửi", "en": "Send"}
BACK = {"vi": "Quay lại", "en": "Back"}
SHORT = {"S1": "2", "S2": "3", "S3": "2", "S4": "5", "S5": "1", "S6": "4", "S7": ["late", "other"], "S8": "Chậm “quá”"}
WAYS = pytest.mark.parametrize("scripts", [False, True], ids=["without scripts", "with scripts"])
LANGUAGES = pytest.mark.parametrize("language", ["vi", "en"])


def fill(page: Page, answers: dict[str, Any]) -> None:
    """Answer, as a person does, every question that is to be seen on the page."""
    for name, value in answers.items():
        written = page.locator(f'textarea[name="{name}"]')
        if written.count():
            written.fill(value)
            continue
        for one in value if isinstance(value, list) else [value]:
            choice = page.locator(f'input[name="{name}"]:not([type=hidden])')
            if choice.count() and choice.first.is_visible():
                choice.and_(page.locator(f'[value="{one}"]')).check()


@LANGUAGES
@WAYS
def test_the_short_form_in_full(
    site: str, link: str, phone: Callable[..., Page], look: Look, scripts: bool, language: str
) -> None:
    page = phone(scripts=scripts)
    page.goto(f"{site}{link}?lang={language}")
    page.locator(f'.answers [value="{SHORT["S1"]}"]').click()
    page.locator(".done").wait_for()
    fill(page, SHORT)
    page.locator("#answer .send").click()
    page.locator("#consent").wait_for()
    (kept,) = look(sa.select(Response.__table__).where(Response.counted))
    assert [kept.overall, *(getattr(kept, f"r{i}") for i in range(1, 6))] == [2, 3, 2, 5, 1, 4]
    assert (kept.other, kept.language) == ({"S7": ["late", "other"]}, language)
    assert look(sa.select(Comment.text)) == [("Chậm “quá”",)]


@pytest.mark.parametrize(
    ("scripts", "language"), [(False, "vi"), (True, "en")], ids=["without scripts-vi", "with scripts-en"]
)
def test_the_full_form_in_full_with_a_look_back(
    site: str, link: str, phone: Callable[..., Page], look: Look, scripts: bool, language: str
) -> None:
    page = phone(scripts=scripts)
    page.goto(f"{site}{link}?form=full&lang={language}")
    for _part in PARTS[:-1]:
        fill(page, EVERYTHING)
        page.get_by_role("button", name=CONTINUE[language]).click()
    page.get_by_role("button", name=BACK[language]).click()
    assert page.locator('textarea[name="C5"]').input_value() == EVERYTHING["C5"]
    assert page.locator('input[name="C3a"][value="officer"]').is_checked()
    page.get_by_role("button", name=CONTINUE[language]).click()
    fill(page, EVERYTHING)
    assert look(sa.select(Response.id)) == []
    page.get_by_role("button", name=SEND[language], exact=True).click()
    page.locator(".done").wait_for()
    (kept,) = look(sa.select(Response.__table__))
    assert (kept.overall, kept.language) == (3, language)
    rated = sorted(value for value in (getattr(kept, f"r{i}") for i in range(1, 25)) if value)
    assert rated == sorted(int(EVERYTHING[f"B{i:02}"]) for i in range(1, 22))
    assert kept.other["C4"] == {f"C4{row}": "4" for row in "abcdefgh"}
    assert (kept.other["B23"], kept.other["C3a"]) == (["login", "other"], "officer")
    assert look(sa.select(Comment.text)) == [(EVERYTHING["C5"],)]


def test_a_conditional_question_comes_and_goes_as_people_choose(
    site: str, code: str, phone: Callable[..., Page]
) -> None:
    page = phone()
    page.goto(f"{site}{code}?form=full")
    reason = page.get_by_text("Nếu có điều chưa hài lòng")
    assert not reason.is_visible()
    page.locator('input[name="B22"][value="3"]').check()
    assert reason.is_visible()
    page.locator('input[name="B22"][value="5"]').check()
    assert not reason.is_visible()


def test_a_conditional_question_without_javascript_is_seen_and_may_be_left_alone(
    site: str, code: str, phone: Callable[..., Page], look: Look
) -> None:
    page = phone(scripts=False)
    page.goto(f"{site}{code}?form=full")
    assert page.get_by_text("Nếu có điều chưa hài lòng").is_visible()
    page.locator('input[name="B22"][value="5"]').check()
    page.keyboard.press("Enter")
    page.get_by_text("Phần 2/9").wait_for()  # Enter turns the page and sends nothing
    page.get_by_role("button", name="Gửi ngay").click()
    page.locator(".done").wait_for()
    assert look(sa.select(Response.overall, Response.other)) == [(5, None)]


def test_language_and_missing_answer_half_way(site: str, code: str, phone: Callable[..., Page]) -> None:
    page = phone()
    page.goto(f"{site}{code}?form=full")
    page.get_by_role("button", name="Tiếp tục").click()
    assert page.locator('.summary a[href="#B22"]').is_visible()
    page.locator('input[name="B22"][value="4"]').check()
    page.get_by_role("button", name="Tiếp tục").click()
    page.locator('input[name="A2"][value="family"]').check()
    page.get_by_role("button", name="English").click()
    assert page.locator('input[name="A2"][value="family"]').is_checked()
    assert "Part 2 of 9" in page.inner_text("main")
    page.get_by_role("button", name="Back").click()
    assert page.locator('input[name="B22"][value="4"]').is_checked()


@LANGUAGES
def test_every_part_is_free_of_axe_findings_and_fits_small_screens(
    site: str, link: str, phone: Callable[..., Page], language: str
) -> None:
    page = phone()
    page.goto(f"{site}{link}?form=full&lang={language}")
    for part in PARTS:
        page.wait_for_load_state()  # a document may be looked into before its first element is there
        for width in (320, 1280):
            page.set_viewport_size({"width": width, "height": 700})
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (part, width)
        found = Axe().run(page, options=AXE).response["violations"]
        assert not found, (part, [(one["id"], one["nodes"][0]["html"]) for one in found])
        fill(page, EVERYTHING)
        if part != PARTS[-1]:
            page.get_by_role("button", name=CONTINUE[language]).click()
