"""What a migration does to rows that are there already."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

import migrations
from survey import staff
from tests.officials import PASSWORD, official

NOON = dt.datetime(2026, 10, 5, 5, tzinfo=dt.UTC)


def test_who_is_signed_in_stays_so_when_the_schema_goes_back_and_forth(app: Flask, session: Session) -> None:
    account = official(session)
    token = staff.sign_in(session, staff.claim(session, account.login), PASSWORD, True, NOON)
    session.commit()
    database = app.extensions["database"]
    for there in (True, False, True, False):
        migrations.migrate(database, "0006" if there else "head")
        columns = {column["name"]: column for column in sa.inspect(database.engine).get_columns("staff_session")}
        assert ("seen_at" in columns) is there
        if there:
            assert columns["seen_at"]["nullable"] is False
            kept = session.execute(sa.text("SELECT seen_at = created_at FROM staff_session")).scalars().all()
            session.rollback()
            assert kept == [True]
        signed_in = staff.signed_in(session, token, NOON)
        session.rollback()
        assert signed_in is not None and signed_in.login == "hanh"
    migrations.check(database)
