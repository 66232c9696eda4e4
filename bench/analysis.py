"""Counting and judging, side by side with statsmodels, scipy and R's survey package, in processor seconds.

Expected: the table of 1,200 cells at least 1,000 times as fast as R's svyby(svyciprop), a million exact intervals at
least 3 times as fast as statsmodels, 10 million rows of six items counted in at most 0.25 s, and a file of 10 million
rows judged within a few hundred megabytes.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import binomtest
from statsmodels.stats.proportion import proportion_confint

from analysis.counts import tally
from analysis.interval import clopper_pearson
from analysis.tables import summary
from analysis.verdict import assess
from bench.files import peak_of_command
from bench.svyby import seconds_of_svyby

AGENCIES, MONTHS = 100, 12
CELLS = AGENCIES * MONTHS
LABELS = {"agency": range(AGENCIES), "month": range(MONTHS)}
PART = 2000


def run() -> None:
    """Print every comparison."""
    print(f"processor seconds, median of 5 after a first run; Python {sys.version.split()[0]}, numpy {np.__version__}")
    random = np.random.default_rng(20251101)
    _tables(random)
    _intervals(random)
    _counting(random)
    _files(random)


def seconds(job: Callable[[], Any], times: int = 5) -> float:
    """Return the median processor time of the job, after one run to warm up."""
    job()
    spent = []
    for _ in range(times):
        start = time.process_time()
        job()
        spent.append(time.process_time() - start)
    return statistics.median(spent)


def _say(what: str, own: float, other: float | None = None, expected: str = "") -> None:
    ratio = f"{other / own:10,.1f} ×" if other is not None else ""
    peer = f"{other:12.4f}" if other is not None else ""
    print(f"  {what:<86}{own:10.4f}{peer:>12}{ratio:>13}  {expected}".rstrip(), flush=True)


def _people(random: np.random.Generator, rows: int) -> dict[str, np.ndarray]:
    return {
        "agency": random.integers(0, AGENCIES, rows, dtype=np.uint8),
        "month": random.integers(0, MONTHS, rows, dtype=np.uint8),
        "rating": random.choice(np.arange(6, dtype=np.uint8), rows, p=[0.05, 0.01, 0.03, 0.06, 0.4, 0.45]),
    }


def _judged(people: dict[str, np.ndarray]) -> Any:
    cube = tally({axis: people[axis] for axis in LABELS}, people["rating"], LABELS)
    return assess(cube.satisfied, cube.answered)


def _with_pandas(people: dict[str, np.ndarray]) -> None:
    frame = pd.DataFrame(people)
    frame = frame[frame["rating"] > 0].assign(happy=lambda table: table["rating"] >= 4)
    cells = frame.groupby(["agency", "month"])["happy"].agg(["sum", "size"])
    proportion_confint(cells["sum"], cells["size"], method="beta")


def _tables(random: np.random.Generator) -> None:
    print(
        f"\nrows of persons -> counts -> exact interval -> verdict, {CELLS:,} cells       ours        peer        ratio"
    )
    for rows in 1_000_000, 10_000_000:
        people = _people(random, rows)
        own = seconds(partial(_judged, people))
        name = f"{rows // 1_000_000:>2} M rows"
        _say(f"{name}: pandas groupby and statsmodels, interval only", own, seconds(partial(_with_pandas, people), 3))
        judged = _judged(people)
        k, n = judged.k.ravel()[:200], judged.n.ravel()[:200]
        loop = seconds(partial(_binomtests, k, n), 1) * CELLS / len(k)
        _say(f"{name}: scipy binomtest in a loop over ready counts (200 cells, scaled)", own, loop)
        if rows == 1_000_000:
            _against_r(people, judged, own)


def _against_r(people: dict[str, np.ndarray], judged: Any, own: float) -> None:
    timed = seconds_of_svyby(people, AGENCIES)
    if isinstance(timed, str):
        print(f"  R svyby(svyciprop): not run: {timed}")
        return
    same = np.allclose(timed.rates, judged.rate[: len(timed.rates), 0], rtol=1e-9)
    note = f"({timed.cells} of {CELLS:,} cells timed alone, scaled; same rates: {same})"
    _say(f" 1 M rows: R svyby(svyciprop beta) {note}", own, timed.table * CELLS / timed.cells, "expected ≥ 1,000 ×")
    _say(" 1 M rows: R svydesign before it", own, timed.design)


def _binomtests(k: Iterable[int], n: Iterable[int]) -> None:
    """Test and bound one pair after the other, as somebody does who has only that function."""
    for satisfied, answered in zip(k, n, strict=True):
        binomtest(int(satisfied), int(answered), 0.9).proportion_ci(method="exact")


def _intervals(random: np.random.Generator) -> None:
    print("\na million exact intervals at once")
    n = random.integers(1, 500, 1_000_000)
    k = random.binomial(n, 0.9)
    own = seconds(lambda: clopper_pearson(k, n), 3)
    peer = seconds(lambda: proportion_confint(k, n, method="beta"), 3)
    _say("statsmodels proportion_confint(method='beta'), vectorised; n < 500", own, peer, "expected ≥ 3 ×")
    loop = seconds(lambda: _binomtests(k[:PART], n[:PART]), 1) * len(n) / PART
    _say(f"scipy binomtest in a loop ({PART:,} timed, scaled)", own, loop)
    n = random.integers(1, 1_000_000, 1_000_000)
    k = random.binomial(n, 0.9)
    own = seconds(lambda: clopper_pearson(k, n), 1)
    _say(
        "the same with n < 1,000,000, hardly a pair twice",
        own,
        seconds(lambda: proportion_confint(k, n, method="beta"), 1),
    )
    cells = pd.DataFrame({"cell": range(36_000), "answered": n[:36_000] % 500, "satisfied": k[:36_000] % 500})
    cells["satisfied"] = cells[["answered", "satisfied"]].min(axis=1)
    _say("summary() of 36,000 cells with every figure", seconds(lambda: summary(cells, ["cell"]), 3))
    _say("summary() of 1,200 cells with every figure", seconds(lambda: summary(cells[:1200], ["cell"]), 3))


def _counting(random: np.random.Generator) -> None:
    print("\n10 M rows × 6 items counted by agency and month, all five levels and no answer")
    people = _people(random, 10_000_000)
    codes = {axis: people[axis] for axis in LABELS}
    items = {f"S{place}": np.roll(people["rating"], place) for place in range(6)}
    own = seconds(lambda: tally(codes, items, LABELS))
    frame = pd.DataFrame(codes | {name: item >= 4 for name, item in items.items()})
    _say(
        "pandas groupby, satisfied only",
        own,
        seconds(lambda: frame.groupby(["agency", "month"]).sum(), 2),
        "goal ≤ 0.25 s",
    )
    columns = [*codes.values(), *items.values()]
    _say(
        "floor: reading the eight columns once",
        own,
        seconds(lambda: [column.view(np.uint64).max() for column in columns]),
    )


def _files(random: np.random.Generator) -> None:
    print(f"\n`python -m analysis` on 10 M rows {'':<55}     seconds  peak memory")
    people = pd.DataFrame(_people(random, 10_000_000))
    flags = ("--rating", "rating", "--by", "agency,month", "--missing", "0", "--csv")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people"
        people.to_parquet(path.with_suffix(".parquet"))
        people.assign(comment="rather long, quoted").to_csv(path.with_suffix(".csv"), index=False)
        for file in (path.with_suffix(".csv"), path.with_suffix(".parquet")):
            spent, peak = peak_of_command(file, *flags)
            size = file.stat().st_size / 1e6
            print(
                f"  {file.suffix[1:]:<8}{size:8.0f} MB{'':<69}{spent:10.1f}{peak:10.0f} MB  expected: a few hundred MB"
            )
    spent, peak = peak_of_command("--help")
    print(f"  {'starting and doing nothing':<88}{spent:10.1f}{peak:10.0f} MB")
