"""`hailong callback draw`: draw what the ledger has sealed, or repeat each draw and say what is not as it should be."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from survey.callbacks import designs, drawing, finishing
from survey.i18n import gettext
from survey.i18n import number as spelt
from survey.periods import now
from survey.results.period_names import period_words
from survey.web.survey import this_survey


@click.group("callback")
def callbacks() -> None:
    """Call-backs: random samples of cases whose people are called."""


@callbacks.command("draw")
@click.option("--check", "dry_run", is_flag=True, help="Draw nothing: repeat every draw from the ledger and compare.")
@with_appcontext
def draw(dry_run: bool) -> None:
    """Draw the cases of every design that a checkpoint covers, as `hailong work` does; exit code 1 if any is amiss."""
    database = this_survey().database
    if not dry_run:
        moved = finishing.run(database, now())
        click.echo(gettext("Call-backs that moved on: %(number)s.", number=spelt(moved)))
    amiss = 0
    with database.session(writes=False) as session:
        for design in designs.listed(session):
            period = period_words(designs.period_of(design))
            wrong = list(drawing.discrepancies(session, design))
            amiss += len(wrong)
            for message in wrong:
                click.echo(gettext("Call-back of %(period)s: %(fault)s", period=period, fault=gettext(message)))
            if not wrong and design.seed_size is not None:
                click.echo(
                    gettext(
                        "Call-back of %(period)s: drawn as the checkpoint of %(size)s entries says.",
                        period=period,
                        size=spelt(design.seed_size),
                    )
                )
    if amiss:
        raise click.exceptions.Exit(1)
