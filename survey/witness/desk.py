"""Serve a witness over HTTP: POST /add-checkpoint, and what it signed last (c2sp.org/tlog-witness)."""

from __future__ import annotations

import http.server
import re
import socket
import socketserver
import ssl
import threading
import time
from pathlib import Path
from typing import Any

from .signing import Refusal, Witness

MOST_BYTES = 65_536  # a request is far shorter
MOST_AT_ONCE = 64
SECONDS = 10  # that a peer may keep us waiting
_PLACE = re.compile(r"/([0-9a-f]{64})/checkpoint")
_PLAIN = "text/plain; charset=utf-8"


class WitnessHandler(http.server.BaseHTTPRequestHandler):
    """Answers one peer after the other on its line."""

    protocol_version, timeout = "HTTP/1.1", SECONDS
    server: Office

    def do_POST(self) -> None:
        """Sign a checkpoint, or say why not."""
        length = self.headers.get("Content-Length", "")
        if not re.fullmatch(r"[0-9]{1,6}", length) or int(length) > MOST_BYTES:
            self.close_connection = True
            self._reply(413, "too long, or of no stated length\n")
            return
        body = self.rfile.read(int(length))
        if self.path != "/add-checkpoint":
            self._reply(404, "only /add-checkpoint\n")
            return
        outcome = self.server.witness.add_checkpoint(body, int(time.time()))
        if isinstance(outcome, Refusal):
            self._reply(outcome.status, outcome.body, outcome.kind)
        else:
            self._reply(200, outcome)

    def do_GET(self) -> None:
        """Show the newest checkpoint of a ledger, or the witness's public key."""
        place = _PLACE.fullmatch(self.path)
        note = self.server.witness.newest(place[1]) if place else None
        if self.path == "/":
            note = f"{self.server.witness.public}\n"
        self._reply(404 if note is None else 200, note or "nothing of that was signed\n")

    def version_string(self) -> str:
        """Return what the server is called: no version of anything."""
        return "witness"

    def _reply(self, status: int, body: str, kind: str = _PLAIN) -> None:
        raw = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)


class Office(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """A witness at an address; so many peers at once, and whoever comes then is turned away."""

    daemon_threads, request_queue_size = True, 2 * MOST_AT_ONCE

    def __init__(self, witness: Witness, host: str, port: int, certificate: tuple[Path, Path] | None = None) -> None:
        self.witness, self._places = witness, threading.BoundedSemaphore(MOST_AT_ONCE)
        if ":" in host:
            self.address_family = socket.AF_INET6
        super().__init__((host, port), WitnessHandler)
        self._tls: ssl.SSLContext | None = None
        if certificate is not None:
            self._tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            self._tls.load_cert_chain(*certificate)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Give a peer a thread of its own, if one is free."""
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Greet the peer, in its own thread: nobody else waits for it."""
        try:
            request.settimeout(SECONDS)
            if self._tls is not None:
                request = self._tls.wrap_socket(request, server_side=True)
            super().process_request_thread(request, client_address)
        except OSError:
            self.shutdown_request(request)
        finally:
            self._places.release()
