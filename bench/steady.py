"""Fifty people a second answer, whether or not anybody waits, while officials export: what do they notice, what grows?

Expected on both databases: no error, nothing acknowledged lost, p99 of an answer (GET and POST, from the moment at
which the person came) at most 500 ms beside five exports; over an hour the memory of all processes grows by at most
5 %. The control exports in the processes that serve, as it was before there were jobs, and must be slower.

python -m bench.steady [seconds] [answers a second] [exports at a time] [sqlite|postgresql|control]…
"""

from __future__ import annotations

import asyncio
import multiprocessing
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import sqlalchemy as sa

from bench.busy import Official, prepare, working
from bench.databases import postgres, url_of
from bench.load import visit
from survey.db.engine import Database
from survey.i18n import speaking
from survey.ledger import sealing, signing_key
from survey.models import Response
from survey.operations.verification import verify
from survey.periods import now
from survey.settings import Settings
from tests.support import factories
from tests.support.faults.running import Running, end_whole, running

SECONDS, RATE, EXPORTS = 60.0, 50.0, 5
WARM = 0.1  # of the time, after which memory is measured first
MONTHS = [f"2026-{month:02}" for month in range(1, 11)]
WAYS = ("sqlite", "postgresql", "control")


@dataclass
class Crowd:
    """What everybody saw who came."""

    latencies: list[float] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)

    def quantile(self, share: float) -> float:
        """Return a quantile of the seconds from coming to the receipt, in ms."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[int(share * (len(ordered) - 1))] if ordered else float("nan")


def run(seconds: str = "", rate: str = "", exports: str = "", *ways: str) -> None:
    """Print what people notice, and how memory grows."""
    long, often, beside = float(seconds or SECONDS), float(rate or RATE), int(exports or EXPORTS)
    print(f"{often:.0f} answers a second for {long:.0f} s beside {beside} exports at a time")
    print("way         answers  errors  lost  p50 ms  p95 ms  p99 ms  max ms  exports  memory MB, growth")
    with tempfile.TemporaryDirectory() as name, postgres(Path(name)) as server:
        for way in ways or WAYS:
            engine = "sqlite" if way == "control" else way
            folder = Path(name) / way
            folder.mkdir()
            settings = Settings(url_of(engine, folder, server), factories.SECRET, instance=folder / "instance")
            _print(way, *_measure(settings, way == "control", long, often, beside))


def _print(way: str, crowd: Crowd, lost: int, exports: int, memory: tuple[float, float]) -> None:
    quantiles = " ".join(f"{crowd.quantile(share):7.0f}" for share in (0.5, 0.95, 0.99, 1.0))
    grown = 100 * (memory[1] / memory[0] - 1)
    print(
        f"{way:<11} {len(crowd.latencies):7} {crowd.faults.total():7} {lost:5} {quantiles} {exports:8}  "
        f"{memory[0]:.0f} -> {memory[1]:.0f}, {grown:+.1f} % {dict(crowd.faults) or ''}",
        flush=True,
    )


def _measure(
    settings: Settings, inside: bool, seconds: float, rate: float, beside: int
) -> tuple[Crowd, int, int, tuple[float, float]]:
    code = prepare(settings)
    signing_key.make(signing_key.file_of(settings), "bench.example.vn/ledger")
    before = _stored(settings)
    application = "bench.served.inside:application" if inside else "survey.wsgi:served"
    with running(settings, application) as server, working(settings, wanted=True):
        stop, exported, memory = threading.Event(), list[str](), list[float]()
        official = Official(server.port)
        path = "/staff/report-inside" if inside else "/staff/report"
        asking = [threading.Thread(target=_export, args=(official, path, stop, exported)) for _ in range(beside)]
        watching = threading.Thread(target=_watch, args=(server, seconds, memory))
        for thread in (*asking, watching):
            thread.start()
        crowd = _come(server.port, f"/q/{code}", seconds, rate)
        stop.set()
        for thread in (*asking, watching):
            thread.join()
    lost = len(crowd.latencies) - (_stored(settings) - before)
    _verify(settings)
    return crowd, max(0, lost), len(exported), (memory[0], memory[-1])


def _export(official: Official, path: str, stop: threading.Event, exported: list[str]) -> None:
    """Ask for one report after the other, in turn every month and language, until told to stop."""
    while not stop.is_set():
        month, language = MONTHS[len(exported) % len(MONTHS)], ("vi", "en")[len(exported) % 2]
        official.ask(path, month, language)
        exported.append(month)
        stop.wait(2)  # so long, at least, as a person needs to ask for the next


def _watch(server: Running, seconds: float, memory: list[float]) -> None:
    """Measure the memory of all processes that serve, once they are warm and at the end."""
    assert server.process is not None
    for wait in (WARM * seconds, (1 - WARM) * seconds - 1):
        time.sleep(max(0.0, wait))
        serving = [psutil.Process(server.process.pid), *psutil.Process(server.process.pid).children(recursive=True)]
        memory.append(sum(process.memory_full_info().pss for process in serving) / 1e6)


def _come(port: int, path: str, seconds: float, rate: float) -> Crowd:
    """Let people come at an even pace from a process of their own."""
    results: multiprocessing.Queue[Crowd] = multiprocessing.get_context("fork").Queue()
    coming = multiprocessing.get_context("fork").Process(
        target=lambda: results.put(asyncio.run(_everybody(port, path, seconds, rate)))
    )
    coming.start()
    crowd = results.get()
    coming.join()
    return crowd


async def _everybody(port: int, path: str, seconds: float, rate: float) -> Crowd:
    crowd, began = Crowd(), time.perf_counter()
    people: set[asyncio.Task[None]] = set()
    for place in range(int(seconds * rate)):
        due = began + place / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        person = asyncio.create_task(_person(port, path, due, crowd))
        people.add(person)
        person.add_done_callback(people.discard)
    await asyncio.gather(*people)
    return crowd


async def _person(port: int, path: str, due: float, crowd: Crowd) -> None:
    """Open the page and answer on a connection of one's own; `due` is when the person came."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        statuses = await visit(reader, writer, port, path)
        writer.close()
    except (OSError, EOFError) as fault:
        crowd.faults[type(fault).__name__] += 1
        return
    if statuses == (200, 200):
        crowd.latencies.append(time.perf_counter() - due)
    else:
        crowd.faults[str(statuses)] += 1


def _stored(settings: Settings) -> int:
    with Database(settings.database_url) as database, database.session(writes=False) as session:
        return session.scalar(sa.select(sa.func.count(Response.id))) or 0


def _verify(settings: Settings) -> None:
    """Seal what waits; the ledger must agree with all that is stored."""
    with Database(settings.database_url) as database, speaking("en"):
        sealing.seal(database, signing_key.file_of(settings), now())
        with database.session(writes=False) as session:
            assert [str(one) for one in verify(session).discrepancies] == []


if __name__ == "__main__":
    end_whole()
    run(*sys.argv[1:])
