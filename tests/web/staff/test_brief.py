"""The one-page brief: what the overview shows, in the same words, as far as a sheet has room."""

from __future__ import annotations

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.support import factories
from tests.support.pages import check_page
from tests.support.province import noon
from tests.web.staff.test_overview_page import words

OCTOBER = "?period=2026-10"


def test_the_brief_says_what_the_overview_says(province: FlaskClient) -> None:
    said = words(check_page(province.get(f"/staff/brief{OCTOBER}")).words)
    overview = words(province.get(f"/staff/{OCTOBER}").text)
    for one in (
        "Chưa đạt chỉ tiêu 90%",
        "73,8%",
        "59/80 phiếu hài lòng",
        "khoảng tin cậy 62,7%–83,0%",
        ": chắc chắn dưới chỉ tiêu",
    ):
        assert one in said and one in overview, one
    assert "Mức độ hài lòng với dịch vụ công trực tuyến, tháng 10 năm 2026" in said
    assert "từ ngày 01/10/2026 đến ngày 31/10/2026" in said and "số liệu tính đến ngày 05/11/2026" in said


def test_units_are_told_as_their_list_tells_them(province: FlaskClient) -> None:
    said = words(province.get(f"/staff/brief{OCTOBER}").text)
    assert "Đơn vị: 1 chưa đạt 1 đạt 1 ít phiếu 2 chưa có phiếu" in said
    listed = words(province.get(f"/staff/units{OCTOBER}").text)
    assert "1 chưa đạt, 1 đạt" in listed and "Ít phiếu 1" in listed and "Chưa có phiếu 2" in listed


def test_comments_stand_there_redacted_and_cut_short(session: Session, own_province: FlaskClient) -> None:
    long = "Tôi phải đi lại nhiều lần mà không ai giải thích rõ. " * 20
    for _ in range(12):
        factories.response(session, 1, "H61.2", when=noon(6), comments={"S8": f"Gọi số 0912 345 678 cho tôi. {long}"})
    session.commit()
    page = own_province.get(f"/staff/brief{OCTOBER}").text
    said = words(page)
    assert "0912" not in said and page.count("<blockquote") == 3
    assert "Tôi phải đi lại" in said and said.count("…”") == 3 and long.strip() not in said


def test_a_period_without_anything_is_said_to_be_empty(province: FlaskClient) -> None:
    said = words(check_page(province.get("/staff/brief?period=2024-01")).words)
    assert "Chưa có phiếu đánh giá trong kỳ" in said
    assert "Cần chú ý" not in said and "Giới hạn" not in said


def test_the_overview_leads_to_the_brief_of_the_same_period(province: FlaskClient) -> None:
    assert "/staff/brief?agency=H61&amp;period=2026-10&amp;basis=calendar" in province.get(f"/staff/{OCTOBER}").text
