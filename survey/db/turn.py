"""The turn to be worked on: whoever has one gives it to somebody else for as long as it only waits.

A process works on few requests at a time (`survey.operations.turns`). One that waits for its sender, or for a lock of
another process, would keep all others from being answered meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from queue import SimpleQueue


class Turns:
    """So many turns: a queue that is written in C, for a semaphore is Python and costs ten times as much."""

    def __init__(self, many: int) -> None:
        self._free: SimpleQueue[None] = SimpleQueue()
        for _ in range(many):
            self.release()

    def acquire(self) -> None:
        """Take a turn as soon as there is one."""
        self._free.get()

    def release(self) -> None:
        """Give a turn to whoever has waited longest."""
        self._free.put(None)


_in_hand: ContextVar[Turns | None] = ContextVar("turn", default=None)


@contextmanager
def having(turns: Turns) -> Iterator[None]:
    """Have one of these turns within a block."""
    turns.acquire()
    before = _in_hand.set(turns)
    try:
        yield
    finally:
        _in_hand.reset(before)
        turns.release()


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
