"""What a migration does to rows that are there already."""

from __future__ import annotations

import datetime as dt
import importlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

import migrations
from survey.accounts import sessions
from survey.audit.acts import Act
from survey.db.engine import Database
from survey.errors import Conflict
from survey.web.survey import survey_of
from tests.support.officials import PASSWORD, official

BEFORE_ACTS = "0008"
SPELLINGS = importlib.import_module("migrations.versions.0012_audit_acts").SPELLINGS
NOON = dt.datetime(2026, 10, 5, 5, tzinfo=dt.UTC)


def test_who_is_signed_in_stays_so_when_the_schema_goes_back_and_forth(app: Flask, session: Session) -> None:
    account = official(session)
    token = sessions.sign_in(session, sessions.credentials(session, account.login), PASSWORD, True, NOON)
    session.commit()
    database = survey_of(app).database
    for there in (True, False, True, False):
        migrations.migrate(database, "0006" if there else "head")
        columns = {column["name"]: column for column in sa.inspect(database.engine).get_columns("staff_session")}
        assert ("seen_at" in columns) is there
        if there:
            assert columns["seen_at"]["nullable"] is False
            kept = session.execute(sa.text("SELECT seen_at = created_at FROM staff_session")).scalars().all()
            session.rollback()
            assert kept == [True]
        signed_in = sessions.signed_in(session, token, NOON)
        session.rollback()
        assert signed_in is not None and signed_in.login == "hanh"
    migrations.check(database)


def test_a_row_that_points_at_nothing_stops_a_migration_and_nothing_is_changed(tmp_path: Path) -> None:
    with Database(f"sqlite:///{tmp_path}/a.db") as database:
        migrations.migrate(database, "0007")
        with closing(sqlite3.connect(tmp_path / "a.db")) as other, other:  # another program, which does not look
            other.execute("INSERT INTO frozen_cohort VALUES (1, 99, 1, 1, 1, 0, 0, 0, 0)")
        with pytest.raises(Conflict) as refused:
            migrations.migrate(database)
        assert refused.value.values == {"table": "frozen_cohort"}
        columns = {column["name"] for column in sa.inspect(database.engine).get_columns("closed_period")}
        assert "newest_response_id" not in columns and not migrations.up_to_date(database)
        with database.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_acts_on_record_are_spelt_anew_and_back(app: Flask, session: Session) -> None:
    database = survey_of(app).database
    old = ["cases_imported", "session.start", "session.locked", "webhook_added", "an act of another time"]
    new = ["cases.imported", "session.started", "session.locked", "webhook.added", "an act of another time"]
    migrations.migrate(database, BEFORE_ACTS)
    entry = sa.text("INSERT INTO audit_entry (at, act, about) VALUES (:at, :act, '{}')")
    session.execute(entry, [{"at": NOON.replace(tzinfo=None), "act": act} for act in old])
    session.commit()
    for revision, acts in (("head", new), (BEFORE_ACTS, old), ("head", new)):
        migrations.migrate(database, revision)
        assert session.scalars(sa.text("SELECT act FROM audit_entry ORDER BY id")).all() == acts
        session.rollback()
    assert {str(act) for act in SPELLINGS.values()} < set(Act), "what is renamed is an act of today"
