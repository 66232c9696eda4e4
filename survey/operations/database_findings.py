"""What `hailong doctor` says of the logins by which processes come to the database."""

from __future__ import annotations

from survey.db.engine import Database
from survey.db.logins import Login, login_of
from survey.i18n import gettext, msgid
from survey.operations import database_roles
from survey.operations.finding import Finding
from survey.settings import Settings

LOGINS = msgid("logins of the database")
SET = msgid("Run `hailong roles`, see docs/operators.md")
APART = msgid("Set HAILONG_CITIZENS_DATABASE_URL, see docs/operators.md")
SQLITE = msgid("SQLite has none: whoever may write its file can change every answer; only the ledger shows it")
MOST_NAMED = 3


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
