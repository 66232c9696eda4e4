"""The citizen's page: asked, answered, thanked, in either language, and nothing typed is lost."""

from __future__ import annotations

import dataclasses
import datetime as dt
import gc
import gzip
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from babel.messages.pofile import read_po, write_po
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.app import create_app
from survey.i18n import instant, speaking
from survey.models import Case, Comment, Invitation, Response, Staff
from survey.settings import ROOT, Settings
from survey.web.current_survey import forget
from survey.web.survey import survey_of
from tests.support.pages import check_page, hidden, receipt_on

HARD_BYTES, GOAL_BYTES = 14_600, 6_000  # of the page with its style and script, in one response


Look = Callable[[sa.Select[*tuple[Any, ...]]], list[Any]]
STORED = sa.select(Response.overall, Response.counted).order_by(Response.id)
COMMENTS = sa.select(Comment.text)
ONCE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # a file is sent without a look at the store


@pytest.fixture(params=["link", "code"])
def address(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(request.param))


def test_an_invitation_is_answered_with_one_tap_and_thanked_with_a_receipt(
    client: FlaskClient, look: Look, link: str
) -> None:
    asked = client.get(link)
    words = check_page(asked).words
    assert "Ủy ban nhân dân tỉnh Vĩnh Long" in words
    assert "Thủ tục đăng ký khai sinh" in words
    thanked = client.post(link, data={**hidden(asked), "S1": "4"})
    assert thanked.status_code == 200
    assert receipt_on(check_page(thanked))
    (kept,) = look(sa.select(Response.__table__))
    assert (kept.overall, kept.language, kept.counted, kept.seconds) == (4, "vi", True, 0)


def test_the_page_asks_one_question_and_each_of_its_equal_answers_sends_it(client: FlaskClient, code: str) -> None:
    page = client.get(code).text
    answers = re.findall(r'<button name="S1" value="(\d)"(.*?)>(.*?)</button>', page)
    assert [(value, marks) for value, marks, _inside in answers] == [(str(level), "") for level in range(1, 6)]
    shapes = [re.sub(r'class="[^"]*"', "", inside.partition("<span>")[0]) for *_name, inside in answers]
    assert len(set(shapes)) == 5, "the faces differ in shape, not only in colour"
    assert "checked" not in page and 'name="S2"' not in page and 'class="send"' not in page


@pytest.mark.parametrize(("level", "marked"), [("4", ["4"]), ("1", ["1"]), ("9", []), ("x", []), ("", [])])
def test_a_level_in_the_link_of_a_message_is_marked_and_saves_nothing(
    client: FlaskClient, look: Look, link: str, level: str, marked: list[str]
) -> None:
    page = client.get(f"{link}?level={level}")
    assert re.findall(r'value="(\d)" class="chosen"', page.text) == marked
    assert ("trong thư" in check_page(page).words) is bool(marked)
    assert look(STORED) == []


def test_whoever_opens_an_answered_link_reads_that_an_answer_exists_and_what_takes_its_place(
    client: FlaskClient, look: Look, link: str
) -> None:
    assert "Gửi lần nữa sẽ thay thế" not in client.get(link).text
    client.post(link, data={**hidden(client.get(link)), "S1": "2"})
    ((day, until),) = look(sa.select(Response.day, Invitation.expires_at).join_from(Response, Invitation))
    again = check_page(client.get(link)).words
    assert f"Ông/Bà đã gửi ý kiến ngày {day:%d/%m/%Y}. Gửi lần nữa sẽ thay thế lần trước" in again
    with speaking("vi"):
        assert f"có thể đổi đến {instant(until)}" in again
    assert "chosen" not in re.sub(r"<style>.*?</style>", "", client.get(link).text), "nobody else learns what it was"


def test_a_change_of_mind_takes_the_place_of_the_answer_and_keeps_what_was_written(
    client: FlaskClient, look: Look, address: str
) -> None:
    thanked = client.post(address, data={**hidden(client.get(address)), "S1": "2"})
    added = client.post(address, data={**hidden(thanked), "S2": "1", "S8": "Chờ lâu"})
    asked = client.post(address, data={**hidden(added), "again": "1"})
    assert asked.status_code == 200 and "góp ý đã viết vẫn được giữ" in check_page(asked).words
    assert asked.text.count('<button name="S1"') == 5
    changed = client.post(address, data={**hidden(asked), "S1": "4"})
    assert "Hài lòng" in check_page(changed).words
    last = sa.select(Response.overall, Response.r1, Response.amends).where(Response.counted)
    assert look(last) == [(4, 1, True)]
    assert look(COMMENTS) == [("Chờ lâu",)]


