"""Child processes that never outlive the one that started them, whichever way it ends."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import IO, NamedTuple

GRACE_SECONDS = 5.0
LOW_PRIORITY = 10  # of work that nobody waits for with a page open


class Child(NamedTuple):
    """A process that answers requests."""

    process: subprocess.Popen[bytes]
    requests: IO[bytes]
    replies: IO[bytes]


def start(*arguments: str) -> subprocess.Popen[bytes]:
    """Start `hailong` with these arguments; the child must call `watch_parent`.

    It is in a process group of its own, so that Ctrl-C in a terminal reaches only the parent, which decides. It stays
    in the parent's session, because Linux weighs priorities within a session only.
    """
    command = [sys.executable, "-m", "survey", *arguments]
    return subprocess.Popen(command, stdin=subprocess.PIPE, process_group=0)  # noqa: S603 - nothing that a visitor sent


def run(*arguments: str) -> int:
    """Run `hailong` with these arguments to its end and return its exit code; it goes with us if we are ended."""
    process = start(*arguments)
    try:
        return process.wait()
    finally:
        end(process, GRACE_SECONDS)


def start_module(module: str) -> Child:
    """Start a module that reads requests from its standard input, until that ends, and writes replies."""
    command = [sys.executable, "-m", module]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, process_group=0)  # noqa: S603 - a module of ours
    if process.stdin is None or process.stdout is None:
        raise OSError("a process was started without the pipes that were asked for")
    return Child(process, process.stdin, process.stdout)


def end(process: subprocess.Popen[bytes], grace_seconds: float) -> None:
    """End a child, gently if it heeds that in time."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(grace_seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(BrokenPipeError):  # something was still to be written to it
                pipe.close()


def watch_parent(gone: Callable[[], object]) -> None:
    """Call `gone` once the parent has ended: then nobody holds the other end of the standard input any more."""

    def wait() -> None:
        while os.read(0, 1024):
            pass
        gone()

    threading.Thread(target=wait, daemon=True).start()


def end_with_parent() -> None:
    """End this process at once when the one that spawned it has ended, however that came about.

    A server that is killed would leave its processes behind, which hold its port and serve on.
    """
    parent = multiprocessing.parent_process()
    if parent is not None:

        def wait() -> None:
            parent.join()
            os._exit(1)

        threading.Thread(target=wait, daemon=True).start()


def step_back(by: int = LOW_PRIORITY) -> None:
    """Let everybody who waits for a page go first."""
    os.nice(by)
