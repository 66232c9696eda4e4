"""A fault in any step of a visit: our page, a line in the log without the visitor's words, nothing lost or doubled."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from survey import logs
from survey.collection import comments, invitations, responses
from survey.models import Channel, Comment, Response
from survey.web.citizen import app as visits
from survey.web.citizen import cached_page, kiosk, page_cache, paged_form, submission, visit
from survey.web.survey import survey_of
from tests.support import factories
from tests.support.pages import check_page, hidden

Look = Callable[[sa.Select[*tuple[Any, ...]]], list[Any]]
Faults = Callable[[], list[dict[str, Any]]]
TYPED = "Xin đừng mất câu này"
STORED = sa.select(Response.overall, Response.counted)
FAULTS = {
    "a fault of ours": (RuntimeError(TYPED), 500),
    "the database": (sa.exc.OperationalError("INSERT", {"text": TYPED}, Exception(TYPED)), 503),
    "a statement": (sa.exc.ProgrammingError("SELECT", {"text": TYPED}, Exception(TYPED)), 503),
}
BEFORE = {  # a step of POST before the answer is recorded -> whose function it is
    "read the form": (submission, "_proved"),
    "what is asked": (visits, "current_survey"),
    "which version": (visits, "asked"),
    "check the answers": (visits, "read_answers"),
    "find": (invitations, "find"),
    "record": (responses, "record"),
    "write the row": (responses, "_values"),
    "write the comment": (comments, "write"),
}
AFTER = {  # the answer is stored, and the reply cannot be made
    "what is offered": (page_cache, "offers"),
    "fill the page": (page_cache, "thanking"),
    "pack the page": (cached_page.CachedPage, "fill"),
}
OPENING = {
    "what is asked": (visits, "current_survey"),
    "find": (invitations, "find"),
    "which questionnaire": (visits, "chosen"),
    "fill the page": (page_cache, "asking"),
    "pack the page": (cached_page.CachedPage, "fill"),
}


@pytest.fixture
def break_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[tuple[Any, str], Exception], pytest.MonkeyPatch]:
    """Let a step raise, until `undo`."""

    def fails(step: tuple[Any, str], fault: Exception) -> pytest.MonkeyPatch:
        logs.configure("INFO")  # here: between a test's set-up and the test pytest replaces the standard error

        def raising(*_given: Any, **_named: Any) -> Any:
            raise fault

        monkeypatch.setattr(*step, raising)
        return monkeypatch

    return fails


@pytest.fixture
def faults(capsys: pytest.CaptureFixture[str]) -> Faults:
    """What was logged of faults since the last look; nowhere stands what somebody typed."""

    def lines() -> list[dict[str, Any]]:
        written = capsys.readouterr().err.splitlines()
        assert not any(TYPED in line for line in written)
        entries = [json.loads(line) for line in written if line.startswith("{")]
        return [entry for entry in entries if entry["event"] in ("fault", "answer_not_stored")]

    return lines


def assert_ours(reply: TestResponse, status: int, language: str) -> None:
    """Hold a page to what every page of ours is."""
    assert reply.status_code == status
    check_page(reply, language)
    assert reply.headers["Cache-Control"] == "no-store"
    assert ("Retry-After" in reply.headers) is (status == 503)
    assert status < 500 or reply.headers["X-Request-ID"] in reply.text, "the code by which the log knows the fault"


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize("step", OPENING)
def test_a_page_that_cannot_be_opened_says_so_and_opens_later(
    client: FlaskClient, link: str, break_at: Any, faults: Faults, step: str, kind: str
) -> None:
    fault, status = FAULTS[kind]
    patch = break_at(OPENING[step], fault)
    assert_ours(client.get(f"{link}?lang=en"), status, "en")
    (entry,) = faults()
    assert (entry["path_rule"], entry["kind"]) == ("/r/<token>", type(fault).__name__)
    patch.undo()
    assert client.get(link).status_code == 200


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize("step", BEFORE)
def test_an_answer_that_cannot_be_recorded_comes_back_and_is_recorded_later(
    client: FlaskClient,
    link: str,
    look: Look,
    break_at: Any,
    faults: Faults,
    step: str,
    kind: str,
) -> None:
    fault, status = FAULTS[kind]
    form = {**hidden(client.get(link)), "S1": "2", "S8": TYPED}
    patch = break_at(BEFORE[step], fault)
    failed = client.post(link, data={**form, "lang": "en"})
    language = "vi" if step == "read the form" else "en"  # before that nobody knows what the form says
    assert_ours(failed, status, language)
    assert TYPED in check_page(failed, language).words
    (entry,) = faults()
    assert (entry["path_rule"], entry["kind"]) == ("/r/<token>", type(fault).__name__)
    assert look(STORED) == look(sa.select(Comment.text)) == []
    patch.undo()
    again = {**form, **hidden(failed)} if 'name="key"' in failed.text else form
    for _ in range(2):
        assert client.post(link, data=again).status_code == 200
    assert look(STORED) == [(2, True)]
    assert look(sa.select(Comment.text)) == [(TYPED,)]


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize("step", AFTER)
def test_an_answer_whose_reply_cannot_be_made_is_counted_once_when_it_is_sent_again(
    client: FlaskClient,
    code: str,
    look: Look,
    break_at: Any,
    faults: Faults,
    step: str,
    kind: str,
) -> None:
    fault, status = FAULTS[kind]
    form = {**hidden(client.get(code)), "S1": "2", "S8": TYPED}
    patch = break_at(AFTER[step], fault)
    failed = client.post(code, data=form)
    assert_ours(failed, status, "vi")
    assert TYPED in check_page(failed).words
    assert len(faults()) == 1
    patch.undo()
    assert client.post(code, data={**form, **hidden(failed)}).status_code == 200
    assert look(STORED) == [(2, True)]
    assert look(sa.select(Comment.text)) == [(TYPED,)]


@pytest.mark.parametrize("step", [(visits, "_form_page"), (visit.Visit, "give_back")])
def test_if_even_the_form_cannot_be_made_what_was_written_stands_on_the_page_that_says_so(
    client: FlaskClient, code: str, look: Look, break_at: Any, faults: Faults, step: tuple[Any, str]
) -> None:
    form = {**hidden(client.get(code)), "S1": "2", "S8": TYPED}
    break_at((responses, "record"), RuntimeError(TYPED))
    break_at(step, ValueError(TYPED))
    failed = client.post(code, data=form)
    assert_ours(failed, 500, "vi")
    assert TYPED in check_page(failed).words
    assert [entry["kind"] for entry in faults()] == ["RuntimeError", "ValueError"]
    assert look(STORED) == []


def test_a_fault_in_a_part_of_the_long_form_loses_no_other_part(
    client: FlaskClient, code: str, break_at: Any, faults: Faults
) -> None:
    path = f"{code}?form=full"
    form = {**hidden(client.get(path)), "C5": TYPED, "go": "B"}
    break_at((paged_form, "turned"), RuntimeError(TYPED))
    failed = client.post(path, data=form)
    assert_ours(failed, 500, "vi")
    assert TYPED in failed.text
    assert len(faults()) == 1


def test_a_desk_gives_the_choice_back(
    client: FlaskClient, session: Session, look: Look, break_at: Any, faults: Faults
) -> None:
    factories.placement(session, code="DESK01", channel=Channel.KIOSK)
    session.commit()
    form = {**hidden(client.get("/k/DESK01")), "S1": "2"}
    patch = break_at((kiosk, "read_answers"), RuntimeError(TYPED))
    failed = client.post("/k/DESK01", data=form)
    assert_ours(failed, 500, "vi")
    assert 'value="2" class="chosen"' in failed.text
    assert len(faults()) == 1
    patch.undo()
    assert client.post("/k/DESK01", data=form).status_code == 200
    assert look(STORED) == [(2, True)]


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_a_connection_that_broke_loses_nothing(client: FlaskClient, session: Session, link: str, look: Look) -> None:
    session.execute(sa.text("SELECT 1"))  # holds a connection of its own from here on
    form = {**hidden(client.get(link)), "S1": "5", "S8": TYPED}
    others = "FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
    session.execute(sa.text("SELECT pg_terminate_backend(pid) " + others))
    while session.scalar(sa.text("SELECT count(*) " + others)):  # it only asks them to end
        session.commit()  # what is seen of the others is kept for a transaction
    assert client.post(link, data=form).status_code == 200, "another one is taken without a word"
    assert look(STORED) == [(5, True)]


def test_a_database_that_was_never_there_is_said_on_a_page_of_ours(
    app: Flask, client: FlaskClient, break_at: Any, faults: Faults
) -> None:
    refused = sa.exc.OperationalError("connect", {}, Exception("refused"))
    break_at((survey_of(app).database.citizens, "session"), refused)
    failed = client.post("/q/TESTQR", data={"S1": "5", "S8": TYPED, "csrf_token": "x"})
    assert_ours(failed, 503, "vi")
    assert TYPED in check_page(failed).words
    assert [entry["event"] for entry in faults()] == ["answer_not_stored"]
