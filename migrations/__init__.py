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

from survey.db.engine import Database, Lock
from survey.errors import Conflict
from survey.i18n import msgid

FOLDER = Path(__file__).parent
PATIENCE_SECONDS = 100  # below statement_timeout, so that who gives up says why
NEWER = msgid(
    "The database was migrated by a newer version of this program. Install that version, or restore a backup."
)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


def migrate(database: Database, revision: str = "head", **settings: str | float) -> None:
    """Upgrade (or, given an older revision, downgrade) in one transaction; a cut leaves the old schema.

    `settings` are those in use: the target and the confidence by which the periods that are closed already were judged,
    the days to which people agreed who have left an address, the working days in which comments are to be answered, and
    the secret by which originals of comments are sealed.

    Raises:
        Conflict: a row would be left that points at nothing, or a newer program has migrated; the old schema stays.
    """
    config = _config()
    with database.engine.execution_options(writes=True).connect() as connection, _rebuilding(connection):
        config.attributes.update(settings, connection=connection)
        now = MigrationContext.configure(connection).get_current_revision()
        if now is not None and not is_ours(now):
            raise Conflict(NEWER)
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
            # Whoever comes second waits until the first is done, and then finds nothing to do.
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{PATIENCE_SECONDS}s'")
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(int(Lock.SCHEMA))))
            connection.exec_driver_sql("SET LOCAL lock_timeout = '10s'")
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


def head() -> str:
    """Return the revision of the schema that this program needs."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def is_ours(revision: str) -> bool:
    """Return whether this program knows a revision: that of a newer one it does not."""
    return revision in _revisions()


def up_to_date(database: Database) -> bool:
    """Return whether the database has the schema that this program needs."""
    return schema_revision(database) == head()


def check_schema(database: Database) -> None:
    """Refuse a database that has another schema than this program needs.

    Raises:
        Conflict: it is older, or that of a newer program.
    """
    revision = schema_revision(database)
    if revision is not None and not is_ours(revision):
        raise Conflict(NEWER)
    if not up_to_date(database):
        raise Conflict("The database is not migrated. Run `hailong migrate` first.")


def schema_revision(database: Database) -> str | None:
    """Return the revision of the schema that a database has, or nothing if it was never migrated."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _revisions() -> set[str]:
    return {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def check(database: Database) -> None:
    """Raise if the tables differ from the models."""
    config = _config()
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.check(config)
