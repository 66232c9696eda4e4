"""Past what the database refuses, as whoever owns its server or holds its file can get."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.orm import Session


def without_triggers(session: Session) -> None:
    """Let this transaction change what is only added to."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text("SET LOCAL session_replication_role = replica"))
        return
    for name in session.scalars(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
        session.execute(sa.text(f"DROP TRIGGER {name}"))


@contextmanager
def triggers_off(session: Session) -> Iterator[None]:
    """Let a block change what is only added to; afterwards everything is refused as before."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text("SET LOCAL session_replication_role = replica"))
        yield
        session.execute(sa.text("SET LOCAL session_replication_role = origin"))
        return
    kept = session.execute(sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
    for name, _sql in kept:
        session.execute(sa.text(f"DROP TRIGGER {name}"))
    yield
    for _name, statement in kept:
        session.connection().exec_driver_sql(statement)
