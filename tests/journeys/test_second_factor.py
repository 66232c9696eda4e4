"""Second factors in a real browser: an app, a passkey (Chromium's virtual device), lost ones, thieves, strangers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from survey.accounts.sign_in_limits import PAIR
from survey.models import Role
from survey.settings import Settings
from tests.journeys.test_staff import AXE
from tests.support.accessibility import Axe
from tests.support.menu import sign_out
from tests.support.officials import PASSWORD, official
from tests.support.second_factor import code_of
from tests.support.served import served

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def named_site(
    settings: Settings, started: Callable[[Settings], AbstractContextManager[Flask]], session: Session
) -> Iterator[str]:
    """The application under a name, which passkeys need; browsers take localhost for safe."""
    with started(replace(settings, public_url="http://localhost")) as app, served(app) as address:
        yield address.replace("127.0.0.1", "localhost")


def give_password(page: Page, site: str, login: str = "hanh", password: str = PASSWORD) -> None:
    page.goto(f"{site}/staff/sign-in?lang=vi")
    page.get_by_label("Tên đăng nhập").fill(login)
    page.get_by_label("Mật khẩu").fill(password)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()


def signed_in(page: Page) -> bool:
    page.wait_for_url("**/staff/")
    return page.locator(".personal.signed-in").is_visible()


def device(page: Page) -> tuple[Any, str]:
    """Give the browser a virtual device for passkeys that verifies its person."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return devtools, str(made["authenticatorId"])


def set_up_app(page: Page, site: str) -> tuple[str, list[str]]:
    page.goto(f"{site}/staff/account/second-factor")
    page.get_by_role("link", name="Thiết lập ứng dụng").click()
    page.locator(".factor-code svg").wait_for()
    page.get_by_text("Không quét được mã?").click()
    key = page.locator("details code").inner_text().replace(" ", "")
    page.get_by_label("Nhập sáu chữ số").fill(code_of(key))
    page.get_by_role("button", name="Thiết lập ứng dụng này").click()
    page.get_by_role("heading", level=1, name="Mã khôi phục của Ông/Bà").wait_for()
    return key, page.locator(".recovery-codes code").all_inner_texts()


def accessible(page: Page) -> bool:
    found = Axe().run(page, options=AXE)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing is cut off sideways"
    return True


def test_an_app_is_set_up_asked_for_and_its_loss_survived_by_a_printed_code_without_scripts(
    site: str, session: Session, phone: Callable[..., Page]
) -> None:
    official(session, role=Role.MANAGER)
    page = phone(scripts=False)
    give_password(page, site)
    assert signed_in(page)
    assert "Xin Ông/Bà thiết lập xác thực hai bước" in page.locator(".owed").inner_text()
    key, codes = set_up_app(page, site)
    assert len(codes) == 8
    page.get_by_role("link", name="Tôi đã cất giữ các mã").click()
    assert page.locator(".owed").count() == 0
    sign_out(page)
    give_password(page, site)
    page.get_by_label("Mã sáu chữ số").fill("000000")
    page.get_by_role("button", name="Tiếp tục").click()
    assert "Mã không đúng" in page.get_by_role("alert").inner_text()
    page.get_by_label("Mã sáu chữ số").fill(code_of(key, 1))
    page.get_by_role("button", name="Tiếp tục").click()
    assert signed_in(page)
    sign_out(page)
    give_password(page, site)
    page.get_by_label("Mã sáu chữ số").fill(codes[0].lower())
    page.get_by_role("button", name="Tiếp tục").click()
    assert signed_in(page)
    page.goto(f"{site}/staff/account/second-factor")
    assert "Còn 7 mã" in page.inner_text("main")


