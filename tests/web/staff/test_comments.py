"""The pages of comments, reasons and themes: whole, each agency its own, and files that compute nothing."""

from __future__ import annotations

import csv
import datetime as dt
import html
import io
import re
import zipfile

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey import questionnaires
from survey.models import AuditEntry, Role, StoredTheme
from tests.support import factories
from tests.support.officials import found, official, send, sign_in
from tests.support.pages import check_page

NOON = dt.datetime(2026, 10, 14, 5, tzinfo=dt.UTC)
PERIOD = "period=2026-10"
FORMULA = '=HYPERLINK("x","Đường truyền chậm")'


@pytest.fixture
def written(session: Session) -> None:
    for rating, text, agency in ((2, FORMULA, "H61.50"), (5, "Cảm ơn <b>nhiều</b>", "H61.51")):
        for number in range(10):
            said = {"S8": f"{text} {number}"}
            factories.response(
                session, rating, agency=agency, when=NOON, comments=said, ratings={"r1": 3}, other={"S7": ["login"]}
            )
    for _ in range(10):
        other = {"A4": "2", "B23": ["late"], "C4": {"C4a": "3"}}
        factories.response(session, 3, when=NOON, ratings={"r1": 4}, other=other, asked=questionnaires.FULL)


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_page_is_whole_in_both_languages(client: FlaskClient, session: Session, language: str) -> None:
    official(session, role=Role.ADMINISTRATOR)
    sign_in(client)
    cuts = ("procedure", "field", "delivery", "respondent", "outcome", "timeliness", "placement", "kiosk", "none")
    for path in (
        f"/staff/comments?{PERIOD}&q=duong&level=low&reason=login&theme=upload&unit=H61.50&language=vi",
        f"/staff/comments?{PERIOD}&q=nothing-like-it&page=7",
        "/staff/comments?period=2025-10",
        "/staff/themes",
        f"/staff/?{PERIOD}",
        f"/staff/reasons?{PERIOD}&by=field&part=H%E1%BB%99+t%E1%BB%8Bch",
        *(f"/staff/reasons?{PERIOD}&by={cut}" for cut in cuts),
        "/staff/reasons?period=2025-10&by=field",
    ):
        check_page(client.get(f"{path}{'&' if '?' in path else '?'}lang={language}"), language)


@pytest.mark.usefixtures("written")
def test_a_unit_reads_its_own_comments_only_and_the_week_not_the_day(client: FlaskClient, session: Session) -> None:
    official(session, agency="H61.50")
    sign_in(client)
    for path in ("/staff/comments", "/staff/"):
        page = client.get(f"{path}?{PERIOD}").text
        assert "Đường truyền" in page and "Cảm ơn" not in page and "12/10/2026" in page and "14/10/2026" not in page
    assert client.get(f"/staff/comments?{PERIOD}&agency=H61.51").status_code == 404
    fields = {"period": "2026-10", "basis": "calendar", "format": "csv"}
    assert send(client, "/staff/comments/file", **fields, agency="H61.51").status_code == 404
    own = send(client, "/staff/comments/file", **fields).text
    assert own.count("Đường truyền") == 10 and "Cảm ơn" not in own and "2026-10-14" not in own


@pytest.mark.usefixtures("written")
def test_what_is_written_is_shown_as_text_and_found_by_pages(client: FlaskClient, session: Session) -> None:
    official(session)
    sign_in(client)
    page = client.get(f"/staff/comments?{PERIOD}").text
    assert "Cảm ơn &lt;b&gt;nhiều" in page and "<b>nhiều" not in page
    assert page.count("<article") == 20
    factories.response(session, 1, when=NOON - dt.timedelta(days=3), comments={"S8": "Câu thứ hai mươi mốt"})
    session.commit()
    assert "Câu thứ hai mươi mốt" not in client.get(f"/staff/comments?{PERIOD}").text
    assert "Câu thứ hai mươi mốt" in client.get(f"/staff/comments?{PERIOD}&page=2").text
    for odd in ("0", "-1", "x", "9" * 30, "٢"):
        assert client.get(f"/staff/comments?{PERIOD}&page={odd}").status_code == 200


