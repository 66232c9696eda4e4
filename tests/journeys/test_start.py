"""From an empty database to the first closed report and a poster, by the list of steps, on a telephone."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import docx
import openpyxl
import pypdfium2
import pytest
import time_machine
from flask import Flask
from playwright.sync_api import Page, expect

import migrations
from survey.db.engine import Database
from survey.delivery.worker import Worker
from survey.operations import first_account
from survey.periods import now
from survey.settings import Settings
from survey.web.survey import survey_of
from tests.journeys.test_placements import look_at
from tests.journeys.test_staff import AXE
from tests.support.accessibility import Axe
from tests.support.factories import SECRET
from tests.support.jobs import do_next
from tests.support.officials import PASSWORD
from tests.support.sending.mail import MailServer

REST = (None, None, None, "Người dân", "dan@example.vn")  # of a case: what it need not say, who it was, where to
SET_UP, AFTER = dt.datetime(2026, 11, 28, 3, tzinfo=dt.UTC), dt.datetime(2026, 12, 2, 3, tzinfo=dt.UTC)


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def app(
    started: Callable[[Settings], AbstractContextManager[Flask]], tmp_path: Path, mail: MailServer
) -> Iterator[Flask]:
    """The application on a database that holds nothing but its tables; a mail server takes what it sends."""
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    with Database(url) as database:
        migrations.migrate(database)
    settings = Settings(database_url=url, secret_key=SECRET, instance=tmp_path / "instance")
    server = {"smtp_host": "127.0.0.1", "smtp_port": mail.port, "smtp_security": "none"}
    with started(dataclasses.replace(settings, mail_from="khaosat@example.vn", **server)) as app:
        yield app


class Operator:
    """Somebody who has the list of steps open, and follows its buttons."""

    def __init__(self, page: Page, site: str, app: Flask) -> None:
        self.page, self.site, self.app, self.axe = page, site, app, Axe()

    def look(self, name: str) -> None:
        look_at(self.page, f"start_{name}")
        assert self.page.evaluate("document.documentElement.scrollWidth") <= 360, name
        report = self.axe.run(self.page, options=AXE)
        assert report.violations_count == 0, f"{name}: {report.generate_report()}"

    def step(self, number: int) -> str:
        """Go back to the list, open a step, and return what it says."""
        self.page.goto(f"{self.site}/staff/start")
        place = self.page.locator("ol.start > li").nth(number - 1)
        if place.locator("details").get_attribute("open") is None:
            place.locator("summary").click()
        return place.inner_text()

    def press(self, name: str, exact: bool = True) -> None:
        self.page.get_by_role("button", name=name, exact=exact).click()

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=name, exact=True).first.click()

    def sign_in(self) -> None:
        self.page.locator("#login").fill("hanh")
        self.page.locator("#password").fill(PASSWORD)
        self.press("Đăng nhập")

    def fill_in(self, link: str, kind: str, rows: list[tuple[object, ...]], folder: Path) -> None:
        """Download the table of a step, add rows with the program that offices use, and import it."""
        with self.page.expect_download() as download:
            self.follow(link)
        path = folder / download.value.suggested_filename
        download.value.save_as(path)
        book = openpyxl.load_workbook(path)
        for row in rows:
            book.worksheets[0].append(row)
        book.save(path)
        self.follow(kind)
        self.page.locator("#file").set_input_files(path)
        self.press("Nhập dữ liệu")
        do_next(self.app)
        self.page.reload()


def test_an_empty_installation_comes_to_its_first_report_by_the_list(
    app: Flask, site: str, mail: MailServer, phone: Callable[..., Page], tmp_path: Path
) -> None:
    page = phone()
    operator = Operator(page, site, app)
    with time_machine.travel(SET_UP):
        page.goto(f"{site}/staff/")
        assert "Chưa ai có tài khoản" in page.inner_text("main")
        page.goto(f"{site}/staff/first/{first_account.new_token(SECRET, now())}")
        operator.look("first")
        for field, words in (
            ("code", "h61"),
            ("province_vi", "Ủy ban nhân dân tỉnh Vĩnh Long"),
            ("province_en", "Vinh Long Provincial People's Committee"),
            ("name", "Nguyễn Thị Hạnh"),
            ("login", "hanh"),
            ("new", PASSWORD),
            ("again", PASSWORD),
        ):
            page.locator(f"#{field}").fill(words)
        operator.press("Thiết lập")
        used = page.url
        operator.follow("Đến trang đăng nhập")
        operator.sign_in()
        page.wait_for_url("**/staff/start*")
        operator.look("empty")
        assert "Đã xong 1 trên 11 bước" in page.inner_text("main")

        day = dt.date(2025, 7, 1)
        operator.step(2)
        operator.fill_in(
            "Tải bảng đơn vị để điền",
            "Nhập danh sách đơn vị",
            [("H61.50", "Ủy ban nhân dân phường Trà Vinh", None, "Xã", "H61", day)],
            tmp_path,
        )
        assert "thêm mới" in page.inner_text("main")
        operator.step(3)
        operator.fill_in(
            "Tải bảng thủ tục để điền",
            "Nhập danh sách thủ tục",
            [("1.001193", "Thủ tục đăng ký khai sinh", None, "Hộ tịch", None, "Toàn trình")],
            tmp_path,
        )

        operator.step(4)
        operator.follow("Mời một người")
        page.locator("#name").fill("Lê Văn Tư")
        page.locator("#role").select_option("administrator")
        page.locator("#agency").select_option("H61")
        operator.press("Tạo liên kết")
        link = (
            page.locator("main").inner_text().split(f"{survey_of(app).settings.public_url}/staff/join/")[1].split()[0]
        )
        other = phone()
        other.goto(f"{site}/staff/join/{link}")
        for field, words in (("login", "tu"), ("new", PASSWORD + " 2"), ("again", PASSWORD + " 2")):
            other.locator(f"#{field}").fill(words)
        other.get_by_role("button", name="Lập tài khoản").click()

        assert "Chưa ban hành phiếu nào" in operator.step(5)
        operator.follow("Đến trang phiếu khảo sát")
        operator.press("Lấy các phiếu có sẵn")
        page.locator("tr", has_text="short_online").get_by_role("link", name="Xem lại và ban hành").click()
        operator.press("Ban hành bản", exact=False)

        operator.step(6)
        operator.follow("Gửi tin thử")
        page.locator("#address").fill("hanh@example.vn")
        operator.press("Gửi")
        assert "Đang chờ" in page.inner_text("main")
        survey = survey_of(app)
        Worker(survey.database, survey.settings, survey.languages).run()
        operator.follow("Xem lại")
        assert "Đã gửi đến" in page.inner_text("main")
        assert [one["To"] for one in mail.received] == ["hanh@example.vn"]
        operator.look("message")

        operator.step(7)
        operator.follow("Thêm liên kết thử")
        page.locator("#agency").select_option("H61.50")
        operator.press("Thêm")
        assert "Mở liên kết thử trên điện thoại" in operator.step(7)
        operator.look("trial")
        citizen = phone()
        citizen.goto(page.locator(".trial a").get_attribute("href").replace(survey.settings.public_url, site))
        citizen.get_by_role("button", name="Hài lòng", exact=True).click()
        expect(citizen.locator("main")).to_contain_text("thử")
        assert "1 phiếu thử" in operator.step(7)

        operator.step(8)
        operator.follow("Thêm mã QR hoặc ki-ốt")
        page.locator("#agency").select_option("H61.50")
        page.locator("#label_vi").fill("Quầy số 1")
        operator.press("Thêm")
        operator.step(8)
        with page.expect_download() as download:
            operator.follow("Tải áp phích mới nhất")
        poster = pypdfium2.PdfDocument(download.value.path())
        assert "PHƯỜNG TRÀ VINH" in poster[0].get_textpage().get_text_range().upper()

        operator.step(9)
        operator.fill_in(
            "Tải bảng hồ sơ để điền",
            "Nhập hồ sơ đã giải quyết",
            [
                (f"H61.50-261120-000{number}", "1.001193", None, "H61.50", None, None, dt.date(2026, 11, 26), *REST)
                for number in (1, 2, 3)
            ],
            tmp_path,
        )
        assert "01/12/2026" in operator.step(10)

    with time_machine.travel(AFTER):
        page.goto(f"{site}/staff/start")
        operator.sign_in()
        page.wait_for_url("**/staff/start*")
        assert "Có kỳ đã kết thúc" in operator.step(10)
        operator.follow("Chốt một kỳ")
        page.locator("#confirmed").check()
        operator.press("Chốt", exact=False)
        operator.step(11)
        operator.follow("Đến số liệu và báo cáo")
        page.locator("#format").select_option("docx")
        operator.press("Tạo tệp")
        do_next(app)
        page.reload()
        with page.expect_download() as download:
            page.get_by_role("link", name="Tải hailong_").click()
        text = "\n".join(paragraph.text for paragraph in docx.Document(str(download.value.path())).paragraphs)
        assert "Vĩnh Long" in text
        page.goto(f"{site}/staff/start")
        assert "Mọi việc bắt buộc đến báo cáo đầu tiên đã xong" in page.inner_text("main")
        assert page.locator("details[open]").count() == 0
        operator.look("whole")
        page.goto(f"{site}/staff/")
        assert page.get_by_role("link", name="Mở danh sách").count() == 0
        page.goto(used)
        assert "đã được dùng" in page.inner_text("main")
