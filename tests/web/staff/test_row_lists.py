"""The lists of units and procedures: every row in its place, each figure as the results have it, none cut off."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from survey.models import Channel, Level, Role
from survey.periods import parse
from survey.results import caveats, closing, verdict_text
from survey.results.changes import changes
from survey.results.figures import By, figures
from survey.results.scope import Standard, scope_for
from survey.settings import Settings
from survey.web import current_survey
from survey.web.current_survey import forget
from survey.web.survey import survey_of
from tests.support import factories
from tests.support.officials import official, sign_in
from tests.support.pages import check_page
from tests.support.province import TODAY, noon
from tests.support.statements import statements

UNITS, PROCEDURES = "/staff/units?period=2026-10", "/staff/procedures?period=2026-10"
STANDARD = Standard("0.90", 0.95)
ROW = re.compile(r'<tr role="row" class="(compared-row [^"]*|group|aside[^"]*)">(.*?)</tr>', re.S)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(TODAY, tick=False) as traveller:
        yield traveller


def answered(session: Session, agency: str, month: int, satisfied: int, others: int, procedure: str) -> None:
    for rating in [5] * satisfied + [3] * others:
        factories.response(session, rating, agency, procedure, noon(5, month))
        factories.case(session, agency, procedure, noon(5, month).date())  # unrated, so that nothing is certain


def furnish(session: Session) -> None:
    """Units that have met the target, missed it, are open, small, too small to be shown and silent; two accounts."""
    answered(session, "H61.1", 10, 60, 0, "2.000815")
    answered(session, "H61.2", 10, 20, 40, "2.000815")
    answered(session, "H61.2", 9, 50, 10, "2.000815")
    answered(session, "H61.50", 10, 31, 4, "1.001193")
    answered(session, "H61.50", 9, 30, 5, "1.001193")
    answered(session, "H61.51", 10, 12, 3, "1.001193")
    for code, name, number in (("H61.81", "Tân An", 6), ("H61.82", "An Trường", 7)):
        factories.agency(session, code, Level.COMMUNE, f"Ủy ban nhân dân xã {name}", f"{name} Commune", 1)
        answered(session, code, 10, number, 0, "1.000894")
    for _ in range(4):
        factories.response(session, 5, "H61.52", when=noon(5), channel=Channel.OPEN)
    for code, number in (("H61.50", 20), ("H61.51", 6), ("H61.52", 4)):
        for _ in range(number):
            factories.response(session, 5, code, when=noon(5, 8), channel=Channel.OPEN)
    official(session, role=Role.MANAGER)
    official(session, "phuong", "H61.50")


@pytest.fixture(scope="module", name="furnish")
def furnish_here() -> Callable[[Session], None]:
    return furnish


@pytest.fixture(scope="module")
def furnished(
    fresh_database: Callable[..., AbstractContextManager[str]],
    started: Callable[[Settings], AbstractContextManager[Flask]],
    provinces_on_sqlite: Callable[[Callable[[Session], None]], str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Flask]:
    """A province that tests look at and none changes."""
    folder = tmp_path_factory.mktemp("province")
    with (
        fresh_database("sqlite", folder, provinces_on_sqlite(furnish)) as url,
        started(Settings(url, factories.SECRET, instance=folder / "instance")) as app,
    ):
        yield app


@pytest.fixture
def province(furnished: Flask) -> FlaskClient:
    client = furnished.test_client()
    sign_in(client)
    return client


@pytest.fixture
def commune(furnished: Flask) -> FlaskClient:
    client = furnished.test_client()
    sign_in(client, "phuong")
    return client


def words(text: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def heading(page: TestResponse) -> str:
    """Return the heading of a page that is as pages must be."""
    check_page(page)
    return words(page.text.partition("<h1>")[2].partition("</h1>")[0])


def rows(page: str) -> list[tuple[str, str]]:
    """Return the rows of the list: what each is, and what it says."""
    return [(kind, words(text)) for kind, text in ROW.findall(page)]


@pytest.mark.parametrize(("path", "by"), [(UNITS, "unit"), (PROCEDURES, "procedure")])
@pytest.mark.parametrize("closed", [False, True])
def test_every_figure_is_that_of_the_results(
    session: Session, own_province: FlaskClient, path: str, by: By, closed: bool, vietnamese: None
) -> None:
    if closed:
        for month in ("2026-09", "2026-10"):
            closing.close(session, parse(month), dt.datetime(2026, 11, 3, tzinfo=dt.UTC), STANDARD)
        session.commit()
    page = own_province.get(path)
    check_page(page)
    scope = scope_for(session, parse("2026-10"), factories.agency_id(session, "H61"))
    counted = figures(session, scope, STANDARD, TODAY.date(), by)
    moved = changes(session, counted)
    drawn = [said for kind, said in rows(page.text) if kind.startswith("compared-row")]
    expected = [row for row in counted.judged.rows if row.shown]
    assert len(drawn) == len(expected) >= 3
    for row in expected:
        told = [
            f"khoảng tin cậy {verdict_text.interval(row, target='0.90')}",
            f"{verdict_text.rate_text(row.rate, '0.90')} n = {row.answered}",
            f"mức 4 và 5: {row.satisfied}; mức 3 trở xuống: {row.answered - (row.satisfied or 0)}",
            caveats.points_moved(moved[row.id]) if row.id in moved else "–",
        ]
        assert [said for said in drawn if all(one in said for one in told)], told


def test_units_stand_in_groups_the_worst_and_certain_first(province: FlaskClient) -> None:
    found = [said for kind, said in rows(province.get(UNITS).text)]
    order = ["Sở, ban, ngành", "Sở Tài chính", "Sở Nội vụ", "Phường", "Phường Trà Vinh", "Xã", "Xã Càng Long"]
    places = [next(place for place, said in enumerate(found) if said.startswith(name)) for name in order]
    assert places == sorted(places)
    assert "1 chưa đạt 1 đạt" in found[0]
    assert "Chưa đạt chắc chắn Giao việc : Sở Tài chính" in found[1]
    assert found[-1].startswith("2 đơn vị không hiện riêng, gộp lại Ít phiếu")


def test_small_units_are_named_with_nothing_but_their_number_and_silent_ones_in_one_line(
    province: FlaskClient,
) -> None:
    aside = [said for kind, said in rows(province.get(UNITS).text) if kind.startswith("aside")]
    assert aside == [
        "Ít phiếu: Xã An Trường (n = 7), Xã Tân An (n = 6).",
        "Chưa có phiếu: Xã Đông Hải.",
    ]


def test_the_heading_and_the_chips_count_all_units(province: FlaskClient) -> None:
    page = province.get(UNITS)
    assert heading(page) == "Đơn vị: 1 chưa đạt, 1 đạt, 1 chưa đủ căn cứ"
    chips = re.findall(r'<a class="chip" href="[^"]*"[^>]*>(.*?)</a>', page.text, re.S)
    assert [words(chip) for chip in chips[:-1]] == [
        *("Tất cả 7", "Chưa đạt 1", "Chưa đủ căn cứ 1", "Đạt 1", "Ít phiếu 3", "Chưa có phiếu 1")
    ]


@pytest.mark.parametrize(
    ("verdict", "named"),
    [
        ("not_met", ["Sở Tài chính"]),
        ("met", ["Sở Nội vụ"]),
        ("inconclusive", ["Phường Trà Vinh"]),
        ("few", ["Xã Càng Long", "2 đơn vị"]),
        ("none", []),
        ("nonsense", ["Sở Tài chính", "Sở Nội vụ", "Phường Trà Vinh", "Xã Càng Long", "2 đơn vị"]),
    ],
)
def test_a_chip_shows_the_units_of_one_verdict(province: FlaskClient, verdict: str, named: list[str]) -> None:
    page = province.get(f"{UNITS}&verdict={verdict}")
    check_page(page)
    drawn = [said for kind, said in rows(page.text) if kind.startswith("compared-row")]
    assert len(drawn) == len(named)
    assert all(said.startswith(name) for said, name in zip(drawn, named, strict=True))


@pytest.mark.parametrize(
    ("order", "named"),
    [
        ("name", ["Sở Nội vụ", "Sở Tài chính", "Phường Trà Vinh", "Xã Càng Long"]),
        ("rate", ["Sở Tài chính", "Xã Càng Long", "Phường Trà Vinh", "Sở Nội vụ"]),
        ("-rate", ["Sở Nội vụ", "Phường Trà Vinh", "Xã Càng Long", "Sở Tài chính"]),
        ("-answered", ["Sở Nội vụ", "Sở Tài chính", "Phường Trà Vinh", "Xã Càng Long"]),
        ("change", ["Sở Tài chính", "Phường Trà Vinh", "Sở Nội vụ", "Xã Càng Long"]),
        ("drop table", ["Sở Tài chính", "Sở Nội vụ", "Phường Trà Vinh", "Xã Càng Long"]),
    ],
)
def test_the_server_puts_the_list_in_order(province: FlaskClient, order: str, named: list[str]) -> None:
    page = province.get("/staff/units", query_string={"period": "2026-10", "sort": order})
    check_page(page)
    drawn = [said for kind, said in rows(page.text) if kind.startswith("compared-row")]
    assert [next(name for name in named if said.startswith(name)) for said in drawn[:-1]] == named
    assert "<script" not in page.text


def test_procedures_stand_by_field_the_field_with_the_worst_first(province: FlaskClient) -> None:
    page = province.get(PROCEDURES)
    check_page(page)
    groups = [said for kind, said in rows(page.text) if kind == "group"]
    assert [group.split(" 1 ")[0] for group in groups] == ["Chứng thực", "Hộ tịch", "Khác"]


def test_a_change_beyond_chance_has_an_arrow_and_a_word(province: FlaskClient) -> None:
    found = {said[:15]: said for _kind, said in rows(province.get(UNITS).text)}
    assert found["Sở Tài chính Ch"].endswith("▼ giảm 50,0")
    assert found["Phường Trà Vinh"].endswith("+2,9")


def test_a_unit_without_units_shows_those_beside_it_and_to_itself_only_itself(
    province: FlaskClient, commune: FlaskClient
) -> None:
    page = province.get(f"{UNITS}&agency=H61.50&sort=rate")
    assert page.status_code == 302
    assert "agency=H61&" in f"{page.headers['Location']}&" and "sort=rate" in page.headers["Location"]
    own = commune.get(UNITS)
    assert "Phường Trà Vinh" in check_page(own).words and "Sở Tài chính" not in own.text


def test_of_a_running_period_the_own_office_reads_only_how_many_answered(commune: FlaskClient) -> None:
    page = commune.get(f"{PROCEDURES}&agency=H61.50")
    assert "chưa hiện" in heading(page)
    assert "%" not in " ".join(said for _kind, said in rows(page.text))


def test_all_columns_hold_what_the_rows_leave_out(province: FlaskClient) -> None:
    page = province.get(f"{UNITS}&view=full&sort=-answered")
    check_page(page)
    table = page.text.partition('<table class="full">')[2].partition("</table>")[0]
    lines = [words(line) for line in re.findall(r"<tr>(.*?)</tr>", table, re.S)]
    ministry = next(line for line in lines if line.startswith("Sở Tài chính"))
    assert "33,3% 21,6%–46,7% 60 0 0 40 0 20 50,0% 60/120 60 – –" in ministry
    silent = next(line for line in lines if line.startswith("Ủy ban nhân dân xã Đông Hải"))
    assert "ít phiếu (n = 4)" in silent, "by an open link"
    assert "Phiếu giấy" not in table


def test_what_interviewers_put_in_has_a_column(session: Session, own_province: FlaskClient) -> None:
    _ = [factories.response(session, rate, "H61.1", when=noon(7), channel=Channel.PAPER) for rate in [5] * 9 + [2] * 3]
    session.commit()
    head, _, rows_after = own_province.get(f"{UNITS}&view=full&sort=-paper").text.partition("<tbody>")
    assert "Phiếu giấy" in head and words(rows_after.partition("</tr>")[0]).endswith("75,0% 42,8%–94,6% n = 12")


def test_all_the_communes_of_a_large_province_stand_in_the_list_for_the_same_number_of_queries(
    app: Flask, session: Session, own_province: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(current_survey, "FRESH_SECONDS", 3600)
    forget(survey_of(app))
    own_province.get("/")

    def asked(path: str) -> int:
        with statements(survey_of(app).database.engine) as every:
            assert own_province.get(path).status_code == 200
        return sum(one.text.lstrip().startswith("SELECT") for one in every)

    few = asked(UNITS), asked(PROCEDURES)
    for number in range(100, 224):
        factories.agency(session, f"H61.{number}", Level.COMMUNE, f"Xã {number}", f"Commune {number}", 1)
        for _ in range(10):
            factories.response(session, 4, f"H61.{number}", when=noon(6))
    session.commit()
    page = own_province.get(UNITS)
    assert sum(said.startswith("Xã ") for kind, said in rows(page.text) if kind.startswith("compared-row")) == 125
    assert (asked(f"{UNITS}&sort=rate"), asked(f"{PROCEDURES}&sort=rate")) == few
    assert max(few) <= asked("/staff/?period=2026-10"), "no dearer than the dashboard"


def test_where_only_answers_for_reference_are_pooled_the_list_has_no_row_of_them(province: FlaskClient) -> None:
    for path in (UNITS, PROCEDURES):
        page = province.get(path.replace("2026-10", "2026-08"))
        check_page(page)
        assert "Các đơn vị ít phiếu" not in page.text and "Các thủ tục ít phiếu" not in page.text
    assert "Các đơn vị ít phiếu" in province.get("/staff/units?period=2026-08&view=full").text


@pytest.mark.parametrize("path", [UNITS, PROCEDURES, "/staff/?period=2026-10"])
def test_the_way_to_a_unit_names_nothing_above_the_account(commune: FlaskClient, path: str) -> None:
    page = commune.get(path).text
    way = re.search(r'<nav[^>]*class="path".*?</nav>', page, re.S)
    shown = page.partition("</header>")[2] if way is None else way[0]
    assert "Ủy ban nhân dân tỉnh Vĩnh Long" not in shown
