"""A server that is killed and started many times: forked from a process that has read the program once.

What a start costs is mostly reading the program; tens of kills would spend their time on nothing else.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.context import ForkServerProcess

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from survey.operations.serving import TARGET, THREADS, TURNS_OF_OFFICIALS
from survey.settings import Settings
from tests.support.commands import read_the_rest
from tests.support.faults.running import Running

PROGRAM = multiprocessing.get_context("forkserver")
PROGRAM.set_forkserver_preload(["survey.app", "tests.support.faults.restarted"])
read_the_rest()  # in the process that all are forked from, too


def serve(application: str, port: int, workers: int, environment: dict[str, str]) -> None:
    """Be a server with a process group of its own."""
    os.setsid()
    os.environ.update(environment)
    multiprocessing.set_start_method("fork", force=True)  # the workers too have read the program already
    Granian(
        application,
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS if application == TARGET else TURNS_OF_OFFICIALS,
        log_level=LogLevels.error,
        websockets=False,
    ).serve()


class Restarted(Running):
    """The same processes as `Running`'s, started in a tenth of the time."""

    forked: ForkServerProcess | None = None

    def start(self) -> None:
        """Start and wait until it answers."""
        arguments = (self.application, self.port, self.workers, self.environment)
        self.forked = PROGRAM.Process(target=serve, args=arguments)
        self.forked.start()
        self.wait_until_alive(lambda: self.forked.exitcode if self.forked else None)

    def kill(self) -> None:
        """Kill every process of it at once, as a power switch would."""
        if self.forked is not None and self.forked.pid:
            os.killpg(self.forked.pid, signal.SIGKILL)
            self.forked.join()
            self.forked.close()
            self.forked = None


@contextmanager
def forked(settings: Settings, application: str = TARGET) -> Iterator[Running]:
    """Run such a server for the time of a block."""
    server = Restarted(settings, application)
    try:
        server.start()
        yield server
    finally:
        server.kill()
