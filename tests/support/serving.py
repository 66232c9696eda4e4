"""`hailong serve` as a program of its own."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import MappingProxyType

from survey.settings import ROOT


def environment(added: dict[str, str]) -> dict[str, str]:
    ours = ("HAILONG", "SECRET", "DATABASE", "PUBLIC", "PORT")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)} | added


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(log: Path, *arguments: str, **environ: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run `hailong serve` until it answers, and stop it."""
    command = [sys.executable, "-m", "survey", "serve", *arguments]
    with (
        log.open("wb") as file,
        subprocess.Popen(
            command, cwd=ROOT, env=environment(environ), stdout=file, stderr=subprocess.STDOUT, start_new_session=True
        ) as process,
    ):
        try:
            until = time.monotonic() + 300
            while fetch(int(environ["PORT"]), "/healthz")[0] != 200:
                assert process.poll() is None and time.monotonic() < until, log.read_text()
                time.sleep(0.1)
            yield process
        finally:
            with suppress(ProcessLookupError):  # it has ended by itself
                os.killpg(process.pid, signal.SIGKILL)  # its web processes, too, which would outlive it


def fetch(port: int, path: str, headers: Mapping[str, str] = MappingProxyType({})) -> tuple[int, str]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        try:
            connection.request("GET", path, headers=dict(headers))
            with connection.getresponse() as response:
                return response.status, response.read().decode()
        except OSError:
            return 0, ""
