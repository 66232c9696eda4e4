"""The running month as a commune sees it: every page says why it shows so little, and until when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.models import Role
from tests.support import factories
from tests.support.officials import official, sign_in

NOVEMBER = dt.datetime(2026, 11, 20, 5, tzinfo=dt.UTC)
WHY = "While the period is open, the figures of an agency are shown to itself by batches"
# Sentences: what is withheld is tried in tests/results on both.
pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
PAGES = ("/staff/", "/staff/reasons", "/staff/comments", "/staff/response-quality")


@pytest.fixture
def commune(session: Session, client: FlaskClient) -> Iterator[FlaskClient]:
    """A manager of a commune whose month is running, with forty dissatisfied people who say why."""
    with time_machine.travel(NOVEMBER, tick=False):
        for _ in range(40):
            factories.response(session, 2, when=NOVEMBER, ratings={"r1": 2}, other={"S7": ["delay"]})
        official(session, "xa", "H61.50", Role.MANAGER)
        official(session, "tinh")
        sign_in(client, "xa")
        yield client


def test_every_page_of_results_says_why_so_little_is_shown(commune: FlaskClient) -> None:
    for path in PAGES:
        assert WHY in commune.get(f"{path}?period=2026-11&lang=en").text, path


def test_the_province_is_told_of_nothing_that_is_left_out(commune: FlaskClient) -> None:
    sign_in(commune, "tinh")
    for path in PAGES:
        assert WHY not in commune.get(f"{path}?period=2026-11&lang=en").text, path


def test_what_is_shown_at_the_closing_only_is_said_in_sentences(commune: FlaskClient) -> None:
    page = commune.get("/staff/?period=2026-11&lang=en").text
    assert "people gave reasons; which, is shown when the period is closed." in page
    assert "Importance is not shown, because what people say about each part of the service is not." in page
    assert "shown when the period is closed (n = " in page and ">not shown<" not in page
