"""Single sign-on in a real browser at a certified provider: in, up, down, out, and in again when it is gone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from survey.models import AuditEntry, Role
from survey.settings import Settings
from tests.journeys.test_second_factor import accessible, give_password, signed_in
from tests.support.menu import sign_out
from tests.support.officials import found, official
from tests.support.provider import configured
from tests.support.provider_process import ProviderProcess, certified_provider, free_port
from tests.support.served import served


@pytest.fixture
def site_address() -> str:
    return f"http://127.0.0.1:{free_port()}"


@pytest.fixture
def certified(site_address: str, tmp_path: Path) -> Iterator[ProviderProcess]:
    with certified_provider(site_address, tmp_path) as running:
        yield running


@pytest.fixture
def app(
    settings: Settings,
    started: Callable[[Settings], AbstractContextManager[Flask]],
    certified: ProviderProcess,
    site_address: str,
) -> Iterator[Flask]:
    with started(replace(configured(settings, certified.issuer), public_url=site_address)) as app:
        yield app


@pytest.fixture
def site(app: Flask, site_address: str) -> Iterator[str]:
    with served(app, int(site_address.rpartition(":")[2])) as address:
        yield address


def go_there(page: Page, site: str) -> None:
    page.goto(f"{site}/staff/sign-in?lang=vi")
    page.get_by_role("button", name="Đăng nhập bằng Cổng đăng nhập tỉnh").click()


def prove(page: Page, login: str) -> None:
    """Sign in and agree on the provider's own pages."""
    page.wait_for_url("**/interaction/**")
    page.get_by_placeholder("Enter any login").fill(login)
    page.get_by_placeholder("and password").fill("mật khẩu ở đó")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click()


def test_a_day_with_the_provinces_own_sign_on(
    site: str, session: Session, phone: Callable[..., Page], certified: ProviderProcess
) -> None:
    official(session, "khan", role=Role.ADMINISTRATOR)
    certified.say(mai={"name": "Trần Thị Mai", "groups": ["quan-ly"]})
    page = phone(offline=True)  # the provider's pages ask for a typeface that is not here
    page.goto(f"{site}/staff/sign-in?lang=vi")
    assert accessible(page)
    go_there(page, site)
    prove(page, "mai")
    assert signed_in(page)
    page.goto(f"{site}/staff/account")
    assert accessible(page)
    facts = page.inner_text("main")
    assert "mai" in facts and "quản lý" in facts.lower() and "Cổng đăng nhập tỉnh" in facts
    assert page.get_by_label("Mật khẩu hiện tại").count() == 0

    certified.say(mai={"name": "Trần Thị Mai", "groups": ["quan-tri"]})
    elsewhere = phone(width=1280, offline=True)
    go_there(elsewhere, site)
    prove(elsewhere, "mai")
    assert signed_in(elsewhere)
    elsewhere.goto(f"{site}/staff/account")
    assert "quản trị" in elsewhere.inner_text("main").lower(), "higher, as the provider says"
    page.goto(f"{site}/staff/account")
    assert page.get_by_role("heading", level=1).inner_text() == "Đăng nhập", "rights of before have ended"
    go_there(page, site)
    assert signed_in(page), "who is known at the provider need not prove it again"

    certified.say(mai={"groups": []})
    go_there(page, site)
    page.get_by_role("alert").wait_for()
    assert "không cấp cho Ông/Bà quyền nào" in page.get_by_role("alert").inner_text()
    assert accessible(page)
    elsewhere.goto(f"{site}/staff/account")
    assert elsewhere.get_by_role("heading", level=1).inner_text() == "Đăng nhập", "what is taken away ends everywhere"

    certified.say(mai={"groups": ["quan-ly"]})
    for one in (elsewhere, page):
        go_there(one, site)
        assert signed_in(one)
    sign_out(page)
    page.get_by_role("heading", name=re.compile("Do you want to sign-out")).wait_for()
    page.get_by_role("button", name="Yes, sign me out").click()
    page.wait_for_url(f"{site}/staff/sign-in")
    go_there(page, site)
    page.get_by_placeholder("Enter any login").wait_for()

    certified.process.kill()
    certified.process.wait()
    page.goto(f"{site}/staff/sign-in?lang=vi")
    page.get_by_role("button", name="Đăng nhập bằng Cổng đăng nhập tỉnh").click()
    assert "hiện chưa trả lời" in page.get_by_role("alert").inner_text()
    give_password(page, site, "khan")
    assert signed_in(page), "break-glass: the account with a password needs no provider"
    acts = found(session, sa.select(AuditEntry.act).where(AuditEntry.act.like("sign_on.%")))
    assert acts.count("sign_on.refused") == 1
