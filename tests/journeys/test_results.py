"""Public results in a real browser, without its scripts: published by the province, read and checked by everybody."""

from __future__ import annotations

import json
from collections.abc import Callable

from playwright.sync_api import Page
from sqlalchemy.orm import Session

from survey.models import Role
from survey.results import closing
from tests.journeys.test_placements import look_at
from tests.journeys.test_staff import AXE, sign_in
from tests.support.accessibility import Axe
from tests.support.menu import go_to
from tests.support.officials import official
from tests.support.published import CLOSED, OCTOBER, STANDARD, answers

WIDTH = 360


def test_the_province_publishes_a_month_and_everybody_reads_and_checks_it(
    site: str, session: Session, phone: Callable[..., Page]
) -> None:
    answers(session)
    closing.close(session, OCTOBER, CLOSED, STANDARD)
    official(session, "tinh", "H61", Role.ADMINISTRATOR)
    axe = Axe()

    def check(page: Page, name: str) -> None:
        report = axe.run(page, options=AXE)
        assert report.violations_count == 0, f"{name}: {report.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH, name
        look_at(page, f"results_{name}_{WIDTH}")

    province, citizen, plain = phone(width=WIDTH), phone(width=WIDTH), phone(scripts=False)
    sign_in(province, site, login="tinh")
    go_to(province, "Báo cáo", "Công bố kết quả")
    province.get_by_label("Công bố kết quả").check()
    province.get_by_role("button", name="Lưu").click()
    check(province, "list")
    province.get_by_role("link", name="Tháng 10 năm 2026").click()
    province.get_by_role("button", name="Công bố kết quả: Tháng 10 năm 2026").click()
    check(province, "preview")
    province.get_by_label("Tôi đã xem nội dung").check()
    province.get_by_role("button", name="Công bố kết quả: Tháng 10 năm 2026").click()
    plain.goto(site)
    plain.get_by_role("link", name="mức độ hài lòng theo tháng và đơn vị").click()
    assert "chưa đạt chỉ tiêu 90%" in plain.inner_text("h1")
    plain.get_by_text("Tất cả 5 đơn vị, kèm số liệu").click()
    plain.get_by_role("link", name="Sở Tài chính").last.click()
    assert "30 trong 45 phiếu" in plain.inner_text("main")
    file = plain.get_by_role("link", name="results.json").get_attribute("href")
    assert json.loads(plain.request.get(f"{site}{file}").body())["total"]["answered"] == 161
    for language in ("vi", "en"):
        citizen.goto(f"{site}/results?lang={language}")
        citizen.get_by_text({"vi": "Tất cả 5 đơn vị", "en": "All 5 units"}[language]).click()
        check(citizen, f"public_{language}")
        citizen.goto(f"{site}/results/calendar/2026-10/H61.51?lang={language}")
        check(citizen, f"few_{language}")
