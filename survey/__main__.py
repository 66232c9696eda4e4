"""The console script `hailong`: one command, and a mistake that a person can mend is one line, never a traceback."""

from __future__ import annotations

import sys
from typing import Any

import click
from flask import Flask
from flask.cli import ScriptInfo

from survey.app import create_app
from survey.cli import cli
from survey.errors import SurveyError
from survey.settings import SettingsError, load


def main() -> None:
    """Run one command; exit code 0 done, 1 refused, 2 wrong usage."""
    try:
        code = cli.main(prog_name="hailong", standalone_mode=False, obj=ScriptInfo(create_app=_create))
    except (SurveyError, SettingsError) as error:
        click.echo(f"Refused: {error}", err=True)
        sys.exit(1)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo("Stopped.", err=True)
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)


def _create(*_: Any) -> Flask:
    return create_app(load())


if __name__ == "__main__":
    main()
