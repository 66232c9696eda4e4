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
WRITES_OF_POSTGRESQL = "pwrite64,pwritev,pwritev2,fdatasync,fsync"  # by `write` it speaks to its own processes


def program() -> str:
    """Return where strace is; as root it is installed if it is missing."""
    if shutil.which("strace") is None and os.geteuid() == 0 and shutil.which("apt-get"):
        for words in (["update"], ["install", "--yes", "--no-install-recommends", "strace"]):
            subprocess.run(["apt-get", *words], check=False, capture_output=True)
    path = shutil.which("strace")
    assert path, CURE
    return path


@contextmanager
def attached(*pids: int, options: Sequence[str], log: Path) -> Iterator[None]:
    """Trace processes and all that they start for the time of a block; they go on as if nothing had been."""
    command = [program(), "--quiet=all", "-f", "-o", str(log), *options]
    command += [option for pid in pids for option in ("-p", str(pid))]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as tracer:
        try:
            until = time.monotonic() + 20
            while any(_tracer_of(pid) != tracer.pid for pid in pids):
                assert tracer.poll() is None and time.monotonic() < until, tracer.stderr and tracer.stderr.read()
                time.sleep(0.002)
            yield
        finally:
            tracer.send_signal(signal.SIGINT)
            tracer.wait(20)


def failing(fault: str, first: int, last: int, paths: Sequence[Path], calls: str = WRITES) -> list[str]:
    """Return options by which a process fails to write to these files, from the `first` time to the `last` one.

    To whatever it writes, if no file is named.
    """
    only = [option for path in paths for option in ("-P", str(path))]
    return ["-e", f"trace={calls}", "-e", f"inject={calls}:error={fault}:when={first}..{last}", *only]


def injected(log: Path) -> int:
    """Return how many calls have failed because they were told to."""
    return log.read_bytes().count(b"(INJECTED)")


def _tracer_of(pid: int) -> int:
    """Return by which process another one is traced."""
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    return int(status.partition("TracerPid:")[2].split()[0])
