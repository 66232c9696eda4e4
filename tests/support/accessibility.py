"""axe-core on a page that is loaded whole: before its style sheet is there, every target is too small."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe as AxeCore
from playwright.sync_api import Page


class Axe(AxeCore):
    """axe-core, which waits for what a page is made of: a click only waits until the next page has begun."""

    def run(self, page: Page, *about: Any, **options: Any) -> AxeResults:
        """Look at a page as soon as it is loaded."""
        page.wait_for_load_state()
        return super().run(page, *about, **options)
