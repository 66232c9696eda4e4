"""The dashboard: the verdict first, then figures; its orders, periods, ways down, and its empty and wrong states."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.i18n import speaking
from survey.models import Installation
from survey.results import verdict_text
from survey.web import current_survey
from survey.web.current_survey import forget
from survey.web.survey import survey_of
from tests.support import factories
from tests.support.full_list import PROCEDURES, TABLE, rows, words
from tests.support.officials import official, sign_in
from tests.support.pages import check_page
from tests.support.province import answers, noon
from tests.support.statements import statements

OCTOBER = "/staff/?period=2026-10"


def test_chance_is_told_of_the_rows_that_have_a_verdict_only(province: FlaskClient) -> None:
    assert "Trong 2 dòng, nhiều nhất" in words(province.get(OCTOBER).text)
    listed = words(province.get("/staff/units?period=2026-10").text)
    assert "Trong 2 dòng, nhiều nhất" in listed and "dưới 1 phiếu" in listed, "as it is set here"
    assert '<p class="small"></p>' not in province.get(f"{PROCEDURES}&agency=H61.50").text


def test_the_period_and_the_definition_are_printed(province: FlaskClient) -> None:
    with speaking("vi"):
        definition = verdict_text.definition()  # the reports print the same
    for basis, days in (
        ("calendar", "01/10/2026–31/10/2026"),
        ("administrative", "15/09/2026–14/10/2026"),
    ):
        said = check_page(province.get(f"{OCTOBER}&basis={basis}")).words
        assert days in said
        assert definition in said and "Phiếu được tính vào ngày gửi, theo giờ Việt Nam" in said


def test_it_opens_with_the_last_month_that_has_ended(province: FlaskClient, clock: time_machine.Traveller) -> None:
    assert "01/10/2026–31/10/2026" in province.get("/staff/").text
    assert "15/09/2026–14/10/2026" in province.get("/staff/?basis=administrative").text


def test_an_answer_belongs_to_the_day_it_is_in_viet_nam(session: Session, client: FlaskClient, clock: object) -> None:
    midnight = dt.datetime(2026, 10, 31, 17, tzinfo=dt.UTC)
    for moment in [midnight - dt.timedelta(seconds=1)] * 10 + [midnight] * 10:
        factories.response(session, 5, when=moment)
    official(session)
    sign_in(client)
    said = {code: check_page(client.get(f"/staff/?period={code}")).words for code in ("2026-10", "2026-11", "2026")}
    counted = {code: re.findall(r"(\d+)/\1 phiếu", words) for code, words in said.items()}
    assert counted == {"2026-10": ["10"], "2026-11": ["10"], "2026": ["20"]}


def test_one_goes_down_from_province_to_unit_to_procedure(province: FlaskClient) -> None:
    link = re.search(r'href="([^"]*agency=H61\.50[^"]*)"', province.get(TABLE).text)
    assert link
    unit = province.get(link.group(1).replace("&amp;", "&"))
    outline = check_page(unit)
    assert "Ủy ban nhân dân phường Trà Vinh, Tháng 10 năm 2026" in outline.title
    listed = re.search(r'href="([^"]*procedures[^"]*agency=H61\.50[^"]*)"', unit.text.partition("<main")[2])
    assert listed
    assert "Thủ tục đăng ký khai sinh" in province.get(listed.group(1).replace("&amp;", "&")).text
    assert 'aria-current="page"' in unit.text
    assert "Ủy ban nhân dân tỉnh Vĩnh Long" in outline.words


def test_a_period_without_answers_says_so_and_draws_no_wrong_figure(province: FlaskClient) -> None:
    for period in ("2026-03", "2022", "2000-01"):
        page = province.get(f"/staff/?period={period}")
        assert "Chưa có phiếu" in check_page(page).words
        assert not re.search(r"\bnan\b|None|NaT", page.text)


def test_all_and_none_satisfied_are_drawn_with_their_interval(
    session: Session, client: FlaskClient, clock: object
) -> None:
    answers(session, "H61.1", 33)
    answers(session, "H61.2", 0, 33)
    official(session)
    sign_in(client)
    found = rows(client.get(TABLE).text)
    assert "100,0% 89,4%–100,0% 33" in found[0]
    assert "chắc chắn 0,0% 0,0%–10,6% 33" in found[1]
    drawn = client.get(OCTOBER).text
    assert "Sở Tài chính 0,0% (33)" in words(drawn), "what lies left of the axis keeps its name and rate"


def test_an_open_period_gives_no_final_verdict(session: Session, client: FlaskClient, clock: object) -> None:
    for _ in range(40):
        factories.response(session, 5, when=noon(2, month=11))
    official(session)
    sign_in(client)
    said = check_page(client.get("/staff/?period=2026-11")).words
    assert "Đang thu thập – số liệu tạm thời" in said


@pytest.mark.parametrize("code", ["2026-13", "tháng mười", "2026-10' OR 1=1", "%00"])
def test_a_senseless_period_is_explained(province: FlaskClient, code: str) -> None:
    page = province.get("/staff/", query_string={"period": code})
    assert page.status_code == 400
    assert "không phải là kỳ báo cáo" in check_page(page).words


def test_an_address_that_does_not_exist_has_a_staff_page(province: FlaskClient) -> None:
    page = province.get("/staff/nowhere")
    assert page.status_code == 404
    assert "Về trang số liệu" in check_page(page).words or "Đăng nhập" in check_page(page).words


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_page_speaks_one_language(province: FlaskClient, language: str) -> None:
    other = {"vi": ("Rate", "Unit", "Answers", "Sign out"), "en": ("Tỷ lệ", "Đơn vị", "phiếu", "Đăng xuất")}[language]
    for path in (OCTOBER, f"{OCTOBER}&agency=H61.50", "/staff/account?", "/staff/?period=2020-01", "/staff/?period=x"):
        page = check_page(province.get(f"{path}&lang={language}"), language)
        assert not [word for word in other if re.search(rf"\b{word}\b", page.words)], path


def test_the_language_that_was_chosen_stays(province: FlaskClient) -> None:
    province.get(f"{OCTOBER}&lang=en")
    check_page(province.get(OCTOBER), "en")


def test_demonstration_data_say_so(session: Session, own_province: FlaskClient) -> None:
    assert "Dữ liệu minh họa" not in own_province.get(OCTOBER).text
    session.execute(sa.update(Installation).values(demo=True))
    session.commit()
    forget(survey_of(own_province.application))  # kept for some seconds
    paths = "response-quality invitation-coverage deliveries placements placements/sheet embed account"
    for path in ("", *paths.split()):
        assert "Dữ liệu minh họa" in check_page(own_province.get(f"/staff/{path}")).words, path


def test_the_number_of_queries_does_not_grow_with_the_units(
    app: Flask, session: Session, own_province: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(current_survey, "FRESH_SECONDS", 3600)  # so that a slow machine does not read it again
    forget(survey_of(app))
    own_province.get("/")

    def count(path: str) -> int:
        with statements(survey_of(app).database.engine) as asked:
            assert own_province.get(path).status_code == 200
        return sum(one.text.lstrip().startswith("SELECT") for one in asked)

    few = count(OCTOBER)
    for number in range(60, 90):
        factories.agency(session, f"H61.{number}", factories.Level.COMMUNE, f"Xã {number}", f"Commune {number}", 1)
        factories.response(session, 4, f"H61.{number}", when=noon(6))
    session.commit()
    assert count(OCTOBER) == few <= 56, (
        "of this month and the one before, days that are kept, targets, other systems, calls, what waits"
    )
    assert count(PROCEDURES) <= 30
