"""Copy a whole database into a file while people answer, and put such a copy into an empty one."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

import migrations
from survey.db.engine import Database
from survey.errors import Conflict
from survey.i18n import msgid
from survey.operations import backup_contents, postgresql_programs
from survey.operations.backup_file import sync

SQLITE, POSTGRESQL = "sqlite", "postgresql"
MEMBERS = {SQLITE: "hailong.db", POSTGRESQL: "hailong.dump"}
BESIDE = ("-wal", "-journal", "-shm")  # what SQLite keeps beside its file
NOT_EMPTY = msgid(
    "The database is not empty, and a backup is restored into an empty one only. Name one in DATABASE_URL."
)
NOTHING = msgid("There is nothing in the database yet. Run `hailong migrate` first.")
REMAINS = msgid("“%(file)s” lies beside the database and is of another one. Move it away first.")
BROKEN = msgid("SQLite says that the database is damaged (%(reason)s): no backup was made. Restore the newest one.")


class Copy(NamedTuple):
    """A copy of a database in a file, with what can be compared with it: all of one moment."""

    path: Path
    version: str  # of the library or server
    revision: str
    rows: dict[str, int]
    digests: dict[str, str]


def take(database: Database, folder: Path) -> Copy:
    """Copy a database into a folder; whoever answers meanwhile does not wait.

    Raises:
        Conflict: it is not migrated at all, it is damaged, or PostgreSQL's programs are missing.
        OSError: there is no room.
    """
    try:
        revision = migrations.schema_revision(database)
    except sa.exc.OperationalError:
        raise
    except sa.exc.DatabaseError as error:
        raise Conflict(BROKEN, reason=str(error.orig)) from error
    if revision is None:
        raise Conflict(NOTHING)
    engine = database.url.get_backend_name()
    copying = _of_sqlite if engine == SQLITE else _of_postgresql
    return copying(database, folder / MEMBERS[engine], revision)


def _contents(session: Session, revision: str) -> tuple[dict[str, int], dict[str, str]]:
    ours = revision == migrations.head()
    return backup_contents.rows(session), backup_contents.digests(session) if ours else {}


def _of_sqlite(database: Database, path: Path, revision: str) -> Copy:
    driver: Any = database.engine.dialect.loaded_dbapi
    try:
        with closing(driver.connect(str(path))) as target, database.connection(writes=False) as connection:
            connection.connection.driver_connection.backup(target)  # type: ignore[union-attr]  # it is connected
            checked = str(target.execute("PRAGMA quick_check(1)").fetchone()[0])
    except driver.DatabaseError as error:
        if "full" in str(error):
            raise OSError(errno.ENOSPC, str(error), str(path.parent.parent)) from error
        if isinstance(error, driver.OperationalError):
            raise sa.exc.OperationalError("backup", None, error) from error  # as for every other fault of the store
        raise Conflict(BROKEN, reason=str(error)) from error
    if checked != "ok":
        raise Conflict(BROKEN, reason=checked)
    with Database(f"sqlite:///{path}") as copy, copy.session(writes=False) as session:
        rows, digests = _contents(session, revision)
    return Copy(path, driver.sqlite_version, revision, rows, digests)


def _of_postgresql(database: Database, path: Path, revision: str) -> Copy:
    with database.session(writes=False) as session:
        version = postgresql_programs.server_version(session.connection())
        program = postgresql_programs.find("pg_dump", version)
        snapshot = session.scalar(sa.text("SELECT pg_export_snapshot()"))  # what is counted here is what is copied
        # What is packed afterwards is not packed twice.
        arguments = ("--format=custom", "--compress=0", f"--snapshot={snapshot}", f"--file={path}")
        postgresql_programs.run(program, database.url, path.parent, *arguments)
        rows, digests = _contents(session, revision)
    return Copy(path, str(version), revision, rows, digests)


def check_empty(database: Database) -> None:
    """Refuse a database that holds any table.

    Raises:
        Conflict: it does, or remains of another one lie where it would.
    """
    if database.url.get_backend_name() == SQLITE:
        path = Path(str(database.url.database))
        if not path.exists() or not path.stat().st_size:
            left = (path.with_name(path.name + ending) for ending in BESIDE)
            for file in left:
                if file.exists():
                    raise Conflict(REMAINS, file=str(file))
            return
    with database.engine.connect() as connection:
        if sa.inspect(connection).get_table_names():
            raise Conflict(NOT_EMPTY)


def put_back(database: Database, copy: Path, check: Callable[[Database], None]) -> None:
    """Put a copy into an empty database, whole or not at all, and `check` what is there then.

    On SQLite it is checked before it takes its place; `copy` is a file in the same folder.

    Raises:
        Conflict: PostgreSQL's programs are missing or refuse it, or the check does.
    """
    if database.url.get_backend_name() == SQLITE:
        with Database(f"sqlite:///{copy}") as restored:
            check(restored)
            restored.leave_nothing(rewritten=False)
        target = Path(str(database.url.database))
        copy.chmod(0o600)
        with copy.open("rb") as file:
            os.fsync(file.fileno())
        database.dispose()
        copy.replace(target)
        sync(target.parent)
        return
    with database.engine.connect() as connection:
        program = postgresql_programs.find("pg_restore", postgresql_programs.server_version(connection))
    whole = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
    postgresql_programs.run(program, database.url, copy.parent, *whole, str(copy))
    with database.connection(writes=True, lone=True) as connection:
        connection.exec_driver_sql("ANALYZE")  # what PostgreSQL knows of its tables is in no dump
    check(database)
