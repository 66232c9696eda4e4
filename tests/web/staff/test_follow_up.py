"""The pages on which comments are followed up: one at a time or many at once, each agency its own, nothing lost."""

from __future__ import annotations

import csv
import datetime as dt
import html
import io
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from survey.delivery import replies
from survey.delivery.contact import Contact
from survey.delivery.replies import Agreed
from survey.models import AddressKind, Delivery, FollowUp, FollowUpStatus, FollowUpStep, MessageKind, MovedDay, Role
from survey.periods import parse
from survey.results import closing
from survey.settings import Settings
from tests.support import factories
from tests.support.figures import STANDARD
from tests.support.officials import found, official, send, sign_in, token_on
from tests.support.pages import check_page

NOON = dt.datetime(2026, 10, 14, 5, tzinfo=dt.UTC)
READ = dt.datetime(2026, 11, 20, 5, tzinfo=dt.UTC)
LIST = "/staff/comments?period=2026-10"
LINK = re.compile(r'href="(/staff/comments/[\w-]+/follow-up[^"]*)"')
PICKED = re.compile(r'name="comment" value="([\w-]+)"')


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """What is followed up is tried on few comments; what is not shown of few, in tests/rules/test_disclosure.py."""
    return replace(settings, fewest_shown=1)


@pytest.fixture
def written(session: Session) -> Iterator[None]:
    """Two comments for each of two communes, of a closed month, read in the last third of November."""
    for agency in ("H61.50", "H61.51"):
        for number in (1, 2):
            factories.response(session, number, agency, when=NOON, comments={"S8": f"Chờ lâu {agency} {number}"})
    closing.close(session, parse("2026-10"), READ, STANDARD)
    with time_machine.travel(READ, tick=True):
        yield


def links(client: FlaskClient, more: str = "") -> list[str]:
    return [html.unescape(link) for link in LINK.findall(client.get(LIST + more).text)]


def choose(client: FlaskClient, **fields: str) -> TestResponse:
    """Choose every comment of the page, and send the form for all."""
    picked = PICKED.findall(client.get(LIST).text)
    data = MultiDict([("csrf_token", token_on(client, LIST)), *fields.items(), *(("comment", one) for one in picked)])
    return client.post(LIST, data=data)


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_pages_are_whole_and_what_is_overdue_stands_out(
    client: FlaskClient, session: Session, language: str
) -> None:
    official(session, role=Role.MANAGER)
    sign_in(client)
    page = client.get(f"{LIST}&lang={language}")
    check_page(page, language)
    assert page.text.count('class="status late"') == 4 and "status=late" in page.text
    [one, *_] = links(client, f"&lang={language}")
    check_page(client.get(f"{one}&lang={language}"), language)
    check_page(client.get(f"/staff/working-days?lang={language}"), language)
    assert len(links(client, "&status=late")) == 4 and not links(client, "&status=done")


@pytest.mark.usefixtures("written")
def test_a_unit_follows_up_its_own_comments_and_finds_no_others(client: FlaskClient, session: Session) -> None:
    mine = official(session, "xa", "H61.50", Role.MANAGER)
    official(session, "tinh", "H61", Role.MANAGER)
    province = client.application.test_client()
    sign_in(province, "tinh")
    every = links(province)
    sign_in(client, "xa")
    assert len(links(client)) == 2 and len(every) == 4
    answers = [client.get(link.replace("agency=H61&", "")) for link in every]
    assert sorted(one.status_code for one in answers) == [200, 200, 404, 404]
    assert not [one for one in answers if "H61.51" in one.text]
    foreign = next(link for link, one in zip(every, answers, strict=True) if one.status_code == 404)
    fields = {"status": "done", "owner": "", "due": "", "answer": "", "note": "", "turn": "0"}
    assert send(client, foreign.replace("agency=H61&", ""), **fields).status_code == 404
    assert choose(client, status="in_hand", owner=str(mine.id)).status_code == 303
    assert found(session, sa.select(FollowUp.status)) == [FollowUpStatus.IN_HAND] * 2
    assert client.get("/staff/comments/AAAA/follow-up").status_code == 404


