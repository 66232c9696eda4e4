"""`hailong send` and `hailong remind`: what waits in the queue goes out once; nobody chooses what."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import click
from flask.cli import with_appcontext

from survey.delivery import csv_export
from survey.delivery.message_text import Writer
from survey.delivery.state_words import STATES, state_words
from survey.delivery.worker import Worker
from survey.i18n import gettext, ngettext
from survey.i18n import number as spelt
from survey.models import AddressKind, MessageKind, State
from survey.web.survey import this_survey


@click.command()
@click.option(
    "--export",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the messages that are due to a new CSV file instead, for the portal to send; each message once.",
)
@with_appcontext
def send(file: Path | None) -> None:
    """Send once what is due: messages by e-mail and through the gateway, and the events of webhooks."""
    if file is None:
        _send(tuple(MessageKind))
        return
    survey = this_survey()
    writer = Writer(survey.settings.public_url, survey.languages)
    number = csv_export.write(survey.database, survey.settings.secret_key, writer, file)
    written = ngettext(
        "%(number)s message is in %(file)s.",
        "%(number)s messages are in %(file)s.",
        number,
        number=spelt(number),
        file=file.name,
    )
    click.echo(written + " " + gettext("Keep it secret, and delete it once they are sent."))


@click.command()
@with_appcontext
def remind() -> None:
    """Send only the reminders that are due: one for each invitation that nobody has answered."""
    _send((MessageKind.REMINDER,))


def in_words(states: Mapping[State, int]) -> str:
    """Return how many deliveries are in which state, nothing of states without any."""
    return ", ".join(f"{state_words(state)}: {spelt(states[state])}" for state in STATES if states.get(state))


def _send(kinds: Collection[MessageKind]) -> None:
    survey = this_survey()
    worker = Worker(survey.database, survey.settings, survey.languages)
    if worker.carriers.keys() == {AddressKind.WEBHOOK}:
        cure = gettext("No message can be sent: set HAILONG_SMTP_HOST or HAILONG_GATEWAY_URL, or use --export.")
        click.echo(cure, err=True)
    click.echo(in_words(worker.run(kinds)) or gettext("Nothing was due."))
