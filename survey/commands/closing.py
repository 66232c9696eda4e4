"""`hailong close`: freeze the figures of a period, so that its verdicts are final."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from survey import periods
from survey.db.engine import Database
from survey.i18n import date, gettext
from survey.periods import Basis, now
from survey.reports import frozen_beside
from survey.results import closing
from survey.results.scope import closed_period, standard_of
from survey.web.survey import this_survey


@click.command("close")
@click.option(
    "--period", required=True, help="2026-10, 2026-Q3, 2026-H1, 2026-11M, 2026, 2026-Y1114 or 20251215-20261031."
)
@click.option("--calendar/--administrative", default=True, help="Calendar months, or from the 15th to the 14th.")
@with_appcontext
def close(period: str, calendar: bool) -> None:
    """Freeze the figures of a period that has ended; closing it again changes nothing."""
    database: Database = this_survey().database
    named, at = periods.parse(period, Basis.CALENDAR if calendar else Basis.ADMINISTRATIVE), now()
    with database.session(writes=True) as session:
        closing.begin_closing(session)
        earlier = closed_period(session, named)
        closed = frozen_beside.close(session, named, at, standard_of(this_survey().settings))
        session.commit()
        about = {"period": closed.code, "first": date(closed.first), "last": date(closed.last)}
        if earlier is None:
            click.echo(gettext("The period %(period)s, from %(first)s to %(last)s, is closed.", **about))
        else:
            click.echo(gettext("The period %(period)s, from %(first)s to %(last)s, was closed before.", **about))
