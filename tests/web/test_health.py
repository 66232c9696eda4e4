"""Whether the process is alive and can take answers is told to whoever watches it; why not stands in the log."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.app import create_app
from survey.models import Installation
from survey.settings import Settings
from survey.web.survey import survey_of
from tests.conftest import SECRET


def test_a_process_that_can_take_answers_says_so(client: FlaskClient) -> None:
    for path in ("/healthz", "/readyz"):
        answer = client.get(path)
        assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_an_installation_that_nobody_has_set_up_is_empty(client: FlaskClient, session: Session) -> None:
    session.execute(sa.delete(Installation))
    session.commit()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"status": "empty"})


def test_a_database_that_does_not_answer_is_not_ready_and_the_log_says_what_happened(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app: Flask = create_app(Settings(database_url=f"sqlite:///{tmp_path / 'none.db'}", secret_key=SECRET))
    with survey_of(app).database:
        client = app.test_client()
        assert client.get("/healthz").status_code == 200
        answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"status": "unavailable"})
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["level"], line["kind"]) == ("not_ready", "warning", "OperationalError")
