"""Withdrawn cases: nobody is asked about one, its link says so kindly, and an answer given before stays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.collection import invitations, withdrawn_cases
from survey.collection.withdrawn_cases import Informant
from survey.models import Response
from tests.support import factories
from tests.support.pages import check_page, hidden

Look = Callable[[sa.Select[*tuple[Any, ...]]], list[Any]]
NOON = dt.datetime(2026, 10, 5, 5, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
TITLES = {"vi": "Hồ sơ này đã được rút", "en": "This case has been withdrawn"}


@pytest.fixture
def token(session: Session) -> str:
    """An invitation that may be answered for seven days from NOON."""
    token = factories.invitation(session, when=NOON)
    session.commit()
    return token


def send(client: FlaskClient, path: str, form: dict[str, str]) -> int:
    return client.post(path, data=form).status_code


@pytest.mark.parametrize("language", TITLES)
def test_the_link_of_a_withdrawn_case_says_so_without_a_form(
    session: Session, client: FlaskClient, token: str, language: str
) -> None:
    factories.withdraw(session, token, NOON)
    session.commit()
    with time_machine.travel(NOON + HOUR, tick=False):
        response = client.get(f"/r/{token}?lang={language}")
    page = check_page(response, language)
    assert response.status_code == 410 and page.title == TITLES[language]
    assert page.fields == [] and "<form" not in response.text
    assert "Lỗi" not in page.words and "Error" not in page.words


def test_an_answer_given_before_is_kept_and_counts_and_cannot_be_changed(
    session: Session, client: FlaskClient, token: str, look: Look
) -> None:
    with time_machine.travel(NOON + HOUR, tick=False):
        form = {**hidden(client.get(f"/r/{token}")), "S1": "1"}
        assert send(client, f"/r/{token}", form) == 200
        factories.withdraw(session, token, NOON + HOUR)
        session.commit()
        page = client.get(f"/r/{token}?lang=en")
        assert "The answer that you gave before is kept, and it counts." in page.text
        assert send(client, f"/r/{token}", {**form, "S1": "5"}) == 410
    assert look(sa.select(Response.overall, Response.counted)) == [(1, True)]


def test_what_was_written_on_a_page_that_was_open_already_is_given_back(
    session: Session, client: FlaskClient, token: str, look: Look
) -> None:
    with time_machine.travel(NOON + HOUR, tick=False):
        form = {**hidden(client.get(f"/r/{token}")), "S1": "1", "S8": "Chờ lâu quá"}
        factories.withdraw(session, token, NOON + HOUR)
        session.commit()
        page = client.post(f"/r/{token}", data=form)
    assert page.status_code == 410 and "Chờ lâu quá" in check_page(page).words
    assert look(sa.select(Response.id)) == []


@pytest.mark.parametrize(("waited", "status"), [(3, 200), (1, 410)], ids=["given before", "given after"])
def test_an_answer_that_waited_on_its_device_since_before_the_withdrawal_counts(
    session: Session, client: FlaskClient, token: str, look: Look, waited: int, status: int
) -> None:
    with time_machine.travel(NOON + HOUR, tick=False):
        form = {**hidden(client.get(f"/r/{token}")), "S1": "1"}
    factories.withdraw(session, token, NOON + 3 * HOUR)
    session.commit()
    with time_machine.travel(NOON + 5 * HOUR, tick=False):
        assert send(client, f"/r/{token}", {**form, "waited": str(waited * 3600)}) == status
    assert len(look(sa.select(Response.id))) == (status == 200)


def test_a_case_that_is_given_back_can_be_rated_again(session: Session, client: FlaskClient, token: str) -> None:
    factories.withdraw(session, token, NOON)
    factories.give_back(session, token, NOON + HOUR)
    session.commit()
    with time_machine.travel(NOON + 2 * HOUR, tick=False):
        assert send(client, f"/r/{token}", {**hidden(client.get(f"/r/{token}")), "S1": "4"}) == 200


def test_nobody_is_invited_to_rate_a_withdrawn_case_until_it_is_given_back(session: Session) -> None:
    first, second = (factories.case(session) for _ in range(2))
    withdrawn_cases.change(session, dict.fromkeys((first.id, second.id), NOON.date()), Informant(NOON))
    both = [first.code_hash, second.code_hash]
    assert invitations.issue_due(session, both, NOON, 7) == {}
    withdrawn_cases.change(session, {first.id: None}, Informant(NOON))
    assert list(invitations.issue_due(session, both, NOON, 7)) == [first.code_hash]
