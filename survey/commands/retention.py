"""`hailong retention`: erase what was kept for as long as it may be, or only say what that is."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from survey.i18n import gettext, instant
from survey.i18n import number as spelt
from survey.operations import retention as kept
from survey.periods import now
from survey.web.survey import this_survey


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say how much of each kind would be erased.")
@with_appcontext
def retention(dry_run: bool) -> None:
    """Erase what is older than it may be kept, as `hailong work` does every hour."""
    survey = this_survey()
    with survey.database.session(writes=False) as session:
        due = list(kept.due(session, survey.settings, now()))
    for kind, limit, number in due:
        values = {"data": gettext(kind.data), "limit": instant(limit), "number": spelt(number)}
        click.echo(gettext("%(data)s, from before %(limit)s: %(number)s", **values))
    if dry_run:
        click.echo(gettext("Dry run, nothing was erased."))
        return
    number = sum(kept.run(survey.database, survey.settings).values())
    click.echo(gettext("Erased: %(number)s.", number=spelt(number)))
