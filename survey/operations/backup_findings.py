"""What `hailong doctor` says of backups: whether there are any, how old the newest is, and whether they can be made.

None of it keeps an installation from starting: people can answer all the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from survey.db.engine import Database
from survey.errors import Conflict
from survey.i18n import msgid
from survey.operations import backups, database_copy, postgresql_programs
from survey.operations.finding import Finding
from survey.settings import Settings

ABOUT = msgid("backups")
LATE = 2  # times the hours between two backups: one may have failed
SET_UP = msgid("Set HAILONG_BACKUPS and HAILONG_BACKUP_KEY, see docs/operators.md")
LOOK = msgid("Run `hailong backup`, which says what is wrong, and keep `hailong work` running")


def newest(settings: Settings, at: dt.datetime) -> Finding:
    """Look at how old the newest backup is."""
    folder = backups.folder_of(settings)
    if folder is None or not settings.backup_key:
        return Finding("warning", ABOUT, msgid("none are made by `hailong work`"), SET_UP)
    if not folder.is_dir():
        observation = msgid("the folder %(folder)s is not there, or cannot be read")
        cure = msgid("Make it, or mount its disk, and let the user of the service own it")
        return Finding("warning", ABOUT, observation, cure, {"folder": folder})
    kept = backups.kept(folder)
    last = backups.newest(folder)
    if last is None:
        return Finding("warning", ABOUT, msgid("there is none yet"), LOOK)
    values = {"number": len(kept), "moment": last}
    if at - last > LATE * dt.timedelta(hours=settings.backup_hours):
        return Finding("warning", ABOUT, msgid("old: the newest is of %(moment)s"), LOOK, values)
    return Finding("ok", ABOUT, msgid("%(number)s, the newest of %(moment)s"), values=values)


def programs(settings: Settings, database: Database) -> Iterator[Finding]:
    """Look at PostgreSQL's programs, where backups are wanted and need them."""
    if database.url.get_backend_name() != database_copy.POSTGRESQL or backups.folder_of(settings) is None:
        return
    with database.engine.connect() as connection:
        version = postgresql_programs.server_version(connection)
    for program in ("pg_dump", "pg_restore"):
        try:
            postgresql_programs.find(program, version)
        except Conflict as error:
            yield Finding("warning", ABOUT, error.message, values=error.values)
            return