def test_a_passkey_is_added_signs_in_alone_and_is_removed(
    named_site: str, session: Session, phone: Callable[..., Page]
) -> None:
    official(session)
    page = phone()
    devtools, number = device(page)
    give_password(page, named_site)
    assert signed_in(page)
    page.goto(f"{named_site}/staff/account/second-factor")
    assert accessible(page)
    page.get_by_label("Tên để Ông/Bà nhận ra").fill("Máy ở cơ quan")
    page.get_by_role("button", name="Thêm khóa truy cập").click()
    page.get_by_role("heading", level=1, name="Mã khôi phục của Ông/Bà").wait_for()
    assert accessible(page)
    assert len(devtools.send("WebAuthn.getCredentials", {"authenticatorId": number})["credentials"]) == 1
    sign_out(page)
    page.goto(f"{named_site}/staff/sign-in")
    assert accessible(page)
    page.get_by_role("button", name="Đăng nhập bằng khóa truy cập").click()
    assert signed_in(page), "without login and password"
    sign_out(page)
    give_password(page, named_site)
    assert accessible(page)
    page.get_by_role("button", name="Dùng khóa truy cập").click()
    assert signed_in(page), "or after the password"
    sign_out(page)
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": number, "isUserVerified": False})
    page.goto(f"{named_site}/staff/sign-in")
    page.get_by_role("button", name="Đăng nhập bằng khóa truy cập").click()
    assert "chưa dùng được khóa truy cập" in page.get_by_role("alert").inner_text(), "who does not know the PIN"
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": number, "isUserVerified": True})
    page.get_by_role("button", name="Đăng nhập bằng khóa truy cập").click()
    assert signed_in(page)
    page.goto(f"{named_site}/staff/account/second-factor")
    assert "Máy ở cơ quan" in page.inner_text("main") and "dùng lần cuối" in page.inner_text("main")
    page.get_by_role("button", name="Gỡ khóa truy cập Máy ở cơ quan").click()
    assert "Đã gỡ khóa truy cập" in page.get_by_role("status").inner_text()
    sign_out(page)
    page.goto(f"{named_site}/staff/sign-in")
    page.get_by_role("button", name="Đăng nhập bằng khóa truy cập").click()
    assert "Không xác minh được" in page.get_by_role("alert").inner_text(), "a passkey that was removed opens nothing"


def test_a_lost_factor_is_taken_away_by_two_administrators_and_ends_every_session(
    site: str, session: Session, phone: Callable[..., Page]
) -> None:
    official(session)
    for login in ("one", "two"):
        official(session, login, role=Role.ADMINISTRATOR)
    page, one, two = (phone(width=width) for width in (360, 1280, 360))
    give_password(page, site)
    assert signed_in(page)
    set_up_app(page, site)
    for login, administrator in (("one", one), ("two", two)):
        give_password(administrator, site, login)
        assert signed_in(administrator)
        administrator.goto(f"{site}/staff/factor-resets")
    one.get_by_label("Tên đăng nhập của tài khoản").fill("hanh")
    one.get_by_label("Việc gì đã xảy ra").fill("Mất điện thoại, đã gặp trực tiếp")
    one.get_by_role("button", name="Đề nghị quản trị viên khác").click()
    assert "Đã gửi đề nghị" in one.get_by_role("status").inner_text()
    assert one.get_by_role("button", name="Đồng ý gỡ bỏ").count() == 0
    assert accessible(one)
    two.reload()
    assert accessible(two)
    two.get_by_role("button", name="Đồng ý gỡ bỏ").click()
    assert "Đã gỡ xác thực hai bước" in two.get_by_role("status").inner_text()
    page.goto(f"{site}/staff/account")
    assert page.get_by_role("heading", level=1).inner_text() == "Đăng nhập"
    give_password(page, site)
    assert signed_in(page), "the password alone, until another factor is set up"


def test_a_stranger_locks_himself_out_and_neither_the_official_elsewhere(
    site: str, session: Session, phone: Callable[..., Page]
) -> None:
    official(session)
    mine, strange = phone(scripts=False), phone(scripts=False)
    give_password(mine, site)
    assert signed_in(mine)
    sign_out(mine)
    for _ in range(PAIR):
        give_password(strange, site, password="sai mật khẩu rồi nhé")
        assert "chưa đúng" in strange.get_by_role("alert").inner_text()
    give_password(strange, site)
    assert "phút" in strange.get_by_role("alert").inner_text(), "even with the right password"
    give_password(mine, site)
    assert signed_in(mine), "the official goes on, in the browser that is known"


def test_a_stolen_session_is_ended_from_the_list_at_once(
    site: str, session: Session, phone: Callable[..., Page]
) -> None:
    official(session)
    mine, stolen = phone(), phone(width=1280)
    for page in (stolen, mine):
        give_password(page, site)
        assert signed_in(page)
    mine.goto(f"{site}/staff/account")
    assert accessible(mine)
    assert mine.locator(".sessions li").count() == 2 and "Chrome" in mine.locator(".sessions").inner_text()
    mine.get_by_role("button", name="Đăng xuất ở mọi nơi khác").click()
    assert "đã đăng xuất ở mọi nơi khác" in mine.get_by_role("status").inner_text()
    stolen.goto(f"{site}/staff/units")
    assert stolen.get_by_role("heading", level=1).inner_text() == "Đăng nhập"
