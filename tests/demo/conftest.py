"""What the tests of the demonstration start from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

import migrations
from survey.db.engine import Database
from survey.demo import filling
from survey.i18n import speaking

NOW = dt.datetime(2026, 11, 23, 3, 0, tzinfo=dt.UTC)


@contextmanager
def emptied(engine: str, fresh_database: Callable[..., AbstractContextManager[str]], folder: Path) -> Iterator[str]:
    """A migrated database without a row, for the time of a block."""
    with fresh_database(engine, folder) as url:
        with Database(url) as database:
            migrations.migrate(database, "base")
            migrations.migrate(database)
        yield url


@pytest.fixture(scope="session")
def migrated_sqlite(
    fresh_database: Callable[..., AbstractContextManager[str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Where a migrated database without a row is, to copy."""
    with emptied("sqlite", fresh_database, tmp_path_factory.mktemp("migrated")) as url:
        yield url


@pytest.fixture(scope="session")
def migrated_postgresql(
    maintenance: object,  # to be there when it is dropped
    fresh_database: Callable[..., AbstractContextManager[str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """The same on the other engine."""
    with emptied("postgresql", fresh_database, tmp_path_factory.mktemp("migrated")) as url:
        yield url


@pytest.fixture
def empty(
    engine_name: str,
    request: pytest.FixtureRequest,
    fresh_database: Callable[..., AbstractContextManager[str]],
    tmp_path: Path,
) -> Iterator[Database]:
    """A migrated database without a row, on either engine."""
    template = request.getfixturevalue(f"migrated_{engine_name}")
    with fresh_database(engine_name, tmp_path, template) as url, Database(url) as database:
        yield database


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def fifth(
    request: pytest.FixtureRequest,
    fresh_database: Callable[..., AbstractContextManager[str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[str, str]]:
    """An engine with a demonstration of a fifth of its size, to copy."""
    engine = str(request.param)
    template = request.getfixturevalue(f"migrated_{engine}")
    with fresh_database(engine, tmp_path_factory.mktemp("fifth"), template) as url:
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
