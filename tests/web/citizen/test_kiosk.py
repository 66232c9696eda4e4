"""The screen at a desk: a channel of its own; answers that waited count for the day on which they were given."""

from __future__ import annotations

import copy
import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey import questionnaires
from survey.models import Channel, Placement, QuestionnaireVersion, Response, VersionStatus
from survey.organisation import agencies
from survey.periods import parse
from survey.questionnaires.document import items
from survey.results import counts
from survey.results.scope import scope_for
from survey.web.current_survey import forget
from survey.web.survey import survey_of
from tests.support import factories
from tests.support.pages import check_page, hidden

Look = Callable[[sa.Select[*tuple[Any, ...]]], list[Any]]
DESK = "/k/DESK01"
NOVEMBER = dt.datetime(2026, 11, 1, 1, 0, tzinfo=dt.UTC)  # 8 o'clock in the morning in Viet Nam


@pytest.fixture
def desk(session: Session) -> str:
    factories.placement(session, code="DESK01", channel=Channel.KIOSK)
    session.commit()
    return DESK


def days(look: Look) -> list[dt.date]:
    return [row.day for row in look(sa.select(Response.day).order_by(Response.id))]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_desk_asks_one_question_large(client: FlaskClient, desk: str, language: str) -> None:
    check_page(client.get(f"{desk}?lang={language}"), language)


def test_a_desk_that_is_switched_off_is_not_there(client: FlaskClient, session: Session, desk: str) -> None:
    session.execute(sa.update(Placement).values(enabled=False))
    session.commit()
    assert client.get(desk).status_code == 404


def test_an_open_code_is_no_desk_and_a_desk_no_open_code(client: FlaskClient, session: Session, desk: str) -> None:
    factories.placement(session, code="PAPER1")
    session.commit()
    assert client.get("/k/PAPER1").status_code == 404
    assert client.get("/q/DESK01").status_code == 404


@pytest.mark.parametrize(
    ("waited", "day"),
    [
        ("", dt.date(2026, 11, 1)),
        ("3600", dt.date(2026, 11, 1)),
        ("36000", dt.date(2026, 10, 31)),
        ("99999999", dt.date(2026, 11, 1)),
        ("-5", dt.date(2026, 11, 1)),
        ("²", dt.date(2026, 11, 1)),
    ],
)
def test_an_answer_that_waited_counts_for_the_day_on_which_it_was_given(
    client: FlaskClient, desk: str, look: Look, waited: str, day: dt.date
) -> None:
    with time_machine.travel(NOVEMBER - dt.timedelta(days=3), tick=False):
        page = hidden(client.get(desk))  # stands open for days
    with time_machine.travel(NOVEMBER, tick=False):
        sent = client.post(desk, data={**page, "S1": "4", "waited": waited})
    assert sent.status_code == 200
    assert days(look) == [day]


def test_the_desk_is_counted_as_its_own_channel(client: FlaskClient, desk: str, session: Session) -> None:
    client.post(desk, data={**hidden(client.get(desk)), "S1": "5"})
    month = parse(f"{dt.datetime.now(dt.UTC) + dt.timedelta(hours=7):%Y-%m}")
    cells = counts.cells(session, scope_for(session, month, agencies.root(session).id), ("channel",))
    assert cells[["channel", "answered"]].values.tolist() == [[int(Channel.KIOSK), 1]]
    assert counts.judged(cells).empty


def test_a_page_that_was_open_for_too_long_asks_again_and_keeps_the_choice(client: FlaskClient, desk: str) -> None:
    page = hidden(client.get(desk))
    stale = client.post(desk, data={**page, "csrf_token": "1.stale", "S1": "2"})
    assert stale.status_code == 400
    assert re.search(r'value="2" class="chosen"', stale.get_data(as_text=True))


def test_nothing_chosen_asks_for_a_choice(client: FlaskClient, desk: str) -> None:
    empty = client.post(desk, data=hidden(client.get(desk)))
    assert empty.status_code == 422
    check_page(empty, "vi")


def test_a_desk_that_asked_by_an_earlier_version_is_recorded_as_that(
    client: FlaskClient, desk: str, session: Session, look: Look
) -> None:
    page = hidden(client.get(desk))
    before = questionnaires.asked_now(session, questionnaires.IN_PERSON)
    kept = session.get_one(QuestionnaireVersion, before.id)
    document = copy.deepcopy(kept.document) | {"version": "99.0"}
    for place, _item in items(document):
        question: Any = document
        for step in place:
            question = question[step]
        question["required"] = True  # a desk asks one question only, whatever the form asks for
    later = questionnaires.publish(session, document, dt.datetime.now(dt.UTC))
    session.commit()
    forget(survey_of(client.application))
    assert client.post(desk, data={**page, "S1": "4"}).status_code == 200
    assert client.post(desk, data={**hidden(client.get(desk)), "S1": "5"}).status_code == 200
    asked = look(sa.select(Response.overall, Response.questionnaire_id).order_by(Response.id))
    assert asked == [(4, before.id), (5, later.id)]


def test_a_desk_asks_in_person_as_soon_as_that_is_published_and_the_short_form_until_then(
    client: FlaskClient, desk: str, session: Session
) -> None:
    assert "trực tuyến" not in check_page(client.get(desk)).words
    online = sa.update(QuestionnaireVersion).where(QuestionnaireVersion.code == questionnaires.IN_PERSON)
    session.execute(online.values(status=VersionStatus.RETIRED))
    session.commit()
    forget(survey_of(client.application))
    assert "trực tuyến" in check_page(client.get(desk)).words


def test_a_wrong_touch_is_taken_back_without_scripts_too(client: FlaskClient, desk: str, look: Look) -> None:
    thanked = client.post(desk, data={**hidden(client.get(desk)), "S1": "1"})
    asked = client.post(desk, data={**hidden(thanked), "again": "1"})
    assert asked.status_code == 200 and check_page(asked)
    assert f'http-equiv="refresh" content="30; url={desk}"' in asked.text, "who comes next changes nobody's answer"
    assert "http-equiv" not in client.get(desk).text
    assert client.post(desk, data={**hidden(asked), "S1": "5"}).status_code == 200
    assert look(sa.select(Response.overall).where(Response.counted)) == [(5,)]
