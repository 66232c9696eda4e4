"""A real receiver of webhooks on this machine, with the faults that receivers have."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler

from tests.support.sending.loopback import Loopback


class Receiver(Loopback):
    """`said` is what to do with the next requests, then 200: a status, "close", "dead", or "elsewhere" (a redirect)."""

    path = "/hailong"

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[tuple[str, dict[str, str], bytes]] = []
        self.said: list[int | str] = []

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        self.taken.append((handler.path, dict(handler.headers), body))
        said = self.said.pop(0) if self.said else 200
        handler.close_connection = True
        if said == "dead":
            self.stop.wait(60)
        if isinstance(said, int) or said == "elsewhere":
            handler.send_response(said if isinstance(said, int) else 307)
            if said == "elsewhere":
                handler.send_header("Location", "/elsewhere")
            handler.send_header("Content-Length", "0")
            handler.end_headers()
