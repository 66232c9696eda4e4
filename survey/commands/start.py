"""`hailong start`: from nothing to a page in the browser: key, tables, the link of the first administrator, serving."""

from __future__ import annotations

from contextlib import nullcontext

import click
from flask import Flask
from flask.cli import ScriptInfo

from survey.environment import ensure_secret, load
from survey.i18n import gettext, instant
from survey.operations import database_roles, first_account
from survey.periods import now
from survey.web.survey import survey_of


@click.command()
@click.option("--link", "only_link", is_flag=True, help="Print a new link only; the server runs already.")
@click.option("--work/--no-work", default=True, help="Also run `hailong work` beside it (the default), or not.")
@click.pass_obj
def start(script: ScriptInfo, only_link: bool, work: bool) -> None:
    """Make the secret key and the tables where they are lacking, and serve.

    As long as nobody has an account it prints a link by which the first administrator is set up in a browser. It opens
    once, for a day; each start prints another one.
    """
    from survey.operations import serving

    ensure_secret()
    if not only_link:
        serving.check_port(load())
    app = script.load_app()
    migrate_database(app)
    if not only_link:
        serve_app(app, work)
    elif not show_link(app):
        click.echo(gettext("There are accounts already; new ones are invited on the page of accounts."))


def migrate_database(app: Flask) -> None:
    """Bring the database of an application to the newest schema, or leave it as it was."""
    from migrations import migrate as upgrade

    settings = survey_of(app).settings
    upgrade(
        survey_of(app).database,
        target=settings.target,
        confidence=settings.confidence,
        reply_days=settings.reply_days,
        days_to_answer=settings.days_to_answer,
        secret=settings.secret_key,
    )
    with survey_of(app).database.engine.begin() as connection:
        database_roles.keep_up(connection)


def serve_app(app: Flask, work: bool) -> None:
    """Serve until told to stop, on a database that is migrated; first print the link if nobody has an account."""
    from migrations import check_schema
    from survey.operations import serving

    check_schema(survey_of(app).database)
    serving.check_settings(survey_of(app).settings, survey_of(app).database)
    show_link(app)
    survey_of(app).database.dispose()
    with serving.working() if work else nullcontext():
        serving.serve(survey_of(app).settings)


def show_link(app: Flask) -> bool:
    """Print a link to the first account, if nobody has one; return whether that is so."""
    survey, at = survey_of(app), now()
    with survey.database.session(writes=False) as session:
        if not first_account.is_awaited(session):
            return False
    token = first_account.new_token(survey.settings.secret_key, at)
    click.echo("\n" + gettext("Nobody has an account yet. Open this link to become the first administrator:"))
    click.echo(f"\n  {survey.settings.public_url}/staff/first/{token}\n")
    click.echo(gettext("It opens once, until %(time)s. Show it to nobody.", time=instant(at + first_account.VALID)))
    click.echo()
    return True
