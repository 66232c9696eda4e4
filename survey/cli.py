"""The `hailong` commands: exit code 0 done, 1 refused with one clear line, 2 wrong usage."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import AppGroup, with_appcontext

from survey.settings import make_secret

cli = AppGroup("hailong", help="Hài Lòng: survey, figures and reports of satisfaction with public services.")


def register_commands(app: Flask) -> None:
    """Let the commands know their application."""
    app.cli.add_command(cli)


@cli.command()
@with_appcontext
def migrate() -> None:
    """Bring the database to the newest schema, or leave it as it was."""
    from flask import current_app

    from migrations import migrate as upgrade

    upgrade(current_app.extensions["database"])
    click.echo("The database is up to date.")


@cli.command(with_appcontext=False)
def secret() -> None:
    """Make the secret key of this installation in its instance folder; keep one that is there."""
    import os

    from survey.settings import ROOT

    make_secret(ROOT / os.environ.get("HAILONG_INSTANCE", "instance"))
    click.echo("The secret key is in place.")
