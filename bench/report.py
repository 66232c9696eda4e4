"""A province's report of a month, a quarter and a year over many answers: time and memory of a process of its own.

Expected: every format together in at most 15 s and 400 MB at 1 M answers and 200 units, as the process that draws files
for officials makes them one by one. One million rows by default; `HAILONG_BENCH_ROWS` names another number.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.files import CHILD
from bench.filling import NOW, ROWS, UNITS, fill
from survey.db.engine import Database
from survey.periods import local_day
from survey.reports.writing import FORMATS

LONGEST, MOST = 15, 400
WRITING = CHILD.replace(
    'runpy.run_module("analysis", run_name="__main__", alter_sys=True)', "runpy.run_path(sys.argv[1])"
)
SCRIPT = """
import datetime, pathlib, sys
from survey import reports
from survey.db.engine import Database
from survey.i18n import speaking
from survey.periods import parse
from survey.results.scope import Standard, scope_for
from survey.organisation import agencies
url, folder, period, day, *formats = sys.argv[2:]
with Database(url) as database, speaking("vi"):
    with database.session(writes=False) as session:
        scope = scope_for(session, parse(period), agencies.root(session).id)
        report = reports.build(session, scope, Standard("0.90", 0.95), datetime.date.fromisoformat(day), language="vi")
    reports.write(report, pathlib.Path(folder), formats)
"""


def run() -> None:
    """Print the seconds and the memory of each format and of all together, beside their limits."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        script = folder / "script.py"
        script.write_text(SCRIPT, encoding="utf-8")
        url = f"sqlite:///{folder}/bench.db"
        with Database(url) as database:
            fill(database)
        print(f"  {ROWS:,} answers, {UNITS} units; limits {LONGEST} s, {MOST} MB")
        for period in ("2026-10", "2026-Q3", "2025"):
            single = ((one,) for one in FORMATS) if period == "2026-10" else ()
            for formats in (*single, FORMATS):
                seconds, busy, megabytes = _written(script, url, folder / "files", period, formats)
                beyond = "" if seconds <= LONGEST and megabytes <= MOST else "  beyond a limit"
                label = "all" if formats is FORMATS else formats[0]
                line = f"  {period:8} {label:10} {seconds:6.1f} s, {busy:6.1f} s of a processor, {megabytes:6.0f} MB"
                print(line + beyond, flush=True)


def _written(script: Path, url: str, folder: Path, period: str, formats: tuple[str, ...]) -> tuple[float, float, float]:
    start, before = time.perf_counter(), _processor()
    command = [sys.executable, "-c", WRITING, str(script), url, str(folder), period, f"{local_day(NOW)}", *formats]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True)
    return time.perf_counter() - start, _processor() - before, int(done.stderr.split()[-1]) / 1024


def _processor() -> float:
    """Return the seconds of a processor that ended children have had, which a busy machine does not lengthen."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
