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
from survey import questionnaires
from survey.accounts import sessions
from survey.audit.acts import Act
from survey.collection import comments, invitations, responses
from survey.collection.answers import Answers
from survey.db.engine import Database
from survey.errors import Conflict
from survey.models import AuditEntry, Case, Channel, Comment, Response, Timeliness
from survey.web.survey import survey_of
from tests.support import factories
from tests.support.officials import official

BEFORE_ACTS = "0011"
BEFORE_LOGINS = importlib.import_module("migrations.versions.0019_sign_in_failures").down_revision
BEFORE_VOICES = importlib.import_module("migrations.versions.0024_voices").down_revision
SPELLINGS = importlib.import_module("migrations.versions.0012_audit_acts").SPELLINGS
NOON = dt.datetime(2026, 10, 5, 5, tzinfo=dt.UTC)


def test_who_is_signed_in_stays_so_when_the_schema_goes_back_and_forth(app: Flask, session: Session) -> None:
    account = official(session)
    token = sessions.begin(session, account.id, NOON)
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
            continue  # today's code asks for columns that the accounts had not then
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
    old = [
        "cases_imported",
        "report.download",
        "session.start",
        "session.locked",
        "webhook_added",
        "an act of another time",
    ]
    new = [
        "cases.imported",
        "report.requested",
        "session.started",
        "session.locked",
        "webhook.added",
        "an act of another time",
    ]
    migrations.migrate(database, BEFORE_ACTS)
    entry = sa.text("INSERT INTO audit_entry (at, act, about) VALUES (:at, :act, '{}')")
    session.execute(sa.delete(AuditEntry))  # of furnishing
    session.execute(entry, [{"at": NOON.replace(tzinfo=None), "act": act} for act in old])
    session.commit()
    for revision, acts in (("head", new), (BEFORE_ACTS, old), ("head", new)):
        migrations.migrate(database, revision)
        assert session.scalars(sa.text("SELECT act FROM audit_entry ORDER BY id")).all() == acts
        session.rollback()
    renamed = {str(act) for act in SPELLINGS.values()} - {"report.downloaded"}  # which was spelt anew once more
    assert renamed < set(Act), "what is renamed is an act of today"


def test_copies_of_comments_go_and_what_people_wrote_is_read_as_before(app: Flask, session: Session) -> None:
    place = invitations.place(session.connection(), factories.placement(session).code)
    sheet = questionnaires.asked_now(session)

    def send(key: str, comments: dict[str, str], amends: bytes | None = None) -> bytes:
        meta = responses.SubmissionMeta(key * 22, NOON, "vi", amends=amends)
        answers = Answers({} if amends else {"overall": 2}, {}, comments)
        return responses.record(session.connection(), factories.SECRET, place, sheet, answers, meta)

    first = send("a", {"S8": "Chậm", "S9": "Xa"})
    send("b", {"S9": "Rất xa"}, amends=first)
    send("c", {}, amends=first)
    send("d", {"S8": "Khác"})
    send("d", {"S8": "Khác hẳn"})  # another answer of the same page, which adds to nothing
    session.commit()
    database, kept = (
        survey_of(app).database,
        sa.select(Comment.response_id, Comment.question, Comment.text).order_by(Comment.response_id, Comment.question),
    )
    once = [tuple(row) for row in session.execute(kept)]
    ids = session.scalars(sa.select(Response.id).order_by(Response.id)).all()
    read = [comments.of_response(session.connection(), number) for number in ids]
    session.rollback()
    assert read[1] == read[2] == {"S8": "Chậm", "S9": "Rất xa"} and read[4] == {"S8": "Khác hẳn"}
    migrations.migrate(database, "0008", secret=factories.SECRET)
    copied = [*once[:2], (ids[1], "S8", "Chậm"), once[2], (ids[2], "S8", "Chậm"), (ids[2], "S9", "Rất xa"), *once[3:]]
    assert [tuple(row) for row in session.execute(kept)] == copied
    session.rollback()
    migrations.migrate(database, secret=factories.SECRET)
    assert [tuple(row) for row in session.execute(kept)] == once
    assert [comments.of_response(session.connection(), number) for number in ids] == read
    session.rollback()
    migrations.check(database)


def test_logins_that_look_alike_stop_the_migration_by_name_and_leave_everything_as_it_was(
    app: Flask, session: Session
) -> None:
    database = survey_of(app).database
    official(session, "hanh")
    migrations.migrate(database, BEFORE_LOGINS)
    session.execute(
        sa.text(
            "INSERT INTO staff (login, login_key, password_hash, name, role, agency_id, enabled, failures) "
            "SELECT 'hаnh', 'hаnh', password_hash, name, role, agency_id, enabled, 0 FROM staff"
        )
    )
    session.commit()
    with pytest.raises(Conflict, match=r"hanh and h\\u0430nh look alike"):
        migrations.migrate(database)
    assert "failures" in {column["name"] for column in sa.inspect(database.engine).get_columns("staff")}
    session.execute(sa.text("UPDATE staff SET login = 'hoa' WHERE login <> 'hanh'"))
    session.commit()
    migrations.migrate(database)
    keys = session.scalars(sa.text("SELECT login_key FROM staff ORDER BY login")).all()
    session.rollback()
    assert keys == ["hanh", "hoa"]


def test_answers_and_comments_of_before_learn_whether_in_time_and_by_which_words(app: Flask, session: Session) -> None:
    for due in (NOON.date(), NOON.date() - dt.timedelta(days=1), None):
        token = factories.invitation(session, when=NOON)
        case = session.scalars(sa.select(Case).order_by(Case.id.desc())).first()
        assert case is not None
        case.due_day = due
        session.flush()
        source = invitations.find(session.connection(), token, NOON)
        factories.response(session, 2, when=NOON, source=source, comments={"S8": f"Đường xa {due}"})
    factories.response(session, 2, when=NOON, channel=Channel.OPEN)
    session.commit()
    database = survey_of(app).database
    migrations.migrate(database, BEFORE_VOICES)
    migrations.migrate(database, "head")
    kept = session.execute(sa.select(Response.timeliness, Comment.plain).outerjoin(Comment).order_by(Response.id)).all()
    session.rollback()
    assert [tuple(row) for row in kept] == [
        (Timeliness.ON_TIME, " duong xa 2026 10 05 "),
        (Timeliness.LATE, " duong xa 2026 10 04 "),
        (None, " duong xa none "),
        (None, None),
    ]
