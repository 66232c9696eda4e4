"""Requests take turns: few at a time are worked on, and whoever waits for the rest of a form has no turn meanwhile.

More threads at work than turns only fight for the interpreter, but a thread that waits for a slow sender costs
next to nothing. So the server has many threads, and the application few turns: connections that announce a body and
never finish it hold up nobody until there are as many of them as threads. A proxy in front ends them after seconds.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from survey.db.turn import giving_way, having

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from wsgiref.types import InputStream, StartResponse, WSGIApplication, WSGIEnvironment


class AwaitedBody:
    """What a request sends, read without keeping the turn."""

    def __init__(self, body: InputStream) -> None:
        """Read `body`, and give way while nothing comes."""
        self._body = body

    def read(self, size: int = -1) -> bytes:
        """Read up to `size` bytes, all there are to come if it is negative."""
        with giving_way():
            return self._body.read(size)

    def readline(self, size: int = -1) -> bytes:
        """Read one line, no more than `size` bytes of it."""
        with giving_way():
            return self._body.readline(size)

    def readlines(self, hint: int = -1) -> list[bytes]:
        """Read all lines."""
        with giving_way():
            return self._body.readlines(hint)

    def __iter__(self) -> Iterator[bytes]:
        """Read line by line."""
        while line := self.readline():
            yield line


class TakingTurns:
    """A WSGI application of which only so many requests are worked on at once."""

    def __init__(
        self,
        application: WSGIApplication,
        turns: int,
        apart: frozenset[str] = frozenset(),
        turns_apart: int = 1,
        at_once: frozenset[str] = frozenset(),
    ) -> None:
        """Let `turns` requests be worked on, besides `turns_apart` whose addresses begin with a part of `apart`.

        So figures that take long never have the turn of somebody who answers. The paths of `at_once` wait for nothing,
        so they need no turn.
        """
        self._application, self._apart, self._at_once = application, apart, at_once
        self._turns, self._turns_apart = threading.Semaphore(turns), threading.Semaphore(turns_apart)

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        path = environ.get("PATH_INFO", "")
        if path in self._at_once:
            return self._application(environ, start)
        apart = path.lstrip("/").partition("/")[0] in self._apart
        environ["wsgi.input"] = AwaitedBody(environ["wsgi.input"])
        with having(self._turns_apart if apart else self._turns):
            parts = self._application(environ, start)
            try:
                return [b"".join(parts)]  # here, not in the server's hands: what it is made of needs the turn, too
            finally:
                if callable(close := getattr(parts, "close", None)):
                    close()
