"""People who open the page, choose an answer and send it, over real connections."""

from __future__ import annotations

import http.client
import re
import threading
from contextlib import closing
from dataclasses import dataclass, field
from urllib.parse import urlencode

FIELD = re.compile(r'name="(key|csrf_token|lang)" value="([^"]*)"')
RECEIPT = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){3}\b")


class NotAcknowledged(Exception):
    """The reply did not come, or was not a receipt; the person will try again."""


@dataclass
class Sheet:
    """What one person holds in their hands: the page that was opened and the answer chosen."""

    path: str
    rating: int
    fields: dict[str, str] = field(default_factory=dict)
    receipts: list[str] = field(default_factory=list)


def request(port: int, method: str, path: str, body: str | None = None) -> tuple[int, str]:
    """Make one request on a connection of its own."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
    try:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
            connection.request(method, path, body, headers)
            with connection.getresponse() as reply:
                return reply.status, reply.read().decode("utf-8")
    except (OSError, http.client.HTTPException) as error:
        raise NotAcknowledged from error


def open_page(port: int, sheet: Sheet) -> None:
    """Open the page and remember what it carries."""
    status, page = request(port, "GET", sheet.path)
    if status != 200:
        raise NotAcknowledged(f"{status}")
    sheet.fields = dict(FIELD.findall(page))


def send(port: int, sheet: Sheet) -> str:
    """Send the answer and return the receipt that the thank-you page shows."""
    status, page = request(port, "POST", sheet.path, urlencode({**sheet.fields, "S1": str(sheet.rating)}))
    found = RECEIPT.findall(page)
    if status != 200 or not found:
        raise NotAcknowledged(f"{status}")
    sheet.receipts.append(found[0])
    return str(found[0])


def crowd(port: int, sheets: list[Sheet], stop: threading.Event, people: int = 8) -> list[threading.Thread]:
    """Let several people work through the sheets until they are done or the server is gone."""
    waiting = list(reversed(sheets))

    def work() -> None:
        while not stop.is_set():
            try:
                sheet = waiting.pop()
            except IndexError:
                return
            try:
                if not sheet.fields:
                    open_page(port, sheet)
                send(port, sheet)
            except NotAcknowledged:
                continue

    threads = [threading.Thread(target=work) for _ in range(people)]
    for thread in threads:
        thread.start()
    return threads
