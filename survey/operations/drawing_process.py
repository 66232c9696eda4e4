"""The native engine that sets posters, in a process of its own beside each process that serves pages.

What it holds, or where it panics, is its process's end and nobody else's. It starts at the first drawing, ends
after a rest or after many drawings, and draws one thing at a time: that is the bound. One request and one reply are a
line of JSON each.
"""

from __future__ import annotations

import atexit
import base64
import json
import os
import selectors
import signal
import sys
import threading
import time

from survey.operations import child_processes

LONGEST_SECONDS = 120.0  # a busy machine needs many times the second or two of an idle one
REST_SECONDS = 60.0
MOST_DRAWINGS = 500
GRACE_SECONDS = 1.0
PRIORITY = 5  # somebody waits for the poster, but those who answer go first


class NotDrawn(Exception):
    """The engine has refused what it was given, or has died of it."""


class DrawingProcess:
    """The drawing process of this process; any number of threads may use it."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._child: child_processes.Child | None = None
        self._drawn = 0
        self._used_at = 0.0

    def poster(self, data: str) -> bytes:
        """Return a set poster as PDF.

        Raises:
            NotDrawn: the engine cannot set it.
        """
        return base64.b64decode(self._ask(data))

    def close(self) -> None:
        """End the process; the next drawing starts another."""
        with self._turn:
            self._end()

    @property
    def pid(self) -> int | None:
        """Return the number of the process, if there is one."""
        return self._child.process.pid if self._child else None

    def _ask(self, data: str) -> str:
        with self._turn:
            child = self._started()
            try:
                child.requests.write(json.dumps(data).encode() + b"\n")
                child.requests.flush()
                reply = json.loads(_line(child.replies.fileno(), LONGEST_SECONDS))
            except (OSError, EOFError, TimeoutError, ValueError) as error:
                self._end()
                raise NotDrawn(type(error).__name__) from error
            self._drawn += 1
            self._used_at = time.monotonic()
            if self._drawn >= MOST_DRAWINGS:
                self._end()
        if "drawn" not in reply:
            raise NotDrawn(reply["fault"])
        return str(reply["drawn"])

    def _started(self) -> child_processes.Child:
        if self._child is None or self._child.process.poll() is not None:
            self._end()
            self._child = child_processes.start_module("survey.operations.drawing_process")
            self._used_at = time.monotonic()
            threading.Thread(target=self._rest, args=(self._child,), daemon=True).start()
        return self._child

    def _rest(self, child: child_processes.Child) -> None:
        """End a process that nobody has used for a while."""
        while child.process.poll() is None:
            time.sleep(REST_SECONDS / 4)
            with self._turn:
                if self._child is not child:
                    return
                if time.monotonic() - self._used_at > REST_SECONDS:
                    self._end()

    def _end(self) -> None:
        if self._child is not None:
            child_processes.end(self._child.process, GRACE_SECONDS)
        self._child, self._drawn = None, 0


drawing_process = DrawingProcess()
atexit.register(drawing_process.close)


def _line(pipe: int, seconds: float) -> bytes:
    """Read one line, for so long at most."""
    until, line = time.monotonic() + seconds, bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while not line.endswith(b"\n"):
            if not selector.select(max(0.0, until - time.monotonic())):
                raise TimeoutError
            if not (part := os.read(pipe, 1 << 16)):
                raise EOFError
            line += part
    return bytes(line)


def main() -> None:
    """Draw what the standard input asks for, until it ends."""
    child_processes.step_back(PRIORITY)
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what an engine prints must not stand between the replies
    from survey.collection.posters import typst_pdf

    for line in sys.stdin.buffer:
        signal.alarm(round(2 * LONGEST_SECONDS))  # ends it even inside an engine, if nobody is there to do so
        try:
            reply = {"drawn": base64.b64encode(typst_pdf.typeset(json.loads(line))).decode()}
        except Exception as error:
            reply = {"fault": type(error).__name__}
        signal.alarm(0)
        replies.write(json.dumps(reply).encode() + b"\n")
        replies.flush()


if __name__ == "__main__":
    main()
