"""`hailong rotate`: what is kept sealed under a former secret key is sealed under today's."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from survey.i18n import gettext, number
from survey.operations import resealing
from survey.security.tokens import keys
from survey.web.survey import this_survey


@click.command()
@with_appcontext
def rotate() -> None:
    """Seal under today's secret key what is kept under a former one; `hailong secret --renew` makes a new key."""
    survey = this_survey()
    for kind in resealing.run(survey.database, survey.settings.secret_key):
        about = {"data": gettext(kind.data), "number": number(kind.number), "closed": number(kind.unreadable)}
        line = gettext("%(data)s: %(number)s sealed anew", **about)
        if kind.unreadable:
            line += "; " + gettext("%(closed)s that no key opens", **about)
        click.echo(line)
    former = len(keys(survey.settings.secret_key)) - 1
    click.echo(gettext("Former keys that are still good for what was made with them: %(number)s.", number=former))
