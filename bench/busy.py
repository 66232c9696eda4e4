"""While 8 clients answer, ten reports are asked for and 100,000 cases imported: what do those who answer notice?

Expected: p95 of a completed answer (GET and POST) at most 500 ms on both databases. The control does the same the old
way (the reports in the processes that serve, the import in one transaction) and must fail, or this shows nothing.

python -m bench.busy [cases] [most seconds]
"""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import sqlalchemy as sa

import migrations
from bench.databases import postgres, url_of
from bench.imports import PROCEDURE_FILE, rows, write_csv
from bench.load import Load, put_under_load
from survey.accounts import accounts
from survey.db.engine import Database
from survey.demo import filling
from survey.models import Case, Channel, Job, JobState, Placement, Role
from survey.organisation import agencies
from survey.settings import Settings
from tests.support import factories
from tests.support.faults.running import running
from tests.support.officials import PASSWORD, TOKEN

CASES, LONGEST, ROUND, CLIENTS = 100_000, 240.0, 10.0, 8
EVERY = 0.1  # seconds after which the next one comes to a client that is kept waiting
REPORTS = [(f"2026-{month:02}", language) for month in (6, 7, 8, 9, 10) for language in ("vi", "en")]
LOGINS = ("bench", "one", "two", "three", "four")
ONE_TRANSACTION = """
import sys, pathlib
from survey.db.engine import Database
from survey.cases import recording
from survey.imports import cases
from survey.imports.faults import Findings
from survey.collection.withdrawn_cases import Informant
from survey.periods import local_day, now
from survey.environment import load
database, path = Database(load().database_url), pathlib.Path(sys.argv[1])
with database.session(writes=False) as session:
    directory = recording.Directory.read(session)
feed = cases.check(directory, load().secret_key, path, local_day(now()), Findings(), bool)
with database.session(writes=True) as session:
    recording.record(session, feed.cases, Informant(now()))
    session.commit()
"""


def run(cases: int = CASES, longest: float = LONGEST) -> None:
    """Print for both databases what those who answer notice, today's way and the old way."""
    with tempfile.TemporaryDirectory() as name, postgres(Path(name)) as server:
        folder = Path(name)
        for way, month in (("jobs", "-2608"), ("control", "-2607")):
            feed = [(row[0].replace("-2609", month), *row[1:]) for row in rows(cases)]
            write_csv(folder / f"{way}.csv", feed)
        print(f"{len(REPORTS)} reports and {cases} cases while {CLIENTS} clients answer, for {longest:.0f} s at most")
        print("database    way      seconds  answers/s  p50 ms  p95 ms  p99 ms  max ms  reports ready  cases in")
        for engine in ("postgresql", "sqlite"):
            settings = Settings(url_of(engine, folder, server), factories.SECRET, instance=folder / engine)
            code = prepare(settings)
            for way in ("quiet", "jobs", "control"):
                _print(engine, way, *_measure(settings, way, folder / f"{way}.csv", code, longest))


def _print(engine: str, way: str, load: Load, ready: str, imported: int) -> None:
    quantiles = " ".join(f"{load.quantile(share):7.0f}" for share in (0.5, 0.95, 0.99, 1.0))
    print(
        f"{engine:<11} {way:<8} {load.seconds:7.0f} {load.rate:10.0f} {quantiles} {ready:>14} {imported:9d}", flush=True
    )


def prepare(settings: Settings) -> str:
    """Load the demonstration province and an account; return the code of a placement that people answer by."""
    database = Database(settings.database_url)
    migrations.migrate(database)
    with database.session(writes=True) as session:
        filling.fill(session, settings.secret_key, dt.datetime.now(dt.UTC), settings.answer_days)
        for login in LOGINS:
            accounts.add(
                session, login, "Bench", Role.VIEWER, agencies.root(session).id, PASSWORD, dt.datetime.now(dt.UTC)
            )
        code = session.scalars(sa.select(Placement.code).where(Placement.channel == Channel.OPEN, Placement.enabled))
        placement = code.first()
        session.commit()
    database.dispose()
    command(settings, "-m", "survey", "import", "procedures", str(PROCEDURE_FILE)).wait()
    assert placement is not None
    return placement


