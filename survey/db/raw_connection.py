"""A driver's connection without SQLAlchemy's work around each statement, for the visit that is made most often.

`survey.db.compiled_statements` does that work in advance. psycopg's own cursor would still take twice the time of this
and let other threads run several times for each statement; libpq's prepared statements are one call.
"""

from __future__ import annotations

import fcntl
import itertools
import re
import threading
from functools import lru_cache
from typing import Any, cast

import psycopg
import sqlalchemy as sa
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ExecStatus

NAMED = re.compile(r"%\((\w+)\)s|%%")
_numbers = itertools.count(1)


class Bare:
    """A pooled connection: `with` takes it and gives it back, and what was not committed is undone.

    Before `begin` each statement sees what is committed by then.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self.dialect = engine.dialect
        self._engine, self._begun = engine, False

    def __enter__(self) -> Bare:
        """Take a connection."""
        self._pooled = self._engine.raw_connection()
        self._driver = cast("Any", self._pooled.driver_connection)
        return self

    def begin(self, statements: int) -> None:
        """Begin a transaction that writes with so many statements."""
        raise NotImplementedError

    def rows(self, sql: str, parameters: Any) -> list[Any]:
        """Run one statement and return all rows that it gives; errors are the driver's own."""
        raise NotImplementedError

    def commit(self) -> None:
        """Make it durable."""
        if self._begun:
            self._driver.commit()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> None:
        """Give the connection back."""
        self._pooled.close()


class BareSqlite(Bare):
    """SQLite: writers queue before they begin, those of one process among themselves first.

    A thread that waits for the lock file must also win the interpreter back before it can go on; one of each process
    there is enough, and a quarter more is written than when all of them wait there (bench/server.py).
    """

    def __init__(self, engine: sa.Engine, turn: threading.Lock) -> None:
        super().__init__(engine)
        self._turn, self._queued = turn, False

    def begin(self, statements: int) -> None:
        """Wait for the turn to write, and begin; one statement alone is a transaction by itself."""
        self._turn.acquire()
        self._queued = True
        wait_for_turn(self._pooled.info)
        if statements > 1:
            self._driver.execute("BEGIN IMMEDIATE")
            self._begun = True

    def rows(self, sql: str, parameters: Any) -> list[Any]:
        """Run one statement; sqlite3 keeps the last hundred prepared."""
        return self._driver.execute(sql, parameters).fetchall()  # type: ignore[no-any-return]

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        """Give the connection back, and then the turn."""
        try:
            super().__exit__(kind, error, trace)
        finally:
            if self._queued:
                self._queued = False
                self._turn.release()


class BarePostgres(Bare):
    """PostgreSQL, on connections that commit each statement unless a transaction was begun."""

    def begin(self, statements: int) -> None:
        """Begin; one statement alone is a transaction by itself, in one exchange instead of three."""
        if statements > 1:
            self._driver.execute("BEGIN")
            self._begun = True

    def rows(self, sql: str, parameters: Any) -> list[Any]:
        """Run one statement, prepared at its first use on this connection."""
        name, numbered, order = _numbered(sql)
        known, libpq = self._pooled.info.setdefault("prepared", set()), self._driver.pgconn
        if name not in known:
            _checked(libpq.prepare(name, numbered))
            known.add(name)
        adapt = Transformer(self._driver)
        # As text, and of no type: the server takes the type from the statement, whatever value comes first.
        given = adapt.dump_sequence([parameters[n] for n in order], [PyFormat.TEXT] * len(order))
        result = _checked(libpq.exec_prepared(name, given))
        adapt.set_pgresult(result)
        return adapt.load_rows(0, result.ntuples, tuple)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        """Give the connection back; one that failed may be broken and is thrown away."""
        if kind is not None and issubclass(kind, psycopg.Error):
            self._pooled.invalidate(error)
        super().__exit__(kind, error, trace)


def bare(engine: sa.Engine, turn: threading.Lock) -> Bare:
    """Return a connection of this engine, to be taken with `with`; `turn` is one for all that write to it."""
    return BareSqlite(engine, turn) if engine.dialect.name == "sqlite" else BarePostgres(engine)


def wait_for_turn(info: Any) -> None:
    """Queue writers on a lock file: SQLite's own waiting lets one process starve another for seconds."""
    if (lock := info.get("lock")) is not None:
        fcntl.flock(lock, fcntl.LOCK_EX)


@lru_cache(maxsize=256)
def _numbered(sql: str) -> tuple[bytes, bytes, list[str]]:
    """Return a statement's name, its text with parameters as PostgreSQL counts them, and their names in order."""
    order: list[str] = []

    def number(found: re.Match[str]) -> str:
        if found[1] is None:
            return "%"
        if found[1] not in order:
            order.append(found[1])
        return f"${order.index(found[1]) + 1}"

    numbered = NAMED.sub(number, sql)
    return f"hailong_{next(_numbers)}".encode(), numbered.encode(), order


def _checked(result: Any) -> Any:
    if result.status not in (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK):
        raise psycopg.errors.error_from_result(result)
    return result
