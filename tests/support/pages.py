"""What every page of the product obeys, checked in one place."""

from __future__ import annotations

import html.parser
import re
from typing import Any

from werkzeug.test import TestResponse

LEFT_OPEN = re.compile(r"\{\{|\}\}|\{%|%\(\w+\)[sd]|\x00")
UNLABELLED = frozenset({"hidden", "submit", "button", "reset", "image"})


class Outline(html.parser.HTMLParser):
    """The parts of a page that the rules are about."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.language = self.title = self.words = ""
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.labelled: set[str] = set()
        self.fields: list[tuple[str, str]] = []
        self.forbidden: list[str] = []
        self._open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids += [given["id"]] if "id" in given else []
        self.forbidden += [name for name in given if name == "style" or name.startswith("on")]
        if tag == "html":
            self.language = given.get("lang", "")
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "label" and "for" in given:
            self.labelled.add(given["for"])
        if tag in ("textarea", "select") or (tag == "input" and given.get("type") not in UNLABELLED):
            named = "label" in self._open or "aria-label" in given or "aria-labelledby" in given
            self.fields.append(("" if named else given.get("id", "?"), given.get("name", "")))
        if tag not in ("meta", "link", "input", "br", "img", "hr", "wbr", "col", "source"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "title":
            self.title += data
        if not {"style", "script"} & set(self._open):
            self.words += data


def check_page(response: TestResponse, language: str = "vi") -> Outline:
    """Check a page for its language, title, headings, labels, policy and texts, and return its outline."""
    page = response.get_data(as_text=True)
    outline = Outline(page)
    assert response.mimetype == "text/html"
    assert outline.language == language
    assert outline.title.strip(), "a page has a title"
    assert outline.headings.count(1) == 1, f"one h1, not {outline.headings}"
    assert all(after - before <= 1 for before, after in zip(outline.headings, outline.headings[1:], strict=False))
    unlabelled = [field for field, _name in outline.fields if field and field not in outline.labelled]
    assert not unlabelled, f"fields without a label: {unlabelled}"
    assert len(outline.ids) == len(set(outline.ids)), "an id stands once"
    assert not outline.forbidden, f"inline style or handler: {outline.forbidden}"
    assert not LEFT_OPEN.search(outline.words), LEFT_OPEN.search(outline.words)
    policy = response.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "require-trusted-types-for 'script'" in policy
    return outline


HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
RECEIPT = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){3}")


def hidden(response: TestResponse) -> dict[str, Any]:
    """Return what the page's form carries unseen: language, key and proof of origin."""
    return dict(HIDDEN.findall(response.get_data(as_text=True)))


def receipt_on(page: Outline) -> str:
    """Return the receipt code that the page shows."""
    found = RECEIPT.search(page.words)
    assert found, "no receipt code"
    return found.group()
