"""What a phone loads: bytes and requests of the citizen's page, counted at a running server."""

from __future__ import annotations

import http.client
from contextlib import closing

from tests.support import browser

HARD_BYTES, GOAL_BYTES = 14_600, 6_000


def page(port: int, path: str) -> None:
    """Print the bytes of the page in both languages, headers included, and how many requests a browser makes."""
    for language in ("vi", "en"):
        print(
            f"page ({language}): {_bytes(port, path, language, 'gzip'):,} B packed, headers included"
            f" (at most {HARD_BYTES:,}; goal {GOAL_BYTES:,}), {_bytes(port, path, language, 'identity'):,} B unpacked"
        )
    alone, deferred = _requests(port, path, scripts=False), _requests(port, path, scripts=True)
    print(f"requests: {alone} to be used (at most 1); {deferred} with the deferred scripts of the offline queue")


def _bytes(port: int, path: str, language: str, encoding: str) -> int:
    with closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
        connection.request("GET", path, headers={"Accept-Encoding": encoding, "Cookie": f"lang={language}"})
        with connection.getresponse() as reply:
            head = len(f"HTTP/1.1 {reply.status} {reply.reason}\r\n\r\n")
            head += sum(len(name) + len(value) + len(": \r\n") for name, value in reply.getheaders())
            return head + len(reply.read())


def _requests(port: int, path: str, scripts: bool) -> int:
    asked: list[str] = []
    with (
        browser.launched() as chromium,
        chromium.new_context(java_script_enabled=scripts, viewport={"width": 360, "height": 740}) as context,
    ):
        opened = context.new_page()
        opened.on("request", lambda request: asked.append(request.url))
        opened.goto(f"http://127.0.0.1:{port}{path}", wait_until="networkidle")
    return sum(not url.startswith("data:") for url in asked)
