"""The engine: connections and sessions of either database, who may write, and locks that both understand.

SQLite before 3.51.3 may lose a committed write when several connections use a write-ahead log (SQLite's own
release notes), so an older library gets a rollback journal; both are fully synchronous: an acknowledged answer
is on the disk.
"""

from __future__ import annotations

import enum
import fcntl
import os
import threading
import time
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

try:
    from pysqlite3 import dbapi2 as sqlite
except ImportError:  # no wheel for this machine: the system's library, with the journal it can be trusted with
    import sqlite3 as sqlite

from survey.db.patience import patience
from survey.db.postgresql import NETWORK, OPTIONS, Server
from survey.errors import Unavailable

SAFE_WAL = ((3, 51, 3), (3, 50, 7), (3, 44, 6))
LOOK_SECONDS = 0.05  # between two looks whether a lock of PostgreSQL is free
WRITE_LOOK_SECONDS = 0.001  # the same for SQLite's one writer, who is done after some milliseconds
READ_MILLISECONDS = 2500  # that SQLite waits before it reads: only a rollback journal, or a repair, keeps readers out
# One thread of a process looks for the lock of all processes, the others wait for their turn without looking.
_turn = threading.Lock()


class Lock(enum.IntEnum):
    """What only one transaction may do at a time; the numbers are PostgreSQL's advisory locks."""

    FEED = 4_001  # record finished cases and invite their people
    JOBS = 4_002  # take the next job, so that no more run at once than may
    SCHEMA = 4_003  # migrate
    LINKS = 4_004  # cut the links between answers and cases


def exclusively(session: Session, lock: Lock) -> None:
    """Hold this lock until the transaction ends, as soon as nobody else does; SQLite has one writer anyhow.

    Raises:
        Unavailable: somebody held it for longer than whoever waits here has patience.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    until = time.monotonic() + patience().lock
    while not session.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(int(lock)))):
        if time.monotonic() >= until:
            raise Unavailable("Something else is being recorded just now. Please try again in a few seconds.")
        time.sleep(LOOK_SECONDS)


def journal_mode(version: tuple[int, ...]) -> str:
    """Return the journal that this SQLite library can be trusted with."""
    newest = version >= SAFE_WAL[0]
    mended = any(version[:2] == safe[:2] and version >= safe for safe in SAFE_WAL[1:])
    return "WAL" if newest or mended else "DELETE"


class Database:
    """One engine and the sessions that are opened on it; `with` closes every connection at its end."""

    def __init__(self, url: str, pool_size: int = 16) -> None:
        self.url = sa.make_url(url)
        if self.url.get_backend_name() == "sqlite":
            self.engine = sa.create_engine(
                self.url,
                module=sqlite,
                pool_size=pool_size,
                max_overflow=16,
                pool_use_lifo=True,
                hide_parameters=True,  # a traceback would print hashes of passwords, and what people wrote
            )
            event.listen(self.engine, "connect", self._open_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
            event.listen(self.engine, "checkin", _unlock)
            event.listen(self.engine, "close", _close_lock)
            self._lookup = self._reader = self.engine
        else:
            self.engine = sa.create_engine(
                self.url,
                pool_size=pool_size,
                max_overflow=16,
                pool_use_lifo=True,
                hide_parameters=True,
                connect_args={"options": OPTIONS, **NETWORK},
            )
            Server(self.engine)
            # PostgreSQL answers a lone SELECT in one exchange instead of three; each statement sees what is committed.
            self._lookup = self.engine.execution_options(isolation_level="AUTOCOMMIT")
            self._reader = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._writer = self.engine.execution_options(writes=True)

    def session(self, writes: bool) -> Session:
        """Open a session; one that writes takes the write lock at its first statement (SQLite).

        One that only reads sees one moment, that of its first statement, until it is closed: figures that are read in
        it agree, however many people answer meanwhile. It cannot write.
        """
        return Session(self._writer if writes else self._reader, expire_on_commit=False, autoflush=True)

    def connection(self, writes: bool) -> sa.Connection:
        """Open a connection without a session, for what citizens ask; one that writes locks as a session does.

        One that only reads is for a lone statement: on PostgreSQL each sees a moment of its own.
        """
        return (self._writer if writes else self._lookup).connect()

    def empty_journal(self) -> None:
        """Let no page of before lie in SQLite's journal, as far as nobody reads it just now."""
        if self.url.get_backend_name() == "sqlite":
            with self.engine.connect() as connection:
                driver: Any = connection.connection.driver_connection
                driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.dispose()

    def dispose(self) -> None:
        """Close every pooled connection; it can be used again afterwards."""
        self.engine.dispose()

    def _open_sqlite(self, connection: Any, record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, see _begin_sqlite
        connection.execute(f"PRAGMA busy_timeout = {READ_MILLISECONDS}")
        connection.execute(f"PRAGMA journal_mode = {journal_mode(sqlite.sqlite_version_info)}").fetchone()
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")  # what is erased does not lie on in the file
        if self.url.database and self.url.database != ":memory:":
            path = Path(self.url.database)
            record.info["lock"] = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)


def _begin_sqlite(connection: sa.Connection) -> None:
    if not connection.get_execution_options().get("writes"):
        # By the driver: it cannot fail, and SQLAlchemy's part of it would cost more than a search.
        connection.connection.driver_connection.execute("BEGIN")  # type: ignore[union-attr]  # connected
        return
    # Writers queue on a lock file: SQLite's own waiting lets one process starve another for seconds.
    until = time.monotonic() + patience().lock
    if (lock := connection.info.get("lock")) is not None:
        _lock_file(lock, until)
    # Another program, such as a backup, knows nothing of the lock file.
    left = max(0, int((until - time.monotonic()) * 1000))
    # By the driver, here too: what goes through SQLAlchemy costs ten times as much, for each answer.
    driver: Any = connection.connection.driver_connection
    try:
        driver.execute(f"PRAGMA busy_timeout = {left}")
        driver.execute("BEGIN IMMEDIATE")
    except sqlite.OperationalError as fault:
        raise _as_sqlalchemy(fault) from fault
    finally:
        driver.execute(f"PRAGMA busy_timeout = {READ_MILLISECONDS}")


def _lock_file(lock: int, until: float) -> None:
    """Lock a file that others lock too.

    Raises:
        OperationalError: somebody else has held it until then.
    """
    if not _turn.acquire(timeout=max(0.0, until - time.monotonic())):
        raise _locked()
    try:
        while True:
            try:
                return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= until:
                    raise _locked() from None
                time.sleep(WRITE_LOOK_SECONDS)
    finally:
        _turn.release()


def _locked() -> sa.exc.OperationalError:
    return _as_sqlalchemy(sqlite.OperationalError("database is locked"))


def _as_sqlalchemy(fault: sqlite.OperationalError) -> sa.exc.OperationalError:
    """Return a fault of beginning to write as SQLAlchemy would have put it: what events of ours raise it leaves."""
    return sa.exc.OperationalError("BEGIN IMMEDIATE", None, fault)


def _unlock(_connection: Any, record: Any) -> None:
    # At check-in, not at the commit event: that one fires before the commit has reached the disk.
    if (lock := record.info.get("lock")) is not None:
        fcntl.flock(lock, fcntl.LOCK_UN)


def _close_lock(_connection: Any, record: Any) -> None:
    if (lock := record.info.pop("lock", None)) is not None:
        os.close(lock)