@pytest.mark.parametrize(("level", "reasons"), [("1", True), ("3", True), ("4", False), ("5", False)])
def test_the_page_that_thanks_says_what_was_chosen_and_asks_for_reasons_of_the_dissatisfied_only(
    client: FlaskClient, code: str, level: str, reasons: bool
) -> None:
    thanked = client.post(code, data={**hidden(client.get(code)), "S1": level})
    words = check_page(thanked).words
    chosen = ("Rất không hài lòng", "Không hài lòng", "Bình thường", "Hài lòng", "Rất hài lòng")[int(level) - 1]
    assert f"<b>{chosen}</b>" in thanked.text and "Đổi ý" in words
    asked = re.search(r"<div class=\"question\" data-if='[^']*'(.*?)>", thanked.text)
    assert asked and (asked.group(1).strip() != "hidden") is reasons
    order = [thanked.text.index(f'name="{name}"') for name in ("S8", "S7", "S2", "S6")]
    assert order == sorted(order)
    assert thanked.text.index("<details>") < thanked.text.index('class="code"'), "the receipt is folded"


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_point_of_the_scale_has_its_words(client: FlaskClient, code: str, language: str) -> None:
    words = check_page(client.get(f"{code}?lang={language}"), language).words
    for point in {
        "vi": ("Rất không hài lòng", "Không hài lòng", "Bình thường", "Hài lòng", "Rất hài lòng"),
        "en": ("Very dissatisfied", "Dissatisfied", "Neutral", "Satisfied", "Very satisfied"),
    }[language]:
        assert point in words


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_whole_page_arrives_in_the_first_flight(client: FlaskClient, link: str, language: str) -> None:
    plain = client.get(f"{link}?lang={language}")
    packed = client.get(f"{link}?lang={language}", headers={"Accept-Encoding": "gzip"})
    headers = sum(len(name) + len(value) + 4 for name, value in packed.headers) + 100
    assert len(packed.data) + headers <= HARD_BYTES
    assert len(packed.data) + headers <= GOAL_BYTES
    assert len(plain.data) + headers <= HARD_BYTES, "even where nothing is packed"
    fresh = re.compile(rb'name="(key|csrf_token)" value="[^"]*"')
    assert fresh.sub(b"", gzip.decompress(packed.data)) == fresh.sub(b"", plain.data)
    needed = re.findall(r'(?:src|<link rel="stylesheet" href)="([^"]+)"(?! defer)', plain.get_data(as_text=True))
    assert needed == []  # deferred scripts come later, or never: the page is whole without them


def test_looking_changes_nothing(client: FlaskClient, look: Look, link: str, code: str) -> None:
    for path in (link, code, "/", "/receipt"):
        assert client.get(path).status_code == 200
        assert client.head(path).status_code == 200
        assert client.head(path).data == b""
    assert look(STORED) == []


def test_the_language_changes_half_way_and_nothing_typed_is_lost(client: FlaskClient, look: Look, link: str) -> None:
    asked = client.get(link)
    typed = {**hidden(asked), "S1": "2", "S3": "2", "S7": ["late", "form"], "S8": "Chậm quá\n“rất” <b>chậm</b>"}
    switched = client.post(f"{link}?lang=en", data={**typed, "switch": "en"})
    page = check_page(switched, "en")
    body = switched.get_data(as_text=True)
    assert "Overall, how satisfied" in page.words
    assert typed["S8"] in page.words
    for name, value in (("S1", "2"), ("S3", "2"), ("S7", "late"), ("S7", "form")):
        assert re.search(rf'name="{name}" value="{value}"[^>]* checked', body)
    assert look(STORED) == []
    assert hidden(switched)["key"] == hidden(asked)["key"]
    sent = client.post(f"{link}?lang=en", data={**typed, **hidden(switched)})
    check_page(sent, "en")
    assert look(sa.select(Response.language)) == [("en",)]
    check_page(client.get("/"), "en")  # the choice is remembered


def test_a_missing_answer_comes_back_with_what_to_do_and_with_what_was_typed(client: FlaskClient, link: str) -> None:
    refused = client.post(link, data={**hidden(client.get(link)), "S5": "2", "S8": "Cán bộ nhiệt tình"})
    page = check_page(refused)
    assert refused.status_code == 422
    assert page.title.strip().startswith("Lỗi:")
    body = refused.get_data(as_text=True)
    assert 'role="alert"' in body
    assert '<a href="#S1">' in body
    assert 'id="S1"' in body
    assert "Cán bộ nhiệt tình" in page.words
    assert re.search(r'name="S5" value="2"[^>]* checked', body)


def test_more_can_be_added_after_the_thank_you_page(client: FlaskClient, look: Look, code: str) -> None:
    thanked = client.post(code, data={**hidden(client.get(code)), "S1": "2"})
    assert 'name="S1"' not in thanked.get_data(as_text=True)
    more = {**hidden(thanked), "S2": "3", "S7": "late", "S8": "Nên gọi điện báo trước"}
    added = client.post(code, data=more)
    assert added.status_code == 200
    assert 'name="S2"' not in added.get_data(as_text=True)
    (kept,) = look(sa.select(Response.__table__).where(Response.counted))
    assert (kept.overall, kept.r1, kept.other) == (2, 3, {"S7": ["late"]})
    assert look(COMMENTS) == [("Nên gọi điện báo trước",)]
    again = client.post(code, data=more)
    assert receipt_on(check_page(again)) == receipt_on(check_page(added))
    assert [counted for _rating, counted in look(STORED)] == [False, True]


