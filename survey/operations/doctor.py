"""Checks of an installation: each finding names what was checked, its state, and the remedy."""

from __future__ import annotations

import datetime as dt
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator

import sqlalchemy as sa
from babel.messages.pofile import read_po
from sqlalchemy.orm import Session

from migrations import check_schema
from survey import fonts, secret_files
from survey.db.engine import Database
from survey.delivery import queue
from survey.environment import misnamed
from survey.errors import Conflict
from survey.i18n import languages, msgid
from survey.i18n.extraction import complete
from survey.models import ClosedPeriod, Installation, Response
from survey.operations import (
    backup_findings,
    daily_findings,
    database_findings,
    ledger_findings,
    public_site,
    retention,
    sign_on_findings,
)
from survey.operations.connections import sending
from survey.operations.finding import Finding
from survey.periods import local_day, now
from survey.questionnaires.versions import ONE_TAP, SHORT, all_asked_now, check_asked
from survey.results import closing, link_cut
from survey.security.tokens import keys
from survey.settings import Settings, SettingsError

LITTLE_SPACE = 500_000_000

KEEP = msgid("Keep `hailong work` running; `hailong serve` starts it, unless it has --no-work")
CHANGED = msgid("Compare with a backup and find out who has changed the database")
STATES = {"ok": msgid("ok"), "warning": msgid("warning"), "fault": msgid("fault")}


def examine(settings: Settings, database: Database) -> Iterator[Finding]:
    """Yield the findings on one installation, the database last."""
    yield from names(misnamed())
    yield secret(settings)
    yield address(settings)
    yield from public_site.examine(settings)
    yield folder(settings)
    yield typefaces()
    yield from translations(settings)
    yield from sending(settings)
    yield from sign_on_findings.examine(settings)
    yield backup_findings.newest(settings, now())
    yield from store(settings, database)


def names(variables: Iterable[str]) -> Iterator[Finding]:
    """Name each variable that nobody reads, though it is named as a setting is."""
    for variable in variables:
        observation, cure = msgid("nobody reads %(variable)s"), msgid("Compare its name with the table in README.md")
        yield Finding("warning", msgid("settings"), observation, cure, {"variable": variable[:80]})


def secret(settings: Settings) -> Finding:
    """Look at the secret key: `load` has made sure that it is long enough."""
    about, (today, *former) = msgid("secret key"), keys(settings.secret_key)
    files = [settings.instance / secret_files.SECRET_FILE, *secret_files.former(settings.instance)]
    for path in files:
        if path.is_file() and stat.S_IMODE(path.stat().st_mode) & ~secret_files.MOST_READERS:
            observation = msgid("others on this machine can read it")
            cure = msgid("Run `chmod 600 %(file)s` in its folder")
            return Finding("fault", about, observation, cure, {"file": path.name})
    values = {"length": len(today), "former": len(former)}
    if former:
        return Finding("ok", about, msgid("%(length)s characters; former keys: %(former)s"), values=values)
    return Finding("ok", about, msgid("%(length)s characters"), values=values)


def address(settings: Settings) -> Finding:
    """Look at the address that citizens see."""
    about, url = msgid("public address"), {"url": settings.public_url}
    if settings.secure:
        return Finding("ok", about, "%(url)s", values=url)
    if settings.public_url.startswith(("http://127.0.0.1", "http://localhost")):
        observation, cure = msgid("%(url)s is only for trying out"), msgid("Set PUBLIC_URL to the https address")
        return Finding("warning", about, observation, cure, url)
    observation, cure = msgid("%(url)s is not encrypted"), msgid("Serve by https and set PUBLIC_URL to that address")
    return Finding("fault", about, observation, cure, url)


