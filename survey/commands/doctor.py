"""`hailong doctor`: print what was found, one line each."""

from __future__ import annotations

import click

from survey import doctor
from survey.database import Database
from survey.settings import SettingsError, load

COLOURS = {"ok": "green", "warning": "yellow", "fault": "red"}


def examine() -> bool:
    """Print every finding and say whether there is no fault."""
    try:
        settings = load()
    except SettingsError as error:
        _show(doctor.Finding("fault", "settings", str(error)))
        return False
    database = Database(settings.database_url)
    findings = list(doctor.examine(settings, database))
    database.dispose()
    for finding in findings:
        _show(finding)
    return all(finding.state != "fault" for finding in findings)


def _show(finding: doctor.Finding) -> None:
    line = f"{click.style(f'{finding.state:<8}', fg=COLOURS[finding.state])} {finding.about}: {finding.found}"
    click.echo(line + (f". {finding.cure}." if finding.cure else ""))
