"""A province that tests of staff pages look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.db.engine import Database
from survey.settings import Settings
from tests.support import factories, province
from tests.support.officials import sign_in
from tests.support.provider import MANAGER, FakeProvider, provider_running
from tests.support.province import TODAY

Furnish = Callable[[Session], None]


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(TODAY, tick=False) as traveller:
        yield traveller


@contextmanager
def furnished_once(
    engine: str, fresh_database: Callable[..., AbstractContextManager[str]], folders: pytest.TempPathFactory
) -> Iterator[Callable[[Furnish], str]]:
    """Say where a province is that was furnished so: to copy, so that it is furnished once."""
    made: dict[Furnish, str] = {}
    with ExitStack() as kept:

        def of(furnish: Furnish) -> str:
            if furnish not in made:
                made[furnish] = kept.enter_context(fresh_database(engine, folders.mktemp("province")))
                with (
                    time_machine.travel(TODAY, tick=False),
                    Database(made[furnish]) as database,
                    database.session(writes=True) as session,
                ):
                    furnish(session)
            return made[furnish]

        yield of


@pytest.fixture(scope="session")
def provinces_on_sqlite(
    fresh_database: Callable[..., AbstractContextManager[str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Furnish], str]]:
    with furnished_once("sqlite", fresh_database, tmp_path_factory) as of:
        yield of


@pytest.fixture(scope="session")
def provinces_on_postgresql(
    maintenance: object,  # to be there when they are dropped
    fresh_database: Callable[..., AbstractContextManager[str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[Furnish], str]]:
    with furnished_once("postgresql", fresh_database, tmp_path_factory) as of:
        yield of


@pytest.fixture(scope="module")
def furnish() -> Furnish:
    """How the province of a module is furnished; it commits."""
    return province.furnish


@pytest.fixture(scope="module")
def furnished(
    fresh_database: Callable[..., AbstractContextManager[str]],
    started: Callable[[Settings], AbstractContextManager[Flask]],
    provinces_on_sqlite: Callable[[Furnish], str],
    furnish: Furnish,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Flask]:
    """A province that all tests here look at and none changes.

    On one database: what is proved by it is the page. Its figures are proved in tests/results on both, and that they
    come to it from PostgreSQL, too, by the tests here that make answers of their own.
    """
    folder = tmp_path_factory.mktemp("province")
    with (
        fresh_database("sqlite", folder, provinces_on_sqlite(furnish)) as url,
        started(Settings(url, factories.SECRET, instance=folder / "instance", fewest_shown=1)) as app,
    ):
        yield app


@pytest.fixture(name="province")
def visitor(furnished: Flask, clock: time_machine.Traveller) -> FlaskClient:
    """Somebody who has signed in there."""
    client = furnished.test_client()
    sign_in(client)
    return client


@pytest.fixture
def database_url(
    request: pytest.FixtureRequest,
    engine_name: str,
    fresh_database: Callable[..., AbstractContextManager[str]],
    tmp_path: Path,
) -> Iterator[str]:
    """A fresh database, with that province where a test changes it."""
    template = ""
    if "own_province" in request.fixturenames:
        provinces = request.getfixturevalue(f"provinces_on_{engine_name}")
        template = provinces(request.getfixturevalue("furnish"))
    with fresh_database(engine_name, tmp_path, template) as url:
        yield url


@pytest.fixture
def own_province(client: FlaskClient, clock: time_machine.Traveller) -> FlaskClient:
    """Somebody who has signed in to a province of the test's own."""
    sign_in(client)
    return client


@pytest.fixture(scope="module")
def running() -> Iterator[FakeProvider]:
    """A provider of single sign-on that the tests of a file share."""
    with provider_running() as fake:
        yield fake


@pytest.fixture
def fake(running: FakeProvider) -> FakeProvider:
    """The same as it was at first: a manager signs in there."""
    running.reset(dict(MANAGER))
    return running
