"""Clients that open the page, send the answer and read the thank-you page, as many as asked for, for some seconds."""

from __future__ import annotations

import asyncio
import gzip
import multiprocessing
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import psutil

FIELD = re.compile(rb'name="(key|csrf_token)" value="([^"]*)"')


@dataclass(frozen=True)
class Load:
    """What the clients saw, and the processor time that all server processes took for it."""

    clients: int
    completed: int
    seconds: float
    latencies: list[float]
    cpu_seconds: float

    @property
    def rate(self) -> float:
        return self.completed / self.seconds

    @property
    def cpu_ms(self) -> float:
        return 1000 * self.cpu_seconds / max(1, self.completed)

    def quantile(self, share: float) -> float:
        """Return a quantile of the time from the first byte of GET to the last byte of the reply, in ms."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


async def _read(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])  # type: ignore[index]  # every reply has it
    body = await reader.readexactly(length)
    if b"content-encoding: gzip" in head.lower():
        body = gzip.decompress(body)
    return int(head[9:12]), body


async def visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int, path: str) -> tuple[int, int]:
    """Open the page, send the answer and read the thank-you page; return both statuses, 0 for what was not sent."""
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept-Encoding: gzip\r\n\r\n".encode())
    status, page = await _read(reader)
    if status != 200:
        return status, 0
    fields = dict(FIELD.findall(page))
    body = b"lang=vi&S1=5&S2=4&S3=4&S4=3&S5=5&S8=&key=" + fields[b"key"] + b"&csrf_token=" + fields[b"csrf_token"]
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    writer.write(head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    reply, _page = await _read(reader)
    return status, reply


async def _client(port: int, paths: Iterator[str], until: float, times: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.perf_counter() < until:
        path = next(paths)
        started = time.perf_counter()
        assert await visit(reader, writer, port, path) == (200, 200), path
        times.append(time.perf_counter() - started)
    writer.close()


def _process(
    port: int,
    paths: Sequence[str],
    clients: int,
    seconds: float,
    results: multiprocessing.Queue[tuple[list[float], float]],
) -> None:
    async def everybody() -> None:
        # One row for all: whoever is served faster takes more of them, and nobody is done before the others.
        until, row = time.perf_counter() + seconds, iter(paths)
        await asyncio.gather(*[_client(port, row, until, times) for _ in range(clients)])

    times: list[float] = []
    started = time.perf_counter()
    asyncio.run(everybody())
    results.put((times, time.perf_counter() - started))


def put_under_load(port: int, pids: Sequence[int], paths: Sequence[str], clients: int, seconds: float) -> Load:
    """Let `clients` work for some seconds on paths that suffice for them; measure the servers' processes."""
    context = multiprocessing.get_context("fork")
    results: multiprocessing.Queue[tuple[list[float], float]] = context.Queue()
    half = len(paths) // 2 if clients > 1 else len(paths)
    groups = [(paths[:half], (clients + 1) // 2), (paths[half:], clients // 2)][: min(2, clients)]
    before = cpu_seconds(pids)
    workers = [context.Process(target=_process, args=(port, *group, seconds, results)) for group in groups]
    for worker in workers:
        worker.start()
    seen = [results.get() for _ in workers]
    for worker in workers:
        worker.join()
    times = [t for group, _elapsed in seen for t in group]
    return Load(clients, len(times), max(elapsed for _group, elapsed in seen), times, cpu_seconds(pids) - before)


def cpu_seconds(pids: Sequence[int]) -> float:
    """Return the user and system time of these processes and everything they started."""
    total = 0.0
    for pid in pids:
        root = psutil.Process(pid)
        for process in [root, *root.children(recursive=True)]:
            try:
                spent = process.cpu_times()
            except psutil.NoSuchProcess:
                continue
            total += spent.user + spent.system
    return total
