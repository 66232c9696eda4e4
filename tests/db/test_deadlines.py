"""Nobody waits for ever: a database that is stopped, restarted or locked costs seconds, and an honest word."""

from __future__ import annotations

import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa
from flask import Flask

from survey.app import create_app
from survey.collection import invitations
from survey.db.engine import Database, Lock, exclusively
from survey.db.patience import CITIZEN, waiting_at_most
from survey.db.postgresql import CONNECT_SECONDS
from survey.errors import Unavailable
from survey.models import Base
from survey.periods import now
from survey.results import closing
from survey.settings import Settings
from survey.web.current_survey import forget
from survey.web.survey import survey_of
from tests.support import factories
from tests.support.faults.cluster import Cluster
from tests.support.faults.people import FIELD

SECONDS = 10.0  # five, as CITIZEN in survey/db/patience.py has it, and as much again for a busy machine
SELECT = sa.text("SELECT 1")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with tempfile.TemporaryDirectory() as folder, Cluster(Path(folder)) as running:
        yield running


@contextmanager
def stopped(cluster: Cluster) -> Iterator[None]:
    """Stop every process of a server as a machine that swaps or a frozen container does: it hangs, it is not down."""
    postmaster = psutil.Process(cluster.server.get_pid())
    family = [postmaster, *postmaster.children(recursive=True)]
    for process in family:
        process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for process in reversed(family):
            process.send_signal(signal.SIGCONT)


def seconds_until_refused(database: Database) -> float:
    began = time.monotonic()
    with waiting_at_most(CITIZEN), pytest.raises(sa.exc.OperationalError), database.connection(writes=False) as opened:
        opened.execute(SELECT)
    return time.monotonic() - began


def test_a_server_that_hangs_is_given_up_after_seconds_and_then_at_once_until_it_answers(cluster: Cluster) -> None:
    with Database(cluster.url) as database:
        with database.connection(writes=False) as opened:
            opened.execute(SELECT)
        with stopped(cluster):
            assert seconds_until_refused(database) < SECONDS
            assert seconds_until_refused(database) < CONNECT_SECONDS, "nobody waits for what another has found out"
            time.sleep(2.1)
            assert seconds_until_refused(database) < SECONDS, "one asks again"
        time.sleep(2.1)
        with waiting_at_most(CITIZEN), database.connection(writes=False) as opened:
            assert opened.execute(SELECT).scalar() == 1


def test_citizens_get_their_page_or_an_honest_word_in_time_while_the_server_hangs(
    cluster: Cluster, tmp_path: Path
) -> None:
    app: Flask = create_app(Settings(cluster.url, factories.SECRET, instance=tmp_path))
    with survey_of(app).database:
        client = app.test_client()
        page = client.get("/q/TESTQR")
        assert page.status_code == 200
        forget(survey_of(app))
        assert client.get("/q/NOBODY").status_code == 404  # by which what pages show is read anew, without that code
        with stopped(cluster):
            for path, status in (("/healthz", 200), ("/q/TESTQR", 200), ("/readyz", 503), ("/staff/sign-in", 200)):
                began = time.monotonic()
                assert client.get(path).status_code == status, path
                assert time.monotonic() - began < SECONDS, path
            began = time.monotonic()
            sent = client.post("/q/TESTQR", data={**dict(FIELD.findall(page.text)), "S1": "2", "S8": "Chờ lâu"})
            assert (sent.status_code, "Retry-After" in sent.headers) == (503, True)
            assert time.monotonic() - began < SECONDS


def test_the_first_visitor_after_a_restart_of_the_server_notices_nothing(cluster: Cluster) -> None:
    with Database(cluster.url) as database:
        for writes in (False, True):
            with database.connection(writes=writes) as opened:
                before = opened.execute(sa.text("SELECT pg_postmaster_start_time()")).scalar()
            cluster.kill()
            cluster.restart()
            with database.connection(writes=writes) as opened:
                assert opened.execute(sa.text("SELECT pg_postmaster_start_time()")).scalar() != before


