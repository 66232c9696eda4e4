"""Reports by the API: the .json of the report, byte for byte, by the rights of the key, and what describes it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import jsonschema_rs
import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey import reports
from survey.accounts.api_keys import KeyScope
from survey.periods import local_day, now, parse
from survey.results.scope import reader_of, scope_for, standard_of
from survey.settings import ROOT, Settings
from tests.support import factories
from tests.support.portal import Portal, check_problem, program
from tests.support.reporting import NOON, answers


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_reply_is_the_file_and_keeps_to_the_schema(
    portal: Portal, session: Session, settings: Settings, tmp_path: Path, language: str
) -> None:
    answers(session)
    session.commit()
    reply = portal.get(f"/reports?period=2026-10&lang={language}")
    assert (reply.status_code, reply.content_type) == (200, "application/json")
    assert reply.headers["Content-Language"] == language
    province = factories.agency_id(session, "H61")
    scope = scope_for(session, parse("2026-10"), province, reader=reader_of(session, province))
    report = reports.build(session, scope, standard_of(settings), local_day(now()), language=language)
    [path] = reports.write(report, tmp_path, ["json"])
    assert reply.data == path.read_bytes()
    session.rollback()  # on SQLite the write lock is everybody's
    published = portal.client.get("/api/v1/report.schema.json")
    assert published.content_type == "application/schema+json"
    jsonschema_rs.Draft202012Validator(published.json, validate_formats=True).validate(reply.json)
    assert published.text == (ROOT / "docs" / "report.schema.json").read_text(encoding="utf-8")


def test_a_report_and_the_counts_speak_alike(portal: Portal, session: Session) -> None:
    for number in range(40):
        factories.response(session, 5 if number % 4 else 2, "H61.51", when=NOON)
    session.commit()
    report, told = (portal.get(f"/{path}?period=2026-10").json for path in ("reports", "counts"))
    assert report is not None and told is not None
    judged, counted = report["channels"]["invitation"], told["judged"]
    assert counted["channel"] == "invitation" and told["open"]["channel"] == "open"
    assert counted["total"].items() <= judged["total"].items()
    for one, line in zip(judged["units"], counted["lines"], strict=True):
        assert line.items() <= one.items()
    for name in ("target", "confidence", "as_of", "demo", "definition", "agency"):
        assert report[name] == told[name]
    assert told["period"].pop("snapshot") is None, "nothing is frozen yet"
    assert told["period"].items() <= report["period"].items()
    assert report["target"] == 0.9


def test_a_key_of_a_unit_gets_its_own_report_and_no_more(session: Session, client: FlaskClient) -> None:
    for rating in [5] * 20 + [1] * 7:
        factories.response(session, rating, "H61.51", when=NOON)
    unit = program(session, client, "H61.51", KeyScope.COUNTS_READ)
    told = unit.get("/reports?period=2026-10").json
    assert told is not None and told["agency"]["code"] == "H61.51"
    total = told["channels"]["invitation"]["total"]
    counts = unit.get("/counts?period=2026-10").json
    assert counts is not None and counts["judged"]["total"].items() <= total.items()
    assert 0 < total["answered"] < 27, "an open period moves by batches"
    assert {one["withheld"] for one in told["channels"]["invitation"]["procedures"]} == {"open"}
    assert [one["satisfied"] for one in told["channels"]["invitation"]["procedures"]] == [None]
    check_problem(unit.get("/reports?period=2026-10&agency=H61.50"), 404, "not_found")
    check_problem(unit.get("/reports?period=2026-13"), 422, "invalid_request")
    other = program(session, client, "H61", KeyScope.CASES_WRITE)
    check_problem(other.get("/reports?period=2026-10"), 403, "forbidden")
    check_problem(Portal(client, "none").get("/reports?period=2026-10"), 401, "key_refused")


def test_what_the_columns_mean_is_published_in_each_language(client: FlaskClient) -> None:
    for language, head, meaning in (("vi", "Khóa", "Mã của cơ quan có báo cáo."), ("en", "Key", "Code of the agency")):
        reply = client.get(f"/api/v1/report.dictionary.csv?lang={language}")
        assert reply.content_type == "text/csv; charset=utf-8"
        first = next(csv.DictReader(io.StringIO(reply.text)))
        assert first[head] == "agency" and meaning in " ".join(first.values())
