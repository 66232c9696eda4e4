"""What was used last is kept, no more than so many, and made once as long as it is."""

from __future__ import annotations

import collections
import threading

from hypothesis import given
from hypothesis import strategies as st

from survey.web.bounded_cache import BoundedCache


class Few(BoundedCache[str]):
    """At most three texts."""

    most = 3


@given(st.lists(st.integers(0, 6), max_size=60))
def test_it_keeps_what_was_used_last_like_a_simple_list_does(keys: list[int]) -> None:
    cache, newest, expected = Few(), collections.deque[int](maxlen=Few.most), 0
    produced: list[int] = []
    for key in keys:

        def make(key: int = key) -> str:
            produced.append(key)
            return str(key)

        assert cache.get(key, make) == str(key)
        expected += key not in newest
        if key in newest:
            newest.remove(key)
        newest.append(key)
        assert len(produced) == expected and len(cache) == len(newest)
    cache.clear()
    assert len(cache) == 0


def test_nobody_waits_while_another_value_is_made() -> None:
    cache, begun, finished = Few(), threading.Event(), threading.Event()

    def slow() -> str:
        begun.set()
        assert finished.wait(20)
        return "slow"

    thread = threading.Thread(target=cache.get, args=("slow", slow))
    thread.start()
    assert begun.wait(20)
    assert cache.get("quick", lambda: "quick") == "quick"
    finished.set()
    thread.join(20)
    assert cache.get("slow", lambda: "again") == "slow"
