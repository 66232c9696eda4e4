"""Provinces to be added up: small real databases that export by the product, and large files of generated answers."""

from __future__ import annotations

import datetime as dt
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing as closing_of
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet

import migrations
from survey.db.engine import Database
from survey.db.types import EPOCH
from survey.periods import Basis, parse
from survey.reports import parquet
from survey.results import closing
from tests.support import factories
from tests.support.figures import STANDARD

MONTHS = ("2026-07", "2026-08", "2026-09")
PROVINCES = [f"K{number:02}" for number in range(1, 35)]
FORMER = {"K35": "K34", "K36": "K34"}  # merged into another one before the second month
CLOSED_AT = dt.datetime(2026, 10, 20, 5, tzinfo=dt.UTC)
FIRST_DAY = (parse(MONTHS[0]).first - EPOCH).days
DAYS = 92
CASES, ANSWERS = 4000, 1000  # of each small database, in all three months
UNITS, CHANNELS = 200, ("invitation", "open")
_SERIES = "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < {0})"
_ROWS = {
    '"case" (id, code_hash, receiving_agency_id, resolving_agency_id, procedure_id, respondent, finished_day)': (
        CASES,
        f"i, CAST(printf('%016d', i) AS BLOB), {{unit}}, {{unit}}, 1 + i % 3, 1, {FIRST_DAY} + i * 7919 % {DAYS}",
    ),
    "invitation (id, case_id, token_hash, issued_at, expires_at)": (
        CASES,
        "i, i, CAST(printf('%032d', i) AS BLOB), '2026-07-01 00:00:00.000000', '2027-01-01 00:00:00.000000'",
    ),
    "response (id, receipt, submitted_at, invitation_id, agency_id, procedure_id, questionnaire_id, day, counted, "
    "channel, respondent, overall, language)": (
        ANSWERS,
        "i, CAST(printf('%010d', i) AS BLOB), '2026-07-01 00:00:00.000000', i, {unit}, 1 + i % 3, 1, "
        f"{FIRST_DAY} + i * 7919 % {DAYS}, 1, 1, 1, CASE WHEN i % 2 THEN 5 ELSE 4 END, 'vi'",
    ),
}


@dataclass(frozen=True)
class BareCounts:
    """What a bare SELECT over all databases says of the answers whose months are exported."""

    answered: int
    satisfied: int


def export_provinces(folder: Path, lake: Path) -> BareCounts:
    """Make a database for each province, close its months and export them as `hailong export figures` does."""
    template = folder / "template.db"
    _fill(template)
    answered = satisfied = 0
    for place, code in enumerate([*PROVINCES, *FORMER]):
        path = folder / f"{code}.db"
        shutil.copy(template, path)
        with closing_of(sqlite3.connect(path)) as connection:
            _become(connection, code, dissatisfied=60 + place * 4)
            months = MONTHS[:1] if code in FORMER else MONTHS
            last = (parse(months[-1]).last - EPOCH).days
            count = "SELECT count(*), sum(overall >= 4) FROM response WHERE counted AND day <= ?"
            counts = connection.execute(count, (last,)).fetchone()
        answered, satisfied = answered + counts[0], satisfied + counts[1]
        _export(path, lake, months)
        path.unlink()
    return BareCounts(answered, satisfied)


def _fill(path: Path) -> None:
    with Database(f"sqlite:///{path}") as database:
        migrations.migrate(database)
        with database.session(writes=True) as session:
            factories.furnish(session)
            least = min(factories.agency_id(session, code) for code, *_about in factories.UNITS)
            session.commit()
    with closing_of(sqlite3.connect(path)) as connection:
        for into, (number, values) in _ROWS.items():
            row = values.format(unit=f"{least} + i % {len(factories.UNITS)}")
            connection.execute(f"INSERT INTO {into} {_SERIES.format(number)} SELECT {row} FROM s")
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _become(connection: sqlite3.Connection, code: str, dissatisfied: int) -> None:
    """Make the template another province, in which so many of a thousand answers are dissatisfied."""
    connection.execute("UPDATE agency SET code = replace(code, 'H61', ?)", (code,))
    connection.execute("UPDATE agency SET name = replace(name, 'Vĩnh Long', ?) WHERE code = ?", (code, code))
    connection.execute("UPDATE installation SET root_code = ?", (code,))
    connection.execute("UPDATE response SET overall = 2 WHERE id * 7907 % 1000 < ?", (dissatisfied,))
    connection.commit()


def _export(path: Path, lake: Path, months: tuple[str, ...]) -> None:
    with Database(f"sqlite:///{path}") as database:
        with database.session(writes=True) as session:
            for month in months:
                closing.close(session, parse(month), CLOSED_AT, STANDARD)
            session.commit()
        with database.session(writes=False) as session:
            for period in parquet.closed_months(session, Basis.CALENDAR):
                parquet.write_month(parquet.month_table(session, period, STANDARD, CLOSED_AT.date()), lake)


def generate_answers(folder: Path, rows: int) -> Iterator[Path]:
    """Yield a file of generated answers for each province and month: unit, channel, rating, with known chances."""
    for place, code in enumerate(PROVINCES):
        for month in MONTHS:
            random = np.random.default_rng((place, int(month[-2:])))
            rate = 0.84 + place * 0.004
            chances = [(1 - rate) / 3] * 3 + [rate * 0.4, rate * 0.6]
            table = pa.table(
                {
                    "province": pa.array([code], pa.string()).dictionary_encode().take(pa.array(np.zeros(rows, int))),
                    "unit": pa.array(random.integers(0, UNITS, rows, dtype=np.int16)),
                    "channel": pa.DictionaryArray.from_arrays(
                        random.choice(2, rows, p=[0.9, 0.1]).astype(np.int8), list(CHANNELS)
                    ),
                    "rating": pa.array(random.choice(np.arange(1, 6, dtype=np.int8), rows, p=chances)),
                }
            )
            path = folder / f"province={code}" / f"month={month}" / "answers.parquet"
            path.parent.mkdir(parents=True)
            pyarrow.parquet.write_table(table, path, compression="zstd")
            yield path
