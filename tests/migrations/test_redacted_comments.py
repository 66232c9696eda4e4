"""Comments from before they were redacted: each is redacted and its original sealed, whole or not at all, and back."""

from __future__ import annotations

import importlib

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

import migrations
from survey.collection import comments
from survey.errors import Conflict
from survey.models import Comment, Response
from survey.web.survey import survey_of
from tests.support import dumps
from tests.support.factories import SECRET
from tests.support.written import FOR_THE_PROVINCE, FOR_THE_UNIT, TYPED, answer_all

BEFORE = "0021"
SLICE = importlib.import_module("migrations.versions.0022_redacted_comments").SLICE
TEXTS = (TYPED, "Chờ lâu quá", TYPED.replace("0987612345", "0912345678")) * (SLICE // 3 + 1)
UNIT = [FOR_THE_UNIT, "Chờ lâu quá", FOR_THE_UNIT] * (SLICE // 3 + 1)


@pytest.fixture
def older(app: Flask, session: Session) -> Flask:
    """An installation with comments that were stored as they were written, in more slices than one."""
    assert len(TEXTS) > SLICE
    answer_all(session, TEXTS)
    session.commit()
    migrations.migrate(survey_of(app).database, BEFORE, secret=SECRET)
    return app


def stored(session: Session) -> list[str]:
    rows = session.scalars(sa.text("SELECT text FROM comment ORDER BY response_id")).all()
    session.rollback()
    return list(rows)


def test_what_was_stored_raw_is_redacted_sealed_and_comes_back_whole(older: Flask, session: Session) -> None:
    database = survey_of(older).database
    assert stored(session) == list(TEXTS), "the way back opened the seals"
    migrations.migrate(database, secret=SECRET)
    rows = session.execute(sa.select(Comment, Response.receipt).join(Response).order_by(Response.id)).all()
    assert [row.Comment.text for row in rows] == UNIT
    assert {row.Comment.with_officers for row in rows} == {FOR_THE_PROVINCE, None}
    sealed = [(row.Comment.original, row.receipt) for row in rows]
    opened = [original and comments.unseal(SECRET, receipt, "S8", original) for original, receipt in sealed]
    assert opened == [None if text == "Chờ lâu quá" else text for text in TEXTS]
    session.rollback()
    assert b"0987612345" not in dumps.tables(database)["comment"]
    migrations.check(database)


def test_without_the_secret_or_with_another_one_everything_stays_as_it_is(older: Flask, session: Session) -> None:
    database = survey_of(older).database
    with pytest.raises(Conflict, match="secret key"):
        migrations.migrate(database)
    assert stored(session) == list(TEXTS)
    migrations.migrate(database, secret=SECRET)
    with pytest.raises(Conflict, match="another secret key"):
        migrations.migrate(database, BEFORE, secret=SECRET[::-1])
    assert stored(session) == UNIT
