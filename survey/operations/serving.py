"""How the server is started: several processes of several threads, only on a migrated database."""

from __future__ import annotations

import logging
import multiprocessing
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from granian import Granian
from granian.constants import Interfaces

from survey.db.engine import Database
from survey.delivery import bounce_mailbox
from survey.delivery.worker import carriers
from survey.environment import measure_in
from survey.errors import Conflict
from survey.operations import child_processes
from survey.questionnaires.versions import check_asked
from survey.settings import Settings

TARGET = "survey.wsgi:served"
TURNS_OF_OFFICIALS = 4  # enough to wait for figures meanwhile; more only fight for the interpreter
THREADS = 512  # nearly all of them idle, or waiting for the rest of somebody's form
GRACE_SECONDS = 20
REST_SECONDS = 3  # before the background process is started, and again if it dies


def worker_count(settings: Settings) -> int:
    """Return how many processes serve: one per processor, at least two, at most eight, or as many as were set."""
    return settings.workers or max(2, min(os.cpu_count() or 2, 8))


def check_port(settings: Settings) -> None:
    """Refuse to start on a port that another program holds.

    Raises:
        Conflict: names the port and the cure.
    """
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise Conflict(
                "Port %(port)d on %(host)s cannot be used (%(why)s). Choose another one, for example PORT=%(other)d.",
                port=settings.port,
                host=settings.host,
                why=os.strerror(error.errno or 0),
                other=settings.port + 1 if settings.port < 65535 else 8000,
            ) from error


def check_settings(settings: Settings, database: Database) -> None:
    """Refuse to start with what could not ask or send.

    Raises:
        SettingsError: a questionnaire that nobody is asked, or a setting of sending that makes no sense.
    """
    carriers(settings)
    bounce_mailbox.of(settings)
    with database.session(writes=False) as session:
        check_asked(session, settings.questionnaire)


def turns_of_citizens(database: Database) -> int:
    """Return how many citizens' requests one process works on at once: more only fight for the interpreter.

    SQLite has one writer anyhow, and is done within this process; with PostgreSQL, one runs while the other one waits
    for its answer (bench/server.py).
    """
    return 1 if database.url.get_backend_name() == "sqlite" else 2


@contextmanager
def working() -> Iterator[None]:
    """Run `hailong work` for the time of a block, and again if it dies; the last job in hand goes back to the queue."""
    stop = threading.Event()

    def run() -> None:
        while not stop.wait(REST_SECONDS):  # also at first: those who answer do not wait for it
            process = child_processes.start("work", "--attached")
            while process.poll() is None and not stop.wait(0.2):
                pass
            child_processes.end(process, GRACE_SECONDS)

    keeper = threading.Thread(target=run)
    keeper.start()
    try:
        yield
    finally:
        stop.set()
        keeper.join()


def serve(settings: Settings) -> None:
    """Serve until told to stop; requests in hand are answered first."""
    # The server warns of more threads than processors; ours wait for their turn (see `turns`).
    logging.getLogger("_granian").addFilter(lambda record: "Python threads" not in record.getMessage())
    if settings.metrics_token:
        measure_in(settings.instance / "metrics")
    # A forked process would inherit the chart engine without its threads, and wait for them for ever.
    multiprocessing.set_start_method("spawn", force=True)
    Granian(
        TARGET,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        blocking_threads=THREADS,
        workers=worker_count(settings),
        workers_kill_timeout=GRACE_SECONDS,
        respawn_failed_workers=True,
        log_access=False,
        websockets=False,
    ).serve()
