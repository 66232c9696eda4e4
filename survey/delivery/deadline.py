"""A clock over a whole exchange: a peer that sends one byte now and then cannot keep us for ever."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


@contextmanager
def deadline(seconds: float, line: Callable[[], socket.socket | None]) -> Iterator[None]:
    """Shut the line when the time is over; whoever reads from it then meets its end."""

    def ring() -> None:
        if (held := line()) is not None:
            with suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)

    clock = threading.Timer(seconds, ring)
    clock.daemon = True
    clock.start()
    try:
        yield
    finally:
        clock.cancel()
