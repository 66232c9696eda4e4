"""What everybody may read about answers and about the pages themselves, with the way to it from the first page."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from survey.settings import ROOT
from tests.support.pages import check_page

PAGES = {
    "/privacy": {"vi": "Không lưu họ tên", "en": "No name, no telephone number"},
    "/accessibility": {"vi": "WCAG 2.2 mức AA", "en": "WCAG 2.2 level AA"},
}


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_the_first_page_leads_to_the_statements(client: FlaskClient, path: str, language: str) -> None:
    assert f'href="{path}?lang={language}"' in client.get(f"/?lang={language}").text
    assert PAGES[path][language] in check_page(client.get(f"{path}?lang={language}"), language).words


def test_the_first_page_says_in_one_sentence_what_this_is(client: FlaskClient) -> None:
    assert "người dân và doanh nghiệp đánh giá dịch vụ công" in check_page(client.get("/")).words


def test_privacy_is_told_in_the_words_of_the_form(client: FlaskClient, link: str) -> None:
    words = "Ý kiến giúp dịch vụ công tốt hơn."
    assert words in client.get("/privacy").text and words in client.get(link).text


def test_the_page_on_accessibility_keeps_to_the_statement_in_the_documents(client: FlaskClient) -> None:
    statement = (ROOT / "docs" / "accessibility.vi.md").read_text(encoding="utf-8")
    page = client.get("/accessibility").text
    for words in ("WCAG 2.2 mức AA", "iPhone thật", "trình đọc màn hình", "tiếng Khmer", "ngôn ngữ ký hiệu"):
        assert words in statement and words in page, words
