"""Real parts for every test: both databases, the application, a server of two processes, a browser."""

from __future__ import annotations

import gc
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import hypothesis
import psycopg
import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser
from playwright.sync_api import Error as BrowserError
from sqlalchemy.orm import Session

import migrations
from survey.app import create_app
from survey.db.engine import Database
from survey.i18n import language as language_module
from survey.i18n import speaking
from survey.operations import database_roles
from survey.security import passwords
from survey.settings import Settings
from survey.web.survey import survey_of
from tests.support import both_databases, browser, factories, in_memory, once, postgresql
from tests.support.faults.running import end_whole
from tests.support.scheduling import Together

SECRET = "a secret that only the tests know, 32+"
TEMPLATES = {"sqlite": "sqlite_template", "postgresql": "postgres_template"}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Together:
    return Together(config, log)


def pytest_configure(config: pytest.Config) -> None:
    gc.set_threshold(10_000)  # seldom: a tenth of all processor time went into walks
    in_memory.write_there()
    config.pluginmanager.register(both_databases)
    for name, examples in (("short", 40), ("campaign", 400)):  # timed in bench, never here: a slow machine is no fault
        hypothesis.settings.register_profile(name, max_examples=examples, deadline=None)
    hypothesis.settings.load_profile("campaign" if config.getoption("--campaign") else "short")
    end_whole()  # leave no server, database or folder behind when a run is ended from outside


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over what was loaded once and stays: each walk through it costs half a second."""
    gc.collect()
    gc.freeze()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--campaign", action="store_true", help="run the long forms of faults, fuzz and simulations")
    parser.addoption("--part", type=float, default=1.0, help="of each long form of faults, for example 0.1")


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
def turns(request: pytest.FixtureRequest, campaign: bool) -> Callable[[int, int], int]:
    """How often to do something: in `make test`, and in the long form or the part of it that is asked for."""
    part = float(request.config.getoption("--part"))
    return lambda short, full: max(short, round(full * part)) if campaign else short


@pytest.fixture(scope="session", autouse=True)
def drawn_and_compiled_once() -> Iterator[None]:
    """Let this process compile each address and draw each chart once, whichever test is the first to need it."""
    with once.kept():
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A real PostgreSQL: TEST_DATABASE_URL, or the server carried by a wheel; its maintenance database."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield url.replace("postgresql+psycopg://", "postgresql://")
        return
    with postgresql.carried() as url:
        yield url


@pytest.fixture(scope="session")
def maintenance(postgres: str) -> Iterator[psycopg.Connection]:
    """The one connection by which databases are made and dropped."""
    with psycopg.connect(postgres, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def postgres_template(postgres: str, maintenance: psycopg.Connection) -> Iterator[str]:
    """A migrated and furnished database to copy."""
    name = f"template_{uuid.uuid4().hex[:12]}"
    maintenance.execute(f"CREATE DATABASE {name}".encode())
    _furnish(postgresql.address(postgres, name))
    yield name
    maintenance.execute(f"DROP DATABASE {name}".encode())


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
        if url.startswith("postgresql"):
            with database.engine.begin() as connection:
                database_roles.set_up(connection)
        if url.startswith("sqlite"):
            with database.engine.connect() as connection:
                connection.exec_driver_sql("ROLLBACK")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
                connection.exec_driver_sql("BEGIN")


@pytest.fixture(params=["sqlite", "postgresql"])
def engine_name(request: pytest.FixtureRequest) -> str:
    """Every test that touches the store runs on both databases."""
    return str(request.param)


@pytest.fixture(scope="session")
def fresh_database(request: pytest.FixtureRequest) -> Callable[..., AbstractContextManager[str]]:
    """How to have a copy of the furnished database for the time of a block; as a file, in a folder.

    Or of another one (`template`), of which nothing is open.
    """

    @contextmanager
    def copied(engine: str, folder: Path, template: str = "") -> Iterator[str]:
        source = sa.make_url(template).database if template else request.getfixturevalue(TEMPLATES[engine])
        if engine == "sqlite":
            shutil.copy(source, folder / "hailong.db")
            yield f"sqlite:///{folder / 'hailong.db'}"
            return
        maintenance = request.getfixturevalue("maintenance")
        name = f"test_{uuid.uuid4().hex[:12]}"
        maintenance.execute(f"CREATE DATABASE {name} TEMPLATE {source} STRATEGY FILE_COPY".encode())
        yield postgresql.address(request.getfixturevalue("postgres"), name)
        maintenance.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())

    return copied


@pytest.fixture
def database_url(
    engine_name: str, fresh_database: Callable[..., AbstractContextManager[str]], tmp_path: Path
) -> Iterator[str]:
    """A fresh database: a province with two departments, three communes, procedures and the questionnaires."""
    with fresh_database(engine_name, tmp_path) as url:
        yield url


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """The settings of one installation of its own."""
    return Settings(database_url=database_url, secret_key=SECRET, instance=tmp_path / "instance")


@pytest.fixture(scope="session")
def templates() -> once.CompiledTemplates:
    """The templates as they were compiled for the first application of this process."""
    return once.CompiledTemplates()


@pytest.fixture(scope="session")
def started(templates: once.CompiledTemplates) -> Callable[[Settings], AbstractContextManager[Flask]]:
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
    """The store: that of the application, or alone; on PostgreSQL by its owner, whose login the web need not have."""
    if "app" in request.fixturenames and settings.database_url.startswith("sqlite"):
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
def browsers() -> Iterator[list[Browser]]:
    """The browsers that were started, of which the last one runs."""
    with browser.launched() as launched:
        yield [launched]


@pytest.fixture
def chromium(browsers: list[Browser]) -> Browser:
    """A real browser (apt's chromium, CHROMIUM=…, or the one carried by an npm package); anew where it has crashed."""
    try:
        browsers[-1].new_context().close()
    except BrowserError:
        browsers.append(browsers[-1].browser_type.launch(**browser.options()))
    return browsers[-1]
