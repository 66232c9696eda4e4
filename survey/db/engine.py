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

from survey.db.logins import Login, login_of
from survey.db.patience import patience
from survey.db.postgresql import NETWORK, OPTIONS, Server
from survey.db.row_security import EVERYTHING, SETTING, seen
from survey.db.turn import giving_way
from survey.errors import Unavailable

SAFE_WAL = ((3, 51, 3), (3, 50, 7), (3, 44, 6))
LOOK_SECONDS = 0.05  # between two looks whether a lock of PostgreSQL is free
WRITE_LOOK_SECONDS = 0.001  # the same for SQLite's one writer, who is done after some milliseconds
READ_SECONDS = 2.5  # that SQLite waits before it reads: only a rollback journal, or a repair, keeps readers out
# One thread of a process looks for the lock of all processes, the others wait until they are first, without looking.
_first = threading.Lock()


class Lock(enum.IntEnum):
    """What only one transaction may do at a time; the numbers are PostgreSQL's advisory locks."""

    FEED = 4_001  # record finished cases and invite their people
    JOBS = 4_002  # take the next job, so that no more run at once than may
    SCHEMA = 4_003  # migrate
    LINKS = 4_004  # cut the links between answers and cases
    RETENTION = 4_005  # erase what is older than it may be
    EXCLUSIONS = 4_006  # propose or decide which answers are left out
    ALERTS = 4_007  # keep what stands out, and tell of it
    LEDGER = 4_008  # give entries of the ledger their numbers, and sign it
    FIRST_ACCOUNT = 4_009  # set up the first administrator
    CALLS = 4_010  # plan, seal, draw and finish a call-back
    NEW_IDENTITY = 4_011  # give an account to whom a provider names for the first time


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
        with giving_way():
            time.sleep(LOOK_SECONDS)


def journal_mode(version: tuple[int, ...]) -> str:
    """Return the journal that this SQLite library can be trusted with."""
    newest = version >= SAFE_WAL[0]
    mended = any(version[:2] == safe[:2] and version >= safe for safe in SAFE_WAL[1:])
    return "WAL" if newest or mended else "DELETE"


