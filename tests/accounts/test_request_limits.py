"""Limits of a minute: counted for all processes together, for each apart, and nothing of them is kept."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys

import pytest
import sqlalchemy as sa
from flask import Flask

from survey.accounts import request_limits
from survey.db.engine import Database
from survey.errors import TooManyTries
from survey.models import RequestCount
from survey.settings import ROOT, Settings
from survey.web.survey import survey_of
from tests.support.factories import SECRET

NOON = dt.datetime(2026, 10, 5, 5, 0, 10, tzinfo=dt.UTC)
SOMEBODY, ANOTHER = ("address", "203.0.113.7"), ("address", "203.0.113.8")
PROCESS = """
import datetime as dt, sys
from survey.accounts import request_limits
from survey.db.engine import Database
from survey.errors import TooManyTries
taken, when = 0, dt.datetime.fromisoformat(sys.argv[3])
with Database(sys.argv[1]) as database:
    sys.stdin.readline()
    for _ in range(40):
        try:
            request_limits.count(database, sys.argv[2], 50, ("address", "203.0.113.7"), when)
            taken += 1
        except TooManyTries:
            pass
print(taken)
"""


@pytest.fixture
def database(app: Flask) -> Database:
    return survey_of(app).database


def allowed(database: Database, most: int, who: tuple[str, str], when: dt.datetime) -> bool:
    try:
        request_limits.count(database, SECRET, most, who, when)
    except TooManyTries:
        return False
    return True


def test_two_processes_share_one_limit(settings: Settings, database: Database) -> None:
    command = [sys.executable, "-c", PROCESS, settings.database_url, SECRET, NOON.isoformat()]
    processes = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    taken = [int(process.communicate(timeout=120)[0]) for process in processes]
    assert sum(taken) == 50, "80 came, and only 50 may in one minute"
    assert not allowed(database, 50, SOMEBODY, NOON)


def test_everyone_has_a_limit_of_their_own_that_ends_with_the_minute(database: Database) -> None:
    assert [allowed(database, 2, SOMEBODY, NOON) for _ in range(3)] == [True, True, False]
    assert allowed(database, 2, ANOTHER, NOON)
    with pytest.raises(TooManyTries) as refused:
        request_limits.count(database, SECRET, 2, SOMEBODY, NOON)
    assert refused.value.retry_after == 50
    assert allowed(database, 2, SOMEBODY, NOON + dt.timedelta(seconds=50))


def test_whose_requests_are_counted_is_not_kept(database: Database) -> None:
    allowed(database, 2, SOMEBODY, NOON)
    with database.session(writes=False) as session:
        [row] = session.execute(sa.select(RequestCount.who, RequestCount.minute, RequestCount.number)).all()
    assert (row.minute, row.number) == (int(NOON.timestamp()) // 60, 1)
    assert b"203" not in row.who
