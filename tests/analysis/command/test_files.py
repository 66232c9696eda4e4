"""Several files as one table: counted here or by workers, the figures are the same to the last digit."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from distributed import Client, LocalCluster

from tests.analysis.command.program import run

OFFICES = ("A", "B", "C", "D")
ASKED = ("--rating", "rating", "--weight", "weight", "--by", "office", "--json")


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six files of answers with weights, whose sums depend on the order in which they are added up."""
    folder, chance = tmp_path_factory.mktemp("lake"), random.Random(7)
    for month in range(6):
        rows = [
            {"office": chance.choice(OFFICES), "rating": chance.randint(1, 5), "weight": chance.random() * 10}
            for _ in range(500)
        ]
        path = folder / f"province=H{month % 3}" / f"month=2026-{month:02}"
        path.mkdir(parents=True)
        pd.DataFrame(rows).to_parquet(path / "answers.parquet")
    return folder


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    """A cluster that somebody else runs."""
    way = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": "127.0.0.1:0"}
    with LocalCluster(**way) as running:
        yield running


def pattern(lake: Path) -> str:
    return str(lake / "**" / "*.parquet")


def test_workers_give_the_same_figures_to_the_last_digit(lake: Path, cluster: LocalCluster) -> None:
    alone = run(pattern(lake), *ASKED)
    assert alone.json()["total"]["answered"] == 3000
    assert run(pattern(lake), *ASKED, "--scheduler", cluster.scheduler_address).out == alone.out


def test_a_worker_that_is_killed_midway_changes_nothing(lake: Path, cluster: LocalCluster) -> None:
    alone, killed = run(pattern(lake), *ASKED), list[int]()

    def kill() -> None:
        """Kill whichever worker holds a file just now."""
        with Client(cluster.scheduler_address, set_as_default=False) as client:
            until = time.monotonic() + 60
            while not killed and time.monotonic() < until:
                pids = client.run(os.getpid)
                for address, keys in client.processing().items():
                    if keys and address in pids:
                        os.kill(pids[address], signal.SIGKILL)
                        killed.append(pids[address])
                        return
                time.sleep(0.01)

    watching = threading.Thread(target=kill)
    watching.start()
    out = run(pattern(lake), *ASKED, "--scheduler", cluster.scheduler_address).out
    watching.join()
    assert killed
    assert out == alone.out
    without_some = run(str(lake / "province=H[01]" / "**" / "*.parquet"), *ASKED)
    assert without_some.json()["total"]["answered"] == 2000 and without_some.out != out, "what is lost is seen"


def test_a_fault_names_its_file(lake: Path, tmp_path: Path, cluster: LocalCluster) -> None:
    for name, rating in (("a", "5"), ("b", "sehr gut")):
        pd.DataFrame({"office": ["A"], "rating": [rating], "weight": [1.0]}).to_parquet(tmp_path / f"{name}.parquet")
    for way in ((), ("--scheduler", cluster.scheduler_address)):
        shown = run(str(tmp_path / "*.parquet"), *ASKED, *way)
        assert shown.code == 1
        assert "b.parquet row 1, column rating" in shown.err and "a.parquet" not in shown.err
    assert run(str(tmp_path / "*.csv"), *ASKED).faults == ["no file has such a name"]


def test_a_file_without_a_row_that_is_chosen_counts_nothing(tmp_path: Path, cluster: LocalCluster) -> None:
    for name, withheld, satisfied in (("a", "", 90), ("b", "few", None)):
        row = {
            "withheld": [withheld],
            "satisfied": pd.array([satisfied], "Int64"),
            "answered": [100 if satisfied else 6],
        }
        pd.DataFrame(row).to_parquet(tmp_path / f"{name}.parquet")
    asked = (str(tmp_path / "*.parquet"), "--satisfied", "satisfied", "--answered", "answered", "--json")
    for way in ((), ("--scheduler", cluster.scheduler_address)):
        assert run(*asked, *way, "--where", "withheld=").json()["total"]["answered"] == 100
        assert "no file holds a row" in run(*asked, *way, "--where", "withheld=others").err
    assert "b.parquet row 1, column satisfied: blank" in run(*asked).err, "what is withheld is never taken for none"


def test_provinces_that_were_merged_count_as_their_successor(tmp_path: Path) -> None:
    counts = {"H58": (90, 100), "H59": (80, 100), "H61": (95, 100)}
    for code, (satisfied, answered) in counts.items():
        row = {"province": [code], "satisfied": [satisfied], "answered": [answered], "cases": [200]}
        pd.DataFrame(row).to_parquet(tmp_path / f"{code}.parquet")
    asked = ("--satisfied", "satisfied", "--answered", "answered", "--population", "cases", "--by", "province", "--csv")
    after = tmp_path / "after.csv"
    after.write_text("code,successor\nH58,H59\nH59,H61\nH61,\n", encoding="utf-8")
    frame = run(str(tmp_path / "*.parquet"), *asked, "--successors", after).frame()
    assert frame[["province", "satisfied", "answered", "population"]].to_numpy().tolist() == [["H61", 265, 300, 600]]
    after.write_text("code,successor\nH58,H59\nH59,H58\n", encoding="utf-8")
    assert "goes round in a circle" in run(str(tmp_path / "*.parquet"), *asked, "--successors", after).err
