"""The page of whoever calls: no number but for the call, nothing lost by a poor line, and no trace of a number."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.callbacks import finishing
from survey.models import CallBackCase, CallBackStratum, Role
from survey.web.survey import survey_of
from tests.support.callbacks import AFTER, drawn_design
from tests.support.canaries import encodings
from tests.support.ledgers import Ledger, ledger
from tests.support.officials import found, official, send, sign_in
from tests.support.pages import check_page

__all__ = ["ledger"]
CALLS = "/staff/calls"
NUMBER = re.compile(r"\+849876\d{5}")
FORM = re.compile(r'action="(/staff/calls/\d+)"')
KEY = re.compile(r'name="key" value="([^"]+)"')


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(AFTER, tick=True) as traveller:
        yield traveller


@pytest.fixture
def caller(session: Session, client: FlaskClient, ledger: Ledger, clock: time_machine.Traveller) -> FlaskClient:
    drawn_design(ledger)
    official(session, "goi", "H61", Role.INTERVIEWER)
    sign_in(client, "goi")
    return client


def person(caller: FlaskClient) -> tuple[str, dict[str, str]]:
    """Take the next person; return where the form goes, and what fills it."""
    assert send(caller, f"{CALLS}/next", CALLS).status_code == 303
    page = caller.get(CALLS).text
    form, key = FORM.search(page), KEY.search(page)
    assert form and key
    answers = {"rating": "5"} if 'name="rating"' in page else {"herself": "yes", "freely": "yes"}
    return form[1], {"key": key[1], "outcome": "complete", **answers}


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # what is stored is tried on both
def test_the_number_is_on_one_page_alone_and_a_form_that_is_wrong_keeps_what_was_entered(
    caller: FlaskClient, session: Session
) -> None:
    check_page(caller.get(CALLS), "vi")
    assert caller.get("/staff/").headers["Location"] == "/staff/sheets"
    form, fields = person(caller)
    page = caller.get(CALLS)
    check_page(page, "vi")
    assert not NUMBER.search(page.text) and "<script" not in page.text
    shown = send(caller, f"{form}/number", CALLS)
    check_page(shown, "vi")
    assert len(NUMBER.findall(shown.text)) == 2 and shown.headers["Cache-Control"] == "no-store"
    assert not NUMBER.search(caller.get(CALLS).text), "a look shows it no more"
    short = send(caller, form, CALLS, key=fields["key"], outcome="complete")
    assert short.status_code == 422 and fields["key"] in short.text and not NUMBER.search(short.text)
    assert send(caller, form, CALLS, **{**fields, "outcome": "nothing"}).status_code == 422
    for _ in range(2):  # a poor line: it is sent again
        assert send(caller, form, CALLS, **fields).status_code == 303
    assert sum(found(session, sa.select(CallBackCase.tries))) == 1
    assert send(caller, f"{form}/number", CALLS).status_code == 409
    lost = send(caller, form, CALLS, key="a key of another form", outcome="nothing")
    assert lost.status_code == 409 and "Đã lưu" not in lost.text, "nothing is said to be saved that is not"
    saved = caller.get(CALLS, query_string={"saved": "1"})
    check_page(saved, "vi")
    assert "Còn phải gọi 21 người" in saved.text


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # as above
def test_people_are_asked_in_their_own_language_and_for_what_their_stratum_needs(
    caller: FlaskClient, session: Session
) -> None:
    seen = set()
    for _ in range(22):
        form, fields = person(caller)
        page = caller.get(CALLS).text
        spoken = "en" if 'legend lang="en"' in page else "vi"
        seen.add(spoken)
        asked = {"vi": ("Xin chào Ông/Bà", "Nói chung"), "en": ("Good day. I am calling for Vinh Long", "Overall")}
        assert asked[spoken][0] in page
        assert ('name="rating"' in page) != ('name="herself"' in page)
        send(caller, form, CALLS, **fields)
    assert seen == {"vi", "en"}
    assert "Không còn ai cần gọi." in caller.get(CALLS).text
    session.rollback()
    rows = session.execute(sa.select(CallBackCase.stratum, CallBackCase.rating, CallBackCase.freely)).all()
    assert set(map(tuple, rows)) == {(CallBackStratum.SILENT, 5, None), (CallBackStratum.ANSWERED, None, True)}


def test_after_the_calls_no_number_is_in_a_page_the_store_a_log_or_a_file(
    caller: FlaskClient, app: Flask, session: Session, capfd: pytest.CaptureFixture[str]
) -> None:
    numbers = set()
    for _ in range(22):
        form, fields = person(caller)
        numbers |= set(NUMBER.findall(send(caller, f"{form}/number", CALLS).text))
        send(caller, form, CALLS, **fields)
    assert len(numbers) == 22
    finishing.run(survey_of(app).database, AFTER)
    official(session, "ktv", "H61", Role.AUDITOR)
    auditor = app.test_client()
    sign_in(auditor, "ktv")
    pages = [auditor.get(path).data for path in (CALLS, "/staff/call-backs/1", "/staff/audit-trail", "/staff/")]
    pages += [caller.get(CALLS).data, send(auditor, "/staff/audit-trail/file", format="csv").data]
    out, errors = capfd.readouterr()
    pages += [out.encode(), errors.encode()]
    with survey_of(app).database.session(writes=False) as reading:
        for table in sa.inspect(reading.connection()).get_table_names():
            rows = reading.execute(sa.text(f'SELECT * FROM "{table}"')).all()
            pages += [repr(value).encode() if not isinstance(value, bytes) else value for row in rows for value in row]
    held = b"\n".join(pages)
    for number in numbers:
        for text in (number, number[1:], f"0{number[3:]}"):
            assert not [name for name, forms in encodings(text).items() for form in forms if form in held], number
