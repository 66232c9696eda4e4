"""The full form: one part to a page, forth and back, in either language; nothing lost, nothing stored too early."""

from __future__ import annotations

import copy
import datetime as dt
import html
import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from survey import questionnaires
from survey.models import Comment, Placement, Response
from survey.web.current_survey import forget
from survey.web.survey import survey_of
from tests.support.pages import check_page, hidden, receipt_on

HARD_BYTES = 14_600
PARTS = ("G", "A", "B1", "B2", "B3", "B4", "B5", "C", "D")
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
NAMED = re.compile(r'<(?:input type="(?:radio|checkbox)"|textarea)[^>]* name="(\w+)"')
EVERYTHING: dict[str, Any] = {
    "B22": "3",
    "B23": ["login", "other"],
    "A1": "citizen",
    "A2": "officer",
    "A3": "mot_phan",
    "A4": "3",
    "A5": "late",
    **{f"B{number:02}": str(number % 5 + 1) for number in range(1, 22)},
    "B19": "9",
    "C1": "0",
    "C2": "1",
    "A6": "helped",
    "C3": "1",
    "C3a": "officer",
    **{f"C4{row}": "4" for row in "abcdefgh"},
    "C5": "Nên gọi điện “báo trước”\nrồi hãy <b>hẹn</b> & trả",
    "D1": "no_answer",
    "D2": "60+",
    "D3": "other",
    "D4": "home",
}
Look = Callable[[sa.Select[Any]], list[Any]]


def carried(page: TestResponse) -> dict[str, list[str]]:
    """Return all that the page's form carries unseen."""
    found: dict[str, list[str]] = {}
    for name, value in HIDDEN.findall(page.get_data(as_text=True)):
        found.setdefault(name, []).append(html.unescape(value))
    return found


def asked_on(page: TestResponse) -> set[str]:
    """Return the names of the questions that stand on the page."""
    return set(NAMED.findall(page.get_data(as_text=True)))


def typed(page: TestResponse, answers: dict[str, Any]) -> dict[str, Any]:
    """Return what a person sends who fills in this page."""
    return {**carried(page), **{name: answers[name] for name in asked_on(page) if name in answers}}


def walk(client: FlaskClient, path: str, answers: dict[str, Any]) -> TestResponse:
    """Fill in every part and return the last one, not yet sent."""
    page = client.get(path)
    for there in PARTS[1:]:
        page = client.post(path, data={**typed(page, answers), "go": there})
        assert page.status_code == 200
    return page


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_answer_of_all_parts_is_stored_once(client: FlaskClient, look: Look, link: str, language: str) -> None:
    path = f"{link}?form=full&lang={language}"
    last = walk(client, path, EVERYTHING)
    assert look(sa.select(Response.id)) == []
    thanked = client.post(path, data=typed(last, EVERYTHING))
    receipt_on(check_page(thanked, language))
    (kept,) = look(sa.select(Response.__table__))
    sheet = next(s for s in all_sheets(client) if s.id == kept.questionnaire_id)
    assert (sheet.code, kept.overall, kept.language, kept.counted) == ("full_sipas_online", 3, language, True)
    for question in sheet.questions:
        if question.slot:
            assert getattr(kept, question.slot) == int(EVERYTHING[question.id]), question.id
    assert kept.other["B23"] == ["login", "other"]
    assert kept.other["C4"] == {f"C4{row}": "4" for row in "abcdefgh"}
    assert {name: kept.other[name] for name in ("A2", "A6", "C3", "C3a", "D2")} == {
        name: EVERYTHING[name] for name in ("A2", "A6", "C3", "C3a", "D2")
    }
    assert look(sa.select(Comment.question, Comment.text)) == [("C5", EVERYTHING["C5"])]


def all_sheets(client: FlaskClient) -> list[questionnaires.Questionnaire]:
    with survey_of(client.application).database.session(writes=False) as opened:
        return list(questionnaires.all_asked_now(opened).values())


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_part_obeys_the_rules_of_pages_and_arrives_in_the_first_flight(
    client: FlaskClient, link: str, language: str
) -> None:
    path = f"{link}?form=full&lang={language}"
    answers = {**EVERYTHING, "C5": ("Đây là một câu góp ý rất dài, viết bằng tiếng Việt có dấu. " * 40)[:2000]}
    headers = {"Accept-Encoding": "gzip"}
    page, packed = client.get(path), client.get(path, headers=headers)
    seen = []
    for there in (*PARTS[1:], ""):
        assert check_page(page, language).headings[0] == 1
        seen.append(len(packed.data) + sum(len(name) + len(value) + 4 for name, value in packed.headers) + 100)
        if there:
            turn = {**typed(page, answers), "go": there}
            page, packed = client.post(path, data=turn), client.post(path, data=turn, headers=headers)
    assert len(set(seen)) >= len(PARTS) - 2, "each part was measured"
    assert max(seen) <= HARD_BYTES


def test_pages_turn_back_and_the_language_changes_without_losing_anything(
    client: FlaskClient, look: Look, code: str
) -> None:
    path = f"{code}?form=full&end=refused"
    last = walk(client, path, EVERYTHING)
    back = client.post(path, data={**typed(last, EVERYTHING), "go": "C"})
    assert html.escape(EVERYTHING["C5"], quote=False).replace("“", "“") in back.get_data(as_text=True).replace(
        "&#34;", '"'
    )
    switched = client.post(f"{code}?lang=en", data={**typed(back, EVERYTHING), "switch": "en"})
    check_page(switched, "en")
    assert re.search(r'name="C3" value="1"[^>]* checked', switched.get_data(as_text=True))
    first = client.post(path, data={**typed(switched, EVERYTHING), "go": "G"})
    assert re.search(r'name="B22" value="3"[^>]* checked', first.get_data(as_text=True))
    assert carried(first)["D2"] == ["60+"]
    assert look(sa.select(Response.id)) == []
    thanked = client.post(path, data=typed(first, EVERYTHING))
    receipt_on(check_page(thanked, "en"))
    (kept,) = look(sa.select(Response.overall, Response.other))
    assert kept.overall == 3
    assert (kept.other["D2"], kept.other["end"], kept.other["B23"]) == ("60+", "refused", ["login", "other"])


