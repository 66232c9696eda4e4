"""Hands an application only requests that have arrived whole: who sends slowly, or never ends, holds up nobody.

The server reads bodies beside each other, however many, and the application sees a request once its body is there.
One that takes too long, or ends too early, is shorter than its Content-Length says: the application refuses it.
"""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication, WSGIEnvironment

PATIENCE_SECONDS = 10.0
LEAST_BYTES_PER_SECOND = 50_000  # of a long body, beyond the patience
LARGE_BYTES, MOST_LARGE = 1_000_000, 4  # they are held in memory: no more at once than a process can bear
WsgiReply = tuple[int, list[tuple[str, str]], bytes]


class WholeRequests:
    """A WSGI application as the server calls it: the body first, then a thread."""

    def __init__(
        self,
        application: WSGIApplication,
        threads: int,
        longest: Callable[[str], int],
        patience: float = PATIENCE_SECONDS,
        at_once: frozenset[str] = frozenset(),
    ) -> None:
        """Read bodies of at most `longest(path)` bytes: the application refuses a longer one by its head.

        The paths of `at_once` wait for nothing, so they need no thread: they are answered though all are taken.
        """
        self._at_once = at_once
        self._application, self._longest, self._patience = application, longest, patience
        self._large = asyncio.Semaphore(MOST_LARGE)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="request")

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Answer one request."""
        headers = scope.headers
        announced = headers.get("content-length") or ""
        length = int(announced) if announced.isascii() and announced.isdecimal() and len(announced) < 16 else 0
        body = await self._read(protocol, length) if 0 < length <= self._longest(scope.path) else b""
        environ = _environ(scope, headers, body)
        if scope.path in self._at_once:
            status, sent, content = self._answer(environ)
        else:
            loop = asyncio.get_running_loop()
            status, sent, content = await loop.run_in_executor(self._threads, self._answer, environ)
        if len(body) < length:
            sent.append(("connection", "close"))  # what is still to come is not waited for
        protocol.response_bytes(status, sent, content)

    async def _read(self, protocol: Any, length: int) -> bytes:
        """Return a body, or nothing if it does not come whole and in time; large ones wait for each other."""
        try:
            async with asyncio.timeout(self._patience + length / LEAST_BYTES_PER_SECOND):
                async with self._large if length > LARGE_BYTES else nullcontext():
                    return bytes(await protocol())
        except (TimeoutError, RuntimeError):  # RuntimeError: whoever sent it has gone
            return b""

    def _answer(self, environ: WSGIEnvironment) -> WsgiReply:
        head: list[tuple[str, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], _fault: Any = None) -> Any:
            head.append((status, headers))
            return lambda _content: None

        parts = self._application(environ, start)
        try:
            content = b"".join(parts)
        finally:
            if callable(close := getattr(parts, "close", None)):
                close()
        status, headers = head[-1]
        return int(status[:3]), list(headers), content


def _environ(scope: Any, headers: Any, body: bytes) -> WSGIEnvironment:
    host, _, port = scope.server.rpartition(":")
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": host.strip("[]"),
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    if scope.authority:
        environ["HTTP_HOST"] = scope.authority
    for name, value in headers.items():
        name = name.upper().replace("-", "_")
        name = name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"
        before = environ.get(name)
        environ[name] = value if before is None else f"{before}{'; ' if name == 'HTTP_COOKIE' else ','}{value}"
    return environ
