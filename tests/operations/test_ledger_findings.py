"""The doctor says when the ledger was sealed last, and that it never was or is not any more."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from flask import Flask
from sqlalchemy.orm import Session

from survey.ledger import sealing, signing_key
from survey.operations import ledger_findings
from survey.web.survey import survey_of
from tests.support import factories

NOON = dt.datetime(2026, 10, 20, 5, tzinfo=dt.UTC)


def test_what_waits_for_the_seal_for_long_is_said(app: Flask, session: Session, tmp_path: Path) -> None:
    factories.response(session)
    session.commit()
    assert ledger_findings.sealing(session, NOON).cure == ledger_findings.SET_UP, "nobody has sealed anything"
    session.commit()
    key = tmp_path / "ledger_key"
    signing_key.make(key, "khaosat.example.vn/ledger")
    sealed = sealing.seal(survey_of(app).database, key, NOON)
    assert sealed is not None
    a_day = ledger_findings.sealing(session, NOON + dt.timedelta(days=1))
    assert (a_day.state, a_day.values) == ("ok", {"size": sealed.size, "moment": NOON}), "nothing waits"
    factories.response(session)
    session.commit()
    sealing.number(survey_of(app).database)  # a number alone is no seal
    soon, late = (ledger_findings.sealing(session, NOON + dt.timedelta(minutes=number)) for number in (14, 16))
    assert (soon.state, late.state, late.cure) == ("ok", "warning", ledger_findings.LOOK)
