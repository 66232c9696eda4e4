"""The figures of a page are drawn once, and anew as soon as anything in them may have changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey import questionnaires
from survey.cases import recording
from survey.collection import invitations, responses
from survey.collection.answers import Answers
from survey.collection.withdrawn_cases import Informant
from survey.imports import agencies, procedures
from survey.models import Agency, Case, Procedure, Respondent, Response
from survey.periods import parse
from survey.results import closing
from survey.results.revision import revision
from survey.security.tokens import new_token
from survey.web.staff import dashboard, row_lists
from survey.web.staff.figures_cache import CachedFigures, DrawnPages
from survey.web.survey import survey_of
from tests.support import factories
from tests.support.figures import STANDARD
from tests.support.officials import official, sign_in

OCTOBER = dt.datetime(2026, 10, 10, 5, tzinfo=dt.UTC)
NOVEMBER = dt.datetime(2026, 11, 3, 5, tzinfo=dt.UTC)
LATER = dt.datetime(2026, 11, 5, 5, tzinfo=dt.UTC)
CLOSED, OPEN = "/staff/procedures?period=2026-10", "/staff/procedures?period=2026-11"
Door = Callable[[Session], object]


@pytest.fixture
def answered(session: Session) -> Session:
    """Answers in three months, one of them closed."""
    for when in (OCTOBER, NOVEMBER, OCTOBER - dt.timedelta(days=40)):
        for rating in (5, 2):
            factories.response(session, rating, when=when, ratings={"r1": rating})
    closing.close(session, parse("2026-10"), LATER, STANDARD)
    session.commit()
    return session


@pytest.fixture
def drawn(answered: Session, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Somebody signed in, and a list that grows with each drawing."""
    official(answered)
    drawings: list[str] = []

    def counting(draw: Callable[..., CachedFigures]) -> Callable[..., CachedFigures]:
        def counted(*given: Any, **named: Any) -> CachedFigures:
            drawings.append("drawn")
            return draw(*given, **named)

        return counted

    for module, name in ((dashboard, "draw_overview"), (row_lists, "_draw")):
        monkeypatch.setattr(module, name, counting(getattr(module, name)))
    with time_machine.travel(LATER, tick=False):
        sign_in(client)
        yield drawings


def test_two_communes_that_ask_by_one_address_have_drawings_of_their_own(
    drawn: list[str], app: Flask, answered: Session
) -> None:
    for login, code, has in (("phuong", "H61.50", True), ("xa", "H61.51", False)):
        official(answered, login, code)
        answered.commit()
        sign_in(client := app.test_client(), login)
        assert ("Phường Trà Vinh" in client.get("/staff/units?period=2026-10").text) is has
    assert len(drawn) == 2


@pytest.mark.parametrize("page", [CLOSED, OPEN])
def test_the_same_figures_are_drawn_once_for_each_way_of_looking(
    drawn: list[str], client: FlaskClient, page: str
) -> None:
    first = client.get(page).text
    assert client.get(page).text == first and drawn == ["drawn"]
    assert client.get(f"{page}&sort=rate").text != first and len(drawn) == 2
    assert "Đạt" not in client.get(f"{page}&lang=en").text and len(drawn) == 3


def _rename_an_agency(session: Session) -> object:
    row = session.scalars(sa.select(Agency).where(Agency.code == "H61.50")).one()
    parent = session.get_one(Agency, row.parent_id)
    name = {"vi": "Phường Mới", "en": "New Ward"}
    key = (parent.code, parent.valid_from)
    return agencies.apply(session, [agencies.Entry(row.code, row.valid_from, None, name, row.level, key, None)])


def _rename_a_procedure(session: Session) -> object:
    row = session.scalars(sa.select(Procedure).where(Procedure.code == "1.001193")).one()
    name = {"vi": "Tên khác", "en": "Another name"}
    entry = procedures.ProcedureEntry(
        row.code, name, row.field, row.delivery, row.valid_from, None, frozenset(("name",))
    )
    return procedures.apply(session, [entry])


def _correct_a_case(session: Session) -> object:
    row = session.scalars(sa.select(Case).where(Case.finished_day == NOVEMBER.date()).limit(1)).one()
    case = recording.FinishedCase(
        row.code_hash, "H61.51", "H61.51", "2.000815", Respondent.CITIZEN, NOVEMBER.date() + dt.timedelta(days=1)
    )
    return recording.record(session, [case], Informant(NOVEMBER))


def _withdraw_a_case(session: Session) -> object:
    row = session.scalars(sa.select(Case).where(Case.finished_day == NOVEMBER.date()).limit(1)).one()
    case = recording.FinishedCase(
        *(row.code_hash, "H61.50", "H61.50", "1.001193", row.respondent, row.finished_day),
        withdrawn=row.finished_day,
        withdrawal_told=True,
    )
    return recording.record(session, [case], Informant(NOVEMBER))


def _replace_an_answer(session: Session) -> object:
    token = factories.invitation(session, when=NOVEMBER)
    questionnaire = questionnaires.asked_now(session)
    for rating in (5, 1):
        source = invitations.find(session.connection(), token, NOVEMBER)
        meta = responses.SubmissionMeta(new_token(), NOVEMBER, "vi")
        responses.record(
            session.connection(), factories.SECRET, source, questionnaire, Answers({"overall": rating}), meta
        )
    return None


