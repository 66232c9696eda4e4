"""`hailong send` and `hailong remind`: what the outbox holds goes out; nobody chooses what."""

from __future__ import annotations

import signal
import threading
from collections import Counter
from pathlib import Path

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import OperationalError

from survey.db.engine import Database
from survey.delivery import csv_export
from survey.delivery.message_text import Writer
from survey.delivery.worker import Carrier, Round, ways
from survey.i18n import gettext, msgid, ngettext
from survey.i18n import number as spelt
from survey.logs import log
from survey.models import Kind, State, Way
from survey.organisation import agencies
from survey.settings import Settings
from survey.web.survey import this_survey

REST_SECONDS = 10.0
ENDS = {
    State.QUEUED: msgid("waiting: %(number)s"),
    State.SENDING: msgid("being sent: %(number)s"),
    State.UNKNOWN: msgid("outcome unknown: %(number)s"),
    State.DELIVERED: msgid("delivered: %(number)s"),
    State.REFUSED: msgid("refused: %(number)s"),
    State.FAILED: msgid("given up: %(number)s"),
    State.EXPIRED: msgid("too late: %(number)s"),
    State.EXPORTED: msgid("handed over: %(number)s"),
    State.DROPPED: msgid("no longer needed: %(number)s"),
}


@click.command()
@click.option("--once", is_flag=True, help="Send what is due and stop (the default).")
@click.option("--watch", is_flag=True, help="Go on until stopped, looking every ten seconds.")
@click.option(
    "--export",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write what is due to a new CSV file instead, for the portal to send; each message once.",
)
@with_appcontext
def send(once: bool, watch: bool, file: Path | None) -> None:
    """Send the invitations and reminders that are due, by e-mail and through the gateway."""
    if once + watch + (file is not None) > 1:
        raise click.UsageError("Choose one of --once, --watch and --export.")
    if file is not None:
        number = csv_export.write(_database(), _settings().secret_key, _writer(), file)
        told = ngettext(
            "%(number)s message is in %(file)s.",
            "%(number)s messages are in %(file)s.",
            number,
            number=spelt(number),
            file=file.name,
        )
        click.echo(told + " " + gettext("Keep it secret, and delete it once they are sent."))
        return
    carriers = _carriers()
    if not watch:
        _say(_round(carriers).run())
        return
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    while not stop.is_set():
        try:
            _round(carriers, stop).run()
        except OperationalError as error:
            log.error("database_unavailable", kind=type(error.orig).__name__)
        stop.wait(REST_SECONDS)


@click.command()
@with_appcontext
def remind() -> None:
    """Send only the reminders that are due: one for each invitation that nobody has answered."""
    _say(_round(_carriers()).run((Kind.REMINDER,)))


def _carriers() -> dict[Way, Carrier]:
    carriers = ways(_settings())
    if not carriers:
        cure = gettext("Nothing can be sent: set HAILONG_SMTP_HOST or HAILONG_GATEWAY_URL, or use --export.")
        click.echo(cure, err=True)
    return carriers


def _round(carriers: dict[Way, Carrier], stop: threading.Event | None = None) -> Round:
    return Round(_database(), _settings(), _writer(), carriers, goes_on=lambda: stop is None or not stop.is_set())


def _writer() -> Writer:
    with _database().session(writes=False) as session:
        province = agencies.root(session).name
    return Writer(province, _settings().public_url, this_survey().languages)


def _say(ended: Counter[State]) -> None:
    parts = (gettext(ENDS[state], number=spelt(ended[state])) for state in State if ended[state])
    click.echo(", ".join(parts) or gettext("Nothing was due."))


def _settings() -> Settings:
    return this_survey().settings


def _database() -> Database:
    return this_survey().database
