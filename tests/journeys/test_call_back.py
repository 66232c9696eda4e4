"""A call-back from the plan to the overview on a telephone: planned, sealed, drawn by the ledger, called, told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from survey.ledger import signing_key
from survey.models import Role
from survey.periods import LOCAL_ZONE, local_day, month_of, now, previous
from survey.web.survey import survey_of
from tests.journeys.test_placements import look_at
from tests.journeys.test_staff import AXE, sign_in
from tests.support.accessibility import Axe
from tests.support.callbacks import call_everybody, finish_cases, planner
from tests.support.ledgers import Ledger
from tests.support.menu import go_to
from tests.support.officials import official

WIDTH = 360


def test_from_the_plan_to_the_overview(
    app: Flask, site: str, session: Session, phone: Callable[..., Page], tmp_path: Path
) -> None:
    month = previous(month_of(local_day(now())))
    signing_key.make(tmp_path / "ledger_key", "example.vn/ledger")
    ledger = Ledger(survey_of(app).database, tmp_path / "ledger_key")
    official(session, "tinh", "H61", Role.MANAGER)
    page, axe = phone(width=WIDTH), Axe()

    def check(name: str) -> None:
        look_at(page, f"call_back_{name}_{WIDTH}")
        report = axe.run(page, options=AXE)
        assert report.violations_count == 0, f"{name}: {report.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH, name

    sign_in(page, site, login="tinh")
    go_to(page, "Thu thập", "Phúc tra")
    page.get_by_label("Kỳ", exact=True).select_option(month.code)
    page.get_by_role("button", name="Tính").click()
    check("list")
    page.get_by_label("Số hồ sơ chưa có phiếu cần rút").fill("12")
    page.get_by_label("Số hồ sơ đã có phiếu cần rút").fill("10")
    page.get_by_role("button", name="Lập kế hoạch phúc tra:").click()
    finish_cases(session, 60, 20, 18, at=dt.datetime.combine(month.last - dt.timedelta(3), dt.time(9), LOCAL_ZONE))
    session.commit()
    page.reload()
    expect(page.locator("main")).to_contain_text("Trong 60 hồ sơ có 40 hồ sơ chưa có phiếu và 20 hồ sơ đã có phiếu")
    check("planned")
    page.get_by_role("button", name="Niêm phong thiết kế").click()
    expect(page.locator("main")).to_contain_text("mốc kế tiếp cho số gốc")
    ledger.seal(now())
    page.reload()
    page.get_by_role("button", name="Rút mẫu ngay").click()
    check("under_way")

    go_to(page, "Thu thập", "Gọi điện phúc tra")
    expect(page.locator("main")).to_contain_text("Còn phải gọi 22 người")
    check("calls")
    for _ in range(2):
        page.get_by_role("button", name="Người tiếp theo").click()
        expect(page.locator(".phone")).to_have_count(0)
        page.get_by_role("button", name="Hiện số và gọi").click()
        expect(page.locator(".phone a")).to_have_attribute("href", f"tel:{page.inner_text('.phone a')}")
        check("person")
        page.locator("input[name=outcome][value=complete]").check()
        page.get_by_role("button", name="Lưu và ẩn số điện thoại").click()
        expect(page.locator("fieldset .fault")).to_have_count(1)
        expect(page.locator(".phone")).to_have_count(0)
        silent = page.locator("input[name=rating]").count() > 0
        for name, value in {"rating": "5"}.items() if silent else {"herself": "yes", "freely": "yes"}.items():
            page.locator(f"input[name={name}][value='{value}']").check()
        page.get_by_role("button", name="Lưu và ẩn số điện thoại").click()
        expect(page.get_by_role("status")).to_contain_text("Đã lưu")
    with ledger.writing() as writing:
        call_everybody(writing, planner(writing), now(), satisfied=7, others=2)

    go_to(page, "Thu thập", "Phúc tra")
    page.locator(".call-back a").first.click()
    page.get_by_role("button", name="Kết thúc ngay").click()
    expect(page.locator("main")).to_contain_text("hỏi được 12 người")
    check("finished")
    page.goto(f"{site}/staff/?period={month.code}")
    expect(page.locator(".called")).to_contain_text("Sau phúc tra")
    expect(page.locator(".called")).to_contain_text("2 người cho biết không tự trả lời")
    check("overview")
