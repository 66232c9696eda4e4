"""Figures for whoever watches the installation: to the bearer of the token only, without a person or a unit in them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import math
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.orm import Session
from werkzeug.test import Client

from survey.app import create_app
from survey.ledger import sealing, signing_key
from survey.operations import backup_file
from survey.operations.request_figures import TimedRequests
from survey.periods import now
from survey.settings import ROOT, Settings
from survey.web.survey import survey_of
from tests.support import factories
from tests.support.sending.queued import invite_all
from tests.support.serving import fetch, free_port, serving

TOKEN = "what only Prometheus knows, 32 letters"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
SQLITE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # nothing of the store is asked
Started = Callable[[Settings], AbstractContextManager[Flask]]
LABELS = {"version", "channel", "stage", "kind", "state", "what", "route", "status", "le"}
WORDS = re.compile(r"[a-z0-9_.+]{0,20}|\+Inf|[0-9.e+-]+")


@pytest.fixture
def watched(settings: Settings, started: Started) -> Iterator[Flask]:
    backed_up = dataclasses.replace(settings, metrics_token=TOKEN, backups=str(settings.instance / "backups"))
    with started(backed_up) as app:
        settings.instance.mkdir(exist_ok=True)
        yield app


def samples(text: str) -> dict[tuple[str, ...], float]:
    """Return every figure by its name and the values of its labels."""
    families = text_string_to_metric_families(text)
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


def test_the_figures_are_those_of_the_database(watched: Flask, session: Session) -> None:
    for _ in range(3):
        factories.response(session)
    factories.response(session, channel=factories.Channel.OPEN)
    invite_all(session, "linh.nguyen@example.vn")
    reply = watched.test_client().get("/metrics", headers=BEARER)
    assert reply.status_code == 200 and reply.mimetype == "text/plain"
    figures = samples(reply.text)
    assert figures["hailong_answers_today", "invitation"] == 3 and figures["hailong_answers_today", "open"] == 1
    stages = [figures["hailong_recent_cases", stage] for stage in ("finished", "invited", "answered")]
    assert stages == [4, 4, 3]
    assert figures["hailong_deliveries_waiting", "invitation"] == figures["hailong_deliveries_waiting", "reminder"] == 1
    assert figures["hailong_deliveries_waiting", "event"] == 0, "what is not there is told as none"
    assert figures["hailong_delivery_wait_seconds",] >= 0 and figures["hailong_database_up",] == 1
    assert figures["hailong_ledger_behind_seconds",] == math.inf, "nobody has sealed it yet"
    assert figures["hailong_backup_age_seconds",] == math.inf, "there is none"
    assert figures["hailong_database_bytes",] > 100_000 and figures["hailong_disk_free_bytes",] > 0


def test_a_ledger_that_is_sealed_and_a_backup_that_is_there_are_as_old_as_they_are(
    watched: Flask, session: Session
) -> None:
    survey = survey_of(watched)
    factories.response(session)
    session.commit()
    folder = survey.settings.instance / "backups"
    folder.mkdir()
    (folder / backup_file.file_name(now() - dt.timedelta(hours=30))).touch()
    key = survey.settings.instance / "ledger_key"
    signing_key.make(key, "khaosat.example.vn/ledger")
    sealed = sealing.seal(survey.database, key, now() - dt.timedelta(minutes=5))
    assert sealed is not None
    figures = samples(watched.test_client().get("/metrics", headers=BEARER).text)
    assert figures["hailong_ledger_behind_seconds",] == 0
    assert 29.9 * 3600 < figures["hailong_backup_age_seconds",] < 30.1 * 3600
    factories.response(session)
    session.commit()
    figures = samples(watched.test_client().get("/metrics", headers=BEARER).text)
    assert 299 < figures["hailong_ledger_behind_seconds",] < 900


@SQLITE
def test_labels_are_few_and_hold_nothing_of_a_person_or_a_unit(watched: Flask, session: Session) -> None:
    factories.response(session)
    session.commit()
    client = Client(TimedRequests(watched))
    for path in ("/r/some-token-of-22-letters", "/staff/units?agency=H61.50", "/no/such/page", "/%F0%9F%98%80"):
        client.get(path)
    text = watched.test_client().get("/metrics", headers=BEARER).text
    for family in text_string_to_metric_families(text):
        for one in family.samples:
            assert set(one.labels) <= LABELS and all(WORDS.fullmatch(value) for value in one.labels.values()), one
    assert "H61" not in text and "some-token" not in text


@SQLITE
def test_without_a_token_there_is_no_such_page_and_with_a_wrong_one_nothing_is_told(
    client: FlaskClient, watched: Flask
) -> None:
    assert client.get("/metrics", headers=BEARER).status_code == 404
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}):
        refused = watched.test_client().get("/metrics", headers=headers)
        assert refused.status_code == 401 and "hailong_" not in refused.text


def test_without_a_database_the_rest_is_told(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'none.db'}"
    app = create_app(Settings(url, factories.SECRET, instance=tmp_path, metrics_token=TOKEN))
    with survey_of(app).database:
        figures = samples(app.test_client().get("/metrics", headers=BEARER).text)
    assert figures["hailong_database_up",] == 0 and figures["hailong_disk_free_bytes",] > 0


@SQLITE
def test_each_request_is_counted_in_its_class_by_all_processes_together(database_url: str, tmp_path: Path) -> None:
    port = free_port()
    environ = {"DATABASE_URL": database_url, "SECRET_KEY": factories.SECRET, "HAILONG_METRICS_TOKEN": TOKEN}
    environ |= {"HAILONG_INSTANCE": str(tmp_path), "PORT": str(port), "HAILONG_WORKERS": "2"}
    with serving(tmp_path / "log", "--no-work", **environ):
        for _ in range(20):
            fetch(port, "/q/NONE22")
        text = fetch(port, "/metrics", headers=BEARER)[1]
    assert samples(text)["hailong_request_seconds_count", "citizen_page", "4xx"] == 20


NAME = re.compile(r"\bhailong_[a-z_]+")
SUFFIXES = re.compile(r"_(?:count|sum|bucket)$")


@SQLITE
def test_every_figure_that_an_alert_or_the_dashboard_names_is_there(watched: Flask) -> None:
    Client(TimedRequests(watched)).get("/")
    there = {
        family.name
        for family in text_string_to_metric_families(watched.test_client().get("/metrics", headers=BEARER).text)
    }
    alerts = yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yml").read_text(encoding="utf-8"))
    rules: list[dict[str, Any]] = [rule for group in alerts["groups"] for rule in group["rules"]]
    board = json.loads((ROOT / "deploy" / "grafana" / "hailong.json").read_text(encoding="utf-8"))
    drawn = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    named = {
        SUFFIXES.sub("", name) for text in (*drawn, *(rule["expr"] for rule in rules)) for name in NAME.findall(text)
    }
    assert named <= there and len(named) >= 12
    assert there - named == set(), "every figure is drawn or watched"
    assert all({"alert", "expr", "labels", "annotations"} <= rule.keys() for rule in rules)
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    (scrape,) = yaml.safe_load((ROOT / "deploy" / "prometheus" / "scrape.yml").read_text(encoding="utf-8"))
    assert scrape["metrics_path"] == "/metrics" and scrape["job_name"] == "hailong"
    assert set(re.findall(r'route(?:=~?)"([a-z_]+)"', str(drawn))) <= {"citizen_answer"}
