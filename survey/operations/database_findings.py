"""What `hailong doctor` says of the database: what is kept through a power cut or a server's loss, and our logins."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import sqlalchemy as sa

from survey.db.engine import Database, journal_mode
from survey.db.logins import Login, login_of
from survey.i18n import gettext, msgid
from survey.operations import database_roles
from survey.operations.finding import Finding
from survey.periods import now
from survey.settings import Settings

LOGINS = msgid("logins of the database")
SET = msgid("Run `hailong roles`, see docs/operators.md")
APART = msgid("Set HAILONG_CITIZENS_DATABASE_URL, see docs/operators.md")
SQLITE = msgid("SQLite has none: whoever may write its file can change every answer; only the ledger shows it")
MOST_NAMED = 3
CLOCK_SLACK = dt.timedelta(seconds=60)


def logins(settings: Settings, database: Database) -> Finding:
    """Look at whether the web and the sealing come by logins with the rights that they need, and no others."""
    if database.url.get_backend_name() == "sqlite":
        return Finding("warning", LOGINS, SQLITE, msgid("Use PostgreSQL for real answers"))
    if login_of(database.url) is Login.STAFF and not settings.citizens_database_url:
        return Finding("warning", LOGINS, msgid("citizens' pages use the login of officials' pages"), APART)
    with database.engine.connect() as connection:
        if not database_roles.in_use(connection):
            return Finding("warning", LOGINS, msgid("the web has all rights of the owner of the tables"), SET)
        deviations = list(database_roles.deviations(connection))
    if deviations:
        first = "; ".join(gettext(one.message, **one.values) for one in deviations[:MOST_NAMED])
        values = {"number": len(deviations), "first": first}
        cure = msgid("Run `hailong roles --check`, which names all, then `hailong roles`")
        return Finding("warning", LOGINS, msgid("%(number)s things are not as they should be: %(first)s"), cure, values)
    return Finding("ok", LOGINS, msgid("each has the rights that it should have, and no others"))


def durability(database: Database) -> Finding:
    """Look at whether an acknowledged answer survives a power cut."""
    about = msgid("durability")
    if database.url.get_backend_name() == "sqlite":
        with database.engine.connect() as connection:
            library = str(connection.scalar(sa.func.sqlite_version()))
        journal = journal_mode(tuple(int(part) for part in library.split(".")))
        values = {"library": library, "journal": journal}
        if journal == "WAL":
            return Finding("ok", about, msgid("SQLite %(library)s, journal %(journal)s"), values=values)
        observation = msgid("SQLite %(library)s, journal %(journal)s: safe but slow")
        return Finding("warning", about, observation, msgid("Use SQLite 3.51.3 or newer, or PostgreSQL"), values)
    with database.engine.connect() as connection:
        settings = {name: connection.scalar(sa.text(f"SHOW {name}")) for name in ("fsync", "full_page_writes")}
        theirs = connection.scalar(sa.select(sa.func.now()))
    off = [name for name, value in settings.items() if value != "on"]
    if off:
        observation, cure = msgid("PostgreSQL has %(names)s switched off"), msgid("Switch it on in postgresql.conf")
        return Finding("fault", about, observation, cure, {"names": ", ".join(off)})
    if theirs is not None and abs(theirs - now()) > CLOCK_SLACK:
        observation = msgid("the database's clock differs from this machine's by over a minute")
        return Finding("warning", about, observation, msgid("Use NTP on both"))
    return Finding("ok", about, msgid("PostgreSQL with fsync and full_page_writes"))


def standby(database: Database) -> Iterator[Finding]:
    """Look at whether another server has each answer before it is acknowledged, where there is said to be another."""
    if database.url.get_backend_name() == "sqlite":
        return
    about, cure = msgid("standby of the database"), msgid("See “Two database servers” in docs/operators.md")
    with database.engine.connect() as connection:
        names = str(connection.scalar(sa.text("SHOW synchronous_standby_names")))
        followers = connection.scalar(sa.text("SELECT count(*) FROM pg_stat_replication"))
    if names and not followers:
        observation = msgid("%(names)s should confirm each answer and does not follow: none can be kept until it does")
        yield Finding("warning", about, observation, cure, {"names": names})
    elif names:
        yield Finding("ok", about, msgid("%(names)s confirms each answer"), values={"names": names})
    elif "," in str(database.url.query.get("host", "")):
        observation = msgid("none confirms answers: if this server is lost, the newest of them are")
        yield Finding("warning", about, observation, cure)
