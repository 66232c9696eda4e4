"""The dashboard's server time over many answers, on both databases: open and closed periods, and as history grows.

Expected: any view at most 300 ms and a closed period at most 30 ms at 10 M answers, flat as closed history grows;
at most 200 bytes per response in PostgreSQL and 120 in SQLite, with indexes.
One million rows by default; `HAILONG_BENCH_ROWS=10000000` for ten (about 2 GB on disk and several minutes).
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing as closing_of
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

import migrations
from bench.databases import postgres, url_of
from survey.app import create_app
from survey.db.engine import Database
from survey.db.types import EPOCH
from survey.models import Agency, Level, Response
from survey.periods import Period, local_day, now, parse, previous
from survey.results import closing, counts, daily_counting
from survey.results.choices import reasons
from survey.results.overview import overview
from survey.results.scope import scope_for
from survey.settings import Settings
from survey.web.survey import survey_of
from tests.support import factories
from tests.support.figures import STANDARD
from tests.support.officials import official, sign_in

SECRET = factories.SECRET
ROWS = int(os.environ.get("HAILONG_BENCH_ROWS", "1000000"))
UNITS, MONTHS = 200, 36
NOW = dt.datetime(2026, 11, 23, 5, tzinfo=dt.UTC)
FIRST = dt.date(2023, 12, 1)
DAYS = (dt.date(2026, 11, 22) - FIRST).days
PRIMES = (7907, 7919, 104729, 1299709, 15485863, 179424673)
SERIES = {
    "sqlite": "WITH RECURSIVE s(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM s WHERE i < {last})",
    "postgresql": "WITH s AS (SELECT generate_series({first}::bigint, {last}::bigint) AS i)",
}
AT_ONCE = 500_000  # rows in one statement, each within the time that the product allows itself
# Keys are made of numbers that are there: to look each of them up takes as long as to write the rows.
FILLING = {
    "sqlite": ("PRAGMA foreign_keys = OFF", "PRAGMA synchronous = OFF"),
    "postgresql": ("SET session_replication_role = replica", "SET synchronous_commit = off"),
}
REASONS = ("login", "form", "upload", "payment", "extra_papers", "visit", "late", "attitude")
HASH = {"sqlite": "CAST(printf('%0{0}d', i) AS BLOB)", "postgresql": "decode(lpad(i::text, {0} * 2, '0'), 'hex')"}


def run() -> None:
    """Print the time of the SELECTs and of whole views, open and closed."""
    for name in ("sqlite", "postgresql"):
        with tempfile.TemporaryDirectory() as folder, postgres(Path(folder)) as server:
            url = url_of(name, Path(folder), server)
            start = time.perf_counter()
            with Database(url) as database:
                fill(database)
            taken = time.perf_counter() - start
            print(f"  {name}: {ROWS:,} answers, {UNITS} units, {MONTHS} months ({taken:.0f} s to fill)")
            print(f"    {'bytes per response, of them in its indexes':46}{_bytes(url):>8}")
            measure(url, Path(folder))


def fill(database: Database) -> None:
    """Make the schema, the province and its rows by set-based SQL."""
    migrations.migrate(database)
    kind = database.url.get_backend_name()
    with database.session(writes=True) as session:
        factories.furnish(session)
        province = factories.agency_id(session, "H61")
        for number in range(100, 100 + UNITS - len(factories.UNITS)):
            factories.agency(session, f"H61.{number}", Level.COMMUNE, f"Xã số {number}", f"Commune {number}", province)
        official(session)
        least = session.scalar(sa.select(sa.func.min(Agency.id)).where(Agency.parent_id == province))
        session.execute(sa.update(Agency).values(valid_from=FIRST))
        session.commit()
    rows, connection = _rows(kind, least), database.engine.raw_connection()
    driver: Any = connection.driver_connection
    if kind == "postgresql":
        driver.autocommit = True
    for statement in FILLING[kind]:
        driver.execute(statement)
    for first in range(1, ROWS + 1, AT_ONCE):
        series = SERIES[kind].format(first=first, last=min(first + AT_ONCE - 1, ROWS))
        for into, values in rows.items():
            driver.execute(f"INSERT INTO {into} {series} SELECT {values} FROM s")
    driver.execute("ANALYZE" if kind == "sqlite" else "VACUUM ANALYZE")
    connection.close()
    database.dispose()


def _rows(kind: str, least: int | None) -> dict[str, str]:
    """Return for each table and its columns what stands in row i; every tenth answer gives a reason or two."""
    true = "1" if kind == "sqlite" else "true"
    unit, procedure = f"{least} + (i * 7919) % {UNITS}", "1 + (i * 31) % 3"
    day = f"{(FIRST - EPOCH).days} + i * {DAYS} / {ROWS}"
    share = "({0}) % 100 <"
    rating = f"CASE WHEN {share} 55 THEN 5 WHEN {share} 90 THEN 4 WHEN {share} 95 THEN 3 ELSE 2 END"
    ratings = ", ".join(rating.format(f"i * {prime}") for prime in PRIMES)
    one, two = (_reason(f"i * {prime}") for prime in PRIMES[1:3])
    several = f"CASE WHEN i % 3 = 0 THEN '{{\"S7\": [\"' || {one} || '\", \"' || {two} || '\"]}}' "
    several += f"ELSE '{{\"S7\": [\"' || {one} || '\"]}}' END"
    json = "" if kind == "sqlite" else "::json"
    reasons = f"CASE WHEN (i * {PRIMES[0]}) % 100 >= 90 THEN ({several}){json} END"
    issued = "'2024-01-01 00:00:00.000000'"
    answered = "id, receipt, submitted_at, invitation_id, agency_id, procedure_id, questionnaire_id, day, counted, "
    answered += "channel, respondent, overall, r1, r2, r3, r4, r5, language, other"
    return {
        '"case" (id, code_hash, receiving_agency_id, resolving_agency_id, procedure_id, respondent, finished_day)': (
            f"i, {HASH[kind].format(16)}, {unit}, {unit}, {procedure}, 1, {day}"
        ),
        "invitation (id, case_id, token_hash, issued_at, expires_at)": (
            f"i, i, {HASH[kind].format(32)}, {issued}, '2027-01-01 00:00:00.000000'"
        ),
        f"response ({answered})": (
            f"i, {HASH[kind].format(10)}, {issued}, i, {unit}, {procedure}, 1, {day}, {true}, 1, 1, {ratings}, 'vi', "
            f"{reasons}"
        ),
    }


def _reason(number: str) -> str:
    whens = " ".join(f"WHEN {place} THEN '{reason}'" for place, reason in enumerate(REASONS))
    return f"CASE ({number}) % {len(REASONS)} {whens} END"


def _bytes(url: str) -> str:
    """Return what a response takes and how much of that its indexes do; SQLite tells by what a copy without them saves.

    Receipts are unique by the table's own index, which is counted with its rows.
    """
    with Database(url) as database, database.engine.connect() as connection:
        if database.url.get_backend_name() == "postgresql":
            sizes = "SELECT pg_total_relation_size('response'), pg_indexes_size('response')"
            whole, indexes = connection.exec_driver_sql(sizes).one()
        else:
            whole, indexes = _pages_of(Path(str(database.url.database)))
    return f"{whole / ROWS:.0f}, {indexes / ROWS:.0f}"


def _pages_of(path: Path) -> tuple[int, int]:
    copy = path.with_suffix(".copy")
    shutil.copy(path, copy)
    with closing_of(sqlite3.connect(copy)) as connection:
        used = [_used(connection)]
        named = "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'response' AND sql IS NOT NULL"
        for (name,) in connection.execute(named).fetchall():
            connection.execute(f"DROP INDEX {name}")
        used.append(_used(connection))
        connection.execute("DROP TABLE response")
        used.append(_used(connection))
    copy.unlink()
    return used[0] - used[2], used[0] - used[1]


def _used(connection: Any) -> int:
    names = ("page_count", "freelist_count", "page_size")
    pages, free, size = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names)
    return int((pages - free) * size)


def measure(url: str, folder: Path) -> None:
    """Time the counts and the views of the running month and the last one, before and after counting and closing."""
    app = create_app(Settings(url, SECRET, instance=folder))
    client = app.test_client()
    with survey_of(app).database as database, time_machine.travel(NOW, tick=True):
        sign_in(client)
        months = [parse("2026-10")]
        while len(months) < MONTHS - 1:
            months.append(previous(months[-1]))
        for label in ("from the answers", "from kept counts"):
            _bare(database)
            for code in ("2026-11", "2026"):
                _counts(app, f"{code} {label}", parse(code))
                _view(client, f"{code} {label}", code)
            if label == "from the answers":
                _keep(database)
        for already, upto in ((0, 12), (12, len(months))):
            _close(app, months[already:upto])
            _view(client, f"running month, {upto} months closed", "2026-11")
            _view(client, f"running year, {upto} months closed", "2026")
            _view(client, f"closed month, {upto} months closed", "2026-10")
            _view(client, f"its unit, {upto} months closed", "2026-10&agency=H61.50")


def _keep(database: Database) -> None:
    """Count the days that are over, as `hailong work` does, and say what that takes and how much room."""
    before, start = _size(database), time.process_time()
    number = daily_counting.keep(database, local_day(now()))
    print(f"    {number} spans counted {(time.process_time() - start) * 1e6 / ROWS:29.1f} µs CPU of ours per answer")
    print(f"    {'bytes of kept counts per answer':46}{(_size(database) - before) / ROWS:8.0f}")
    with database.session(writes=False) as session:
        start = time.perf_counter()
        assert not list(daily_counting.differences(session, hour=0))
        print(f"    comparing a 24th of them {(time.perf_counter() - start) * 1000:29.0f} ms")


def _size(database: Database) -> int:
    with database.engine.connect() as connection:
        if database.url.get_backend_name() == "postgresql":
            return int(connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one())
        return _used(connection.connection.driver_connection)


def _bare(database: Database) -> None:
    """Time the SELECT that any program would write: by unit, of a month and of a year, from the answers."""
    for label, months in (("month", 1), ("year", 12)):
        first = dt.date(2026, 11 if months == 1 else 1, 1)
        with database.session(writes=False) as session:
            taken = _best(partial(_counted_by_unit, session, first))
        print(f"    {'bare SELECT by unit, running ' + label:46}{taken * 1000:8.0f} ms")


def _counted_by_unit(session: Session, first: dt.date) -> Sequence[sa.Row[int, int, int]]:
    query = sa.select(Response.agency_id, sa.func.count(), sa.func.count().filter(Response.overall >= 4)).where(
        Response.counted, Response.day.between(first, dt.date(2026, 12, 31))
    )
    return session.execute(query.group_by(Response.agency_id)).all()


def _close(app: Flask, months: list[Period]) -> None:
    with survey_of(app).database.session(writes=True) as session:
        start = time.perf_counter()
        for month in months:
            closing.close(session, month, NOW, STANDARD)
        session.commit()
        print(f"    closing a month {(time.perf_counter() - start) * 1000 / len(months):31.0f} ms")


def _counts(app: Flask, label: str, period: Period) -> None:
    with survey_of(app).database.session(writes=False) as session:
        province = factories.agency_id(session, "H61")
        asked: dict[str, Callable[[], object]] = {
            "cells": lambda: counts.cells(session, scope_for(session, period, province)),
            "cohort": lambda: counts.cohort(session, scope_for(session, period, province)),
            "factors": lambda: counts.cells(
                session, scope_for(session, period, province), ("question", "channel"), ["S2", "S3", "S4"]
            ),
            "reasons": lambda: reasons(session, scope_for(session, period, province), STANDARD),
            "all that a view shows": lambda: overview(
                session, scope_for(session, period, province), STANDARD, local_day(now())
            ),
        }
        for name, count in asked.items():
            print(f"    {name + ', ' + label:46}{_best(count) * 1000:8.0f} ms", flush=True)


def _view(client: FlaskClient, label: str, period: str) -> None:
    def look() -> None:
        assert client.get(f"/staff/?period={period}").status_code == 200

    start = time.perf_counter()
    look()
    first = time.perf_counter() - start
    print(f"    {label:46}{_best(look) * 1000:8.0f} ms   first look {first * 1000:6.0f} ms")


def _best(work: Callable[[], object], times: int = 3) -> float:
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


if __name__ == "__main__":
    run()