@contextmanager
def held(database: Database, statement: str) -> Iterator[None]:
    """Hold what a statement takes, in a transaction of another connection."""
    with database.session(writes=True) as other:
        other.execute(sa.text(statement))
        try:
            yield
        finally:
            other.rollback()


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_a_feed_that_another_one_holds_up_is_refused_with_a_word(app: Flask) -> None:
    database = survey_of(app).database
    with held(database, f"SELECT pg_advisory_xact_lock({int(Lock.FEED)})"), database.session(writes=True) as session:
        began = time.monotonic()
        with waiting_at_most(CITIZEN), pytest.raises(Unavailable):
            exclusively(session, Lock.FEED)
        assert time.monotonic() - began < SECONDS


def test_an_answer_that_a_writer_holds_up_is_refused_in_time_and_given_back(app: Flask, code: str) -> None:
    database, client = survey_of(app).database, app.test_client()
    page = client.get(code)
    what = "SELECT 1" if database.engine.dialect.name == "sqlite" else "LOCK TABLE response IN EXCLUSIVE MODE"
    with held(database, what):
        began = time.monotonic()
        sent = client.post(code, data={**dict(FIELD.findall(page.text)), "S1": "2", "S8": "Chờ lâu"})
        assert time.monotonic() - began < SECONDS
        assert client.get(code).status_code == 200
        assert client.get("/healthz").status_code == 200
    assert (sent.status_code, "Chờ lâu" in sent.text, sent.headers["Retry-After"]) == (503, True, "10")


def test_pages_of_the_long_form_turn_while_somebody_writes(app: Flask, code: str) -> None:
    database, client = survey_of(app).database, app.test_client()
    path = f"{code}?form=full"
    fields = dict(FIELD.findall(client.get(path).text)) | {"B22": "2"}
    tables = ", ".join(
        f'"{name}"' for name in Base.metadata.tables
    )  # a lock that lets read, but neither write nor hold a row
    what = "SELECT 1" if database.engine.dialect.name == "sqlite" else f"LOCK TABLE {tables} IN EXCLUSIVE MODE"
    with held(database, what):
        began = time.monotonic()
        for there in ("A", "B1", "G"):
            page = client.post(path, data={**fields, "go": there})
            assert page.status_code == 200
            fields |= dict(FIELD.findall(page.text))
        assert client.post(path, data={**fields, "switch": "en"}).status_code == 200
        assert time.monotonic() - began < 2
        assert client.post(path, data=fields).status_code == 503, "to send it is to write"


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_program_that_knows_no_lock_file_holds_nobody_up_for_long_either(app: Flask, settings: Settings) -> None:
    with Database(settings.database_url) as other, other.engine.connect() as backup:
        backup.exec_driver_sql("ROLLBACK")
        backup.exec_driver_sql("BEGIN IMMEDIATE")
        began = time.monotonic()
        with waiting_at_most(CITIZEN), pytest.raises(sa.exc.OperationalError):
            survey_of(app).database.connection(writes=True).__enter__().execute(SELECT)
        assert time.monotonic() - began < SECONDS
        backup.exec_driver_sql("ROLLBACK")


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_closing_beside_a_vacuum_lets_people_answer(app: Flask, session: sa.orm.Session) -> None:
    token = factories.invitation(session)
    session.commit()
    database, done = survey_of(app).database, threading.Event()

    def close() -> None:
        with database.session(writes=True) as closer:
            closing.begin_closing(closer)
            done.set()

    # What a VACUUM holds.
    with held(database, "LOCK TABLE response IN SHARE UPDATE EXCLUSIVE MODE"):
        closer = threading.Thread(target=close)
        closer.start()
        slowest, until = 0.0, time.monotonic() + 3
        while time.monotonic() < until:
            began = time.monotonic()
            with database.session(writes=True) as writer:
                writer.execute(sa.text("LOCK TABLE response IN ROW EXCLUSIVE MODE"))
            slowest = max(slowest, time.monotonic() - began)
        assert not done.is_set()
        assert slowest < 2.5, "one that waits for the closing waits for three seconds"
    closer.join()
    assert done.is_set()
    with database.connection(writes=False) as opened:
        assert invitations.find(opened, token, now())
