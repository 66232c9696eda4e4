"""What the tests of the demonstration start from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

import migrations
from survey.db.engine import Database
from survey.demo import filling
from survey.i18n import speaking

NOW = dt.datetime(2026, 11, 23, 3, 0, tzinfo=dt.UTC)


@pytest.fixture(scope="session")
def migrated(
    fresh_database: Callable[..., AbstractContextManager[str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], str]]:
    """Where a migrated database without a row is, by its engine: to copy, so that it is made once."""
    made: dict[str, str] = {}
    with ExitStack() as kept:

        def of(engine: str) -> str:
            if engine not in made:
                made[engine] = kept.enter_context(fresh_database(engine, tmp_path_factory.mktemp("migrated")))
                with Database(made[engine]) as database:
                    migrations.migrate(database, "base")
                    migrations.migrate(database)
            return made[engine]

        yield of


@pytest.fixture
def empty(
    engine_name: str,
    migrated: Callable[[str], str],
    fresh_database: Callable[..., AbstractContextManager[str]],
    tmp_path: Path,
) -> Iterator[Database]:
    """A migrated database without a row, on either engine."""
    with fresh_database(engine_name, tmp_path, migrated(engine_name)) as url, Database(url) as database:
        yield database


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def fifth(
    request: pytest.FixtureRequest,
    migrated: Callable[[str], str],
    fresh_database: Callable[..., AbstractContextManager[str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[str, str]]:
    """An engine with a demonstration of a fifth of its size, to copy."""
    engine = str(request.param)
    with fresh_database(engine, tmp_path_factory.mktemp("fifth"), migrated(engine)) as url:
        with Database(url) as database, database.session(writes=True) as session, speaking("vi"):
            filling.fill(session, "k" * 32, NOW, 7, scale=0.2)
            session.commit()
        yield engine, url


@pytest.fixture
def filled(
    fifth: tuple[str, str], fresh_database: Callable[..., AbstractContextManager[str]], tmp_path: Path
) -> Iterator[Session]:
    """A session on a copy of it."""
    engine, url = fifth
    with fresh_database(engine, tmp_path, url) as own, Database(own) as store, store.session(writes=True) as session:
        yield session
