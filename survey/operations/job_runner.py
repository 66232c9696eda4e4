"""Do one claimed job in a process of its own, and see to it that it ends, one way or another.

The process takes its memory and the heavy libraries with it when it ends, and a native library that panics takes
nothing else down.
"""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable

from survey.db.engine import Database
from survey.logs import log
from survey.operations import child_processes, jobs
from survey.operations.jobs import Claim
from survey.periods import now

LONGEST_SECONDS = 1800.0  # minutes at most on an idle machine, but those who answer go first
LOOK_SECONDS = 0.2
RENEW_SECONDS = jobs.LEASE.total_seconds() / 4
GRACE_SECONDS = 5.0

Start = Callable[[Claim], subprocess.Popen[bytes]]


def start(claim: Claim) -> subprocess.Popen[bytes]:
    """Start the process that does a job."""
    return child_processes.start("job", str(claim.job_id), str(claim.attempt))


def run_next(database: Database, stop: threading.Event, start: Start = start) -> bool:
    """Do the job that has waited longest; return whether there was one to do."""
    with database.session(writes=False) as session:
        if not jobs.due(session, now()):
            return False
    with database.session(writes=True) as session:
        claim = jobs.claim(session, now())
        session.commit()
    if claim is None:
        return False
    began = time.monotonic()
    ended = _supervise(database, claim, stop, start)
    with database.session(writes=True) as session:
        # A process that did its work has recorded so itself, and none of these changes anything then.
        (jobs.give_back if ended is None else jobs.give_up)(session, claim, now())
        session.commit()
    log.info("job", state=ended, attempt=claim.attempt, seconds=round(time.monotonic() - began, 1))
    return True


def _supervise(database: Database, claim: Claim, stop: threading.Event, start: Start) -> int | None:
    """Wait for the process of a job; return its exit code, or nothing if it was stopped because we are to stop."""
    process = start(claim)
    began = renewed = time.monotonic()
    try:
        while (code := process.poll()) is None:
            if stop.wait(LOOK_SECONDS):
                return None
            at = time.monotonic()
            if at - began > LONGEST_SECONDS:
                return 1
            if at - renewed > RENEW_SECONDS:
                renewed = at
                if not _renew(database, claim):
                    return 1
        return code
    finally:
        child_processes.end(process, GRACE_SECONDS)


def _renew(database: Database, claim: Claim) -> bool:
    with database.session(writes=True) as session:
        ours = jobs.renew(session, claim, now())
        session.commit()
    return ours
