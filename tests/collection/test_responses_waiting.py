"""Answers that waited on their device: counted for when they were given, within bounds that no clock can bend."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from survey.collection.responses import MOST_CHANGES
from survey.models import Comment, Response
from tests.support import factories
from tests.support.pages import check_page, hidden, receipt_on

Look = Callable[[sa.Select[*tuple[Any, ...]]], list[Any]]
NOON = dt.datetime(2026, 10, 5, 5, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture
def link(session: Session) -> str:
    """A link that is open for seven days from NOON."""
    token = factories.invitation(session, when=NOON, days=7)
    session.commit()
    return f"/r/{token}"


def sent(client: FlaskClient, path: str, opened: dt.datetime, at: dt.datetime, waited: dt.timedelta) -> int:
    """Open a page, send it later, and return the status."""
    with time_machine.travel(opened, tick=False):
        form = {**hidden(client.get(path)), "S1": "4", "waited": str(int(waited.total_seconds()))}
    with time_machine.travel(at, tick=False):
        return client.post(path, data=form).status_code


@pytest.mark.parametrize(("waited", "status"), [(2 * DAY, 200), (DAY + dt.timedelta(seconds=1), 200), (DAY, 410)])
def test_an_answer_given_while_its_link_was_open_counts_when_it_arrives_later(
    client: FlaskClient, link: str, look: Look, waited: dt.timedelta, status: int
) -> None:
    at = NOON + 8 * DAY
    assert sent(client, link, NOON + 5 * DAY, at, waited) == status
    assert look(sa.select(Response.submitted_at)) == ([(at - waited,)] if status == 200 else [])


@pytest.mark.parametrize(("seconds", "counts"), [(7 * 86400, True), (7 * 86400 + 1, False)])
def test_nobody_waits_for_longer_than_seven_days(
    client: FlaskClient, code: str, look: Look, seconds: int, counts: bool
) -> None:
    waited, at = dt.timedelta(seconds=seconds), NOON + 9 * DAY
    assert sent(client, code, NOON, at, waited) == 200
    assert look(sa.select(Response.submitted_at)) == [(at - waited if counts else at,)]


@pytest.mark.parametrize("minutes", [0, 1, 60])
def test_no_answer_was_given_before_its_form_was_opened(
    client: FlaskClient, code: str, look: Look, minutes: int
) -> None:
    midnight = dt.datetime(2026, 10, 31, 17, tzinfo=dt.UTC)  # the first of November in Viet Nam
    opened, at = midnight + dt.timedelta(minutes=5), midnight + dt.timedelta(minutes=5 + minutes)
    assert sent(client, code, opened, at, 2 * DAY) == 200
    assert look(sa.select(Response.submitted_at, Response.day)) == [(opened, dt.date(2026, 11, 1))]


@pytest.mark.parametrize("path", ["code", "link"])
def test_a_form_that_was_never_opened_here_has_waited_for_nothing(
    client: FlaskClient, request: pytest.FixtureRequest, path: str, look: Look
) -> None:
    with time_machine.travel(NOON, tick=False):
        form = {**hidden(client.get(request.getfixturevalue(path))), "S1": "4", "waited": "86400"}
        again = client.post(request.getfixturevalue(path), data={**form, "csrf_token": "1.forged"})
        assert again.status_code == 400 and look(sa.select(Response.id)) == []
        assert client.post(request.getfixturevalue(path), data={**form, **hidden(again)}).status_code == 200
    assert look(sa.select(Response.submitted_at)) == [(NOON,)]


@pytest.mark.parametrize(("rest", "seconds"), [(90, 90), (32_767, 32_767), (40_000, 32_767), (-5, 0)])
def test_the_time_that_a_page_was_open_is_kept_within_what_fits(
    client: FlaskClient, code: str, look: Look, rest: int, seconds: int
) -> None:
    assert sent(client, code, NOON, NOON + dt.timedelta(seconds=rest), dt.timedelta()) == 200
    assert look(sa.select(Response.seconds)) == [(seconds,)]


EVERY = sa.select(Response.overall, Response.counted).order_by(Response.id)


def test_an_older_answer_that_arrives_later_does_not_replace_a_newer_one(
    client: FlaskClient, link: str, look: Look
) -> None:
    with time_machine.travel(NOON, tick=False):
        kept = {**hidden(client.get(link)), "S1": "1"}  # sent on a phone without a network
    with time_machine.travel(NOON + dt.timedelta(hours=5), tick=False):
        assert client.post(link, data={**hidden(client.get(link)), "S1": "5"}).status_code == 200
    with time_machine.travel(NOON + dt.timedelta(hours=9), tick=False):
        receipts = [client.post(link, data={**kept, "waited": str(9 * 3600)}) for _ in range(2)]
        assert receipt_on(check_page(receipts[0])) == receipt_on(check_page(receipts[1]))
        receipt_page = client.get("/receipt", query_string={"code": receipt_on(check_page(receipts[0]))})
    assert look(EVERY) == [(5, True), (1, False)]
    assert "lần trả lời sau cùng được tính" in check_page(receipt_page).words
    with time_machine.travel(NOON + dt.timedelta(hours=10), tick=False):
        assert client.post(link, data={**hidden(client.get(link)), "S1": "2"}).status_code == 200
    assert look(EVERY) == [(5, False), (1, False), (2, True)]


def test_the_last_answer_counts_though_the_clock_has_gone_back(client: FlaskClient, link: str, look: Look) -> None:
    for hours, rating in ((2, "5"), (1, "1")):
        with time_machine.travel(NOON + dt.timedelta(hours=hours), tick=False):
            form = {**hidden(client.get(link)), "S1": rating, "waited": "20"}
            assert client.post(link, data=form).status_code == 200
    assert look(EVERY) == [(5, False), (1, True)]


def test_a_page_changed_while_its_answer_was_on_its_way_counts_as_it_was_changed(
    client: FlaskClient, link: str, look: Look
) -> None:
    with time_machine.travel(NOON, tick=False):
        form = hidden(client.get(link))
    for seconds, rating, waited in ((60, "2", 0), (90, "5", 50)):  # the second was given before the first arrived
        with time_machine.travel(NOON + dt.timedelta(seconds=seconds), tick=False):
            assert client.post(link, data={**form, "S1": rating, "waited": str(waited)}).status_code == 200
    assert look(EVERY) == [(2, False), (5, True)]


def test_the_answer_of_a_link_is_changed_so_often_and_then_the_receipt_that_counts_is_named(
    client: FlaskClient, link: str, look: Look
) -> None:
    def given(number: int, **more: str) -> TestResponse:
        return client.post(link, data={**hidden(client.get(link)), "S1": str(number % 5 + 1), **more})

    with time_machine.travel(NOON, tick=False):
        last = [given(number) for number in range(MOST_CHANGES + 1)][-1]
        refused = given(3, S8="Xin giữ lại", lang="en")
        again = given(3, waited="5")
    assert (last.status_code, refused.status_code, again.status_code) == (200, 409, 409)
    words = check_page(refused, "en").words
    assert receipt_on(check_page(last)) in words and "Xin giữ lại" in words
    assert len(look(EVERY)) == MOST_CHANGES + 1
    assert look(EVERY)[-1] == (MOST_CHANGES % 5 + 1, True)


def test_what_is_added_and_waits_for_hours_is_added(client: FlaskClient, code: str, look: Look) -> None:
    with time_machine.travel(NOON, tick=False):
        thanked = client.post(code, data={**hidden(client.get(code)), "S1": "2"})
        more = {**hidden(thanked), "S8": "Xin xem lại"}
    for hours, waited, status in ((30, 29, 200), (60, 0, 422)):
        with time_machine.travel(NOON + dt.timedelta(hours=hours), tick=False):
            assert client.post(code, data={**more, "waited": str(waited * 3600)}).status_code == status
    assert look(EVERY) == [(2, False), (2, True)]
    assert look(sa.select(Comment.text)) == [("Xin xem lại",)]


def test_a_page_that_is_too_old_keeps_its_key_so_that_it_counts_once(
    client: FlaskClient, code: str, look: Look
) -> None:
    with time_machine.travel(NOON, tick=False):
        form = {**hidden(client.get(code)), "S1": "4"}
    with time_machine.travel(NOON + 31 * DAY, tick=False):
        again = client.post(code, data=form)
        assert again.status_code == 400 and hidden(again)["key"] == form["key"]
        for _ in range(2):  # what was kept on the device goes, and the person taps again
            assert client.post(code, data={**form, **hidden(again)}).status_code == 200
    assert look(EVERY) == [(4, True)]


def test_the_time_that_a_page_was_open_ends_when_it_was_sent(client: FlaskClient, code: str, look: Look) -> None:
    rest = dt.timedelta(hours=3)
    assert sent(client, code, NOON, NOON + rest + dt.timedelta(seconds=20), rest) == 200
    assert look(sa.select(Response.seconds)) == [(20,)]
