"""The page for paper and telephone answers: who may use it, and one sheet after the other."""

from __future__ import annotations

import html
import re

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.models import Channel, Respondent, Response, Role
from tests.support.officials import official, sign_in
from tests.support.pages import check_page


def fields(page: str) -> dict[str, str]:
    """Return the hidden fields of the form for a sheet."""
    form = page[page.index('class="sheet-entry"') :]
    hidden = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form)
    return {name: html.unescape(value) for name, value in hidden}


def stored(session: Session) -> list[tuple[Channel, int, Respondent | None, bool]]:
    session.expire_all()
    columns = (Response.channel, Response.overall, Response.respondent, Response.counted)
    rows = [tuple(row) for row in session.execute(sa.select(*columns).order_by(Response.id))]
    session.rollback()
    return rows


@pytest.fixture
def enterer(client: FlaskClient, session: Session) -> FlaskClient:
    """Signed in as the manager of a commune."""
    official(session, agency="H61.50", role=Role.MANAGER)
    session.commit()
    sign_in(client)
    return client


def test_one_sheet_after_the_other_and_the_last_one_back(enterer: FlaskClient, session: Session) -> None:
    page = enterer.get("/staff/sheets?channel=telephone&respondent=business&procedure=1.001193")
    outline = check_page(page)
    assert "Phiếu giấy và trả lời qua điện thoại" in outline.words
    sent = fields(page.text) | {"S1": "2"}
    assert (sent["channel"], sent["respondent"], sent["procedure"]) == ("telephone", "business", "1.001193")
    missing = enterer.post("/staff/sheets", data=sent | {"S1": ""})
    assert missing.status_code == 422
    check_page(missing)
    first = enterer.post("/staff/sheets", data=sent)
    assert first.status_code == 303
    again = enterer.post("/staff/sheets", data=sent)
    assert again.status_code == 303
    assert stored(session) == [(Channel.TELEPHONE, 2, Respondent.BUSINESS, True)], "a double click is one sheet"
    done = enterer.get(first.location)
    assert "Đã lưu. Mã xác nhận:" in check_page(done).words
    following = fields(done.text)
    assert following["key"] != sent["key"] and following["channel"] == "telephone"
    saved = re.search(r'name="saved" value="([^"]+)"', done.text)
    assert saved is not None
    undone = enterer.post("/staff/sheets/undo", data=following | {"saved": saved[1]})
    assert undone.status_code == 303
    assert "không được tính" in enterer.get(undone.location).text
    assert stored(session) == [(Channel.TELEPHONE, 2, Respondent.BUSINESS, False)]
    twice = enterer.post("/staff/sheets/undo", data=following | {"saved": saved[1]})
    assert twice.status_code == 409
    check_page(twice)


def test_a_day_that_cannot_be_gives_the_sheet_back_as_it_was(enterer: FlaskClient, session: Session) -> None:
    sent = fields(enterer.get("/staff/sheets").text) | {"S1": "4", "day": "2099-01-01"}
    refused = enterer.post("/staff/sheets", data=sent)
    assert refused.status_code == 409
    assert re.search(r'name="S1" value="4" checked', refused.text)
    assert 'value="2099-01-01"' in refused.text
    assert enterer.post("/staff/sheets", data=sent | {"day": "hôm qua"}).status_code == 409
    assert stored(session) == []


def test_nobody_puts_in_sheets_of_another_unit_or_without_the_role(enterer: FlaskClient, session: Session) -> None:
    sent = fields(enterer.get("/staff/sheets").text) | {"S1": "5", "agency": "H61.51"}
    assert enterer.post("/staff/sheets", data=sent).status_code == 404
    assert "H61.51" not in enterer.get("/staff/sheets").text
    assert enterer.get("/staff/sheets?saved=Ha-ha.1").text.count("Ha-ha") == 0, "nothing is said that is not ours"
    assert stored(session) == []