def test_the_one_required_question_brings_back_to_its_page_with_everything_kept(
    client: FlaskClient, look: Look, code: str
) -> None:
    path = f"{code}?form=full"
    kept_here = client.post(path, data={**typed(client.get(path), {}), "go": "A"})
    assert kept_here.status_code == 422
    assert 'href="#B22"' in kept_here.get_data(as_text=True)
    forced = {**carried(client.get(path)), "step": "D", "C5": "Xin giữ lại", "D1": "male", "B01": "4"}
    refused = client.post(path, data=forced)
    assert refused.status_code == 422
    assert check_page(refused).title.strip().startswith("Lỗi: Đánh giá chung (1/9)")
    assert {name: carried(refused)[name] for name in ("C5", "D1", "B01")} == {
        "C5": ["Xin giữ lại"],
        "D1": ["male"],
        "B01": ["4"],
    }
    thanked = client.post(path, data={**carried(refused), "B22": "5"})
    receipt_on(check_page(thanked))
    assert look(sa.select(Comment.text)) == [("Xin giữ lại",)]


def test_who_is_satisfied_is_not_asked_what_was_wrong_and_an_answer_is_kept_all_the_same(
    client: FlaskClient, code: str
) -> None:
    path = f"{code}?form=full"
    first = client.get(path)
    assert 'data-if=\'["any", ["B22"], "\\u003c=", "3"]\'' in first.get_data(as_text=True)
    page = client.post(path, data={**carried(first), "B22": "5", "B23": "late", "go": "A"})
    assert carried(page)["B23"] == ["late"]


def test_a_later_part_leaves_out_what_earlier_answers_make_needless(
    client: FlaskClient, session: Session, code: str
) -> None:
    document = copy.deepcopy(questionnaires.named(session, "full_sipas_online").document)
    document["version"] = "1.1"
    document["sections"][1]["items"][0]["show_if"] = "B22 <= 2"
    questionnaires.publish(session, document, dt.datetime(2026, 2, 1, tzinfo=dt.UTC))
    session.commit()
    path = f"{code}?form=full"
    for rating, needed in (("5", False), ("2", True)):
        page = client.post(path, data={**typed(client.get(path), {"B22": rating}), "go": "A"})
        assert ("A1" in asked_on(page)) is needed
        assert "A2" in asked_on(page)
    page = client.post(path, data={**typed(client.get(path), {"B22": "5"}), "A1": "business", "go": "A"})
    assert "A1" in asked_on(page), "what was answered all the same is shown"


def test_the_full_form_can_be_sent_before_its_end(client: FlaskClient, look: Look, link: str) -> None:
    path = f"{link}?form=full"
    second = client.post(path, data={**typed(client.get(path), {"B22": "5"}), "go": "A"})
    assert "Gửi ngay" in check_page(second).words
    receipt_on(check_page(client.post(path, data=typed(second, {"A2": "self"}))))
    assert look(sa.select(Response.overall, Response.other)) == [(5, {"A2": "self"})]


def test_a_placement_says_which_form_it_asks(client: FlaskClient, session: Session, code: str) -> None:
    session.execute(sa.update(Placement).values(questionnaire="full_sipas_online"))
    session.commit()
    assert 'name="B22"' in client.get(code).get_data(as_text=True)
    assert 'name="S1"' in client.get(f"{code}?form=short").get_data(as_text=True)


def test_the_longer_form_replaces_the_short_answer_and_counts_once(client: FlaskClient, look: Look, code: str) -> None:
    thanked = client.post(code, data={**hidden(client.get(code)), "S1": "2", "S2": "1", "S3": "1", "S8": "Chậm"})
    assert "Trả lời phiếu đầy đủ" in check_page(thanked).words
    path = f"{code}?form=full"
    offered = client.post(path, data={**hidden(thanked), "go": "G"})
    check_page(offered)
    sent = client.post(path, data=typed(offered, {}) | {"B01": "5", "A2": "self"})
    receipt_on(check_page(sent))
    before, after = look(sa.select(Response.__table__).order_by(Response.id))
    assert (before.counted, after.counted, after.supersedes_id) == (False, True, before.id)
    assert (after.overall, after.r1, after.r2, after.other) == (2, 5, None, {"A2": "self"})
    assert look(sa.select(Comment.response_id, Comment.text)) == [(before.id, "Chậm")], (
        "and what was written is kept once"
    )


def test_what_was_asked_is_what_is_read_though_a_new_version_is_out(
    client: FlaskClient, session: Session, look: Look, code: str
) -> None:
    asked = client.get(code)
    old = questionnaires.named(session, "short_online")
    document = {**old.document, "version": "1.1", "items": [old.document["items"][0], *old.document["items"][2:]]}
    questionnaires.publish(session, document, old.published_at)  # type: ignore[arg-type]
    old_id = old.id
    session.commit()
    forget(survey_of(client.application))
    assert 'name="S2"' not in client.get(code).get_data(as_text=True)
    client.post(code, data={**hidden(asked), "S1": "4", "S2": "1", "S3": "5"})
    (kept,) = look(sa.select(Response.__table__))
    assert (kept.questionnaire_id, kept.r1, kept.r2) == (old_id, 1, 5)
