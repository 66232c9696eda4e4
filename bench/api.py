"""10,000 finished cases through the portal's API in one request: seconds and memory, beside what this machine can do.

python -m bench api
"""

from __future__ import annotations

import http.client
import json
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import migrations
from bench.databases import postgres, url_of
from survey.accounts import api_keys
from survey.db.engine import Database
from survey.periods import now
from survey.settings import Settings
from tests.support import factories
from tests.support.faults.running import Running, running

CASES = 10_000


def batch(number: int, first: int) -> bytes:
    """Return a batch as a portal sends it, an address to write to with every second case."""
    entries = [
        {
            "case_code": f"H61.50-261008-{first + i}",
            "procedure": "1.001193",
            "resolving_agency": "H61.50",
            "receiving_agency": "H61.1",
            "received_day": "2026-10-01",
            "due_day": "2026-10-09",
            "finished_day": "2026-10-08",
            "respondent": "citizen",
            "filing": "online",
            **({"contact": {"phone": f"09{i:08}"}} if i % 2 else {}),
        }
        for i in range(number)
    ]
    return json.dumps({"cases": entries}).encode()


def bare(folder: Path, body: bytes) -> float:
    """Return the seconds that Python and SQLite need to read the batch and keep its rows as they are."""
    began = time.perf_counter()
    with closing(sqlite3.connect(folder / "bare-api.db")) as store:
        store.execute("CREATE TABLE feed (code UNIQUE, whole)")
        rows = ((one["case_code"], json.dumps(one)) for one in json.loads(body)["cases"])
        store.executemany("INSERT INTO feed VALUES (?, ?)", rows)
        store.commit()
        return time.perf_counter() - began


def workers(server: Running) -> Iterator[Path]:
    """Yield where the system tells of each process of the server."""
    assert server.process is not None
    for process in Path("/proc").glob("[0-9]*"):
        try:
            fields = (process / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[2]) == server.process.pid:  # the process group
            yield process


def peak(server: Running) -> float:
    """Return the largest memory of any of its processes so far, in MB."""
    sizes = [(one / "status").read_text().split("VmHWM:")[1].split()[0] for one in workers(server)]
    return max(map(int, sizes)) / 1024


def post(server: Running, key: str, body: bytes, repeat: str) -> tuple[float, int, dict[str, Any]]:
    """Send a batch and return its seconds, the size of the reply and the reply."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", "Idempotency-Key": repeat}
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=300)) as line:
        began = time.perf_counter()
        line.request("POST", "/api/v1/cases", body, headers)
        with line.getresponse() as reply:
            content = reply.read()
        seconds = time.perf_counter() - began
    assert reply.status == 200, content[:500]
    return seconds, len(content), json.loads(content)


def measure(folder: Path, url: str, engine: str) -> None:
    with Database(url) as database:
        migrations.migrate(database)
        with database.session(writes=True) as session:
            factories.furnish(session)
            key = api_keys.add(session, "bench", list(api_keys.KeyScope), factories.agency_id(session, "H61"), now())
            session.commit()
    body = batch(CASES, 1_000_000)
    base = bare(folder, body)
    (folder / "bare-api.db").unlink()
    with running(Settings(url, factories.SECRET, instance=folder / "instance")) as server:
        post(server, key, batch(10, 2_000_000), "w" * 20)
        post(server, key, batch(10, 2_000_010), "x" * 20)
        idle = peak(server)
        for what, repeat in (("new", "a" * 20), ("repeated", "a" * 20), ("known", "b" * 20)):
            seconds, size, answer = post(server, key, body, repeat)
            print(
                f"{engine:<11}{what:<9}{seconds:6.2f} s {seconds / base:6.1f} × bare  {answer['invited']:6} invited"
                f"  reply {size / 1e6:4.1f} MB  memory +{peak(server) - idle:.0f} MB (from {idle:.0f})",
                flush=True,
            )


def run() -> None:
    """Print seconds, ratios and memory for both databases."""
    with tempfile.TemporaryDirectory() as name, postgres(Path(name)) as server:
        folder = Path(name)
        print(f"{CASES} cases in one request; bare: json + sqlite3 keep them")
        for engine in ("sqlite", "postgresql"):
            measure(folder, url_of(engine, folder, server), engine)