class Database:
    """One engine and the sessions that are opened on it; `with` closes every connection at its end.

    `citizens` is the same database by the login of pages that everybody may open, where that has one of its own;
    `guarded`: whoever comes by this login sees the rows of the agencies alone that `row_security` says.
    """

    def __init__(self, url: str, pool_size: int = 16, citizens: str = "") -> None:
        self.url = sa.make_url(url)
        self.citizens: Database = Database(citizens, pool_size) if citizens else self
        if self.url.get_backend_name() == "sqlite":
            self.engine = sa.create_engine(
                self.url,
                module=sqlite,
                pool_size=pool_size,
                max_overflow=16,
                pool_use_lifo=True,
                hide_parameters=True,  # a traceback would print hashes of passwords, and what people wrote
                connect_args={"factory": LockingConnection},
            )
            event.listen(self.engine, "connect", self._open_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
            self._reader = self.engine
            self.guarded = False
            self._lone: sa.Engine = self.engine.execution_options(lone=True)
        else:
            options: dict[str, Any] = {
                "pool_size": pool_size,
                "max_overflow": 16,
                "pool_use_lifo": True,
                "hide_parameters": True,
                "connect_args": {"options": OPTIONS, **NETWORK},
            }
            login = login_of(self.url)
            if login in (Login.CITIZENS, Login.SEAL):  # whose rights are those of its tables alone
                options["connect_args"]["options"] += f" -c {SETTING}={EVERYTHING}"
            self.engine = sa.create_engine(self.url, **options)
            # A lone statement is answered in one exchange instead of three, and sees what is committed. Connections of
            # its own: what changes from one way to the other and back costs as much as it saves.
            self._lone = sa.create_engine(self.url, isolation_level="AUTOCOMMIT", pool_reset_on_return=None, **options)
            server = Server()
            for engine in (self.engine, self._lone):
                server.watch(engine)
            self.guarded = login is Login.STAFF
            if self.guarded:
                event.listen(self.engine, "begin", _begin_of_staff)
            self._reader = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._writer = self.engine.execution_options(writes=True)
        self._lone_writer = self._writer if self.url.get_backend_name() == "sqlite" else self._lone

    def session(self, writes: bool) -> Session:
        """Open a session; one that writes takes the write lock at its first statement (SQLite).

        One that only reads sees one moment, that of its first statement, until it is closed: figures that are read in
        it agree, however many people answer meanwhile. It cannot write.
        """
        return Session(self._writer if writes else self._reader, expire_on_commit=False, autoflush=True)

    def connection(self, writes: bool, lone: bool = False) -> sa.Connection:
        """Open a connection without a session, for what citizens ask; one that writes locks as a session does.

        One that only reads is for a lone statement: on PostgreSQL each sees a moment of its own. So is a `lone` one
        that writes: each statement is there, durably, as soon as it returns.
        """
        if not writes:
            return self._lone.connect()
        return (self._lone_writer if lone else self._writer).connect()

    def leave_nothing(self, rewritten: bool) -> None:
        """Let nothing of before lie in SQLite's journal, as far as nobody reads it just now.

        `rewritten`: nor in gaps of the file's pages, where what was moved may lie on though it is overwritten where it
        was erased. Then everything is written anew, and who writes waits meanwhile.
        """
        if self.url.get_backend_name() == "sqlite":
            with self._lone.connect() as connection:
                driver: Any = connection.connection.driver_connection
                driver.wait_at_most(patience().lock)
                if rewritten:
                    driver.execute("VACUUM")
                driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.dispose()

    def dispose(self) -> None:
        """Close every pooled connection; it can be used again afterwards."""
        self.engine.dispose()
        self._lone.dispose()
        if self.citizens is not self:
            self.citizens.dispose()

    def _open_sqlite(self, connection: LockingConnection, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, see _begin_sqlite
        connection.wait_at_most(READ_SECONDS)
        connection.execute(f"PRAGMA journal_mode = {journal_mode(sqlite.sqlite_version_info)}").fetchone()
        connection.execute("PRAGMA synchronous = EXTRA")  # a rollback journal that came back would undo what it held
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")  # what is erased does not lie on in the file
        if self.url.database and self.url.database != ":memory:":
            path = Path(self.url.database)
            connection.lock = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)


class LockingConnection(sqlite.Connection):  # type: ignore[misc]  # either library's, one of them untyped
    """A connection of SQLite that lets go of the writers' lock as soon as its transaction is over."""

    lock: int | None = None  # the lock file
    _longest: float | None = None

    def wait_at_most(self, seconds: float) -> None:
        """Let each statement wait so long for another program."""
        if seconds != self._longest:
            self.execute(f"PRAGMA busy_timeout = {seconds * 1000:.0f}")
            self._longest = seconds

    def commit(self) -> None:
        """Commit, durably."""
        super().commit()
        self._unlock()

    def rollback(self) -> None:
        """Take back what was done."""
        try:
            super().rollback()
        finally:
            self._unlock()

    def close(self) -> None:
        """Close the lock file, too."""
        super().close()
        if self.lock is not None:
            os.close(self.lock)
            self.lock = None

    def _unlock(self) -> None:
        if self.lock is not None:
            fcntl.flock(self.lock, fcntl.LOCK_UN)


def _begin_sqlite(connection: sa.Connection) -> None:
    # By the driver: what goes through SQLAlchemy costs ten times as much, for each answer.
    driver: Any = connection.connection.driver_connection
    options = connection.get_execution_options()
    if not options.get("writes"):
        if not options.get("lone"):
            driver.execute("BEGIN")
        return
    # Writers queue on a lock file: SQLite's own waiting lets one process starve another for seconds.
    until = time.monotonic() + patience().lock
    if driver.lock is not None:
        _lock_file(driver.lock, until)
    try:
        driver.wait_at_most(patience().lock)  # for another program, such as a backup, which knows nothing of the file
        driver.execute("BEGIN IMMEDIATE")
    except sqlite.OperationalError as fault:
        raise _as_sqlalchemy(fault) from fault


def _begin_of_staff(connection: sa.Connection) -> None:
    driver: Any = connection.connection.driver_connection
    driver.execute(f"SET LOCAL {SETTING} = '{seen()}'")


def _lock_file(lock: int, until: float) -> None:
    """Lock a file that others lock too.

    Raises:
        OperationalError: somebody else has held it until then.
    """
    if _first.acquire(blocking=False):
        try:
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pass
        finally:
            _first.release()
    with giving_way():
        if not _first.acquire(timeout=max(0.0, until - time.monotonic())):
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
            _first.release()


def _locked() -> sa.exc.OperationalError:
    return _as_sqlalchemy(sqlite.OperationalError("database is locked"))


def _as_sqlalchemy(fault: sqlite.OperationalError) -> sa.exc.OperationalError:
    """Return a fault of beginning to write as SQLAlchemy would have put it: what events of ours raise it leaves."""
    return sa.exc.OperationalError("BEGIN IMMEDIATE", None, fault)
