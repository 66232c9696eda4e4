"""What a piece of work costs: processor time of this program and of its database server, and the best time of a clock.

On a machine that others use, too, only processor time can be compared; the clock also tells what is waited for.
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from survey.db.engine import Database

LONG_SECONDS = 3.0  # what takes longer is not done again


@dataclass(frozen=True)
class Cost:
    """Seconds of a processor and of a clock."""

    processor: float
    clock: float

    def __str__(self) -> str:
        return f"{self.processor * 1000:8.0f} ms processor {self.clock * 1000:8.0f} ms clock"


class Meter:
    """Measures work on one database; a server's processes are those below its first one."""

    def __init__(self, database: Database) -> None:
        self._server: Path | None = None
        if database.url.get_backend_name() == "postgresql":
            with database.engine.connect() as connection:
                own = connection.scalar(sa.text("SELECT pg_backend_pid()"))
            parent = Path(f"/proc/{own}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[1]
            self._server = Path(f"/proc/{parent}")

    def least(self, work: Callable[[], object], times: int = 5) -> Cost:
        """Return the least that a piece of work costs, of several times: of each kind by itself."""
        every = [self.once(work)]
        while len(every) < times and every[0].clock < LONG_SECONDS:
            every.append(self.once(work))
        return Cost(min(one.processor for one in every), min(one.clock for one in every))

    def once(self, work: Callable[[], object]) -> Cost:
        """Return what it costs to do it now."""
        gc.collect()
        before, start = self._processor(), time.perf_counter()
        work()
        taken = time.perf_counter() - start
        return Cost(self._processor() - before, taken)

    def _processor(self) -> float:
        return time.process_time() + (self._of_server() if self._server else 0.0)

    def _of_server(self) -> float:
        """Return the processor time of all processes of the server, of those that have ended by its own account."""
        assert self._server is not None
        ended = self._server.joinpath("stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[13:15]
        seconds = sum(map(int, ended)) / os.sysconf("SC_CLK_TCK")
        children = self._server.joinpath("task", self._server.name, "children").read_text(encoding="utf-8").split()
        for child in children:
            with suppress(OSError):  # it has just ended
                used = Path(f"/proc/{child}/schedstat").read_text(encoding="utf-8").split()[0]
                seconds += int(used) / 1e9
        return seconds
