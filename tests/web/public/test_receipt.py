"""A receipt proves that an answer is kept and counted, and never what it was."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from survey.collection import exclusions
from survey.collection.exclusions import Grounds
from survey.models import Channel, ExclusionKind, ExclusionReason, Response
from survey.security.tokens import receipt_code
from tests.support import factories
from tests.support.officials import official
from tests.support.pages import check_page, hidden, receipt_on

NOON = dt.datetime(2026, 10, 5, 5, 0, tzinfo=dt.UTC)


def answer(client: FlaskClient, session: Session, rating: str, comment: str = "") -> str:
    path = f"/r/{factories.invitation(session)}"
    session.commit()
    return receipt_on(check_page(client.post(path, data={**hidden(client.get(path)), "S1": rating, "S8": comment})))


@pytest.mark.parametrize("language", ["vi", "en"])
def test_opposite_answers_have_the_same_page_but_for_the_code(
    client: FlaskClient, session: Session, language: str
) -> None:
    with time_machine.travel(NOON, tick=False):
        codes = [answer(client, session, "1", "Quá tệ"), answer(client, session, "5")]
    pages = [client.get(f"/receipt/{code}?lang={language}") for code in codes]
    words = check_page(pages[0], language).words
    assert {"vi": "05/10/2026", "en": "5 October 2026"}[language] in words
    assert pages[0].data.replace(codes[0].encode(), b"") == pages[1].data.replace(codes[1].encode(), b"")
    assert [len(dict(page.headers)["Content-Length"]) for page in pages]
    assert not re.search(r"\d\d:\d\d", words), "to the day and no closer"


def test_the_code_is_read_as_people_type_it(client: FlaskClient, session: Session) -> None:
    code = answer(client, session, "4")
    typed = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert code in check_page(client.get("/receipt", query_string={"code": typed})).words
    assert code in check_page(client.get(f"/receipt/{typed}")).words


def test_a_replaced_answer_says_that_a_later_one_counts(client: FlaskClient, session: Session, link: str) -> None:
    thanked = [client.post(link, data={**hidden(client.get(link)), "S1": rating}) for rating in ("1", "5")]
    codes = [receipt_on(check_page(page)) for page in thanked]
    replaced, counted = (check_page(client.get(f"/receipt/{code}")).words for code in codes)
    assert "lần trả lời sau cùng được tính" in replaced
    assert "đang được tính" in counted


def test_an_unknown_code_keeps_what_was_typed_and_says_what_to_do(client: FlaskClient) -> None:
    unknown = client.get("/receipt", query_string={"code": "7K2M-9QXA-04TD-W3FH"})
    assert unknown.status_code == 404
    assert 'value="7K2M-9QXA-04TD-W3FH"' in unknown.get_data(as_text=True)
    assert "so lại từng chữ" in check_page(unknown).words


@pytest.mark.parametrize("path", ["/", "/receipt"])
def test_another_code_is_asked_for_on_an_empty_line_unless_the_last_one_was_wrong(
    client: FlaskClient, link: str, path: str
) -> None:
    assert typed_again(client.get(path)) == ""
    thanked = client.post(link, data={**hidden(client.get(link)), "S1": "5"})
    assert typed_again(client.get(f"/receipt/{receipt_on(check_page(thanked))}")) == ""
    assert typed_again(client.get("/receipt/7K2M-wrong")) == "7K2M-wrong"


def typed_again(page: TestResponse) -> str:
    [value] = re.findall(r'<input type="text" id="code" name="code" value="([^"]*)"', page.text)
    return str(value)


def test_an_answer_that_is_left_out_says_so_by_its_receipt(client: FlaskClient, session: Session) -> None:
    receipt = factories.response(session, 5, when=NOON, channel=Channel.OPEN)
    number = session.scalars(sa.select(Response.id).where(Response.receipt == receipt)).one()
    staff = [official(session, login).id for login in ("hanh", "tuan")]
    grounds = Grounds(ExclusionReason.TEST, "Thử trước ngày khai trương")
    proposal = exclusions.propose(session, ExclusionKind.EXCLUDE, [number], grounds, staff[0], NOON)
    session.commit()
    path = f"/receipt/{receipt_code(receipt)}?lang=en"
    assert "counted in the result" in check_page(client.get(path), "en").words
    exclusions.decide(session, proposal.id, True, staff[1], NOON)
    session.commit()
    assert "left out of the count" in check_page(client.get(path), "en").words
