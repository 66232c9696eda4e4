"""What the ledger costs: its part of an answer, and how long it takes to hold many answers against it.

Expected: an answer with its entry, sealed, takes at most 1.25 times the processor time of the same without, and a
million answers are verified in at most 60 s, on both databases. `HAILONG_BENCH_ROWS` names another number.

Nothing of the ledger is written when somebody answers, so what it costs is the sealing: it is measured by itself, for
as many answers at once as come in within a minute of a busy day.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from flask.testing import FlaskClient

import migrations
from bench.databases import postgres, url_of
from bench.filling import NOW, ROWS, fill
from bench.load import FIELD, cpu_seconds
from survey.app import create_app
from survey.db.engine import Database
from survey.ledger import sealing, signing_key
from survey.operations.verification import verify
from survey.settings import Settings
from survey.web.survey import survey_of
from tests.support import factories

MOST_TIMES, MOST_SECONDS = 1.25, 60.0
ANSWERS, ROUNDS = 400, 9
FORM = {"lang": "vi", "S1": "5", "S2": "4", "S3": "4", "S4": "3", "S5": "5", "S8": ""}


def run() -> None:
    """Print the processor time of an answer and of its sealing, and the time of a verification."""
    for name in ("sqlite", "postgresql"):
        with tempfile.TemporaryDirectory() as path, postgres(Path(path)) as server:
            folder = Path(path)
            pids = [os.getpid(), *filter(None, [server.get_pid() if name == "postgresql" else None])]
            url, other = (url_of(name, folder, server, database) for database in ("postgres", "answered"))
            if name == "postgresql":
                server.psql("CREATE DATABASE answered TEMPLATE template0")
            key = folder / "ledger_key"
            signing_key.make(key, "bench.example.vn/ledger")
            with Database(url) as database:
                fill(database)
                _verified(name, database, key)
            key.with_suffix(".signed").unlink()  # what it has signed is no beginning of the other ledger
            _cost(name, Settings(other, factories.SECRET, instance=folder / "instance"), key, pids)


def _verified(name: str, database: Database, key: Path) -> None:
    """Seal what is there, and hold it against the ledger as `hailong verify` does."""
    began = time.perf_counter()
    sealing.seal(database, key, NOW)
    sealed, before = time.perf_counter() - began, time.process_time()
    began = time.perf_counter()
    with database.session(writes=False) as session:
        result = verify(session)
    taken, spent = time.perf_counter() - began, time.process_time() - before
    assert not result.discrepancies and result.entries >= ROWS, result.discrepancies[:3]
    most = MOST_SECONDS * ROWS / 1_000_000
    print(
        f"  {name}: {ROWS:,} answers sealed in {sealed:.0f} s, verified in {taken:.1f} s"
        f" ({spent:.1f} s of a processor; at most {most:.0f} s){'  beyond the limit' if taken > most else ''}",
        flush=True,
    )


def _cost(name: str, settings: Settings, key: Path, pids: Sequence[int]) -> None:
    """Answer and seal by turns, all in this process; the median of several rounds."""
    app = create_app(settings)
    with survey_of(app).database as database:
        migrations.migrate(database)
        with database.session(writes=True) as session:
            factories.furnish(session)
            factories.placement(session, code="BENCH")
            paths = [f"/r/{factories.invitation(session)}" for _ in range(ANSWERS * (ROUNDS + 1) // 2)]
            session.commit()
        client, answering, sealed = app.test_client(), list[float](), list[float]()
        for _ in range(ROUNDS + 1):
            begin = cpu_seconds(pids)
            for number in range(ANSWERS):
                _answer(client, paths.pop() if number % 2 else "/q/BENCH")
            middle = cpu_seconds(pids)
            sealing.seal(database, key, NOW)
            answering.append(middle - begin)
            sealed.append(cpu_seconds(pids) - middle)
    alone, added = (1000 * statistics.median(spent[1:]) / ANSWERS for spent in (answering, sealed))
    times = (alone + added) / alone
    print(
        f"  {name}: an answer {alone:.2f} ms of a processor, its sealing {added:.2f} ms: {times:.2f} times"
        f" (at most {MOST_TIMES}){'  beyond the limit' if times > MOST_TIMES else ''}",
        flush=True,
    )


def _answer(client: FlaskClient, path: str) -> None:
    page = client.get(path).data
    hidden = {name.decode(): value.decode() for name, value in FIELD.findall(page)}
    assert client.post(path, data=FORM | hidden).status_code == 200
