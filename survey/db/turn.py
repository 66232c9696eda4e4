"""The turn to be worked on: whoever has one gives it to somebody else for as long as it only waits.

A process works on few requests at a time (`survey.operations.turns`). One that waits for its sender, or for a lock of
another process, would keep all others from being answered meanwhile.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_in_hand: ContextVar[threading.Semaphore | None] = ContextVar("turn", default=None)


@contextmanager
def having(turns: threading.Semaphore) -> Iterator[None]:
    """Have one of these turns within a block."""
    with turns:
        before = _in_hand.set(turns)
        try:
            yield
        finally:
            _in_hand.reset(before)


@contextmanager
def giving_way() -> Iterator[None]:
    """Wait for something within a block, without the turn that one may have; such blocks are not nested."""
    turns = _in_hand.get()
    if turns is not None:
        turns.release()
    try:
        yield
    finally:
        if turns is not None:
            turns.acquire()
