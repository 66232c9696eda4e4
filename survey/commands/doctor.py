"""`hailong doctor`: print what was found, one line each."""

from __future__ import annotations

import datetime as dt

import click

from survey.db.engine import Database
from survey.environment import load
from survey.i18n import date, gettext, instant, msgid
from survey.operations import doctor
from survey.operations.finding import Finding
from survey.settings import SettingsError

COLOURS = {"ok": "green", "warning": "yellow", "fault": "red"}


def examine() -> bool:
    """Print every finding and say whether there is no fault."""
    try:
        settings = load()
    except SettingsError as error:
        _show(Finding("fault", msgid("settings"), error.message, values=error.values))
        return False
    with Database(settings.database_url) as database:
        findings = list(doctor.examine(settings, database))
    for finding in findings:
        _show(finding)
    return all(finding.state != "fault" for finding in findings)


def _show(finding: Finding) -> None:
    state = click.style(f"{gettext(doctor.STATES[finding.state]):<10}", fg=COLOURS[finding.state])
    values = {name: _written(value) for name, value in finding.values.items()}
    line = f"{state} {gettext(finding.about)}: {gettext(finding.observation, **values)}"
    click.echo(line + (f". {gettext(finding.cure, **values)}." if finding.cure else ""))


def _written(value: object) -> object:
    if isinstance(value, dt.datetime):
        return instant(value)
    return date(value) if isinstance(value, dt.date) else value
