"""Connections to PostgreSQL that never wait for ever: its own limits mean nothing once it is stopped or unreachable.

A statement that outlasts the patience of whoever waits closes its connection; then the server is asked anew. If it
does not even take a connection, everybody is refused at once until it does: one asks now and then, no thread waits.
"""

from __future__ import annotations

import select
import threading
import time
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg.abc import RV, PQGen
from psycopg.errors import _WaitTimeout
from sqlalchemy import event

from survey.db.patience import patience

CONNECT_SECONDS = 2  # the least that libpq takes; on one machine or network a connection takes milliseconds
CONNECT_SECONDS_OF_COMMANDS = 10
PAUSE_SECONDS = 2.0  # between two questions whether a server that did not answer is back
# Locks of others are waited for less long than the server's answer: a lock that is held is no server that hangs.
OPTIONS = "-c synchronous_commit=on -c lock_timeout=2s -c statement_timeout=120s -c timezone=UTC"
# A machine that vanishes without a word is noticed, by whichever of the two sides of a connection is waiting.
NETWORK = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 15_000}
NOT_ANSWERING = "the database server does not answer"


class ImpatientConnection(psycopg.Connection[Any]):
    """A connection whose every wait ends with the patience of whoever waits."""

    server: Server

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Wait for the server.

        Raises:
            OperationalError: it took too long; the connection is closed, for nobody knows what became of it.
        """
        try:
            return super().wait(gen, interval, patience().statement if timeout is None else timeout)
        except _WaitTimeout:
            self.close()
            self.server.look()
            raise psycopg.OperationalError(NOT_ANSWERING) from None


class Server:
    """Whether the server answers at all; one thread finds out, the others are refused meanwhile."""

    def __init__(self) -> None:
        self._silent = False
        self._next_look = 0.0
        self._looking = threading.Lock()
        self._parameters: dict[str, Any] = {}

    def watch(self, engine: sa.Engine) -> None:
        """Watch over the connections of an engine."""
        event.listen(engine, "do_connect", self._connect)
        event.listen(engine, "checkout", self._check_out)

    def look(self) -> None:
        """Find out whether the server takes connections, unless another thread is just doing so."""
        if not self._looking.acquire(blocking=False):
            return
        try:
            psycopg.connect(**{**self._parameters, "connect_timeout": CONNECT_SECONDS}).close()
            self._silent = False
        except psycopg.OperationalError:
            self._silent = True
        finally:
            self._next_look = time.monotonic() + PAUSE_SECONDS
            self._looking.release()

    def _refuse_while_silent(self) -> None:
        if self._silent and time.monotonic() >= self._next_look:
            self.look()
        if self._silent:
            raise psycopg.OperationalError(NOT_ANSWERING)

    def _connect(self, _dialect: Any, _record: Any, arguments: list[Any], parameters: dict[str, Any]) -> Any:
        self._parameters = dict(parameters)
        self._refuse_while_silent()
        hurried = patience().statement < CONNECT_SECONDS_OF_COMMANDS
        seconds = CONNECT_SECONDS if hurried else CONNECT_SECONDS_OF_COMMANDS
        connection = ImpatientConnection.connect(*arguments, **{**parameters, "connect_timeout": seconds})
        connection.server = self
        return connection

    def _check_out(self, connection: psycopg.Connection[Any], _record: Any, _proxy: Any) -> None:
        """Exchange a pooled connection that its server has ended, as at a restart: there is something to be read."""
        self._refuse_while_silent()
        if connection.closed or _readable(connection.fileno()):
            raise sa.exc.DisconnectionError


def _readable(socket: int) -> bool:
    poll = select.poll()
    poll.register(socket, select.POLLIN)
    return bool(poll.poll(0))
