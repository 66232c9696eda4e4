"""The console script `hailong`: one command, and a mistake that a person can mend is one line, never a traceback."""

from __future__ import annotations

import errno
import sys
from contextlib import ExitStack
from typing import Any

import click
from flask import Flask
from flask.cli import ScriptInfo
from sqlalchemy.exc import OperationalError, ProgrammingError, SQLAlchemyError

from migrations import check_schema
from survey.app import create_app
from survey.cli import cli
from survey.commands import language, usage
from survey.db.engine import Database
from survey.environment import load
from survey.errors import Conflict, SurveyError, Unavailable
from survey.i18n import gettext, msgid
from survey.settings import SettingsError
from survey.web.survey import survey_of


def main() -> None:
    """Run one command; exit code 0 done, 1 refused, 2 wrong usage."""
    with language.speaking(), ExitStack() as opened:
        usage.speak(cli)
        sys.exit(_code(opened))


def _code(opened: ExitStack) -> int:
    """Run one command and return its exit code; what it holds open is for `opened` to close."""

    def create(*_: Any) -> Flask:
        app = create_app(load())
        opened.enter_context(survey_of(app).database)
        return app

    try:
        code = cli.main(prog_name="hailong", standalone_mode=False, obj=ScriptInfo(create_app=create))
    except (SurveyError, SettingsError) as error:
        click.echo(language.refusal(error), err=True)
        return 1
    except (OperationalError, ProgrammingError) as error:
        click.echo(language.refusal(_about_the_store(error)), err=True)
        return 1
    except OSError as error:
        if error.filename is None or not error.errno:
            raise  # about no file: the fault is ours
        click.echo(language.refusal(_about_a_file(error)), err=True)
        return 1
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        click.echo(gettext("Stopped."), err=True)
        return 1
    return code if isinstance(code, int) else 0


FILES = {
    errno.EEXIST: msgid("“%(path)s” is there already. Name another one; it is not written over."),
    errno.ENOENT: msgid("“%(path)s” cannot be used: a folder on the way to it does not exist."),
    errno.ENOTDIR: msgid("“%(path)s” cannot be used: a file stands where a folder must be."),
    errno.EISDIR: msgid("“%(path)s” cannot be used: a folder stands where a file must be."),
    errno.ENOSPC: msgid("“%(path)s” cannot be written: the disk is full."),
}


def _about_a_file(error: OSError) -> Conflict:
    """Say what is wrong with a file or folder that was named or that settings name."""
    message = FILES.get(error.errno or 0, msgid("“%(path)s” cannot be used: the right to read or write it is missing."))
    return Conflict(message, path=error.filename)


def _about_the_store(error: OperationalError | ProgrammingError) -> SurveyError:
    """Say what is wrong with the database; raise the error itself if the fault is ours."""
    with Database(load().database_url) as database:
        try:
            check_schema(database)
        except SQLAlchemyError:
            return Unavailable("The database cannot be reached. Check DATABASE_URL, and that the database is running.")
        except Conflict as other_schema:
            return other_schema
    if isinstance(error, ProgrammingError):
        raise error
    return Unavailable("The database cannot be used just now. Run `hailong doctor`, then try again.")


if __name__ == "__main__":
    main()