@pytest.mark.usefixtures("written")
def test_who_only_reads_is_offered_no_form(client: FlaskClient, session: Session) -> None:
    official(session, role=Role.AUDITOR)
    sign_in(client)
    page = client.get(LIST).text
    assert 'id="bulk"' not in page and 'name="comment"' not in page
    assert 'name="answer"' not in client.get(links(client)[0]).text


@pytest.mark.usefixtures("written")
def test_what_is_wrong_is_marked_and_nothing_that_was_typed_is_lost(client: FlaskClient, session: Session) -> None:
    official(session, role=Role.MANAGER)
    sign_in(client)
    [one, *_] = links(client)
    typed = {"status": "in_hand", "owner": "", "due": "2026-11-24", "note": "Bà gọi 0987612345", "turn": "0"}
    refused = send(client, one, page=one, **typed, answer="Đã thêm quầy <b>")
    page = check_page(refused)
    assert refused.status_code == 422 and page.title.startswith("Lỗi:")
    for words in ("2026-11-24", "Bà gọi 0987612345", "Đã thêm quầy &lt;b&gt;", "[số điện thoại]"):
        assert words in refused.text
    assert refused.text.count('class="fault" id=') == 3 and refused.text.count('aria-invalid="true"') == 3
    many = choose(client, status="in_hand", due="2026-11-24", note="ghi chú cũ")
    check_page(many)
    assert many.status_code == 422 and "ghi chú cũ" in many.text
    assert not found(session, sa.select(FollowUp.status))
    assert send(client, LIST, page=LIST, status="done").status_code == 422, "without a choice there is nothing to do"


@pytest.mark.usefixtures("written")
def test_who_comes_second_sees_what_the_first_one_did_and_keeps_what_was_typed(
    client: FlaskClient, session: Session
) -> None:
    official(session, role=Role.MANAGER)
    sign_in(client)
    [one, *_] = links(client)
    fields = {"status": "done", "owner": "", "due": "", "note": "", "turn": "0"}
    assert send(client, one, page=one, **fields, answer="Đã làm xong").status_code == 303
    second = send(client, one, page=one, **fields, answer="Câu trả lời khác")
    assert second.status_code == 409 and "Câu trả lời khác" in second.text and "Đã làm xong" in second.text
    check_page(second)
    assert found(session, sa.select(FollowUpStep.turn)) == [1]
    assert send(client, one, page=one, **{**fields, "turn": "1"}, answer="Câu trả lời khác").status_code == 303
    page = client.get(f"{one}&saved=1")
    check_page(page)
    assert page.text.count("<li>") >= 2 and "Câu trả lời khác" in page.text


@pytest.mark.usefixtures("written")
def test_the_file_of_comments_says_how_each_stands(client: FlaskClient, session: Session) -> None:
    mine = official(session, role=Role.MANAGER)
    sign_in(client)
    assert choose(client, status="in_hand", owner=str(mine.id), due="2026-11-23").status_code == 303
    fields = {"period": "2026-10", "basis": "calendar", "agency": "H61", "format": "csv"}
    table = send(client, "/staff/comments/file", **fields).data.decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(table)))
    assert {(line["Trạng thái"], line["Người phụ trách"], line["Hạn trả lời"]) for line in lines} == {
        ("Đang xử lý", "Nguyễn Thị Hạnh", "2026-11-23")
    }


def test_the_province_keeps_the_working_days_and_a_unit_only_reads_them(client: FlaskClient, session: Session) -> None:
    official(session, role=Role.MANAGER)
    official(session, "xa", "H61.51", Role.MANAGER)
    sign_in(client)
    path, day = "/staff/working-days", {"day": "2026-12-05", "works": "yes", "reason": "Thông báo số 9"}
    refused = send(client, path, page=path, **day | {"reason": ""})
    check_page(refused)
    assert refused.status_code == 422 and "2026-12-05" in refused.text and not found(session, sa.select(MovedDay))
    assert send(client, path, page=path, **day).status_code == 303
    check_page(client.get(f"{path}?saved=1"))
    other = client.application.test_client()
    sign_in(other, "xa")
    page = other.get(path)
    check_page(page)
    assert (
        "05/12/2026" in page.text and "Thông báo số 9" in page.text and "<input" not in page.text.partition("<main")[2]
    )
    assert send(other, path, **day).status_code == 403


