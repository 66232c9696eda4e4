"""Walking through the menu of staff pages as a person does."""

from __future__ import annotations

from playwright.sync_api import Page


def go_to(page: Page, section: str, name: str | None = None) -> None:
    """Open a section of the menu, on a telephone out of its fold, and a page in it; its first page without a name."""
    _follow(page, "nav.sections", section)
    if name is not None:
        _follow(page, "nav.pages", name)


def _follow(page: Page, menu: str, name: str) -> None:
    fold = page.locator(f"{menu} summary")
    if fold.is_visible():
        fold.click()
    page.locator(menu).get_by_role("link", name=name, exact=True).click()


def sign_out(page: Page) -> None:
    """Sign out from the menu of the account."""
    page.locator(".personal summary").click()
    page.get_by_role("button", name="Đăng xuất").click()
