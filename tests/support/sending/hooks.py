"""A real receiver of webhooks on this machine, with the faults that receivers have."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

from survey.models import State
from tests.support.sending.loopback import Loopback

START = dt.datetime(2026, 10, 30, 5, tzinfo=dt.UTC)  # when the webhook was added
Tell = Callable[..., dict[State, int]]  # what the fixture of that name gives


class Receiver(Loopback):
    """`replies` is what to do with the next requests, then 200.

    A status, a status with headers, "close", "dead" (never answers), or "elsewhere" (a redirect).
    """

    path = "/hailong"

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[tuple[str, dict[str, str], bytes]] = []
        self.replies: list[int | str | tuple[int, dict[str, str]]] = []

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        self.taken.append((handler.path, dict(handler.headers), body))
        reply = self.replies.pop(0) if self.replies else 200
        handler.close_connection = True
        if reply == "dead":
            self.stop.wait(60)
        if reply == "elsewhere":
            reply = 307, {"Location": "/elsewhere"}
        if isinstance(reply, int):
            reply = reply, {}
        if isinstance(reply, tuple):
            handler.send_response(reply[0])
            for name, value in ({"Content-Length": "0"} | reply[1]).items():
                handler.send_header(name, value)
            handler.end_headers()
