"""What comes after a period was closed moves nothing in it, whatever its time; what came before is all in it."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

import migrations
from survey.db.engine import Database
from survey.errors import Conflict
from survey.i18n import speaking
from survey.models import AuditEntry, Channel, ClosedPeriod, Response
from survey.organisation import agencies
from survey.periods import parse
from survey.results import closing, counts
from survey.results.invitation_coverage import invitation_coverage
from survey.results.scope import scope_for
from survey.web.survey import survey_of
from tests.support import factories
from tests.support.figures import STANDARD

OCTOBER = parse("2026-10")
NOON = dt.datetime(2026, 10, 10, 5, tzinfo=dt.UTC)
LAST_EVENING = dt.datetime(2026, 10, 31, 13, tzinfo=dt.UTC)
CLOSED = dt.datetime(2026, 11, 2, 2, tzinfo=dt.UTC)
QUESTIONS = ["S2", "S3"]
READINGS: dict[str, Callable[[Session, int], str]] = {
    "cells": lambda session, province: counts.cells(session, scope_for(session, OCTOBER, province)).to_csv(),
    "parts": lambda session, province: counts.cells(
        session, scope_for(session, OCTOBER, province), questions=QUESTIONS
    ).to_csv(),
    "cohort": lambda session, province: counts.cohort(session, scope_for(session, OCTOBER, province)).to_csv(),
    "sheets": lambda session, province: counts.sheets(
        session, scope_for(session, OCTOBER, province), QUESTIONS
    ).to_csv(),
    "reconciliation": lambda session, province: repr(
        invitation_coverage(session, scope_for(session, OCTOBER, province), CLOSED)
    ),
}


def rated(session: Session, rating: int, when: dt.datetime) -> bytes:
    return factories.response(session, rating, when=when, ratings={"r1": rating, "r2": rating})


def _take_over(session: Session, earlier: bytes, later: bytes) -> None:
    """Let the answer with one receipt be the same person's later one."""
    row = session.execute(sa.select(Response.id, Response.invitation_id).where(Response.receipt == earlier)).one()
    session.execute(sa.update(Response).where(Response.receipt == later).values(counted=False))
    session.execute(sa.update(Response).where(Response.id == row.id).values(counted=False))
    taken = {"supersedes_id": row.id, "invitation_id": row.invitation_id, "counted": True}
    session.execute(sa.update(Response).where(Response.receipt == later).values(taken))


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("replacing", [0, 1, 2])
def test_an_answer_that_waited_and_arrived_after_the_closing_moves_nothing(
    session: Session, reading: str, replacing: int
) -> None:
    province = agencies.root(session).id
    before = [rated(session, rating, NOON) for rating in (5, 4, 2)]
    closed = closing.close(session, OCTOBER, CLOSED, STANDARD)
    shown = READINGS[reading](session, province)
    newest = before[0]
    for rating in range(1, max(replacing, 1) + 1):  # given before the closing, as the time says, and received after it
        late = rated(session, rating, LAST_EVENING)
        if replacing:
            _take_over(session, newest, late)
        newest = late
    assert READINGS[reading](session, province) == shown
    assert closing.differences(session, closed).empty


def closes(database: Database, done: list[object]) -> None:
    with database.session(writes=True) as session:
        try:
            closing.begin_closing(session)
            done.append(closing.close(session, OCTOBER, CLOSED, STANDARD).newest_response_id)
            session.commit()
        except Exception as error:
            done.append(error)


def frozen(session: Session) -> int:
    found = counts.judged(counts.cells(session, scope_for(session, OCTOBER, agencies.root(session).id)))[
        "answered"
    ].sum()
    session.rollback()
    return int(found)


def test_an_answer_being_written_while_a_period_is_closed_is_in_it(app: Flask, session: Session) -> None:
    database: Database = survey_of(app).database
    done: list[object] = []
    with database.session(writes=True) as writing:
        rated(writing, 5, NOON)  # has its number, and nobody can see it yet
        closer = threading.Thread(target=closes, args=(database, done))
        closer.start()
        time.sleep(0.5)
        assert done == []  # waits, for there may be such rows
        writing.commit()
    closer.join(30)
    assert len(done) == 1 and done[0] == session.scalar(sa.select(sa.func.max(Response.id)))
    assert frozen(session) == 1