def test_the_time_to_add_is_one_day_and_then_nothing_is_lost(client: FlaskClient, link: str) -> None:
    thanked = client.post(link, data={**hidden(client.get(link)), "S1": "2"})
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(hours=25), tick=True):
        late = client.post(link, data={**hidden(thanked), "S8": "Xin xem lại"})
    assert late.status_code == 422
    assert "Xin xem lại" in check_page(late).words
    assert 'name="S1"' in late.get_data(as_text=True)


def test_the_same_page_sent_twice_shows_the_same_receipt(client: FlaskClient, look: Look, link: str) -> None:
    form = {**hidden(client.get(link)), "S1": "5"}
    first, second = client.post(link, data=form), client.post(link, data=form)
    assert receipt_on(check_page(first)) == receipt_on(check_page(second))
    assert look(STORED) == [(5, True)]


def test_a_later_answer_by_the_same_link_counts(client: FlaskClient, look: Look, link: str) -> None:
    for rating in ("1", "5"):
        client.post(link, data={**hidden(client.get(link)), "S1": rating})
    assert look(STORED) == [(1, False), (5, True)]


def test_no_name_address_or_device_is_kept(client: FlaskClient, look: Look, link: str) -> None:
    agent, address = "CanaryBrowser/7", "203.0.113.77"
    headers = {"User-Agent": agent, "X-Forwarded-For": address}
    form = {**hidden(client.get(link, headers=headers)), "S1": "3", "S8": "Tốt"}
    client.post(link, data=form, headers=headers, environ_base={"REMOTE_ADDR": address})
    token = link.rpartition("/")[2]
    for table in (Response, Comment, Invitation, Case, Staff):
        for row in look(sa.select(table.__table__)):
            assert not any(canary in repr(tuple(row)) for canary in (agent, address, token, form["key"]))


def test_a_demonstration_says_so(client: FlaskClient, session: Session, code: str) -> None:
    assert "Dữ liệu minh họa" not in check_page(client.get(code)).words
    session.execute(sa.text("UPDATE installation SET demo = true"))
    session.commit()
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=30), tick=False):
        forget(survey_of(client.application))
        for path in (code, "/", "/receipt", "/r/nonsense"):
            assert "Dữ liệu minh họa" in check_page(client.get(path)).words


def test_a_third_language_is_data_only(settings: Settings, code: str, tmp_path: Path) -> None:
    """A pseudo-language: every text of the catalogue in brackets, and the survey falls back to Vietnamese."""
    folder = tmp_path / "translations"
    shutil.copytree(ROOT / "translations", folder)
    source = folder / "en" / "LC_MESSAGES" / "messages.po"
    with source.open("rb") as file:
        catalogue = read_po(file, "eo")
    for message in catalogue:
        if message.id and isinstance(message.string, str):
            message.string = f"[{message.string}]"
    target = folder / "eo" / "LC_MESSAGES" / "messages.po"
    target.parent.mkdir(parents=True)
    with target.open("wb") as file:
        write_po(file, catalogue)
    other: Flask = create_app(dataclasses.replace(settings, translations=folder))
    with survey_of(other).database:
        client = other.test_client()
        page = client.get(f"{code}?lang=eo")
        words = check_page(page, "eo").words
        assert "[One tap sends it. You can change it.]" in words
        assert "Nhìn chung" in words
        assert '<button form="answer" name="switch" value="eo"' in client.get(code).get_data(as_text=True)
        thanked = client.post(f"{code}?lang=eo", data={**hidden(page), "S1": "4"})
        assert "[Send this too]" in check_page(thanked, "eo").words


@ONCE
@pytest.mark.parametrize("path", ["/sw.js", "/static/citizen/queue.js"])
def test_a_file_that_the_browser_has_already_is_not_left_open(client: FlaskClient, path: str) -> None:
    first = client.get(path)
    first.close()
    unchanged = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert unchanged.status_code == 304
    assert client.head(path).status_code == 200
    gc.collect()  # a file left open would warn here, and a warning fails the test


@ONCE
@pytest.mark.parametrize("path", ["/sw.js", "/static/citizen/queue.js"])
def test_a_file_is_not_left_open_when_the_visitor_goes_away(client: FlaskClient, path: str) -> None:
    for asked in ({}, {"Range": "bytes=0-9"}):
        begun = client.get(path, headers=asked)
        assert begun.status_code in (200, 206)
        del begun  # nobody reads it to its end, and nobody closes it
        gc.collect()