def _measure(settings: Settings, way: str, file: Path, code: str, longest: float) -> tuple[Load, str, int]:
    """Let people answer until everything that was asked for is done, or for so long."""
    application = "bench.served.inside:application" if way == "control" else "survey.wsgi:served"
    with running(settings, application) as server, working(settings, way == "jobs"):
        assert server.process is not None
        before = _number(settings, sa.select(sa.func.count(Case.id)))
        asking = multiprocessing.get_context("fork").Process(
            target=ask, args=(server.port, "/staff/report" if way == "jobs" else "/staff/report-inside")
        )
        importing: subprocess.Popen[bytes] | None = None
        if way != "quiet":
            asking.start()
            arguments = ["-m", "survey", "import", "cases"] if way == "jobs" else ["-c", ONE_TRANSACTION]
            importing = command(settings, *arguments, str(file))
        rounds: list[Load] = []
        ready = imported = 0
        while sum(one.seconds for one in rounds) < longest:
            rounds.append(put_under_load(server.port, [server.process.pid], [f"/q/{code}"] * 50_000, CLIENTS, ROUND))
            imported = _number(settings, sa.select(sa.func.count(Case.id))) - before
            if way == "control":
                ready = 0 if asking.is_alive() else len(REPORTS)
            else:
                ready = _number(settings, sa.select(sa.func.count(Job.id)).where(Job.state == JobState.DONE))
            if importing is None or (importing.poll() is not None and ready == len(REPORTS)):
                break
        if importing is not None:
            asking.join()
            assert importing.wait() == asking.exitcode == 0
    latencies = [wait for one in rounds for latency in one.latencies for wait in _waits(latency)]
    completed = sum(one.completed for one in rounds)
    seconds, spent = sum(one.seconds for one in rounds), sum(one.cpu_seconds for one in rounds)
    return Load(CLIENTS, completed, seconds, latencies, spent), f"{ready} of {len(REPORTS)}", imported


def _waits(latency: float) -> Iterator[float]:
    """Yield what everybody would have waited who came meanwhile: a client that is kept waiting asks nothing else."""
    while latency > 0:
        yield latency
        latency -= EVERY


class Official:
    """Somebody who is signed in."""

    def __init__(self, port: int, login: str = "bench") -> None:
        self.site = f"http://127.0.0.1:{port}"
        # Each call has a connection of its own, so that several may wait at once; no proxy stands between.
        handlers = urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor()
        self.browser = urllib.request.build_opener(*handlers)
        self._call("/staff/sign-in", login=login, password=PASSWORD, csrf_token=self._token("/staff/sign-in"))
        self.proof = self._token("/staff/account")

    def _call(self, path: str, **fields: str) -> str:
        """Send a form, or look if there is none; a reply that is a fault is raised."""
        form = urlencode(fields).encode() if fields else None
        with self.browser.open(f"{self.site}{path}", form, timeout=900) as reply:
            return str(reply.read(), "utf-8", "replace")

    def _token(self, page: str) -> str:
        match = TOKEN.search(self._call(page))
        assert match
        return match.group(1)

    def look(self, path: str) -> None:
        self._call(path)

    def ask(self, path: str, period: str, language: str) -> None:
        """Ask for a report."""
        about = {"period": period, "basis": "calendar", "format": "docx", "lang": language}
        self._call(path, **about, csrf_token=self.proof)


def ask(port: int, path: str) -> None:
    """Sign in and ask for every report at once, as ten officials would."""
    official = Official(port)
    asking = [threading.Thread(target=official.ask, args=(path, *report)) for report in REPORTS]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()


@contextmanager
def working(settings: Settings, wanted: bool) -> Iterator[None]:
    process = command(settings, "-m", "survey", "work") if wanted else None
    try:
        yield
    finally:
        if process is not None:
            process.terminate()
            process.wait()


def command(settings: Settings, *arguments: str) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": settings.secret_key,
        "HAILONG_INSTANCE": str(settings.instance),
        "HAILONG_LOG_LEVEL": "ERROR",
    }
    return subprocess.Popen([sys.executable, *arguments], env=environment, stdout=subprocess.DEVNULL)


def _number(settings: Settings, query: sa.Select[int]) -> int:
    database = Database(settings.database_url)
    with database.session(writes=False) as session:
        number = session.scalar(query) or 0
    database.dispose()
    return number


if __name__ == "__main__":
    began = time.monotonic()
    run(*(kind(value) for kind, value in zip((int, float), sys.argv[1:], strict=False)))
    print(f"{time.monotonic() - began:.0f} s")
