"""`hailong gateway-headers`: a gateway's new key takes the place of the one before, while messages go on."""

from __future__ import annotations

import sys

import click
from flask.cli import with_appcontext

from survey.delivery import gateway_headers as headers
from survey.errors import Conflict
from survey.i18n import gettext
from survey.web.survey import this_survey


@click.command("gateway-headers")
@with_appcontext
def gateway_headers() -> None:
    """Read a JSON object of headers from the standard input, and let messages go to the gateway with them from now on.

    It stands in the file that HAILONG_GATEWAY_HEADERS names.
    """
    path = headers.file_of(this_survey().settings.gateway_headers)
    if path is None:
        raise Conflict("No file is set. Set HAILONG_GATEWAY_HEADERS to @ and the path of a file.")
    try:
        headers.store(path, sys.stdin.read(headers.MOST_BYTES))
    except OSError as error:
        raise Conflict("%(path)s cannot be written: %(why)s", path=str(path), why=str(error.strerror)) from error
    click.echo(gettext("The gateway's headers are stored; the next message goes out with them."))
