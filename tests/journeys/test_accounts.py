"""From the province's administrator to a viewer in a commune, in a real browser: invited, moved, out at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from survey.models import Role
from tests.journeys.test_staff import AXE
from tests.support.accessibility import Axe
from tests.support.officials import PASSWORD, official


def sign_in(page: Page, site: str, login: str) -> None:
    """Sign in on the sign-in page."""
    page.goto(f"{site}/staff/sign-in?lang=vi")
    page.locator("#login").fill(login)
    page.locator("#password").fill(PASSWORD)
    page.locator("main button").click()
    page.wait_for_url(lambda url: "sign-in" not in url)


def to_accounts(page: Page) -> None:
    """Open the list of accounts from the menu of the own account."""
    page.locator(".personal summary").click()
    page.locator(".dropped").get_by_role("link", name="Các tài khoản").click()


def invite(page: Page, name: str, role: str, unit: str) -> str:
    """Invite somebody and return the path of the link that is shown."""
    to_accounts(page)
    page.get_by_role("link", name="Mời một người").click()
    page.get_by_label("Họ và tên").fill(name)
    page.get_by_label("Vai trò").select_option(label=role)
    page.get_by_label("Đơn vị", exact=True).select_option(value=unit)
    page.get_by_role("button", name="Tạo liên kết").click()
    return page.locator("#link").inner_text().partition("/staff/join/")[2]


def join(page: Page, site: str, token: str, login: str) -> None:
    """Set up the account to which a link invites, and sign in to it."""
    page.goto(f"{site}/staff/join/{token}")
    page.get_by_label("Tên đăng nhập").fill(login)
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    page.get_by_label("Nhập lại mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Lập tài khoản").click()
    assert page.inner_text("h1") == "Tài khoản đã sẵn sàng"
    sign_in(page, site, login)


def test_an_administrator_invites_a_manager_who_invites_a_viewer_and_is_moved(
    site: str, session: Session, phone: Callable[..., Page]
) -> None:
    official(session, "quantri", role=Role.ADMINISTRATOR)
    boss, manager, viewer = phone(width=1280), phone(), phone(scripts=False)
    sign_in(boss, site, "quantri")
    join(manager, site, invite(boss, "Trần Văn Quản", "Người quản lý", "H61.50"), "quan.ly")
    join(viewer, site, invite(manager, "Lê Thị Xem", "Người xem", "H61.50"), "nguoi.xem")
    unit = viewer.locator("main").inner_text()
    to_accounts(boss)
    boss.get_by_role("link", name="Trần Văn Quản").first.click()
    boss.get_by_label("Đơn vị", exact=True).select_option(value="H61.51")
    boss.get_by_role("button", name="Thay đổi vai trò và đơn vị").click()
    assert "Đã thay đổi vai trò hoặc đơn vị" in boss.inner_text("[role=status]")
    manager.goto(f"{site}/staff/accounts")
    assert "/staff/sign-in" in manager.url, "out at once"
    sign_in(manager, site, "quan.ly")
    assert manager.goto(f"{site}/staff/?agency=H61.50").status == 404  # type: ignore[union-attr]  # it answers
    manager.goto(f"{site}/staff/accounts")
    assert "Lê Thị Xem" not in manager.inner_text("main")
    viewer.reload()
    assert viewer.locator("main").inner_text() == unit, "whom he invited stays"
    boss.get_by_role("button", name="Tạm khóa tài khoản").click()
    manager.reload()
    assert "/staff/sign-in" in manager.url


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_pages_are_free_of_axe_findings_and_fit(
    site: str, session: Session, phone: Callable[..., Page], language: str
) -> None:
    number = official(session, "lan", "H61.50", Role.MANAGER).id
    official(session, "quantri", role=Role.ADMINISTRATOR)
    page = phone(width=1280)
    sign_in(page, site, "quantri")
    token = invite(page, "Trần Văn Quản", "Người quản lý", "H61.50")
    for path in (
        "/staff/accounts",
        "/staff/accounts/new",
        f"/staff/accounts/{number}",
        f"/staff/join/{token}",
        "/staff/programs",
        "/staff/audit-trail",
    ):
        page.goto(f"{site}{path}?lang={language}")
        for width in (320, 360, 1280):
            page.set_viewport_size({"width": width, "height": 740})
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (path, width)
        found = Axe().run(page, options=AXE).response["violations"]
        assert not found, (path, [(one["id"], one["nodes"][0]["html"]) for one in found])
