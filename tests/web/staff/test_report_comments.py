"""The page on which comments are chosen for a report: ticked, saved in their order, only shown when closed."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.models import ReportComment, Role
from survey.periods import parse
from survey.results import closing
from tests.support import factories
from tests.support.figures import STANDARD
from tests.support.officials import official, sign_in, token_on
from tests.support.pages import check_page

PAGE = "/staff/report-comments?period=2026-10"
NOON = dt.datetime(2026, 10, 5, 5, tzinfo=dt.UTC)
LATER = dt.datetime(2026, 11, 20, 5, tzinfo=dt.UTC)
TICK = re.compile(r'name="comment" value="([^"]+)"( checked)?[^>]*aria-label="[^"]*Ý (\d+)')


@pytest.fixture
def chooser(client: FlaskClient, session: Session) -> FlaskClient:
    for number in range(12):
        factories.response(session, 2, when=NOON, comments={"S8": f"Ý {number} của <b>tôi</b>"})
    official(session, "tinh", "H61", Role.MANAGER)
    sign_in(client, "tinh")
    return client


def ticks(client: FlaskClient, page: str = PAGE) -> dict[str, tuple[str, bool]]:
    return {number: (value, bool(checked)) for value, checked, number in TICK.findall(client.get(page).text)}


def save(client: FlaskClient, chosen: list[str]) -> int:
    offered = ticks(client)
    form = {"csrf_token": token_on(client, PAGE), "comment": [offered[number][0] for number in chosen]}
    return client.post(PAGE, data=form).status_code


def test_what_is_ticked_is_chosen_in_its_order(chooser: FlaskClient) -> None:
    assert "Chưa chọn góp ý nào" in check_page(chooser.get(PAGE)).words
    assert len(ticks(chooser)) == 12 and save(chooser, ["7", "3", "11"]) == 303
    words = check_page(chooser.get(PAGE)).words
    assert "Đã chọn cho báo cáo (3/5)" in words and words.index("Ý 7") < words.index("Ý 3") < words.index("Ý 11")
    assert "<b>tôi</b>" in words, "escaped"
    assert [number for number, (_, ticked) in ticks(chooser).items() if ticked] == ["7", "3", "11"]


def test_a_sixth_is_refused_with_words(chooser: FlaskClient, session: Session) -> None:
    assert save(chooser, ["0", "1", "2", "3", "4", "5"]) == 422
    assert session.scalar(sa.select(sa.func.count()).select_from(ReportComment)) == 0


def test_after_closing_it_is_only_shown(chooser: FlaskClient, session: Session) -> None:
    assert save(chooser, ["7", "3"]) == 303
    closing.close(session, parse("2026-10"), LATER, STANDARD)
    session.commit()
    page = chooser.get(PAGE)
    words = check_page(page).words
    assert "Ý 7" in words and "Ý 11" not in words and 'name="comment"' not in page.text


def test_a_search_finds_what_to_choose(chooser: FlaskClient) -> None:
    assert list(ticks(chooser, f"{PAGE}&q=11")) == ["11"]


def test_a_viewer_sees_and_another_unit_does_not(chooser: FlaskClient, session: Session) -> None:
    assert save(chooser, ["7"]) == 303
    official(session, "xem", "H61", Role.VIEWER)
    official(session, "khac", "H61.51", Role.MANAGER)
    sign_in(chooser, "xem")
    page = chooser.get(PAGE)
    assert "Ý 7" in page.text and 'name="comment"' not in page.text
    form = {"csrf_token": token_on(chooser, "/staff/account")}
    assert chooser.post(PAGE, data=form).status_code == 403
    sign_in(chooser, "khac")
    assert "Ý 7" not in chooser.get(PAGE).text
    assert chooser.get(f"{PAGE}&agency=H61").status_code == 404
