"""A turn is given away for as long as its holder waits, and had again before the holder goes on."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from survey.db import slices
from survey.db.engine import Database, Lock, exclusively
from survey.db.turn import giving_way, having


def free(turns: threading.Semaphore) -> bool:
    """Return whether somebody else could have a turn just now."""
    if taken := turns.acquire(blocking=False):
        turns.release()
    return taken


def test_whoever_waits_gives_the_turn_away_and_takes_it_back() -> None:
    turns = threading.Semaphore(1)
    with having(turns):
        assert not free(turns)
        with giving_way():
            assert free(turns)
        assert not free(turns)
        with pytest.raises(TimeoutError), giving_way():
            raise TimeoutError
        assert not free(turns), "though waiting failed"
    assert turns.acquire(blocking=False)
    assert not free(turns), "one turn has not become two"


def test_who_has_no_turn_gives_none_away() -> None:
    turns = threading.Semaphore(1)
    with having(turns):
        pass
    with giving_way():
        assert free(turns)
    turns.acquire()
    assert not free(turns)


def test_who_waits_for_a_lock_of_somebody_else_has_no_turn_meanwhile(store: Database) -> None:
    turns, begun = threading.Semaphore(1), threading.Event()

    def write() -> bool:
        with having(turns), store.session(writes=True) as writer:
            begun.set()
            exclusively(writer, Lock.FEED)
            writer.execute(sa.text("SELECT 1"))
            return free(turns)

    with ThreadPoolExecutor(1) as apart:
        with store.session(writes=True) as other:
            exclusively(other, Lock.FEED)
            other.execute(sa.text("SELECT 1"))
            waiting = apart.submit(write)
            assert begun.wait(10)
            given_away = turns.acquire(timeout=10)
            if given_away:
                turns.release()
        assert given_away
        assert not waiting.result(10), "it writes with its turn"


def test_who_leaves_time_to_others_leaves_them_the_turn_too(monkeypatch: pytest.MonkeyPatch) -> None:
    turns, seen = threading.Semaphore(1), list[bool]()
    monkeypatch.setattr(slices.time, "sleep", lambda _seconds: seen.append(free(turns)))
    with having(turns):
        with slices.sharing_time():
            assert not free(turns)
        assert not free(turns)
    assert seen == [True]
