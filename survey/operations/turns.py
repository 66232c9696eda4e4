"""Requests take turns: few at a time are worked on, and whoever waits for the rest of a form has no turn meanwhile.

More threads at work than turns only fight for the interpreter, but a thread that waits for a slow sender costs
next to nothing. So the server has many threads, and the application few turns: connections that announce a body and
never finish it hold up nobody until there are as many of them as threads. A proxy in front ends them after seconds.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from wsgiref.types import InputStream, StartResponse, WSGIApplication, WSGIEnvironment


class AwaitedBody:
    """What a request sends, read without keeping the turn."""

    def __init__(self, body: InputStream, turns: threading.Semaphore) -> None:
        """Read `body`, and give back one of `turns` while nothing comes."""
        self._body, self._turns = body, turns

    @contextmanager
    def _waiting(self) -> Iterator[InputStream]:
        self._turns.release()
        try:
            yield self._body
        finally:
            self._turns.acquire()

    def read(self, size: int = -1) -> bytes:
        """Read up to `size` bytes, all there are to come if it is negative."""
        with self._waiting() as body:
            return body.read(size)

    def readline(self, size: int = -1) -> bytes:
        """Read one line, no more than `size` bytes of it."""
        with self._waiting() as body:
            return body.readline(size)

    def readlines(self, hint: int = -1) -> list[bytes]:
        """Read all lines."""
        with self._waiting() as body:
            return body.readlines(hint)

    def __iter__(self) -> Iterator[bytes]:
        """Read line by line."""
        while line := self.readline():
            yield line


class TakingTurns:
    """A WSGI application of which only so many requests are worked on at once."""

    def __init__(self, application: WSGIApplication, turns: int, at_once: frozenset[str] = frozenset()) -> None:
        """Let `turns` requests be worked on; the paths of `at_once` wait for nothing, so they need no turn."""
        self._application, self._at_once = application, at_once
        self._turns = threading.Semaphore(turns)

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        if environ.get("PATH_INFO") in self._at_once:
            return self._application(environ, start)
        environ["wsgi.input"] = AwaitedBody(environ["wsgi.input"], self._turns)
        with self._turns:
            parts = self._application(environ, start)
            try:
                return [b"".join(parts)]  # here, not in the server's hands: what it is made of needs the turn, too
            finally:
                if callable(close := getattr(parts, "close", None)):
                    close()
