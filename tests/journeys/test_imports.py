"""Handing a file in from a browser on a small screen, without scripts: every step by axe, no page wider than it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from flask import Flask
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from survey.models import Role
from tests.journeys.test_staff import AXE, sign_in
from tests.support.accessibility import Axe
from tests.support.files import HEADERS, as_csv, changed, feed
from tests.support.jobs import do_next
from tests.support.menu import go_to
from tests.support.officials import official


def look_at(page: Page, audit: Page) -> None:
    """Check the page as it is without scripts; axe itself needs them, so it looks at the same address in another."""
    assert page.evaluate("document.documentElement.scrollWidth") <= 360, page.url
    audit.goto(page.url)
    seen = Axe().run(audit, options=AXE)
    assert seen.violations_count == 0, f"{page.url}: {seen.generate_report()}"


def test_a_file_with_faults_is_corrected_and_imported_without_scripts(
    site: str, app: Flask, session: Session, phone: Callable[..., Page], tmp_path: Path
) -> None:
    official(session, role=Role.ADMINISTRATOR)
    page, audit = phone(scripts=False), phone()
    for one in (page, audit):
        sign_in(one, site)
    go_to(page, "Thu thập", "Nhập dữ liệu")
    page.get_by_role("button", name="Nhập dữ liệu").click()
    assert "Xin chọn một tệp" in page.inner_text("main")
    look_at(page, audit)
    rows = feed(3)
    wrong = as_csv(tmp_path / "tháng 10.csv", [HEADERS, changed(rows[0], c8="Doanh nhân"), *rows[1:]])
    page.get_by_label("Tệp (").set_input_files(wrong)
    page.get_by_role("button", name="Nhập dữ liệu").click()
    assert page.inner_text("h1") == "Nhập hồ sơ đã giải quyết: tháng 10.csv"
    look_at(page, audit)
    do_next(app)
    page.get_by_role("link", name="Cập nhật ngay").click()
    row = page.locator("tbody tr")
    assert row.count() == 1 and "Đối tượng" in row.inner_text() and "Doanh nhân" in row.inner_text()
    look_at(page, audit)
    with page.expect_download() as download:
        page.get_by_role("link", name="cases_faults.csv").click()
    assert "Doanh nhân" in download.value.path().read_text("utf-8-sig")
    page.get_by_role("link", name="Nhập tệp khác").click()
    page.get_by_label("Tệp (").set_input_files(as_csv(tmp_path / "b.csv", [HEADERS, *rows]))
    page.get_by_role("button", name="Nhập dữ liệu").click()
    do_next(app)
    page.reload()
    assert "thêm mới 3" in page.inner_text("main")
    look_at(page, audit)
