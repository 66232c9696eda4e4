"""Bring a database to the newest schema, or back, whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from survey.db.engine import Database
from survey.errors import Conflict

FOLDER = Path(__file__).parent


def _config() -> Config:
    config = Config(toml_file=str(FOLDER.parent / "pyproject.toml"))
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


def migrate(database: Database, revision: str = "head", **settings: str | float) -> None:
    """Upgrade (or, given an older revision, downgrade) in one transaction; a cut leaves the old schema.

    `settings` are the target and the confidence in use, by which the periods that are closed already were judged.

    Raises:
        Conflict: a row would be left that points at nothing; the old schema stays.
    """
    config = _config()
    with database.engine.execution_options(writes=True).connect() as connection, _rebuilding(connection):
        config.attributes.update(settings, connection=connection)
        now = MigrationContext.configure(connection).get_current_revision()
        if revision == "base" or (now is not None and revision < now):
            command.downgrade(config, revision)
        else:
            command.upgrade(config, revision)


@contextmanager
def _rebuilding(connection: sa.Connection) -> Iterator[None]:
    """Let SQLite exchange a table for a changed copy, and check afterwards what rows point at, as its manual says.

    It cannot change most of a table where it stands, and to drop one that others point at is refused otherwise.
    """
    if connection.dialect.name != "sqlite":
        with connection.begin():
            yield
        return
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys = OFF")  # takes effect only outside a transaction
    try:
        with connection.begin():
            yield
            if lost := connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                raise Conflict(
                    "A row of %(table)s points at a row that does not exist; nothing was changed.", table=lost[0]
                )
    finally:
        driver.execute("PRAGMA foreign_keys = ON")


def up_to_date(database: Database) -> bool:
    """Say whether the database has the newest schema."""
    with database.engine.connect() as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
    return revision == ScriptDirectory.from_config(_config()).get_current_head()


def check(database: Database) -> None:
    """Raise if the tables differ from the models."""
    config = _config()
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.check(config)
