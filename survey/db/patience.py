"""How long whoever is at work waits for the database: for the answer to a statement, and for a lock of somebody else.

It is a matter of the one who waits, not of the statement: a citizen gets a page that says so after a few seconds, a
nightly import has time. One context variable says it, set once for each request.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Patience:
    """The longest waits, in seconds."""

    statement: float  # for the server to answer; beyond PostgreSQL's own limit it means that nobody is there
    lock: float  # until somebody else has done


CITIZEN = Patience(2.5, 2.5)  # with a second look at the server, 503 within five seconds
OFFICIAL = Patience(15.0, 2.5)  # figures of a whole province take a while; a lock costs a thread that citizens need
COMMAND = Patience(150.0, 15.0)
_in_force: ContextVar[Patience] = ContextVar("patience", default=COMMAND)


def patience() -> Patience:
    """Return how long to wait here and now."""
    return _in_force.get()


@contextmanager
def waiting_at_most(limits: Patience) -> Iterator[None]:
    """Wait no longer than these limits within a block."""
    before = _in_force.set(limits)
    try:
        yield
    finally:
        _in_force.reset(before)
