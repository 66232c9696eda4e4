"""`hailong daily-counts`: count the days that are over, count all of them anew, or compare them with a recount."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from survey.i18n import date, gettext
from survey.i18n import number as spelt
from survey.periods import local_day, now
from survey.results import daily_counting
from survey.web.survey import this_survey


@click.command("daily-counts")
@click.option("--rebuild", is_flag=True, help="Count all days anew.")
@click.option("--check", is_flag=True, help="Only compare what is kept with a full recount; exit code 1 if it differs.")
@with_appcontext
def daily_counts(rebuild: bool, check: bool) -> None:
    """Count the days that are over, as `hailong work` does each minute: open periods are read from these counts."""
    database, today = this_survey().database, local_day(now())
    if check:
        with database.session(writes=False) as session:
            differing = list(daily_counting.differences(session))
        for span in differing:
            about = {"first": date(span.first), "last": date(span.last), "rows": spelt(span.rows)}
            click.echo(gettext("%(first)s to %(last)s: %(rows)s rows differ from a recount.", **about))
        if differing:
            raise click.exceptions.Exit(1)
        click.echo(gettext("What is kept is what a recount gives."))
        return
    number = daily_counting.rebuild(database, today) if rebuild else daily_counting.keep(database, today)
    click.echo(gettext("Counted: %(number)s.", number=spelt(number)))
