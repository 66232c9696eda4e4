"""An answer goes with its case when the portal corrects it, whichever of the two comes first."""

from __future__ import annotations

import datetime as dt
import threading
import time

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from survey import questionnaires
from survey.collection import invitations, responses
from survey.collection.answers import Answers
from survey.collection.responses import SubmissionMeta
from survey.models import Response
from survey.security.tokens import new_token
from survey.web.survey import survey_of
from tests.support import factories
from tests.support.cases import finish, tell
from tests.support.factories import SECRET

NOON = dt.datetime(2026, 10, 10, 5, tzinfo=dt.UTC)
CODE = "H61.50-261010-0001"


def test_an_answer_that_is_being_written_while_its_case_is_corrected_goes_with_it(app: Flask, session: Session) -> None:
    token = finish(session, CODE, "H61.50", NOON)
    sheet, unit = questionnaires.asked_now(session), factories.agency_id(session, "H61.51")
    session.commit()
    database = survey_of(app).database
    done = []

    def correct() -> None:
        with database.session(writes=True) as portal:
            tell(portal, [CODE], "H61.51", NOON)
            portal.commit()
        done.append(True)

    with database.connection(writes=True) as connection:
        source = invitations.find(connection, token, NOON)  # as the page is served: of the agency before
        portal = threading.Thread(target=correct)
        portal.start()
        time.sleep(0.5)
        assert done == []
        meta = SubmissionMeta(new_token(), NOON, "vi")
        responses.record(connection, SECRET, source, sheet, Answers({"overall": 2}), meta)
        connection.commit()
    portal.join(30)
    assert done == [True]
    assert session.scalars(sa.select(Response.agency_id)).all() == [unit]
