"""Whoever has answered and adds to it: not asked the same again, told what is new, with both receipts at hand."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from survey.models import Response
from tests.support.pages import check_page, hidden, receipt_on
from tests.web.citizen.test_paged_form import PARTS, asked_on, carried, typed

Look = Callable[[sa.Select[Any]], list[Any]]
RATED = {"B01": "4", "B02": "9"}


def answered(client: FlaskClient, link: str) -> TestResponse:
    """Answer the one question, and return the page that thanks."""
    return client.post(link, data={**hidden(client.get(link)), "S1": "2"})


def longer(client: FlaskClient, link: str, thanked: TestResponse) -> TestResponse:
    """Go from the page that thanks to the full form."""
    offer = thanked.text.partition('class="longer"')[2].partition("</form>")[0]
    assert offer and thanked.text.index('class="longer"') < thanked.text.index("<details"), "in view, not folded away"
    sent = dict(re.findall(r'name="(\w+)" value="([^"]*)"', offer))
    return client.post(f"{link}?form=full", data=sent)


def test_the_full_form_does_not_ask_the_one_question_again(client: FlaskClient, look: Look, link: str) -> None:
    page = longer(client, link, answered(client, link))
    said = check_page(page).words
    assert "Phần 1/8" in said and "mức hài lòng chung giữ nguyên" in said
    parts = [asked_on(page)]
    for there in PARTS[2:]:
        page = client.post(f"{link}?form=full", data={**typed(page, RATED), "go": there})
        parts.append(asked_on(page))
    assert not {"B22", "B23"} & set().union(*parts) and len(parts) == 8
    thanked = client.post(f"{link}?form=full", data=carried(page))
    assert "Đã ghi nhận phần bổ sung." in check_page(thanked).words
    (kept,) = look(sa.select(Response.__table__).where(Response.counted))
    assert kept.overall == 2 and 4 in [getattr(kept, f"r{number}") for number in range(1, 25)]


def test_back_to_the_first_part_the_question_that_was_answered_stays_away(client: FlaskClient, link: str) -> None:
    page = longer(client, link, answered(client, link))
    second = client.post(f"{link}?form=full", data={**carried(page), "go": "B1"})
    assert 'name="go" value="A"' in second.text
    first = client.post(f"{link}?form=full", data={**carried(second), "go": "A"})
    assert "Phần 1/8" in first.text and ">Quay lại<" not in first.text


def test_rated_questions_of_the_full_form_are_rows_of_cells_with_one_for_no_opinion(
    client: FlaskClient, link: str
) -> None:
    page = client.post(f"{link}?form=full", data={**carried(client.get(f"{link}?form=full")), "B22": "4", "go": "B1"})
    rows = page.text.count('class="seg six"')
    assert rows >= 4 and page.text.count('class="none"') == rows and "– Không có ý kiến" in page.text
    assert page.text.count('role="radiogroup"') == rows == len({name for name in asked_on(page) if name[0] == "B"})


def test_what_was_added_is_thanked_for_by_itself_and_its_code_said_to_be_new(client: FlaskClient, link: str) -> None:
    thanked = answered(client, link)
    first = receipt_on(check_page(thanked))
    assert "Đây là mã mới" not in thanked.text
    more = client.post(link, data={**hidden(thanked), "S8": "Chờ lâu"})
    page = check_page(more)
    for words in ("Đã ghi nhận phần bổ sung.", "Đây là mã mới", "Mã trước vẫn dùng được"):
        assert words in page.words
    second = receipt_on(page)
    assert first != second
    assert "lần trả lời sau" in client.get(f"/receipt/{first}").text
    assert "được tính vào kết quả" in client.get(f"/receipt/{second}").text


@pytest.mark.parametrize("language", ["vi", "en"])
def test_what_is_agreed_to_is_one_short_paragraph_and_when_it_is_erased_another(
    client: FlaskClient, link: str, language: str
) -> None:
    thanked = answered(client, link)
    more = client.post(f"{link}?lang={language}", data={**hidden(thanked), "lang": language, "S8": "Chờ lâu"}).text
    consent = re.search(r'id="consent"[^>]*> <span>([^<]*)</span>', more)
    erasure = re.search(r'<p class="hint" id="erasure">([^<]*)</p>', more)
    assert consent and erasure and 'aria-describedby="erasure"' in more
    assert len(consent[1]) < 180 and len(erasure[1]) < 240 and "30" in erasure[1] and "30" not in consent[1]
