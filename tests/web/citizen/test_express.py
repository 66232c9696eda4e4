"""The ordinary visit is answered before Flask's own work, and as Flask would answer it; all others are Flask's."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from survey.app import create_app
from survey.collection import invitations
from survey.models import Comment, Placement, Response
from survey.security.tokens import new_token
from survey.settings import Settings
from survey.web.citizen.express import LONGEST, Express
from survey.web.survey import survey_of
from tests.support import factories
from tests.support.pages import hidden

Look = Callable[[sa.Select[*tuple[Any, ...]]], list[Any]]
EVERYTHING = {"S1": "5", "S2": "4", "S3": "3", "S4": "9", "S5": "1", "S6": "2", "S8": "  Nhanh,\r\ngọn 👍 "}
ASIDE = ("id", "receipt", "submitted_at", "invitation_id", "supersedes_id", "seconds")
SECRETS = re.compile(
    r'(name="(?:key|csrf_token|amends)" value="|data-key="|/receipt/|<strong>)'
    r"[\w.-]+"
)


class Counted:
    """Flask, with every request to it counted."""

    def __init__(self, flask: Any) -> None:
        self.flask, self.asked = flask, 0

    def __call__(self, environ: Any, start: Any) -> Any:
        self.asked += 1
        return self.flask(environ, start)


@pytest.fixture
def flask(app: Flask, client: FlaskClient, session: Session) -> Counted:
    """Flask behind a server that has been asked before: every page of an ordinary visit has been printed."""
    seen = factories.placement(session, code="WARM").code
    token = factories.invitation(session)
    session.commit()
    for address in (f"/q/{seen}", f"/r/{token}"):
        for language in ("vi", "en"):
            asked = client.get(address, query_string={"lang": language})
            for answers in ({"S1": "5"}, {"S1": "4", "S2": "4"}):
                sent = {**hidden(asked), "key": new_token(), **answers}
                assert client.post(address, data=sent).status_code == 200
    express = app.wsgi_app
    assert isinstance(express, Express)
    express.flask = Counted(express.flask)
    return express.flask


@pytest.fixture
def plain(settings: Settings, flask: Counted) -> Iterator[FlaskClient]:
    """The same installation, answered by Flask alone."""
    app = create_app(settings)
    assert isinstance(app.wsgi_app, Express)
    app.wsgi_app = app.wsgi_app.flask
    app.testing = True
    with survey_of(app).database:
        yield app.test_client()


def like(response: TestResponse) -> tuple[int, set[tuple[str, str]], str]:
    """Return what two replies to the same visit have in common."""
    body = response.get_data()
    if response.headers.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    # Not the length, for a signed time may be longer; of a cookie not when it ends.
    given = {name.lower(): re.sub("Expires=[^;]*", "", value) for name, value in response.headers}
    headers = {said for said in given.items() if said[0] != "content-length"}
    assert int(response.headers["Content-Length"]) == len(response.get_data())
    address = response.request.path
    return response.status_code, headers, SECRETS.sub(r"\1…", body.decode().replace(address, "…"))


@pytest.mark.parametrize("by", ["link", "code"])
@pytest.mark.parametrize(
    "given",
    [
        {},
        {"headers": {"Accept-Encoding": "gzip, br"}},
        {"headers": {"Accept-Encoding": "gzip;q=0"}},
        {"headers": {"Cookie": "lang=en; other=1"}},
        {"headers": {"Cookie": "lang=xx"}},
        {"headers": {"Cookie": "=;;lang"}},
    ],
)
def test_the_page_is_the_same(
    client: FlaskClient, plain: FlaskClient, flask: Counted, session: Session, by: str, given: dict[str, Any]
) -> None:
    address = _address(session, by)
    assert like(client.get(address, **given)) == like(plain.get(address, **given))
    assert flask.asked == 0


@pytest.mark.parametrize("by", ["link", "code"])
@pytest.mark.parametrize(
    ("answers", "headers"),
    [
        ({"S1": "5"}, {}),
        ({"S1": "1"}, {"Sec-Fetch-Site": "same-origin", "Accept-Encoding": "gzip"}),
        ({"S1": "4", "S2": ""}, {"Origin": "null"}),
        (EVERYTHING, {"Cookie": "lang=en"}),
        ({**EVERYTHING, "lang": "en"}, {}),
        ({**EVERYTHING, "lang": "xx"}, {}),
        ({"S1": "3", "end": "refused", "waited": "90"}, {}),
        (
            {"S1": "3", "unknown": "x", "waited": "\u0663"},
            {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"},
        ),
    ],
)
def test_what_is_stored_and_said_is_the_same(
    client: FlaskClient,
    plain: FlaskClient,
    flask: Counted,
    session: Session,
    look: Look,
    by: str,
    answers: dict[str, str],
    headers: dict[str, str],
) -> None:
    replies, kept = [], []
    for visitor in (client, plain):
        address = _address(session, by)
        asked = hidden(visitor.get(address))
        replies.append(like(visitor.post(address, data={**asked, **answers}, headers=headers)))
        row = look(sa.select(Response.__table__).order_by(Response.id.desc()).limit(1))[0]
        comments = look(sa.select(Comment.question, Comment.text).where(Comment.response_id == row.id))
        kept.append(({k: v for k, v in row._mapping.items() if k not in ASIDE}, sorted(comments)))
        assert abs((row.submitted_at - dt.datetime.now(dt.UTC)).total_seconds()) < 120
    assert replies[0] == replies[1]
    assert replies[0][0] == 200
    assert kept[0] == kept[1]
    assert flask.asked == 0


NOT_ORDINARY: dict[str, dict[str, Any]] = {
    "a rating that there is not": {"S1": "6"},
    "no rating": {"S1": ""},
    "another language, nothing sent yet": {"S1": "5", "switch": "en"},
    "a page that is not ours": {"S1": "5", "csrf_token": "1.forged"},
    "a key that is not ours": {"S1": "5", "key": "short"},
    "too long a comment": {"S1": "5", "S8": "x" * 5000},
    "too long a body": {"S1": "5", "S8": "x" * LONGEST},
    "another version of the questionnaire": {"S1": "5", "asked": "999"},
}


@pytest.mark.parametrize("what", NOT_ORDINARY)
def test_what_is_not_ordinary_is_answered_by_flask(
    client: FlaskClient, plain: FlaskClient, flask: Counted, session: Session, what: str
) -> None:
    replies = []
    for visitor in (client, plain):
        address = _address(session, "code")
        sent = {**hidden(visitor.get(address)), **NOT_ORDINARY[what]}
        replies.append(visitor.post(address, data=sent))
    assert flask.asked == 1
    assert like(replies[0]) == like(replies[1])


def test_other_methods_addresses_and_forms_are_flasks(client: FlaskClient, flask: Counted, session: Session) -> None:
    address = _address(session, "code")
    asked = hidden(client.get(address))
    assert client.head(address).status_code == 200
    assert client.put(address).status_code == 405
    assert client.get("/r/" + "x" * 22).status_code == 404
    assert client.get("/q/NOWHERE").status_code == 404
    assert client.get(f"{address}?form=full").status_code == 200
    assert client.post(address, data={**asked, "S1": "5"}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.post(address, data={**asked, "S1": "5"}, headers={"Origin": "https://e.vn"}).status_code == 403
    as_parts = {**asked, "S1": "5", "file": (io.BytesIO(b"x"), "x.txt")}
    assert client.post(address, data=as_parts, content_type="multipart/form-data").status_code == 200
    assert flask.asked == 8


def test_a_repeat_and_a_second_answer_are_flasks(
    client: FlaskClient, flask: Counted, session: Session, look: Look
) -> None:
    address = _address(session, "link")
    first = {**hidden(client.get(address)), "S1": "5"}
    told = SECRETS.sub("", client.post(address, data=first).get_data(as_text=True))
    assert flask.asked == 0
    assert SECRETS.sub("", client.post(address, data=first).get_data(as_text=True)) == told
    second = {**hidden(client.get(address)), "S1": "2"}
    assert client.post(address, data=second).status_code == 200
    assert flask.asked == 2
    stored = sa.select(Response.overall, Response.counted).order_by(Response.id.desc()).limit(2)
    assert [tuple(row) for row in look(stored)] == [(2, True), (5, False)]


def test_an_expired_link_is_refused(client: FlaskClient, flask: Counted, session: Session) -> None:
    token = factories.invitation(session, when=dt.datetime.now(dt.UTC) - dt.timedelta(days=30))
    session.commit()
    assert client.get(f"/r/{token}").status_code == 410
    assert flask.asked == 1


def test_a_placement_switched_off_is_refused_at_the_latest_with_the_next_masthead(
    client: FlaskClient, flask: Counted, session: Session, app: Flask
) -> None:
    address = _address(session, "code")
    asked = hidden(client.get(address))
    session.execute(sa.update(Placement).where(Placement.code == address[3:]).values(enabled=False))
    session.commit()
    since, known = survey_of(app).current
    survey_of(app).current = (since - 60, known)  # a minute later
    assert client.get(address).status_code == 404
    assert client.post(address, data={**asked, "S1": "5"}).status_code == 404
    assert flask.asked >= 1


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_a_connection_that_broke_loses_nothing(
    client: FlaskClient, flask: Counted, session: Session, look: Look, app: Flask
) -> None:
    address = _address(session, "link")
    sent = {**hidden(client.get(address)), "S1": "5"}
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = "
    for _ in range(2):
        session.execute(sa.text(others + "current_database()"))
        session.commit()
    survey_of(app).database.engine.dispose()  # so that Flask's part has a new one at once
    session.close()
    assert client.post(address, data=sent).status_code == 200
    assert flask.asked == 1
    again = _address(session, "link")
    assert client.post(again, data={**hidden(client.get(again)), "S1": "4"}).status_code == 200
    assert flask.asked == 1, "the broken connection was thrown away"
    assert len(look(sa.select(Response.id).where(Response.counted, Response.overall.in_([4, 5])))) >= 2


def test_a_fault_in_the_middle_stores_nothing_half(
    client: FlaskClient, flask: Counted, session: Session, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = _address(session, "link")
    before = look(sa.select(sa.func.count()).select_from(Response))[0][0]
    sent = {**hidden(client.get(address)), **EVERYTHING}
    from survey.collection import responses

    def fails(*_given: Any) -> Any:
        raise sa.exc.OperationalError("INSERT", {}, Exception("the disk is full"))

    with monkeypatch.context() as patched:
        patched.setattr(responses._COMMENT, "first", fails)
        assert client.post(address, data=sent).status_code == 503
    assert look(sa.select(sa.func.count()).select_from(Response))[0][0] == before
    assert client.post(address, data=sent).status_code == 200
    assert look(sa.select(sa.func.count()).select_from(Response))[0][0] == before + 1


def _address(session: Session, by: str) -> str:
    if by == "link":
        token = factories.invitation(session)
        session.commit()
        return f"/r/{token}"
    code = session.scalar(sa.select(Placement.code).where(Placement.code == "ONE"))
    code = code or factories.placement(session, code="ONE").code
    session.commit()
    assert invitations.place(session, code)
    session.commit()
    return f"/q/{code}"
