"""The way to a database server, which can fall silent or break every connection."""

from __future__ import annotations

import selectors
import socket
import threading
from contextlib import suppress
from pathlib import Path
from typing import Self

PIECE = 1 << 16


class Wire:
    """A socket in a folder of its own that passes everything on to another one."""

    def __init__(self, target: Path, folder: Path) -> None:
        self.folder, self._target = folder, target
        self._open, self._silent, self._broken = threading.Event(), threading.Event(), threading.Event()
        self._lines: list[socket.socket] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / target.name))
        self._listener.listen(64)

    def __enter__(self) -> Self:
        self._open.set()
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.clear()
        self._listener.close()
        self.break_all()

    def fall_silent(self) -> None:
        """Pass nothing on any more, in either direction, and close nothing."""
        self._silent.set()

    def break_all(self) -> None:
        """End every connection at once; new ones are ended, too."""
        self._broken.set()
        for line in self._lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """Be as before."""
        self._broken.clear()
        self._silent.clear()

    def _accept(self) -> None:
        while self._open.is_set():
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self._broken.is_set():
                near.close()
                continue
            threading.Thread(target=self._pass_on, args=(near,), daemon=True).start()

    def _pass_on(self, near: socket.socket) -> None:
        with near, socket.socket(socket.AF_UNIX) as far, selectors.DefaultSelector() as selector, suppress(OSError):
            far.connect(str(self._target))
            self._lines += [near, far]
            for one, other in ((near, far), (far, near)):
                selector.register(one, selectors.EVENT_READ, other)
            while self._open.is_set():
                if self._silent.is_set():
                    threading.Event().wait(0.02)
                    continue
                for key, _ in selector.select(0.1):
                    piece = key.fileobj.recv(PIECE)  # type: ignore[union-attr]  # only sockets are registered
                    if not piece:
                        return
                    key.data.sendall(piece)
