"""What counting for staff views costs over many answers, on both databases: open and closed, and as history grows.

Expected: any view at most 300 ms of counting and a closed period at most 30 ms at 10 M answers, flat as history grows;
at most 200 bytes per response in PostgreSQL and 120 in SQLite, with indexes. Beside it stands the SELECT that any
program would write. One million rows by default; `HAILONG_BENCH_ROWS=10000000` for ten (some 10 GB on disk); an
engine's name as an option (`--postgresql`) measures that one alone.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from bench import sizes
from bench.costs import Meter
from bench.databases import postgres, url_of
from bench.filling import MONTHS, NOW, ROWS, UNITS, fill
from bench.statements import recorded, replay
from survey.app import create_app
from survey.db.engine import Database
from survey.models import Response
from survey.periods import Period, local_day, now, parse, previous
from survey.results import closing, counts, daily_counting
from survey.results.choices import reasons
from survey.results.factors import factors
from survey.results.overview import overview
from survey.results.scope import Standard, scope_for
from survey.results.trends import trend
from survey.settings import Settings
from survey.web.survey import survey_of
from tests.support import factories
from tests.support.officials import official, sign_in

STANDARD = Standard("0.90", 0.95)
RUNNING = ("2026-11", "2026-Q4", "2026")
ENDED = ("2026-10", "2026-Q3", "2025")
PAGES = ("", "units", "procedures", "comments", "reasons", "response-quality", "invitation-coverage", "service-index")
PROVINCE, UNIT = "hanh", "unit"  # who looks: an official of the province, and one of its largest unit
ENGINES = ("sqlite", "postgresql")


def run(*options: str) -> None:
    """Print what each SELECT, each count and each page costs."""
    for name in [option.removeprefix("--") for option in options] or ENGINES:
        with tempfile.TemporaryDirectory() as folder, postgres(Path(folder)) as server:
            url = url_of(name, Path(folder), server)
            with Database(url) as database:
                meter = Meter(database)
                filling = meter.once(partial(fill, database))
                print(f"  {name}: {ROWS:,} answers, {UNITS} units, {MONTHS} months; filled: {filling}", flush=True)
                whole, indexes = sizes.of_answers(database)
                print(f"    {'bytes per response, of them in its indexes':46}{whole / ROWS:8.0f}, {indexes / ROWS:.0f}")
                print(f"    {'bytes of everything per answer':46}{sizes.of_database(database) / ROWS:8.0f}")
            measure(url, Path(folder))


def measure(url: str, folder: Path) -> None:
    """Tell what views of running and ended periods cost, before and after counting and closing."""
    app = create_app(Settings(url, factories.SECRET, instance=folder))
    clients = {login: app.test_client() for login in (PROVINCE, UNIT)}
    with survey_of(app).database as database, time_machine.travel(NOW, tick=True):
        with database.session(writes=True) as session:
            official(session, UNIT, "H61.1")
        for login, client in clients.items():
            sign_in(client, login)
        meter = Meter(database)
        _bare(database, meter)
        _counts(database, meter, RUNNING[0], "from the answers")
        _keep(database, meter)
        for code in RUNNING:
            _counts(database, meter, code, "open")
        for login, client in clients.items():
            _pages(database, meter, client, RUNNING, f"open, {login}")
        months = [parse("2026-10")]
        while len(months) < MONTHS - 1:
            months.append(previous(months[-1]))
        _close(app, meter, [*months, *map(parse, ENDED[1:])])
        for code in (*ENDED, RUNNING[-1]):
            _counts(database, meter, code, "others closed" if code in RUNNING else "closed")
        for login, client in clients.items():
            _pages(database, meter, client, ENDED, f"closed, {login}")
            _pages(database, meter, client, RUNNING[-1:], f"others closed, {login}")


def _line(label: str, told: object) -> None:
    print(f"    {label:46}{told}", flush=True)


def _bare(database: Database, meter: Meter) -> None:
    """Tell of the SELECT that any program would write: by unit, of a month and of a year, from the answers."""
    for label, month in (("month", 11), ("year", 1)):
        with database.session(writes=False) as session:
            cost = meter.least(partial(_counted_by_unit, session, dt.date(2026, month, 1)))
        _line(f"bare SELECT by unit, running {label}", cost)


def _counted_by_unit(session: Session, first: dt.date) -> Sequence[sa.Row[int, int, int]]:
    query = sa.select(Response.agency_id, sa.func.count(), sa.func.count().filter(Response.overall >= 4)).where(
        Response.counted, Response.day.between(first, dt.date(2026, 12, 31))
    )
    return session.execute(query.group_by(Response.agency_id)).all()


def _keep(database: Database, meter: Meter) -> None:
    """Count the days that are over, as `hailong work` does, and say what that takes and how much room."""
    before, numbers = sizes.of_database(database), list[int]()
    cost = meter.once(lambda: numbers.append(daily_counting.keep(database, local_day(now()))))
    _line(f"{numbers[0]} spans counted", cost)
    _line("bytes of kept counts per answer", f"{(sizes.of_database(database) - before) / ROWS:8.0f}")
    with database.session(writes=False) as session:
        _line("comparing a 24th of them", meter.once(lambda: _assert_same(session)))


def _assert_same(session: Session) -> None:
    assert not list(daily_counting.differences(session, hour=0))


def _close(app: Flask, meter: Meter, periods: list[Period]) -> None:
    def close() -> None:
        with survey_of(app).database.session(writes=True) as session:
            for period in periods:
                closing.close(session, period, NOW, STANDARD)
                session.commit()

    _line(f"closing {len(periods)} periods", meter.once(close))


def _counts(database: Database, meter: Meter, code: str, state: str) -> None:
    """Tell what counts of the province cost with what adds them up, and all that its overview is made of."""
    today = local_day(NOW)
    with database.session(writes=False) as session:
        scope = scope_for(session, parse(code), factories.agency_id(session, "H61"))
        parts: dict[str, Callable[[], object]] = {
            "cells": lambda: counts.cells(session, scope),
            "cohort": lambda: counts.cohort(session, scope),
            "factors": lambda: factors(session, scope, STANDARD),
            "reasons": lambda: reasons(session, scope, STANDARD),
            "trend": lambda: trend(session, scope, STANDARD, today),
            "overview with verdicts": lambda: overview(session, scope, STANDARD, today),
        }
        for name, count in parts.items():
            _line(f"{name}, {code} {state}", meter.least(count, 3))


def _pages(database: Database, meter: Meter, client: FlaskClient, codes: Sequence[str], state: str) -> None:
    """Tell what each page reads from the database, and what it costs as a whole at the first look."""
    for code in codes:
        for page in PAGES if code != "2026-Q4" else PAGES[:1]:
            address = f"/staff/{page}?period={code}&look="
            with recorded(database) as statements:
                _look(client, address + "0")
            cost = meter.least(partial(replay, database, statements), 3)
            told = f"{cost}   in {len(statements)} SELECT; page {meter.once(partial(_look, client, address + '1'))}"
            _line(f"{page or 'overview'}, {code} {state}", told)


def _look(client: FlaskClient, address: str) -> None:
    reply = client.get(address, follow_redirects=True)
    assert reply.status_code == 200, (address, reply.status_code)


if __name__ == "__main__":
    run()
