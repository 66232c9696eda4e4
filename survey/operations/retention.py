"""Erase what is older than it may be kept: the one way, for every kind of data that the table names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.audit import trail
from survey.audit.acts import Act
from survey.db.engine import Database, Lock, exclusively
from survey.db.erasing import allow_erasing
from survey.logs import log
from survey.operations import jobs
from survey.operations.retention_kinds import KINDS, RetentionKind
from survey.periods import now
from survey.settings import Settings

SLICE = 2000
LATE = dt.timedelta(days=2)


def due(session: Session, settings: Settings, when: dt.datetime) -> Iterator[tuple[RetentionKind, dt.datetime, int]]:
    """Yield each kind with the moment before which it is erased, and how many rows that are; nothing is changed."""
    for kind in KINDS:
        limit = kind.limit(settings, when)
        yield kind, limit, kind.number(session, limit)


def late(session: Session, settings: Settings, when: dt.datetime) -> int:
    """Return how many rows should have been erased days ago, and are not."""
    return sum(number for _kind, _limit, number in due(session, settings, when - LATE))


def run(database: Database, settings: Settings, clock: Callable[[], dt.datetime] = now) -> dict[str, int]:
    """Erase what is older than it may be, in slices that nobody waits long for; return how many rows of each kind.

    Files of jobs that are no longer there go with them.
    """
    when, numbers = clock(), dict.fromkeys((kind.code for kind in KINDS), 0)
    for kind in KINDS:
        limit = kind.limit(settings, when)
        while number := _erase_some(database, kind, limit, when):
            numbers[kind.code] += number
    with database.session(writes=True) as session:
        jobs.remove_files(session, settings)
        session.commit()
    if any(numbers.values()):
        database.leave_nothing(rewritten=False)
        log.info("erased", number=sum(numbers.values()))
    return numbers


def _erase_some(database: Database, kind: RetentionKind, limit: dt.datetime, when: dt.datetime) -> int:
    """Erase one slice of a kind, on record in the same transaction; return of how many rows."""
    with database.session(writes=False) as session:  # a look takes no lock, and most rounds have nothing to do
        if not session.scalar(sa.select(sa.exists().select_from(kind.table).where(kind.ended(limit)))):
            return 0
    with database.session(writes=True) as session:
        exclusively(session, Lock.RETENTION)
        number = erase(session, kind, limit)
        if number and kind.on_record:
            trail.append(session, None, Act.DATA_ERASED, when, kind=kind.code, number=number, before=limit.isoformat())
        session.commit()
    return number


def erase(session: Session, kind: RetentionKind, limit: dt.datetime) -> int:
    """Erase up to `SLICE` rows of a kind that are older than a moment, and return how many."""
    key = list(kind.table.primary_key.columns)
    rows = session.execute(sa.select(*key).where(kind.ended(limit)).limit(SLICE)).all()
    if not rows:
        return 0
    chosen = (
        key[0].in_([row[0] for row in rows]) if len(key) == 1 else sa.tuple_(*key).in_([tuple(row) for row in rows])
    )
    if kind.emptied:
        session.execute(sa.update(kind.table).where(chosen).values(dict.fromkeys(kind.emptied)))
    else:
        allow_erasing(session)
        session.execute(sa.delete(kind.table).where(chosen))
    session.expire_all()
    return len(rows)
