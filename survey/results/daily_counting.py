"""Keep counts of days that are over, and compare them with a recount: what `hailong work` does each minute.

A day is announced first: from then on the database notes whatever changes in it. Once all that was under way before has
ended, it is counted, in a session that sees one moment; its counts are written with the notes of that moment taken
away. What is noted meanwhile stays, so that such a day is counted from the answers until the next round. Nobody who
answers waits for any of it.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.db.engine import Database
from survey.db.slices import VALUES
from survey.db.upsert import insert_or_ignore
from survey.models import (
    Agency,
    Base,
    Case,
    ChangedDay,
    CountedPart,
    CountedSpan,
    DailyCell,
    DailyChoice,
    DailyCohort,
    DailyRating,
    Response,
)
from survey.periods import half_month
from survey.results.counted_spans import DAY, DayRange, holds_no_more
from survey.results.daily_tables import DailyRows, answers_of, cases_of, plain

SETTLED = dt.timedelta(days=45)  # after its last day: then a half is counted as a whole, for little changes in it
DRAINED_SECONDS, LOOK_SECONDS = 20.0, 0.1
KEPT: dict[CountedPart, tuple[type[Base], ...]] = {
    CountedPart.ANSWERS: (DailyCell, DailyChoice, DailyRating),
    CountedPart.CASES: (DailyCohort,),
}
_COUNTING = {CountedPart.ANSWERS: answers_of, CountedPart.CASES: cases_of}
_DAYS: dict[CountedPart, tuple[Any, Any, Any]] = {
    CountedPart.ANSWERS: (Response.agency_id, Response.day, Response.counted),
    CountedPart.CASES: (Case.resolving_agency_id, Case.finished_day, sa.true()),
}
_SPANS, _NOTES = (cast("sa.Table", model.__table__) for model in (CountedSpan, ChangedDay))
_COLUMNS = (CountedSpan.id, CountedSpan.part, CountedSpan.first, CountedSpan.last, CountedSpan.edition)
_ANNOUNCE = insert_or_ignore(_SPANS, ["part", "last", "first"])
_BEGUN = sa.text(
    "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() "
    "AND age(backend_xid) > age(CAST(CAST(:moment AS text) AS xid8)::xid))"
)
AT_ONCE = 5000


class SpanToCount(NamedTuple):
    """A span as it stands before it is counted."""

    id: int
    part: CountedPart
    first: dt.date
    last: dt.date
    edition: int


@dataclass(frozen=True)
class CountedRows:
    """What was counted of a span in one moment: its rows by table, and the notes of changes that they tell of."""

    span: SpanToCount
    rows: DailyRows
    notes: Sequence[int]


@dataclass(frozen=True)
class DifferingSpan:
    """A span whose kept counts are not those of a recount, and in how many rows."""

    part: CountedPart
    first: dt.date
    last: dt.date
    rows: int


def keep(database: Database, today: dt.date) -> int:
    """Count the days before today that are not counted, or have changed since; return how many spans that were."""
    with database.session(writes=False) as session:
        if not list(_new(session, today)) and not list(due(session)):
            return 0
    with database.session(writes=True) as session:
        announce(session, today)
        session.commit()
    with database.session(writes=True) as session:
        moment = _moment(session)
    if not _over(database, moment):
        return 0
    with database.session(writes=False) as session:
        spans = list(due(session))
    return sum(_kept(database, span) for span in spans)


def rebuild(database: Database, today: dt.date) -> int:
    """Count all days before today anew; return how many spans that were."""
    with database.session(writes=True) as session:
        session.execute(sa.update(_SPANS).values(edition=0))
        session.commit()
    return keep(database, today)


def announce(session: Session, today: dt.date) -> int:
    """Announce the days before today of which no counts are kept yet: settled halves as a whole, others by the day."""
    rows = list(_new(session, today))
    if rows:
        session.execute(_ANNOUNCE, rows)
    return len(rows)


def due(session: Session) -> Iterator[SpanToCount]:
    """Yield the spans that are to be counted, the newest first: those are looked at most."""
    for part in CountedPart:
        open_ones = sa.or_(CountedSpan.edition == 0, holds_no_more(part))
        query = sa.select(*_COLUMNS).where(CountedSpan.part == part, open_ones).order_by(CountedSpan.last.desc())
        yield from [SpanToCount(*row) for row in session.execute(query)]


def count(session: Session, span: SpanToCount) -> CountedRows:
    """Count a span as it is in the moment that this session sees."""
    noted = sa.select(ChangedDay.id).where(ChangedDay.part == span.part, ChangedDay.day.between(span.first, span.last))
    notes = session.scalars(noted).all()
    return CountedRows(span, _COUNTING[span.part](session, (span.first, span.last)), notes)


def write(session: Session, counted: CountedRows) -> bool:
    """Keep what was counted in the place of what was kept of these days; say whether nobody did so meanwhile."""
    span = counted.span
    here = (_SPANS.c.id == span.id, _SPANS.c.edition == span.edition)
    raised = session.execute(sa.update(_SPANS).where(*here).values(edition=span.edition + 1))
    if cast("sa.CursorResult[Any]", raised).rowcount != 1:
        return False
    within = (CountedSpan.part == span.part, CountedSpan.first >= span.first, CountedSpan.last <= span.last)
    former = session.scalars(sa.select(CountedSpan.id).where(*within)).all()
    _empty(session, span.part, former)
    session.execute(sa.delete(_SPANS).where(_SPANS.c.id.in_(set(former) - {span.id})))
    for model, rows in counted.rows.items():
        for start in range(0, len(rows), AT_ONCE):
            some = [{"span_id": span.id, **row} for row in rows[start : start + AT_ONCE]]
            session.execute(sa.insert(cast("sa.Table", model.__table__)), some)
    for start in range(0, len(counted.notes), VALUES):
        session.execute(sa.delete(_NOTES).where(_NOTES.c.id.in_(counted.notes[start : start + VALUES])))
    return True


def forget(session: Session, first: dt.date, last: dt.date) -> None:
    """Let nothing be kept of some days, of which nothing is to be told as it was before: they are counted anew."""
    touching = sa.select(CountedSpan.id).where(CountedSpan.first <= last, CountedSpan.last >= first)
    for part in CountedPart:
        spans = session.scalars(touching.where(CountedSpan.part == part)).all()
        _empty(session, part, spans)
        session.execute(sa.update(_SPANS).where(_SPANS.c.id.in_(spans)).values(edition=0))


def differences(session: Session, hour: int | None = None) -> Iterator[DifferingSpan]:
    """Yield the spans whose counts are read and are not those of a full recount; with `hour`, of a 24th of them."""
    for part in CountedPart:
        read = [CountedSpan.part == part, CountedSpan.edition > 0, sa.not_(holds_no_more(part))]
        read += [] if hour is None else [CountedSpan.id % 24 == hour]
        query = sa.select(*_COLUMNS).where(*read).order_by(CountedSpan.first)
        for span in [SpanToCount(*row) for row in session.execute(query)]:
            recounted = _COUNTING[part](session, (span.first, span.last))
            differing = sum(len(_stored(session, one, span.id) ^ _plain(recounted[one])) for one in KEPT[part])
            if differing:
                yield DifferingSpan(part, span.first, span.last, differing)


def compare(database: Database, hour: int) -> list[DifferingSpan]:
    """Compare a 24th of what is kept with a recount, and let what differs be counted anew; return it."""
    with database.session(writes=False) as session:
        differing = list(differences(session, hour))
    if differing:
        with database.session(writes=True) as session:
            for span in differing:
                forget(session, span.first, span.last)
            session.commit()
    return differing


def late(session: Session, today: dt.date) -> int:
    """Return how many spans should have been counted by now: those that ended before yesterday, and are not."""
    before = today - DAY
    return len(list(_new(session, before))) + sum(span.edition == 0 and span.last < before for span in due(session))


def _kept(database: Database, span: SpanToCount) -> bool:
    with database.session(writes=False) as session:
        counted = count(session, span)
    with database.session(writes=True) as session:
        done = write(session, counted)
        session.commit()
    return done


def _new(session: Session, today: dt.date) -> Iterator[dict[str, Any]]:
    for part, (agency, day, counted) in _DAYS.items():
        # By agency, as the index has them: the first of all would be looked for in every row.
        of_agency = sa.select(sa.func.min(day)).where(agency == Agency.id, counted).scalar_subquery()
        first = session.scalar(sa.select(sa.func.min(of_agency)).select_from(Agency))
        every = sa.select(CountedSpan.first, CountedSpan.last).where(CountedSpan.part == part)
        there = {(start, end) for start, end in session.execute(every)}
        spans = [] if first is None else _spans(first, today)
        yield from ({"part": part, "first": days[0], "last": days[1]} for days in spans if days not in there)


def _spans(first: dt.date, today: dt.date) -> Iterator[DayRange]:
    """Yield the days up to yesterday, those of a settled half of a month as one."""
    while first < today:
        start, end = half_month(first)
        if end < today - SETTLED:
            yield start, end
            first = end + DAY
        else:
            yield first, first
            first += DAY


def _moment(session: Session) -> int:
    """Return what tells, on PostgreSQL, which transactions have begun to write by now; 0 if nothing was announced.

    To be asked once the announcement is there for all: what is written before that is not noted.
    """
    new = session.scalar(sa.select(CountedSpan.id).where(CountedSpan.edition == 0).limit(1))
    if new is None or session.get_bind().dialect.name != "postgresql":
        return 0
    return session.scalar(sa.text("SELECT pg_current_xact_id()::text::bigint")) or 0


def _over(database: Database, moment: int) -> bool:
    """Return whether all has ended that had begun by a moment, having waited for it for a while.

    SQLite has one writer: what is announced there is announced to all. On PostgreSQL other databases of the same server
    are none of ours, though they draw the numbers of their transactions from the same row.
    """
    until = time.monotonic() + DRAINED_SECONDS
    while moment:
        with database.session(writes=False) as session:
            if not session.scalar(_BEGUN, {"moment": moment}):
                return True
        if time.monotonic() > until:
            return False
        time.sleep(LOOK_SECONDS)
    return True


def _empty(session: Session, part: CountedPart, spans: Sequence[int]) -> None:
    for model in KEPT[part]:
        table = cast("sa.Table", model.__table__)
        session.execute(sa.delete(table).where(table.c.span_id.in_(spans)))


def _stored(session: Session, model: type[Base], span_id: int) -> set[tuple[object, ...]]:
    table = cast("sa.Table", model.__table__)
    columns = [column for column in table.columns if column.name not in ("id", "span_id")]
    rows = session.execute(sa.select(*columns).where(table.c.span_id == span_id))
    return {tuple(plain(value) for value in row) for row in rows}


def _plain(rows: Sequence[dict[str, Any]]) -> set[tuple[object, ...]]:
    return {tuple(plain(value) for value in row.values()) for row in rows}
