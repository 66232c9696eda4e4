"""The `hailong` commands: exit code 0 done, 1 refused with one clear line, 2 wrong usage."""

from __future__ import annotations

import sys
from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup, ScriptInfo, with_appcontext

from survey.errors import SurveyError
from survey.settings import SettingsError, load, make_secret

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


def main() -> None:
    """Run one command; a mistake that a person can mend is one line, never a traceback."""
    try:
        cli.main(prog_name="hailong", standalone_mode=False, obj=ScriptInfo(create_app=_create))
    except (SurveyError, SettingsError) as error:
        click.echo(f"Refused: {error}", err=True)
        sys.exit(1)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo("Stopped.", err=True)
        sys.exit(1)


def _create(*_: Any) -> Flask:
    from survey.app import create_app

    return create_app(load())
