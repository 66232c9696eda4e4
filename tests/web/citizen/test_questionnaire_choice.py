"""By which version a form was asked is signed into it; a version that no form may wait for any more is asked anew."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey import questionnaires
from survey.models import Response
from survey.web.current_survey import forget
from survey.web.survey import survey_of
from tests.support.pages import check_page, hidden, receipt_on

Look = Callable[[sa.Select[*tuple[Any, ...]]], list[Any]]
DAY = dt.timedelta(days=1)


@pytest.mark.parametrize("number", ["999999999", "-1", "x", "9" * 30, "²"])
def test_a_form_that_names_no_version_is_read_as_what_is_asked(
    client: FlaskClient, look: Look, code: str, number: str
) -> None:
    asked = hidden(client.get(code))
    form = {**asked, "csrf_token": f"{number}-{asked['csrf_token'].partition('-')[2]}", "S1": "4", "S8": "Xin giữ lại"}
    refused = client.post(code, data=form)
    assert refused.status_code in (400, 409) and "Xin giữ lại" in check_page(refused).words
    assert look(sa.select(Response.overall)) == []
    receipt_on(check_page(client.post(code, data={**form, **hidden(refused)})))
    assert look(sa.select(Response.overall)) == [(4,)]


@pytest.mark.parametrize(("opened", "sent", "status"), [(-1, 28, 200), (-1, 29, 400), (-10, 31, 409), (1, 28, 200)])
def test_a_retired_version_is_taken_from_forms_that_may_still_wait_and_from_no_others(
    client: FlaskClient, session: Session, look: Look, code: str, opened: int, sent: int, status: int
) -> None:
    retired = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
    before = questionnaires.named(session, "short_online")
    form: dict[str, str] = {}
    if opened < 0:
        with time_machine.travel(retired + opened * DAY, tick=False):
            form = hidden(client.get(code))
    new = questionnaires.publish(session, {**copy.deepcopy(before.document), "version": "9.0"}, retired)
    session.commit()
    forget(survey_of(client.application))
    if opened > 0:
        with time_machine.travel(retired + opened * DAY, tick=False):
            form = hidden(client.get(code))
    with time_machine.travel(retired + sent * DAY, tick=False):
        reply = client.post(code, data={**form, "S1": "4", "S8": "Xin giữ lại"})
        assert reply.status_code == status
        if status != 200:
            assert "Xin giữ lại" in check_page(reply).words and look(sa.select(Response.id)) == []
            assert client.post(code, data={**form, **hidden(reply), "S1": "4"}).status_code == 200
    # A form that is too old is asked for again by its own version, unless no form of that version may wait any more.
    expected = before.id if status == 400 or (opened < 0 and status == 200) else new.id
    assert look(sa.select(Response.questionnaire_id)) == [(expected,)]


def test_nobody_answers_by_another_version_than_the_page_asked(
    client: FlaskClient, session: Session, look: Look, code: str
) -> None:
    before = questionnaires.named(session, "short_online")
    number = before.id
    document = {**copy.deepcopy(before.document), "version": "9.0"}
    questionnaires.publish(session, document, dt.datetime.now(dt.UTC) - DAY)
    session.commit()
    forget(survey_of(client.application))
    form = hidden(client.get(code))
    forged = f"{number}-{form['csrf_token'].partition('-')[2]}"
    for fields in ({"csrf_token": forged}, {"csrf_token": forged, "asked": str(number)}):
        assert client.post(code, data={**form, "S1": "4", **fields}).status_code == 400
    assert look(sa.select(Response.id)) == []