def _publish(session: Session) -> object:
    bank = questionnaires.documents(questionnaires.BANK.read_text(encoding="utf-8"))
    short = next(document for document in bank if document["id"] == questionnaires.SHORT)
    items = [item for item in short["items"] if item.get("target_item")]  # no factors, so that their table goes
    return questionnaires.publish(session, {**short, "version": "3.0", "items": items}, LATER)


DOORS: dict[str, Door] = {
    "an agency is renamed": _rename_an_agency,
    "a procedure is renamed": _rename_a_procedure,
    "a case is corrected": _correct_a_case,
    "a case is withdrawn": _withdraw_a_case,
    "an answer is replaced": _replace_an_answer,
    "a questionnaire is published": _publish,
    "a case is finished": lambda session: factories.case(session, "H61.50", finished=NOVEMBER.date()),
    "somebody is invited": lambda session: factories.invitation(session, when=NOVEMBER),
    "somebody answers": lambda session: factories.response(session, 1, when=NOVEMBER),
    "an earlier period gets an answer": lambda session: factories.response(
        session, 1, when=OCTOBER - dt.timedelta(days=40)
    ),
    "an earlier period is closed": lambda session: closing.close(session, parse("2026-09"), LATER, STANDARD),
}


@pytest.mark.parametrize("door", DOORS.values(), ids=list(DOORS))
def test_what_changes_is_another_revision(answered: Session, door: Door) -> None:
    before = revision(answered)
    door(answered)
    answered.commit()
    assert revision(answered) != before


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # a page is drawn by its revision alone
@pytest.mark.parametrize("door", DOORS.values(), ids=list(DOORS))
def test_what_changes_is_seen_at_the_next_look(
    drawn: list[str], client: FlaskClient, session: Session, door: Door
) -> None:
    for page in (CLOSED, OPEN):
        client.get(page)
    door(session)
    session.commit()
    for page in (CLOSED, OPEN):
        client.get(page)
    assert len(drawn) == 4, "both are drawn anew, from what is stored now"


def test_a_new_name_is_shown_but_for_a_closed_period(drawn: list[str], client: FlaskClient, session: Session) -> None:
    closed, running = "/staff/units?period=2026-10", "/staff/units?period=2026-11"
    assert "Phường Mới" not in client.get(running).text
    _rename_an_agency(session)
    session.commit()
    assert "Phường Mới" in client.get(running).text
    assert "Phường Mới" not in client.get(closed).text


def test_an_answer_that_becomes_visible_after_a_later_one_is_another_revision(app: Flask, session: Session) -> None:
    """PostgreSQL gives out numbers before their rows can be seen; SQLite has one writer and never does."""
    database = survey_of(app).database
    if database.url.get_backend_name() == "sqlite":
        factories.response(session, 5, when=NOVEMBER)
        before = revision(session)
        factories.response(session, 4, when=NOVEMBER)
        assert revision(session) != before
        return
    tokens = [factories.invitation(session, when=NOVEMBER) for _ in range(2)]
    session.commit()

    def answer(writing: Session, token: str) -> None:
        source = invitations.find(writing.connection(), token, NOVEMBER)
        meta = responses.SubmissionMeta(new_token(), NOVEMBER, "vi")
        asked = questionnaires.asked_now(writing)
        responses.record(writing.connection(), factories.SECRET, source, asked, Answers({"overall": 5}), meta)

    with database.session(writes=True) as slow, database.session(writes=True) as quick:
        answer(slow, tokens[0])
        answer(quick, tokens[1])
        quick.commit()
        newest = session.scalar(sa.select(sa.func.max(Response.id)))
        between = revision(session)
        session.commit()
        slow.commit()
    assert session.scalar(sa.select(sa.func.max(Response.id))) == newest
    assert revision(session) != between


def test_another_day_and_another_scope_have_drawings_of_their_own(
    drawn: list[str], client: FlaskClient, session: Session
) -> None:
    page = "/staff/?period=2026-11"
    client.get(page)
    with time_machine.travel(LATER + dt.timedelta(days=1), tick=False):
        sign_in(client)
        client.get(page)
    assert len(drawn) == 2
    official(session, "lan", agency="H61.50")
    sign_in(client, "lan")
    assert "Sở Nội vụ" not in client.get(page).text and len(drawn) == 3


def test_no_more_than_so_many_drawings_are_kept(
    drawn: list[str], app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DrawnPages, "most", 2)
    for sort in ("rate", "name", "rate", "answered", "rate"):  # what was looked at last stays
        client.get(f"{OPEN}&sort={sort}")
    assert len(drawn) == 3 and len(survey_of(app).part(DrawnPages)) == 2


def test_another_target_is_another_page(app: Flask, client: FlaskClient, drawn: list[str]) -> None:
    survey = survey_of(app)
    client.get(OPEN)
    survey.settings = replace(survey.settings, target="0.80")
    assert "80%" in client.get(OPEN).text and len(drawn) == 2
