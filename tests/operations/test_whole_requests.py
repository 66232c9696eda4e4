"""What needs no thread is answered though all threads wait for a database."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

from survey.operations.whole_requests import WholeRequests


def test_a_path_that_waits_for_nothing_is_answered_while_every_thread_waits() -> None:
    release, waiting = threading.Event(), threading.Event()

    def application(environ: dict[str, Any], start: Any) -> list[bytes]:
        if environ["PATH_INFO"] == "/slow":
            waiting.set()
            release.wait(10)
        start("200 OK", [])
        return [b"ok"]

    server = WholeRequests(application, 1, lambda _path: 0, at_once=frozenset({"/healthz"}))
    order: list[str] = []

    async def ask(path: str) -> None:
        scope = SimpleNamespace(headers={}, path=path, method="GET", query_string="", server="127.0.0.1:80")
        scope.__dict__.update(http_version="1.1", client="127.0.0.1:9", scheme="http", authority=None)
        await server.__rsgi__(scope, SimpleNamespace(response_bytes=lambda *_: order.append(path)))

    async def both() -> None:
        slow = asyncio.create_task(ask("/slow"))
        await asyncio.to_thread(waiting.wait, 10)
        await ask("/healthz")
        release.set()
        await slow

    with ThreadPoolExecutor(1) as apart:  # a browser of other tests has a loop running in this thread
        apart.submit(asyncio.run, both()).result()
    assert order == ["/healthz", "/slow"]
