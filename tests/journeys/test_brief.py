"""The brief as it comes out of a printer: exactly one sheet, with its last line on it, whatever there is to tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pypdfium2
import pytest
import time_machine
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from survey.models import Level
from tests.journeys.test_staff import sign_in
from tests.support import factories
from tests.support.province import TODAY, answers, furnish, noon

EVERY_REASON = ["login", "form", "upload", "payment", "extra_papers", "visit", "late", "attitude", "no_reply", "other"]


@pytest.fixture
def november() -> Iterator[None]:
    with time_machine.travel(TODAY):
        yield


def printed(page: Page, site: str, path: str) -> tuple[int, str]:
    """Return how many sheets a page is on paper, and what stands on the first of them."""
    page.goto(site + path)
    document = pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True))
    return len(document), " ".join(document[0].get_textpage().get_text_range().split())


@pytest.mark.usefixtures("november")
@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_brief_is_one_sheet(session: Session, site: str, phone: Callable[..., Page], language: str) -> None:
    furnish(session)
    page = phone(width=1280)
    sign_in(page, site, language)
    sheets, words = printed(page, site, "/staff/brief?period=2026-10")
    assert sheets == 1
    assert ("số liệu tính đến ngày 05/11/2026" if language == "vi" else "figures as of 5 November 2026") in words
    assert printed(page, site, "/staff/brief?period=2024-01")[0] == 1


@pytest.mark.usefixtures("november")
def test_the_brief_is_one_sheet_where_there_is_most_to_tell(
    session: Session, site: str, phone: Callable[..., Page]
) -> None:
    furnish(session)
    province = factories.agency_id(session, "H61")
    for number in range(12):
        name = f"Ban Quản lý các khu công nghiệp, khu kinh tế và phát triển hạ tầng đô thị liên huyện số {number}"
        factories.agency(session, f"H61.9{number}", Level.DEPARTMENT, name, name, province)
        answers(session, f"H61.9{number}", 5, 30)
    for _ in range(12):
        factories.response(
            session,
            1,
            "H61.90",
            when=noon(6),
            other={"S7": EVERY_REASON},
            comments={"S8": "Tôi phải đi lại nhiều lần mà không ai giải thích rõ còn thiếu giấy tờ gì. " * 12},
        )
    session.commit()
    page = phone(width=1280)
    sign_in(page, site)
    sheets, words = printed(page, site, "/staff/brief?period=2026-10")
    assert sheets == 1
    assert "Ban Quản lý các khu công nghiệp" in words and "Người dân nói gì" in words
    assert "Chỉ tính phiếu theo lời mời từ ngày 01/10/2026" in words and "Lập bằng Hài Lòng" in words
