"""A cache that keeps what was used last and no more than so many, whichever threads ask."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import ClassVar, Generic, TypeVar

Cached = TypeVar("Cached")


class BoundedCache(Generic[Cached]):
    """Values by what they depend on; each kind of value has a subclass that says how many are kept."""

    most: ClassVar[int]

    def __init__(self) -> None:
        self._values: OrderedDict[Hashable, Cached] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Return how many are kept."""
        return len(self._values)

    def get(self, key: Hashable, make: Callable[[], Cached]) -> Cached:
        """Return the value of a key, made now if it is not kept.

        Nobody waits while it is made: two who ask at once may make it twice, and what was made last is kept.
        """
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        value = make()
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            while len(self._values) > self.most:
                self._values.popitem(last=False)
        return value

    def clear(self) -> None:
        """Keep nothing."""
        with self._lock:
            self._values.clear()
