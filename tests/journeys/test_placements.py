"""Placing a code and checking one in a real browser: every page by axe, no page wider than the screen."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from survey.collection import placements
from survey.models import Channel, Role
from survey.periods import now
from tests.journeys.test_staff import AXE, WIDTHS, sign_in
from tests.support import decoding, factories
from tests.support.accessibility import Axe
from tests.support.menu import go_to
from tests.support.officials import official


@pytest.fixture
def codes(session: Session) -> list[str]:
    """Three codes in use, one switched off, a kiosk; an account that manages the province."""
    made = []
    for agency, channel in (("H61.1", Channel.OPEN), ("H61.50", Channel.OPEN), ("H61.50", Channel.KIOSK)):
        label = {"vi": "Quầy tiếp nhận số 3, tầng 1", "en": "Counter 3, first floor"}
        procedure = factories.procedure_id(session) if agency == "H61.50" else None
        made.append(
            placements.make(
                session, factories.agency_id(session, agency), channel, now(), procedure_id=procedure, label=label
            )
        )
    official(session, role=Role.MANAGER)
    return [one.code for one in made]


def public_pages(codes: list[str]) -> Iterator[str]:
    for typed in ("", codes[0], codes[2], "ZZZZZZZZ", "evil.example/q/1", "http://127.0.0.1:8000/r/x"):
        yield f"/qr?code={typed}"
    yield f"/qr?code={codes[0]}&fingerprint=AAAA-AAAA"


STAFF = ("", "?agency=H61.51", "/new", "/sheet")


def look_at(page: Page, name: str) -> None:
    """Leave a picture for people, if a folder is given."""
    if folder := os.environ.get("HAILONG_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_and_no_page_is_wider_than_the_screen(
    site: str, codes: list[str], phone: Callable[..., Page], language: str, width: int
) -> None:
    page, axe = phone(width=width), Axe()
    sign_in(page, site, language)
    paths = [f"/staff/placements{path}" for path in STAFF] + list(public_pages(codes))
    for i, path in enumerate(paths):
        page.goto(f"{site}{path}{'&' if '?' in path else '?'}lang={language}")
        found = axe.run(page, options=AXE)
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        look_at(page, f"{i:02}_{width}_{language}")


def test_the_row_that_an_address_leads_to_is_below_the_head_of_its_table(
    site: str, session: Session, codes: list[str], phone: Callable[..., Page]
) -> None:
    label = {"vi": "Quầy", "en": "Counter"}
    for _ in range(20):
        made = placements.make(session, factories.agency_id(session, "H61.50"), Channel.OPEN, now(), label=label)
    session.commit()
    page = phone(width=1280)
    sign_in(page, site)
    for code in (made.code, codes[1]):
        page.goto(f"{site}/staff/placements#{code}")
        row = page.locator(f"tr[id='{code}']").bounding_box()
        head = page.locator("thead th").first.bounding_box()
        assert row and head and row["y"] >= head["y"] + head["height"] - 1, (row, head)


def test_add_a_code_without_scripts_print_it_answer_by_it_and_switch_it_off(
    site: str, codes: list[str], phone: Callable[..., Page], tmp_path: Path
) -> None:
    page = phone(scripts=False)
    sign_in(page, site)
    go_to(page, "Thu thập", "Mã QR và ki-ốt")
    page.get_by_role("link", name="Thêm mã QR hoặc ki-ốt").click()
    page.get_by_label("Đơn vị").select_option("H61.51")
    page.get_by_role("button", name="Thêm").click()
    assert "Vui lòng ghi nơi đặt" in page.inner_text("main")
    assert page.get_by_label("Đơn vị").input_value() == "H61.51"
    page.get_by_label("Nơi đặt").fill("Sảnh nhà văn hóa ấp 3")
    page.get_by_role("button", name="Thêm").click()
    row = page.locator("tbody tr", has_text="Sảnh nhà văn hóa ấp 3")
    assert page.locator("tr.added").inner_text() == row.inner_text()
    with page.expect_download() as download:
        page.locator(".done").get_by_role("link", name=re.compile(r", A5$")).click()  # a code may hold "A5", too
    download.value.save_as(tmp_path / "poster.pdf")
    [[link]] = decoding.zbar(decoding.rasters((tmp_path / "poster.pdf").read_bytes(), 100))
    assert link in row.inner_text()
    path = link.removeprefix("http://127.0.0.1:8000")
    citizen = phone(scripts=False)
    citizen.goto(site + path)
    assert "Càng Long" in citizen.inner_text("main")
    citizen.goto(f"{site}/qr")
    citizen.get_by_label("Địa chỉ hoặc mã").fill(link)
    citizen.get_by_role("button", name="Kiểm tra").click()
    assert "Đúng, đây là mã QR của chúng tôi" in citizen.inner_text("h1")
    row.get_by_role("button", name="Ngừng sử dụng").click()
    citizen.reload()
    assert "không còn dùng" in citizen.inner_text("h1")
    assert "đã ngừng" in row.inner_text()
    assert row.locator(".files").count() == 0, "what leads nowhere is not offered for print"
    page.locator(".done").get_by_role("button", name="Hoàn tác").click()
    citizen.goto(site + path)
    assert "Càng Long" in citizen.inner_text("main")
    assert "đang sử dụng" in row.inner_text()


def test_a_new_kiosk_says_that_it_is_still_off_and_is_switched_on_there(
    site: str, codes: list[str], phone: Callable[..., Page]
) -> None:
    page = phone(scripts=False)
    sign_in(page, site)
    page.goto(f"{site}/staff/placements/new?agency=H61.51")
    page.get_by_label("Nơi đặt").fill("Bàn số 1")
    page.locator("[name=spot]").select_option("kiosk")
    page.locator("main form button").click()
    assert page.locator("tr.added .files").count() == 0
    page.locator(".done button").click()
    assert page.locator("tr.added strong").inner_text() == "đang sử dụng"
    assert page.locator(".done button").count() == 0


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_sheet_for_checking_prints_across_with_room_to_tick_and_to_sign(
    site: str, codes: list[str], phone: Callable[..., Page], language: str
) -> None:
    page = phone(width=1032)  # 273 mm: A4 lying, less its margins
    sign_in(page, site, language)
    page.goto(f"{site}/staff/placements/sheet?lang={language}")
    look_at(page, f"sheet_{language}")
    page.emulate_media(media="print")
    rows = page.locator("tbody tr").all()
    assert [row.locator(".ticks li").count() for row in rows] == [3, 3, 1], "a kiosk that is off need only be gone"
    millimetres = 25.4 / 96
    for row in rows:
        box = row.locator("td.to-sign").bounding_box()
        assert box and box["width"] * millimetres >= 35 and box["height"] * millimetres >= 10
    printed = page.pdf(prefer_css_page_size=True)
    if folder := os.environ.get("HAILONG_PICTURES"):
        (Path(folder) / f"sheet_{language}.pdf").write_bytes(printed)
    ((height, width),) = [page.shape for page in decoding.rasters(printed, 100)]
    assert (width, height) == (pytest.approx(1169, abs=3), pytest.approx(827, abs=3))
    text = decoding.texts(printed)[0]
    assert ("nothing stuck over it" if language == "en" else "không bị dán đè") in re.sub(r"\s+", " ", text)
