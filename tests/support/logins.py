"""The web as it comes to PostgreSQL by logins of its own, while the test itself is the owner of the tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask

from survey.db.engine import Database
from survey.db.logins import Login, login_of
from survey.settings import Settings


def address(url: str, login: Login) -> str:
    """Return the address of a database by one of its logins."""
    owner = sa.make_url(url)
    return owner.set(username=login.of(str(owner.username))).render_as_string(hide_password=False)


def apart(settings: Settings) -> Settings:
    """Return the settings of web processes: on SQLite the same, for it has no logins."""
    if settings.database_url.startswith("sqlite"):
        return settings
    by = {login: address(settings.database_url, login) for login in Login}
    return replace(settings, database_url=by[Login.STAFF], citizens_database_url=by[Login.CITIZENS])


def owner_s(database: Database) -> Database:
    """Return the same database by the login of its owner, as background work has it."""
    if (login := login_of(database.url)) is None:
        return Database(database.url.render_as_string(hide_password=False))
    name = str(database.url.username).removesuffix(f"_{login}")
    return Database(database.url.set(username=name).render_as_string(hide_password=False))


@pytest.fixture
def app(settings: Settings, started: Callable[[Settings], AbstractContextManager[Flask]]) -> Iterator[Flask]:
    """The whole application as it is installed: on PostgreSQL by logins of its own."""
    with started(apart(settings)) as app:
        yield app
