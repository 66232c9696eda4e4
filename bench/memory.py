"""What a process that serves pages holds after 200 dashboards and 50 reports; at most 300 MB.

Two figures each: resident memory / proportional set size, which divides a page among the processes that share it
(the code of libraries) and is what one process more costs the machine.

The control builds the reports in the processes that serve, as it was before there were jobs.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import psutil

from bench.busy import LOGINS, Official, prepare, working
from survey.settings import Settings
from tests.support import factories
from tests.support.faults.running import Running, running

DASHBOARDS, REPORTS = 200, 50
MONTHS = [f"2026-{month:02}" for month in range(1, 12)]


def run() -> None:
    """Print the resident memory of each process of the server, after each half of the work."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = Settings(f"sqlite:///{folder}/bench.db", factories.SECRET, instance=folder / "instance")
        prepare(settings)
        print("way      after                web processes MB            drawing processes MB")
        for way in ("jobs", "control"):
            application = "survey.wsgi:served" if way == "jobs" else "bench.served.inside:application"
            with running(settings, application) as server, working(settings, way == "jobs"):
                _print(way, "the start", server)
                officials = [Official(server.port, login) for login in LOGINS]
                for number in range(DASHBOARDS):
                    month = MONTHS[number % len(MONTHS)]
                    page = ("", "units", "procedures")[number % 3]
                    language = "vi" if number % 2 else "en"
                    officials[number % len(LOGINS)].look(f"/staff/{page}?period={month}&lang={language}")
                _print(way, f"{DASHBOARDS} dashboards", server)
                path = "/staff/report" if way == "jobs" else "/staff/report-inside"
                for number in range(REPORTS):
                    month, language = MONTHS[number // 2 % len(MONTHS)], ("vi", "en")[number % 2]
                    officials[number % len(LOGINS)].ask(path, month, language)
                _print(way, f"{REPORTS} reports", server)


def _print(way: str, after: str, server: Running) -> None:
    assert server.process is not None
    web = psutil.Process(server.process.pid).children()
    drawing = [child for process in web for child in process.children(recursive=True)]
    columns = [" ".join(map(_held, group)) for group in (web, drawing)]
    print(f"{way:<8} {after:<20} {columns[0]:<27} {columns[1]}", flush=True)


def _held(process: psutil.Process) -> str:
    memory = process.memory_full_info()
    return f"{memory.rss / 1e6:.0f}/{memory.pss / 1e6:.0f}"


if __name__ == "__main__":
    run()
