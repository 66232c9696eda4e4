"""Bring a database to the newest schema, or back, whole or not at all."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from survey.database import Database

FOLDER = Path(__file__).parent


def _config() -> Config:
    config = Config(toml_file=str(FOLDER.parent / "pyproject.toml"))
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


def migrate(database: Database, revision: str = "head") -> None:
    """Upgrade (or, given an older revision, downgrade) in one transaction; a cut leaves the old schema."""
    config = _config()
    with database.engine.execution_options(writes=True).begin() as connection:
        config.attributes["connection"] = connection
        now = MigrationContext.configure(connection).get_current_revision()
        if revision == "base" or (now is not None and revision < now):
            command.downgrade(config, revision)
        else:
            command.upgrade(config, revision)


def up_to_date(database: Database) -> bool:
    """Say whether the database has the newest schema."""
    with database.engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    return found == ScriptDirectory.from_config(_config()).get_current_head()


def check(database: Database) -> None:
    """Raise if the tables differ from the models."""
    config = _config()
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.check(config)


def revise(database: Database, number: str, message: str) -> None:
    """Write the next numbered migration from what the models now say."""
    config = _config()
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.revision(config, message, autogenerate=True, rev_id=number)
