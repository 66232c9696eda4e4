"""Make the backup that is due in a process of its own, which gives way to those who answer."""

from __future__ import annotations

import signal
import threading
import time

from survey.logs import log
from survey.operations import backups, child_processes
from survey.periods import now
from survey.settings import Settings

LOOK_SECONDS = 0.2
GRACE_SECONDS = 5.0


def run_due(settings: Settings, stop: threading.Event) -> None:
    """Make a backup if one is due, until it is done or we are to stop; a failure is logged, and doctor tells of it."""
    if not backups.due(settings, now()):
        return
    began, process = time.monotonic(), child_processes.start("backup", "--attached")
    try:
        while (code := process.poll()) is None and not stop.wait(LOOK_SECONDS):
            pass
    finally:
        child_processes.end(process, GRACE_SECONDS)
    if code is not None:
        (log.error if code else log.info)("backup", state=code, seconds=round(time.monotonic() - began, 1))


def attach() -> None:
    """Let this process end with its parent, gently: what lies beside the database is removed before."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    child_processes.watch_parent(lambda: signal.raise_signal(signal.SIGTERM))
    child_processes.step_back()
