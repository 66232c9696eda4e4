"""A province that tests of staff pages look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.settings import Settings
from survey.web.survey import survey_of
from tests.support import factories
from tests.support.officials import sign_in
from tests.support.provider import MANAGER, FakeProvider, provider_running
from tests.support.province import TODAY, furnish


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(TODAY, tick=False) as traveller:
        yield traveller


@pytest.fixture(scope="module")
def furnished(
    fresh_database: Callable[[str, Path], AbstractContextManager[str]],
    started: Callable[[Settings], AbstractContextManager[Flask]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Flask]:
    """A province that all tests here look at and none changes.

    On one database: what is proved by it is the page. Its figures are proved in tests/results on both, and that they
    come to it from PostgreSQL, too, by the tests here that make answers of their own.
    """
    folder = tmp_path_factory.mktemp("province")
    with (
        fresh_database("sqlite", folder) as url,
        started(Settings(url, factories.SECRET, instance=folder / "instance", fewest_shown=1)) as app,
    ):
        with time_machine.travel(TODAY, tick=False), survey_of(app).database.session(writes=True) as session:
            furnish(session)
        yield app


@pytest.fixture
def province(furnished: Flask, clock: time_machine.Traveller) -> FlaskClient:
    """Somebody who has signed in there."""
    client = furnished.test_client()
    sign_in(client)
    return client


@pytest.fixture
def own_province(session: Session, client: FlaskClient, clock: time_machine.Traveller) -> FlaskClient:
    """The same, for a test that changes it."""
    furnish(session)
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
