"""An official's way through a real browser: sign in, read the verdict, go down, sort, download the report."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import docx
import pytest
import time_machine
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from survey.models import Channel
from tests.support import factories
from tests.support.accessibility import Axe
from tests.support.jobs import do_next
from tests.support.menu import sign_out
from tests.support.officials import PASSWORD, official

AXE = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
FILES = ("/staff/jobs", "/staff/jobs/1")
WIDTHS = (320, 360, 1280)


@pytest.fixture
def account(session: Session) -> Iterator[None]:
    """October with answers by every channel, read in November; one account for the province."""
    for day, rating, channel in ((5, 5, Channel.INVITATION), (6, 2, Channel.INVITATION), (7, 4, Channel.OPEN)):
        for agency in ("H61.1", "H61.50", "H61.51"):
            for _ in range(6):
                when = dt.datetime(2026, 10, day, 5, tzinfo=dt.UTC)
                factories.response(session, rating, agency, when=when, channel=channel)
    official(session)
    with time_machine.travel(dt.datetime(2026, 11, 5, 5, tzinfo=dt.UTC)):
        yield


def sign_in(page: Page, site: str, language: str = "vi", login: str = "hanh") -> None:
    page.goto(f"{site}/staff/?lang={language}")
    page.locator("#login").fill(login)
    page.locator("#password").fill(PASSWORD)
    page.locator("main button").click()
    page.wait_for_url("**/staff/?*")  # with its style sheet


def fetch(page: Page, app: Flask, path: Path) -> None:
    """Ask for the report, wait on its page until it has been made, and download it."""
    page.get_by_role("button", name="Tạo tệp").click()
    assert "đang chờ đến lượt" in page.inner_text("main")
    do_next(app)
    with page.expect_download() as download:
        page.get_by_role("link", name="Tải hailong_").click(timeout=60_000)  # the page looks again by itself
    download.value.save_as(path)


@pytest.mark.parametrize("scripts", [False, True], ids=["without scripts", "with scripts"])
def test_sign_in_read_the_verdict_go_down_and_download_the_report(
    app: Flask, site: str, account: None, phone: Callable[..., Page], tmp_path: Path, scripts: bool
) -> None:
    page = phone(scripts=scripts)
    sign_in(page, site)
    assert "Chưa đủ căn cứ kết luận" in page.locator("#verdict").inner_text() or "Chưa đạt" in page.inner_text(
        "#verdict"
    )
    assert "18/36 phiếu hài lòng" in page.locator(".rate").inner_text()
    page.get_by_role("link", name="Xem số liệu từng đơn vị").click()
    page.get_by_role("link", name="Phường Trà Vinh").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Ủy ban nhân dân phường Trà Vinh"
    assert "6/12 phiếu hài lòng" in page.locator(".rate").inner_text()
    page.get_by_label("Định dạng").select_option("docx")
    fetch(page, app, tmp_path / "report.docx")
    document = docx.Document(str(tmp_path / "report.docx"))
    written = "\n".join([p.text for p in document.paragraphs] + [c.text for t in document.tables for c in t._cells])
    assert "01/10/2026" in written
    assert "31/10/2026" in written
    sign_out(page)
    page.wait_for_url("**/sign-in*")  # before that there is nothing to go back from
    page.go_back()
    assert page.get_by_role("heading", level=1).inner_text() == "Đăng nhập", "nothing is left behind in the browser"


def test_the_file_holds_the_figures_of_the_page(
    app: Flask, site: str, account: None, phone: Callable[..., Page], tmp_path: Path
) -> None:
    page = phone(scripts=False, width=1280)
    sign_in(page, site)
    page.get_by_label("Định dạng").select_option("json")
    fetch(page, app, tmp_path / "report.json")
    assert '"answered": 36' in json.dumps(json.loads((tmp_path / "report.json").read_text(encoding="utf-8-sig")))


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing(site: str, account: None, phone: Callable[..., Page], language: str, width: int) -> None:
    page = phone(width=width)
    found = {}
    page.goto(f"{site}/staff/sign-in?lang={language}")
    found["sign-in"] = Axe().run(page, options=AXE)
    sign_in(page, site, language)
    page.locator(".download button").click()
    for path in (
        "/staff/",
        "/staff/?agency=H61.50",
        "/staff/?period=2026-02",
        "/staff/?period=x",
        "/staff/units",
        "/staff/units?view=full",
        "/staff/procedures?agency=H61.50",
        "/staff/account",
        *FILES,
    ):
        page.goto(site + path)
        found[path] = Axe().run(page, options=AXE)
    faults = {path: run.generate_report() for path, run in found.items() if run.violations_count}
    assert not faults, "\n".join(faults.values())


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_is_wider_than_the_screen(site: str, account: None, phone: Callable[..., Page], width: int) -> None:
    page = phone(width=width)
    sign_in(page, site)
    page.locator(".download button").click()
    lists = ("/staff/units", "/staff/units?view=full", "/staff/procedures")
    for path in ("/staff/", "/staff/?agency=H61.50", *lists, "/staff/account", *FILES, "/staff/sign-in"):
        page.goto(site + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


@pytest.mark.parametrize(("scripts", "width"), [(False, 1280), (True, 360)])
def test_the_list_is_put_in_order_by_the_server_and_by_keyboard(
    site: str, account: None, phone: Callable[..., Page], scripts: bool, width: int
) -> None:
    page = phone(scripts=scripts, width=width)
    sign_in(page, site)
    page.goto(f"{site}/staff/units")
    page.locator(".order summary").press("Enter")
    page.get_by_role("link", name="Theo tên").press("Enter")
    page.wait_for_url("**sort=name*")
    names = page.locator(".compared-row .of-name")
    assert names.first.inner_text().startswith("Sở Nội vụ")
    assert page.locator("[aria-sort=ascending]").inner_text() == "Đơn vị" or width == 360
    page.get_by_role("link", name="Ít phiếu").first.click()
    assert "sort=name" in page.url and "verdict=few" in page.url, "one choice keeps the other"


def test_a_row_is_a_card_on_phones_with_every_figure_in_view(
    site: str, account: None, phone: Callable[..., Page]
) -> None:
    page = phone(width=360)
    sign_in(page, site)
    page.goto(f"{site}/staff/units")
    heading = page.locator("h1").bounding_box()
    assert heading and heading["y"] < 560
    card = page.locator(".compared-row").first
    for part in ("name", "verdict", "interval", "rate", "number", "levels"):
        box = card.locator(f".of-{part}").bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= 360, part
    lines = card.locator(".interval .target").bounding_box(), page.locator(".axis .strong").bounding_box()
    assert lines[0] and lines[1] and abs(lines[0]["x"] - lines[1]["x"] - lines[1]["width"] / 2) < 2, "one axis for all"


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_first_look_holds_verdict_rate_and_interval(
    site: str, account: None, phone: Callable[..., Page], language: str, width: int
) -> None:
    page = phone(width=width, scripts=False)
    sign_in(page, site, language)
    for path in ("/staff/", "/staff/?agency=H61.50"):
        page.goto(site + path)
        for part in ("h1", "#verdict", ".rate strong", ".rate p"):
            box = page.locator(part).bounding_box()
            assert box and box["y"] + box["height"] <= 560, (path, part, box)
        assert page.locator(".rate strong").evaluate("one => getComputedStyle(one).fontSize") == "56px"
    texts = page.eval_on_selector_all(
        "main svg text", "all => all.map(one => parseFloat(getComputedStyle(one).fontSize))"
    )
    assert texts and min(texts) >= 12


def test_the_printed_page_leaves_out_what_is_for_the_screen(
    site: str, account: None, phone: Callable[..., Page]
) -> None:
    page = phone(width=1280)
    sign_in(page, site)
    page.emulate_media(media="print")
    for part in (".filter", ".sections", ".period", ".ways", ".make"):
        expect(page.locator(part).first).to_be_hidden()
    assert page.locator("#verdict").is_visible() and page.locator(".bullet").is_visible()
    assert "In ngày 05/11/2026" in page.locator("footer").inner_text()
    columns = page.locator(".columns").last.evaluate("one => getComputedStyle(one).gridTemplateColumns")
    assert len(columns.split()) == 2, "side by side, as on the screen"
    page.goto(f"{site}/staff/units?view=full")
    assert page.evaluate("getComputedStyle(document.querySelector('.scroll')).overflowX") == "visible"
