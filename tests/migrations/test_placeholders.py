"""Agencies of which nothing is known but their code are marked as such, and no others."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

import migrations
from survey.cases import recording
from survey.collection.withdrawn_cases import Informant
from survey.models import Agency, Respondent
from survey.web.survey import survey_of
from tests.support import factories


def test_agencies_that_cases_named_before_anybody_knew_them_are_marked(app: Flask, session: Session) -> None:
    about = {"procedure": "1.001193", "respondent": Respondent.CITIZEN, "finished": dt.date(2026, 10, 5)}
    for number, code in enumerate(("H61.77", "H61.50")):
        case_code = f"H61.50-261001-000{number}"
        case = recording.finished(factories.SECRET, case_code, receiving=code, resolving=code, **about)
        recording.record(session, [case], Informant(dt.datetime(2026, 10, 6, 5, tzinfo=dt.UTC)))
    session.commit()
    database = survey_of(app).database
    for revision in ("0013", "head"):
        migrations.migrate(database, revision)
    marked = session.scalars(sa.select(Agency.code).where(Agency.placeholder)).all()
    session.rollback()
    assert marked == ["H61.77"]
    migrations.check(database)
