"""`hailong export figures`: the figures of closed months as Parquet, for whoever adds up provinces."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext

from survey.errors import Conflict
from survey.i18n import gettext, number
from survey.periods import Basis, local_day, now
from survey.reports import parquet
from survey.results.scope import standard_of
from survey.web.survey import this_survey


@click.command("figures")
@click.option("--parquet", "folder", required=True, type=click.Path(file_okay=False, path_type=Path), help="A folder.")
@click.option("--calendar/--administrative", default=True, help="Calendar months, or from the 15th to the 14th.")
@with_appcontext
def export_figures(folder: Path, calendar: bool) -> None:
    """Write each closed month as everybody may see it, by unit and channel, into folders by province and month."""
    survey, basis = this_survey(), Basis.CALENDAR if calendar else Basis.ADMINISTRATIVE
    with survey.database.session(writes=False) as session:
        months = parquet.closed_months(session, basis)
    for period in months:
        with survey.database.session(writes=False) as session:  # of one moment, and ended before the file is written
            table = parquet.month_table(session, period, standard_of(survey.settings), local_day(now()))
        try:
            parquet.write_month(table, folder)
        except OSError as error:
            raise Conflict("%(path)s cannot be written: %(why)s", path=str(folder), why=str(error.strerror)) from error
    click.echo(gettext("Months written: %(number)s.", number=number(len(months))))
