"""A server on a port of its own, and browsers whose complaints fail the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Locator, Page
from playwright.sync_api import TimeoutError as TooLong

from tests.support.served import served


@pytest.fixture(scope="session", autouse=True)
def clicks_wait_for_what_they_lead_to() -> Iterator[None]:
    """Let each click wait until the page that it leads to is there whole, with its style and its script.

    Playwright's own waits until that page has begun: whoever then counts, or asks what is seen, is sometimes too early.
    """
    plain = Locator.click

    def click(self: Locator, **how: Any) -> None:
        plain(self, **how)
        with suppress(TooLong):  # where a server never ends its answer, which is what some tests are about
            self.page.wait_for_load_state(timeout=5_000)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Locator, "click", click)
        yield


@pytest.fixture
def engine_name() -> str:
    """One database is enough: what is proved here is the page."""
    return "sqlite"


@pytest.fixture
def site(app: Flask) -> Iterator[str]:
    """The application on a port of its own."""
    with served(app) as address:
        yield address


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Open a page on a telephone of 360 px; whatever the browser complains about fails the test."""
    contexts, complaints = [], []

    def opened(scripts: bool = True, width: int = 360, offline: bool = False) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 740}, java_script_enabled=scripts, locale="vi-VN"
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        expected = ["status of 4", "Clear-Site-Data header"]  # the latter is what Chromium says of each signing out
        expected += ["net::ERR_", "error occurred when fetching the script"] if offline else []
        page.on("console", lambda said: None if any(e in said.text for e in expected) else complaints.append(said.text))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []
