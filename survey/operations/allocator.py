"""How much freed memory glibc keeps: too much for processes of several threads that hash passwords."""

from __future__ import annotations

import ctypes
from contextlib import suppress

M_TRIM_THRESHOLD, M_ARENA_MAX = -1, -8  # of glibc's malloc.h
MOST_KEPT = 1 << 20
MOST_ARENAS = 2


def keep_little() -> None:
    """Give freed memory back to the system; a process calls this before it starts threads.

    Left alone, glibc takes the first 19 MiB that a password's hash has used and freed as the measure of what to keep
    from then on, twice as much, and keeps it for each thread.
    """
    with suppress(AttributeError, OSError):  # another C library keeps none, and has no such function
        libc = ctypes.CDLL(None)
        libc.mallopt(M_TRIM_THRESHOLD, MOST_KEPT)
        libc.mallopt(M_ARENA_MAX, MOST_ARENAS)
