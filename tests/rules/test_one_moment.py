"""A page or a file shows one moment, however many people answer meanwhile; and nobody waits for a drawing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import flask
import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.db.engine import Database, journal_mode, sqlite
from survey.models import Channel
from survey.operations.drawing_process import drawing_process
from survey.reports import writing
from survey.results.figures import Figures
from survey.results.trends import TrendFigures
from survey.web.survey import survey_of
from tests.support import factories, reporting
from tests.support.jobs import file_of
from tests.support.officials import official, sign_in
from tests.support.portal import program

NOON = dt.datetime(2026, 10, 10, 5, tzinfo=dt.UTC)
TODAY = dt.datetime(2026, 10, 20, 5, tzinfo=dt.UTC)
MONTH = "2026-10"


@contextmanager
def answers_pour_in(database: Database) -> Iterator[list[int]]:
    """Let somebody rate, and somebody's case be finished, after each statement that anybody reads with."""
    if database.engine.dialect.name == "sqlite" and journal_mode(sqlite.sqlite_version_info) != "WAL":
        yield [1]  # a reader keeps every writer out
        return
    written: list[int] = []
    writing_now = False

    def another(connection: sa.Connection, _cursor: Any, statement: str, *_: Any) -> None:
        nonlocal writing_now
        if writing_now or connection.get_execution_options().get("writes") or "response" not in statement:
            return
        writing_now = True
        try:
            with database.session(writes=True) as session:
                factories.response(session, 1 + len(written) % 5, "H61.50", when=NOON)
                factories.response(session, 5, "H61.51", when=NOON, channel=Channel.OPEN)
                session.commit()
            written.append(1)
        finally:
            writing_now = False

    sa.event.listen(database.engine, "after_cursor_execute", another)
    try:
        yield written
    finally:
        sa.event.remove(database.engine, "after_cursor_execute", another)


@pytest.fixture
def database(app: Flask, session: Session) -> Iterator[Database]:
    """A database with some of everything, on a day in the month."""
    reporting.answers(session)
    official(session)
    with time_machine.travel(TODAY, tick=True):
        yield survey_of(app).database


@contextmanager
def shown_by(app: Flask) -> Iterator[dict[str, Any]]:
    """Give what a template of the dashboard is drawn from."""
    shown: dict[str, Any] = {}

    def note(_app: Flask, template: Any, context: dict[str, Any], **_: Any) -> None:
        if template.name == "staff/_overview.html":
            shown.update(context)

    with flask.template_rendered.connected_to(note, app):
        yield shown


@contextmanager
def moments(database: Database) -> Iterator[set[Any]]:
    """Give the transactions in which answers or cases are read."""
    begun: set[Any] = set()

    def note(connection: sa.Connection, _cursor: Any, statement: str, *_: Any) -> None:
        options = connection.get_execution_options()
        if ("response" in statement or '"case"' in statement) and not options.get("writes"):
            own_moment = options.get("isolation_level") == "AUTOCOMMIT"
            begun.add(object() if own_moment else id(connection.get_transaction()))

    sa.event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield begun
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", note)


def agree(figures: Figures, trend: TrendFigures) -> None:
    """Check that a page's figures contradict each other nowhere."""
    total = figures.judged.total
    rows = [row for row in figures.judged.rows if not row.pooled]
    assert [sum(getattr(row, name) for row in rows) for name in ("answered", "rated")] == [total.answered, total.rated]
    assert sum(row.satisfied or 0 for row in figures.judged.rows) == total.satisfied
    assert (trend.rows[-1].answered, trend.rows[-1].satisfied) == (total.answered, total.satisfied)
    assert total.rated == total.answered


def agree_in(path: Path) -> None:
    """Check the same of a report's file."""
    document = reporting.read_json(path)
    judged = document["channels"]["invitation"]
    total = judged["total"]
    for lines in (judged["units"], judged["procedures"]):
        assert sum(line["answered"] for line in lines if not line["pooled"]) == total["answered"]
        assert sum(line["satisfied"] or 0 for line in lines) == total["satisfied"]
    assert total["rated"] == total["answered"] == document["trend"][-1]["answered"]


