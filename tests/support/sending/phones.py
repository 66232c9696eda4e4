"""A real HTTP gateway on this machine, as gateways are: slow, dead, doubling, or honouring keys."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.support.sending.loopback import Loopback

Behaviour = str | tuple[int, dict[str, str], str]


class PhoneGateway(Loopback):
    """`replies` is what to do with the next requests, then `otherwise`.

    "deliver", "dead" (never answers), "dead after" it has delivered, "close", "drip" (one byte now and then), "lose"
    (delivers and hangs up without a word), "break" (breaks off inside its reply), or a status, headers and a body.
    """

    path = "/messages"

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[tuple[str, dict[str, str], Any]] = []
        self.delivered: Counter[str] = Counter()  # what a phone shows, by key
        self.honours = True
        self.replies: list[Behaviour] = []
        self.otherwise: Behaviour = "deliver"
        self.guard = threading.Lock()

    def saying(self, words: str) -> int:
        """Count the requests that say these words."""
        return sum(words in str(body) for _path, _headers, body in self.requests)

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        body = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        key = handler.headers["Idempotency-Key"]
        with self.guard:
            self.requests.append((handler.path, dict(handler.headers), body))
            behaviour = self.replies.pop(0) if self.replies else self.otherwise
            if behaviour in ("deliver", "lose", "dead after", "break", "drip") and not (
                self.honours and self.delivered[key]
            ):
                self.delivered[key] += 1
        if isinstance(behaviour, tuple):
            self._reply(handler, *behaviour)
        elif behaviour == "deliver":
            self._reply(handler, 200, {}, '{"error": 0}')
        elif behaviour in ("dead", "dead after"):
            self.stop.wait(60)
        elif behaviour == "drip":
            while not self.stop.is_set():
                handler.wfile.write(b"H" if not getattr(handler, "dripped", 0) else b"T")
                handler.dripped = 1  # type: ignore[attr-defined]
                time.sleep(0.05)
        elif behaviour == "break":
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{")
        handler.close_connection = True

    def _reply(self, handler: BaseHTTPRequestHandler, status: int, headers: dict[str, str], body: str) -> None:
        handler.send_response(status)
        for name, value in ({"Content-Length": str(len(body.encode()))} | headers).items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body.encode())
