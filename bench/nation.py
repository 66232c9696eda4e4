"""A nation added up: exports of 34 provinces and their answers, on one process and on 1, 2 and 4 workers of Dask.

Expected: the same figures to the last digit whoever counts, also where a worker is killed midway; two workers at least
1.6 times as fast as one where two processors are free. More workers than processors add nothing, which four show here.
The exports are the product's own, of small real databases; the answers are generated, 34 million rows by default;
`HAILONG_BENCH_ROWS` names another number.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from distributed import Client, LocalCluster

from bench.provinces import FORMER, MONTHS, PROVINCES, BareCounts, export_provinces, generate_answers
from survey.periods import Basis, parse
from survey.reports import lake as exports
from survey.results.nation import ProvinceRegister, nation_figures
from tests.support.figures import STANDARD

ROWS = int(os.environ.get("HAILONG_BENCH_ROWS", "34000000"))
JUDGED = ("--where", "line=total,channel=invitation,withheld=", "--satisfied", "satisfied", "--answered", "answered")
RATED = ("--where", "channel=invitation", "--rating", "rating", "--by", "province,unit", "--json")
WORKERS = (1, 2, 4)


@dataclass(frozen=True)
class TimedCommand:
    """What a command printed, and the seconds that it took: on the clock, and of all processors."""

    out: str
    seconds: float
    busy: float


def run() -> None:
    """Print that all ways give the same figures, and what each takes."""
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"  {os.cpu_count()} processors, load before it {load}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _figures(folder)
        _answers(folder)


def _figures(folder: Path) -> None:
    start, lake = time.perf_counter(), folder / "lake"
    bare = export_provinces(folder, lake)
    files = list(lake.rglob("*.parquet"))
    size = sum(file.stat().st_size for file in files) / len(files) / 1000
    print(f"  exports: {len(files)} files of {size:.0f} kB, made in {time.perf_counter() - start:.0f} s", flush=True)
    start = time.process_time()
    register = ProvinceRegister({}, FORMER)
    months = exports.lake_months(str(lake / "**" / "calendar.parquet"), Basis.CALENDAR)
    figures = nation_figures(months, parse("2026-Q3"), STANDARD, register)
    assert BareCounts(figures.total.answered, figures.total.satisfied or 0) == bare, (figures.total, bare)
    assert len(figures.rows) == len(PROVINCES) and not figures.absent
    say("report's figures: those of a bare SELECT in all databases", 0, time.process_time() - start)
    after = folder / "after.csv"
    after.write_text("code,successor\n" + "".join(f"{old},{new}\n" for old, new in FORMER.items()), "utf-8")
    asked = (*JUDGED, "--by", "province", "--successors", str(after), "--json")
    _spread(lake / "**" / "calendar.parquet", asked, "figures")


def _answers(folder: Path) -> None:
    rows = ROWS // (len(PROVINCES) * len(MONTHS))
    start, lake = time.perf_counter(), folder / "answers"
    lake.mkdir()
    files = list(generate_answers(lake, rows))
    size = sum(file.stat().st_size for file in files) / 1e6
    made_in = time.perf_counter() - start
    print(
        f"  answers: {rows * len(files):,} generated, {len(files)} files, {size:.0f} MB, in {made_in:.0f} s", flush=True
    )
    pattern = lake / "**" / "*.parquet"
    alone = _spread(pattern, RATED, "answers")
    killed = _with_a_worker_killed(lambda address: _command(pattern, *RATED, "--scheduler", address))
    assert killed.out == alone.out
    say("answers, two workers, one killed midway: the same to the last digit", killed.seconds, killed.busy)
    files[0].unlink()
    assert _command(pattern, *RATED, "--workers", 2).out != alone.out
    print("    control: with one file of them lost the figures differ, and it is seen")


def _spread(pattern: Path, asked: tuple[str, ...], what: str) -> TimedCommand:
    """Count alone and by workers; fail unless all say the same to the last digit."""
    alone = _command(pattern, *asked)
    say(f"{what}, one process", alone.seconds, alone.busy)
    first = 0.0
    for workers in WORKERS:
        spread = _command(pattern, *asked, "--workers", workers)
        assert spread.out == alone.out, f"{workers} workers count something else"
        first = first or spread.seconds
        say(f"{what}, {workers} workers: the same to the last digit", spread.seconds, spread.busy, first)
    return alone


def _command(*arguments: object) -> TimedCommand:
    start, before = time.perf_counter(), _busy()
    asked = [sys.executable, "-m", "analysis", *map(str, arguments)]
    done = subprocess.run(asked, capture_output=True, text=True, check=True)
    return TimedCommand(done.stdout, time.perf_counter() - start, _busy() - before)


def _with_a_worker_killed(count: Callable[[str], TimedCommand]) -> TimedCommand:
    """Count on a cluster of two, and kill one of its processes while it holds a file; fail if none was."""
    way = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": "127.0.0.1:0"}
    killed = threading.Event()
    with LocalCluster(**way) as cluster:

        def kill() -> None:
            with Client(cluster.scheduler_address, set_as_default=False) as client:
                pids = client.run(os.getpid)
                until = time.monotonic() + 300
                while not killed.is_set() and time.monotonic() < until:
                    busy = [address for address, keys in client.processing().items() if keys and address in pids]
                    if busy:
                        os.kill(pids[busy[0]], signal.SIGKILL)
                        killed.set()
                    time.sleep(0.01)

        watching = threading.Thread(target=kill)
        watching.start()
        counted = count(cluster.scheduler_address)
        watching.join()
    assert killed.is_set()
    return counted


def _busy() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def say(what: str, seconds: float, busy: float, first: float = 0.0) -> None:
    """Print a line; `first` is what one worker took."""
    ratio = f"{first / seconds:6.2f} × one worker" if first and seconds else ""
    clock = f"{seconds:7.1f} s" if seconds else f"{'':9}"
    print(f"    {what:68}{clock}{busy:8.1f} s of processors{ratio}", flush=True)


if __name__ == "__main__":
    run()
