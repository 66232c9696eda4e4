"""People who send their answer again until it is acknowledged, and look at every reply that is no receipt."""

from __future__ import annotations

import http.client
import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode

from tests.support.faults.people import FIELD, RECEIPT, Sheet

REST = 0.25  # seconds after which a person tries again; our page asks for ten
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class Crowd:
    """What people who answer one placement have seen so far."""

    port: int
    path: str
    sheets: list[Sheet] = field(default_factory=list)
    acknowledged: list[tuple[float, Sheet]] = field(default_factory=list)  # with the moment
    refused: int = 0  # honest pages: 503, when to try again, and all that was typed
    slowest: float = 0.0  # reply, in seconds
    dishonest: list[str] = field(default_factory=list)  # any other reply

    def _ask(self, method: str, body: str | None, typed: str) -> str:
        """Make one request; return the page if it is what was asked for, or nothing."""
        began = time.monotonic()
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
                connection.request(method, self.path, body, FORM if body else {})
                with connection.getresponse() as reply:
                    status, later, page = reply.status, reply.headers["Retry-After"], reply.read().decode()
        except (OSError, http.client.HTTPException) as error:
            self.dishonest.append(repr(error))
            return ""
        self.slowest = max(self.slowest, time.monotonic() - began)
        if status == 200:
            return page
        if (status, later) == (503, "10") and typed in page and ('name="key"' in page or body is None):
            self.refused += 1
        else:
            self.dishonest.append(f"{method} {status} {later} {page[:2000]}")
        return ""

    def open(self, sheet: Sheet) -> bool:
        """Open a page; say whether it came."""
        sheet.fields = dict(FIELD.findall(self._ask("GET", None, "")))
        return bool(sheet.fields)

    def send(self, sheet: Sheet, typed: str = "") -> bool:
        """Send an answer and what was typed; say whether it was acknowledged."""
        answers = {"S1": str(sheet.rating)} | ({"S8": typed} if typed else {})
        receipts = RECEIPT.findall(self._ask("POST", urlencode({**sheet.fields, **answers}), typed))
        if receipts:
            sheet.receipts.append(receipts[0])
            self.acknowledged.append((time.monotonic(), sheet))
        return bool(receipts)

    def answer(self, stop: threading.Event, numbers: Iterator[int]) -> None:
        """Answer one sheet after the other until told to stop; who is asked to come again does, with the same page."""
        while not stop.is_set():
            number = next(numbers)
            sheet, typed = Sheet(self.path, number % 5 + 1), f"Chờ lâu {number}" if number % 5 < 2 else ""
            while not self.open(sheet):
                if stop.wait(REST):
                    return
            self.sheets.append(sheet)
            while not self.send(sheet, typed):
                time.sleep(REST)

    def wait(self, answers: int = 0, refusals: int = 0) -> None:
        """Wait until so many more answers have been acknowledged, and so many people asked to come again."""
        enough, until = (len(self.acknowledged) + answers, self.refused + refusals), time.monotonic() + 120
        while len(self.acknowledged) < enough[0] or self.refused < enough[1]:
            assert time.monotonic() < until, self
            time.sleep(0.01)

    def first_after(self, moment: float) -> float:
        """Return how many seconds after a moment the first answer was acknowledged."""
        return min(when for when, _ in self.acknowledged if when > moment) - moment


@contextmanager
def answering(crowd: Crowd, people: int = 8) -> Iterator[Crowd]:
    """Let people answer within a block; at its end each sheet that was opened has been acknowledged."""
    stop, numbers = threading.Event(), itertools.count()
    threads = [threading.Thread(target=crowd.answer, args=(stop, numbers), daemon=True) for _ in range(people)]
    for thread in threads:
        thread.start()
    try:
        yield crowd
    finally:
        stop.set()
        for thread in threads:
            thread.join(120)
    assert not any(thread.is_alive() for thread in threads), "somebody's answer was never taken"
