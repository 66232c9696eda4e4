"""A real receiver of webhooks on this machine, with the faults that receivers have."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler

from tests.support.sending.loopback import Loopback


class Receiver(Loopback):
    """`replies` is what to do with the next requests, then 200.

    A status, "close", "dead" (never answers), or "elsewhere" (a redirect).
    """

    path = "/hailong"

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[tuple[str, dict[str, str], bytes]] = []
        self.replies: list[int | str] = []

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        self.taken.append((handler.path, dict(handler.headers), body))
        reply = self.replies.pop(0) if self.replies else 200
        handler.close_connection = True
        if reply == "dead":
            self.stop.wait(60)
        if isinstance(reply, int) or reply == "elsewhere":
            handler.send_response(reply if isinstance(reply, int) else 307)
            if reply == "elsewhere":
                handler.send_header("Location", "/elsewhere")
            handler.send_header("Content-Length", "0")
            handler.end_headers()