@pytest.mark.usefixtures("written")
def test_the_answer_is_sent_on_request_to_whoever_left_an_address_and_only_with_an_answer(
    client: FlaskClient, session: Session
) -> None:
    receipt = factories.response(session, 1, "H61.50", when=NOON, comments={"S8": "Xin trả lời giúp"})
    replies.leave(
        session, factories.SECRET, receipt, Contact(AddressKind.EMAIL, "canary@example.vn"), Agreed("vi", 30), NOON
    )
    session.commit()
    official(session, role=Role.MANAGER)
    sign_in(client)
    [one] = links(client, "&status=asks")
    page = client.get(one)
    check_page(page)
    assert 'name="reply"' in page.text and "27/10/2026" in page.text and "canary" not in page.text
    fields = {"owner": "", "due": "", "note": "", "turn": "0", "reply": "yes"}
    early = send(client, one, page=one, **fields, status="in_hand", answer="Đã thêm một quầy.")
    check_page(early)
    assert early.status_code == 422 and 'id="reply-fault"' in early.text and "Đã thêm một quầy." in early.text
    sent = send(client, one, page=one, **fields, status="done", answer="Đã thêm một quầy.")
    assert sent.status_code == 303
    after = client.get(sent.location)
    check_page(after)
    assert "đã được chuyển đi" in after.text and 'name="reply"' not in after.text
    assert found(session, sa.select(Delivery.kind)) == [MessageKind.REPLY]
    again = send(client, one, page=one, **{**fields, "turn": "2"}, status="done", answer="Đã thêm một quầy.")
    assert again.status_code == 422 and "Không còn địa chỉ" in check_page(again).words


@pytest.mark.usefixtures("written")
def test_of_two_officials_who_send_an_answer_at_once_one_does(app: Flask, session: Session) -> None:
    receipt = factories.response(session, 1, "H61.50", when=NOON, comments={"S8": "Xin trả lời giúp"})
    replies.leave(
        session, factories.SECRET, receipt, Contact(AddressKind.EMAIL, "canary@example.vn"), Agreed("vi", 30), NOON
    )
    session.commit()
    clients = []
    for login in ("hanh", "mai"):
        official(session, login, role=Role.MANAGER)
        clients.append(app.test_client())
        sign_in(clients[-1], login)
    fields = {"owner": "", "due": "", "note": "", "turn": "0", "reply": "yes", "status": "done", "answer": "Đã thêm."}

    def answer(client: FlaskClient) -> int:
        [one] = links(client, "&status=asks")
        here.wait()
        return send(client, one, page=one, **fields).status_code

    here = threading.Barrier(2)
    with ThreadPoolExecutor(2) as both:
        statuses = sorted(both.map(answer, clients))
    assert statuses[0] == 303 and statuses[1] in (409, 422)
    assert found(session, sa.select(Delivery.kind)) == [MessageKind.REPLY]


@pytest.mark.usefixtures("written")
def test_whoever_looks_at_a_comment_that_nobody_has_is_chosen_beforehand(session: Session, client: FlaskClient) -> None:
    me = official(session, "xa", "H61.50", Role.MANAGER).id
    other = official(session, "khac", "H61.50", Role.MANAGER).id
    sign_in(client, "xa")
    path = links(client)[0]
    assert f'<option value="{me}" selected>' in client.get(path).text
    turn = {"turn": "0", "status": "in_hand", "due": "", "answer": "", "note": ""}
    taken = send(client, path, **turn, owner=str(other))
    assert "saved=1" in taken.headers["Location"]
    assert f'<option value="{other}" selected>' in client.get(path).text, "who has it stays chosen"
    again = send(client, path, **turn | {"turn": "1"}, owner=str(other))
    assert "Không có gì thay đổi" in client.get(again.headers["Location"]).text
