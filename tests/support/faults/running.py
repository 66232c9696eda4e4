"""Start the product's server as its own process group, and kill all of it at once.

Whoever runs one takes it along when asked to end (`end_whole`): nobody else would end a process group of its own.
"""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from survey.operations.serving import TARGET, THREADS, TURNS_OF_OFFICIALS
from survey.settings import Settings

ROOT = Path(__file__).parent.parent.parent.parent


def end_whole() -> None:
    """Let a request to end this program (SIGTERM, SIGHUP) be as Ctrl-C: what it has started is ended first."""
    for ended in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ended, signal.default_int_handler)


class Running:
    """A server of several worker processes on a free port of the loopback address."""

    def __init__(self, settings: Settings, application: str = TARGET, workers: int = 2, root: Path = ROOT) -> None:
        self.settings, self.application, self.workers, self.root = settings, application, workers, root
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """The settings as the program reads them."""
        return {
            "DATABASE_URL": self.settings.database_url,
            "HAILONG_CITIZENS_DATABASE_URL": self.settings.citizens_database_url,
            "SECRET_KEY": self.settings.secret_key,
            "PUBLIC_URL": self.url,
            "HAILONG_INSTANCE": str(self.settings.instance),
            "HAILONG_LOG_LEVEL": "ERROR",
        }

    def start(self) -> None:
        """Start and wait until it answers."""
        threads = (
            THREADS if self.application == TARGET else TURNS_OF_OFFICIALS
        )  # whatever else it is takes no turns by itself
        command = [sys.executable, "-m", "granian", "--host", "127.0.0.1", "--port", str(self.port)]
        command += ["--blocking-threads", str(threads)]
        command += ["--workers", str(self.workers), "--interface", "wsgi"]
        self.process = subprocess.Popen(
            [*command, "--log-level", "error", self.application],
            cwd=self.root,
            env={**os.environ, **self.environment},
            start_new_session=True,
        )
        self.wait_until_alive(self.process.poll)

    def wait_until_alive(self, exit_code: Callable[[], int | None]) -> None:
        """Return once it answers; `exit_code` says whether it has ended instead."""
        deadline = time.monotonic() + 60
        while not self.alive():
            if exit_code() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the server did not start: {exit_code()}")
            time.sleep(0.02)

    def alive(self) -> bool:
        """Say whether it answers."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)) as connection:
            try:
                connection.request("GET", "/healthz")
                with connection.getresponse() as reply:
                    return reply.status < 500
            except (OSError, http.client.HTTPException):
                return False

    def kill(self) -> None:
        """Kill every process of it at once, as a power switch would."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


@contextmanager
def running(settings: Settings, application: str = TARGET, workers: int = 2, root: Path = ROOT) -> Iterator[Running]:
    """Run a server for the time of a block; `root` is another checkout of the product."""
    server = Running(settings, application, workers, root)
    try:
        server.start()
        yield server
    finally:
        server.kill()
