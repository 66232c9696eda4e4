"""A province that tests of staff pages look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
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


@pytest.fixture(scope="session")
def provinces(
    fresh_database: Callable[..., AbstractContextManager[str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str, Furnish], str]]:
    """Where a province is that was furnished so, by its engine: to copy, so that it is furnished once."""
    made: dict[tuple[str, Furnish], str] = {}
    with ExitStack() as kept:

        def of(engine: str, furnish: Furnish) -> str:
            if (engine, furnish) not in made:
                url = kept.enter_context(fresh_database(engine, tmp_path_factory.mktemp("province")))
                with (
                    time_machine.travel(TODAY, tick=False),
                    Database(url) as database,
                    database.session(writes=True) as session,
                ):
                    furnish(session)
                made[engine, furnish] = url
            return made[engine, furnish]

        yield of


@pytest.fixture(scope="module")
def furnish() -> Furnish:
    """How the province of a module is furnished; it commits."""
    return province.furnish


@pytest.fixture(scope="module")
def furnished(
    fresh_database: Callable[..., AbstractContextManager[str]],
    started: Callable[[Settings], AbstractContextManager[Flask]],
    provinces: Callable[[str, Furnish], str],
    furnish: Furnish,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Flask]:
    """A province that all tests here look at and none changes.

    On one database: what is proved by it is the page. Its figures are proved in tests/results on both, and that they
    come to it from PostgreSQL, too, by the tests here that make answers of their own.
    """
    folder = tmp_path_factory.mktemp("province")
    with (
        fresh_database("sqlite", folder, provinces("sqlite", furnish)) as url,
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
        template = request.getfixturevalue("provinces")(engine_name, request.getfixturevalue("furnish"))
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
