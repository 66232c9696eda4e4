"""The overview: verdict, rate and interval first, every number as counted, little to load, and designed when empty."""

from __future__ import annotations

import gzip
import re

from flask import Flask
from flask.testing import FlaskClient

from survey.i18n import speaking
from survey.periods import parse
from survey.results import verdict_text
from survey.results.overview import overview
from survey.results.rows import short_name
from survey.results.scope import Standard, scope_for
from survey.web.survey import survey_of
from tests.support import factories
from tests.support.pages import check_page
from tests.support.province import TODAY

OCTOBER = "/staff/?period=2026-10"


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def test_the_verdict_stands_before_every_figure_in_words(province: FlaskClient) -> None:
    page = province.get(OCTOBER)
    said = words(check_page(page).words)
    order = (
        "Chưa đạt chỉ tiêu 90%",
        "73,8%",
        "59/80 phiếu hài lòng",
        "khoảng tin cậy 62,7%–83,0%",
        "vẫn không tới 90%",
    )
    places = [said.index(one) for one in order]
    assert places == sorted(places)


def test_the_overview_is_drawn_without_a_script_and_weighs_little(province: FlaskClient) -> None:
    page = province.get(OCTOBER)
    assert "<script" not in page.text and " style=" not in page.text
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page.text)
    sheets = re.findall(r'href="(/static/[^"]+\.css)"', page.text)
    sent = [page.data, *(province.get(sheet).data for sheet in sheets)]
    assert sum(len(gzip.compress(one)) for one in sent) <= 120_000 / 4, "the demonstration has ten times the units"


def test_what_the_page_shows_are_the_figures(furnished: Flask, province: FlaskClient) -> None:
    with survey_of(furnished).database.session(writes=False) as reading, speaking("vi"):
        scope = scope_for(reading, parse("2026-10"), factories.agency_id(reading, "H61"))
        standard = Standard("0.90", 0.95, 1)
        counted = overview(reading, scope, standard, TODAY.date())
        total = counted.figures.judged.total
        shown = {
            "rate": verdict_text.rate_text(total.rate, "0.90"),
            "limits": verdict_text.interval(total, target="0.90"),
            "strip": [
                f"{short_name(row)} {verdict_text.rate_text(row.rate, '0.90')} ({row.answered})"
                for row in counted.figures.judged.rows
                if row.shown and row.answered >= 30 and row.verdict != "inconclusive"
            ],
            "open": verdict_text.interval(counted.figures.open.total, target="0.90"),
            "factors": [verdict_text.rate_text(row.rate, "0.90") for row in counted.factors if row.shown],
        }
    said = words(province.get(OCTOBER).text)
    assert f"{shown['rate']} {total.satisfied}/{total.answered} phiếu hài lòng khoảng tin cậy {shown['limits']}" in said
    for one in (*shown["strip"], shown["open"], *shown["factors"]):
        assert one in said, one
    assert len(shown["strip"]) == 2


def test_an_empty_period_is_one_sentence_and_a_way_on(province: FlaskClient) -> None:
    page = province.get("/staff/?period=2024-01")
    said = check_page(page).words
    assert "Xem tháng gần nhất đã kết thúc" in said and 'class="rate"' not in page.text
    assert "Để tham khảo" not in said and "Yếu tố" not in said
