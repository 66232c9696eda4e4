"""The lists of units and procedures with all columns: verdict, rate, levels, channels apart, in any order."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.support.full_list import PROCEDURES, TABLE, rows, words
from tests.support.pages import check_page


def test_each_unit_has_verdict_rate_interval_answers_and_channels_apart(province: FlaskClient) -> None:
    found = {
        row.split(" Đạt ")[0].split(" Chưa ")[0].split(" Ít ")[0].split(" chưa ")[0]: row
        for row in rows(province.get(TABLE).text)
    }
    assert "Đạt (chưa chốt) 100,0% 91,1%–100,0% 40 0 0 0 0 40 50,0% 40/80 40 – –" in found["Sở Nội vụ"]
    assert "Chưa đạt (chưa chốt) khoảng tin cậy rộng chắc chắn 33,3%" in found["Sở Tài chính"]
    ward = found["Ủy ban nhân dân phường Trà Vinh"]
    assert "Ít phiếu, chưa kết luận 90,0% 55,4%–99,8% 10" in ward
    assert "100,0% 59,0%–100,0% n = 7 0,0% 0,0%–70,8% n = 3" in ward, "the open channel and the kiosk, never added"
    assert "chưa có phiếu – – 0 0 0 0 0 0 – 0/0" in found["Ủy ban nhân dân xã Đông Hải"]


def test_the_five_levels_add_up_to_the_answers(province: FlaskClient) -> None:
    foot = province.get(TABLE).text.partition("<tfoot>")[2].partition("</tfoot>")[0]
    assert "62,7%–83,0% 80 0 21 0 0 59 " in words(foot)


@pytest.mark.parametrize(
    ("order", "first", "last"),
    [
        ("name", "Sở Nội vụ", "Ủy ban nhân dân xã Đông Hải"),
        ("-name", "Ủy ban nhân dân xã Đông Hải", "Sở Nội vụ"),
        ("rate", "Sở Tài chính", "Ủy ban nhân dân xã Đông Hải"),
        ("-rate", "Sở Nội vụ", "Ủy ban nhân dân xã Đông Hải"),
        ("-answered", "Sở Nội vụ", "Ủy ban nhân dân xã Đông Hải"),
        ("verdict", "Sở Tài chính", "Ủy ban nhân dân xã Đông Hải"),
        ("kiosk", "Ủy ban nhân dân phường Trà Vinh", "Ủy ban nhân dân xã Đông Hải"),
        ("drop table", "Sở Nội vụ", "Ủy ban nhân dân xã Đông Hải"),
    ],
)
def test_the_table_sorts_by_a_link_and_what_is_missing_stands_last(
    province: FlaskClient, order: str, first: str, last: str
) -> None:
    found = rows(province.get("/staff/units", query_string={"period": "2026-10", "view": "full", "sort": order}).text)
    assert (found[0].startswith(first), found[-1].startswith(last)) == (True, True), found


def test_names_stand_in_vietnamese_order(province: FlaskClient) -> None:
    found = rows(province.get(f"{TABLE}&sort=name").text)
    assert [row.split(" xã ")[1][:4] for row in found if " xã " in row] == ["Càng", "Đông"]


def test_answers_to_no_one_procedure_have_a_row_of_their_own(province: FlaskClient) -> None:
    found = rows(province.get(f"{PROCEDURES}&agency=H61.50").text)
    loose = next(row for row in found if row.startswith("Không gắn với một thủ tục"))
    assert loose.endswith("n = 7 0,0% 0,0%–70,8% n = 3")


def test_a_period_without_anything_says_so(province: FlaskClient) -> None:
    for path in ("/staff/units", "/staff/procedures"):
        page = check_page(province.get(f"{path}?period=2022-03"))
        assert "chưa có hồ sơ và phiếu trong kỳ này" in page.words and "Xem tháng gần nhất" in page.words
