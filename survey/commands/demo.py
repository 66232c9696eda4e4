"""`hailong demo-data`: everything of the demonstration but serving it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import click
from flask import Flask
from sqlalchemy.orm import Session

from migrations import migrate
from survey import periods
from survey.alerts import rounds
from survey.alerts.post import Post
from survey.db.engine import Database
from survey.demo import (
    actions,
    addresses,
    apologies,
    call_backs,
    cases,
    filling,
    follow_ups,
    issued,
    published,
    reply_contacts,
)
from survey.i18n import gettext
from survey.ledger import sealing, signing_key
from survey.periods import Period, local_day, now
from survey.reports import frozen_beside
from survey.results.scope import Standard, standard_of
from survey.settings import HERE, Settings
from survey.web.survey import survey_of

WriteReport = Callable[[str, str, Path], None]  # writes the report of a period, in a language, into a folder


def prepare(app: Flask, report: WriteReport) -> addresses.Addresses:
    """Migrate, load the demonstration once, leave working addresses and the latest monthly report."""
    settings: Settings = survey_of(app).settings
    database: Database = survey_of(app).database
    settings.instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    migrate(database, secret=settings.secret_key)
    moment, key = now(), signing_key.file_of(settings)
    if not key.is_file():
        signing_key.make(key, signing_key.origin_of(settings.public_url))
    with database.session(writes=True) as session:
        fresh = not filling.filled(session)
        if fresh:
            with click.progressbar(length=1000, label=gettext("Finished cases, invitations and answers")) as bar:

                def progress(share: float) -> None:
                    bar.update(round(share * 1000) - bar.pos)

                shown = survey_of(app).privacy_notices
                filling.fill(
                    session, settings.secret_key, moment, settings.answer_days, progress, privacy_notices=shown
                )
        month = periods.previous(periods.month_of(local_day(moment)))
        standard = standard_of(settings)
        _close(session, periods.previous(month), moment, standard, cases.MONTHS - 1)
        folder = settings.instance / "reports" / month.code
        places = addresses.refresh(session, settings, moment, folder)
        if fresh:
            follow_ups.follow_all(session, moment, standard, cases.FULL_MONTHS)
            actions.act(session, moment, standard)
            if settings.apologies == "on":
                apologies.write_some(session, settings.secret_key, moment)
            call_backs.carry_out(session, settings.secret_key, signing_key.load(key), moment, month)
        _close(session, month, moment, standard, 1)  # last, so that its report tells what has been done
        if fresh:
            actions.act_on_the_newest(session, moment, standard)
            reply_contacts.leave_some(session, settings.secret_key, moment, standard)
            issued.hand_in(session, moment, standard, settings.public_url, month)
            published.publish_months(session, moment, standard)
        session.commit()
    post = Post(settings.secret_key, settings.public_url, survey_of(app).languages)
    rounds.run(database, standard_of(settings), post, moment)
    sealing.seal(database, key, moment)
    addresses.write(settings.instance, places)
    folder.mkdir(parents=True, exist_ok=True)
    for language in ("vi", "en"):
        report(month.code, language, folder)
    return places


def _close(session: Session, month: Period, moment: dt.datetime, standard: Standard, months: int) -> None:
    """Close so many months up to this one, the newest first, as an office does before it reports."""
    for _month in range(months):
        frozen_beside.close(session, month, moment, standard)
        month = periods.previous(month)


def show(places: addresses.Addresses, instance: Path) -> None:
    """Print where to look."""
    unit = places["unit_staff"]
    lines = {
        gettext("Answer by invitation"): places["invitation_urls"][0],
        gettext("Answer by open QR code"): places["open_url"],
        gettext("Staff"): places["staff_url"],
        "  " + gettext("whole province"): f"{places['staff']['login']}  {places['staff']['password']}",
        "  " + gettext("one ward only"): f"{unit['login']}  {unit['password']}",
        gettext("Latest monthly report"): places["report_dir"],
        gettext("All addresses"): str(instance / "demo.json"),
    }
    click.echo("\n" + gettext("Demonstration data, synthetic in every answer") + "\n")
    for name, value in lines.items():
        click.echo(f"  {name + ':':<32}{_short(value)}")
    click.echo()


def _short(value: str) -> str:
    path = Path(value)
    return str(path.relative_to(HERE)) if path.is_absolute() and path.is_relative_to(HERE) else value
