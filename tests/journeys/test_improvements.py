"""What people said and what was done, in a real browser: written, approved and read, by axe, at 320 to 1280 px."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from survey.models import Role
from tests.journeys.test_placements import look_at
from tests.journeys.test_staff import AXE, WIDTHS, sign_in
from tests.support.accessibility import Axe
from tests.support.menu import go_to
from tests.support.officials import official

VOICE = "Nhiều người phải chờ lâu ở quầy một cửa vào sáng thứ Hai."
MEASURE = "Đã mở thêm một quầy và phát số thứ tự qua điện thoại.\nCán bộ trực từ 7 giờ."


@pytest.mark.parametrize("width", WIDTHS)
def test_a_unit_writes_the_province_approves_and_everybody_reads(
    site: str, session: Session, phone: Callable[..., Page], width: int
) -> None:
    official(session, "xa", "H61.50", Role.MANAGER)
    official(session, "tinh", "H61", Role.MANAGER)
    axe = Axe()

    def check(page: Page, name: str) -> None:
        report = axe.run(page, options=AXE)
        assert report.violations_count == 0, f"{name}: {report.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        look_at(page, f"improvements_{name}_{width}")

    unit, province, citizen = phone(width=width), phone(width=width), phone(width=width)
    sign_in(unit, site, login="xa")
    go_to(unit, "Góp ý", "Ông/Bà nói – chúng tôi đã làm")
    unit.get_by_role("link", name="Viết mục mới").click()
    unit.get_by_role("button", name="Gửi phê duyệt").click()
    check(unit, "wrong")
    unit.get_by_label("Điều Ông/Bà nói").fill(VOICE)
    unit.get_by_label("Điều chúng tôi đã làm").fill(MEASURE)
    unit.get_by_label("Thực hiện từ ngày").fill("2026-01-05")
    unit.get_by_role("button", name="Gửi phê duyệt").click()
    check(unit, "waiting")
    sign_in(province, site, login="tinh")
    province.goto(f"{site}/staff/improvements?status=waiting")
    check(province, "list")
    province.get_by_role("link", name="Mục 1").click()
    check(province, "deciding")
    province.get_by_role("button", name="Duyệt và đăng").click()
    citizen.goto(site)
    citizen.get_by_role("link", name="kết quả xử lý góp ý").click()
    for language in ("vi", "en"):
        citizen.goto(f"{site}/improvements?lang={language}")
        assert VOICE in citizen.inner_text("main") and MEASURE.splitlines()[1] in citizen.inner_text("main")
        check(citizen, f"public_{language}")
