"""`hailong export audit`: all that auditors need to check the figures without the server."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext

from survey.errors import Conflict
from survey.i18n import gettext, number
from survey.operations import audit_bundle
from survey.web.survey import this_survey


@click.command("audit")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def export_audit(file: Path) -> None:
    """Write the ledger with all that opens it into a file for auditors; keep it as secret as the database."""
    try:
        with this_survey().database.session(writes=False) as session:
            answers = audit_bundle.write(session, file)
    except FileExistsError:
        raise Conflict("There is a file %(name)s already.", name=file.name) from None
    click.echo(
        gettext(
            "%(file)s: %(answers)s answers opened. Check it: %(command)s",
            file=file,
            answers=number(answers),
            command=f"hailong verify --audit {file}",
        )
    )
