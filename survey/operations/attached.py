"""Child processes that never outlive the one that started them, whichever way it ends."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable

LOW_PRIORITY = 10


def start(*arguments: str) -> subprocess.Popen[bytes]:
    """Start `hailong` with these arguments; the child must call `watch_parent`.

    It is in a process group of its own, so that Ctrl-C in a terminal reaches only the parent, which decides. It stays
    in the parent's session, because Linux weighs priorities within a session only.
    """
    return subprocess.Popen([sys.executable, "-m", "survey", *arguments], stdin=subprocess.PIPE, process_group=0)


def end(process: subprocess.Popen[bytes], grace_seconds: float) -> None:
    """End a child, gently if it heeds that in time."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(grace_seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process.stdin is not None:
        process.stdin.close()


def watch_parent(gone: Callable[[], object]) -> None:
    """Call `gone` once the parent has ended: then nobody holds the other end of the standard input any more."""

    def wait() -> None:
        while os.read(0, 1024):
            pass
        gone()

    threading.Thread(target=wait, daemon=True).start()


def step_back() -> None:
    """Let everybody who waits for a page go first."""
    os.nice(LOW_PRIORITY)
