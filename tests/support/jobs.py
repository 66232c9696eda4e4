"""Jobs that a page has asked for, done in this process as the background process does them in one of its own."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from survey.operations import job_kinds, jobs
from survey.periods import now
from survey.web.survey import survey_of
from tests.support.logins import owner_s
from tests.support.officials import send


def do_next(app: Flask) -> None:
    """Do the job that has waited longest."""
    survey = survey_of(app)
    with owner_s(survey.database) as database:
        with database.session(writes=True) as session:
            claim = jobs.claim(session, now())
            session.commit()
        assert claim is not None
        with app.app_context():
            job_kinds.perform(database, survey.settings, claim)


def file_of(client: FlaskClient, path: str, page: str = "/staff/account", **fields: Any) -> TestResponse:
    """Ask for a file by a form, let it be made, and fetch it; return the refusal if it is refused."""
    asked = send(client, path, page, **fields)
    if asked.status_code != 303:
        return asked
    do_next(client.application)
    return client.get(f"{asked.location}/file")