def test_a_report_by_command_is_of_one_moment(app: Flask, database: Database, tmp_path: Path) -> None:
    with answers_pour_in(database) as written:
        done = app.test_cli_runner().invoke(
            args=["hailong", "report", "--period", MONTH, "--format", "json", "--out", str(tmp_path / "out")]
        )
    assert done.exit_code == 0, done.output
    assert written
    [path] = (tmp_path / "out").iterdir()
    agree_in(path)


def test_a_report_by_job_is_of_one_moment(client: FlaskClient, database: Database, tmp_path: Path) -> None:
    sign_in(client)
    with answers_pour_in(database) as written:
        reply = file_of(client, "/staff/report", period=MONTH, basis="calendar", format="json", lang="vi")
    assert reply.status_code == 200, reply.text
    assert written
    path = tmp_path / "report.json"
    path.write_bytes(reply.data)
    agree_in(path)


def test_the_dashboard_is_of_one_moment(client: FlaskClient, database: Database) -> None:
    sign_in(client)
    for agency in ("H61", "H61.50"):  # the one by unit, the other by procedure
        with answers_pour_in(database) as written, shown_by(client.application) as shown:
            assert client.get(f"/staff/?period={MONTH}&agency={agency}").status_code == 200
        assert written
        figures = shown["figures"]
        agree(figures, shown["trend"])
        assert figures.judged.total.answered == shown["trend"].rows[-1].answered


def test_the_figures_of_the_api_are_of_one_moment(app: Flask, session: Session, database: Database) -> None:
    portal = program(session, app.test_client())
    for by in ("unit", "procedure"):
        with answers_pour_in(database) as written:
            counts = portal.get(f"/counts?period={MONTH}&by={by}").json
        assert written and counts is not None
        for channel in ("judged", "open", "kiosk"):
            part = counts[channel]
            assert sum(line["answered"] for line in part["lines"] if not line["pooled"]) == part["total"]["answered"]
        assert counts["judged"]["total"]["rated"] == counts["judged"]["total"]["answered"]


def test_coverage_and_response_quality_are_of_one_moment(client: FlaskClient, database: Database) -> None:
    sign_in(client)
    for page in ("invitation-coverage", "response-quality", "deliveries"):
        with answers_pour_in(database), moments(database) as begun:
            assert client.get(f"/staff/{page}?period={MONTH}").status_code == 200
        assert len(begun) == 1, page


def test_nothing_is_held_open_while_a_page_or_a_file_is_drawn(
    app: Flask,
    client: FlaskClient,
    session: Session,
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held: dict[str, int] = {}

    def noting(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*arguments: Any, **named: Any) -> Any:
            held[name] = held.get(name, 0) + database.engine.pool.checkedout()  # type: ignore[attr-defined]
            return function(*arguments, **named)

        return noted

    monkeypatch.setattr(drawing_process, "poster", noting("poster", drawing_process.poster))
    monkeypatch.setattr(writing, "_writer", noting("report", writing._writer))
    code = factories.placement(session, "H61.50", "QRMOMENT").code
    session.commit()
    sign_in(client)

    def template(_app: Flask, template: Any, **_: Any) -> None:
        held[template.name] = held.get(template.name, 0) + database.engine.pool.checkedout()  # type: ignore[attr-defined]

    with flask.before_render_template.connected_to(template, app):
        for page in ("", "invitation-coverage", "response-quality", "deliveries", f"placements/{code}/poster.pdf"):
            assert client.get(f"/staff/{page}?period={MONTH}").status_code == 200, page
    assert file_of(client, "/staff/report", period=MONTH, basis="calendar", format="docx", lang="vi").status_code == 200
    out = ["--format", "xlsx", "--out", str(tmp_path)]
    assert app.test_cli_runner().invoke(args=["hailong", "report", "--period", MONTH, *out]).exit_code == 0
    assert {"poster", "report", "staff/_overview.html", "staff/dashboard.html"} <= set(held)
    assert held == dict.fromkeys(held, 0)


def test_a_session_that_reads_cannot_write(database: Database, session: Session) -> None:
    session.rollback()
    if database.engine.dialect.name == "postgresql":
        with database.session(writes=False) as reading, pytest.raises(sa.exc.InternalError, match="read-only"):
            factories.response(reading, 5, when=NOON)