def folder(settings: Settings) -> Finding:
    """Look at the folder of the embedded database and of what jobs make: writable, with room left."""
    about, values = msgid("instance folder"), {"folder": settings.instance}
    try:
        with tempfile.TemporaryFile(dir=settings.instance):
            free = shutil.disk_usage(settings.instance).free
    except OSError:
        cure = msgid("Make the folder, and let the user of the service own it")
        return Finding("fault", about, msgid("%(folder)s is not there, or cannot be written"), cure, values)
    about = msgid("disk")
    if free < LITTLE_SPACE:
        cure = msgid("Make room; answers are refused on a full disk")
        return Finding("fault", about, msgid("%(megabytes)s MB free"), cure, {"megabytes": free // 1_000_000})
    return Finding("ok", about, msgid("%(gigabytes)s GB free"), values={"gigabytes": free // 1_000_000_000})


def typefaces() -> Finding:
    """Look at the fonts of charts and PDF files: each holds every Vietnamese letter, and is the one that is drawn."""
    about, cure = msgid("fonts"), msgid("Restore survey/data/fonts from the release")
    if faces := fonts.damaged():
        return Finding("fault", about, msgid("%(faces)s: missing or damaged"), cure, {"faces": ", ".join(faces)})
    if not fonts.in_use():
        return Finding("fault", about, msgid("charts are drawn in another font"), cure)
    return Finding("ok", about, msgid("%(faces)s typefaces"), values={"faces": len(fonts.FACES)})


def translations(settings: Settings) -> Iterator[Finding]:
    """Look at every language's catalogue."""
    about = msgid("translations")
    try:
        languages(settings.translations)
    except SettingsError as error:
        yield Finding("fault", about, error.message, values=error.values)
        return
    for path in sorted(settings.translations.glob("*/LC_MESSAGES/messages.po")):
        language = path.parent.parent.name
        with path.open("rb") as file:
            catalogue = read_po(file, language)
        missing = sum(not complete(message.string) for message in catalogue if message.id)
        if missing:
            observation = msgid("%(language)s: %(count)s texts are missing")
            cure = msgid("Fill them in messages.po; until then English shows through")
            yield Finding("warning", about, observation, cure, {"language": language, "count": missing})
        else:
            observation = msgid("%(language)s: all %(count)s texts")
            yield Finding("ok", about, observation, values={"language": language, "count": len(catalogue)})


def _number(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def questionnaire(session: Session, settings: Settings) -> Finding:
    """Look at whether the questionnaire that invitations ask is one, and of the way in which pages ask today."""
    about = msgid("questionnaire")
    try:
        check_asked(session, settings.questionnaire)
    except SettingsError as error:
        return Finding("fault", about, error.message, values=error.values)
    if not (published := all_asked_now(session)):
        cure = msgid("Run `hailong import questionnaire FILE --publish`, or publish one on the staff pages")
        return Finding("warning", about, msgid("none has been published, so nobody can answer"), cure)
    short = published.get(SHORT)
    if short is not None and _number(short.version) < _number(ONE_TAP):
        observation = msgid(
            "version %(version)s is asked, though pages ask with one tap and faces since version %(since)s"
        )
        cure = msgid(
            "Run `hailong import questionnaire survey/data/questionnaires.yaml --publish`, or publish your own words "
            "as a later version, so that the trend marks the month"
        )
        return Finding("warning", about, observation, cure, {"version": short.version, "since": ONE_TAP})
    return Finding("ok", about, "%(code)s", values={"code": settings.questionnaire})


def store(settings: Settings, database: Database) -> Iterator[Finding]:
    """Look at the database: reachable, migrated, durable, whose data, and whether the clocks agree."""
    about = msgid("database")
    try:
        check_schema(database)
    except (sa.exc.SQLAlchemyError, OSError) as error:
        observation, cure = msgid("cannot be reached (%(kind)s)"), msgid("Check DATABASE_URL")
        yield Finding("fault", about, observation, cure, {"kind": type(error).__name__})
        return
    except Conflict as error:
        yield Finding("fault", about, error.message, values=error.values)
        return
    name = {"name": database.url.get_backend_name()}
    yield Finding("ok", about, msgid("%(name)s, migrated"), values=name)
    yield database_findings.durability(database)
    yield from database_findings.standby(database)
    yield database_findings.logins(settings, database)
    yield from backup_findings.programs(settings, database)
    with database.session(writes=False) as session:
        installation = session.get(Installation, 1)
        newest = session.scalar(sa.select(sa.func.max(Response.day)))
        kept, stuck = queue.overdue(session, now()), queue.stuck(session, now())
        yield questionnaire(session, settings)
        yield from sign_on_findings.accounts(session, settings)
        yield from closed_periods(session)
        yield from daily_findings.daily_counts(session, local_day(now()))
        yield links(link_cut.late(session, now()))
        yield ledger_findings.sealing(session, now())
        yield from ledger_findings.witnesses(session, now())
        yield old(retention.late(session, settings, now()))
    yield whose(installation)
    yield addresses(kept)
    yield unsent(stuck)
    yield clock(newest)


def closed_periods(session: Session) -> Iterator[Finding]:
    """Recount what was frozen at each closing: figures that were published must be those of the answers.

    What no recount gives (the target, names, cases) must be what went on record.
    """
    about, whole = msgid("closed periods"), 0
    for row in session.scalars(sa.select(ClosedPeriod).order_by(ClosedPeriod.id)).all():
        period = {"period": row.code, "first": row.first, "last": row.last}
        if cells := len(closing.differences(session, row)):
            observation = msgid(
                "%(period)s (%(first)s–%(last)s): %(cells)s frozen cells differ from a recount of the answers"
            )
            yield Finding("fault", about, observation, CHANGED, {**period, "cells": cells})
        elif not closing.as_recorded(session, row):
            observation = msgid("%(period)s (%(first)s–%(last)s): what was frozen is not what went on record")
            yield Finding("fault", about, observation, CHANGED, period)
        else:
            whole += 1
    yield Finding("ok", about, msgid("%(count)s as a recount gives them"), values={"count": whole})


def whose(installation: Installation | None) -> Finding:
    """Look at whether the data are real."""
    about = msgid("data")
    if installation is None:
        cure = msgid("Run `hailong import agencies FILE` or `hailong demo-data`")
        return Finding("warning", about, msgid("nothing is set up yet"), cure)
    if installation.demo:
        return Finding("warning", about, msgid("a demonstration"), msgid("Use another database for real answers"))
    return Finding("ok", about, msgid("real"))


def clock(newest: dt.date | None) -> Finding:
    """Look at this machine's clock, given the newest day that was kept."""
    about, today = msgid("clock"), local_day(now())
    if newest is not None and newest > today:
        observation, cure = msgid("an answer is dated %(day)s, after today"), msgid("Set this machine's clock (NTP)")
        return Finding("fault", about, observation, cure, {"day": newest})
    return Finding("ok", about, msgid("%(day)s in Viet Nam"), values={"day": today})


def addresses(kept: int) -> Finding:
    """Look for addresses that should be erased by now: they are, whenever something is sent or queued."""
    about = msgid("contact addresses")
    if kept:
        return Finding("warning", about, msgid("%(count)s are kept beyond their seven days"), KEEP, {"count": kept})
    return Finding("ok", about, msgid("none is kept beyond its seven days"))


def unsent(stuck: int) -> Finding:
    """Look for messages that should have gone."""
    about = msgid("messages")
    if stuck:
        cure = msgid("Keep `hailong work` running, and look at the mail server, the gateway and the receivers")
        return Finding("warning", about, msgid("%(count)s wait that should have gone"), cure, {"count": stuck})
    return Finding("ok", about, msgid("none waits that should have gone"))


def links(kept: int) -> Finding:
    """Look for links between answers and cases that should be cut by now: whoever works does so every hour."""
    about = msgid("links between answers and cases")
    if kept:
        observation = msgid("those of %(count)s halves of months should be cut")
        return Finding("warning", about, observation, KEEP, {"count": kept})
    return Finding("ok", about, msgid("none is kept longer than it must be"))


def old(kept: int) -> Finding:
    """Look for what should be erased by now: whoever works does so every hour."""
    about = msgid("data whose time is over")
    if kept:
        cure = msgid("Keep `hailong work` running; `hailong serve` starts it, unless it has --no-work")
        return Finding("warning", about, msgid("%(count)s rows should be erased"), cure, {"count": kept})
    return Finding("ok", about, msgid("none is kept longer than it may be"))
