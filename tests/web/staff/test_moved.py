"""What somebody kept the address of is found, though the page has another one since."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.web.staff import moved
from tests.support.officials import official, sign_in


@pytest.fixture
def engine_name() -> str:
    """An address asks no database: one is enough to have an application."""
    return "sqlite"


def test_an_address_of_an_earlier_version_leads_to_the_page_with_all_that_was_asked_for(
    app: Flask, client: FlaskClient, session: Session
) -> None:
    assert client.get("/staff/quality").status_code == 302, "sign in first"
    official(session, "lan")
    session.commit()
    sign_in(client, "lan")
    for before in moved.PAGES:
        answer = client.get(f"/staff/{before}?agency=H61.50&period=2026-10&_scheme=evil")
        assert answer.status_code == 301
        path, _, query = answer.headers["Location"].partition("?")
        assert query == "agency=H61.50&period=2026-10&_scheme=evil"
        assert path == app.test_client().get(path).request.path and client.get(path).status_code == 200
