"""Heavy work: queued once, done one at a time apart from the pages, tried again after a death, and never lost."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import threading
import time
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.db.engine import Database
from survey.errors import Conflict, NotFound
from survey.models import Job, JobKind, JobState, Role
from survey.operations import job_runner, jobs, retention
from survey.operations.jobs import Claim
from survey.organisation import agencies
from survey.periods import now
from survey.settings import Settings
from survey.web.survey import survey_of
from tests.support import commands, factories
from tests.support.jobs import do_next
from tests.support.officials import found, official, send, sign_in
from tests.support.pages import check_page

AT = dt.datetime(2026, 11, 2, 5, tzinfo=dt.UTC)
REPORT = {"period": "2026-10", "basis": "calendar", "format": "csv", "language": "vi"}
FORM = {"period": "2026-10", "basis": "calendar", "format": "csv", "lang": "vi"}


@pytest.fixture
def queue(session: Session) -> Any:
    """A way to ask for reports that differ by their period, as one account."""
    account = official(session)

    def ask(month: str = "2026-10", when: dt.datetime = AT, **more: Any) -> int:
        asked = REPORT | {"period": month}
        job_id = jobs.ask(session, JobKind.REPORT, asked, account.id, account.agency_id, when, **more)
        session.commit()
        return job_id

    return ask


def claimed(session: Session, when: dt.datetime = AT) -> Claim | None:
    claim = jobs.claim(session, when)
    session.commit()
    return claim


def test_the_same_thing_asked_twice_is_one_job_until_it_is_done(queue: Any, session: Session) -> None:
    first = queue()
    assert queue() == first != queue("2026-09")
    claim = claimed(session)
    assert claim == Claim(first, 1) and queue() == first, "also while it is being made"
    jobs.finish(session, claim, "a.csv", AT)
    assert queue(good_since=AT) == first, "what does not change is not made again within the time that is given"
    later = queue(good_since=AT + dt.timedelta(seconds=1))
    assert later != first
    tomorrow = AT + dt.timedelta(days=1)
    assert queue(when=tomorrow, good_since=AT) not in (first, later), "what was due yesterday is overdue by then"
    agencies.revise(session)
    assert queue(good_since=AT) not in (first, later), "reports say how comments and tasks stand, of closed months, too"


def test_what_somebody_else_asked_for_or_what_has_failed_is_another_job(queue: Any, session: Session) -> None:
    first, other = queue(), official(session, "tuan")
    jobs.fail(session, claimed(session) or Claim(0, 0), NotFound("There is no report."), AT)
    second = queue(good_since=AT)
    jobs.finish(session, claimed(session) or Claim(0, 0), "a.csv", AT)
    theirs = jobs.ask(session, JobKind.REPORT, REPORT, other.id, other.agency_id, AT, AT)
    assert len({first, second, theirs}) == 3


def test_one_runs_at_a_time_and_the_others_wait_in_their_order(queue: Any, session: Session) -> None:
    numbers = [queue(f"2026-{month:02}") for month in (3, 1, 2)]
    for number in numbers:
        claim = claimed(session)
        assert claim is not None and claim.job_id == number and claimed(session) is None
        jobs.finish(session, claim, "a.csv", AT)
    assert claimed(session) is None


def test_nobody_can_fill_the_queue(queue: Any) -> None:
    for number in range(jobs.MOST_WAITING):
        queue(f"{2000 + number}")
    with pytest.raises(Conflict):
        queue("1999")


def test_a_death_is_tried_once_more_and_then_told_in_words(queue: Any, session: Session) -> None:
    number = queue()
    later = AT
    for attempt in (1, 2):
        claim = claimed(session, later)
        assert claim == Claim(number, attempt)
        assert claimed(session, later + jobs.LEASE / 2) is None, "somebody holds it"
        later += jobs.LEASE + dt.timedelta(seconds=1)
    assert claimed(session, later) is None
    job = session.get_one(Job, number)
    assert job.state == JobState.FAILED and job.message and "fault on our side" in job.message
    jobs.finish(session, Claim(number, 1), "late.csv", later)
    session.refresh(job)
    assert job.file is None, "who comes back too late changes nothing"


def test_a_claim_that_is_renewed_is_not_taken_away(queue: Any, session: Session) -> None:
    queue()
    claim, other = claimed(session), Claim(1, 7)
    assert claim is not None
    for minute in range(1, 5):
        assert jobs.renew(session, claim, AT + minute * jobs.LEASE / 2)
        assert claimed(session, AT + minute * jobs.LEASE / 2) is None
    assert not jobs.renew(session, other, AT)


def test_jobs_and_files_are_removed_after_a_day(
    queue: Any, session: Session, settings: Settings, store: Database
) -> None:
    old, young = queue("2026-08"), queue("2026-09")
    folder = jobs.path_of(settings, 0).parent
    (folder / f"{old}.unfinished").mkdir(parents=True)
    for number, when in ((old, AT - jobs.KEPT), (young, AT)):
        claim = claimed(session)
        assert claim is not None
        jobs.path_of(settings, number).write_text("figures")
        jobs.finish(session, claim, "a.csv", when - dt.timedelta(seconds=1))
    session.commit()
    retention.run(store, settings, lambda: AT)
    assert [path.name for path in folder.iterdir()] == [str(young)]
    assert [job.id for job in found(session, sa.select(Job))] == [young]


def child(code: str) -> job_runner.Start:
    """Return what starts a process that does this instead of a job."""
    return lambda _claim: subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE)


def test_a_process_that_dies_fails_its_job_alone(queue: Any, session: Session, app: Flask) -> None:
    number = queue(when=now())
    survey, stop = survey_of(app), threading.Event()
    aborts = child("import os; os.abort()")
    for state in (JobState.QUEUED, JobState.FAILED):
        assert job_runner.run_next(survey.database, stop, aborts)
        session.expire_all()
        assert session.get_one(Job, number).state == state
        session.rollback()
    assert not job_runner.run_next(survey.database, stop, aborts)


def test_a_job_in_hand_goes_back_when_the_worker_is_told_to_stop(queue: Any, session: Session, app: Flask) -> None:
    number = queue(when=now())
    survey, stop = survey_of(app), threading.Event()
    threading.Timer(0.5, stop.set).start()
    began = time.monotonic()
    assert job_runner.run_next(survey.database, stop, child("import time; time.sleep(60)"))
    assert time.monotonic() - began < 30
    session.expire_all()
    job = session.get_one(Job, number)
    assert (job.state, job.attempts) == (JobState.QUEUED, 0), "being stopped is no failure of the job"


def test_a_job_that_takes_too_long_is_ended(
    queue: Any, session: Session, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = queue(when=now())
    monkeypatch.setattr(job_runner, "LONGEST_SECONDS", 0.3)
    survey = survey_of(app)
    sleeps = child("import time; time.sleep(60)")
    for _attempt in (1, 2):
        assert job_runner.run_next(survey.database, threading.Event(), sleeps)
    session.expire_all()
    assert session.get_one(Job, number).state == JobState.FAILED


def test_the_background_process_makes_what_was_asked_for(
    database_url: str, settings: Settings, session: Session, client: FlaskClient
) -> None:
    """The real commands, one of them in a process of its own."""
    factories.response(session, 5, when=dt.datetime(2026, 10, 5, 5, tzinfo=dt.UTC))
    session.commit()
    official(session)
    sign_in(client)
    asked = send(client, "/staff/report", **FORM)
    assert asked.status_code == 303
    waiting = client.get(asked.location)
    assert waiting.headers["Refresh"] == "3" and "đang chờ đến lượt" in check_page(waiting).words
    assert client.get(f"{asked.location}/file").status_code == 404
    worked = commands.hailong(
        "work",
        "--once",
        DATABASE_URL=database_url,
        SECRET_KEY=settings.secret_key,
        HAILONG_INSTANCE=str(settings.instance),
    )
    assert worked.returncode == 0, worked.stderr
    ready = client.get(asked.location)
    assert "Refresh" not in ready.headers and "hailong_H61_2026-10_calendar_vi.csv" in check_page(ready).words
    file = client.get(f"{asked.location}/file")
    assert file.mimetype == "text/csv" and "H61.50" in file.get_data(as_text=True)
    assert jobs.path_of(settings, 1).stat().st_mode & 0o077 == 0
    assert "Tháng 10 năm 2026 (CSV, Tiếng Việt)" in check_page(client.get("/staff/jobs")).words


def test_why_there_is_no_file_is_told_in_words(session: Session, client: FlaskClient) -> None:
    official(session)
    sign_in(client)
    asked = send(client, "/staff/placements/posters", size="a5")
    do_next(client.application)
    page = check_page(client.get(asked.location))
    assert "Ở đây chưa có mã QR nào đang dùng" in page.words


def test_only_who_asked_for_a_file_can_fetch_it(session: Session, app: Flask) -> None:
    official(session, agency="H61.50")
    other = official(session, "binh", role=Role.ADMINISTRATOR)
    owner, stranger = app.test_client(), app.test_client()
    sign_in(owner)
    sign_in(stranger, "binh")
    asked = send(owner, "/staff/report", **FORM)
    do_next(app)
    assert owner.get(f"{asked.location}/file").status_code == 200
    for path in (asked.location, f"{asked.location}/file"):
        assert stranger.get(path).status_code == 404
    assert asked.location not in stranger.get("/staff/jobs").text
    with pytest.raises(NotFound):
        jobs.own(session, 1, other.id)
    session.rollback()


def test_a_file_is_out_of_reach_for_an_account_that_was_moved(session: Session, client: FlaskClient) -> None:
    account = official(session, agency="H61.50")
    sign_in(client)
    asked = send(client, "/staff/report", **FORM)
    do_next(client.application)
    session.refresh(account)
    account.agency_id = factories.agency_id(session, "H61.51")
    session.commit()
    assert [client.get(path).status_code for path in (asked.location, f"{asked.location}/file")] == [404, 404]
    assert asked.location not in client.get("/staff/jobs").text
