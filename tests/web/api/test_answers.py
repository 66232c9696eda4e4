"""Answers from a page of the portal's own: recorded as from our page, once, by the same rules."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from survey.accounts.api_keys import KeyScope
from survey.models import Channel, Comment, Response
from survey.periods import now
from tests.support import factories
from tests.support.pages import check_page
from tests.support.portal import Portal, check_problem, program

KEY = "a-key-of-one-sheet"


def send(portal: Portal, token: str, key: str | None = KEY, **body: Any) -> TestResponse:
    version = portal.get("/questionnaire").json["version"]  # type: ignore[index]
    headers = {"Authorization": f"Bearer {portal.key}"} | ({"Idempotency-Key": key} if key else {})
    sent = {"token": token, "version": version, "answers": {"S1": "4"}} | body
    return portal.client.post("/api/v1/answers", json=sent, headers=headers)


def stored(session: Session) -> list[tuple[int, bool, str, int | None]]:
    session.expire_all()
    columns = (Response.overall, Response.counted, Response.language, Response.seconds)
    rows = [tuple(row) for row in session.execute(sa.select(*columns).order_by(Response.id))]
    assert set(session.scalars(sa.select(Response.channel))) <= {Channel.INVITATION}
    session.rollback()
    return rows


@pytest.fixture
def token(session: Session) -> str:
    """The last part of an invitation's link."""
    token = factories.invitation(session)
    session.commit()
    return token


def test_the_questions_come_with_the_words_and_values_that_our_page_shows(portal: Portal, client: FlaskClient) -> None:
    told: dict[str, Any] = portal.get("/questionnaire").json  # type: ignore[assignment]
    [judged] = [one for one in told["questions"] if one["judged"]]
    assert judged["id"] == "S1" and judged["required"]
    assert [option["value"] for option in judged["options"]] == list("12345")
    assert judged["options"][4]["text"] == {"vi": "Rất hài lòng", "en": "Very satisfied"}


def test_an_answer_is_recorded_once_and_its_receipt_is_the_page_s(
    portal: Portal, session: Session, client: FlaskClient, token: str
) -> None:
    first = send(portal, token, language="en", seconds=35)
    assert first.status_code == 200, first.text
    again = send(portal, token, language="en", seconds=35)
    assert again.json == first.json
    assert stored(session) == [(4, True, "en", 35)]
    receipt: dict[str, Any] = first.json  # type: ignore[assignment]
    page = client.get(f"/receipt/{receipt['receipt']}")
    assert receipt["receipt"] in check_page(page).words
    assert receipt["link"].endswith(f"/receipt/{receipt['receipt']}")


def test_the_last_answer_counts_from_whichever_page(portal: Portal, session: Session, token: str) -> None:
    assert send(portal, token).status_code == 200
    assert send(portal, token, answers={"S1": "2"}).status_code == 200
    assert send(portal, token, key="another-key-of-the-page", answers={"S1": "1"}).status_code == 200
    assert [row[:2] for row in stored(session)] == [(4, False), (2, False), (1, True)]


def test_a_comment_is_redacted_and_wrong_answers_are_named(portal: Portal, session: Session, token: str) -> None:
    for answers, fields in (
        ({"S1": "6"}, ["answers.S1"]),
        ({"S8": "chậm"}, ["answers.S1"]),
        ({"S1": "4", "S99": "1"}, ["answers.S99"]),
        ({"S1": ["1", "2"]}, ["answers.S1"]),
        ({"S1": "4", "S8": "x" * 3000}, ["answers.S8"]),
    ):
        reply = send(portal, token, answers=answers)
        assert reply.status_code == 422
        assert [fault["field"] for fault in reply.json["faults"]] == fields  # type: ignore[index]
        check_problem(reply, 422, reply.json["code"])  # type: ignore[index]
    assert stored(session) == []
    assert send(portal, token, answers={"S1": "2", "S8": "Gọi tôi 0912345678"}).status_code == 200
    assert "0912345678" not in session.scalars(sa.select(Comment.text)).one()


def test_what_cannot_be_answered_is_refused_as_on_our_page(portal: Portal, session: Session, token: str) -> None:
    check_problem(send(portal, "x" * 22), 404, "not_found")
    check_problem(send(portal, token, key=None), 422, "invalid_request")
    check_problem(send(portal, token, version=999_999), 409, "conflict")
    check_problem(send(portal, token, answers={}), 422, "invalid_request")
    late = factories.invitation(session, when=now() - factories.dt.timedelta(days=9))
    withdrawn = factories.invitation(session)
    factories.withdraw(session, withdrawn, now())
    session.commit()
    check_problem(send(portal, late), 410, "expired")
    gone = send(portal, withdrawn)
    check_problem(gone, gone.status_code, "case_withdrawn")
    assert gone.status_code in (404, 410)
    assert stored(session) == []


def test_a_key_needs_the_scope_and_reaches_its_own_agencies_only(
    client: FlaskClient, session: Session, token: str
) -> None:
    other = program(session, client, "H61.1", KeyScope.ANSWERS_WRITE)
    check_problem(send(other, token), 404, "not_found")
    own = program(session, client, "H61.50", KeyScope.ANSWERS_WRITE)
    reader = program(session, client, "H61", KeyScope.COUNTS_READ)
    body = {"token": token, "version": 1, "answers": {"S1": "4"}}
    headers = {"Authorization": f"Bearer {reader.key}", "Idempotency-Key": KEY}
    check_problem(client.post("/api/v1/answers", json=body, headers=headers), 403, "forbidden")
    assert stored(session) == []
    assert send(own, token).status_code == 200
