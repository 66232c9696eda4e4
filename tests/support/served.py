"""An application behind a real socket of this process, for as long as a test needs it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server


class Silent(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Keep the test's output to what went wrong."""


@contextmanager
def served(app: Flask, port: int = 0) -> Iterator[str]:
    """Serve on a port of the loopback address, a free one if none is named; yield its address."""
    with make_server("127.0.0.1", port, app, threaded=True, request_handler=Silent) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.port}"
        finally:
            server.shutdown()
            thread.join()