@pytest.mark.usefixtures("written")
def test_a_file_holds_what_the_filter_finds_computes_nothing_and_is_on_record(
    client: FlaskClient, session: Session
) -> None:
    official(session)
    sign_in(client)
    fields = {"period": "2026-10", "basis": "calendar", "agency": "H61", "q": "duong"}
    table = send(client, "/staff/comments/file", **fields, format="csv").data.decode("utf-8-sig")
    head, *lines = csv.reader(io.StringIO(table))
    column = head.index("Góp ý")
    assert len(lines) == 10 and all(line[column].startswith("'=HYPERLINK") for line in lines)
    book = zipfile.ZipFile(io.BytesIO(send(client, "/staff/comments/file", **fields, format="xlsx").data))
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet and book.read("xl/sharedStrings.xml").decode().count("=HYPERLINK") == 10
    acts = found(session, sa.select(AuditEntry.about).where(AuditEntry.act == "comments.exported"))
    assert [about["number"] for about in acts] == [10, 10] and "duong" not in str(acts)
    assert send(client, "/staff/comments/file", **fields, format="pdf").status_code == 404


def test_the_province_edits_the_words_and_a_unit_only_reads_them(client: FlaskClient, session: Session) -> None:
    official(session, role=Role.MANAGER)
    official(session, "xa", "H61.51", Role.MANAGER)
    sign_in(client)
    new = {"code": "", "vi": "Cầu phà", "en": "Ferries", "phrases": "qua phà"}
    refused = send(client, "/staff/themes", page="/staff/themes", **new | {"en": ""})
    assert refused.status_code == 422 and "qua phà" in refused.text and not found(session, sa.select(StoredTheme))
    check_page(refused)
    assert send(client, "/staff/themes", page="/staff/themes", **new).status_code == 303
    assert [name["vi"] for name in found(session, sa.select(StoredTheme.name))] == ["Cầu phà"]
    check_page(client.get("/staff/themes?saved=1"))
    other = client.application.test_client()
    sign_in(other, "xa")
    page = other.get("/staff/themes")
    check_page(page)
    assert "qua phà" in page.text and "<textarea" not in page.text
    assert send(other, "/staff/themes", **new).status_code == 403


@pytest.mark.usefixtures("written")
def test_reasons_and_factors_of_both_forms_stand_on_the_page_and_a_part_of_few_does_not(
    client: FlaskClient, session: Session
) -> None:
    factories.response(session, 1, procedure="2.000815", when=NOON)
    for _ in range(12):  # fewer than what is shown, so that nothing tells the one by subtraction
        factories.response(session, 4, procedure="1.000894", when=NOON)
    official(session)
    sign_in(client)
    page = client.get(f"/staff/reasons?{PERIOD}&by=procedure").text
    asked = [
        f"Theo phiếu: {title}"
        for title in ("Đánh giá dịch vụ công trực tuyến", "Phiếu khảo sát về dịch vụ công trực tuyến")
    ]
    for heading in asked:
        assert heading in page and heading in client.get(f"/staff/?{PERIOD}").text
    for words in ("Khó đăng nhập", "Trả kết quả trễ hẹn", "Tìm thủ tục cần làm", "bao nhiêu lần để xong thủ tục"):
        assert words in page
    assert "part=1.001193" in page and "part=1.000894" not in page and "part=2.000815" not in page
    assert client.get(f"/staff/reasons?{PERIOD}&by=procedure&part=2.000815").status_code == 404


@pytest.mark.usefixtures("written")
def test_limits_of_reasons_are_rounded_outwards_as_in_reports(client: FlaskClient, session: Session) -> None:
    official(session)
    sign_in(client)
    page = client.get(f"/staff/reasons?{PERIOD}").text
    assert "66,7% (48,7%–80,8%)" in page, "Wilson's limits of 20 of 30 are 48.78 % and 80.77 %"


@pytest.mark.usefixtures("written")
def test_the_heading_says_what_is_to_do_and_each_facet_how_many_it_finds(client: FlaskClient, session: Session) -> None:
    official(session)
    sign_in(client)
    with time_machine.travel(NOON + dt.timedelta(days=60), tick=False):
        sign_in(client)
        page = client.get(f"/staff/comments?{PERIOD}&reason=login")
        check_page(page)
    heading = re.search(r"<h1>(.*?)</h1>", page.text)
    assert heading and heading[1] == "Góp ý: 10 quá hạn trả lời, 20 chưa có người xử lý"
    facets = [
        (html.unescape(address), words, int(number))
        for address, words, number in re.findall(
            r'<li><a href="([^"]*)"[^>]*>([^<]*)(?:<span.*?</span>)?</a> <span class="small">(\d+)</span>', page.text
        )
    ]
    for address, words, number in facets:
        if "reason=login" in address:  # not the one that is chosen, whose link takes it out
            found_there = client.get(address.replace("&reason=login", "")).text
            assert f"Tìm thấy {number} góp ý" in found_there, words
    assert {"Mới", "Không hài lòng", "Rất hài lòng"} <= {words for _address, words, _number in facets}
    assert any("reason=" not in address for address, words, _number in facets if words.startswith("Khó đăng nhập"))
