"""strace in front of a program: system calls that fail as a disk makes them fail, or a list of all that was written."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

CURE = "strace is missing: apt-get update && apt-get install --no-install-recommends strace"
WRITES = "pwrite64,write,fdatasync,fsync,ftruncate"


def program() -> str:
    """Return where strace is; as root it is installed if it is missing."""
    if shutil.which("strace") is None and os.geteuid() == 0 and shutil.which("apt-get"):
        for words in (["update"], ["install", "--yes", "--no-install-recommends", "strace"]):
            subprocess.run(["apt-get", *words], check=False, capture_output=True)
    path = shutil.which("strace")
    assert path, CURE
    return path


@contextmanager
def attached(pid: int, *options: str, log: Path) -> Iterator[None]:
    """Trace a process and all that it starts for the time of a block; it goes on afterwards as if nothing had been."""
    command = [program(), "--quiet=all", "-f", "-o", str(log), *options, "-p", str(pid)]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as tracer:
        try:
            until = time.monotonic() + 20
            while _tracer_of(pid) != tracer.pid:
                assert tracer.poll() is None and time.monotonic() < until, tracer.stderr and tracer.stderr.read()
                time.sleep(0.002)
            yield
        finally:
            tracer.send_signal(signal.SIGINT)
            tracer.wait(20)


def failing(fault: str, first: int, last: int, paths: Sequence[Path]) -> list[str]:
    """Return options by which what is written to these files fails, from the `first` time to the `last` one."""
    only = [option for path in paths for option in ("-P", str(path))]
    return ["-e", f"trace={WRITES}", "-e", f"inject={WRITES}:error={fault}:when={first}..{last}", *only]


def injected(log: Path) -> int:
    """Return how many calls have failed because they were told to."""
    return log.read_text("utf-8", "replace").count("(INJECTED)")


def _tracer_of(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    return int(status.partition("TracerPid:")[2].split()[0])
