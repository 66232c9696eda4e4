"""What older programs counted of people's words by their cases goes, and no limit that is shown gets wrong by it."""

from __future__ import annotations

import datetime as dt
from importlib import import_module

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

import migrations
from survey.audit.acts import Act
from survey.db.engine import Database
from survey.models import AuditEntry, ClosedPeriod, FrozenCohort, Invitation, Response, UnlinkedCrossing
from survey.operations import doctor
from survey.periods import parse
from survey.results import closing, counts
from survey.results.scope import scope_for
from survey.web.survey import survey_of
from tests.support import dumps, factories
from tests.support.cases import answer, finish, tell
from tests.support.figures import STANDARD
from tests.support.tampering import without_triggers

MIGRATION = import_module("migrations.versions.0034_carried_answers")
BEFORE: str = MIGRATION.down_revision
NOON = dt.datetime(2026, 10, 1, 5, tzinfo=dt.UTC)
CLOSED = dt.datetime(2026, 11, 2, 5, tzinfo=dt.UTC)
OCTOBER = parse("2026-10")
DAY = dt.timedelta(days=1)


@pytest.fixture
def database(app: Flask, session: Session) -> Database:
    """October, closed: two cases of it were rated, one in time, and one of September, whose link is there still."""
    answers = ((3, 3, 5), (-2, 2, 2), (29, 32, 4))  # the days on which a case was finished and rated, and how
    for place, (finished, answered, rating) in enumerate(answers):
        token = finish(session, f"H61.50-261003-{place:04}", "H61.50", NOON + finished * DAY)
        if answered < 32:
            answer(session, token, rating, NOON + answered * DAY)
    closed_as_before(session, closing.close(session, OCTOBER, CLOSED - DAY, STANDARD))
    answer(session, token, rating, CLOSED)
    session.commit()
    database = survey_of(app).database
    migrations.migrate(database, BEFORE)
    return database


def closed_as_before(session: Session, closed: ClosedPeriod) -> None:
    """Put a closing on record as it was before targets and what stood beside the figures were kept with it."""
    closed.targets = closed.beside = None
    number = closing.digest(session, closed, closing.WITH_MESSAGES)
    about = {"period": closed.code, "basis": closed.basis, "target": closed.target, "digest": number}
    without_triggers(session, "audit_entry")
    session.execute(sa.update(AuditEntry).where(AuditEntry.act == Act.PERIOD_CLOSED.value).values(about=about))


def closed_by_the_program_before(session: Session) -> None:
    """Freeze what became of messages as it did, and put it on record."""
    columns = "(period_id, agency_id, messages, sent, delivered, completed)"
    session.execute(
        sa.text(f"INSERT INTO frozen_coverage {columns} SELECT period_id, agency_id, 0, 2, 2, 1 FROM frozen_cohort")
    )
    [period] = session.execute(sa.select(MIGRATION.period)).all()
    MIGRATION._record(session.connection(), period, old=True, covering=True)
    session.commit()


def cut_as_before(session: Session) -> None:
    """Cut all links as the older program did, which kept sums of each cell."""
    session.execute(sa.update(Invitation).values(used=True))
    sums = "half, agency_id, procedure_id, respondent, rated_satisfied, completed, withdrawn_satisfied"
    cells = "20000, resolving_agency_id, procedure_id, respondent, count(*), 1, 0"
    grouped = f'SELECT {cells} FROM "case" GROUP BY resolving_agency_id, procedure_id, respondent'
    session.execute(sa.text(f"INSERT INTO unlinked_cohort ({sums}) {grouped}"))
    session.execute(sa.update(Response).values(invitation_id=None))
    session.commit()


def carried(session: Session, code: str) -> int:
    scope = scope_for(session, parse(code), factories.agency_id(session, "H61"))
    return int(counts.cohort(session, scope, ())["carried"][0])


@pytest.mark.parametrize("covering", [False, True])
def test_no_sum_by_cases_is_left_and_closings_are_as_on_record(
    database: Database, session: Session, covering: bool
) -> None:
    if covering:
        closed_by_the_program_before(session)
    before = session.scalars(sa.text("SELECT rated_satisfied FROM frozen_cohort WHERE rated > 0")).all()
    assert before == [1], "of the two cases of October one was rated in time, and satisfied"
    session.rollback()
    migrations.migrate(database)
    migrations.check(database)
    columns = {name: set(table[0]) for name, table in dumps.in_order(session.connection()).items() if table}
    assert "carried" in columns["frozen_cohort"]
    for name, kept in columns.items():
        assert not kept & {"rated_satisfied", "withdrawn_satisfied", "completed"}, name
    assert [one.state for one in doctor.closed_periods(session)] == ["ok"]
    assert carried(session, "2026-10") == 1
    session.execute(sa.update(FrozenCohort).values(rated=FrozenCohort.rated + 1))
    assert next(iter(doctor.closed_periods(session))).state == "fault"
    session.rollback()


def test_a_closing_that_was_tampered_with_before_stays_noticed(database: Database, session: Session) -> None:
    session.execute(sa.text("UPDATE frozen_cohort SET rated = rated + 1"))
    session.commit()
    migrations.migrate(database)
    assert next(iter(doctor.closed_periods(session))).state == "fault"
    session.rollback()


def test_where_links_are_cut_already_whoever_may_have_crossed_an_edge_is_left_open(
    database: Database, session: Session
) -> None:
    cut_as_before(session)
    migrations.migrate(database)
    assert carried(session, "2026-10") == 1
    edges = dict(session.execute(sa.select(UnlinkedCrossing.half, UnlinkedCrossing.later)).all())
    assert edges == {dt.date(2026, 10, 1): 1, dt.date(2026, 11, 1): 1}
    assert (carried(session, "2026-09"), carried(session, "2026-11"), carried(session, "2026-Q4")) == (0, 1, 1)
    session.rollback()


@pytest.mark.parametrize("finished", [-2, 3])
def test_what_a_moved_case_left_behind_is_counted_where_the_answer_is(
    app: Flask, session: Session, finished: int
) -> None:
    """The portal moves a case to another commune when the month with its answer is closed: the answer stays there."""
    code = "H61.50-261003-0001"
    token = finish(session, code, "H61.50", NOON + finished * DAY)
    answer(session, token, 2, NOON + 4 * DAY)
    closing.close(session, OCTOBER, CLOSED - DAY, STANDARD)
    tell(session, [code], "H61.51", NOON + finished * DAY)
    session.commit()
    database = survey_of(app).database
    migrations.migrate(database, BEFORE)
    migrations.migrate(database)
    cells = session.execute(sa.select(FrozenCohort.agency_id, FrozenCohort.carried).where(FrozenCohort.carried > 0))
    assert [tuple(row) for row in cells] == [(factories.agency_id(session, "H61.50"), 1)]
    session.rollback()


def test_it_goes_back_while_links_are_there(database: Database, session: Session) -> None:
    migrations.migrate(database)
    migrations.migrate(database, BEFORE)
    assert session.scalars(sa.text("SELECT rated_satisfied FROM frozen_cohort WHERE rated > 0")).all() == [1]
    session.rollback()
    migrations.migrate(database)
    assert [one.state for one in doctor.closed_periods(session)] == ["ok"]
    assert session.scalar(sa.select(sa.func.count()).select_from(ClosedPeriod)) == 1
    session.rollback()
