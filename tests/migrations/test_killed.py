"""An upgrade that is killed at any moment leaves the old schema or the new one, with every answer, and can go on."""

from __future__ import annotations

import hashlib
import itertools
import os
import random
import signal
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import migrations
from survey.db.engine import Database
from survey.settings import Settings
from tests.migrations.test_upgrade import released
from tests.support import factories
from tests.support.faults.restarted import PROGRAM

assert released  # a fixture
ANSWERS = sa.text("SELECT receipt, submitted_at, day, counted, overall FROM response ORDER BY receipt")
LONGEST = 0.02  # seconds into a statement


def upgrade(url: str, statement: int, seconds: float, whole: bool) -> None:
    """Upgrade, and be killed so long after a statement has begun; not `whole`: with a commit after each statement."""
    with Database(url) as database:
        numbers = itertools.count(1)

        @sa.event.listens_for(database.engine, "before_cursor_execute")
        def _count(*_arguments: Any) -> None:
            if next(numbers) == statement:
                threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGKILL)).start()

        @sa.event.listens_for(database.engine, "after_cursor_execute")
        def _commit(connection: sa.Connection, *_arguments: Any) -> None:
            if not whole:
                driver: Any = connection.connection.driver_connection
                driver.commit()
                if connection.dialect.name == "sqlite":
                    driver.execute("BEGIN IMMEDIATE")

        migrations.migrate(database, secret=factories.SECRET)


def statements(url: str) -> int:
    """Upgrade to the end; return in how many statements."""
    counted: list[str] = []
    with Database(url) as database:
        sa.event.listen(database.engine, "before_cursor_execute", lambda *a: counted.append(a[2]))
        migrations.migrate(database, secret=factories.SECRET)
    return len(counted)


def schema(database: Database) -> str:
    """Return the digest of all tables, columns and indexes, and of the revision."""
    inspector = sa.inspect(database.engine)
    parts = [
        (table, sorted(column["name"] for column in inspector.get_columns(table)), sorted(names))
        for table in sorted(inspector.get_table_names())
        for names in [[str(index["name"]) for index in inspector.get_indexes(table)]]
    ]
    return hashlib.sha256(repr((migrations.schema_revision(database), parts)).encode()).hexdigest()


def answers(database: Database) -> list[tuple[Any, ...]]:
    with database.connection(writes=False) as connection:
        return [tuple(row) for row in connection.execute(ANSWERS)]


Copies = Callable[..., AbstractContextManager[str]]


class Upgrades:
    """The database of an older release, and what it is before and after its upgrade."""

    def __init__(self, engine: str, url: str, copies: Copies, folder: Path) -> None:
        self.engine, self.url, self.copies, self.folder = engine, url, copies, folder
        with Database(url) as database:
            self.answers, self.old = answers(database), schema(database)
        with copies(engine, self.new_folder("whole"), url) as copy:
            self.number = statements(copy)
            with Database(copy) as database:
                self.new = schema(database)
        assert self.old != self.new and self.number > 100 and len(self.answers) > 10

    def new_folder(self, name: str) -> Path:
        folder = self.folder / name
        folder.mkdir()
        return folder

    def killed(self, turn: int, statement: int, seconds: float, whole: bool = True) -> str:
        """Kill one; return which schema is left. The next try must bring it to its end."""
        with self.copies(self.engine, self.new_folder(str(turn)), self.url) as copy:
            process = PROGRAM.Process(target=upgrade, args=(copy, statement, seconds, whole))
            process.start()
            process.join()
            assert process.exitcode in (0, -signal.SIGKILL)
            with Database(copy) as database:
                left = {self.old: "old", self.new: "new"}.get(schema(database), "neither")
                assert left != "neither", f"half a schema is left by statement {statement}"
                assert answers(database) == self.answers
                migrations.migrate(database, secret=factories.SECRET)
                assert schema(database) == self.new
                assert answers(database) == self.answers
        return left


@pytest.fixture
def upgrades(
    engine_name: str, released: list[str], settings: Settings, store: Database, fresh_database: Copies, tmp_path: Path
) -> Upgrades:
    assert released
    store.dispose()  # a template of PostgreSQL is copied while nobody has it open
    if engine_name == "sqlite":
        with store.engine.connect() as connection:
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("BEGIN")
        store.dispose()
    return Upgrades(engine_name, settings.database_url, fresh_database, tmp_path)


def test_an_upgrade_that_is_killed_leaves_the_old_schema_or_the_new_one(
    upgrades: Upgrades, turns: Callable[[int, int], int]
) -> None:
    times, chance, left = turns(4, 200), random.Random(13), list[str]()
    for turn in range(times):
        statement = 1 + turn * (upgrades.number - 1) // max(1, times - 1)
        left.append(upgrades.killed(turn, statement, chance.uniform(0, LONGEST)))
    print(f"{times} instants of {upgrades.number} statements: {left.count('old')} old, {left.count('new')} new")
    assert left.count("old") > times / 2


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_an_upgrade_that_commits_in_between_is_caught(upgrades: Upgrades) -> None:
    with pytest.raises(AssertionError, match="half a schema"):
        upgrades.killed(0, upgrades.number // 2, 0.0, whole=False)
