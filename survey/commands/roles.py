"""`hailong roles`: the logins by which the web and the sealing come to PostgreSQL, set to their rights and checked."""

from __future__ import annotations

from typing import Literal

import click
from flask.cli import with_appcontext

from survey.db.engine import Database
from survey.i18n import gettext
from survey.operations import database_roles
from survey.web.survey import this_survey


@click.command()
@click.option(
    "--check", is_flag=True, help="Only look; exit code 1 and a line for each thing that is not as it should be."
)
@with_appcontext
def roles(check: bool) -> Literal[False] | None:
    """Give the logins of PostgreSQL the rights that they need, and take all others; repeating does no harm."""
    database: Database = this_survey().database
    with database.engine.begin() as connection:
        if not check:
            database_roles.set_up(connection)
        deviations = list(database_roles.deviations(connection))
    for deviation in deviations:
        click.echo(gettext(deviation.message, **deviation.values))
    if deviations:
        raise click.exceptions.Exit(1)
    click.echo(gettext("Each login has the rights that it should have, and no others."))
    return False if check else None  # a look is not on record
