"""`hailong bounces`: what mail servers report as undeliverable is taken out of what counts as delivered."""

from __future__ import annotations

import imaplib
import sys

import click
from flask.cli import with_appcontext

from survey.delivery import bounces as reports
from survey.errors import Conflict
from survey.i18n import ngettext
from survey.i18n import number as spelt
from survey.periods import now
from survey.web.survey import this_survey

MOST_BYTES = 1_048_576  # of one e-mail; what is beyond is the message that came back


@click.command()
@click.option("--mailbox", is_flag=True, help="Read the mailbox of HAILONG_BOUNCES instead, as `hailong work` does.")
@with_appcontext
def bounces(mailbox: bool) -> None:
    """Read one e-mail from the standard input, as a mail server hands it to a command, and record what it reports.

    An e-mail that reports no failure of our messages changes nothing.
    """
    survey = this_survey()
    if mailbox:
        number = _collected()
    else:
        content = sys.stdin.buffer.read(MOST_BYTES)
        with survey.database.session(writes=True) as session:
            number = reports.take(session, survey.settings.secret_key, content, now())
            session.commit()
    click.echo(
        ngettext(
            "%(number)s message came back.",
            "%(number)s messages came back.",
            number,
            number=spelt(number),
        )
    )


def _collected() -> int:
    survey = this_survey()
    if not survey.settings.bounces:
        raise Conflict("No mailbox is set. Set HAILONG_BOUNCES, or hand one e-mail to this command.")
    try:
        return reports.collect(survey.database, survey.settings)
    except (OSError, imaplib.IMAP4.error) as error:
        raise Conflict(
            "The mailbox of HAILONG_BOUNCES cannot be read: %(why)s. Check its address and password.", why=str(error)
        ) from error
