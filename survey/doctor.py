"""Is this installation well? Each finding names what was looked at, how it is, and the cure."""

from __future__ import annotations

import datetime as dt
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from babel.messages.pofile import read_po

from migrations import up_to_date
from survey import outbox
from survey.catalogues import complete
from survey.database import Database, journal_mode, local_day, now
from survey.models import Installation, Response
from survey.settings import Settings

FONTS = Path(__file__).parent / "data" / "fonts"
FACES = tuple(f"Liberation{f}-{s}.ttf" for f in ("Sans", "Serif") for s in ("Regular", "Bold", "Italic", "BoldItalic"))
LITTLE_SPACE = 500_000_000
CLOCK_SLACK = dt.timedelta(seconds=60)


@dataclass(frozen=True)
class Finding:
    """One line: `state` is ok, warning or fault; `cure` says what to do about the latter two."""

    state: str
    about: str
    found: str
    cure: str = ""


def examine(settings: Settings, database: Database) -> Iterator[Finding]:
    """Yield the findings on one installation, the database last."""
    yield secret(settings)
    yield address(settings)
    yield folder(settings)
    yield fonts()
    yield from translations(settings)
    yield from store(database)


def secret(settings: Settings) -> Finding:
    """Look at the secret key: `load` has made sure that it is long enough."""
    path = settings.instance / "secret_key"
    if path.is_file() and stat.S_IMODE(path.stat().st_mode) & 0o077:
        return Finding("fault", "secret key", "others on this machine can read it", f"chmod 600 {path.name}")
    return Finding("ok", "secret key", f"{len(settings.secret_key)} characters")


def address(settings: Settings) -> Finding:
    """Look at the address that citizens see."""
    url = settings.public_url
    if settings.secure:
        return Finding("ok", "public address", url)
    if url.startswith(("http://127.0.0.1", "http://localhost")):
        return Finding(
            "warning", "public address", f"{url}: only for trying out", "Set PUBLIC_URL to the https address"
        )
    return Finding("fault", "public address", f"{url} is not encrypted", "Serve by https and set PUBLIC_URL to it")


def folder(settings: Settings) -> Finding:
    """Look at the room that is left where the embedded database and the reports are."""
    place = settings.instance if settings.instance.is_dir() else settings.instance.parent
    free = shutil.disk_usage(place).free
    if free < LITTLE_SPACE:
        return Finding("fault", "disk", f"{free // 1_000_000} MB free", "Make room; answers are refused on a full disk")
    return Finding("ok", "disk", f"{free // 1_000_000_000} GB free")


def fonts() -> Finding:
    """Look for the fonts of charts and PDF files, which must hold every Vietnamese letter."""
    missing = [face for face in FACES if not (FONTS / face).is_file()]
    if missing:
        return Finding("fault", "fonts", f"missing: {', '.join(missing)}", "Restore survey/data/fonts from the release")
    return Finding("ok", "fonts", f"{len(FACES)} faces")


def translations(settings: Settings) -> Iterator[Finding]:
    """Look at every language's catalogue."""
    for path in sorted(settings.translations.glob("*/LC_MESSAGES/messages.po")):
        language = path.parent.parent.name
        with path.open("rb") as file:
            catalogue = read_po(file, language)
        missing = sum(not complete(message.string) for message in catalogue if message.id)
        if missing:
            cure = "Fill them in messages.po; until then English shows through"
            yield Finding("warning", f"translation {language}", f"{missing} texts are missing", cure)
        else:
            yield Finding("ok", f"translation {language}", f"{len(catalogue)} texts")


def store(database: Database) -> Iterator[Finding]:
    """Look at the database: reachable, migrated, durable, whose data, and whether the clocks agree."""
    try:
        migrated = up_to_date(database)
    except sa.exc.SQLAlchemyError as error:
        yield Finding("fault", "database", f"cannot be reached ({type(error).__name__})", "Check DATABASE_URL")
        return
    name = database.url.get_backend_name()
    if not migrated:
        yield Finding("fault", "database", f"{name}, not migrated", "Run `hailong migrate`")
        return
    yield Finding("ok", "database", f"{name}, migrated")
    yield durability(database)
    with database.session(writes=False) as session:
        installation = session.get(Installation, 1)
        newest = session.scalar(sa.select(sa.func.max(Response.day)))
        kept = outbox.overdue(session, now())
    if installation is None:
        yield Finding("warning", "data", "nothing is set up yet", "Run `hailong import agencies FILE` or `demo-data`")
    elif installation.demo:
        yield Finding("warning", "data", "demonstration data", "Use another database for real answers")
    else:
        yield Finding("ok", "data", "real")
    yield addresses(kept)
    if newest is not None and newest > local_day(now()):
        yield Finding("fault", "clock", f"an answer is dated {newest}, after today", "Set this machine's clock (NTP)")
    else:
        yield Finding("ok", "clock", f"{local_day(now())} in Viet Nam")


def addresses(kept: int) -> Finding:
    """Look for addresses that should be erased by now: they are, whenever something is sent or queued."""
    if kept:
        cure = "Keep `hailong send --watch` running, or run `hailong send` every day"
        return Finding("warning", "addresses", f"{kept} are kept beyond their seven days", cure)
    return Finding("ok", "addresses", "none is kept beyond its seven days")


def durability(database: Database) -> Finding:
    """Look at whether an acknowledged answer survives a power cut."""
    if database.url.get_backend_name() == "sqlite":
        with database.engine.connect() as connection:
            library = str(connection.scalar(sa.func.sqlite_version()))
        version = tuple(int(part) for part in library.split("."))
        found = f"SQLite {library}, journal {journal_mode(version)}"
        if journal_mode(version) == "WAL":
            return Finding("ok", "durability", found)
        return Finding("warning", "durability", f"{found}: safe but slow", "Use SQLite 3.51.3 or newer, or PostgreSQL")
    with database.engine.connect() as connection:
        settings = {name: connection.scalar(sa.text(f"SHOW {name}")) for name in ("fsync", "full_page_writes")}
        theirs = connection.scalar(sa.select(sa.func.now()))
    off = [name for name, value in settings.items() if value != "on"]
    if off:
        return Finding("fault", "durability", f"PostgreSQL has {', '.join(off)} off", "Switch it on in postgresql.conf")
    if theirs is not None and abs(theirs - now()) > CLOCK_SLACK:
        return Finding("warning", "durability", "the database's clock differs by over a minute", "Use NTP on both")
    return Finding("ok", "durability", "PostgreSQL with fsync and full_page_writes")
