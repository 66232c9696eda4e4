"""A row is inserted once, on both databases, and only the expected conflict is forgiven."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.db.upsert import insert_or_ignore

TABLE = sa.Table(
    "upsert_example",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("code", sa.String(8), unique=True, nullable=False),
    sa.Column("name", sa.String(8), unique=True, nullable=False),
)
ONCE = insert_or_ignore(TABLE, ["code"])


@pytest.fixture
def table(session: Session) -> sa.Table:
    """A table with two unique columns."""
    TABLE.create(session.connection())
    return TABLE


def names(session: Session) -> list[str]:
    return list(session.scalars(sa.select(TABLE.c.name).order_by(TABLE.c.id)))


def test_a_row_that_is_there_is_left_and_only_a_new_one_returned(session: Session, table: sa.Table) -> None:
    insert = ONCE.returning(table.c.name)
    assert session.scalar(insert, {"code": "a", "name": "first"}) == "first"
    assert session.scalar(insert, {"code": "a", "name": "second"}) is None
    assert session.scalar(insert, {"code": "b", "name": "second"}) == "second"
    assert names(session) == ["first", "second"]


def test_many_rows_go_in_at_once_and_those_that_are_there_stay(session: Session, table: sa.Table) -> None:
    session.execute(ONCE, [{"code": "a", "name": "first"}])
    session.execute(ONCE, [{"code": "a", "name": "other"}, {"code": "b", "name": "second"}])
    assert names(session) == ["first", "second"]


def test_a_conflict_on_another_index_is_no_success(session: Session, table: sa.Table) -> None:
    session.execute(ONCE, {"code": "a", "name": "first"})
    with pytest.raises(sa.exc.IntegrityError):
        session.execute(ONCE, {"code": "b", "name": "first"})


def test_without_a_named_index_every_unique_column_counts(session: Session, table: sa.Table) -> None:
    insert = insert_or_ignore(table)
    session.execute(insert, {"code": "a", "name": "first"})
    session.execute(insert, {"code": "a", "name": "second"})
    session.execute(insert, {"code": "b", "name": "first"})
    assert names(session) == ["first"]


def test_a_missing_value_is_never_forgiven(session: Session, table: sa.Table) -> None:
    with pytest.raises(sa.exc.IntegrityError):
        session.execute(insert_or_ignore(table), {"code": "a", "name": None})
