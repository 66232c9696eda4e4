"""What benchmarks fill a database with is a province that the product could have made."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing
from pathlib import Path

import migrations
from bench.filling import fill
from survey.db.engine import Database
from survey.periods import parse
from survey.results import counts, daily_counting
from survey.results.scope import scope_for
from tests.support import factories

ROWS, CASES = 3000, 3600
STRUCTURE = "SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') ORDER BY type, name"


def test_what_is_filled_in_keeps_every_rule_of_the_schema_and_counts_alike_kept_or_not(tmp_path: Path) -> None:
    with Database(f"sqlite:///{tmp_path / 'empty.db'}") as empty:
        migrations.migrate(empty)
    with Database(f"sqlite:///{tmp_path / 'filled.db'}") as database:
        fill(database, ROWS)
        with (
            closing(sqlite3.connect(tmp_path / "filled.db")) as own,
            closing(sqlite3.connect(tmp_path / "empty.db")) as new,
        ):
            assert own.execute(STRUCTURE).fetchall() == new.execute(STRUCTURE).fetchall()
            assert own.execute("PRAGMA foreign_key_check").fetchall() == []
            assert own.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert own.execute("SELECT count(*), sum(channel = 1) FROM response").fetchone() == (ROWS, ROWS * 4 // 5)
        with database.session(writes=False) as session:
            scope = scope_for(session, parse("2026"), factories.agency_id(session, "H61"))
            before = [counts.cells(session, scope, ("unit", "channel")), counts.cohort(session, scope)]
        assert daily_counting.keep(database, dt.date(2026, 11, 23)) > 200
        with database.session(writes=False) as session:
            after = [counts.cells(session, scope, ("unit", "channel")), counts.cohort(session, scope)]
            of_all = scope_for(session, parse("2025"), factories.agency_id(session, "H61"))
            cohort = counts.cohort(session, of_all, ()).iloc[0]
    assert [one.to_numpy().tolist() for one in before] == [one.to_numpy().tolist() for one in after]
    year = CASES * 365 / (dt.date(2026, 11, 22) - dt.date(2023, 12, 1)).days
    assert abs(cohort["finished"] - year) < 0.05 * year
    assert abs(cohort["rated"] / cohort["finished"] - 2 / 3) < 0.01
