"""The web as it comes to PostgreSQL by logins of its own, while the test itself is the owner of the tables."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from survey.db.logins import Login
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
