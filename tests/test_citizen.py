"""The citizen's page: asked, answered, thanked, in either language, and nothing typed is lost."""

from __future__ import annotations

import gzip
import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from survey.models import Comment, Response
from tests import factories
from tests.pages import check_page

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


@pytest.fixture
def link(session: Session) -> str:
    """The path of an invitation's link."""
    token = factories.invitation(session)
    session.commit()
    return f"/r/{token}"


@pytest.fixture
def code(session: Session) -> str:
    """The path of an open QR code."""
    made = factories.placement(session)
    session.commit()
    return f"/q/{made.code}"


def hidden(response: TestResponse) -> dict[str, Any]:
    return dict(HIDDEN.findall(response.get_data(as_text=True)))


def test_an_invitation_is_answered_with_one_tap_and_thanked_with_a_receipt(
    client: FlaskClient, session: Session, link: str
) -> None:
    asked = client.get(link)
    page = check_page(asked)
    assert "Thủ tục đăng ký khai sinh" in page.words
    thanked = client.post(link, data={**hidden(asked), "S1": "4"})
    assert thanked.status_code == 200
    assert re.search(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){3}", check_page(thanked).words)
    stored = session.scalars(sa.select(Response)).one()
    assert (stored.overall, stored.language, stored.counted) == (4, "vi", True)
