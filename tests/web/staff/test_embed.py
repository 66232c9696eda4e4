"""The embed kit: code that a portal copies works as it stands, leads to the survey, and says where it was asked."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.models import Agency, Response
from tests.support import factories
from tests.support.officials import official, sign_in
from tests.support.pages import check_page, hidden, receipt_on

CODE = re.compile(r'<textarea class="copy" id="([\w-]+)"[^>]*>\n(.*?)</textarea>', re.S)
Look = Callable[[sa.Select[Any]], list[Any]]


@pytest.fixture
def kit(session: Session, client: FlaskClient) -> dict[str, str]:
    """The code that the page offers, by its name."""
    session.execute(sa.update(Agency).where(Agency.code == "H61").values(name={"vi": "Tỉnh <Vĩnh> & Long", "en": "P"}))
    factories.placement(session)
    official(session)
    sign_in(client)
    page = client.get("/staff/embed")
    check_page(page)
    return {name: html.unescape(code) for name, code in CODE.findall(page.get_data(as_text=True))}


def test_there_is_a_button_and_a_link_for_every_end_point_in_every_language(kit: dict[str, str]) -> None:
    ways = {
        f"{kind}-{end}-{lang}"
        for kind in ("button", "link")
        for end in ("done", "refused", "given_up")
        for lang in ("vi", "en")
    }
    assert set(kit) == ways | {"style-code"}
    for name in ways:
        assert not re.search(r"<script|<iframe|style=|\son\w+=", kit[name])
        assert "Tỉnh <Vĩnh>" not in kit[name]
    assert "Rate the service you have just used" in kit["button-done-en"]
    assert "Tỉnh &lt;Vĩnh&gt; &amp; Long. Khoảng 1 phút" in kit["button-done-vi"]


@pytest.mark.parametrize(
    ("name", "language", "end"), [("link-refused-vi", "vi", "refused"), ("button-given_up-en", "en", "given_up")]
)
def test_what_is_copied_leads_to_the_survey_and_its_end_point_is_kept(
    kit: dict[str, str], client: FlaskClient, look: Look, name: str, language: str, end: str
) -> None:
    address = urlsplit(html.unescape(re.findall(r'href="([^"]+)"', kit[name])[0]))
    asked = client.get(f"{address.path}?{address.query}")
    check_page(asked, language)
    switched = client.post(f"{address.path}?lang=vi", data={**hidden(asked), "S1": "2", "switch": "vi"})
    receipt_on(check_page(client.post(address.path, data={**hidden(switched), "S1": "2"})))
    assert look(sa.select(Response.overall, Response.other)) == [(2, {"end": end})]


@pytest.mark.parametrize("nonsense", ["", "x" * 500, "<b>", "DONE", "S1"])
def test_an_unknown_end_point_is_not_kept(client: FlaskClient, look: Look, code: str, nonsense: str) -> None:
    asked = client.get(code, query_string={"end": nonsense})
    receipt_on(check_page(client.post(code, data={**hidden(asked), "S1": "4"})))
    assert look(sa.select(Response.other)) == [(None,)]


def test_the_first_tap_is_still_offered_more_questions(client: FlaskClient, code: str) -> None:
    asked = client.get(f"{code}?end=done")
    thanked = client.post(f"{code}?end=done", data={**hidden(asked), "S1": "4"})
    assert 'name="S2"' in thanked.get_data(as_text=True)


def test_without_a_placement_the_page_says_what_to_do(session: Session, client: FlaskClient) -> None:
    official(session, agency="H61.51")
    factories.placement(session, "H61.50")
    session.commit()
    sign_in(client)
    assert "Chưa có mã QR" in check_page(client.get("/staff/embed")).words
    assert client.get("/staff/embed?placement=TESTQR").status_code == 404
