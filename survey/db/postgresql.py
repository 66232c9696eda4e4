"""Connections to PostgreSQL that never wait for ever: its own limits mean nothing once it is stopped or unreachable.

A statement that outlasts the patience of whoever waits closes its connection; then the server is asked anew. If it
does not even take a connection, everybody is refused at once until it does: one asks now and then, no thread waits.

Of several servers the one that took the last connection is asked first, and one that hung then last, so that it costs
no wait each time. One that has become a standby, or is held read-only, is left at the first word of it.
"""

from __future__ import annotations

import select
import threading
import time
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg.abc import RV, PQGen
from psycopg.errors import ReadOnlySqlTransaction, _WaitTimeout
from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext

from survey.db.patience import patience

CONNECT_SECONDS = 2  # the least that libpq takes; on one machine or network a connection takes milliseconds
CONNECT_SECONDS_OF_COMMANDS = 10
PAUSE_SECONDS = 2.0  # between two questions whether a server that did not answer is back
# Locks of others are waited for less long than the server's answer: a lock that is held is no server that hangs.
OPTIONS = "-c synchronous_commit=on -c lock_timeout=2s -c statement_timeout=120s -c timezone=UTC"
# A machine that vanishes without a word is noticed, by whichever of the two sides of a connection is waiting.
NETWORK = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 15_000}
HostPort = tuple[str, str]  # host and port, as the address has them
SOONER, LATER = -1, 1
NOT_ANSWERING = "the database server does not answer"
NOT_WRITING = "the database server has become one that only reads"


class ImpatientConnection(psycopg.Connection[Any]):
    """A connection whose every wait ends with the patience of whoever waits."""

    server: Server
    place: HostPort

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Wait for the server.

        Raises:
            OperationalError: it took too long; the connection is closed, for nobody knows what became of it.
        """
        try:
            return super().wait(gen, interval, patience().statement if timeout is None else timeout)
        except _WaitTimeout:
            self.close()
            self.server.look(self.place)
            raise psycopg.OperationalError(NOT_ANSWERING) from None


class Server:
    """Whether the server answers at all; one thread finds out, the others are refused meanwhile."""

    def __init__(self) -> None:
        self._silent = False
        self._next_look = 0.0
        self._looking = threading.Lock()
        self._parameters: dict[str, Any] = {}
        self._ranks: dict[HostPort, int] = {}  # of several: which to ask sooner than others, which later

    def watch(self, engine: sa.Engine) -> None:
        """Watch over the connections of an engine."""
        event.listen(engine, "do_connect", self._connect)
        event.listen(engine, "checkout", self._check_out)
        event.listen(engine, "handle_error", leave_a_reader)

    def look(self, silent: HostPort | None = None) -> None:
        """Find out whether the server takes connections, unless another thread is just doing so.

        `silent`: the one of several that did not answer.
        """
        if silent is not None:
            self._ranks = {silent: LATER}
        if not self._looking.acquire(blocking=False):
            return
        try:
            with psycopg.connect(**self._in_order(self._parameters), connect_timeout=CONNECT_SECONDS) as connection:
                self._ranks = {_place(connection): SOONER}
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
        self._parameters = {name: value for name, value in parameters.items() if name != "connect_timeout"}
        self._refuse_while_silent()
        hurried = patience().statement < CONNECT_SECONDS_OF_COMMANDS
        seconds = CONNECT_SECONDS if hurried else CONNECT_SECONDS_OF_COMMANDS
        ordered = self._in_order(self._parameters)
        connection = ImpatientConnection.connect(*arguments, **ordered, connect_timeout=seconds)
        connection.server, connection.place = self, _place(connection)
        self._ranks = {connection.place: SOONER}
        return connection

    def _in_order(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return how to connect: of several servers in the order in which they are worth asking."""
        places = list(zip(str(parameters.get("host")).split(","), str(parameters.get("port")).split(","), strict=False))
        if len(places) < 2:
            return parameters
        places.sort(key=lambda place: self._ranks.get(place, 0))
        host, port = (",".join(column) for column in zip(*places, strict=True))
        return {**parameters, "host": host, "port": port}

    def _check_out(self, connection: psycopg.Connection[Any], _record: Any, _proxy: Any) -> None:
        """Exchange a pooled connection that its server has ended, as at a restart: there is something to be read."""
        self._refuse_while_silent()
        if connection.closed or _readable(connection.fileno()):
            raise sa.exc.DisconnectionError


def leave_a_reader(context: ExceptionContext) -> None:
    """Take a refusal to write for a server that is lost to us: all connections to it are exchanged.

    Raises:
        OperationalError: the server only reads, though whoever asked did not say that it would only read.
    """
    error, connection = context.original_exception, context.connection
    asked = connection.get_execution_options() if connection is not None else {}
    if isinstance(error, ReadOnlySqlTransaction) and not asked.get("postgresql_readonly"):
        context.is_disconnect = True
        fault = psycopg.OperationalError(NOT_WRITING)
        raise sa.exc.OperationalError(context.statement, None, fault, connection_invalidated=True) from error


def _place(connection: psycopg.Connection[Any]) -> HostPort:
    return connection.info.host, str(connection.info.port)


def _readable(socket: int) -> bool:
    poll = select.poll()
    poll.register(socket, select.POLLIN)
    return bool(poll.poll(0))
