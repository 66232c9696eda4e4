"""The guides for officials (docs/vi) name what is on the screen, and show pictures that `make pictures` takes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from survey.i18n import language_name, languages
from survey.settings import ROOT
from tests.support.pictures.pages import FILES, NO_PICTURE, WAYS, pages, rules
from tests.support.pictures.shown import MOST_BYTES, SHOWN, WIDTHS
from tests.support.staff_roles import ROUTES

DOCS = ROOT / "docs"
GUIDES = sorted((DOCS / "vi").glob("*.md"))
# What the screen fills in; a text with anything else in it cannot be named word for word.
FILLED_IN = {
    "%(version)s": r"\d+(?:\.\d+)*",
    "%(language)s": "|".join(re.escape(language_name(code)) for code in languages()),
}


def named_words(text: str) -> list[str]:
    """Return what a guide marks as words of the screen: all that stands in bold."""
    return re.findall(r"\*\*(.+?)\*\*", text)


def is_on_screen(words: str, texts: set[str]) -> bool:
    """Say whether the product says these words as one whole text, apart from a number or a language in them."""
    return words in texts or any(re.fullmatch(pattern(text), words) for text in texts if "%(" in text)


def pattern(text: str) -> str:
    """Return the pattern of a text of the catalogue that has something filled in."""
    parts = re.split(r"(%\(\w+\)[sd])", text)
    return "".join(f"(?:{FILLED_IN.get(part, '(?!)')})" if part.startswith("%(") else re.escape(part) for part in parts)


@pytest.fixture(scope="module")
def texts() -> set[str]:
    """What the product says in Vietnamese."""
    with (ROOT / "translations/vi/LC_MESSAGES/messages.po").open("rb") as file:
        catalogue = read_po(file)
    strings = (message.string for message in catalogue if message.id)
    return {text for string in strings for text in ([string] if isinstance(string, str) else string) if text}


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)
def test_the_words_of_buttons_and_pages_are_those_of_the_product(guide: Path, texts: set[str]) -> None:
    words = named_words(guide.read_text(encoding="utf-8"))
    assert [word for word in words if not is_on_screen(word, texts)] == []


@pytest.mark.parametrize("words", ["Lưu lại", "Ban hành", "Ban hành thành bản mới", "Xem trước (tiếng Pháp)"])
def test_words_that_the_product_does_not_say_are_found(words: str, texts: set[str]) -> None:
    assert not is_on_screen(words, texts)


@pytest.mark.parametrize("guide", [path for path in GUIDES if path.name != "README.md"], ids=lambda path: path.name)
def test_a_guide_says_what_for_shows_a_picture_counts_steps_and_tells_what_can_go_wrong(guide: Path) -> None:
    text = guide.read_text(encoding="utf-8")
    assert "*Để làm gì:*" in text and "\n1. " in text and "\n## Có thể vướng ở đâu\n" in text
    assert 1 <= len(re.findall(r"^!\[.+\]\(pictures/", text, re.M)) <= 2
    assert len(named_words(text)) >= 5
    assert f"]({guide.name})" in (DOCS / "vi" / "README.md").read_text(encoding="utf-8")


def test_the_documents_show_what_make_pictures_takes_and_nothing_else() -> None:
    documents = [ROOT / "README.md", *DOCS.rglob("*.md")]
    named = {
        (document.parent / picture).resolve().relative_to(DOCS).as_posix()
        for document in documents
        for picture in re.findall(r"!\[[^\]]*\]\(([^)]+\.png)\)", document.read_text(encoding="utf-8"))
    }
    assert named == set(SHOWN) == {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.png")}
    assert sum((DOCS / path).stat().st_size for path in SHOWN if path.startswith("vi/")) <= MOST_BYTES


def test_what_the_documents_show_is_part_of_a_page_that_is_taken() -> None:
    assert [shown for shown in SHOWN.values() if shown.page not in pages() or shown.width not in WIDTHS] == []


def test_every_page_is_taken_or_it_is_said_why_not() -> None:
    every = {rule for method, rule in ROUTES if method == "GET"}
    assert every - set(rules()) - set(NO_PICTURE) == {rule for rule in every if FILES.search(rule)}
    assert set(WAYS) <= set(rules())
    assert [page.name for page in pages().values() if "<" in page.start] == []