def test_people_answer_while_a_period_is_being_closed(app: Flask, session: Session) -> None:
    database: Database = survey_of(app).database
    rated(session, 5, NOON)
    session.commit()

    def answer() -> None:
        with database.session(writes=True) as writing:
            rated(writing, 1, NOON)
            writing.commit()

    person = threading.Thread(target=answer)
    with database.session(writes=True) as closer:
        closing.begin_closing(closer)
        newest = closing.close(closer, OCTOBER, CLOSED, STANDARD).newest_response_id
        person.start()
        if closer.get_bind().dialect.name == "postgresql":
            person.join(30)  # nobody holds them up
            assert not person.is_alive()
        closer.commit()  # SQLite has one writer: there they wait for this
    person.join(30)
    first, second = session.scalars(sa.select(Response.id).order_by(Response.id))
    assert newest == first < second
    assert frozen(session) == 1


def test_two_who_close_a_period_at_once_close_it_once(app: Flask, session: Session) -> None:
    for rating in (5, 4, 1):
        rated(session, rating, NOON)
    session.commit()
    database: Database = survey_of(app).database
    done: list[object] = []
    both = [threading.Thread(target=closes, args=(database, done)) for _ in range(4)]
    for one in both:
        one.start()
    for one in both:
        one.join(30)
    assert len(done) == 4 and len(set(map(str, done))) == 1, done
    assert session.scalar(sa.select(sa.func.count()).select_from(ClosedPeriod)) == 1
    assert frozen(session) == 3


def test_the_command_closes_at_one_moment_too(app: Flask, session: Session) -> None:
    rated(session, 5, NOON)
    session.commit()
    runs = []

    def run() -> None:
        with speaking("vi"):
            runs.append(app.test_cli_runner().invoke(args=["hailong", "close", "--period", "2026-10"]))

    with time_machine.travel(CLOSED, tick=True):
        both = [threading.Thread(target=run) for _ in range(2)]
        for one in both:
            one.start()
        for one in both:
            one.join(30)
    assert [(run.exit_code, run.exception) for run in runs] == [(0, None)] * 2, [run.output for run in runs]
    entries = session.scalars(
        sa.select(AuditEntry).where(AuditEntry.act == "period.closed").order_by(AuditEntry.id)
    ).all()
    assert len(entries) == 1  # one of them did it, and the other was told so


def test_the_schema_goes_back_and_forth_and_keeps_what_was_there(app: Flask, session: Session) -> None:
    rated(session, 5, NOON)
    closing.close(session, OCTOBER, CLOSED, STANDARD)
    newest = session.scalar(sa.select(sa.func.max(Response.id)))
    rated(session, 1, CLOSED + dt.timedelta(days=1))
    factories.response(session, 5, when=CLOSED + dt.timedelta(days=2), channel=Channel.OPEN)
    session.commit()
    database: Database = survey_of(app).database
    migrations.migrate(database, "0007")
    columns = {column["name"] for column in sa.inspect(database.engine).get_columns("closed_period")}
    assert "newest_response_id" not in columns
    migrations.migrate(database, "head")
    migrations.check(database)
    assert session.scalars(sa.select(ClosedPeriod.newest_response_id)).all() == [newest]


def test_a_running_period_is_refused_before_anybody_is_kept_waiting(app: Flask, session: Session) -> None:
    with survey_of(app).database.session(writes=True) as closer:
        closing.begin_closing(closer)
        with pytest.raises(Conflict):
            closing.close(closer, parse("2026-11"), CLOSED, STANDARD)
    rated(session, 5, NOON)
    session.commit()
    assert session.scalar(sa.select(sa.func.count()).select_from(ClosedPeriod)) == 0
